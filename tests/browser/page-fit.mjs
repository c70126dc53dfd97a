// The network map at Fit and zoomed: who scrolls, who gets how much room, and what keeps its size.

import assert from 'node:assert/strict';
import { classifyDrawn, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

/** @param {Page} page @param {string} selector @returns {Promise<DOMRect[]>} */
const boxes = (page, selector) => page.locator(selector).evaluateAll((all) => all.map((element) => element.getBoundingClientRect().toJSON()));

/** @param {Page} page @returns {Promise<number>} by how much the map is wider than its view */
const hidden = (page) => page.locator('#mapScroll').evaluate((box) => box.scrollWidth - box.clientWidth);

visit('at Fit every module has the same share, and from 1180 px up nothing scrolls', { width: 1180 }, async (page) => {
  await classifyDrawn(page);
  for (const width of [1180, 1240, 1241, 1366, 1600, 1920, 2199, 2200, 3840]) {
    await page.setViewportSize({ width, height: 900 });
    assert.equal(await hidden(page), 0, `${width} px: the map scrolls`);
    const cards = await boxes(page, '.card');
    assert.equal(cards.length, 9);
    for (const card of cards) assert.ok(Math.abs(card.width - cards[0].width) < 1, `${width} px: ${card.width} and ${cards[0].width}`);
    const [panel] = await boxes(page, '#mapScroll');
    const [head] = await boxes(page, '.end.head');
    assert.ok(Math.abs(panel.right - 16 - head.right) <= 1, `${width} px: the map ends at ${head.right} of ${panel.right}`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${width} px: the page scrolls sideways`);
    const beside = await page.locator('.lane').evaluateAll((lanes) => lanes.flatMap((lane) => {
      const parts = ['canvas', '.num', '.switch', '.energy'].map((part) => lane.querySelector(part).getBoundingClientRect());
      const inside = parts.every(({ left, right }) => left >= lane.getBoundingClientRect().left && right <= lane.getBoundingClientRect().right + 0.5);
      const apart = parts.every((a, i) => parts.every((b, j) => i >= j || a.right <= b.left + 0.5 || b.right <= a.left + 0.5 || a.bottom <= b.top + 0.5 || b.bottom <= a.top + 0.5));
      return inside && apart ? [] : [lane.title];
    }));
    assert.deepEqual(beside, [], `${width} px: parts of a lane lie over each other`);
    const names = await page.locator('.card > button b').evaluateAll((all) => all.filter((name) => name.scrollWidth > name.clientWidth || name.getBoundingClientRect().right > name.closest('.card').getBoundingClientRect().right - 4).length);
    assert.equal(names, 0, `${width} px: names are cut`);
  }
});

visit('narrower windows scroll the map, its columns stay 78 px wide, and what is said of a value is not cut', { width: 1179, hash: '#channel=Mixed_3b/Branch_0,1,0,0' }, async (page) => {
  await page.locator('#fieldNote', { hasText: '· x −' }).waitFor();
  for (const [width, least] of [[1179, 78], [1024, 78], [861, 78], [768, 112], [360, 112]]) {
    await page.setViewportSize({ width, height: 900 });
    for (const card of await boxes(page, '.card')) assert.ok(card.width >= least - 0.1, `${width} px: ${card.width}`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${width} px`);
    assert.deepEqual(await page.locator('#fieldNote').evaluate((note) => [note.scrollWidth - note.clientWidth, note.scrollHeight - note.clientHeight]), [0, 0], `${width} px`);
  }
});

visit('a card of less than 118 px says its convolutions in the tooltip, a wider one on itself', { width: 1366 }, async (page) => {
  const lane = page.locator('.card[data-modules=Mixed_3b] .lane').nth(1);
  assert.match(await lane.getAttribute('title'), /1×1·96 → 3×3·128/);
  assert.equal(await lane.locator('.chip').first().isVisible(), false);
  await page.setViewportSize({ width: 1920, height: 900 });
  assert.ok((await boxes(page, '.card'))[0].width >= 118);
  assert.deepEqual(await lane.locator('.chip').evaluateAll((chips) => chips.map((chip) => [chip.textContent, chip.checkVisibility()])), [['1×1·96', true], ['3×3·128', true]]);
});

visit('zooming widens columns and thumbnails; labels, switches and times keep their size', { width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await page.click('#times');
  const height = async (/** @type {string} */ selector) => (await boxes(page, selector))[0].height;
  const measured = async () => {
    const [card, picture, toggle] = [(await boxes(page, '.card'))[0].width, (await boxes(page, '.lane canvas'))[0].width, (await boxes(page, '.lane .switch'))[0]];
    const kept = [await height('.card > button b'), toggle.width, toggle.height, await height('.time b'), await height('#measure'), await height('.time > div'), await height('.end .step span')];
    return { card, picture, kept };
  };
  const before = await measured();
  await page.click('#zoomIn');
  const once = await measured();
  assert.ok(Math.abs(once.card - 122 * 1.25) < 1, `${once.card}`);
  assert.ok(Math.abs(once.picture - 44 * 1.25) < 1, `${once.picture}`);
  assert.ok(once.card > before.card && once.picture > before.picture);
  await page.keyboard.press('+');
  const twice = await measured();
  assert.ok(Math.abs(twice.card - 122 * 1.25 ** 2) < 1, `${twice.card}`);
  assert.deepEqual([once.kept, twice.kept], [before.kept, before.kept]);
  assert.ok((await hidden(page)) > 100);
  await page.keyboard.press('-');
  await page.keyboard.press('-');
  assert.deepEqual(await measured(), before, 'out again, it fits');
  assert.equal(await hidden(page), 0);
  await page.keyboard.press('+');
  await page.click('#fit');
  assert.deepEqual(await measured(), before);
});

visit('where columns are wider than the first zoom already, + makes them wider still', { width: 3840 }, async (page) => {
  const width = async () => (await boxes(page, '.card'))[0].width;
  const fitting = await width();
  assert.ok(fitting > 122 * 1.25);
  await page.click('#zoomIn');
  assert.ok((await width()) > fitting * 1.05, `${fitting} px, then ${await width()} px`);
  await page.click('#zoomOut');
  assert.equal(await width(), fitting);
});

visit('at 1366 × 768 the map takes 278 px, so that the maps of the module are on the first screen', { width: 1366 }, async (page) => {
  await page.setViewportSize({ width: 1366, height: 768 });
  await classifyDrawn(page);
  const [panel] = await boxes(page, '#network');
  assert.ok(Math.abs(panel.height - 278) <= 4, `${panel.height} px`);
});

visit('a pool takes 64 px at most, on two lines', { width: 1366 }, async (page) => {
  for (const width of [1180, 1366, 1920, 3840]) {
    await page.setViewportSize({ width, height: 900 });
    const [column] = await boxes(page, '.end.between');
    const [card] = await boxes(page, '.card');
    assert.ok(column.width <= 64 && column.width < card.width, `${width} px: ${column.width} beside ${card.width}`);
    const [kind, size] = await boxes(page, '.end.between:first-of-type .step span, .end.between .step span');
    assert.ok(kind.bottom <= size.top + 0.5, `${width} px: ${kind.bottom} and ${size.top}`);
  }
});

visit('times are folded until they are asked for', { width: 1600 }, async (page) => {
  await classifyDrawn(page);
  const button = page.locator('#times');
  const state = async () => [await button.textContent(), await button.getAttribute('aria-expanded'), await page.locator('.time').first().isVisible(), await page.locator('#measure').isVisible()];
  assert.deepEqual(await state(), ['Time by module', 'false', false, false]);
  await button.click();
  assert.deepEqual(await state(), ['Hide times', 'true', true, true]);
  await button.click();
  assert.deepEqual(await state(), ['Time by module', 'false', false, false]);
});

for (const { how, touch, hit } of [{ how: 'pointer', touch: false, hit: [30, 24] }, { how: 'finger', touch: true, hit: [42, 36] }]) {
  visit(`a switch is 30 × 18, and what a ${how} hits is ${hit.join(' × ')}`, { width: 1366 }, async (page) => {
    await page.locator('#top5 .p').first().waitFor();
    if (touch) {
      const session = await page.context().newCDPSession(page);
      await session.send('Emulation.setTouchEmulationEnabled', { enabled: true });
      assert.equal(await page.evaluate(() => matchMedia('(pointer: coarse)').matches), true);
    }
    for (const selector of ['.lane .switch', '.branch .switch']) {
      const found = await page.locator(selector).first().evaluate((element) => {
        element.scrollIntoView({ block: 'center' });
        const { left, top, width, height } = element.getBoundingClientRect();
        const hits = (x, y) => element.getRootNode().elementFromPoint(x, y) === element;
        const reach = (dx, dy) => {
          let steps = 0;
          while (steps < 60 && hits(left + width / 2 + dx * (steps + 0.5), top + height / 2 + dy * (steps + 0.5))) steps++;
          return steps;
        };
        return { size: [width, height], hit: [reach(-1, 0) + reach(1, 0), reach(0, -1) + reach(0, 1)] };
      });
      assert.deepEqual(found.size, [30, 18], selector);
      assert.ok(found.hit.every((reach, i) => Math.abs(reach - hit[i]) <= 1), `${selector}: ${found.hit}`);
    }
  });
}

visit('at 3840 px the element takes 2720 px in the middle, and its map the whole column', { width: 3840 }, async (page) => {
  const [column] = await boxes(page, '.page');
  assert.deepEqual([column.width, column.left], [2720, 560]);
  const [[stem], [head], [network]] = [await boxes(page, '.end.stem'), await boxes(page, '.end.head'), await boxes(page, '#network')];
  assert.ok(stem.left - network.left <= 18 && network.right - head.right <= 18, `${network.left} ${stem.left} … ${head.right} ${network.right}`);
});
