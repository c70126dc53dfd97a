// Our engine alone: a network in each artefact.

import { pageBytes, peakBytes, wasmBytes } from './memory.mjs';
import { photoOf } from './served.mjs';
import { fastest, median, number, text } from './table.mjs';
import { again, found, leave, settled, visit } from './visits.mjs';

/** @typedef {import('playwright-core').Browser} Browser */
/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./networks.mjs').Network} Network */
/** @typedef {import('./server.mjs').Servers} Servers */
/** @typedef {{ device?: 'cpu' | 'webgpu', threads: number }} Place */

export const COLUMNS = [
  text('network'), text('artefact'), number('threads'),
  number('warm ms'), number('fastest ms'), number('cold ms'), number('load ms'), number('load + first ms'),
  number('wasm / weights', 2), number('page / weights', 2), number('peak / weights', 2),
];

/** @type {Place[]} */
export const PLACES = [{ threads: 1 }, { threads: 2 }];

/**
 * @param {Browser} browser
 * @param {Servers} servers
 * @param {Network} network
 * @param {Place} place
 */
export function open(browser, servers, network, options) {
  const address = `${servers.isolated}/tests/bench/inception.html`;
  return visit(browser, address, { model: network.address, photo: photoOf(network), ...options });
}

/**
 * The most memory of a page before it has a model, in bytes.
 * @param {Browser} browser
 * @param {Servers} servers
 */
export async function emptyPagePeak(browser, servers) {
  const page = await browser.newPage();
  await page.goto(`${servers.isolated}/tests/browser/blank.html`, { waitUntil: 'networkidle' });
  const peak = await peakBytes(browser);
  await page.close();
  return peak;
}

/**
 * @param {Browser} browser
 * @param {() => Promise<Page>} enter opens the page anew
 * @param {{ runs: number, visits: number }} counts
 * @param {number | null} before memory of an empty page
 * @returns {Promise<import('./table.mjs').Cell[]>} what `COLUMNS` has after the network
 */
export async function measureAlone(browser, enter, { runs, visits }, before) {
  /** @type {any[]} */
  const cold = [];
  for (let i = 1; i < visits; i += 1) {
    const page = await enter();
    cold.push(await found(page));
    await leave(page);
  }
  const page = await enter();
  const { place, threads, weights, ...last } = await found(page);
  cold.push(last);
  await settled(page);
  const peak = await peakBytes(browser);
  const warm = [];
  for (let i = 0; i < runs; i += 1) warm.push(await again(page));
  const bytes = [await wasmBytes(page), await pageBytes(page), peak === null || before === null ? null : peak - before];
  await leave(page);
  return [
    place, threads,
    median(warm), fastest(warm), ...['first', 'load', 'loadAndFirst'].map((name) => median(cold.map((subject) => subject[name]))),
    ...bytes.map((count) => (count === null ? null : count / weights)),
  ];
}
