// A Chromium of this computer, headless and quiet: Debian's, Google Chrome or Microsoft Edge.

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** On Linux, macOS and Windows, where browsers are: the first that is there is taken. @type {Record<string, string[]>} */
const PLACES = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/google-chrome',
    '/usr/bin/microsoft-edge-stable',
    '/usr/bin/microsoft-edge',
    '/snap/bin/chromium',
  ],
  darwin: ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`),
  win32: ['Google\\Chrome\\Application\\chrome.exe', 'Chromium\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'],
};
/** Variables with the folders in which Windows has programs. */
const PROGRAMS = ['ProgramFiles', 'ProgramFiles(x86)', 'LocalAppData'];

/**
 * Where a browser may be.
 * @param {string} platform of `process`
 * @param {Record<string, string | undefined>} environment in which CHROMIUM names one
 * @returns {string[]} the first that is there is to be taken
 */
export function places(platform, environment) {
  if (environment.CHROMIUM) return [environment.CHROMIUM];
  const usual = PLACES[platform] ?? PLACES.linux ?? [];
  if (platform !== 'win32') return usual;
  const folders = PROGRAMS.flatMap((name) => environment[name] ?? []);
  return usual.flatMap((path) => folders.map((folder) => `${folder}\\${path}`));
}

/** @param {string[]} [flags] further flags */
export function launch(flags = []) {
  return chromium.launch({ executablePath: installed(), args: [...FLAGS, ...flags] });
}

/** @param {string} folder of an unpacked extension */
export function launchWithExtension(folder) {
  const flags = [`--disable-extensions-except=${folder}`, `--load-extension=${folder}`];
  return chromium.launchPersistentContext('', { executablePath: installed(), ignoreDefaultArgs: ['--disable-extensions'], args: [...FLAGS, ...flags] });
}

function installed() {
  const wanted = places(process.platform, process.env);
  const executablePath = wanted.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error(`there is no browser; CHROMIUM may name one. Looked for:\n${wanted.join('\n')}`);
  return executablePath;
}
