// WebKit: the MiniBrowser of Debian's WebKitGTK, the engine of Safari, over WebKitWebDriver, on a display that nobody sees.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Browser } from './driver.mjs';
import { ended } from './process.mjs';

const DRIVER = '/usr/bin/WebKitWebDriver';
const DISPLAY = '/usr/bin/Xvfb';
const SCREEN = '1920x1200x24';
const START_MS = 60_000;
/** @type {Record<string, [method: string, path: string]>} */
const COMMANDS = { go: ['POST', 'url'], run: ['POST', 'execute/async'], picture: ['GET', 'screenshot'], resize: ['POST', 'window/rect'] };

/** Where MiniBrowser is. @returns {string | undefined} nothing where a part of what it takes is missing */
export function webkitPath() {
  if (![DRIVER, DISPLAY].every((path) => existsSync(path))) return undefined;
  const folders = readdirSync('/usr/lib').map((folder) => join('/usr/lib', folder, 'webkit2gtk-4.1/MiniBrowser'));
  return folders.find((path) => existsSync(path));
}

/**
 * @param {string} path of MiniBrowser
 * @param {boolean} [sharesMemory] whether pages have SharedArrayBuffer: in Safari those do that are cross-origin isolated, in WebKitGTK none
 */
export const launchWebKit = (path, sharesMemory = true) => new Browser('WebKitGTK', () => start(path, sharesMemory)).check();

/**
 * @param {string} binary
 * @param {boolean} sharesMemory
 * @returns {Promise<import('./driver.mjs').Session>}
 */
async function start(binary, sharesMemory) {
  const display = spawn(DISPLAY, ['-displayfd', '1', '-screen', '0', SCREEN, '-nolisten', 'tcp'], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  const children = [display];
  const end = async () => {
    for (const child of children.toReversed()) await ended(child);
  };
  try {
    const [number] = await once(display.stdout, 'data');
    const port = await freePort();
    const env = { ...process.env, DISPLAY: `:${String(number).trim()}`, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', JSC_useSharedArrayBuffer: String(sharesMemory) };
    children.push(spawn(DRIVER, [`--port=${port}`], { env, stdio: 'ignore', detached: true }));
    const base = `http://127.0.0.1:${port}/session`;
    const alwaysMatch = { 'webkitgtk:browserOptions': { binary, args: ['--automation'] }, timeouts: { script: 600_000, pageLoad: 120_000 } };
    const { sessionId, capabilities } = await answering(() => ask('POST', base, { capabilities: { alwaysMatch } }));
    const send = (/** @type {string} */ name, /** @type {Record<string, unknown>} */ parameters) => {
      const [method, path] = COMMANDS[name];
      return ask(method, `${base}/${sessionId}/${path}`, method === 'GET' ? undefined : parameters);
    };
    return { send, version: capabilities.browserVersion, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/**
 * @param {string} method
 * @param {string} url
 * @param {unknown} [body]
 */
async function ask(method, url, body) {
  const response = await fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const { value } = /** @type {any} */ (await response.json());
  if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

/**
 * Asks until the driver listens.
 * @template T
 * @param {() => Promise<T>} question
 */
async function answering(question) {
  const end = Date.now() + START_MS;
  for (;;) {
    try {
      return await question();
    } catch (error) {
      if (!(error instanceof TypeError) || Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  return port;
}
