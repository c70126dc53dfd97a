// The address: what is chosen on the page is in it, and a fresh profile shows the same.

import assert from 'node:assert/strict';
import en from '../../pkg/src/element/strings/en.js';
import { waitUntil } from './harness.mjs';
import { onDisk } from './on-disk.mjs';
import { ownModelFile } from './own-model-file.mjs';
import { classifyDrawn, drawnPng, drop, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

const COFFEE_MUG = 504;
/** @type {Partial<import('../../pkg/src/element/index.js').InspectorView>} */
const CHOSEN = {
  layer: 'Mixed_4c',
  inner: ['Mixed_4c/Branch_2/Conv2d_0a_1x1'],
  pin: { layer: 'Mixed_4c/Branch_1', channel: 7, y: 3, x: 5 },
  large: true,
  sort: 'mean',
  reverse: true,
  scale: 'branch',
  palette: 'viridis',
  hideDead: true,
  tile: 64,
  off: ['Mixed_3b/Branch_2', 'Mixed_4c/Branch_0'],
  explain: COFFEE_MUG,
  camOpacity: 0.3,
  why: 'cam',
  shows: 'maps',
  times: true,
  whole: true,
  zoom: 1.25,
  compare: null,
  otherPicture: 'rocket.jpg',
  compareModule: null,
  difference: false,
  byDifference: true,
};
const ADDRESS =
  '#photo=coffee&layer=Mixed_4c&channel=Mixed_4c/Branch_1,7,3,5&open=1&off=Mixed_3b/Branch_2,Mixed_4c/Branch_0&cam=30&class=504' +
  '&sort=mean&reverse=1&scale=branch&map=viridis&tile=64&dead=1&photo2=rocket&times=1&whole=1&zoom=1.25&inner=Mixed_4c/Branch_2/Conv2d_0a_1x1&nodiff=1&bydiff=1';

/** Waits until the browser keeps so many of the user's own pictures. @param {Page} page @param {number} count */
const keptPictures = (page, count) => waitUntil(page, async (count) => (await (await caches.open('inception-own-pictures-1')).keys()).length === count, count);

/** @param {Page} page */
const viewOf = (page) => page.evaluate(() => document.querySelector('inception-inspector').view);

/** Everything that the address is to bring back, as the page shows it. @param {Page} page */
async function shownOn(page) {
  await page.locator('#top5 .difference').first().waitFor({ state: 'attached' });
  await page.locator('#compare .pairs[aria-busy=false][data-stale=""]').waitFor({ state: 'attached' });
  await page.waitForFunction(() => inside('#camLayer').hidden === false && inside('.contributions .sum'));
  return page.evaluate(() => ({
    sample: document.querySelector('#samples [aria-checked=true]').dataset.name,
    answer: inside('#answer').textContent,
    shift: inside('#shift').textContent,
    off: insideAll('#map .switch').flatMap((input) => (input.checked ? [] : [input.ariaLabel])),
    cam: inside('#camLayer').ariaLabel,
    opacity: inside('#camOpacity').value,
    read: inside('#readout').textContent,
    other: inside('#compare .side[data-side=B] .name').textContent,
    sort: inside('#sort').value,
    dead: inside('#hideDead').checked,
    chip: inside('.branch[data-branch="Mixed_4c/Branch_2"] .chip[aria-pressed=true]').dataset.layer,
    order: inside('#compareOrder').checked,
    differences: insideAll('#compare .cell[data-side="B − A"]:not([hidden])').length,
    tile: inside('#tile').value,
  }));
}

visit('what is chosen is in the address, and a fresh profile shows it again', { width: 1600 }, async (page, address) => {
  await page.locator('#camLayer:not([hidden])').waitFor();
  await page.click('#samples [data-name="coffee.jpg"]');
  await page.locator('#imageMeta', { hasText: 'coffee.jpg · ' }).waitFor();
  await page.evaluate((view) => (document.querySelector('inception-inspector').view = view), CHOSEN);
  await page.waitForFunction(() => location.hash.includes('photo2='));
  const parts = (/** @type {string} */ hash) => hash.slice(1).split('&').sort();
  assert.deepEqual(parts(new URL(page.url()).hash), parts(ADDRESS));
  const before = await shownOn(page);
  assert.equal(before.sample, 'coffee.jpg');
  assert.deepEqual(before.off, CHOSEN.off);

  const fresh = await page.context().browser().newContext({ viewport: page.viewportSize() });
  const again = await fresh.newPage();
  /** @type {string[]} */
  const errors = [];
  again.on('pageerror', (error) => errors.push(String(error)));
  await again.addInitScript(() => {
    const shadow = () => document.querySelector('inception-inspector').shadowRoot;
    Object.assign(globalThis, { inside: (selector) => shadow().querySelector(selector), insideAll: (selector) => [...shadow().querySelectorAll(selector)] });
  });
  await again.goto(page.url());
  assert.deepEqual(await shownOn(again), before);
  assert.deepEqual(await viewOf(again), await viewOf(page));
  assert.deepEqual(await viewOf(again), CHOSEN);
  assert.deepEqual(parts(new URL(again.url()).hash), parts(ADDRESS), 'it stays in the address');
  assert.deepEqual(errors, []);
  await fresh.close();

  await page.evaluate(() => document.querySelector('inception-inspector').shadowRoot.querySelector('#large[open]')?.close());
  await page.evaluate(() => {
    document.querySelector('inception-inspector').view = {
      layer: 'Mixed_3b', inner: [], pin: null, sort: 'index', reverse: false, scale: 'channel', palette: 'magma', hideDead: false, tile: 40,
      off: [], explain: null, camOpacity: 0.5, why: 'cam', shows: 'maps', times: false, whole: false, zoom: 1, otherPicture: null,
    };
  });
  await page.click('#samples [data-name="chelsea.jpg"]');
  await page.waitForFunction(() => location.hash === '');
  assert.equal(page.url(), new URL(address).href);
});

const NONSENSE =
  '#photo=../secret&layer=%3Cb%3E&channel=Mixed_3b/Branch_0,99999999999,1,1&open=1&off=nope,Mixed_3b/Branch_9,Mixed_3b&cam=900&class=5000&sort=x&reverse=yes' +
  '&scale=&map=%00&tile=-4&dead=2&photo2=zzz&compare=https://example.com/x&times=&whole=0&zoom=1e9&model=https://example.com/y&lang=xx&theme=pink&inner=Mixed_3b,Mixed_3c/Branch_1/Conv2d_0a_1x1,%3Cb%3E&module2=%3Cb%3E&nodiff=yes&bydiff=';

visit('an address of nonsense opens the page as it is at first', { hash: NONSENSE }, async (page) => {
  await page.locator('#top5 .label', { hasText: 'Egyptian cat' }).waitFor();
  const { pin, ...view } = await viewOf(page);
  assert.equal(pin, null);
  assert.deepEqual(view, {
    layer: 'Mixed_3b', inner: [], large: false, sort: 'index', reverse: false, scale: 'channel', palette: 'magma', hideDead: false, tile: 40,
    off: [], explain: null, camOpacity: 0.5, why: 'cam', shows: 'maps', times: false, whole: false, zoom: 1, compare: null, otherPicture: null,
    compareModule: null, difference: true, byDifference: false,
  });
});

visit('a link that is put into the open page is taken over', { width: 1600 }, async (page) => {
  await page.locator('#camLayer:not([hidden])').waitFor();
  await page.evaluate(() => (document.querySelector('inception-inspector').view = { sort: 'max', off: ['Mixed_3b/Branch_0'] }));
  await page.waitForFunction(() => location.hash.includes('sort=max'));
  await page.evaluate((hash) => (location.hash = hash), ADDRESS);
  await page.locator('#samples [data-name="coffee.jpg"][aria-checked=true]').waitFor();
  const { compare, ...shown } = await shownOn(page).then(() => viewOf(page));
  const { compare: none, ...chosen } = CHOSEN;
  assert.deepEqual(shown, chosen);
  assert.equal(compare, none);
  const parts = (/** @type {string} */ hash) => hash.slice(1).split('&').sort();
  assert.deepEqual(parts(new URL(page.url()).hash), parts(ADDRESS));
  await page.evaluate(() => (location.hash = '#lang=zh&theme=dark'));
  await page.waitForFunction(() => document.documentElement.lang === 'zh-Hans' && document.documentElement.dataset.theme === 'dark');
  await page.locator('#samples [data-name="chelsea.jpg"][aria-checked=true]').waitFor();
  await page.waitForFunction(() => document.querySelector('inception-inspector').view.layer === 'Mixed_3b');
  assert.deepEqual((await viewOf(page)).off, []);
  await page.evaluate(() => (location.hash = '#layer=stem&inner=Conv2d_2b_1x1'));
  await page.locator('#stem .chip[data-layer=Conv2d_2b_1x1][aria-pressed=true]').waitFor();
  await page.locator('#stem .chip[data-layer=Conv2d_2c_3x3]').click();
  await page.waitForFunction(() => location.hash === '#layer=stem&inner=Conv2d_2c_3x3');
});

visit('a link to a model that there is not says so, at first and in the open page', { hash: '#model=nope' }, async (page) => {
  const said = page.locator('#modelStatus [role=alert]', { hasText: 'No model is called nope.' });
  await said.waitFor();
  await page.locator('#modelName', { hasText: 'GoogLeNet' }).waitFor();
  await page.click('#modelStatus .close');
  await page.locator('#modelStatus').waitFor({ state: 'hidden' });
  await page.evaluate(() => (location.hash = '#model=nope'));
  await said.waitFor();
  await page.evaluate(() => (location.hash = '#lang=en'));
  await page.locator('#modelStatus').waitFor({ state: 'hidden' });
});

visit('own pictures, shown and compared with, are there again after a reload, even one that is called like a sample', { width: 1600 }, async (page) => {
  await classifyDrawn(page, 'mine.png');
  await page.click('#compareToggle');
  const bytes = await drawnPng(page, 200);
  await drop(page, { name: 'coffee.jpg', type: 'image/png', bytes }, '#compare');
  await page.locator('#compare .side[data-side=B] .name', { hasText: 'coffee.jpg' }).waitFor();
  await keptPictures(page, 2);
  const answer = await page.locator('#top5').textContent();
  for (let i = 0; i < 2; i++) {
    await page.reload();
    await page.locator('#imageMeta', { hasText: 'mine.png · 320 × 240' }).waitFor();
    await page.locator('#compare .side[data-side=B] .name', { hasText: 'coffee.jpg' }).waitFor();
    await page.locator('#compare .side[data-side=B] .top3').waitFor();
    assert.equal(await page.evaluate(() => document.querySelector('inception-inspector').compared.picture.blob.size), bytes.length);
    assert.doesNotMatch(page.url(), /photo2/);
    assert.equal(await page.locator('#comparePictures [aria-checked=true]').count(), 1);
    assert.equal(await page.locator('#top5').textContent(), answer);
    assert.equal(await page.locator('#pasteHint .note').count(), 0);
  }
  await keptPictures(page, 2);
  await page.click('#compareToggle');
  await page.click('#samples [data-name="coffee.jpg"]');
  await page.locator('#imageMeta', { hasText: 'coffee.jpg · ' }).waitFor();
  await keptPictures(page, 0);
  await page.reload();
  await page.locator('#imageMeta', { hasText: 'coffee.jpg · ' }).waitFor();
});

visit('an own picture or model to compare with that is not kept is said to be lost', { width: 1600, prepare: (page) => page.addInitScript(() => (Cache.prototype.put = () => Promise.reject(new DOMException('full', 'QuotaExceededError')))) }, async (page) => {
  await classifyDrawn(page, 'mine.png');
  await page.click('#compareToggle');
  await page.getByRole('radio', { name: en.otherModel }).click();
  await page.locator('#compare input[type=file]').last().setInputFiles(onDisk({ name: 'fruit.safetensors', buffer: ownModelFile(5) }));
  await page.locator('#compare .side[data-side=B] .label').first().waitFor();
  await page.reload();
  const lost = (/** @type {'ownLost' | 'compareLost'} */ key, /** @type {string} */ title) => page.locator('#pasteHint .note', { hasText: en[key].replace('{title}', title) });
  await lost('ownLost', 'mine.png').waitFor();
  await lost('compareLost', 'fruit.safetensors').waitFor();
  await page.locator('#imageMeta', { hasText: 'chelsea.jpg' }).waitFor();
  await page.click('#compareToggle');
  await lost('compareLost', 'fruit.safetensors').waitFor();
  await page.click('#comparePictures [data-name="rocket.jpg"]');
  await lost('compareLost', 'fruit.safetensors').waitFor({ state: 'detached' });
  await page.click('#samples [data-name="coffee.jpg"]');
  await page.locator('#pasteHint .note').first().waitFor({ state: 'detached' });
});

visit('an own picture is not in the address, not even one that is called like a sample', { hash: '#photo=rocket' }, async (page) => {
  await page.locator('#samples [data-name="rocket.jpg"][aria-checked=true]').waitFor();
  await classifyDrawn(page, 'coffee.jpg');
  await page.waitForFunction(() => !location.hash.includes('photo'));
  assert.equal(await page.locator('#samples [aria-checked=true]').count(), 0);
});

visit('a slider that is dragged far does not exceed what browsers allow the address to change', {}, async (page) => {
  await page.locator('#camLayer:not([hidden])').waitFor();
  const written = await page.locator('#tile').evaluate(async (slider) => {
    const { replaceState } = History.prototype;
    let count = 0;
    History.prototype.replaceState = function (...values) {
      count += 1;
      return replaceState.apply(this, values);
    };
    for (let i = 0; i < 300; i++) {
      slider.value = String(20 + 4 * (i % 20));
      slider.dispatchEvent(new Event('input'));
    }
    slider.value = '88';
    slider.dispatchEvent(new Event('input'));
    return count;
  });
  assert.ok(written > 0 && written < 20, `${written} changes at once`);
  await page.waitForFunction(() => location.hash === '#tile=88');
});

visit('an own model is not in the address, kept on this computer or not', {}, async (page) => {
  await page.setInputFiles('#modelFiles', onDisk({ name: 'fruit.safetensors', buffer: ownModelFile(5) }));
  await page.locator('#modelName', { hasText: 'fruit.safetensors' }).waitFor();
  await page.click('#model');
  await page.locator('#modelMenu .option', { hasText: 'fruit.safetensors' }).waitFor();
  assert.doesNotMatch(page.url(), /model=/);
});
