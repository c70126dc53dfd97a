// Firefox over Marionette, its own form of WebDriver: length-prefixed JSON on a local port.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser } from './driver.mjs';
import { ended } from './process.mjs';

const PLACES = ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'];
const START_MS = 60_000;
/** What a browser for tests leaves alone: the network, first-run pages, reports; and WebGPU, which Firefox has on Linux where it is asked for. */
const PREFERENCES = {
  'marionette.port': 0,
  'app.normandy.enabled': false,
  'app.update.auto': false,
  'browser.aboutwelcome.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'browser.startup.page': 0,
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.max_script_run_time': 0,
  'dom.webgpu.enabled': true,
  'dom.webgpu.workers.enabled': true,
  'extensions.getAddons.cache.enabled': false,
  'extensions.update.enabled': false,
  'gfx.webgpu.ignore-blocklist': true,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.reportingpolicy.firstRun': false,
};
const COMMANDS = { go: 'WebDriver:Navigate', run: 'WebDriver:ExecuteAsyncScript', picture: 'WebDriver:TakeScreenshot', resize: 'WebDriver:SetWindowRect' };

/** Where Firefox is; FIREFOX may name one. @returns {string | undefined} */
export const firefoxPath = () => (process.env.FIREFOX ? [process.env.FIREFOX] : PLACES).find((path) => existsSync(path));

/** @param {string} path of the program */
export const launchFirefox = (path) => new Browser('Firefox', () => start(path)).check();

/** @param {string} path @returns {Promise<import('./driver.mjs').Session>} */
async function start(path) {
  const profile = await mkdtemp(join(tmpdir(), 'inception-firefox-'));
  const written = Object.entries(PREFERENCES).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`);
  await writeFile(join(profile, 'user.js'), written.join(''));
  const child = spawn(path, ['--headless', '--no-remote', '--marionette', '--profile', profile], { stdio: 'ignore', detached: true });
  const end = async () => {
    await ended(child);
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const command = await marionette(await activePort(profile));
    const { capabilities } = await command('WebDriver:NewSession', { capabilities: { alwaysMatch: { 'moz:accessibilityChecks': false } } });
    await command('WebDriver:SetTimeouts', { script: 600_000, pageLoad: 120_000 });
    const send = async (/** @type {keyof COMMANDS} */ name, /** @type {Record<string, unknown>} */ parameters) => {
      const answer = await command(COMMANDS[name], name === 'picture' ? { full: false } : parameters);
      return answer?.value;
    };
    return { send, version: capabilities.browserVersion, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The port that Firefox has chosen, which it writes into its profile. @param {string} profile */
async function activePort(profile) {
  const end = Date.now() + START_MS;
  while (Date.now() < end) {
    const port = Number(await readFile(join(profile, 'MarionetteActivePort'), 'utf8').catch(() => NaN));
    if (port > 0) return port;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Firefox did not start within ${START_MS} ms`);
}

/**
 * @param {number} port
 * @returns {Promise<(name: string, parameters: Record<string, unknown>) => Promise<any>>}
 */
async function marionette(port) {
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve, reject) => socket.once('connect', () => resolve(undefined)).once('error', reject));
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  const waiting = new Map();
  let bytes = Buffer.alloc(0);
  let last = 0;
  const message = (/** @type {any} */ content) => {
    if (!Array.isArray(content)) return;
    const [, id, error, result] = content;
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error) asked?.reject(new Error(`${error.error}: ${error.message}`));
    else asked?.resolve(result);
  };
  socket.on('data', (data) => {
    bytes = Buffer.concat([bytes, data]);
    for (;;) {
      const colon = bytes.indexOf(':');
      const length = Number(bytes.subarray(0, colon).toString());
      if (colon < 0 || bytes.length < colon + 1 + length) return;
      const text = bytes.subarray(colon + 1, colon + 1 + length).toString();
      bytes = bytes.subarray(colon + 1 + length);
      message(JSON.parse(text));
    }
  });
  const fail = () => {
    for (const { reject } of waiting.values()) reject(new Error('Firefox has ended'));
    waiting.clear();
  };
  socket.on('close', fail).on('error', fail);
  return (name, parameters) => new Promise((resolve, reject) => {
    last += 1;
    waiting.set(last, { resolve, reject });
    const text = JSON.stringify([0, last, name, parameters]);
    socket.write(`${Buffer.byteLength(text)}:${text}`);
  });
}
