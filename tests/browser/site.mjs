// Visits of the published site, which `cargo xtask dist` makes of what is built.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { launch } from './chromium.mjs';
import { LIMIT_MS, NEEDS, ROOT, waitUntil } from './harness.mjs';
import { Host } from './static-host.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {{ page: Page, context: import('playwright-core').BrowserContext, address: string, host: Host, loads: () => number }} Visit */

export const ONE_THREAD = 'CPU · 1 thread';
const most = Math.min(8, availableParallelism());
/** What the badge says of a page with as many threads as this computer gives. */
export const THREADS = most > 1 ? `CPU · ${most} threads` : ONE_THREAD;

/** A strict content security policy. The page's pictures need nothing beyond 'self': what is dropped is drawn on canvases, never shown by an address of its own. */
export const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' https://huggingface.co https://download.pytorch.org";

const folder = mkdtempSync(join(tmpdir(), 'site-'));
/** @type {Promise<import('playwright-core').Browser> | undefined} */
let browser;
after(async () => {
  await (await browser)?.close();
  rmSync(folder, { recursive: true });
});

/** @returns {string} the folder of the published site */
export function published() {
  const site = join(folder, 'site');
  if (!existsSync(site)) execFileSync('cargo', ['xtask', 'dist', '--site-only', '--out', folder], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  return site;
}

/**
 * @typedef {object} SiteOptions
 * @property {Record<string, string>} [headers] of every answer of the host
 * @property {import('playwright-core').BrowserContextOptions} [context]
 * @property {RegExp} [expected] complaints of the console that the test provokes
 */

/**
 * A test with the published site on a host of its own, and a browser that has never been there. Uncaught errors and
 * complaints of the console fail it, but for hosts of models that cannot be reached.
 * @param {string} name
 * @param {SiteOptions} options
 * @param {(visit: Visit) => Promise<void>} body
 */
export function siteTest(name, { headers = {}, context: settings, expected }, body) {
  test(name, { timeout: 3 * LIMIT_MS }, async (t) => {
    if (!existsSync(NEEDS.wasm.path)) return t.skip(`${NEEDS.wasm.path} is missing (${NEEDS.wasm.from})`);
    const host = new Host(published(), headers);
    const address = await host.start();
    const context = await (await (browser ??= launch())).newContext({ viewport: { width: 1280, height: 900 }, ...settings });
    context.setDefaultTimeout(LIMIT_MS);
    /** @type {string[]} */
    const complaints = [];
    context.on('weberror', (error) => complaints.push(String(error.error())));
    context.on('console', (message) => {
      const { url } = message.location();
      if (message.type() === 'error' && (!url || url.startsWith(address))) complaints.push(`${message.text()} ${url}`);
    });
    let loads = 0;
    try {
      await context.route(/^https:/, (route) => route.fulfill({ status: 404, headers: { 'access-control-allow-origin': '*' } }));
      const page = await context.newPage();
      page.on('domcontentloaded', () => (loads += 1));
      await body({ page, context, address, host, loads: () => loads });
      assert.deepEqual(complaints.filter((line) => !expected?.test(line)), []);
    } finally {
      await context.close();
      host.stop();
    }
  });
}

/** Visits the site until it is kept, isolated and shows the network. @param {Visit} visit */
export async function firstVisit({ page, address }) {
  await page.goto(address);
  await page.waitForFunction(() => crossOriginIsolated);
  await page.locator('.card').first().waitFor();
}

/** The network and the host go away, once the package keeps the model. @param {Visit} visit */
export async function disconnect({ page, context, host }) {
  await waitUntil(page, async () => {
    const name = (await caches.keys()).find((name) => name.startsWith('inception-web-models'));
    return name !== undefined && (await (await caches.open(name)).keys()).some(({ url }) => url.endsWith('.safetensors'));
  });
  await context.setOffline(true);
  host.isDown = true;
  host.requests.length = 0;
}

/** Waits until the badge says where the network runs. @param {Page} page @param {string} where */
export const runsOn = (page, where) => page.locator('#deviceWhere', { hasText: new RegExp(`^${where}$`) }).waitFor();

/** The caches of this origin with the addresses they hold. @param {Page} page @returns {Promise<Record<string, string[]>>} */
export function cached(page) {
  return page.evaluate(async () => {
    const names = await caches.keys();
    const urls = async (/** @type {string} */ name) => (await (await caches.open(name)).keys()).map(({ url }) => url);
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await urls(name)])));
  });
}

/**
 * The site as another version: every script notes the version that it belongs to, and complains where it meets another.
 * @param {string} version
 * @param {(path: string, text: string) => string} [change] what else is different, file by file
 * @returns {string} its folder
 */
export function versionOf(version, change = (_path, text) => text) {
  const site = join(folder, version);
  cpSync(published(), site, { recursive: true });
  const worker = readFileSync(join(site, 'sw.js'), 'utf8');
  const [, list = '', rest = ''] = /^globalThis\.site = (.*);\n([^]*)$/.exec(worker) ?? [];
  const told = JSON.parse(list);
  for (const path of Object.keys(told.files)) {
    if (!/\.(js|html)$/.test(path)) continue;
    const text = readFileSync(join(site, path), 'utf8').replace(told.version, version);
    const changed = change(path, path.endsWith('.js') ? `${note(version)}${text}` : text);
    writeFileSync(join(site, path), changed);
    told.files[path] = `sha256-${createHash('sha256').update(changed).digest('base64')}`;
  }
  const renewed = { ...told, version };
  writeFileSync(join(site, 'sw.js'), change('sw.js', `globalThis.site = ${JSON.stringify(renewed)};\n${rest}`));
  return site;
}

/** @param {string} version */
function note(version) {
  return `if (globalThis.version === undefined) console.debug('version ${version}');
else if (globalThis.version !== '${version}') console.error('two versions in one visit');
globalThis.version = '${version}';
`;
}

/**
 * The versions that workers note from now on, one for each worker.
 * @param {import('playwright-core').BrowserContext} context
 */
export function versionsOfWorkers(context) {
  /** @type {string[]} */
  const noted = [];
  context.on('console', (message) => {
    if (message.worker() !== null && message.type() === 'debug') noted.push(message.text().replace('version ', ''));
  });
  return noted;
}
