import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { matchOf } from '../../pkg/src/element/compare.js';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { ROOT } from './harness.mjs';
import { filesIn, onDisk, transferOf } from './on-disk.mjs';
import { randomWeights } from './random-weights.mjs';
import { classifyDrawn, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

/** A network that the catalog has under its own id, with other weights. */
const WEIGHTS = randomWeights(JSON.parse(readFileSync(join(ROOT, 'tests/reference/keys/paper_googlenet.json'), 'utf8')));
const side = (/** @type {Page} */ page, /** @type {'A' | 'B'} */ letter) => page.locator(`#compare .side[data-side=${letter}]`);
const range = (/** @type {Page} */ page, /** @type {number} */ index) => page.locator(`#compare .pair[data-pair="${index}"] header small`);

/** Drops its file. @param {Page} page @param {string} name @param {string} target */
async function dropOwn(page, name, target) {
  const dataTransfer = await transferOf(page, [onDisk({ name, buffer: WEIGHTS })]);
  await page.dispatchEvent(target, 'drop', { dataTransfer });
}

/** Drops the model on the comparison and waits for its answer. @param {Page} page */
async function compareOwn(page) {
  await page.click('#compareToggle');
  await dropOwn(page, 'mine.safetensors', '#compare');
  await page.locator('#compareModule').waitFor();
  await side(page, 'B').locator('.top3').waitFor();
}

test('a module is compared with one on a map of the same scale, at the same depth there', () => {
  const modules = (/** @type {Record<number, string>} */ byStride) => Object.entries(byStride).flatMap(([stride, names]) => names.split(' ').map((name) => /** @type {any} */ ({ name, stride: Number(stride) })));
  const v3 = modules({ 8: '5b 5c 5d', 16: '6a 6b 6c 6d 6e', 32: '7a 7b 7c' });
  const v1 = modules({ 8: '3b 3c', 16: '4b 4c 4d 4e 4f', 32: '5b 5c' });
  const v4 = modules({ 8: '5a 5b 5c 5d 5e', 16: '6a 6b 6c 6d 6e 6f 6g 6h', 32: '7a 7b 7c 7d' });
  const matches = (/** @type {any[]} */ from, /** @type {any[]} */ to, /** @type {string} */ names) => names.split(' ').map((name) => matchOf(from, name, to)?.name).join(' ');
  assert.equal(matches(v3, v1, '5b 5d 6a 6b 6e 7a 7c'), '3b 3c 4b 4c 4f 5b 5c', 'never 35 x 35 with 7 x 7');
  assert.equal(matches(v1, v3, '3b 3c 4d 5b 5c'), '5b 5d 6c 7a 7c');
  assert.equal(matches(v3, v4, '5b 5d 6e 7a 7c'), '5b 5d 6e 7a 7c', 'the namesake, where it is on such a map');
  assert.equal(matches(v4, v3, '5e 6h 7d'), '5d 6e 7c');
  assert.equal(matchOf(v1, '4b', modules({ 8: 'a', 64: 'b c' }))?.name, 'a', 'the nearest scale');
  assert.equal(matchOf(v1, '3b', []), null);
});

visit('an own file is called by its own name, not by a model of the same network', { hash: '#layer=Mixed_4c', width: 1600 }, async (page) => {
  await classifyDrawn(page);
  const others = await page.evaluate(() => document.querySelector('inception-inspector').alternatives.models);
  assert.ok(others.some(({ id }) => id === 'googlenet'), 'the catalog has one by the name of the network');
  await compareOwn(page);
  const about = () => side(page, 'B').locator('.about > .muted').first().textContent();
  assert.equal(await about(), 'mine.safetensors · Mixed_4c');
  assert.match(await side(page, 'B').getAttribute('aria-label'), /^B, mine\.safetensors, /);
  await page.selectOption('#compareModule', 'Mixed_3b');
  assert.equal(await about(), 'mine.safetensors · Mixed_3b');
  assert.equal(await page.locator('#compareModule option:checked').textContent(), 'Mixed_3b, 28 × 28');

  await dropOwn(page, 'page.safetensors', 'body');
  await side(page, 'A').locator('.about > .muted', { hasText: 'page.safetensors' }).first().waitFor();
  assert.doesNotMatch(await side(page, 'A').textContent(), /torchvision/);
});

visit('two models have a scale each, so that neither side is black, and the legend says so', { hash: '#layer=Mixed_3b&map=grey', width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await compareOwn(page);
  const limits = await page.evaluate(async ([file]) => {
    const { Inception } = await import('/pkg/dist/index.js');
    const { net, picture } = document.querySelector('inception-inspector');
    const own = await Inception.load(file);
    const sizes = async (model) => (await model.classify(picture.blob, { layers: [0, 1, 2, 3].map((k) => `Mixed_3b/Branch_${k}`) })).layers;
    const [a, b] = [await sizes(net), await sizes(own)];
    own.dispose();
    const percentile = (all) => all.flatMap(({ data }) => [...data]).sort((x, y) => x - y).at(Math.floor(0.995 * all.reduce((n, { data }) => n + data.length, 0)));
    return { branch: [a, b].map((layers) => percentile([layers['Mixed_3b/Branch_1']])), layer: [a, b].map((layers) => percentile(Object.values(layers))) };
  }, await filesIn(page, [onDisk({ name: 'own.safetensors', buffer: WEIGHTS })]));
  const read = async () => /^A: ≥ ([\d.]+) · B: ≥ ([\d.]+)$/.exec(await range(page, 1).textContent()).slice(1).map(Number);
  for (const scale of /** @type {const} */ (['branch', 'layer'])) {
    await page.getByRole('radio', { name: scale === 'branch' ? 'Branch' : 'Layer', exact: true }).click();
    (await read()).forEach((value, i) => assert.ok(Math.abs(value / limits[scale][i] - 1) < 0.02, `${scale}: ${value}, not ${limits[scale][i]}`));
    assert.match(await page.locator('#compareLegend').textContent(), new RegExp(`^0≥${scale === 'branch' ? en.eachBranch : en.eachLayer}$`));
    for (const letter of ['A', 'B']) {
      const brightest = await page.locator(`#compare .pair[data-pair="1"] .cell[data-side="${letter}"] canvas`).first().evaluate((canvas) => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return data.reduce((most, value, i) => (i % 4 === 0 ? Math.max(most, value) : most), 0);
      });
      assert.equal(brightest, 255, `${scale}, ${letter}`);
    }
  }
  await page.click('[data-lang=zh]');
  assert.match(await page.locator('#compareLegend').textContent(), new RegExp(`${zh.eachLayer}$`));
});
