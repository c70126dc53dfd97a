// Pages in Debian's Chromium for the tests of the package and of the page.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch } from './chromium.mjs';
import { startServers } from './servers.mjs';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const VERIFY = join(ROOT, '../shared/verify');
/** The checks of the kernels, as wasm. */
export const KERNELS = join(ROOT, 'target/xtask/kernels');
export const MODEL = 'models/googlenet-imagenet.safetensors';
/** The content filter's, for what only Inception-v3, a quantised TF.js model or a head of several layers shows. */
export const FILTER = 'models/nsfw-inception-v3.safetensors';

/** Flags with which Chromium offers WebGPU on its software adapter; without them it offers none. */
export const SWIFTSHADER = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** For one step of a test, on a machine that does other things too; three of it for a whole test. Whoever looks for a fault wants it shorter. */
export const LIMIT_MS = Number(process.env.INCEPTION_LIMIT_MS ?? 180_000);

/** Things that a test cannot do without. @type {Record<string, { path: string, from: string }>} */
export const NEEDS = {
  wasm: { path: join(ROOT, 'pkg/dist/wasm/inception_relaxed.wasm'), from: 'cargo xtask build makes it' },
  nsfw: { path: join(ROOT, FILTER), from: 'cargo xtask setup --with nsfw makes it' },
  kernels: { path: join(KERNELS, 'kernels_relaxed.wasm'), from: 'cargo xtask test --only browser makes it' },
  verify: { path: VERIFY, from: 'verification data beside the repository' },
};

/** @type {Promise<import('playwright-core').Browser> | undefined} */
let browser;
/** @type {Promise<import('./servers.mjs').Servers> | undefined} */
let servers;

after(async () => {
  await (await browser)?.close();
  (await servers)?.stop();
});

/**
 * @typedef {object} PageOptions
 * @property {(keyof typeof NEEDS)[]} [needs] what the test is skipped without; the built wasm always is
 * @property {boolean} [isolated] whether the page is cross-origin isolated; default true
 * @property {string} [path] of the page; default a blank one with the package's API
 * @property {string[]} [flags] further flags for the browser: such a test has a browser of its own
 * @property {import('playwright-core').BrowserContextOptions} [device] that the browser is to play
 * @property {RegExp} [expectedErrors] uncaught errors of the page that the test provokes
 */

/**
 * A test with a page of its own. Uncaught errors in the page fail it.
 * @param {string} name
 * @param {PageOptions} options
 * @param {(page: import('playwright-core').Page, address: string) => Promise<void>} body
 */
export function pageTest(name, options, body) {
  const { needs = [], isolated = true, path = '/tests/browser/blank.html', flags, device, expectedErrors } = options;
  test(name, { timeout: 3 * LIMIT_MS }, async (t) => {
    const missing = ['wasm', ...needs].map((need) => NEEDS[need]).find((need) => !existsSync(need.path));
    if (missing) return t.skip(`${missing.path} is missing (${missing.from})`);
    const address = await addressOf(isolated);
    const own = flags ? await launch(flags) : undefined;
    const context = await (own ?? (await (browser ??= launch()))).newContext(device);
    const close = async () => {
      await context.close();
      await own?.close();
    };
    // What still waits in the page of a test that ran out of time ends with the page; a browser left open would keep this process.
    t.signal.addEventListener('abort', () => close().catch(() => undefined), { once: true });
    try {
      context.setDefaultTimeout(LIMIT_MS);
      const page = await context.newPage();
      /** @type {string[]} */
      const errors = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      if (needs.includes('verify')) await servePhotos(page);
      await page.goto(new URL(path, address).href);
      if (options.path === undefined) await page.waitForFunction(() => 'Inception' in globalThis);
      await body(page, address);
      assert.deepEqual(errors.filter((error) => !expectedErrors?.test(error)), []);
    } finally {
      await close();
    }
  });
}

/** @param {boolean} isolated */
async function addressOf(isolated) {
  const given = process.env[isolated ? 'INCEPTION_ISOLATED' : 'INCEPTION_PLAIN'];
  if (given) return given;
  const own = await (servers ??= startServers());
  return isolated ? own.isolated : own.plain;
}

/**
 * Answers `/photos/NAME` from the verification data.
 * @param {import('playwright-core').Page} page
 */
function servePhotos(page) {
  return page.route('**/photos/*', (route) =>
    route.fulfill({ path: join(VERIFY, 'photos', basename(new URL(route.request().url()).pathname)) }),
  );
}

/**
 * In a page: its browser makes no memory for threads that may become larger than this.
 * @param {{ error: 'TypeError' | 'RangeError', most: number }} limit name of what is thrown, and pages of 64 kB
 */
export function withoutSharedMemory({ error, most }) {
  const { Memory } = WebAssembly;
  WebAssembly.Memory = class extends Memory {
    /** @param {WebAssembly.MemoryDescriptor} wanted */
    constructor(wanted) {
      if (wanted.shared && (wanted.maximum ?? Infinity) > most) throw new globalThis[error]('no memory for threads');
      super(wanted);
    }
  };
}

/**
 * Waits until what is asked in the page is true. `page.waitForFunction` takes a promise for an answer, so it waits for nothing
 * where the question is asynchronous.
 * @template T
 * @param {import('playwright-core').Page} page
 * @param {(about: T) => Promise<boolean>} ask
 * @param {T} [about]
 */
export async function waitUntil(page, ask, about) {
  for (const end = Date.now() + LIMIT_MS; !(await page.evaluate(/** @type {any} */ (ask), about)); ) {
    assert.ok(Date.now() < end, `it does not come true: ${ask}`);
    await page.waitForTimeout(50);
  }
}

/** @param {{ code?: string, message?: string, typed?: boolean }} outcome */
export function assertError(outcome, code, message = /./) {
  assert.equal(outcome.code, code, `${code}: ${JSON.stringify(outcome)}`);
  assert.match(outcome.message, message);
  assert.equal(outcome.typed, true, `${code} comes as an InceptionError`);
}
