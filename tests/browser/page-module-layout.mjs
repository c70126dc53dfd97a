// Where things stand in the module view: its maps are on the first screen, rows align, and nothing moves while channels are read.

import assert from 'node:assert/strict';
import en from '../../pkg/src/element/strings/en.js';
import { classifyDrawn, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */
/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

/** Where the mock's module view begins in a window of 1366 x 768, in pixels. */
const TOP = 394;

/** @param {Page} page @param {string} selector @returns {Promise<Box[]>} */
const boxesOf = (page, selector) =>
  page.evaluate(
    (selector) =>
      insideAll(selector).map((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return { x, y, width, height };
      }),
    selector,
  );
/** @param {Page} page @param {string} selector @returns {Promise<Box>} */
const boxOf = async (page, selector) => (await boxesOf(page, selector))[0];
/** Where everything stands on the page that could move but the bar, in whole pixels, and how high the page is. @param {Page} page */
async function layoutOf(page) {
  const [scrolled, high] = await page.evaluate(() => [scrollY, document.documentElement.scrollHeight]);
  const boxes = await boxesOf(page, '.panel, .panel-head > *, .caption, #toolbar > *, .branch > *, .grid');
  return [high, ...boxes.map(({ x, y, width, height }) => [x, y + scrolled, width, height].map(Math.round).join(' '))];
}
/** @param {Page} page @param {number} branch */
const gridOf = (page, branch) => page.locator('.branch').nth(branch).locator('.grid');
/** Brings the module view to the top of the window. @param {Page} page */
const scrollToModule = (page) => page.locator('#moduleView').evaluate((view) => view.scrollIntoView());

for (const lang of ['en', 'zh']) {
  visit(`a window of 1366 x 768 shows four rows of maps below the map (${lang})`, { hash: `#layer=Mixed_3b&lang=${lang}` }, async (page) => {
    await page.setViewportSize({ width: 1366, height: 768 });
    await classifyDrawn(page);
    const top = (await boxOf(page, '#moduleView')).y;
    assert.equal((await boxOf(page, '.mod-head')).height, 30);
    const tools = (await boxesOf(page, '#toolbar > *')).filter(({ width }) => width > 0);
    const middles = tools.map(({ y, height }) => y + height / 2);
    assert.ok(Math.max(...middles) - Math.min(...middles) < 1, `the toolbar is one line: ${middles}`);
    assert.ok(await page.locator('.distribution').first().isHidden());
    await gridOf(page, 0).focus();
    await page.keyboard.press('Home');
    const tile = await boxOf(page, '.branch .cursor');
    assert.ok(tile.width >= 38, `${tile.width}`);
    for (const { y } of await boxesOf(page, '.branch .grid')) {
      assert.ok(TOP + (y - (await boxOf(page, '#moduleView')).y) + 4 * (tile.height + 2) <= 768, `${y - top} px from the view's top to the maps`);
    }
  });
}

for (const { width, height, lang } of [{ width: 1366, height: 768, lang: 'en' }, { width: 1024, height: 768, lang: 'zh' }, { width: 1600, height: 1000, lang: 'en' }, { width: 360, height: 740, lang: 'en' }]) {
  visit(`reading and pinning channels moves nothing (${width} x ${height}, ${lang})`, { hash: `#layer=Mixed_3b&lang=${lang}` }, async (page) => {
    await page.setViewportSize({ width, height });
    await classifyDrawn(page);
    await scrollToModule(page);
    const grid = gridOf(page, 0);
    await grid.scrollIntoViewIfNeeded();
    await page.mouse.move(2, 2);
    const before = await layoutOf(page);
    assert.equal(await page.locator('#readout').evaluate((bar) => getComputedStyle(bar).position), 'static', 'the hint does not stick');
    for (const position of [{ x: 10, y: 10 }, { x: 90, y: 50 }]) {
      await grid.hover({ position });
      await page.locator('#readout .who b').waitFor();
      assert.deepEqual(await layoutOf(page), before);
    }
    await grid.click({ position: { x: 10, y: 10 } });
    await page.mouse.move(2, 2);
    assert.deepEqual(await layoutOf(page), before);
    const bar = await boxOf(page, '#readout');
    assert.ok(bar.y + bar.height <= height + 1, 'a pinned channel is read at the window’s lower end');
  });
}

visit('the bar makes way for the tile that is read', { hash: '#layer=Mixed_3b' }, async (page) => {
  await page.setViewportSize({ width: 1366, height: 768 });
  await classifyDrawn(page);
  await scrollToModule(page);
  const grid = await gridOf(page, 0).boundingBox();
  const apart = async () => {
    const [bar, tile] = [await boxOf(page, '#readout'), await boxOf(page, '.branch .cursor:not([hidden])')];
    return bar.y + bar.height <= tile.y || tile.y + tile.height <= bar.y;
  };
  for (const y of [300, 600, 690, 720, 760]) {
    await page.mouse.move(grid.x + 20, y);
    assert.ok(await apart(), `pointer at ${y}`);
  }
  await page.mouse.down();
  await page.mouse.up();
  assert.ok(await apart(), 'pinned');
  const lifted = (await boxOf(page, '#readout')).y;
  await page.mouse.wheel(0, 200);
  await page.waitForFunction((lifted) => inside('#readout').getBoundingClientRect().y !== lifted, lifted);
  assert.ok(await apart(), 'scrolled');
  await page.locator('#openLarge').click();
  await page.locator('#large[open]').waitFor();
});

visit('branches side by side have every row in common', { width: 1600, hash: '#layer=Mixed_3b' }, async (page) => {
  await classifyDrawn(page);
  for (const part of ['header', '.path', '.stats', '.distribution', '.grid']) {
    const tops = (await boxesOf(page, `.branch ${part}`)).map(({ y }) => y);
    assert.equal(tops.length, 4);
    assert.equal(new Set(tops).size, 1, `${part}: ${tops}`);
  }
  for (const view of await page.locator('.branch').all()) {
    const widths = await view.locator('.stats > div').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width));
    assert.equal(widths.length, 4);
    assert.ok(Math.max(...widths) - Math.min(...widths) < 0.1, `${widths}`);
    assert.equal((await view.locator('.path').boundingBox()).height, 24);
    assert.equal((await view.locator('.histogram').boundingBox()).height, 34);
    const [low, name, high] = await view.locator('.axis span').allTextContents();
    assert.deepEqual([low, name], ['0', en.hist]);
    assert.equal(high, await view.locator('.stats div', { hasText: en.max }).locator('dd').textContent());
  }
});

visit('the scale of a branch ends at a tick on its histogram', { width: 1600, hash: '#layer=Mixed_3b&scale=branch' }, async (page) => {
  await classifyDrawn(page);
  assert.match(await page.locator('#legend').textContent(), /^0branch/);
  for (const view of await page.locator('.branch').all()) {
    const limit = Number(await view.locator('.axis .limit').textContent());
    const max = Number(await view.locator('.axis span').last().textContent());
    assert.ok(limit > 0 && limit <= max);
    assert.match(await view.locator('.read').textContent(), new RegExp(`≥ ${limit}$`));
    const [tick, bars] = [await view.locator('.histogram u').boundingBox(), await view.locator('.histogram').boundingBox()];
    assert.equal(tick.width, 1);
    assert.ok(Math.abs((tick.x - bars.x) / bars.width - limit / max) < 0.01);
  }
  await page.getByRole('radio', { name: en.perChannel, exact: true }).click();
  assert.ok(await page.locator('.histogram u').first().isHidden());
  assert.match(await page.locator('#legend').textContent(), /^0max/);
});

visit('the order of the channels is turned round', { width: 1600, hash: '#layer=Mixed_3b' }, async (page) => {
  await classifyDrawn(page);
  const grid = gridOf(page, 2);
  const zeros = async (/** @type {string} */ key) => {
    await grid.focus();
    await grid.press(key);
    return Number(/zeros (\d+) %/.exec(await grid.locator('[role=option]').getAttribute('aria-label'))[1]);
  };
  await page.selectOption('#sort', 'sparsity');
  const [first, last] = [await zeros('Home'), await zeros('End')];
  assert.ok(first > last, 'the sparsest channel comes first');
  await page.getByRole('button', { name: en.sortDir }).click();
  assert.equal(await page.locator('#sortDir').getAttribute('aria-pressed'), 'true');
  assert.deepEqual([await zeros('Home'), await zeros('End')], [last, first]);
});

visit('a window of 768 pixels has picture and answer side by side', { hash: '#layer=Mixed_3b' }, async (page) => {
  await page.setViewportSize({ width: 768, height: 1024 });
  await classifyDrawn(page);
  const [picture, answer] = await boxesOf(page, '.rail > .panel');
  assert.equal(picture.y, answer.y);
  assert.equal(picture.width, 280);
  assert.ok(answer.x >= picture.x + picture.width && answer.x + answer.width <= 768);
  for (const { width } of await boxesOf(page, '.views > .panel:not([hidden])')) assert.ok(width > 720);
  await page.setViewportSize({ width: 540, height: 1024 });
  const narrow = await boxesOf(page, '.rail > .panel');
  assert.ok(narrow[1].y >= narrow[0].y + narrow[0].height);
});

visit('a window of 3840 pixels shows larger tiles, and grids as high as they are', { hash: '#layer=Mixed_5c' }, async (page) => {
  await page.setViewportSize({ width: 3840, height: 1200 });
  await classifyDrawn(page);
  assert.equal((await boxOf(page, '.rail')).width, 400);
  const grid = gridOf(page, 1);
  await grid.focus();
  await grid.press('End');
  const [tile, box, sheet] = [await boxOf(page, '.branch .cursor:not([hidden])'), await grid.boundingBox(), await grid.locator('.sheet').boundingBox()];
  assert.ok(tile.width >= 56 && tile.width <= 72, `${tile.width}`);
  assert.equal(box.height, sheet.height);
  assert.ok(tile.y >= 0 && tile.y + tile.height <= 1200, 'the page scrolls to the tile that is read');
  const colors = await grid.locator('canvas').evaluate((/** @type {HTMLCanvasElement} */ canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return { high: canvas.clientHeight, colors: new Set(new Uint32Array(data.buffer)).size };
  });
  assert.ok(colors.high <= 1200 && colors.colors > 50, JSON.stringify(colors));
});

visit('a finger is told to tap, not to point or to press keys', {
  hash: '#layer=Mixed_3b',
  prepare: async (page) => {
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setTouchEmulationEnabled', { enabled: true });
    await session.send('Emulation.setEmulatedMedia', { features: [{ name: 'pointer', value: 'coarse' }] });
  },
}, async (page) => {
  await classifyDrawn(page);
  assert.ok(await page.evaluate(() => matchMedia('(pointer: coarse)').matches));
  assert.equal(await page.locator('#readout > span').textContent(), en.hintTouch);
  assert.equal(await page.locator('#fieldNote').textContent(), en.rfNoneTouch);
});
