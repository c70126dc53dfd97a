import assert from 'node:assert/strict';
import { classifyDrawn, drawnPng, drop, visit } from './visit.mjs';

/** Presses the button in `root` as soon as it is there. @param {import('playwright-core').Page} page @param {string} root */
function pressWhenShown(page, root) {
  return page.evaluate((root) => {
    const observer = new MutationObserver(() => {
      const button = inside(`${root} button`);
      if (button) {
        observer.disconnect();
        button.click();
      }
    });
    observer.observe(inside(root), { childList: true });
  }, root);
}

visit('the page can be stopped during a first run, and run again', { empty: true }, async (page) => {
  await pressWhenShown(page, '#runStatus');
  await drop(page, { name: 'bars.png', type: 'image/png', bytes: await drawnPng(page) });
  await page.locator('#runStatus', { hasText: 'Cancelled.' }).waitFor();
  assert.equal(await page.locator('#top5 .p').count(), 0);
  await page.locator('#runStatus button', { hasText: 'Run again' }).click();
  await page.locator('#top5 .p').first().waitFor();
});

visit('the page can be stopped during a later run, keeping the last answer', {}, async (page) => {
  await classifyDrawn(page);
  const answer = await page.locator('#top5').textContent();
  await pressWhenShown(page, '#runStatus');
  await drop(page, { name: 'other.png', type: 'image/png', bytes: await drawnPng(page, 200) });
  await page.locator('#runStatus', { hasText: 'Cancelled. The last result is kept.' }).waitFor();
  assert.equal(await page.locator('#top5').textContent(), answer);
});

/** @type {import('./visit.mjs').VisitOptions} */
const withoutEnd = { ready: false, prepare: (page) => page.route('**/*.safetensors', () => undefined) };

visit('the page can be stopped during a download, and load again', withoutEnd, async (page) => {
  const cancel = page.locator('#modelStatus button', { hasText: 'Cancel' });
  await cancel.click();
  await page.locator('#modelStatus').waitFor({ state: 'hidden' });
  await page.unroute('**/*.safetensors');
  await page.click('#model');
  await page.locator('#modelMenu [role=option]', { has: page.locator('b:text-is("GoogLeNet")') }).click();
  await page.locator('.card').first().waitFor();
});
