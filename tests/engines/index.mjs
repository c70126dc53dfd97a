// The three browser engines, each by its name.

import { launch as launchChromium } from '../browser/chromium.mjs';
import { firefoxPath, launchFirefox } from './firefox.mjs';
import { launchWebKit, webkitPath } from './webkit.mjs';

/** @typedef {'chromium' | 'firefox' | 'webkit'} EngineName */

/** @type {EngineName[]} */
export const ENGINES = ['chromium', 'firefox', 'webkit'];

/**
 * @param {EngineName} name
 * @param {string[]} [flags] further flags for Chromium
 * @returns {Promise<any>} a browser, with what it shares with Playwright's
 * @throws where it is not installed
 */
export async function launch(name, flags) {
  if (name === 'chromium') return launchChromium(flags);
  const [path, start, packages] = name === 'firefox' ? [firefoxPath(), launchFirefox, 'firefox-esr'] : [webkitPath(), launchWebKit, 'webkit2gtk-driver and xvfb'];
  if (path === undefined) throw new Error(`${name} is not installed (Debian: ${packages})`);
  return start(path);
}

/** What a browser is called, with its version. @param {any} browser */
export const nameOf = (browser) => `${browser.name ?? 'Chromium'} ${browser.version()}`;

/** @param {any} browser */
export const isWebKit = (browser) => browser.name === 'WebKitGTK';
