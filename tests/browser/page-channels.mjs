import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { classifyDrawn, drawnPng, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

/**
 * What the package itself gives for the picture that classifyDrawn drops.
 * @param {Page} page
 * @param {string} layer
 * @returns {Promise<{ shape: number[], data: number[], stats: { mean: number, max: number, min: number, sparsity: number }[], field: any }>}
 */
async function featuresOf(page, layer) {
  const png = await drawnPng(page);
  const { data, ...rest } = await page.evaluate(
    async ({ layer, png }) => {
      const { Inception } = await import('/pkg/dist/index.js');
      const net = await Inception.load('models/googlenet-imagenet.safetensors');
      const { shape, data, stats } = await net.features(png, layer);
      const field = net.layers.find(({ name }) => name === layer).receptiveField;
      net.dispose();
      return { shape, data, stats, field };
    },
    { layer, png },
  );
  return { data: [...data], ...rest };
}

/** @param {Page} page @param {string} branch */
function gridOf(page, branch) {
  return page.locator(`.branch[data-branch="${branch}"] .grid`);
}

/**
 * The red of every value of the tile under the cursor, in the middle of its square.
 * @param {import('playwright-core').Locator} grid
 * @param {number[]} shape
 * @returns {Promise<number[]>}
 */
function redsOf(grid, [, height, width]) {
  return grid.evaluate(
    (box, [height, width]) => {
      const canvas = box.querySelector('canvas');
      const cursor = box.querySelector('.cursor');
      const scale = canvas.width / canvas.clientWidth;
      const [x, y, size] = ['--x', '--y', '--size'].map((name) => parseFloat(cursor.style.getPropertyValue(name)));
      const [left, top, side] = [x * scale, (y - box.scrollTop) * scale, size * scale].map(Math.round);
      const { data } = canvas.getContext('2d').getImageData(left, top, side, side);
      const middle = (i, count) => Math.floor(((i + 0.5) * side) / count);
      return Array.from({ length: height * width }, (_, i) => data[4 * (middle(Math.floor(i / width), height) * side + middle(i % width, width))]);
    },
    [height, width],
  );
}

/** @param {{ shape: number[], data: number[] }} maps @param {number} channel */
function valuesOf({ shape: [, height, width], data }, channel) {
  return data.slice(channel * height * width, (channel + 1) * height * width);
}

/** Waits for the maps of the open module. @param {Page} page */
const settled = (page) => page.locator('#branches[aria-busy=false]').waitFor();

/** The channel that the cursor of a grid is on. @param {import('playwright-core').Locator} grid */
async function channelAt(grid) {
  const label = await grid.locator('[role=option]').getAttribute('aria-label');
  return Number(/^Channel (\d+) /.exec(label)[1]);
}

visit('a tile shows the values of its channel, each in the colour of its share of the channel\'s maximum', { hash: '#layer=Mixed_3b&map=grey', width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await settled(page);
  const maps = await featuresOf(page, 'Mixed_3b/Branch_2');
  const grid = gridOf(page, 'Mixed_3b/Branch_2');
  await grid.focus();
  for (const [key, channel] of [['Home', 0], ['ArrowRight', 1], ['End', maps.shape[0] - 1]]) {
    await grid.press(key);
    assert.equal(await channelAt(grid), channel);
    const { max } = maps.stats[channel];
    const expected = valuesOf(maps, channel).map((v) => (max > 0 ? Math.min(255, Math.floor((v * 255) / max)) : 0));
    const reds = await redsOf(grid, maps.shape);
    const worst = Math.max(...reds.map((red, i) => Math.abs(red - expected[i])));
    assert.ok(worst <= 1, `channel ${channel} differs by ${worst} of 255`);
    assert.ok(new Set(expected).size > 4, `channel ${channel} has several values`);
  }
});

visit('every scale is what its legend says', { hash: '#layer=Mixed_3c&map=grey', width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await settled(page);
  const branches = [];
  for (let i = 0; i < 4; i++) branches.push(await featuresOf(page, `Mixed_3c/Branch_${i}`));
  const percentile = (values) => values.sort((a, b) => a - b)[Math.floor(values.length * 0.995)];
  const limits = { Branch: percentile([...branches[1].data]), Layer: percentile(branches.flatMap(({ data }) => data)) };
  const grid = gridOf(page, 'Mixed_3c/Branch_1');
  const stats = branches[1].stats.map(({ max }) => max);
  const channel = stats.indexOf(Math.max(...stats.filter((max) => max < limits.Layer)));
  for (const [scale, limit] of Object.entries(limits)) {
    await page.getByRole('radio', { name: scale, exact: true }).click();
    await grid.focus();
    await grid.press('Home');
    for (let i = 0; i < channel; i++) await grid.press('ArrowRight');
    const reds = await redsOf(grid, branches[1].shape);
    const worst = Math.max(...valuesOf(branches[1], channel).map((v, i) => Math.abs(reds[i] - Math.min(255, (v * 255) / limit))));
    assert.ok(worst <= 2.5, `${scale}: differs by ${worst} of 255`);
    assert.match(await page.locator('#legend').textContent(), new RegExp(`99.5th percentile of the ${scale.toLowerCase()}$`));
  }
});

visit('channels are sorted as chosen, and dead ones hidden', { hash: '#layer=Mixed_5b' }, async (page) => {
  await classifyDrawn(page);
  await settled(page);
  const maps = await featuresOf(page, 'Mixed_5b/Branch_1');
  const grid = gridOf(page, 'Mixed_5b/Branch_1');
  const all = maps.stats.map((_, c) => c);
  const orders = { index: all, mean: [...all].sort((a, b) => maps.stats[b].mean - maps.stats[a].mean || a - b), sparsity: [...all].sort((a, b) => maps.stats[b].sparsity - maps.stats[a].sparsity || a - b) };
  for (const [sort, order] of Object.entries(orders)) {
    await page.selectOption('#sort', sort);
    await grid.focus();
    await grid.press('Home');
    for (const channel of order.slice(0, 5)) {
      assert.equal(await channelAt(grid), channel, sort);
      await grid.press('ArrowRight');
    }
    await grid.press('End');
    assert.equal(await channelAt(grid), order.at(-1), sort);
  }
  const dead = maps.stats.filter(({ max }) => max === 0).length;
  assert.ok(dead > 0);
  await page.check('#hideDead');
  await grid.focus();
  await grid.press('Home');
  assert.equal(Number(await grid.locator('[role=option]').getAttribute('aria-setsize')), all.length - dead);
  assert.match(await page.locator('.branch .read').nth(1).textContent(), new RegExp(`^${all.length - dead} of ${all.length} channels`));
});

visit('only what is visible of 1,024 channels is drawn, and a step of scrolling takes less than a frame', { hash: '#layer=Mixed_5c' }, async (page) => {
  await classifyDrawn(page);
  await settled(page);
  const times = await gridOf(page, 'Mixed_5c/Branch_1').evaluate((box) => {
    const [canvas, sheet] = [box.querySelector('canvas'), box.querySelector('.sheet')];
    const sizes = { canvas: canvas.clientHeight, sheet: sheet.clientHeight, box: box.clientHeight };
    const steps = [];
    for (let top = 0; top < sheet.clientHeight - box.clientHeight; top += 40) {
      box.scrollTop = top;
      const before = performance.now();
      box.dispatchEvent(new Event('scroll'));
      steps.push(performance.now() - before);
    }
    return { ...sizes, steps };
  });
  assert.ok(times.canvas <= times.box && times.sheet > 2 * times.box, JSON.stringify(times));
  assert.ok(times.steps.length > 20);
  const median = times.steps.sort((a, b) => a - b)[times.steps.length >> 1];
  assert.ok(median < 16, `${median} ms`);
});

visit('a layer inside a branch opens in place', { hash: '#layer=Mixed_3b&map=grey' }, async (page) => {
  await classifyDrawn(page);
  await settled(page);
  const layer = 'Mixed_3b/Branch_1/Conv2d_0a_1x1';
  const branch = page.locator('.branch').nth(1);
  const chip = branch.locator(`.chip[data-layer="${layer}"]`);
  await chip.click();
  await settled(page);
  assert.equal(await chip.getAttribute('aria-pressed'), 'true');
  assert.equal(await branch.locator('.read').textContent(), '96 of 96 channels');
  const maps = await featuresOf(page, layer);
  const grid = gridOf(page, 'Mixed_3b/Branch_1');
  await grid.focus();
  await grid.press('Home');
  await grid.press('ArrowRight');
  const { max } = maps.stats[1];
  const reds = await redsOf(grid, maps.shape);
  assert.ok(Math.max(...valuesOf(maps, 1).map((v, i) => Math.abs(reds[i] - Math.min(255, (v * 255) / max)))) <= 2);
  await chip.click();
  assert.equal(await branch.locator('.read').textContent(), '128 of 128 channels');
});

visit('the pointer reads a value and shows what it sees on the picture', { hash: '#layer=Mixed_3b' }, async (page) => {
  await classifyDrawn(page);
  await settled(page);
  const maps = await featuresOf(page, 'Mixed_3b/Branch_1');
  const grid = gridOf(page, 'Mixed_3b/Branch_1');
  await grid.scrollIntoViewIfNeeded();
  const [, height, width] = maps.shape;
  await grid.hover({ position: { x: 20, y: 15 } });
  const said = await page.locator('#readout .value dt').textContent();
  const [, y, x] = /\(y (\d+), x (\d+)\)/.exec(said).map(Number);
  const value = valuesOf(maps, 0)[y * width + x];
  const shown = Number((await page.locator('#readout .value dd').textContent()).replace('−', '-'));
  assert.ok(Math.abs(shown - value) <= 0.01 * Math.abs(value), `${shown}, ${value}`);
  assert.ok(y > 5 && y < height / 2 && x > 10 && x < width - 10, `${y}, ${x}`);
  const { start, stride, size } = maps.field;
  const from = [start[1] + x * stride[1], start[0] + y * stride[0]];
  const note = `Receptive field ${size[1]} × ${size[0]} px · x ${from[0]}…${from[0] + size[1] - 1}, y ${from[1]}…${from[1] + size[0] - 1}`;
  assert.equal(await page.locator('#fieldNote').textContent(), note);
  const line = page.locator('#fieldLayer .line');
  assert.equal(Number(await line.getAttribute('x')), Math.max(0, from[0]) + 1);
  assert.equal(Number(await line.getAttribute('y')), Math.max(0, from[1]) + 1);
  assert.equal(Number(await line.getAttribute('width')), Math.min(224, from[0] + size[1]) - Math.max(0, from[0]) - 2);
  await page.mouse.move(2, 2);
  assert.ok(await page.locator('#fieldLayer').isHidden());
});

visit('a second click opens a channel large; Escape closes it; its files hold its values', { hash: '#layer=Mixed_4b' }, async (page) => {
  await classifyDrawn(page);
  await settled(page);
  const maps = await featuresOf(page, 'Mixed_4b/Branch_0');
  const grid = gridOf(page, 'Mixed_4b/Branch_0');
  const alive = maps.stats.findIndex(({ max }) => max > 0);
  await grid.focus();
  await grid.press('Home');
  for (let i = 0; i < alive; i++) await grid.press('ArrowRight');
  await grid.press('Enter');
  assert.equal(await grid.locator('[role=option]').getAttribute('aria-selected'), 'true');
  assert.match(await page.evaluate(() => location.hash), new RegExp(`channel=Mixed_4b/Branch_0,${alive},\\d+,\\d+`));
  await grid.press('Enter');
  const dialog = page.locator('#large[open]');
  await dialog.waitFor();
  const values = valuesOf(maps, alive);
  const peak = values.indexOf(Math.max(...values));
  assert.match(await dialog.locator('.value').textContent(), new RegExp(`\\(y ${Math.floor(peak / maps.shape[2])}, x ${peak % maps.shape[2]}\\)`));

  const [npy] = await Promise.all([page.waitForEvent('download'), dialog.getByRole('button', { name: '.npy' }).click()]);
  assert.equal(npy.suggestedFilename(), `bars_googlenet-imagenet_Mixed_4b_Branch_0_ch${alive}.npy`);
  const bytes = readFileSync(await npy.path());
  const start = 10 + bytes.readUInt16LE(8);
  assert.equal(start % 64, 0);
  assert.match(bytes.subarray(0, start).toString('latin1'), /NUMPY.*'descr': '<f4', 'fortran_order': False, 'shape': \(14, 14\), }\s*\n$/s);
  values.forEach((value, i) => assert.equal(bytes.readFloatLE(start + 4 * i), value));

  const [png] = await Promise.all([page.waitForEvent('download'), dialog.getByRole('button', { name: 'PNG' }).click()]);
  const picture = readFileSync(await png.path());
  assert.deepEqual([picture.readUInt32BE(16), picture.readUInt32BE(20)], [14 * 37, 14 * 37]);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

visit('a branch is saved as a picture and as an array, a module as a table', { hash: '#layer=Mixed_4c' }, async (page) => {
  await classifyDrawn(page);
  await settled(page);
  /** @param {string} name of what is chosen */
  const saved = async (name) => {
    await page.click('#exportToggle');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name }).click()]);
    return download;
  };
  const npy = await saved('Mixed_4c/Branch_3: save .npy');
  const bytes = readFileSync(await npy.path());
  assert.equal(bytes.length, 10 + bytes.readUInt16LE(8) + 4 * 64 * 14 * 14);
  const png = await saved('Mixed_4c/Branch_3: save PNG');
  const picture = readFileSync(await png.path());
  assert.equal(picture.readUInt32BE(16), 8 * (14 * 5) + 7 * 4);
  const csv = await saved('.csv');
  const lines = readFileSync(await csv.path(), 'utf8').trimEnd().split('\n');
  assert.equal(lines.length, 1 + 160 + 224 + 64 + 64);
  const maps = await featuresOf(page, 'Mixed_4c/Branch_3');
  const [name, channel, mean] = lines.at(-1).split(',');
  assert.deepEqual([name, channel], ['Mixed_4c/Branch_3', '63']);
  assert.ok(Math.abs(Number(mean) - maps.stats[63].mean) < 1e-6);
});

visit('the address brings module, channel, order and colours back', { hash: '#layer=Mixed_4d&channel=Mixed_4d/Branch_1/Conv2d_0a_1x1,7,3,5&sort=max&scale=branch&map=viridis' }, async (page) => {
  await classifyDrawn(page);
  await settled(page);
  assert.equal(await page.locator('#sort').inputValue(), 'max');
  assert.equal(await page.getByRole('radio', { name: 'Branch', exact: true }).getAttribute('aria-checked'), 'true');
  assert.equal(await page.getByRole('radio', { name: 'Viridis' }).getAttribute('aria-checked'), 'true');
  assert.equal(await page.locator('.card[data-on=true] > button[aria-pressed=true]').textContent(), await page.locator('.card[data-modules=Mixed_4d] > button').textContent());
  await page.locator('#readout .who', { hasText: 'Mixed_4d/Branch_1/Conv2d_0a_1x1' }).waitFor();
  assert.equal(await page.locator('#readout .who b').textContent(), 'Channel 7');
  assert.match(await page.locator('#readout .value dt').textContent(), /\(y 3, x 5\)/);
});
