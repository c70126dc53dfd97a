// The workspace in which a picture is dreamt in.

import assert from 'node:assert/strict';
import { check, withAxe } from './axe.mjs';
import { drawSmall } from './small-drawings.mjs';
import { visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

/** @param {Page} page @param {RegExp} text */
const said = (page, text) => page.locator('#dreamSaid', { hasText: text }).waitFor();

/** @param {Page} page */
const after = (page) => page.locator('#dream .cut canvas').evaluate((canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data);

/** Few steps. @param {Page} page @param {number} octaves @param {number} steps */
async function set(page, octaves, steps) {
  await page.getByRole('slider', { name: 'Octaves' }).fill(String(octaves));
  await page.getByRole('slider', { name: 'Steps each' }).fill(String(steps));
}

visit('the picture dreams with the weights that are set, and the dream becomes the picture', {}, async (page) => {
  await page.locator('#top5 [role=radio]').first().waitFor();
  await page.locator('#workspaces a', { hasText: 'Dream' }).click();
  await page.waitForFunction(() => location.hash.includes('view=dream'));
  await drawSmall(page);
  assert.equal(await page.locator('#dreamLayer').inputValue(), 'Mixed_4d');
  assert.equal(await page.locator('#dreamSave').isDisabled(), true);
  await page.selectOption('#dreamLayer', 'Mixed_4c');
  await page.getByRole('slider', { name: 'Branch_1' }).fill('0.5');
  await set(page, 2, 2);
  await page.click('#dreamGo');
  await said(page, /^\d octaves?, 2 steps each$/);
  const [{ target, octaves, steps, seed }] = await page.evaluate(() => globalThis.asked);
  assert.deepEqual(target, { layer: 'Mixed_4c', branches: { 'Mixed_4c/Branch_0': 1, 'Mixed_4c/Branch_1': 0.5, 'Mixed_4c/Branch_2': 1, 'Mixed_4c/Branch_3': 1 } });
  assert.deepEqual([octaves, steps, seed], [2, 2, 0]);
  const pixels = await after(page);
  const before = await page.locator('#dream .before-after > canvas').evaluate((canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data);
  assert.equal(pixels.length, before.length, 'both pictures are of one size');
  const change = pixels.reduce((sum, value, i) => sum + Math.abs(value - before[i]), 0) / pixels.length;
  assert.ok(change > 0.5 && change < 40, `it is the picture, changed: ${change}`);
  await page.click('#dreamAgain');
  await said(page, /octaves?/);
  await page.waitForFunction(() => globalThis.asked.length === 2 && globalThis.asked[1].seed === 1);

  const cut = page.getByRole('slider', { name: 'Before and after' });
  await cut.focus();
  await page.keyboard.press('ArrowRight');
  assert.equal(await cut.getAttribute('aria-valuetext'), '51 %');
  assert.equal(await page.locator('#dream .before-after').evaluate((element) => element.style.getPropertyValue('--cut')), '51%');
  await page.locator('#dreamGo:enabled').waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#dreamSave')]);
  assert.equal(download.suggestedFilename(), 'chelsea_dream_Mixed_4c.png');
  await page.click('#dreamUse');
  await page.locator('#imageMeta', { hasText: 'dream of chelsea.jpg' }).waitFor();
});

visit('a dream is stopped within a step, and gives way to an answer', { hash: '#view=dream' }, async (page) => {
  await page.locator('#dreamGo:enabled').waitFor();
  await page.locator('#top5 [role=radio]').first().waitFor();
  await drawSmall(page);
  await set(page, 1, 40);
  await page.click('#dreamGo');
  await page.locator('#dream .small', { hasText: /^Octave 1 of 1, step [2-9] of 40$/ }).waitFor();
  await page.click('#dreamStop');
  await said(page, /^Stopped at octave 1 of 1, step \d+ of 40$/);
  assert.equal(await page.locator('#dreamSave').isEnabled(), true, 'what was dreamt stays');
  await page.click('#dreamGo');
  await page.locator('#dream .small', { hasText: /step [2-9] of 40$/ }).waitFor();
  await page.click('#run');
  await said(page, /^Stopped/);
  await page.click('#samples [data-name="coffee.jpg"]');
  await page.locator('#imageMeta', { hasText: 'coffee.jpg · ' }).waitFor();
  await page.locator('#dreamSave:disabled').waitFor();
});

visit('V goes round the workspaces; the dream speaks Chinese, is accessible, and fits a phone', { hash: '#lang=zh&theme=dark', width: 360, prepare: withAxe }, async (page) => {
  for (const view of ['teach', 'dream']) {
    await page.locator('body').press('v');
    await page.waitForFunction((view) => location.hash.includes(`view=${view}`), view);
  }
  assert.equal(await page.locator('#h-dream').textContent(), '造梦');
  await page.locator('#dreamGo:enabled').waitFor();
  await drawSmall(page);
  await page.locator('#dream input[type=range]').nth(5).fill('1');
  await page.click('#dreamGo');
  await page.locator('#dream .before-after .line').waitFor({ state: 'visible' });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await check(page, 'dream');
  await page.locator('body').press('v');
  await page.waitForFunction(() => !location.hash.includes('view='));
});
