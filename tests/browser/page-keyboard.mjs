// A visit with nothing but the keyboard, in each language: from a sample to the module, the channel, the answer, switches, ranking, times,
// comparison and export.

import assert from 'node:assert/strict';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

const MOST_STOPS = 150;

/**
 * Tabs on until the focus is on what the selector names.
 * @param {Page} page
 * @param {string} selector
 */
async function tabTo(page, selector) {
  const isThere = () => page.evaluate((selector) => focused()?.matches(selector) ?? false, selector);
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    await page.keyboard.press('Tab');
    if (await isThere()) return;
  }
  assert.fail(`${selector} is no tab stop`);
}

/** @param {string} text @param {Record<string, string>} values */
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

for (const [lang, words] of /** @type {const} */ ([['en', en], ['zh', zh]])) {
  visit(`the whole page is used by keyboard alone (${lang})`, { hash: `#lang=${lang}`, width: 1600 }, async (page) => {
    await page.locator('#samples [data-name="rings.png"]').waitFor();
    await tabTo(page, '#samples [role=radio]');
    await page.keyboard.press('End');
    await page.locator('#imageMeta', { hasText: 'rings.png' }).waitFor();
    await page.locator('#top5 [role=radio]').first().waitFor();

    await tabTo(page, '#top5 [role=radio]');
    await page.keyboard.press('Enter');
    await page.locator('.contributions .sum').waitFor();
    assert.equal(await page.locator('#explain h3').first().textContent(), words.why);

    await tabTo(page, '#rank');
    await page.keyboard.press('Enter');
    await page.locator('#ranking ol').waitFor();
    const best = await page.locator('#top5 .label').first().textContent();
    assert.match(await page.locator('#ranking').textContent(), new RegExp(`^${fill(words.ranked, { c: best })}`));

    await tabTo(page, '.card > button');
    await page.keyboard.press('Home');
    for (const module of ['Mixed_3b', 'Mixed_3c']) {
      await page.keyboard.press('ArrowRight');
      assert.match(await page.evaluate(() => focused()?.getAttribute('aria-label') ?? ''), new RegExp(`^${module}, `));
    }
    await page.keyboard.press('Enter');
    await page.locator('#h-mod', { hasText: 'Mixed_3c' }).waitFor();
    assert.match(page.url(), /layer=Mixed_3c/);
    await page.keyboard.press('2');
    await page.locator('#shift[aria-busy=false] .shift').waitFor();
    assert.ok((await page.locator('#shift').textContent()).startsWith(fill(words.shifted, { b: 'Mixed_3c/Branch_1' })));
    assert.match(await page.locator('.branch[data-branch="Mixed_3c/Branch_1"] .effect').textContent(), new RegExp(`^${words.ifOff} \\S+ ${words.points}$`));
    await page.keyboard.press('0');
    await page.locator('#shift').waitFor({ state: 'hidden' });

    await tabTo(page, '#times');
    await page.keyboard.press('Enter');
    await tabTo(page, '#measure');
    await page.keyboard.press('Enter');
    await page.locator('.time-head h3', { hasText: words.time }).waitFor();

    await tabTo(page, '#sort');
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.locator('#sort').inputValue(), 'mean');
    await tabTo(page, '.branch .grid');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('.branch .grid [role=option]').first().getAttribute('aria-posinset'), '2');
    const channel = await page.locator('#readout .who b').textContent();
    assert.match(channel, new RegExp(`^${words.channel} \\d+$`));
    assert.match(await page.locator('#fieldNote').textContent(), new RegExp(`^${words.rf} \\d+ × \\d+ px`));
    await page.keyboard.press('o');
    await page.locator('#large[open]').waitFor();
    assert.ok((await page.locator('#large').getAttribute('aria-label')).endsWith(channel));
    await page.keyboard.press('Escape');
    await page.locator('#large').waitFor({ state: 'hidden' });

    await tabTo(page, '#exportToggle');
    await page.keyboard.press('Enter');
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    assert.equal(download.suggestedFilename(), 'rings_googlenet-imagenet_Mixed_3c_Branch_0.png');

    await tabTo(page, '#compareToggle');
    await page.keyboard.press('Enter');
    await tabTo(page, '#comparePictures [role=radio]');
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await page.locator('#compare .side[data-side=B] .name', { hasText: 'landscape.png' }).waitFor();
    await page.locator('#compare .pairs[aria-busy=false][data-stale=""]').waitFor();
    assert.equal(await page.locator('#compare .pair').count(), 4);
  });
}

visit('the focus is never lost: from the last grid to the bar below it, with the module that a grid or the large view was of, on release', { width: 1600 }, async (page) => {
  await page.locator('.branch .grid').last().waitFor();
  await page.locator('#top5 .p').first().waitFor();
  const on = () => page.evaluate(() => focused()?.closest('#readout, .grid, #large, #nextModule, #previousModule')?.id || focused()?.className || focused()?.localName);
  await page.locator('.branch .grid').last().focus();
  await page.keyboard.press('Home');
  await page.locator('#openLarge').waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await on(), 'readout');
  await page.locator('#openLarge').waitFor();
  await page.keyboard.press('Shift+Tab');
  assert.equal(await on(), 'grid');

  await page.keyboard.press(']');
  await page.locator('#h-mod', { hasText: 'Mixed_3c' }).waitFor();
  assert.equal(await on(), 'grid', 'of the next module');
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await page.keyboard.press('o');
  await page.locator('#large[open]').waitFor();
  await page.keyboard.press(']');
  await page.locator('#h-mod', { hasText: 'Mixed_4b' }).waitFor();
  await page.locator('#large').waitFor({ state: 'hidden' });
  assert.equal(await on(), 'grid');
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await page.locator('#release').focus();
  await page.keyboard.press('Enter');
  assert.equal(await on(), 'grid');

  await page.locator('#nextModule').focus();
  for (let i = 0; i < 20 && (await page.locator('#nextModule').isEnabled()); i++) await page.keyboard.press('Enter');
  assert.equal(await on(), 'previousModule');
});
