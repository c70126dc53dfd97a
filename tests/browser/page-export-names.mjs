// Files that the page saves are named after the picture, the model and the layer.

import assert from 'node:assert/strict';
import { fileName } from '../../pkg/src/element/export.js';
import { test } from 'node:test';
import { classifyDrawn, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

/** @param {Page} page @param {() => Promise<void>} act */
async function savedBy(page, act) {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  return download.suggestedFilename();
}

visit('every file is named after picture, model and layer', { width: 1366, hash: '#layer=Mixed_3b&channel=Mixed_3b/Branch_1,17,3,5' }, async (page) => {
  await classifyDrawn(page, 'chelsea.png');
  const choose = async (/** @type {string} */ name) => {
    await page.click('#exportToggle');
    await page.getByRole('menuitem', { name, exact: true }).click();
  };
  const of = 'chelsea_googlenet-imagenet_Mixed_3b';
  assert.equal(await savedBy(page, () => choose('Mixed_3b/Branch_1: save PNG')), `${of}_Branch_1.png`);
  assert.equal(await savedBy(page, () => choose('Mixed_3b/Branch_1: save .npy')), `${of}_Branch_1.npy`);
  assert.equal(await savedBy(page, () => choose('Statistics of every channel in this module: save .csv')), `${of}.csv`);
  assert.equal(await savedBy(page, () => page.click('#saveChannel')), `${of}_Branch_1_ch17.png`);
  await page.click('#openLarge');
  const view = page.locator('#large');
  assert.equal(await savedBy(page, () => view.getByRole('button', { name: 'PNG' }).click()), `${of}_Branch_1_ch17.png`);
  assert.equal(await savedBy(page, () => view.getByRole('button', { name: '.npy' }).click()), `${of}_Branch_1_ch17.npy`);
});

visit('the menu of files is used by keyboard', { width: 1366, hash: '#layer=Mixed_3b' }, async (page) => {
  await classifyDrawn(page);
  const toggle = page.locator('#exportToggle');
  const label = () => page.evaluate(() => focused()?.ariaLabel ?? focused()?.id);
  await toggle.focus();
  await page.keyboard.press('Enter');
  assert.equal(await label(), 'Mixed_3b/Branch_0: save PNG');
  await page.keyboard.press('ArrowDown');
  assert.equal(await label(), 'Mixed_3b/Branch_0: save .npy');
  await page.keyboard.press('End');
  assert.match(await label(), /\.csv$/);
  await page.keyboard.press('Escape');
  assert.equal(await label(), 'exportToggle');
  assert.equal(await toggle.getAttribute('aria-expanded'), 'false');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.ok(await page.locator('#exportMenu').isHidden());
});

test('a name keeps letters and digits of every script, and nothing that a file system or a shell takes otherwise', () => {
  assert.equal(fileName(['我的 图/..\\a?*', 'm:1', 'L/B'], 'png'), '我的_图_.._a_m_1_L_B.png');
  assert.equal(fileName(['', '..', '-x-'], 'csv'), 'x.csv');
  assert.equal(fileName(['a'.repeat(300), 'b'], 'npy').length, 60 + 1 + 1 + 4);
});
