// The list of keys, and keys where they are easily got wrong.

import assert from 'node:assert/strict';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { check, withAxe } from './axe.mjs';
import { visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

/** @param {Page} page */
const openModule = (page) => page.evaluate(() => document.querySelector('inception-inspector').view.layer);

for (const [lang, words] of /** @type {const} */ ([['en', en], ['zh', zh]])) {
  visit(`? opens a list of keys, and none of them acts behind it (${lang})`, { hash: `#lang=${lang}`, prepare: withAxe }, async (page) => {
    await page.locator('#mapScroll').press('?');
    const list = page.getByRole('dialog', { name: words.keys });
    await list.waitFor();
    await check(page, 'list of keys');
    const rows = await list.locator('dl > div').evaluateAll((all) => all.map((row) => [row.querySelector('dt').textContent, row.querySelector('dd').textContent]));
    assert.deepEqual(rows.slice(0, 4), [['[]', words.keyModules], ['1…6', words.keySwitch], ['0', words.reset], ['R', words.run]]);
    assert.equal(rows.length, new Set(rows.map((row) => row.join())).size);
    const [layer, theme] = [await openModule(page), await page.locator('html').getAttribute('data-theme')];
    for (const key of [']', '1', 't']) await page.keyboard.press(key);
    assert.equal(await openModule(page), layer);
    assert.equal(await page.locator('html').getAttribute('data-theme'), theme);
    assert.deepEqual(await page.evaluate(() => document.querySelector('inception-inspector').view.off), []);
    await page.keyboard.press('Escape');
    await list.waitFor({ state: 'hidden' });
    await page.keyboard.press('?');
    await page.keyboard.press('?');
    await list.waitFor({ state: 'hidden' });
  });
}

visit('the list of keys opens without a keyboard too', {}, async (page) => {
  await page.click('#openKeys');
  await page.getByRole('dialog', { name: en.keys }).waitFor();
  await page.locator('#keys').getByRole('button', { name: en.close }).click();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'openKeys');
});

visit('previous stops at the first module, next at the last, and letters work with Caps Lock', {}, async (page) => {
  await page.locator('#camLayer:not([hidden])').waitFor();
  await page.keyboard.press('[');
  assert.equal(await openModule(page), 'Mixed_3b');
  for (let i = 0; i < 12; i++) await page.keyboard.press(']');
  assert.notEqual(await openModule(page), 'Mixed_3b');
  const last = await openModule(page);
  await page.keyboard.press(']');
  assert.equal(await openModule(page), last);
  const theme = await page.locator('html').getAttribute('data-theme');
  await page.keyboard.press('T');
  assert.notEqual(await page.locator('html').getAttribute('data-theme'), theme);
  await page.evaluate(() => addEventListener('inception-run', () => (globalThis.runs = (globalThis.runs ?? 0) + 1)));
  await page.keyboard.press('R');
  await page.waitForFunction(() => globalThis.runs === 1);
});

visit('what is typed into a field is no key', {}, async (page) => {
  await page.click('#url');
  const theme = await page.locator('html').getAttribute('data-theme');
  await page.keyboard.type('https://t]?R');
  assert.equal(await page.locator('#urlField').inputValue(), 'https://t]?R');
  assert.equal(await page.locator('html').getAttribute('data-theme'), theme);
  assert.equal(await openModule(page), 'Mixed_3b');
  assert.equal(await page.locator('#keys').isVisible(), false);
});

visit('a channel opens large with Caps Lock too', { hash: '#channel=Mixed_3b/Branch_0,3,4,5' }, async (page) => {
  await page.locator('#fieldLayer:not(.empty)').waitFor();
  await page.locator('.branch .grid').first().press('Home');
  await page.keyboard.press('O');
  await page.waitForFunction(() => document.querySelector('inception-inspector').view.large);
});
