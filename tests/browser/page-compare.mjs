import assert from 'node:assert/strict';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { classifyDrawn, countFreed, drawnPng, drop, dropGenerated, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

const HUES = { 'bars.png': 30, 'other.png': 200 };
/** The offline model in the list of those to compare with. */
const OWN = '#compareModels button:text-is("GoogLeNet")';
const panel = (/** @type {Page} */ page) => page.locator('#compare');
const side = (/** @type {Page} */ page, /** @type {'A' | 'B'} */ letter) => page.locator(`#compare .side[data-side=${letter}]`);
const cell = (/** @type {Page} */ page, /** @type {number} */ index, /** @type {string} */ letter) => page.locator(`#compare .pair[data-pair="${index}"] .cell[data-side="${letter}"]`);
const grid = (/** @type {Page} */ page, /** @type {number} */ index, /** @type {string} */ letter) => cell(page, index, letter).locator('.grid');

/** Opens the panel and drops the second drawn picture on it. @param {Page} page */
async function compareDrawn(page) {
  await page.click('#compareToggle');
  await drop(page, { name: 'other.png', type: 'image/png', bytes: await drawnPng(page, HUES['other.png']) }, '#compare');
  await settled(page, 'other.png');
}

/** Waits for side B's answer for a picture. @param {Page} page @param {string} name */
async function settled(page, name) {
  await side(page, 'B').locator('.name', { hasText: name }).waitFor();
  await page.locator('#compare .pairs[aria-busy=false][data-stale=""]').waitFor();
  await side(page, 'B').locator('.top3').waitFor();
}

/**
 * What the package itself gives for a drawn picture.
 * @param {Page} page
 * @param {keyof typeof HUES} name
 * @param {{ layers?: string[], off?: string[], dropped?: boolean }} options by the model that was dropped, or the page's own
 */
async function measured(page, name, { layers = [], off = [], dropped = false }) {
  const png = await drawnPng(page, HUES[name]);
  const { maps, predictions } = await page.evaluate(
    async ({ png, layers, off, dropped }) => {
      const { Inception } = await import('/pkg/dist/index.js');
      const net = await Inception.load(dropped ? globalThis.droppedModel : 'googlenet-imagenet');
      const result = await net.ablate(png, { layers, off, topK: net.info.classes });
      net.dispose();
      return { predictions: result.predictions, maps: layers.map((layer) => result.layers[layer]) };
    },
    { png, layers, off, dropped },
  );
  return { predictions, maps: maps.map(({ data, ...map }) => ({ ...map, data: [...data] })) };
}

/** @param {number[]} values */
const percentile = (values) => values.map(Math.abs).sort((a, b) => a - b)[Math.floor(values.length * 0.995)];

/** @param {{ shape: number[], data: number[] }} maps @param {number} channel */
function valuesOf({ shape: [, height, width], data }, channel) {
  return data.slice(channel * height * width, (channel + 1) * height * width);
}

/**
 * The colours of every value of the tile under the cursor: red, green, blue, in the middle of its square.
 * @param {import('playwright-core').Locator} box
 * @param {number[]} shape
 * @returns {Promise<number[][]>}
 */
function coloursOf(box, [, height, width]) {
  return box.evaluate(
    (element, [height, width]) => {
      const canvas = element.querySelector('canvas');
      const cursor = element.querySelector('.cursor');
      const scale = canvas.width / canvas.clientWidth;
      const [x, y, size] = ['--x', '--y', '--size'].map((name) => parseFloat(cursor.style.getPropertyValue(name)));
      const [left, top, side] = [x * scale, (y - element.scrollTop) * scale, size * scale].map(Math.round);
      const { data } = canvas.getContext('2d').getImageData(left, top, side, side);
      const middle = (i, count) => Math.floor(((i + 0.5) * side) / count);
      return Array.from({ length: height * width }, (_, i) => {
        const at = 4 * (middle(Math.floor(i / width), height) * side + middle(i % width, width));
        return [...data.slice(at, at + 3)];
      });
    },
    [height, width],
  );
}

/** The channel that the cursor of a grid is on. @param {import('playwright-core').Locator} box */
async function channelAt(box) {
  return Number(/ (\d+) /.exec(await box.locator('[role=option]').getAttribute('aria-label'))[1]);
}

visit('two pictures stand side by side on one scale: the 99.5th percentile of both', { hash: '#layer=Mixed_3b&map=grey', width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await compareDrawn(page);
  const layers = [0, 1, 2, 3].map((k) => `Mixed_3b/Branch_${k}`);
  const [a, b] = [await measured(page, 'bars.png', { layers }), await measured(page, 'other.png', { layers })];
  for (const scale of ['Channel', 'Layer']) {
    await page.getByRole('radio', { name: scale, exact: true }).click();
    const pooled = scale === 'Layer' ? [...a.maps, ...b.maps] : [a.maps[1], b.maps[1]];
    const limit = percentile(pooled.flatMap(({ data }) => data));
    await grid(page, 1, 'A').focus();
    await grid(page, 1, 'A').press('Home');
    for (let c = 0; c < 3; c++) {
      for (const [letter, { maps }] of /** @type {const} */ ([['A', a], ['B', b]])) {
        assert.equal(await channelAt(grid(page, 1, letter)), c);
        const colours = await coloursOf(grid(page, 1, letter), maps[1].shape);
        const worst = Math.max(...valuesOf(maps[1], c).map((v, i) => Math.abs(colours[i][0] - Math.min(255, (v * 255) / limit))));
        assert.ok(worst <= 2.5, `${scale}, ${letter}, channel ${c}: differs by ${worst} of 255`);
      }
      await grid(page, 1, 'A').press('ArrowRight');
    }
    assert.match(await page.locator('#compareLegend').textContent(), new RegExp(`99.5th percentile of the ${scale === 'Layer' ? 'layer' : 'branch'} on both sides$`));
  }
  for (const [letter, { maps }] of /** @type {const} */ ([['A', a], ['B', b]])) {
    const [mean, max, zeros, dead, energy] = await cell(page, 2, letter).locator('dd').allTextContents();
    const { stats, data } = maps[2];
    const squares = maps.map((one) => one.data.reduce((sum, v) => sum + v * v, 0));
    const near = (text, value, slack) => assert.ok(Math.abs(parseFloat(text) - value) <= slack, `${letter}: ${text}, not ${value}`);
    const digits = (text, value) => near(text, value, 0.006 * value);
    digits(mean, data.reduce((x, y) => x + y, 0) / data.length);
    digits(max, Math.max(...stats.map((s) => s.max)));
    near(zeros, 100 * data.filter((v) => v === 0).length / data.length, 0.6);
    near(dead, stats.filter((s) => s.max === 0).length, 0);
    near(energy, (100 * squares[2]) / squares.reduce((x, y) => x + y, 0), 0.06);
  }
});

visit('B − A is drawn about zero and sorts channels by size', { hash: '#layer=Mixed_4b&map=grey', width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await compareDrawn(page);
  const layers = ['Mixed_4b/Branch_1'];
  const [[a], [b]] = [(await measured(page, 'bars.png', { layers })).maps, (await measured(page, 'other.png', { layers })).maps];
  const change = { shape: a.shape, data: b.data.map((v, i) => v - a.data[i]) };
  const limit = percentile(change.data);
  const sizes = a.stats.map((_, c) => valuesOf(change, c).reduce((sum, v) => sum + Math.abs(v), 0));
  const order = sizes.map((_, c) => c).sort((x, y) => sizes[y] - sizes[x] || x - y);
  await page.check('#compareOrder');
  const box = grid(page, 1, 'B − A');
  await box.focus();
  await box.press('Home');
  for (const channel of order.slice(0, 4)) {
    for (const letter of ['A', 'B', 'B − A']) assert.equal(await channelAt(grid(page, 1, letter)), channel, letter);
    await box.press('ArrowRight');
  }
  await box.press('Home');
  const values = valuesOf(change, order[0]);
  const colours = await coloursOf(box, change.shape);
  values.forEach((value, i) => {
    const [red, , blue] = colours[i];
    if (Math.abs(value) < limit / 20) assert.ok(Math.abs(red - blue) < 32, `${value} is near white, not ${colours[i]}`);
    else assert.equal(red > blue, value > 0, `${value}: ${colours[i]}`);
  });
  assert.ok(values.some((v) => v > limit / 20) && values.some((v) => v < -limit / 20));
  await page.uncheck('#compareDifference');
  assert.equal(await page.locator('#compare .cell[data-side="B − A"]:visible').count(), 0);
});

visit('side B shows the classes of side A with the difference', { width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await compareDrawn(page);
  const [a, b] = [await measured(page, 'bars.png', {}), await measured(page, 'other.png', {})];
  const labels = a.predictions.slice(0, 3).map(({ label }) => label);
  assert.deepEqual(await side(page, 'A').locator('.label').allTextContents(), labels);
  assert.deepEqual(await side(page, 'B').locator('.label').allTextContents(), labels);
  for (const [k, { index, probability }] of a.predictions.slice(0, 3).entries()) {
    const now = b.predictions.find((one) => one.index === index).probability;
    const shown = (await side(page, 'B').locator('.difference').nth(k).textContent()).replace('−', '-').replace('±', '');
    assert.ok(Math.abs(parseFloat(shown) - 100 * (now - probability)) <= 0.06, `${labels[k]}: ${shown}`);
  }
});

visit('a channel that is read on one side is read on the other, and on the picture', { hash: '#layer=Mixed_3b', width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await compareDrawn(page);
  const layers = ['Mixed_3b/Branch_0'];
  const [[a], [b]] = [(await measured(page, 'bars.png', { layers })).maps, (await measured(page, 'other.png', { layers })).maps];
  await grid(page, 0, 'B').hover({ position: { x: 60, y: 20 } });
  assert.equal(await channelAt(grid(page, 0, 'A')), 1);
  const terms = await page.locator('#compare .readout .value dt').allTextContents();
  const [, y, x] = /\(y (\d+), x (\d+)\)/.exec(terms[0]).map(Number);
  assert.deepEqual(terms, [`A (y ${y}, x ${x})`, `B (y ${y}, x ${x})`, 'B − A']);
  const at = (1 * 28 + y) * 28 + x;
  const shown = (await page.locator('#compare .readout .value dd').allTextContents()).map((text) => Number(text.replace('−', '-')));
  for (const [k, value] of [a.data[at], b.data[at], b.data[at] - a.data[at]].entries()) assert.ok(Math.abs(shown[k] - value) <= 0.01 * Math.abs(value) + 1e-6, `${shown[k]}, ${value}`);
  assert.ok(await page.locator('#fieldLayer').isVisible());
  assert.equal(await page.locator('#readout .who b').textContent(), 'Channel 1');
});

visit('the comparison follows the open module, the picture and what is switched off', { hash: '#layer=Mixed_3b', width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await compareDrawn(page);
  await page.click('.card[data-modules=Mixed_5b] > button');
  assert.equal(await page.locator('#compare .pair').count(), 4);
  assert.match(await grid(page, 0, 'B').getAttribute('aria-label'), /^B: Mixed_5b\/Branch_0, 256 channels, mean [\d.]+/);
  const numbers = () => cell(page, 1, 'A').locator('dd').allTextContents();
  const [mean, max, zeros, , energy] = await numbers();
  await page.locator('#map').getByRole('switch', { name: 'Mixed_5b/Branch_1', exact: true }).click();
  await side(page, 'A').locator('.tag', { hasText: 'Mixed_5b/Branch_1 off' }).waitFor();
  await side(page, 'B').locator('.tag', { hasText: en.allBranchesOn }).waitFor();
  assert.equal(await cell(page, 1, 'A').locator('.grid-note').textContent(), en.switchedOff);
  assert.deepEqual(await numbers(), [mean, max, zeros, '–', energy], 'from before, none of them dead');
  assert.equal(await cell(page, 1, 'A').locator('.grid canvas').evaluate((canvas) => getComputedStyle(canvas).opacity), '0.22');
  assert.deepEqual(await page.locator('#compare .cell[data-side="B − A"]:visible').evaluateAll((cells) => cells.map((one) => one.closest('.pair').dataset.pair)), ['0', '2', '3']);
  assert.notEqual((await cell(page, 1, 'B').locator('dd').allTextContents())[2], '100 %');
  const { predictions } = await measured(page, 'bars.png', { off: ['Mixed_5b/Branch_1'] });
  const share = predictions[0].probability;
  assert.equal(await side(page, 'A').locator('.p').first().textContent(), `${share >= 0.9995 ? '100' : (100 * share).toFixed(1)} %`);
  await classifyDrawn(page, 'next.png');
  await side(page, 'A').locator('.name', { hasText: 'next.png' }).waitFor();
  assert.equal(await side(page, 'B').locator('.name').textContent(), 'other.png');
});

visit('two models are compared on one picture, module beside module', { hash: '#layer=Mixed_4c&map=grey', width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await page.click('#compareToggle');
  await page.getByRole('radio', { name: en.otherModel }).click();
  await dropGenerated(page, 'timm_inception_v3', '#compare');
  await settled(page, 'bars.png');
  assert.equal(await page.locator('#compareModule').inputValue(), 'Mixed_6b');
  const shown = async (/** @type {string} */ module) => {
    const { maps: [b], predictions } = await measured(page, 'bars.png', { layers: [`${module}/Branch_2`], dropped: true });
    const limit = percentile(b.data);
    await grid(page, 2, 'B').focus();
    await grid(page, 2, 'B').press('Home');
    const colours = await coloursOf(grid(page, 2, 'B'), b.shape);
    const channel = await channelAt(grid(page, 2, 'B'));
    const worst = Math.max(...valuesOf(b, channel).map((v, i) => Math.abs(colours[i][0] - Math.min(255, (v * 255) / limit))));
    assert.ok(worst <= 2.5, `${module}: differs by ${worst} of 255`);
    assert.equal(await cell(page, 2, 'B').locator('.cell-head small').textContent(), `${b.shape[0]} channels`);
    return predictions;
  };
  const predictions = await shown('Mixed_6b');
  assert.deepEqual(await side(page, 'B').locator('.label').allTextContents(), predictions.slice(0, 3).map(({ label }) => label));
  await page.selectOption('#compareModule', 'Mixed_5b');
  await shown('Mixed_5b');
  await page.selectOption('#compareModule', 'Mixed_6a');
  assert.match(await cell(page, 3, 'B').textContent(), /This module has no branch 3\./);
  await classifyDrawn(page, 'next.png');
  await settled(page, 'next.png');
});

visit('the model to compare with is in the address', { width: 1600 }, async (page, address) => {
  await page.click('#compareToggle');
  await page.getByRole('radio', { name: en.otherModel }).click();
  await page.click(OWN);
  await page.locator('#compareModule').waitFor();
  assert.match(await page.evaluate(() => location.hash), /compare=googlenet-imagenet/);
  await page.selectOption('#compareModule', 'Mixed_5b');
  await page.waitForFunction(() => location.hash.includes('module2=Mixed_5b'));
  await page.goto('about:blank');
  await page.goto(`${address}#compare=googlenet-imagenet&layer=Mixed_4c&module2=Mixed_5b`);
  await page.locator('#compareModule').waitFor();
  assert.equal(await page.locator('#compareModule').inputValue(), 'Mixed_5b');
  await classifyDrawn(page);
  await settled(page, 'bars.png');
  await page.click('#compareClose');
  assert.ok(await panel(page).isHidden());
  assert.doesNotMatch(await page.evaluate(() => location.hash), /compare/);
  assert.equal(await page.evaluate(() => globalThis.focused()?.id), 'compareToggle');
});

visit('closing the comparison frees the second model', { isolated: false, width: 1600 }, async (page) => {
  await countFreed(page);
  await classifyDrawn(page);
  await page.click('#compareToggle');
  await page.getByRole('radio', { name: en.otherModel }).click();
  await page.click(OWN);
  await settled(page, 'bars.png');
  assert.equal(await page.locator('#compare .cell[data-side="B − A"]:visible').count(), 0);
  await page.click('#compareClose');
  assert.equal(await page.evaluate(() => globalThis.freed), 1);
  await classifyDrawn(page, 'next.png');
});

visit('side B says what is wrong with its picture or model, and offers the next step', { width: 1600, expected: /\.safetensors/ }, async (page) => {
  await classifyDrawn(page);
  const answer = await page.locator('#top5').textContent();
  await page.click('#compareToggle');
  assert.match(await side(page, 'B').textContent(), new RegExp(en.pickPicture));
  await drop(page, { name: 'notes.jpg', type: 'image/jpeg', bytes: new TextEncoder().encode('no picture') }, '#compare');
  await page.locator('#compareStatus [role=alert]', { hasText: 'This file cannot be read as an image: ' }).waitFor();
  await drop(page, { name: 'words.safetensors', type: '', bytes: new TextEncoder().encode('no model') }, '#compare');
  await page.locator('#compareStatus [role=alert]', { hasText: 'This model file does not fit: ' }).waitFor();
  await page.evaluate(async () => (await import('/pkg/dist/index.js')).Inception.cache.clear());
  await page.route('**/*.safetensors', (route) => route.abort());
  await page.click(OWN);
  await page.locator('#compareStatus [role=alert]', { hasText: 'Could not reach' }).waitFor();
  await page.unroute('**/*.safetensors');
  await page.route('**/*.safetensors', () => undefined);
  await page.locator('#compareStatus button', { hasText: en.retry }).click();
  await page.locator('#compareStatus button', { hasText: en.cancel }).click();
  await page.unroute('**/*.safetensors');
  await page.click(OWN);
  await settled(page, 'bars.png');
  assert.equal(await page.locator('#top5').textContent(), answer, 'the page keeps its own');
});

visit('a second model whose engine has ended is loaded again', { width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await page.click('#compareToggle');
  await page.getByRole('radio', { name: en.otherModel }).click();
  await page.evaluate(async () => {
    const { Inception, InceptionError } = await import('/pkg/dist/index.js');
    const { classify } = Inception.prototype;
    Inception.prototype.classify = async function () {
      Inception.prototype.classify = classify;
      throw new InceptionError('internal', 'the worker failed');
    };
  });
  await page.click(OWN);
  await side(page, 'B').locator('[role=alert]', { hasText: 'Something went wrong in the engine: the worker failed' }).waitFor();
  await side(page, 'B').locator('button', { hasText: en.retry }).click();
  await settled(page, 'bars.png');
});

visit('an address with an unknown model to compare with says so', { hash: '#compare=nothing' }, async (page) => {
  await page.locator('#compareStatus [role=alert]', { hasText: 'No model is called nothing.' }).waitFor();
  await page.getByRole('radio', { name: en.otherPicture }).click();
  assert.equal(await page.locator('#compareStatus [role=alert]').count(), 0);
  await page.waitForFunction(() => !location.hash.includes('compare'));
});

visit('side B can be stopped, and gives way to the page', { width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await page.click('#compareToggle');
  await page.evaluate(() => {
    new MutationObserver((_, observer) => {
      const cancel = globalThis.inside('#compare .side[data-side=B] [role=progressbar]')?.parentElement?.querySelector('button');
      if (!cancel) return;
      observer.disconnect();
      cancel.click();
    }).observe(globalThis.inside('#compare'), { childList: true, subtree: true });
  });
  await drop(page, { name: 'other.png', type: 'image/png', bytes: await drawnPng(page, 200) }, '#compare');
  await side(page, 'B').locator('.note', { hasText: 'Cancelled.' }).waitFor();
  await side(page, 'B').locator('button', { hasText: en.run }).click();
  await settled(page, 'other.png');
  await drop(page, { name: 'third.png', type: 'image/png', bytes: await drawnPng(page, 120) }, '#compare');
  await classifyDrawn(page, 'next.png');
  await settled(page, 'third.png');
  assert.equal(await side(page, 'A').locator('.name').textContent(), 'next.png');
});

visit('the camera is compared with a picture, frame by frame', { width: 1600, flags: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] }, async (page) => {
  await classifyDrawn(page);
  await compareDrawn(page);
  const seen = await side(page, 'B').locator('canvas').evaluate((canvas) => canvas.toDataURL());
  await page.click('#camera');
  await side(page, 'A').locator('.name', { hasText: 'Camera' }).waitFor();
  const label = await grid(page, 0, 'A').getAttribute('aria-label');
  await page.waitForFunction((label) => globalThis.inside('#compare .grid').getAttribute('aria-label') !== label, label);
  assert.equal(await side(page, 'B').locator('canvas').evaluate((canvas) => canvas.toDataURL()), seen);
  await page.click('#camera');
  await page.waitForFunction(() => globalThis.insideAll('.lane.waiting').length === 0);
  await settled(page, 'other.png');
  assert.equal(await side(page, 'A').locator('.name').textContent(), 'Camera');
});

visit('the comparison works with the keyboard alone, in Chinese', { hash: '#lang=zh' }, async (page) => {
  await classifyDrawn(page);
  await page.locator('#compareToggle').focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => globalThis.focused()?.textContent), zh.otherPicture);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => globalThis.focused()?.getAttribute('aria-label')), zh.close);
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowLeft');
  await settled(page, 'rings.png');
  const at = () => page.evaluate(() => globalThis.focused()?.getAttribute('aria-label') ?? '');
  for (let i = 0; i < 12 && !(await at()).startsWith('B: '); i++) await page.keyboard.press('Tab');
  assert.match(await at(), /^B: Mixed_3b\/Branch_0, 64 通道, 均值 /);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowDown');
  const said = await grid(page, 0, 'A').locator('[role=option]').getAttribute('aria-label');
  assert.match(said, /^通道 1 · A \(y \d+, x \d+\) [\d.−]+ · B \(y \d+, x \d+\) [\d.−]+ · B − A /);
  assert.match(await page.locator('#compareLegend').textContent(), new RegExp(`${zh.bothBranch}$`));
  for (const canvas of await panel(page).locator('canvas:visible').all()) {
    const name = (await canvas.getAttribute('aria-label')) ?? '';
    assert.ok(name !== '' || (await canvas.getAttribute('aria-hidden')) === 'true');
  }
});

visit('the comparison never scrolls the page sideways', {}, async (page) => {
  await classifyDrawn(page);
  await compareDrawn(page);
  const fits = async (/** @type {string} */ what, /** @type {number} */ width) => {
    await page.setViewportSize({ width, height: 900 });
    const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(excess, 0, `${what}, ${width} px`);
  };
  const columns = () => page.locator('#compare .pair[data-pair="0"] .cell:visible').evaluateAll((cells) => new Set(cells.map((cell) => cell.getBoundingClientRect().left)).size);
  for (const width of [320, 360, 861, 1024, 1600]) {
    await fits('pictures', width);
    assert.equal(await columns(), width > 860 ? 3 : 1, `${width} px`);
  }
  await page.getByRole('radio', { name: en.otherModel }).click();
  for (const width of [320, 360, 861, 1024, 1600]) await fits('models', width);
});
