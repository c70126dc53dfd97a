// Why this answer: the ways to explain it, what they draw over the picture and say, and how they are chosen.

import assert from 'node:assert/strict';
import { check, withAxe } from './axe.mjs';
import { classifyDrawn, dropGenerated, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

const EGYPTIAN_CAT = 285;

/** @param {Page} page */
const found = (page) => page.locator('#explain[aria-busy=false] .why-status:empty').waitFor({ state: 'attached' });

/** What the package itself says of the picture that is shown. @param {Page} page @param {string} ask a call of `net` with `image` */
const asked = (page, ask) =>
  page.evaluate(async (ask) => {
    const { net, picture } = document.querySelector('inception-inspector');
    return new Function('net', 'image', `return ${ask}`)(net, picture.blob);
  }, ask);

/** The drawn map. @param {Page} page */
const drawn = (page) =>
  page.locator('#camLayer').evaluate((canvas) => ({ width: canvas.width, label: canvas.ariaLabel, pixels: canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data }));

/** @param {number[]} values */
const placeOfLargest = (values) => values.indexOf(Math.max(...values));

visit('Grad-CAM is drawn where the package says, at a layer that a card of the map chooses, and stands in the address', { width: 1600 }, async (page) => {
  await page.locator('#explain').getByRole('radio', { name: 'Grad-CAM' }).click();
  await found(page);
  assert.equal(await page.locator('#whyLayer').inputValue(), 'Mixed_4f', 'the last module with larger maps than the final ones');
  assert.equal(await page.locator('.why-sentence').textContent(), 'Where Mixed_4f spoke for Egyptian cat, weighted by gradient. Only what speaks for it.');
  assert.match(await page.locator('.why-scale').textContent(), /^0max0 to its maximum$/);
  await page.locator('.card[data-modules=Mixed_4d] > button').click();
  await page.locator('.why-sentence', { hasText: 'Mixed_4d' }).waitFor();
  await found(page);
  await page.waitForFunction(() => location.hash.includes('why=gradcam:Mixed_4d'));
  const { data } = await asked(page, `net.gradCam(image, ${EGYPTIAN_CAT}, 'Mixed_4d').then(({ data }) => ({ data: [...data] }))`);
  const { size, start, stride } = await asked(page, `net.layers.find(({ name }) => name === 'Mixed_4d').receptiveField`);
  const { pixels, width, label } = await drawn(page);
  assert.equal(label, 'Grad-CAM, Mixed_4d: Egyptian cat');
  assert.equal(width, 224);
  const middle = (/** @type {0 | 1} */ axis, /** @type {number} */ i) => Math.max(0, Math.min(223, Math.floor(start[axis] + size[axis] / 2 + i * stride[axis])));
  const alpha = (/** @type {number} */ k) => pixels[4 * (middle(0, Math.floor(k / 14)) * 224 + middle(1, k % 14)) + 3];
  assert.equal(alpha(placeOfLargest(data)), 255);
  const zeros = data.flatMap((value, k) => (value === 0 && [k - 1, k + 1, k - 14, k + 14, k - 15, k - 13, k + 13, k + 15].every((near) => !data[near]) ? k : []));
  assert.ok(zeros.length > 0 && zeros.every((k) => alpha(k) === 0), 'zero is clear');

  await page.reload();
  await page.locator('.why-sentence', { hasText: 'Mixed_4d' }).waitFor();
  await found(page);
  assert.deepEqual((await drawn(page)).pixels, pixels, 'the address brings it back');
});

visit('the brackets move the layer of Grad-CAM, and elsewhere the open module', { hash: '#why=gradcam:Mixed_4f&layer=Mixed_4c' }, async (page) => {
  await found(page);
  await page.locator('#explain [role=radio][aria-checked=true]').first().focus();
  await page.keyboard.press(']');
  assert.equal(await page.locator('#whyLayer').inputValue(), 'Mixed_5b');
  assert.equal(await page.locator('#h-mod').textContent(), 'Mixed_4c');
  for (const _ of [1, 2, 3]) await page.keyboard.press('[');
  assert.equal(await page.locator('#whyLayer').inputValue(), 'Mixed_4d');
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.locator('#explain').getByRole('radio', { name: 'Saliency' }).getAttribute('aria-checked'), 'true', 'arrows choose another way');
  await page.locator('#network').focus();
  await page.keyboard.press(']');
  assert.equal(await page.locator('#h-mod').textContent(), 'Mixed_4d');
});

visit('saliency tells its runs, ends when it is cancelled, and is found again', {}, async (page) => {
  await page.locator('#explain').getByRole('radio', { name: 'Saliency' }).click();
  assert.equal(await page.locator('#whyMethod [aria-checked=true]').textContent(), 'SmoothGrad');
  const bar = page.locator('.why-status [role=progressbar]');
  await page.locator('.why-status .row', { hasText: /Run [2-9] of 16/ }).waitFor();
  assert.ok(Number(await bar.getAttribute('aria-valuenow')) > 0);
  await page.locator('.why-status button', { hasText: 'Cancel' }).click();
  await page.locator('.why-status .note', { hasText: 'Cancelled' }).waitFor();
  assert.equal(await page.locator('#camLayer').isHidden(), true);
  await page.locator('#whyMethod').getByRole('radio', { name: 'Gradient', exact: true }).click();
  await found(page);
  assert.match(await page.locator('.why-scale').textContent(), /^0max99.5th percentile, clipped$/);
  const { map, scale } = await asked(page, `net.saliency(image, ${EGYPTIAN_CAT}, { method: 'gradient' }).then(({ map, scale }) => ({ map, scale }))`);
  const { pixels } = await drawn(page);
  assert.equal(await page.locator('#camLayer').evaluate((canvas) => getComputedStyle(canvas).imageRendering), 'pixelated');
  const alphaOf = (/** @type {number} */ value) => Math.min(255, Math.round((0.27 + 1.6 * Math.min(1, value / scale)) * 255));
  map.forEach((value, k) => assert.ok(Math.abs(pixels[4 * k + 3] - alphaOf(value)) <= 1, `${k}`));
});

visit('the difference of two classes adds up to the difference of their scores', { hash: '#why=minus:287' }, async (page) => {
  await found(page);
  const [one, other] = [EGYPTIAN_CAT, 287].map((index) => asked(page, `net.contributions(image, ${index}).then(({ logit }) => logit)`));
  const difference = (await one) - (await other);
  const said = await page.locator('.why-sentence').textContent();
  assert.match(said, /^Orange: for Egyptian cat rather than lynx\. Blue: the other way\./);
  assert.ok(Math.abs(Number(/(\S+)\.$/.exec(said)[1]) - difference) <= 0.01 * Math.abs(difference), `${said}, ${difference}`);
  await page.selectOption('#whyMinus', { label: 'tabby' });
  await page.locator('.why-sentence', { hasText: 'rather than tabby' }).waitFor();
  await page.waitForFunction(() => location.hash.includes('why=minus:281'));
  await page.locator('#top5 [role=radio]', { hasText: 'tabby' }).click();
  await page.locator('.why-sentence', { hasText: 'for tabby rather than Egyptian cat' }).waitFor();
});

visit('another picture is explained the same way; a hidden map is not found', { hash: '#why=gradcam:Mixed_5b' }, async (page) => {
  await found(page);
  const before = (await drawn(page)).pixels;
  await page.click('#samples [data-name="coffee.jpg"]');
  await page.locator('#imageMeta', { hasText: 'coffee.jpg · ' }).waitFor();
  await page.locator('.why-sentence', { hasNotText: 'Egyptian cat' }).waitFor();
  await found(page);
  assert.notDeepEqual((await drawn(page)).pixels, before);
  await page.locator('#camOpacity').fill('0');
  await page.waitForFunction(() => inside('#camLayer').hidden);
});

visit('an auxiliary head can be asked why, next to the class', { width: 1600 }, async (page) => {
  await page.locator('#explain').getByRole('radio', { name: 'Grad-CAM' }).click();
  await found(page);
  assert.equal(await page.locator('#whyHead').isHidden(), true, 'this network has none');
  await dropGenerated(page, 'torchvision_googlenet');
  await page.locator('#halfway .steps li').first().waitFor();
  await classifyDrawn(page);
  await found(page);
  assert.deepEqual(await page.locator('#whyHead option').allTextContents(), ['Final answer', 'After Mixed_4b', 'After Mixed_4e']);
  const before = (await drawn(page)).pixels;
  await page.selectOption('#whyHead', 'AuxLogits_1');
  await page.locator('.why-sentence', { hasText: 'By the head after Mixed_4b.' }).waitFor();
  await found(page);
  assert.equal(await page.locator('#whyLayer').inputValue(), 'Mixed_4b');
  assert.equal(await page.locator('#whyLayer option').last().textContent(), 'Mixed_4b', 'no layer that it does not depend on');
  await page.waitForFunction(() => location.hash.includes('why=gradcam,AuxLogits_1'));
  const after = await drawn(page);
  assert.match(after.label, /^Grad-CAM, Mixed_4b: .+, AuxLogits_1$/);
  assert.notDeepEqual(after.pixels, before);
  await page.locator('#explain').getByRole('radio', { name: 'Saliency' }).click();
  await page.locator('#whyMethod').getByRole('radio', { name: 'Gradient', exact: true }).click();
  await found(page);
  await page.waitForFunction(() => location.hash.includes('why=saliency:gradient,AuxLogits_1'));
  const index = Number(await page.locator('#camClass').inputValue());
  const { map, scale } = await asked(page, `net.saliency(image, ${index}, { method: 'gradient', head: 'AuxLogits_1' }).then(({ map, scale }) => ({ map, scale }))`);
  const { pixels } = await drawn(page);
  map.forEach((value, k) => assert.ok(Math.abs(pixels[4 * k + 3] - Math.min(255, Math.round((0.27 + 1.6 * Math.min(1, value / scale)) * 255))) <= 1, `${k}`));
  await page.locator('#explain').getByRole('radio', { name: 'Class map' }).click();
  assert.equal(await page.locator('#whyHead').isHidden(), true, 'the class map is of the answer itself');
});

visit('why this answer speaks Chinese, is accessible, and fits a phone', { hash: '#lang=zh&theme=dark&why=minus:287', width: 360, prepare: withAxe }, async (page) => {
  await found(page);
  assert.equal(await page.locator('#h-why').textContent(), '为何是此结果');
  assert.match(await page.locator('.why-sentence').textContent(), /^橙色：更像 Egyptian cat 而非 lynx；蓝色相反。/);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await check(page, 'why this answer');
});
