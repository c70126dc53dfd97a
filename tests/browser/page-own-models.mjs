// Models of the user's own: their class names, and keeping them on this computer.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { ROOT } from './harness.mjs';
import { onDisk, transferOf } from './on-disk.mjs';
import { ownModelFile } from './own-model-file.mjs';
import { classifyDrawn, visit } from './visit.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {string[]} */
const IMAGENET = JSON.parse(readFileSync(join(ROOT, 'models/imagenet1k.json'), 'utf8'));
const FIVE = ['apple', 'pear', 'plum', 'cherry', 'quince'];
const text = (/** @type {string} */ content) => Buffer.from(content);
const thousand = { name: 'mine.safetensors', mimeType: '', buffer: ownModelFile(1000) };
const five = { name: 'fruit.safetensors', mimeType: '', buffer: ownModelFile(5) };
const fruit = { name: 'fruit.txt', mimeType: 'text/plain', buffer: text(`${FIVE.join('\n')}\n`) };

/** Chooses files as the dialog of own models does, and waits until the first is in use. @param {Page} page @param {(typeof five)[]} files */
async function choose(page, ...files) {
  await page.setInputFiles('#modelFiles', files.map(onDisk));
  await page.locator('#modelName', { hasText: files[0].name }).waitFor();
}

/** Drops files on the page. @param {Page} page @param {(typeof five)[]} files */
async function dropAll(page, ...files) {
  await page.dispatchEvent('body', 'drop', { dataTransfer: await transferOf(page, files.map(onDisk)) });
}

const labels = (/** @type {Page} */ page) => page.locator('#top5 .label').allTextContents();
const option = (/** @type {Page} */ page, /** @type {string} */ title) => page.locator('#modelMenu .option', { hasText: title });

visit('an own model of a thousand classes has ImageNet\'s names, in the answer, in Compare and in its list', { width: 1600 }, async (page) => {
  await choose(page, thousand);
  await classifyDrawn(page);
  const shown = await labels(page);
  assert.ok(shown.length === 5 && shown.every((label) => IMAGENET.includes(label)), shown.join());
  assert.deepEqual(await page.locator('#camClass option').allTextContents(), IMAGENET);
  await page.click('#compareToggle');
  await page.getByRole('radio', { name: en.otherModel }).click();
  await page.locator('#compare input[type=file]').last().setInputFiles(onDisk({ ...thousand, name: 'other.safetensors' }));
  await page.locator('#compare .side[data-side=B] .label').first().waitFor();
  assert.deepEqual(await page.locator('#compare .side[data-side=B] .label').allTextContents(), shown.slice(0, 3));
});

visit('an own model with names of its own keeps them, in the page and in Compare', { width: 1600 }, async (page) => {
  await dropAll(page, five, fruit);
  await page.locator('#modelName', { hasText: five.name }).waitFor();
  await classifyDrawn(page);
  assert.deepEqual([...(await labels(page))].sort(), [...FIVE].sort());
  const named = IMAGENET.map((_, i) => `thing ${i}`);
  await choose(page, { ...thousand, name: 'things.safetensors' }, { ...fruit, name: 'things.json', buffer: text(JSON.stringify(named)) });
  await page.locator('#top5 .label', { hasText: /^thing \d+$/ }).first().waitFor();
  await page.click('#compareToggle');
  await page.getByRole('radio', { name: en.otherModel }).click();
  await page.locator('#compare input[type=file]').last().setInputFiles([five, fruit].map(onDisk));
  await page.locator('#compare .side[data-side=B] .label').first().waitFor();
  for (const label of await page.locator('#compare .side[data-side=B] .label').allTextContents()) assert.ok(FIVE.includes(label), label);
});

visit('a labels file names the classes of the own model in use, and one that does not fit is refused', {}, async (page) => {
  await choose(page, five);
  await classifyDrawn(page);
  assert.match((await labels(page))[0], /^class \d$/);
  await page.setInputFiles('#labelsFile', { ...fruit, buffer: text('one\ntwo\nthree') });
  await page.locator('#modelStatus [role=alert]', { hasText: 'The labels file does not fit: 3 labels for 5 classes' }).waitFor();
  assert.equal(await page.locator('#modelName').textContent(), five.name, 'the model in use stays');
  await page.setInputFiles('#labelsFile', { ...fruit, name: 'fruit.json', buffer: text('["apple"') });
  await page.locator('#modelStatus [role=alert]', { hasText: 'The labels file does not fit: fruit.json: it is not JSON' }).waitFor();
  await page.setInputFiles('#labelsFile', { ...fruit, name: 'fruit.tsv', buffer: text(FIVE.map((name, i) => `${i}\t${name}`).reverse().join('\n')) });
  await page.locator('#top5 .label', { hasText: /^(?!class)/ }).first().waitFor();
  assert.deepEqual([...(await labels(page))].sort(), [...FIVE].sort());
});

visit('a labels file goes to the own model in use, or waits for the next, where another file failed before', {}, async (page) => {
  const broken = { ...five, name: 'broken.safetensors', buffer: text('nothing') };
  await page.setInputFiles('#modelFiles', broken);
  await page.locator('#modelStatus [role=alert]').waitFor();
  await page.setInputFiles('#labelsFile', fruit);
  await page.locator('#modelStatus .note', { hasText: 'The class names in fruit.txt go to the next model file you choose.' }).waitFor();
  await choose(page, five);
  await page.setInputFiles('#modelFiles', broken);
  await page.locator('#modelStatus [role=alert]').waitFor();
  await page.setInputFiles('#labelsFile', { ...fruit, buffer: text('a\nb\nc\nd\ne') });
  await page.locator('#modelStatus').waitFor({ state: 'hidden' });
  await page.locator('#top5 .label', { hasText: /^[a-e]$/ }).first().waitFor();
});

visit('two own models of one name and size are both kept, and nothing is left of what was not kept whole', {}, async (page) => {
  const other = { ...five, buffer: Buffer.from(five.buffer) };
  other.buffer[other.buffer.length - 2] ^= 1;
  await page.evaluate(async () => {
    const cache = await caches.open('inception-own-models-1');
    await cache.put(new URL('own-models/left-over/0', document.baseURI).href, new Response('half'));
  });
  await choose(page, five, fruit);
  await page.click('#model');
  await option(page, five.name).waitFor();
  await page.keyboard.press('Escape');
  await page.setInputFiles('#modelFiles', onDisk(other));
  await page.waitForFunction(() => document.querySelectorAll('#modelMenu .option[id^=own-]:not(#own-in-use)').length === 2);
  const entries = () => page.evaluate(async () => (await (await caches.open('inception-own-models-1')).keys()).map(({ url }) => url.replace(/.*own-models\//, '').replace(/^[^/]{20,}/, 'id')).sort());
  assert.deepEqual(await entries(), ['id/0', 'id/0', 'id/1', 'id/info', 'id/info']);
  await page.setInputFiles('#modelFiles', onDisk(five));
  await page.waitForFunction(() => !document.querySelector('#modelMenu').textContent.includes('fruit.txt') && !document.querySelector('#own-in-use'));
  assert.deepEqual(await entries(), ['id/0', 'id/0', 'id/info', 'id/info']);
});

visit('a labels file that comes first waits for its model', {}, async (page) => {
  await dropAll(page, fruit);
  await page.locator('#modelStatus .note', { hasText: 'The class names in fruit.txt go to the next model file you choose.' }).waitFor();
  await choose(page, five);
  await page.locator('#modelStatus').waitFor({ state: 'hidden' });
  await classifyDrawn(page);
  assert.deepEqual([...(await labels(page))].sort(), [...FIVE].sort());
});

visit('an own model is kept on this computer with its names, restored by a reload, and removed in the list', {}, async (page) => {
  await choose(page, five, fruit);
  await page.click('#model');
  await option(page, five.name).waitFor();
  assert.equal(await option(page, five.name).getAttribute('aria-selected'), 'true');
  await option(page, five.name).locator('small', { hasText: /5 classes .* fruit\.txt$/ }).waitFor();
  await page.reload();
  await page.locator('#modelName', { hasText: five.name }).waitFor();
  await classifyDrawn(page);
  assert.deepEqual([...(await labels(page))].sort(), [...FIVE].sort());

  await page.click('#model');
  await option(page, 'GoogLeNet').first().click();
  await page.locator('#modelName', { hasText: 'GoogLeNet' }).waitFor();
  await page.reload();
  await page.locator('#modelName', { hasText: 'GoogLeNet' }).waitFor();
  await page.click('#model');
  await option(page, five.name).click();
  await page.locator('#modelName', { hasText: five.name }).waitFor();
  await page.locator('#modelStatus').waitFor({ state: 'hidden' });

  await page.click('#model');
  await page.getByRole('button', { name: `Remove ${five.name} from this computer` }).click();
  await page.locator('#own-in-use').waitFor();
  await page.locator('#modelMenu .note', { hasText: en.ownInUse.replace('{title}', five.name) }).waitFor();
  assert.equal(await option(page, five.name).count(), 1, 'it is there as long as it is in use');
  assert.ok(await page.evaluate(() => document.querySelector('#modelMenu')?.contains(document.activeElement)), 'the focus stays in the list');
  await page.keyboard.press('Escape');
  await classifyDrawn(page, 'after.png');
  assert.deepEqual([...(await labels(page))].sort(), [...FIVE].sort(), 'the one in use stays in memory');
  await page.reload();
  await page.locator('#modelName', { hasText: 'GoogLeNet' }).waitFor();
  await page.locator('.card').first().waitFor();
  assert.equal(await page.locator('#modelStatus .note span').first().textContent(), en.ownRemoved.replace('{title}', five.name));
  assert.deepEqual(await page.evaluate(async () => (await (await caches.open('inception-own-models-1')).keys()).length), 0);

  await choose(page, five);
  await page.waitForFunction(() => JSON.parse(sessionStorage.getItem('inception-own-model') ?? '{}').id);
  await page.evaluate(() => caches.delete('inception-own-models-1'));
  await page.reload();
  await page.locator('#modelStatus .note', { hasText: en.ownGone.replace('{title}', five.name) }).waitFor();
});

visit('an own model that is not to be kept is not, and a reload says so', {}, async (page) => {
  await page.click('#model');
  await page.uncheck('#keepOwn');
  await page.keyboard.press('Escape');
  await choose(page, five);
  await page.reload();
  await page.locator('#modelStatus .note', { hasText: `${five.name} was not kept on this computer` }).waitFor();
  await page.locator('#modelName', { hasText: 'GoogLeNet' }).waitFor();
  assert.equal(await page.locator('#keepOwn').isChecked(), false, 'that nothing is to be kept is remembered');
  await choose(page, five);
  await page.locator('#modelStatus').waitFor({ state: 'hidden' });
  assert.ok(await page.locator('#modelMenu').isHidden());
});

visit('what is assumed of an own model is folded below its heading, and not said of a model of the catalog', { hash: '#lang=zh' }, async (page) => {
  await page.evaluate(async () => {
    const { Inception } = await import('/pkg/dist/index.js');
    const { load } = Inception;
    Inception.load = async (...options) => {
      const net = await load.apply(Inception, options);
      net.info.assumptions.push('the option `preprocess` says otherwise');
      return net;
    };
  });
  await choose(page, five);
  const said = page.locator('#assumed');
  assert.equal(await said.locator('summary').textContent(), zh.assumed.replace('{n}', '1'));
  const words = said.getByText('the option `preprocess` says otherwise');
  assert.ok(await words.isHidden());
  await said.locator('summary').click();
  assert.ok(await words.isVisible());
  assert.equal(await words.evaluate((line) => line.closest('[lang]').lang), 'en');
  await page.click('#model');
  await option(page, 'GoogLeNet').first().click();
  await page.locator('#modelName', { hasText: 'GoogLeNet' }).waitFor();
  assert.equal(await said.count(), 0);
});

visit('the same own file twice is kept once, and a model that is refused is not kept', {}, async (page) => {
  await choose(page, five);
  await page.click('#model');
  await option(page, five.name).waitFor();
  await page.keyboard.press('Escape');
  await page.setInputFiles('#labelsFile', fruit);
  await page.click('#model');
  await option(page, 'fruit.txt').waitFor();
  assert.equal(await option(page, five.name).count(), 1);
  await page.keyboard.press('Escape');
  await page.setInputFiles('#modelFiles', { ...five, name: 'broken.safetensors', buffer: text('nothing') });
  await page.locator('#modelStatus [role=alert]').waitFor();
  await page.click('#modelStatus .close');
  await page.click('#model');
  assert.equal(await option(page, 'broken').count(), 0);
});

visit('clearing downloads leaves own models, and says so', {}, async (page) => {
  await choose(page, five);
  await page.click('#model');
  await page.locator('.own-note', { hasText: 'your own models stay' }).waitFor();
  await page.click('#clearKept');
  await page.locator('#clearKept').waitFor({ state: 'detached' });
  assert.equal(await option(page, five.name).count(), 1);
  await page.reload();
  await page.locator('#modelName', { hasText: five.name }).waitFor();
});

visit('a browser that has no room keeps no own model, and a reload says so', {
  ready: false,
  prepare: async (page, address) => {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: new URL(address).origin, quotaSize: 1_000_000 });
  },
}, async (page) => {
  await choose(page, five);
  await classifyDrawn(page);
  await page.click('#model');
  await page.locator('#modelMenu .note', { hasText: en.ownRefused }).waitFor();
  await page.reload();
  await page.locator('#modelStatus .note', { hasText: five.name }).waitFor();
});

visit('own files are offered alike in the list of models and in Compare', { width: 1600 }, async (page) => {
  await page.click('#compareToggle');
  await page.getByRole('radio', { name: en.otherModel }).click();
  const [own, compared] = [await page.locator('#modelFiles').getAttribute('accept'), await page.locator('#compare input[type=file]').last().getAttribute('accept')];
  assert.equal(own, compared);
  for (const ending of ['.safetensors', '.pth', '.pt', '.json', '.bin', '.txt', '.onnx', '.h5']) assert.ok(own.split(',').includes(ending), ending);
});
