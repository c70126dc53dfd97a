// A branch that is switched off, in the module view: what it was like before, and nothing that counts it among what is zero.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import en from '../../pkg/src/element/strings/en.js';
import { classifyDrawn, drawnPng, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

const [MODULE, NEXT] = ['Mixed_3b', 'Mixed_3c'];
const OFF = `${MODULE}/Branch_1`;

/** @param {Page} page @param {string} branch */
const viewOf = (page, branch) => page.locator(`.branch[data-branch="${branch}"]`);
/** Waits for the answer with what is off now. @param {Page} page @param {string} branch that is among it */
const settled = (page, branch) => page.locator('#shift[aria-busy=false]', { hasText: branch }).waitFor();

/**
 * What a branch shows: its numbers and its tiles.
 * @param {Page} page
 * @param {string} branch
 */
const shownBy = (page, branch) =>
  viewOf(page, branch).evaluate((view) => ({
    numbers: view.querySelector('.stats').textContent,
    tiles: /** @type {HTMLCanvasElement} */ (view.querySelector('.grid canvas')).toDataURL(),
    read: view.querySelector('.read').textContent,
  }));

/** @param {Page} page @param {string} name */
async function openModule(page, name) {
  await page.click(`.card[data-modules="${name}"] > button`);
  await page.locator('#h-mod', { hasText: name }).waitFor();
}

/**
 * How many channels of a layer are zero for the picture on the page.
 * @param {Page} page
 * @param {string} layer
 */
async function deadIn(page, layer) {
  const png = await drawnPng(page);
  return page.evaluate(
    async ({ layer, png }) => {
      const { Inception } = await import('/pkg/dist/index.js');
      const net = await Inception.load('googlenet-imagenet', { device: 'cpu' });
      const { stats } = await net.features(png, layer);
      net.dispose();
      return stats.filter(({ min, max }) => min === 0 && max === 0).length;
    },
    { layer, png },
  );
}

visit('a branch that is off shows its maps and numbers from before, faded, and is not counted as dead', { width: 1600, hash: `#layer=${MODULE}` }, async (page) => {
  await classifyDrawn(page);
  const view = viewOf(page, OFF);
  const note = view.locator('.grid-note');
  const dead = page.locator('#toolbar [data-term=Dead]');
  const [before, deadBefore] = [await shownBy(page, OFF), parseInt(await dead.textContent())];
  assert.ok(await note.isHidden());
  await view.getByRole('switch').click();
  await settled(page, OFF);
  assert.equal(await note.textContent(), en.switchedOff);
  assert.deepEqual(await shownBy(page, OFF), before);
  assert.equal(await view.locator('.grid canvas').evaluate((canvas) => getComputedStyle(canvas).opacity), '0.22');
  assert.equal(parseInt(await dead.textContent()), deadBefore - (await deadIn(page, OFF)));
  await page.check('#hideDead');
  for (const branch of await page.locator('.branch').all()) assert.ok(!(await branch.textContent()).includes(en.allDead));
  await page.uncheck('#hideDead');
  await view.getByRole('switch').click();
  await page.locator('#shift').waitFor({ state: 'hidden' });
  assert.ok(await note.isHidden());
  assert.deepEqual(await shownBy(page, OFF), before);
  assert.equal(parseInt(await dead.textContent()), deadBefore);
});

visit('the maps of a branch that is off are those with nothing off, whatever was off before', { width: 1600, hash: `#layer=${MODULE}` }, async (page) => {
  const later = `${NEXT}/Branch_0`;
  await classifyDrawn(page);
  await openModule(page, NEXT);
  const whole = await shownBy(page, later);
  await page.locator('#map').getByRole('switch', { name: OFF, exact: true }).click();
  await settled(page, OFF);
  const without = await shownBy(page, later);
  assert.notDeepEqual(without, whole);
  await viewOf(page, later).getByRole('switch').click();
  await settled(page, later);
  assert.deepEqual(await shownBy(page, later), whole);
  await openModule(page, MODULE);
  assert.equal(await viewOf(page, OFF).locator('.grid-note').textContent(), en.switchedOff);
  assert.doesNotMatch((await shownBy(page, OFF)).numbers, /max0/);
  await page.keyboard.press('0');
  await page.locator('#shift').waitFor({ state: 'hidden' });
  await openModule(page, NEXT);
  assert.deepEqual(await shownBy(page, later), whole);
});

visit('another picture shows its own maps in a branch that stays off', { width: 1600, hash: `#layer=${MODULE}` }, async (page) => {
  await classifyDrawn(page);
  const first = await shownBy(page, OFF);
  await page.keyboard.press('2');
  await settled(page, OFF);
  await page.click('[data-name="rings.png"]');
  await page.locator('#imageMeta', { hasText: 'rings.png · ' }).waitFor();
  await page.locator('#top5 .difference').first().waitFor();
  const off = await shownBy(page, OFF);
  assert.notEqual(off.tiles, first.tiles);
  await page.keyboard.press('0');
  await page.locator('#shift').waitFor({ state: 'hidden' });
  assert.deepEqual(await shownBy(page, OFF), off);
});

visit('a layer inside a branch that is off is as if the branch were on', { width: 1600, hash: `#layer=${MODULE}` }, async (page) => {
  await classifyDrawn(page);
  const layer = `${OFF}/Conv2d_0a_1x1`;
  const view = viewOf(page, OFF);
  const chip = view.locator(`.chip[data-layer="${layer}"]`);
  /** Waits for the layer's maps. */
  const numbers = async () => {
    await view.locator('.stats dd', { hasText: /[1-9]/ }).first().waitFor();
    await page.locator('#branches[aria-busy=false]').waitFor();
    return view.locator('.stats div:not(:first-child)').allTextContents();
  };
  await chip.click();
  const on = await numbers();
  await view.getByRole('switch').click();
  await settled(page, OFF);
  await page.locator(`.chip[data-layer="${layer}"][aria-pressed=true]`).waitFor();
  assert.deepEqual(await numbers(), on);
  assert.equal(await view.locator('.grid-note').textContent(), en.switchedOff);
});

visit('the table of statistics leaves out a branch that is off', { hash: `#layer=${MODULE}` }, async (page) => {
  await classifyDrawn(page);
  await page.keyboard.press('2');
  await settled(page, OFF);
  await page.click('#exportToggle');
  const [table] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: '.csv' }).click()]);
  const names = new Set(readFileSync(await table.path(), 'utf8').trimEnd().split('\n').slice(1).map((line) => line.split(',')[0]));
  assert.deepEqual([...names], [0, 2, 3].map((i) => `${MODULE}/Branch_${i}`));
});
