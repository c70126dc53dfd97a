// The stem opened as a view of its own: the maps of its layers, and the filters of the first.

import assert from 'node:assert/strict';
import { classifyDrawn, dropGenerated, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

const FIRST = 'Conv2d_1a_7x7';
const LAST = 'Conv2d_2c_3x3';

/** @param {Page} page */
async function openStem(page) {
  await page.getByRole('button', { name: 'Open the stem' }).focus();
  await page.keyboard.press('Enter');
  await page.locator('#stem .note').waitFor();
}

/** @param {Page} page @returns {Promise<(string | null)[]>} the layers on the path that are pressed */
const pressed = (page) => page.locator('#stem .path [aria-pressed=true]').evaluateAll((chips) => chips.map((chip) => chip.dataset.layer));

visit('the stem on the map shows where its first and its last convolution answer', { width: 1600, empty: true }, async (page) => {
  assert.equal(await page.locator('.end.stem canvas.waiting').count(), 2);
  await classifyDrawn(page);
  const found = await page.evaluate(async (names) => {
    const { net, picture } = document.querySelector('inception-inspector');
    const { layers } = await net.classify(picture.blob, { layers: names });
    return names.map((name, i) => {
      const { shape: [channels, height, width], data } = layers[name];
      const mean = Array.from({ length: height * width }, (_, at) => {
        let sum = 0;
        for (let c = 0; c < channels; c++) sum += data[c * height * width + at];
        return sum / channels;
      });
      const canvas = insideAll('.end.stem canvas')[i];
      const { data: pixels } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const brightness = mean.map((_, at) => pixels[4 * at] + pixels[4 * at + 1] + pixels[4 * at + 2]);
      const ranks = mean.map((value, at) => [value, brightness[at]]).sort((a, b) => a[0] - b[0]);
      return { name, label: canvas.ariaLabel, size: [canvas.width, canvas.height], shape: [width, height], rises: ranks.every(([, light], at) => at === 0 || light >= ranks[at - 1][1] - 3), seen: canvas.checkVisibility({ visibilityProperty: true }) };
    });
  }, [FIRST, LAST]);
  for (const { name, label, size, shape, rises, seen } of found) {
    assert.match(label, new RegExp(`^${name}, mean activation, max`, 'i'));
    assert.deepEqual([size, rises, seen], [shape, true, true], name);
  }
  const text = await page.locator('.end.stem').innerText();
  assert.match(text, /7×7\/2·64[\s\S]*pool 3×3\/2[\s\S]*3×3·192/);
});

visit('arrows reach the stem and the head, Enter opens them, and [ and ] walk the modules between', { width: 1366 }, async (page) => {
  await classifyDrawn(page);
  const title = () => page.locator('#h-mod').textContent();
  const focused = () => page.evaluate(() => focused()?.getAttribute('aria-label'));
  await page.locator('.card > button').first().focus();
  await page.keyboard.press('ArrowLeft');
  assert.equal(await focused(), 'Open the stem');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await focused(), 'Open the stem');
  await page.keyboard.press('Enter');
  assert.equal(await title(), 'Stem');
  assert.match(page.url(), /layer=stem/);
  assert.deepEqual(await page.locator('#map [aria-pressed=true]').evaluateAll((all) => all.map(({ ariaLabel }) => ariaLabel)), ['Open the stem']);
  assert.deepEqual([await page.locator('#toolbar').isVisible(), await page.locator('#branches').isVisible(), await page.locator('#compareToggle').isVisible()], [false, false, false]);
  assert.deepEqual([await page.locator('#previousModule').isDisabled(), await page.locator('#nextModule').isDisabled()], [true, false]);
  await page.keyboard.press('[');
  assert.equal(await title(), 'Stem', 'nothing comes before it');
  await page.keyboard.press(']');
  assert.equal(await title(), 'Mixed_3b');
  assert.equal(await page.locator('#previousModule').isDisabled(), true);
  await page.keyboard.press('[');
  assert.equal(await title(), 'Mixed_3b', 'the first module is not followed by the last');
  await page.locator('.card > button').first().focus();
  await page.keyboard.press('End');
  assert.equal(await focused(), 'Open the head');
  await page.keyboard.press('Enter');
  assert.equal(await title(), 'Head');
  assert.match(page.url(), /layer=head/);
  assert.equal(await page.locator('#nextModule').isDisabled(), true);
  await page.keyboard.press('[');
  assert.equal(await title(), 'Mixed_5c');
  await page.keyboard.press(']');
  assert.equal(await title(), 'Mixed_5c', 'the last module is not followed by the first');
  assert.equal(await page.locator('#map :is(.card, .end) [tabindex="0"]').count(), 1, 'the map is one tab stop');
});

visit('the stem shows all maps of the first convolution, each with its filter in the order of the colours', { width: 1366 }, async (page) => {
  await classifyDrawn(page);
  await openStem(page);
  assert.equal(await page.locator('#stem header b').textContent(), FIRST);
  assert.match(await page.locator('#stem .lesson').textContent(), /the 64 filters of the first layer/);
  assert.match(await page.locator('#stem .note').textContent(), /7 × 7 × 3, grey is 0/);
  assert.match(await page.locator('#moduleFacts').textContent(), /^64 × 112 × 112 · 118 M MACs$/);
  const grid = page.locator('#stem .grid');
  assert.equal(await grid.getAttribute('aria-label'), `${FIRST}: 64 channels`);
  await grid.focus();
  await grid.press('Home');
  const { order, wrong, edges } = await grid.evaluate(async (box) => {
    const { net } = document.querySelector('inception-inspector');
    const { shape: [, , height, width], data } = await net.filters();
    const bgr = net.info.preprocess.channels === 'bgr';
    const tile = parseFloat(box.querySelector('.cursor').style.getPropertyValue('--size'));
    const columns = Math.floor((box.clientWidth + 2) / (tile + 2));
    const canvas = box.querySelector('canvas');
    const context = canvas.getContext('2d');
    const [large, line] = [Math.round(tile * 0.38), Math.max(1, Math.round(tile / 64))];
    const shown = Math.floor((canvas.height + 2) / (tile + 2)) * columns;
    const wrong = [];
    const edges = new Set();
    for (let k = 0; k < Math.min(64, shown); k++) {
      const weights = data.subarray(k * 3 * height * width, (k + 1) * 3 * height * width);
      const most = Math.max(...weights.map(Math.abs));
      const [left, top] = [(k % columns) * (tile + 2) + tile - large - 2 * line, Math.floor(k / columns) * (tile + 2) + tile - large - 2 * line];
      edges.add([...context.getImageData(left - 1, top - 1, 1, 1).data].join(' '));
      for (const [y, x] of [[0, 0], [1, 5], [3, 3], [6, 2]]) {
        const found = [...context.getImageData(left + Math.floor(((x + 0.5) * large) / width), top + Math.floor(((y + 0.5) * large) / height), 1, 1).data].slice(0, 3);
        const wanted = [0, 1, 2].map((color) => 127.5 + (127.5 * weights[((bgr ? 2 - color : color) * height + y) * width + x]) / most);
        if (found.some((value, i) => Math.abs(value - wanted[i]) > 1.01)) wrong.push(`${k} (${y}, ${x}): ${found}, not ${wanted.map(Math.round)}`);
      }
    }
    return { order: net.info.preprocess.channels, wrong, edges: [...edges] };
  });
  assert.equal(order, 'bgr', 'this network reads blue first');
  assert.deepEqual(wrong, []);
  assert.deepEqual(edges, ['255 255 255 255']);
  assert.equal(await grid.locator('[role=option]').getAttribute('aria-setsize'), '64');
  await grid.press('End');
  assert.equal(await grid.locator('[role=option]').getAttribute('aria-posinset'), '64');
  await page.locator('#fieldNote', { hasText: '7 × 7 px' }).waitFor();
});

visit('every layer of the stem opens in place, without filters', { width: 1366 }, async (page) => {
  await classifyDrawn(page);
  await openStem(page);
  assert.deepEqual(await pressed(page), [FIRST]);
  for (const [layer, channels, facts] of /** @type {const} */ ([[LAST, 192, /^192 × 56 × 56 · 347 M MACs$/], ['MaxPool_3a_3x3', 192, /^192 × 28 × 28$/], ['LRN_2a', 64, /^64 × 56 × 56$/]])) {
    await page.locator(`#stem .path [data-layer=${layer}]`).click();
    await page.locator(`#stem .grid[aria-label="${layer}: ${channels} channels"]`).waitFor();
    await page.locator('#moduleStatus:empty').waitFor({ state: 'attached' });
    assert.deepEqual(await pressed(page), [layer]);
    assert.match(await page.locator('#moduleFacts').textContent(), facts);
    assert.equal(await page.locator('#stem .note').isVisible(), false);
    assert.equal(await page.locator('#stem .lesson').textContent(), '');
  }
  await page.locator(`#stem .path [data-layer=${FIRST}]`).click();
  assert.deepEqual(await pressed(page), [FIRST]);
  assert.equal(await page.locator('#stem .note').isVisible(), true);
});

visit('the address opens the stem, and a value read in it is restored', { hash: '#layer=stem', width: 1366 }, async (page) => {
  await classifyDrawn(page);
  assert.equal(await page.locator('#h-mod').textContent(), 'Stem');
  await page.evaluate((layer) => {
    document.querySelector('inception-inspector').view = { pin: { layer, channel: 5, y: 10, x: 20 } };
  }, LAST);
  await page.locator('#stem [role=option][aria-selected=true]').waitFor();
  assert.deepEqual(await pressed(page), [LAST]);
  assert.match(await page.locator('#stem [role=option]').getAttribute('aria-label'), /channel 5 .*\(y 10, x 20\)/i);
  await page.evaluate(() => (document.querySelector('inception-inspector').view = { layer: 'Mixed_4b' }));
  assert.equal(await page.locator('#h-mod').textContent(), 'Mixed_4b');
  assert.equal(await page.locator('#stem').isVisible(), false);
});

visit('the stem of Inception-v4 opens with filters of 3 × 3', { width: 1366 }, async (page) => {
  await dropGenerated(page, 'timm_inception_v4');
  await page.locator('.card[data-modules=Mixed_7d]').waitFor();
  await classifyDrawn(page);
  await openStem(page);
  assert.match(await page.locator('#stem .note').textContent(), /3 × 3 × 3/);
  assert.match(await page.locator('#stem .lesson').textContent(), /the 32 filters/);
  assert.deepEqual(await page.locator('#stem .path .chip').allTextContents(), ['3×3/2·32', '3×3·32', '3×3·64']);
});
