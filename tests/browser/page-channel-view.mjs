// A channel shown large: in place at the top of the module view, over the whole of a narrow window.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import en from '../../pkg/src/element/strings/en.js';
import { ROOT } from './harness.mjs';
import { classifyDrawn, drawnPng, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

const BRANCH = 'Mixed_3b/Branch_1';
const CHANNELS = 128;

/**
 * What the package itself gives for the picture that classifyDrawn drops.
 * @param {Page} page
 * @param {string} layer
 * @returns {Promise<{ shape: number[], data: number[], stats: { mean: number, max: number }[] }>}
 */
async function featuresOf(page, layer) {
  const png = await drawnPng(page);
  const { data, ...rest } = await page.evaluate(
    async ({ layer, png }) => {
      const { Inception } = await import('/pkg/dist/index.js');
      const net = await Inception.load('googlenet-imagenet', { device: 'cpu' });
      const { shape, data, stats } = await net.features(png, layer);
      net.dispose();
      return { shape, data, stats };
    },
    { layer, png },
  );
  return { data: [...data], ...rest };
}

/** @param {Page} page */
const gridOf = (page) => page.locator(`.branch[data-branch="${BRANCH}"] .grid`);
/** @param {Page} page */
const titleOf = (page) => page.locator('#large h2').textContent();
/** @param {Page} page @param {number} channel */
const shows = (page, channel) => page.locator('#large h2', { hasText: new RegExp(`^Channel ${channel}$`) }).waitFor();

/**
 * Reads the picture's answer and opens one of the branch's channels from the grid, with the keyboard.
 * @param {Page} page
 * @param {number} place in the grid's order
 */
async function open(page, place = 0) {
  await classifyDrawn(page);
  const grid = gridOf(page);
  await grid.focus();
  await grid.press('Home');
  for (let i = 0; i < place; i++) await grid.press('ArrowRight');
  await grid.press('o');
  await page.locator('#large[open]').waitFor();
}

visit('a channel opens in place, beside the picture with its receptive field', { hash: '#layer=Mixed_3b', width: 1366 }, async (page) => {
  await open(page, 17);
  const view = page.locator('#large');
  assert.ok(!(await view.evaluate((dialog) => dialog.matches(':modal'))));
  assert.equal(await titleOf(page), 'Channel 17');
  assert.equal(await view.getAttribute('aria-label'), `${BRANCH}, Channel 17`);
  assert.match(await view.locator('.facts').textContent(), /^Mixed_3b\/Branch_1 · 3×3·128$/);
  assert.ok(await page.evaluate(() => focused()?.id === 'large'));
  const [own, head, toolbar, picture] = await Promise.all([view, page.locator('.mod-head'), page.locator('#toolbar'), page.locator('#photo')].map((part) => part.boundingBox()));
  assert.ok(own.y >= head.y + head.height && own.y + own.height <= toolbar.y, 'between the heading and the grids');
  assert.ok(picture.x + picture.width < own.x && picture.y >= 0 && picture.y + picture.height <= 900, 'the picture stays in view');
  assert.ok(await page.locator('#fieldLayer').isVisible());
  assert.ok(await page.locator('#readout .who').isHidden(), 'the bar does not say it again');
  assert.ok(await view.locator('.on-picture').isVisible());
  const squares = await view.locator('.square').evaluateAll((all) => all.map((square) => square.getBoundingClientRect().width));
  assert.ok(Math.abs(squares[0] - squares[1]) < 1, `${squares}`);
  await page.setViewportSize({ width: 1024, height: 768 });
  assert.ok(await view.locator('.on-picture').isHidden());
});

visit('the neighbours of a channel follow the order of the grid, which has ends', { hash: '#layer=Mixed_3b&sort=mean', width: 1366 }, async (page) => {
  await open(page);
  const { stats } = await featuresOf(page, BRANCH);
  const order = stats.map((_, c) => c).sort((a, b) => stats[b].mean - stats[a].mean || a - b);
  await shows(page, order[0]);
  await page.keyboard.press('ArrowLeft');
  await shows(page, order[0]);
  assert.equal(await page.getByRole('button', { name: en.prevCh }).getAttribute('aria-disabled'), 'true');
  for (const channel of order.slice(1, 4)) {
    await page.keyboard.press('ArrowRight');
    await shows(page, channel);
  }
  await page.getByRole('button', { name: en.prevCh }).click();
  await shows(page, order[2]);
  await page.keyboard.press('ArrowRight');
  await shows(page, order[3]);
  assert.match(await page.evaluate(() => location.hash), new RegExp(`channel=${BRANCH},${order[3]},`));

  await page.keyboard.press('g');
  assert.equal(await page.evaluate(() => focused()?.id), 'goTo');
  assert.equal(await page.locator('#large .field').first().textContent(), `${en.goTo}of ${CHANNELS}`);
  await page.keyboard.type(String(order.at(-1)));
  await page.keyboard.press('Enter');
  await shows(page, order.at(-1));
  assert.equal(await page.getByRole('button', { name: en.nextCh }).getAttribute('aria-disabled'), 'true');
  await page.locator('#goTo').fill('999');
  await page.keyboard.press('Enter');
  await shows(page, CHANNELS - 1);

  await page.keyboard.press('Escape');
  await page.locator('#large').waitFor({ state: 'hidden' });
  const grid = gridOf(page);
  assert.ok(await grid.evaluate((grid) => grid.getRootNode().activeElement === grid), 'back in the grid');
  assert.match(await grid.locator('[role=option]').getAttribute('aria-label'), new RegExp(`^Channel ${CHANNELS - 1} `));
  assert.equal(await grid.locator('[role=option]').getAttribute('aria-selected'), 'true');
});

visit('the value under the pointer and under the keyboard’s cursor is read', { hash: '#layer=Mixed_3b', width: 1366 }, async (page) => {
  await open(page, 3);
  const { shape: [, height, width], data, stats } = await featuresOf(page, BRANCH);
  const values = data.slice(3 * height * width, 4 * height * width);
  const peak = values.indexOf(Math.max(...values));
  const value = page.locator('#large .value');
  const said = async () => {
    const [, y, x, text] = /\(y (\d+), x (\d+)\) (\S+?)mean/.exec(await value.textContent());
    return { y: Number(y), x: Number(x), value: Number(text) };
  };
  const isRight = ({ y, x, value }) => Math.abs(value - values[y * width + x]) <= 0.01 * Math.abs(values[y * width + x]);
  const first = await said();
  assert.deepEqual([first.y, first.x], [Math.floor(peak / width), peak % width], 'where it is largest');
  assert.ok(isRight(first));
  assert.equal(await value.locator('b').evaluate((b) => getComputedStyle(b).fontSize), '18px');

  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowLeft');
  const moved = await said();
  assert.deepEqual([moved.y, moved.x], [Math.min(height - 1, first.y + 1), Math.max(0, first.x - 1)]);
  assert.ok(isRight(moved));

  const map = page.locator('#large .large-map canvas');
  const { width: side } = await map.boundingBox();
  await map.hover({ position: { x: (20.5 * side) / width, y: (10.5 * side) / height } });
  const under = await said();
  assert.deepEqual([under.y, under.x], [10, 20]);
  assert.ok(isRight(under));
  assert.match(await page.locator('#fieldNote').textContent(), /^Receptive field 43 × 43 px · x /);
  assert.ok(await page.locator('#readout .who').isHidden());
  await page.mouse.move(2, 2);
  assert.deepEqual(await said(), moved);

  const ends = await page.locator('.color-bar span').allTextContents();
  assert.equal(ends[2], '0');
  assert.ok(Math.abs(Number(ends[0]) - stats[3].max) <= 0.01 * stats[3].max && Math.abs(Number(ends[1]) - stats[3].max / 2) <= 0.01 * stats[3].max);
  assert.equal(await page.locator('.color-bar').getAttribute('aria-label'), `Colour bar, 0 to ${ends[0]}`);
});

visit('on the picture a channel is clear where it is zero, and opaque from four fifths of its maximum on', { hash: '#layer=Mixed_5c&channel=Mixed_5c/Branch_0,0,0,0', width: 1366 }, async (page) => {
  await classifyDrawn(page);
  const { shape: [, height, width], data, stats } = await featuresOf(page, 'Mixed_5c/Branch_0');
  const channel = stats.findIndex(({ max }, c) => max > 0 && data.slice(c * height * width, (c + 1) * height * width).filter((v) => v === 0).length > 3);
  await page.locator('#openLarge').click();
  await page.locator('#goTo').fill(String(channel));
  await page.keyboard.press('Enter');
  await shows(page, channel);
  const values = data.slice(channel * height * width, (channel + 1) * height * width);
  const alphas = await page.locator('#large .on-picture canvas').last().evaluate((/** @type {HTMLCanvasElement} */ canvas, [height, width]) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const middle = (i, count, side) => Math.floor(((i + 0.5) * side) / count);
    return Array.from({ length: height * width }, (_, i) => data[4 * (middle(Math.floor(i / width), height, canvas.height) * canvas.width + middle(i % width, width, canvas.width)) + 3]);
  }, [height, width]);
  for (const [i, value] of values.entries()) {
    const expected = Math.min(255, (1.25 * 255 * value) / stats[channel].max);
    assert.ok(Math.abs(alphas[i] - expected) <= 1, `${alphas[i]} for ${value}, not ${expected}`);
  }
  await page.locator('#largeOpacity').fill('25');
  assert.equal(await page.locator('#large .on-picture canvas').last().evaluate((canvas) => getComputedStyle(canvas).opacity), '0.25');
});

visit('what sees more than the picture is said to', { hash: '#layer=Mixed_5c&channel=Mixed_5c/Branch_1,0,3,3' }, async (page) => {
  await classifyDrawn(page);
  await page.locator('#readout .who b').waitFor();
  assert.equal(await page.locator('#fieldNote').textContent(), `Receptive field 224 × 224 px · ${en.rfPart}`);
  assert.equal(await page.locator('#readout dd').last().textContent(), 'whole picture');
  assert.match(await page.locator('#moduleFacts').textContent(), /receptive field whole picture/);
  await page.click('.card[data-modules="Mixed_4b"] > button');
  assert.match(await page.locator('#moduleFacts').textContent(), /receptive field \d+–\d+ px|receptive field \d+ px – whole picture/);
  for (const [, px] of (await page.locator('#moduleFacts').textContent()).matchAll(/(\d+) px/g)) assert.ok(Number(px) < 224);
});

visit('a narrow window has the channel for itself, its name first', { hash: '#layer=Mixed_3b', width: 360 }, async (page) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open(page, 2);
  const view = page.locator('#large');
  assert.ok(await view.evaluate((dialog) => dialog.matches(':modal')));
  const box = await view.boundingBox();
  assert.deepEqual([box.x, box.y, box.width, box.height], [0, 0, 360, 740]);
  const title = await view.locator('h2').boundingBox();
  assert.ok(title.y >= 0 && title.y + title.height < 60 && title.x >= 0 && title.x + title.width <= 360);
  assert.ok(await view.evaluate((dialog) => dialog.scrollWidth <= dialog.clientWidth), 'nothing is cut');
  await page.keyboard.press(']');
  assert.equal(await page.locator('#h-mod').textContent(), 'Mixed_3b', 'the page behind stays as it is');
  await page.setViewportSize({ width: 1366, height: 768 });
  await page.waitForFunction(() => inside('#large').open && !inside('#large').matches(':modal'));
  await page.setViewportSize({ width: 360, height: 740 });
  await page.waitForFunction(() => inside('#large').matches(':modal'));
  await page.getByRole('button', { name: en.backGrid }).click();
  await view.waitFor({ state: 'hidden' });
  assert.ok(await gridOf(page).evaluate((grid) => grid.getRootNode().activeElement === grid));
});

for (const { width, theme, lang } of [{ width: 1366, theme: 'light', lang: 'en' }, { width: 1024, theme: 'dark', lang: 'zh' }, { width: 360, theme: 'dark', lang: 'en' }]) {
  visit(`axe finds nothing serious in the channel view (${width}, ${theme}, ${lang})`, {
    hash: `#layer=Mixed_3b&theme=${theme}&lang=${lang}`,
    width,
    prepare: async (page) => {
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await page.addInitScript({ path: join(ROOT, 'node_modules/axe-core/axe.min.js') });
    },
  }, async (page) => {
    await open(page);
    await page.locator('#exportToggle').evaluate((button) => button.click());
    const { serious, passes } = await page.evaluate(async () => {
      const { violations, passes } = await axe.run(document, { resultTypes: ['violations'] });
      return { serious: violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.flat().join(' ')} ${failureSummary}`)}`), passes: passes.length };
    });
    assert.ok(passes > 15);
    assert.deepEqual(serious, []);
  });
}
