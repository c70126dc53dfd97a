import assert from 'node:assert/strict';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { classifyDrawn, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

const FILM = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
const followed = (/** @type {Page} */ page) => page.locator('#followed');
const thumbnails = (/** @type {Page} */ page, /** @type {string} */ module) =>
  page.locator(`.card[data-modules=${module}] .lane canvas`).evaluateAll((all) => all.map((canvas) => canvas.toDataURL()));
const opacity = (/** @type {Page} */ page, /** @type {string} */ module) => page.locator(`.card[data-modules=${module}] .lane canvas`).first().evaluate((map) => Number(getComputedStyle(map).opacity));

visit('while the camera runs the other modules keep what they showed, faded, and the map says which is followed', { flags: FILM, width: 1366, hash: '#layer=Mixed_4c' }, async (page) => {
  await classifyDrawn(page);
  assert.equal(await followed(page).textContent(), '');
  const [open, other] = [await thumbnails(page, 'Mixed_4c'), await thumbnails(page, 'Mixed_3b')];
  const map = page.locator('.end.head .step', { hasText: 'CAM' });
  await map.waitFor();
  const height = await page.locator('#network').evaluate((panel) => panel.clientHeight);
  await page.click('#camera');
  await page.locator('#cameraRate', { hasText: /^\d/ }).waitFor();
  assert.equal(await followed(page).textContent(), en.onlyOpen);
  assert.ok(await page.locator('#networkFacts').isHidden());
  assert.equal(await page.locator('#network').evaluate((panel) => panel.clientHeight), height, 'nothing moves');
  assert.notDeepEqual(await thumbnails(page, 'Mixed_4c'), open);
  assert.deepEqual(await thumbnails(page, 'Mixed_3b'), other);
  assert.equal(await page.locator('.lane.waiting').count(), 0);
  assert.deepEqual([await opacity(page, 'Mixed_4c'), await opacity(page, 'Mixed_3b')], [1, 0.6]);
  const [stem, current, former] = await page.evaluate(() => {
    const style = (selector) => getComputedStyle(globalThis.inside(selector));
    const number = (module) => style(`.card[data-modules=${module}] .share > .num`).color;
    return [style('.end.stem canvas').opacity, number('Mixed_4c'), number('Mixed_3b')];
  });
  assert.equal(stem, '0.6');
  assert.notEqual(former, current, 'numbers fade, too');
  assert.ok(await map.isHidden(), 'no label above nothing');

  await page.click('.card[data-modules=Mixed_3b] > button');
  await page.waitForFunction((before) => globalThis.inside('.card[data-modules=Mixed_3b] .lane canvas').toDataURL() !== before, other[0]);
  assert.deepEqual([await opacity(page, 'Mixed_4c'), await opacity(page, 'Mixed_3b')], [0.6, 1]);
  assert.equal(await page.locator('.lane.waiting').count(), 0, 'the module that was left keeps its last frame');
  await page.click('[data-lang=zh]');
  assert.equal(await followed(page).textContent(), zh.onlyOpen);

  await page.click('#camera');
  await page.waitForFunction(() => globalThis.inside('#followed').textContent === '');
  await page.waitForFunction(() => globalThis.insideAll('.card').every((card) => card.dataset.run === 'done'));
  assert.equal(await opacity(page, 'Mixed_4c'), 1);
});
