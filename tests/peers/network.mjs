// The networks alone: preprocessed input in, probabilities out, as narrowly as each library's API allows.

import { V3 } from '../bench/networks.mjs';
import { photoOf, serve } from '../bench/served.mjs';
import { fastest, median, number, text } from '../bench/table.mjs';
import { visit } from '../bench/visits.mjs';
import { isWebKit } from '../engines/index.mjs';
import { contest, ratios } from './contest.mjs';
import { onnxFile } from './onnx.mjs';
import { ONNXRUNTIME, TFJS } from './versions.mjs';

/** @typedef {import('../bench/networks.mjs').Network} Network */
/** @typedef {import('../bench/server.mjs').Servers} Servers */

const ONNX = '/network.onnx';

export const COLUMNS = [
  text('network'), number('threads'), text('engine'),
  number('load + first ms'), number('first run ms'), number('warm ms'), number('fastest ms'),
  number('load + first / ours', 2), number('first run / ours', 2), number('warm / ours', 2),
];

/**
 * @param {import('playwright-core').Browser} browser
 * @param {Servers} servers
 * @param {Network} network
 * @param {{ runs: number, visits: number }} counts
 * @returns {Promise<import('../bench/table.mjs').Cell[][]>} rows for `COLUMNS`
 */
export async function measureNetwork(browser, servers, network, counts) {
  const { weights, layers, info } = await serve(browser, servers, network);
  servers.put(ONNX, onnxFile(network.id, weights, layers, info.input));
  const rows = [];
  for (const threads of [1, 2]) {
    console.error(`    ${network.title}, threads: ${threads}`);
    const options = { photo: photoOf(network), threads, preprocess: info.preprocess };
    const candidates = enginesFor(network, servers, !isWebKit(browser)).map(({ name, address, model }) => ({ name, open: () => visit(browser, address, { model, ...options }) }));
    const results = await contest(candidates, threads, counts);
    const figures = results.map(({ cold, warm }) => [median(cold.map(({ loadAndFirst }) => loadAndFirst)), median(cold.map(({ first }) => first)), median(warm)]);
    const multiples = ratios(figures);
    rows.push(...results.map(({ warm }, i) => [network.title, threads, candidates[i].name, ...figures[i], fastest(warm), ...multiples[i]]));
  }
  servers.drop(network.address);
  servers.drop(ONNX);
  return rows;
}

/**
 * Ours first.
 * @param {Network} network
 * @param {Servers} servers
 * @param {boolean} hasRelaxed whether the browser has relaxed SIMD
 * @returns {{ name: string, address: string, model: string }[]}
 */
function enginesFor(network, { isolated }, hasRelaxed) {
  const ours = { name: `inception-web, ${hasRelaxed ? 'relaxed SIMD' : 'simd128'}`, address: `${isolated}/tests/bench/inception.html`, model: network.address };
  const tfjs = { name: TFJS, address: `${isolated}/tests/peers/tfjs.html`, model: '/nsfwjs-model/model.json' };
  const onnxruntime = { name: ONNXRUNTIME, address: `${isolated}/tests/peers/onnxruntime.html`, model: ONNX };
  return [ours, ...(network === V3 ? [tfjs] : []), onnxruntime];
}
