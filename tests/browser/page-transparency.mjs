import assert from 'node:assert/strict';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { classifyDrawn, drop, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

/** Half clear, half an opaque green; a band of half-transparent black below. @param {Page} page */
async function clearPng(page) {
  return page.evaluate(async () => {
    const canvas = new OffscreenCanvas(400, 200);
    const context = canvas.getContext('2d');
    context.fillStyle = 'rgb(0 128 0)';
    context.fillRect(200, 0, 200, 200);
    context.fillStyle = 'rgb(0 0 0 / 50%)';
    context.fillRect(0, 150, 200, 50);
    return new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
  });
}

/** Drops it and waits for its answer. @param {Page} page */
async function showClear(page) {
  await drop(page, { name: 'clear.png', type: 'image/png', bytes: await clearPng(page) });
  await page.locator('#imageMeta', { hasText: 'clear.png · 400 × 200' }).waitFor();
}

/** Red, green, blue and alpha of a canvas, at shares of its sides. @param {Page} page @param {string} selector @param {number} x @param {number} y */
const pixel = (page, selector, x, y) =>
  page.locator(selector).evaluate((canvas, [x, y]) => [...canvas.getContext('2d').getImageData(Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data], [x, y]);

/** Where an element lies within the picture's panel. @param {Page} page @param {string} selector */
const areaOf = (page, selector) =>
  page.locator(selector).evaluate((element) => {
    const [own, photo] = [element, globalThis.inside('#photo')].map((one) => one.getBoundingClientRect());
    return [own.x - photo.x, own.y - photo.y, own.width, own.height].map((value) => Math.round((1000 * value) / photo.width) / 10);
  });

for (const theme of ['light', 'dark']) {
  visit(`transparency lies over white, as the network sees it, in the ${theme} theme`, { hash: `#theme=${theme}` }, async (page) => {
    await showClear(page);
    assert.deepEqual(await pixel(page, '#seen', 0.25, 0.25), [255, 255, 255, 255]);
    assert.deepEqual(await pixel(page, '#seen', 0.75, 0.25), [0, 128, 0, 255]);
    const [grey, , , alpha] = await pixel(page, '#seen', 0.25, 0.92);
    assert.ok(Math.abs(grey - 127) <= 2 && alpha === 255, `${grey}, ${alpha}`);
    await page.click('#compareToggle');
    await drop(page, { name: 'clear.png', type: 'image/png', bytes: await clearPng(page) }, '#compare');
    await page.locator('#compare .side[data-side=B] .top3').waitFor();
    for (const letter of ['A', 'B']) assert.deepEqual(await pixel(page, `#compare .side[data-side=${letter}] canvas`, 0.25, 0.25), [255, 255, 255, 255], letter);
  });
}

visit('the whole picture is shown on a chequer, with what the network sees of it framed', { hash: '#layer=Mixed_3b' }, async (page) => {
  await showClear(page);
  const crop = await page.evaluate(async () => {
    const { net } = document.querySelector('inception-inspector');
    const { image } = await net.classify(document.querySelector('inception-inspector').picture.blob);
    return image.crop;
  });
  const whole = page.getByRole('button', { name: en.whole, exact: true });
  assert.equal(await whole.getAttribute('aria-pressed'), 'false');
  const [before, size] = [await areaOf(page, '#seen'), await page.locator('#photo').boundingBox()];
  await whole.click();
  assert.equal(await whole.getAttribute('aria-pressed'), 'true');
  assert.deepEqual(await page.locator('#photo').boundingBox(), size, 'nothing moves');
  assert.ok(!(await page.locator('#seen').isVisible()));
  assert.deepEqual(await areaOf(page, '#wholePicture'), [0, 25, 100, 50]);
  assert.equal((await pixel(page, '#wholePicture', 0.25, 0.25))[3], 0, 'what is clear stays so');
  assert.match(await page.locator('#wholePicture').evaluate((canvas) => getComputedStyle(canvas).background), /repeating-conic-gradient.*12px 12px/);
  const framed = [crop[0] / 4, 25 + crop[1] / 4, crop[2] / 4, crop[3] / 4];
  (await areaOf(page, '#cropFrame')).forEach((value, i) => assert.ok(Math.abs(value - framed[i]) <= 0.5, `${value}, not ${framed[i]}`));

  const grid = page.locator('.branch .grid').first();
  await grid.focus();
  await grid.press('Home');
  for (const layer of ['#fieldLayer', '#channelLayer']) assert.deepEqual(await areaOf(page, layer), await areaOf(page, '#cropFrame'), layer);
  const [x, y, width, height] = await page.locator('#fieldLayer .line').evaluate((line) => ['x', 'y', 'width', 'height'].map((name) => Number(line.getAttribute(name))));
  const field = await page.locator('#fieldLayer').boundingBox();
  const line = await page.locator('#fieldLayer .line').boundingBox();
  const slack = 3;
  for (const [found, wanted] of [[line.x, field.x + (x * field.width) / 224], [line.y, field.y + (y * field.height) / 224], [line.width, (width * field.width) / 224], [line.height, (height * field.height) / 224]]) {
    assert.ok(Math.abs(found - wanted) <= slack, `the receptive field lies in the frame: ${found}, ${wanted}`);
  }
  await page.locator('#top5 [role=radio]').first().click();
  await page.locator('.contributions .sum').waitFor();
  assert.deepEqual(await areaOf(page, '#camLayer'), await areaOf(page, '#cropFrame'));

  await classifyDrawn(page);
  assert.deepEqual(await areaOf(page, '#wholePicture'), [0, 12.5, 100, 75], 'another picture is shown whole too');
  await whole.press('Enter');
  assert.deepEqual(await areaOf(page, '#seen'), before);
  assert.ok(!(await page.locator('#wholePicture').isVisible()));
  await grid.focus();
  assert.deepEqual(await areaOf(page, '#fieldLayer'), [0, 0, 100, 100]);
});

visit('without a picture there is nothing to see whole', { hash: '#lang=zh', empty: true }, async (page) => {
  assert.ok(await page.locator('#whole').isHidden());
  await classifyDrawn(page);
  assert.equal(await page.locator('#whole').textContent(), zh.whole);
});
