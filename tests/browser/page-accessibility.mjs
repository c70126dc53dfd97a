// What axe-core finds on the page in the states that a visitor meets: nothing serious.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ROOT } from './harness.mjs';
import { classifyDrawn, drawnPng, drop, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

/** Loads the checker before the page; nothing fades, since a fading text has a contrast of its own. @param {Page} page */
async function withAxe(page) {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.addInitScript({ path: join(ROOT, 'node_modules/axe-core/axe.min.js') });
}

/**
 * Fails where the page as it is now has a serious violation of WCAG 2.2 AA, or of axe's best practices.
 * @param {Page} page
 * @param {string} state for the message
 */
async function check(page, state) {
  const found = await page.evaluate(async () => {
    const { violations, passes } = await axe.run(document, { resultTypes: ['violations'] });
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    return {
      passes: passes.length,
      serious: serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.flat().join(' ')} (${failureSummary})`).join('; ')}`),
    };
  });
  assert.ok(found.passes > 15, `${state}: axe looked at the page`);
  assert.deepEqual(found.serious, [], state);
}

visit('axe finds nothing serious from the first visit to an explained answer', { prepare: withAxe }, async (page) => {
  await check(page, 'first visit');
  await page.click('#model');
  await check(page, 'list of models');
  await page.keyboard.press('Escape');
  await classifyDrawn(page);
  await check(page, 'an answer');
  await page.locator('#top5 [role=radio]').first().click();
  await page.locator('.contributions .sum').waitFor();
  await check(page, 'an explained answer');
  const grid = page.locator('.branch .grid').first();
  await grid.focus();
  await grid.press('Home');
  await grid.press('Enter');
  await page.locator('#readout .who b').waitFor();
  await check(page, 'a pinned channel');
  await grid.press('o');
  await page.locator('#large[open]').waitFor();
  await check(page, 'a channel shown large');
});

visit('axe finds nothing serious with branches off, ranked and measured', { prepare: withAxe, width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await page.locator('#map').getByRole('switch', { name: 'Mixed_5d/Branch_0', exact: true }).click();
  await page.locator('#shift[aria-busy=false] .shift').waitFor();
  await check(page, 'a branch off');
  await page.click('#rank');
  await page.locator('#ranking ol').waitFor();
  await check(page, 'a ranking');
  await page.click('#times');
  await page.click('#measure');
  await page.locator('.time-head h3', { hasText: 'Time by module' }).waitFor();
  await check(page, 'times');
});

visit('axe finds nothing serious in a comparison', { prepare: withAxe, width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await page.click('#compareToggle');
  await check(page, 'nothing compared yet');
  await drop(page, { name: 'other.png', type: 'image/png', bytes: await drawnPng(page, 200) }, '#compare');
  await page.locator('#compare .side[data-side=B] .difference').first().waitFor();
  await page.locator('#compare .grid').first().focus();
  await page.keyboard.press('Home');
  await check(page, 'two pictures');
  await page.locator('#compareKind [data-kind=model]').click();
  await page.click('#compareModels button:text("Content safety")');
  await page.locator('#compareModule').waitFor();
  await check(page, 'two models');
});

visit('axe finds nothing serious while the camera runs', { prepare: withAxe, flags: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] }, async (page) => {
  await page.click('#camera');
  await page.locator('#cameraRate', { hasText: /\d/ }).waitFor();
  await check(page, 'frames');
});

for (const { theme, lang, width } of [{ theme: 'dark', lang: 'en', width: 1600 }, { theme: 'dark', lang: 'zh', width: 360 }, { theme: 'light', lang: 'zh', width: 1024 }]) {
  visit(`axe finds nothing serious in ${theme}, ${lang}, at ${width} px`, { prepare: withAxe, width, hash: `#theme=${theme}&lang=${lang}` }, async (page) => {
    await classifyDrawn(page);
    await page.locator('#top5 [role=radio]').first().click();
    await page.locator('.contributions .sum').waitFor();
    await check(page, 'an explained answer');
  });
}

for (const theme of /** @type {const} */ (['light', 'dark'])) {
  visit(`axe finds nothing serious in the stem and the head (${theme})`, { prepare: withAxe, width: 1366, hash: `#theme=${theme}` }, async (page) => {
    await classifyDrawn(page);
    await page.getByRole('button', { name: 'Open the stem' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('#stem .note').waitFor();
    await page.locator('#stem .grid').focus();
    await check(page, 'the stem');
    await page.getByRole('button', { name: 'Open the head' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('#head .score').waitFor();
    await check(page, 'the head');
  });
}
