import assert from 'node:assert/strict';
import { classifyDrawn, visit } from './visit.mjs';

/** Modules of Inception-v3 with their branches (TF-slim's inception_v3.py). */
const BRANCHES = { Mixed_5b: 4, Mixed_6a: 3, Mixed_6e: 4, Mixed_7a: 3, Mixed_7c: 4 };

/**
 * Reads the first sixteen tiles of a grid with the keyboard.
 * @param {import('./visit.mjs').Page} page
 * @param {number} index of the branch
 * @returns {Promise<{ text: string, colors: number }[]>} what is read, and how many colours the tile has
 */
async function readTiles(page, index) {
  const grid = page.locator('.branch').nth(index).locator('.grid');
  await grid.focus();
  await grid.press('Home');
  const tiles = [];
  for (let k = 0; k < 16; k++) {
    const tile = await grid.evaluate((box) => {
      const [canvas, cursor] = [/** @type {HTMLCanvasElement} */ (box.querySelector('canvas')), /** @type {HTMLElement} */ (box.querySelector('.cursor'))];
      const scale = canvas.width / canvas.clientWidth;
      const [x, y, size] = ['--x', '--y', '--size'].map((name) => scale * parseFloat(cursor.style.getPropertyValue(name)));
      const { data } = canvas.getContext('2d').getImageData(x + 1, y + 1 - scale * box.scrollTop, size - 2, size - 2);
      return { text: cursor.ariaLabel, colors: new Set(new Uint32Array(data.buffer)).size };
    });
    tiles.push(tile);
    await grid.press('ArrowRight');
  }
  return tiles;
}

visit('the page shows the modules as cards in order of depth', {}, async (page) => {
  const names = await page.locator('.card > button b').allTextContents();
  const letters = { 5: 'bcd', 6: 'abcde', 7: 'abc' };
  assert.deepEqual(names, Object.entries(letters).flatMap(([stage, all]) => [...all].map((c) => `Mixed_${stage}${c}`)));
});

visit('the page shows a module branch by branch with every channel', { width: 1600 }, async (page) => {
  await classifyDrawn(page);
  for (const [module, branches] of Object.entries(BRANCHES)) {
    await page.click(`.card[data-modules="${module}"] > button`);
    await page.locator('#branches[aria-busy=false]').waitFor();
    assert.equal(await page.locator('#h-mod').textContent(), module);
    assert.equal(await page.locator('.branch').count(), branches);
    assert.ok((await page.locator('.branch .read').allTextContents()).every((text) => /^(\d+) of \1 channels/.test(text)));
    assert.ok((await page.locator('.branch dd').allTextContents()).every((text) => /\d/.test(text)), `${module}: statistics`);
  }
  assert.match(await page.evaluate(() => location.hash), /layer=Mixed_7c/);
});

visit('the page draws a tile in one colour where the channel is zero, else in several', { hash: '#layer=Mixed_6e' }, async (page) => {
  await classifyDrawn(page);
  let alive = 0;
  for (let branch = 0; branch < 4; branch++) {
    const tiles = await readTiles(page, branch);
    tiles.forEach(({ text, colors }, k) => {
      assert.match(text, new RegExp(`^Channel ${k} · mean `));
      const zero = / max 0 /.test(text);
      assert.equal(colors === 1, zero, `branch ${branch}: ${text}, ${colors} colours`);
      alive += zero ? 0 : 1;
    });
  }
  assert.ok(alive > 16, `${alive} of 64 channels are not zero`);
});

visit('the page opens the module that the address names', { hash: '#layer=Mixed_6d' }, async (page) => {
  assert.equal(await page.locator('#h-mod').textContent(), 'Mixed_6d');
  assert.equal(await page.locator('.card[data-on=true] > button').getAttribute('aria-pressed'), 'true');
});

visit('the first stop skips to the network map', {}, async (page) => {
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => focused()?.id), 'network');
});

visit('the page works with the keyboard alone', {}, async (page) => {
  const press = async (key, times = 1) => {
    for (let i = 0; i < times; i++) await page.keyboard.press(key);
  };
  const focusIn = (selector) => page.evaluate((s) => focused()?.matches(s) ?? false, selector);
  const tabTo = async (selector) => {
    for (let i = 0; i < 40; i++) {
      if (await focusIn(selector)) return;
      await press('Tab');
    }
    assert.fail(`Tab never reaches ${selector}`);
  };
  await tabTo('#samples [role=radio]');
  await press('ArrowLeft');
  assert.equal(await page.locator('#samples [aria-checked=true]').getAttribute('data-name'), 'rings.png');
  await page.locator('#top5 .p').first().waitFor();
  await tabTo('.card > button');
  await press('ArrowRight', 2);
  await press('Enter');
  assert.equal(await page.locator('#h-mod').textContent(), 'Mixed_5d');
  await page.locator('#branches[aria-busy=false]').waitFor();
  await tabTo('.grid');
  await press('ArrowRight', 3);
  assert.equal(await page.locator('#readout .who b').textContent(), 'Channel 3');
  const option = page.locator('.grid [role=option]').first();
  assert.equal(await option.getAttribute('aria-posinset'), '4');
  await press(']');
  assert.equal(await page.locator('#h-mod').textContent(), 'Mixed_6a');
});
