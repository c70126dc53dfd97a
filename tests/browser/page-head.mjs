// The head opened as a view of its own: the class map, and the score as a sum.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chipText } from '../../pkg/src/element/view/words.js';
import { classifyDrawn, dropGenerated, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

/** @param {Page} page */
async function openHead(page) {
  await page.getByRole('button', { name: 'Open the head' }).focus();
  await page.keyboard.press('Enter');
}

/** @param {Page} page @returns {Promise<[string, number][]>} the rows of the score; the last is the sum */
async function rows(page) {
  const texts = await page.locator('#head .score li').evaluateAll((all) => all.map((row) => [row.firstElementChild.textContent, row.lastElementChild.textContent]));
  return texts.map(([name, text]) => [name, Number(text.replace('−', '-'))]);
}

/** @param {Page} page @param {string} layer @param {number} index of the class @returns {Promise<{ shares: number[], bias: number, logit: number, cam: number[] }>} by branch of the module, as the package has it */
function measured(page, layer, index) {
  return page.evaluate(
    async ({ layer, index }) => {
      const { net, picture } = document.querySelector('inception-inspector');
      const { contribution, bias, logit } = await net.contributions(picture.blob, index);
      const { data } = await net.cam(picture.blob, index);
      let from = 0;
      const branches = net.layers.filter(({ kind, module }) => kind === 'branch' && module === layer);
      const shares = branches.map(({ shape: [channels] }) => contribution.slice(from, (from += channels)).reduce((sum, value) => sum + value, 0));
      return { shares, bias, logit, cam: [...data] };
    },
    { layer, index },
  );
}

test('layers are called by what they are', () => {
  const step = { name: '', kind: 'conv', detail: '', kernel: null, stride: null, shape: [96, 1, 1], macs: 0 };
  const named = (/** @type {Partial<import('../../pkg/src/element/network.js').Step>} */ own) => chipText({ ...step, ...own });
  assert.equal(named({ kernel: [3, 3], stride: [2, 2] }), '3×3/2·96');
  assert.equal(named({ kernel: [1, 7], stride: [1, 1] }), '1×7·96');
  assert.equal(named({ kind: 'max-pool', kernel: [3, 3], stride: [2, 1] }), 'pool 3×3/2×1');
  assert.equal(named({ kind: 'avg-pool', detail: 'global' }), 'avg pool');
  assert.equal(named({ kind: 'avg-pool', detail: 'to 4x4', shape: [96, 4, 4] }), 'avg pool → 4×4');
  assert.equal(named({ kind: 'avg-pool', kernel: [7, 7], stride: [1, 1] }), 'avg pool 7×7');
  assert.equal(named({ kind: 'linear' }), 'linear 96');
  assert.equal(named({ kind: 'batch-norm', detail: 'batch norm' }), 'batch norm');
  assert.equal(named({ kind: 'l2-norm', detail: 'l2 norm' }), 'L2');
  assert.equal(named({ kind: 'lrn' }), 'LRN');
  assert.equal(named({ kind: 'activation', detail: 'tanh' }), 'tanh', 'a function in a head is no shortcut');
  assert.equal(named({ kind: 'add' }), '+ shortcut');
});

visit('the head shows the class map and the score as a sum over the last module’s branches', { width: 1366 }, async (page) => {
  await classifyDrawn(page);
  await openHead(page);
  await page.locator('#head .score').waitFor();
  assert.match(await page.locator('#moduleFacts').textContent(), /^1024 → 1000 · 1\.0 M MACs$/);
  assert.equal(await page.locator('#head header b').textContent(), 'avg pool → linear 1000 → softmax');
  assert.match(await page.locator('#head .lesson').textContent(), /each of the 1024 last maps/);
  for (const place of [0, 2]) {
    if (place > 0) {
      await page.locator('#top5 [role=radio]').nth(place).click();
      const label = await page.locator('#top5 .label').nth(place).textContent();
      await page.locator('#head .score h3', { hasText: `Score of ${label}, by branch of the last module` }).waitFor();
    }
    const index = Number(await page.locator('#top5 [role=radio]').nth(place).getAttribute('data-class'));
    const { shares, bias, logit, cam } = await measured(page, 'Mixed_5c', index);
    const found = await rows(page);
    assert.deepEqual(found.map(([name]) => name), ['Branch_0', 'Branch_1', 'Branch_2', 'Branch_3', 'bias', 'score']);
    const wanted = [...shares, bias, logit];
    found.forEach(([name, value], i) => assert.ok(Math.abs(value - wanted[i]) < 0.0051, `${name}: ${value}, not ${wanted[i]}`));
    const sum = found.slice(0, -1).reduce((total, [, value]) => total + value, 0);
    assert.ok(Math.abs(sum - logit) < 0.03, `${sum}, not ${logit}`);
    const bars = await page.locator('#head .score .signed i').evaluateAll((all) => all.map((bar) => ({ width: bar.getBoundingClientRect().width, falls: bar.className === 'fall', whole: bar.parentElement.getBoundingClientRect().width / 2 })));
    const most = Math.max(...wanted.slice(0, -1).map(Math.abs));
    bars.forEach(({ width, falls, whole }, i) => {
      assert.ok(Math.abs(width - (Math.abs(wanted[i]) / most) * whole) < 1.5, `bar ${i}: ${width} px`);
      assert.equal(falls, wanted[i] < 0);
    });
    const drawn = await page.locator('#head canvas, .end.head canvas').evaluateAll((all) => all.map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return Array.from({ length: data.length / 4 }, (_, at) => data[4 * at] + data[4 * at + 1] + data[4 * at + 2]);
    }));
    assert.equal(drawn.length, 2, 'on the map and large');
    for (const light of drawn) {
      const ranks = cam.map((value, at) => [Math.max(0, value), light[at]]).sort((a, b) => a[0] - b[0]);
      assert.ok(ranks.every(([, value], at) => at === 0 || value >= ranks[at - 1][1] - 3), 'brighter where the class is seen');
    }
  }
  const best = await page.locator('#top5 .label').first().textContent();
  assert.match(await page.locator('.end.head .ans').textContent(), new RegExp(`^${best}\\d+ %$`));
});

visit('a branch switched off changes the sum of the score', { width: 1366 }, async (page) => {
  await classifyDrawn(page);
  await openHead(page);
  await page.locator('#head .score').waitFor();
  const before = await rows(page);
  await page.getByRole('switch', { name: 'Mixed_5c/Branch_1', exact: true }).click();
  await page.locator('#head .score li', { hasText: 'Branch_1' }).locator('.num', { hasText: /^\+?0\.00$/ }).waitFor();
  const after = await rows(page);
  const difference = before.at(-1)[1] - after.at(-1)[1];
  assert.ok(Math.abs(difference - before[1][1]) < 0.03, `${difference}, not ${before[1][1]}`);
});

visit('the head of a network whose last maps are no module’s says the score by that layer', { width: 1366 }, async (page) => {
  await dropGenerated(page, 'timm_inception_resnet_v2');
  await page.locator('.card[data-modules="Block8"]').waitFor();
  await classifyDrawn(page);
  await openHead(page);
  await page.locator('#head .score').waitFor();
  const found = await rows(page);
  assert.deepEqual(found.map(([name]) => name), ['Conv2d_7b_1x1', 'bias', 'score']);
  assert.match(await page.locator('#head .score h3').textContent(), /by the maps of Conv2d_7b_1x1$/);
  assert.ok(Math.abs(found[0][1] + found[1][1] - found[2][1]) < 0.02);
});

visit('a head with hidden layers says that the score is taken by gradient', { needs: ['nsfw'], width: 1366 }, async (page) => {
  await page.evaluate(async () => {
    const { Inception } = await import('/pkg/dist/index.js');
    document.querySelector('inception-inspector').net = await Inception.load('/models/nsfw-inception-v3.safetensors');
  });
  await page.locator('.card[data-modules=Mixed_7c]').waitFor();
  await classifyDrawn(page);
  await openHead(page);
  await page.locator('#head .score').waitFor();
  assert.match(await page.locator('#head .lesson').textContent(), /hidden layers/);
  assert.match(await page.locator('#head .score h3').textContent(), /by gradient at this image$/);
  const found = await rows(page);
  const sum = found.slice(0, -1).reduce((total, [, value]) => total + value, 0);
  assert.ok(Math.abs(sum - found.at(-1)[1]) < 0.03);
});

visit('the head of a network without classes says that there is no score', { width: 1366 }, async (page) => {
  await page.evaluate(async () => {
    const { generateWeights } = await import('/tests/browser/generator.mjs');
    const { Inception } = await import('/pkg/dist/index.js');
    const keys = await (await fetch('/tests/reference/keys/facenet_inception_resnet_v1.json')).json();
    document.querySelector('inception-inspector').net = await Inception.load(generateWeights(keys.filter(({ name }) => !name.startsWith('logits'))));
  });
  await page.locator('.stack').first().waitFor();
  await classifyDrawn(page);
  await openHead(page);
  assert.match(await page.locator('#head .lesson').textContent(), /no classes/);
  assert.equal(await page.locator('#head header b').textContent(), 'avg pool → linear 512 → batch norm → L2');
  assert.equal(await page.locator('#moduleFacts').textContent(), '1792 → 512 · 918 k MACs');
  assert.equal(await page.locator('.end.head canvas').isVisible(), false);
});

visit('after a residual block the score is one sum, through the layers between it and the classes', { width: 1366 }, async (page) => {
  await dropGenerated(page, 'facenet_inception_resnet_v1');
  await page.locator('.stack').first().waitFor();
  await classifyDrawn(page);
  await openHead(page);
  await page.locator('#head .score').waitFor();
  assert.deepEqual((await rows(page)).map(([name]) => name), ['Block8', 'bias', 'score']);
});
