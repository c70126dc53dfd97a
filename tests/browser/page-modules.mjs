import assert from 'node:assert/strict';
import { classifyDrawn, visit } from './visit.mjs';

/** Modules of GoogLeNet with the channels of their branches (table 1 of the paper: 3a, 4d, 5b). */
const BRANCHES = { Mixed_3b: [64, 128, 32, 32], Mixed_4e: [112, 288, 64, 64], Mixed_5c: [384, 384, 128, 128] };

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

visit('the page shows a module branch by branch with every channel', { width: 1600 }, async (page) => {
  await classifyDrawn(page);
  for (const [module, channels] of Object.entries(BRANCHES)) {
    await page.click(`.card[data-modules="${module}"] > button`);
    await page.locator('#branches[aria-busy=false]').waitFor();
    assert.equal(await page.locator('#h-mod').textContent(), module);
    const reads = await page.locator('.branch .read').allTextContents();
    assert.deepEqual(reads.map((text) => /^(\d+ of \d+) channels/.exec(text)?.[1]), channels.map((count) => `${count} of ${count}`));
    assert.ok((await page.locator('.branch dd').allTextContents()).every((text) => /\d/.test(text)), `${module}: statistics`);
  }
  assert.match(await page.evaluate(() => location.hash), /layer=Mixed_5c/);
});

visit('the page draws a tile in one colour where the channel is zero, else in several', { hash: '#layer=Mixed_4e' }, async (page) => {
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

visit('the first stop skips to the network map', {}, async (page) => {
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => focused()?.id), 'network');
});
