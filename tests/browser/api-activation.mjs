// What makes answers of a model's logits, by its file, by its one output, and by the option.

import assert from 'node:assert/strict';
import { pageTest } from './harness.mjs';
import { filesIn, onDisk } from './on-disk.mjs';
import { ownModelFile } from './own-model-file.mjs';
import { classifyDrawn, drop, visit } from './visit.mjs';

pageTest('one output answers two classes, which add up to one, and the option says otherwise', {}, async (page) => {
  const files = await filesIn(page, [1, 4].map((classes) => onDisk({ name: `${classes}.safetensors`, buffer: ownModelFile(classes) })));
  const found = await page.evaluate(async ([one, four]) => {
    const image = new ImageData(new Uint8ClampedArray(4 * 64 * 64).map((_, i) => (i * 31) % 256), 64, 64);
    const answer = async (file, options) => {
      const net = await Inception.load(file, options);
      const { predictions, layers } = await net.classify(image, { topK: 9, layers: ['Logits'] });
      const { activation, assumptions, classes, labels } = net.info;
      const cams = await Promise.all(predictions.map(({ index }) => net.contributions(image, index)));
      net.dispose();
      return { activation, assumed: assumptions.length, classes, labels, logits: [...layers.Logits.data], p: predictions.sort((a, b) => a.index - b.index).map(({ probability }) => probability), sides: cams.map(({ logit }) => logit).sort() };
    };
    return { one: await answer(one, { labels: ['cat', 'dog'] }), value: await answer(one, { activation: 'none' }), many: await answer(four, { activation: 'sigmoid' }), usual: await answer(four, {}) };
  }, files);
  const logistic = (/** @type {number} */ x) => 1 / (1 + Math.exp(-x));
  const near = (/** @type {number[]} */ a, /** @type {number[]} */ b) => assert.ok(a.length === b.length && a.every((value, i) => Math.abs(value - b[i]) < 1e-5), `${a} and ${b}`);
  const { one, value, many, usual } = found;
  assert.deepEqual([one.activation, one.assumed, one.classes, one.labels], ['sigmoid', 1, 2, ['cat', 'dog']]);
  near(one.p, [1 - logistic(one.logits[0]), logistic(one.logits[0])]);
  near(one.sides, [-Math.abs(one.logits[0]), Math.abs(one.logits[0])]);
  assert.deepEqual([value.activation, value.assumed, value.classes], ['none', 0, 1]);
  near(value.p, value.logits);
  assert.deepEqual([many.activation, many.classes], ['sigmoid', 4]);
  near(many.p, many.logits.map(logistic));
  assert.deepEqual([usual.activation, usual.assumed], ['softmax', 0]);
  near([usual.p.reduce((sum, p) => sum + p)], [1]);
  const refused = await page.evaluate(([, four]) => outcomeOf(Inception.load(four, { activation: 'tanh' })), files);
  assert.equal(refused.code, 'bad-option');
});

visit('the page answers with two classes where a model has one output', {}, async (page) => {
  await drop(page, { name: 'one.safetensors', type: '', bytes: ownModelFile(1) });
  await page.locator('#modelName', { hasText: 'one.safetensors' }).waitFor();
  await page.locator('#modelStatus').waitFor({ state: 'hidden' });
  await classifyDrawn(page);
  await page.waitForFunction(() => globalThis.insideAll('#top5 .p').length === 2);
  const sum = (await page.locator('#top5 .p').allTextContents()).reduce((sum, text) => sum + Number.parseFloat(text), 0);
  assert.ok(Math.abs(sum - 100) < 0.2, `${sum}`);
  await page.locator('#deviceNote', { hasText: 'one output' }).waitFor();
});
