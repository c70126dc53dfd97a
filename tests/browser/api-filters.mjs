// What the first convolution looks for, against the file that it comes from.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODEL, ROOT, SWIFTSHADER, pageTest } from './harness.mjs';
import { randomWeights } from './random-weights.mjs';

const SOURCE = 'tests/reference/keys/paper_googlenet.json';
const [KEY, LAYER] = ['conv1/7x7_s2.weight', 'Conv2d_1a_7x7'];

/**
 * @param {Buffer} file safetensors
 * @param {string} name
 * @returns {{ shape: number[], values: Float32Array }} of an f32 tensor
 */
function tensorOf(file, name) {
  const length = Number(file.readBigUInt64LE(0));
  const { shape, data_offsets: [from, to] } = JSON.parse(file.toString('utf8', 8, 8 + length))[name];
  const values = new Float32Array(Uint8Array.from(file.subarray(8 + length + from, 8 + length + to)).buffer);
  return { shape, values };
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} url
 * @param {import('../../pkg/src/index.js').LoadOptions} options
 */
function filtersOf(page, url, options) {
  return page.evaluate(
    async ([url, options]) => {
      const net = await Inception.load(url, options);
      const { layer, shape, data } = await net.filters();
      net.dispose();
      const late = await net.filters().catch(({ code }) => code);
      return { layer, shape, data: [...data], isFloat: data instanceof Float32Array, late };
    },
    /** @type {const} */ ([url, options]),
  );
}

for (const { how, options, flags } of [
  { how: 'in a worker', options: { device: 'cpu' } },
  { how: 'in this thread', options: { device: 'cpu', worker: false } },
  { how: 'on a GPU', options: { device: 'webgpu' }, flags: SWIFTSHADER },
]) {
  pageTest(`the filters are the file's weights, ${how}`, { flags }, async (page, address) => {
    const file = randomWeights(JSON.parse(readFileSync(join(ROOT, SOURCE), 'utf8')));
    const url = new URL('/weights/random.safetensors', address).href;
    await page.route(url, (route) => route.fulfill({ body: file }));
    const found = await filtersOf(page, url, { ...options, cache: false });
    const { shape, values } = tensorOf(file, KEY);
    assert.deepEqual([found.layer, ...found.shape], [LAYER, ...shape]);
    assert.deepEqual(found.data, [...values]);
    assert.deepEqual([found.isFloat, found.late], [true, 'disposed']);
  });
}

pageTest('the offline model has 64 filters of 7 × 7, none of them empty', {}, async (page, address) => {
  const { layer, shape, data } = await filtersOf(page, new URL(MODEL, address).href, { device: 'cpu' });
  assert.deepEqual([layer, ...shape], ['Conv2d_1a_7x7', 64, 3, 7, 7]);
  const largest = Array.from({ length: 64 }, (_, k) => Math.max(...data.slice(k * 147, (k + 1) * 147).map(Math.abs)));
  assert.ok(largest.every((weight) => weight > 0 && weight < 2), `${largest}`);
});
