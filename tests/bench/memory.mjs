// Memory of a page with our engine in a worker, from outside, without a word from the package.

import { readFile } from 'node:fs/promises';

// Browsers other than Chromium tell nothing of it.

/** @typedef {import('playwright-core').Browser} Browser */
/** @typedef {import('playwright-core').Page} Page */

/** Flag of Chromium: `measureUserAgentSpecificMemory` answers at once instead of at the next garbage collection. */
export const MEASURE_AT_ONCE = '--enable-blink-features=ForceEagerMeasureMemory';
const PATIENCE_MS = 5000;

/** A worker for `workerUrl` whose memory {@link wasmBytes} sees; one request more than the package's own. */
export const WORKER = '/tests/bench/worker-with-memory.js';

/**
 * Bytes of the engine's wasm memory; it never shrinks, so this is the most that it has been.
 * @param {Page} page that loaded with {@link WORKER}
 * @returns {Promise<number | null>} null where the browser's driver does not reach workers
 */
export async function wasmBytes(page) {
  if (page.workers === undefined) return null;
  // The first worker is the engine; the others are its threads, which wait inside wasm and answer nothing.
  const [engine] = page.workers();
  return engine.evaluate(() => /** @type {any} */ (globalThis).engineMemory.buffer.byteLength);
}

/**
 * Bytes of JavaScript, wasm and DOM in the page and its workers.
 * @param {Page} page
 * @returns {Promise<number | null>} null where the browser does not tell: outside of isolated pages, and where a thread waits inside wasm
 */
export function pageBytes(page) {
  return page.evaluate(async (patience) => {
    const measuring = /** @type {any} */ (performance).measureUserAgentSpecificMemory?.().then((/** @type {{ bytes: number }} */ { bytes }) => bytes);
    const waiting = new Promise((resolve) => setTimeout(resolve, patience, null));
    return Promise.race([measuring ?? null, waiting]).catch(() => null);
  }, PATIENCE_MS);
}

/**
 * The most resident memory that a page's process of this browser has had, in bytes.
 * @param {Browser} browser
 * @returns {Promise<number | null>} null where the system does not tell
 */
export async function peakBytes(browser) {
  if (browser.newBrowserCDPSession === undefined) return null;
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const peaks = processInfo.filter(({ type }) => type === 'renderer').map(async ({ id }) => {
    const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
    return 1024 * Number(status.match(/^VmHWM:\s+(\d+) kB/m)?.[1] ?? NaN);
  });
  const most = Math.max(...(await Promise.all(peaks)));
  return Number.isNaN(most) ? null : most;
}
