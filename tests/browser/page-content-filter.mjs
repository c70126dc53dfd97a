// The content filter: what it is called, its folded classes, and no sample with a person. Played by a small network with its class names.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { ownModelFile } from './own-model-file.mjs';
import { classifyDrawn, visit } from './visit.mjs';

/** @typedef {import('playwright-core').Page} Page */

const SAFE = ['Drawing', 'Neutral'];
const UNSAFE = ['Hentai', 'Porn', 'Sexy'];
const weights = ownModelFile(5);
/** A picture of one pixel. */
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

/** Puts the small network in the filter's place, as a model that the page may open with. @param {Page} page */
async function playFilter(page) {
  await page.route('**/models/catalog.json', async (route) => {
    const response = await route.fetch();
    const sha256 = createHash('sha256').update(weights).digest('hex');
    const filter = { network: 'googlenet', bytes: weights.length, sha256, labels: 'five', url: 'filter.safetensors' };
    await route.fulfill({ response, json: (await response.json()).map((entry) => (entry.id === 'nsfw-inception-v3' ? { ...entry, ...filter } : entry)) });
  });
  await page.route('**/models/five.json', (route) => route.fulfill({ json: ['Drawing', 'Hentai', 'Neutral', 'Porn', 'Sexy'] }));
  await page.route('**/models/filter.safetensors', (route) => route.fulfill({ body: weights, contentType: 'application/octet-stream' }));
}

const settings = { hash: '#model=nsfw-inception-v3', prepare: playFilter };
const rows = (/** @type {Page} */ page) => page.locator('#top5 button').evaluateAll((all) => all.map((row) => row.querySelector('.label').textContent));
const share = async (/** @type {Page} */ page, /** @type {string} */ label) => parseFloat(await page.locator('#top5 button', { hasText: label }).locator('.p').textContent());

visit('the content filter says what it is, and folds its unsafe classes into one row that opens', settings, async (page) => {
  await classifyDrawn(page);
  assert.equal(await page.locator('#modelName').textContent(), en.filterTitle);
  assert.deepEqual([...(await rows(page))].sort(), [...SAFE, en.unsafeRow].sort());
  const fold = page.locator('#top5 .together');
  assert.equal(await fold.getAttribute('aria-expanded'), 'false');
  const together = await share(page, en.unsafeRow);
  const answers = await Promise.all(SAFE.map((label) => share(page, label)));
  assert.ok(Math.abs(together + answers[0] + answers[1] - 100) <= 0.2, `${together}, ${answers}`);

  await fold.focus();
  await page.keyboard.press('Enter');
  assert.equal(await fold.getAttribute('aria-expanded'), 'true');
  assert.ok(await fold.evaluate((row) => row.matches(':focus')));
  const opened = await rows(page);
  const at = opened.indexOf(en.unsafeRow);
  assert.deepEqual(opened.slice(at + 1, at + 4).sort(), UNSAFE);
  const single = await Promise.all(UNSAFE.map((label) => share(page, label)));
  assert.ok(Math.abs(single[0] + single[1] + single[2] - together) <= 0.2, `${single}, together ${together}`);
  await page.locator('#top5 [role=radio]', { hasText: 'Porn' }).click();
  await page.locator('.contributions .sum').waitFor();
  assert.equal(await page.locator('#top5 [role=radio]', { hasText: 'Porn' }).getAttribute('aria-checked'), 'true');

  await page.locator('#map').getByRole('switch', { name: 'Mixed_3b/Branch_0', exact: true }).click();
  await page.locator('#shift[aria-busy=false] .shift').waitFor();
  assert.match(await fold.textContent(), / pp/);
  await fold.click();
  assert.deepEqual((await rows(page)).filter((label) => UNSAFE.includes(label)), []);
  await page.click('[data-lang=zh]');
  assert.ok((await rows(page)).includes(zh.unsafeRow));
  assert.equal(await page.locator('#modelName').textContent(), zh.filterTitle);
});

visit('Compare folds the unsafe classes too', { ...settings, width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await page.click('#compareToggle');
  await page.locator('#compare .samples [role=radio]').last().click();
  await page.locator('#compare .side[data-side=B] .difference').first().waitFor();
  for (const side of ['A', 'B']) {
    const labels = await page.locator(`#compare .side[data-side=${side}] .label`).allTextContents();
    assert.deepEqual([...labels].sort(), [...SAFE, en.unsafeRow].sort());
  }
});

/** Stands for the samples, which set-up brings. @param {Page} page */
async function withSamples(page) {
  await playFilter(page);
  await page.route('**/www/samples/*', (route) => route.fulfill({ body: PIXEL, contentType: 'image/png' }));
}

visit('no sample with a person is offered to the content filter, nor run by it', { prepare: withSamples }, async (page) => {
  const astronaut = page.locator('#samples [data-name="astronaut.jpg"]');
  const offers = () => page.evaluate(() => document.querySelector('inception-inspector').alternatives.pictures.map(({ name }) => name));
  await page.evaluate(() => {
    globalThis.answered = [];
    addEventListener('inception-result', () => globalThis.answered.push(`${document.querySelector('#modelName').textContent}: ${document.querySelector('inception-inspector').picture.name}`));
  });
  await astronaut.click();
  await page.waitForFunction(() => globalThis.answered.at(-1) === 'GoogLeNet: astronaut.jpg');
  assert.ok((await offers()).includes('astronaut.jpg'));
  await page.click('#model');
  await page.locator('#modelMenu .option', { hasText: en.filterTitle }).click();
  await page.waitForFunction((title) => globalThis.answered.at(-1) === `${title}: chelsea.jpg`, en.filterTitle);
  assert.deepEqual(await page.evaluate((title) => globalThis.answered.filter((answer) => answer === `${title}: astronaut.jpg`), en.filterTitle), []);
  assert.ok(await astronaut.isHidden());
  assert.ok(!(await offers()).includes('astronaut.jpg'));
  await page.click('#model');
  await page.locator('#modelMenu .option', { hasText: 'GoogLeNet' }).first().click();
  await astronaut.waitFor();
});
