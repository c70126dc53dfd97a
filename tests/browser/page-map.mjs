import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { networkOf } from '../../pkg/src/element/network.js';
import { ROOT } from './harness.mjs';
import { classifyDrawn, drawnPng, dropGenerated, visit } from './visit.mjs';

/** The command line, where the engine's own tests have built it. */
const INCEPTION = ['release', 'debug'].map((profile) => join(ROOT, 'target', profile, 'inception')).find((path) => existsSync(path));

/**
 * The networks as their papers and TF-slim's and Caffe's definitions have them: modules of the stem, modules, reductions,
 * and for residual networks the blocks of each stack.
 * @type {Record<string, { stem?: string[], modules: string[], reductions: string[], stacks?: Record<string, number>, heads?: Record<string, string> }>}
 */
const PAPERS = {
  googlenet: { ...mixed('3bc', '4bcdef', '5bc'), heads: { AuxLogits_1: 'Mixed_4b', AuxLogits_2: 'Mixed_4e' } },
  'googlenet-torchvision': { ...mixed('3bc', '4bcdef', '5bc'), heads: { AuxLogits_1: 'Mixed_4b', AuxLogits_2: 'Mixed_4e' } },
  'inception-v1-bn': mixed('3bc', '4bcdef', '5bc'),
  'inception-v2': mixed('3bcd', '4bcdef', '5bc'),
  'inception-v2-caffe': { ...mixed('3bc', '4bcde', '5bc'), reductions: ['Mixed_4a', 'Mixed_5a'] },
  'inception-v3': { ...mixed('5bcd', '6bcde', '7bc'), reductions: ['Mixed_6a', 'Mixed_7a'], heads: { AuxLogits: 'Mixed_6e' } },
  'inception-v3-slim': { ...mixed('5bcd', '6bcde', '7bc'), reductions: ['Mixed_6a', 'Mixed_7a'], heads: { AuxLogits: 'Mixed_6e' } },
  'inception-v3-2015': { ...mixed('5bcd', '6bcde', '7bc'), reductions: ['Mixed_6a', 'Mixed_7a'] },
  'inception-v4': { ...mixed('5bcde', '6bcdefgh', '7bcd'), stem: ['Mixed_3a', 'Mixed_4a', 'Mixed_5a'], reductions: ['Mixed_6a', 'Mixed_7a'] },
  'inception-v4-shared': { ...mixed('5bcde', '6bcdefgh', '7bcd'), stem: ['Mixed_3a', 'Mixed_4a', 'Mixed_5a'], reductions: ['Mixed_6a', 'Mixed_7a'] },
  'inception-resnet-v1': { modules: [], reductions: ['Mixed_6a', 'Mixed_7a'], stacks: { block35: 5, block17: 10, block8: 5 } },
  'inception-resnet-v1-shared': { modules: [], reductions: ['Mixed_6a', 'Mixed_7a'], stacks: { block35: 5, block17: 10, block8: 10 } },
  'inception-resnet-v2': { modules: ['Mixed_5b'], reductions: ['Mixed_6a', 'Mixed_7a'], stacks: { block35: 10, block17: 20, block8: 9 } },
};
/** Factors of the residuals (TF-slim's and facenet's definitions); the last block8 stands alone and is added whole, as the tutorials' are. */
const SCALES = { block35: 0.17, block17: 0.1, block8: 0.2, Block8: 1 };

/** Side of the input of GoogLeNet's modules and its channels, then table 1 of the paper: 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5, pool proj. */
const FILTERS = [
  [28, 192, 64, 96, 128, 16, 32, 32], [28, 256, 128, 128, 192, 32, 96, 64],
  [14, 480, 192, 96, 208, 16, 48, 64], [14, 512, 160, 112, 224, 24, 64, 64], [14, 512, 128, 128, 256, 24, 64, 64], [14, 512, 112, 144, 288, 32, 64, 64], [14, 528, 256, 160, 320, 32, 128, 128],
  [7, 832, 256, 160, 320, 32, 128, 128], [7, 832, 384, 192, 384, 48, 128, 128],
];
/** Their multiply-adds, in millions. */
const MACS = FILTERS.map(([side, input, one, reduce3, three, reduce5, five, pool]) => (side ** 2 * (input * (one + reduce3 + reduce5 + pool) + 9 * reduce3 * three + 25 * reduce5 * five)) / 1e6);

/** @param {...string} stages for example '5bcd' */
function mixed(...stages) {
  return { modules: stages.flatMap(([stage, ...letters]) => letters.map((letter) => `Mixed_${stage}${letter}`)), reductions: [] };
}

/** @param {string} id */
function layersOf(id) {
  /** @type {any[]} */
  const layers = JSON.parse(execFileSync(/** @type {string} */ (INCEPTION), ['layers', id, '--json'], { maxBuffer: 1 << 24 }).toString());
  return layers.map(({ receptive_field: receptiveField, ...layer }) => ({ ...layer, receptiveField }));
}

const skip = INCEPTION ? false : 'target/*/inception is missing (cargo build makes it)';
for (const [id, { stem = [], modules, reductions, stacks = {}, heads = {} }] of Object.entries(PAPERS)) {
  test(`the map's parts are those of the paper: ${id}`, { skip }, () => {
    const layers = layersOf(id);
    const network = networkOf(layers);
    const named = (/** @type {string} */ role) => network.modules.filter((module) => module.role === role).map(({ name }) => name);
    assert.deepEqual(named('stem'), stem);
    assert.deepEqual(named('module'), modules);
    assert.deepEqual(named('reduction'), reductions);
    const folded = network.parts.flatMap((part) => (part.kind === 'stack' ? [[part.label, part.modules.length]] : []));
    assert.deepEqual(Object.fromEntries(folded), stacks);
    for (const { label, shortcut } of network.modules.filter(({ role }) => role === 'block')) {
      assert.equal(shortcut?.scale, id.endsWith('-shared') ? 1 : SCALES[label.replace(/_\d+$/, '')], label);
    }
    assert.deepEqual(Object.fromEntries(network.auxiliary.map(({ head, after }) => [head, after])), heads);
    assert.equal(network.parts[0]?.kind, 'steps');
    assert.deepEqual(network.parts.at(-1)?.steps.at(-1)?.kind, 'softmax');

    const drawn = network.parts.flatMap((part) => (part.kind === 'steps' ? part.steps : part.kind === 'module' ? stepsOf(part.module) : part.modules.flatMap(stepsOf)));
    const computed = layers.filter(({ name, kind }) => !name.startsWith('AuxLogits') && (kind === 'conv' || kind.endsWith('pool')));
    assert.deepEqual(drawn.map(({ name }) => name).filter((name) => computed.some((layer) => layer.name === name)).sort(), computed.map(({ name }) => name).sort());
    for (const module of network.modules.filter(({ role }) => role !== 'block')) {
      assert.equal(module.branches.reduce((sum, { channels }) => sum + channels, 0), module.shape[0], module.name);
    }
  });
}

/** @param {import('../../pkg/src/element/network.js').Module} module */
function stepsOf(module) {
  return [...module.branches.flatMap(({ path }) => path.flat()), ...module.residual];
}

test('the last modules of Inception-v3 and v4 fork inside two branches', { skip }, () => {
  for (const [id, names] of Object.entries({ 'inception-v3': ['Mixed_7b', 'Mixed_7c'], 'inception-v4': ['Mixed_7b', 'Mixed_7c', 'Mixed_7d'] })) {
    const forks = networkOf(layersOf(id)).modules.flatMap(({ name, branches }) => branches.filter(({ path }) => path.some((steps) => steps.length === 2)).map(({ label }) => `${name}/${label}`));
    assert.deepEqual(forks, names.flatMap((name) => [`${name}/Branch_1`, `${name}/Branch_2`]));
  }
});

visit('the map draws a lane for each branch, with its layers as chips', { width: 1600, empty: true }, async (page) => {
  const card = (/** @type {string} */ name) => page.locator(`.card[data-modules="${name}"]`);
  const lanes = await page.locator('.card').evaluateAll((cards) => cards.map((card) => card.querySelectorAll('.lane').length));
  assert.deepEqual(lanes, Array(9).fill(4));
  assert.deepEqual(await page.locator('.card > button b').allTextContents(), PAPERS.googlenet.modules);
  // Table 1 of the paper: 3a and 4e.
  assert.deepEqual(await card('Mixed_3b').locator('.lane').nth(2).locator('.chip').allTextContents(), ['1×1·16', '5×5·32']);
  assert.deepEqual(await card('Mixed_4f').locator('.lane').nth(1).locator('.chip').allTextContents(), ['1×1·160', '3×3·320']);
  assert.match(await card('Mixed_4f').locator('button').getAttribute('aria-label'), /^Mixed_4f, 832 × 14 × 14, 4e in the paper$/);
  assert.equal(await page.locator('.lane.waiting').count(), 36);
});

visit('the map of Inception-v3 has reductions of three lanes, and forks', { width: 1600 }, async (page) => {
  await dropGenerated(page, 'timm_inception_v3');
  const card = (/** @type {string} */ name) => page.locator(`.card[data-modules="${name}"]`);
  await card('Mixed_7c').waitFor();
  const lanes = await page.locator('.card').evaluateAll((cards) => cards.map((card) => card.querySelectorAll('.lane').length));
  assert.deepEqual(lanes, [4, 4, 4, 3, 4, 4, 4, 4, 3, 4, 4]);
  assert.deepEqual(await card('Mixed_7b').locator('.lane').nth(1).locator('.fork .chip').allTextContents(), ['1×3·384', '3×1·384']);
  assert.match(await card('Mixed_6a').locator('button').getAttribute('aria-label'), /^Mixed_6a, 768 × 17 × 17, reduction$/);
});

visit('the stem of Inception-v4 has branches, and one heading', { width: 1600 }, async (page) => {
  await dropGenerated(page, 'timm_inception_v4');
  await page.locator('.card[data-modules=Mixed_3a]').waitFor();
  assert.deepEqual(await page.locator('.card[data-role=stem] > button b').allTextContents(), ['Mixed_3a', 'Mixed_4a', 'Mixed_5a']);
  assert.deepEqual(await page.locator('.stage b').allTextContents(), ['Stem', '35 × 35', '17 × 17', '8 × 8', 'Head']);
  const edges = await page.locator('.stage').first().evaluate((stage) => [stage.getBoundingClientRect().right, inside('.card[data-modules=Mixed_5a]').getBoundingClientRect().right]);
  assert.equal(edges[0], edges[1], 'the heading ends with the stem');
});

/**
 * What the package says of some layers for the picture that `classifyDrawn` shows.
 * @param {import('./visit.mjs').Page} page
 * @param {string[]} names
 * @returns {Promise<{ squares: number, width: number, mean: number[] }[]>} sum of squares, and the mean over the channels
 */
async function measured(page, names) {
  const bytes = await drawnPng(page);
  return page.evaluate(
    async ({ names, bytes }) => {
      const { Inception } = await import('/pkg/dist/index.js');
      const net = await Inception.load(globalThis.droppedModel ?? 'googlenet-imagenet', { device: 'cpu' });
      const { layers } = await net.classify(bytes, { layers: names, topK: net.info.classes > 0 ? 1 : 0 });
      net.dispose();
      return names.map((name) => {
        const { data, shape: [channels, height, width] } = layers[name];
        const mean = Array.from({ length: height * width }, (_, i) => {
          let sum = 0;
          for (let c = 0; c < channels; c++) sum += data[c * height * width + i];
          return sum / channels;
        });
        return { squares: data.reduce((sum, value) => sum + value * value, 0), width, mean };
      });
    },
    { names, bytes },
  );
}

visit('after one run the map shows where each branch answers and its share of the energy', { width: 1600 }, async (page) => {
  await classifyDrawn(page);
  assert.equal(await page.locator('.lane.waiting').count(), 0);
  const likeliest = await page.locator('#top5 .label').first().textContent();
  assert.match(await page.locator('.end.head .ans').textContent(), new RegExp(`^${likeliest}\\d+ %$`));
  const branches = [0, 1, 2, 3].map((k) => `Mixed_4e/Branch_${k}`);
  const expected = await measured(page, branches);
  const total = expected.reduce((sum, { squares }) => sum + squares, 0);
  for (const [k, { squares, width, mean }] of expected.entries()) {
    const lane = page.locator('.card[data-modules=Mixed_4e] .lane').nth(k);
    const share = `${((100 * squares) / total).toFixed(0)} %`;
    assert.equal(await lane.locator('.share').textContent(), share);
    assert.match(await lane.locator('canvas').getAttribute('aria-label'), new RegExp(`^${branches[k]}, mean activation.*${share}$`, 'i'));
    const drawn = await lane.locator('canvas').evaluate((/** @type {HTMLCanvasElement} */ canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const brightness = Array.from({ length: data.length / 4 }, (_, i) => data[4 * i] + data[4 * i + 1] + data[4 * i + 2]);
      return { width: canvas.width, brightness };
    });
    assert.equal(drawn.width, width);
    const brightest = mean.indexOf(Math.max(...mean));
    assert.equal(drawn.brightness[brightest], Math.max(...drawn.brightness), `${branches[k]}: brightest where the mean is largest`);
    const ranks = mean.map((value, i) => [value, drawn.brightness[i]]).sort((a, b) => a[0] - b[0]);
    assert.ok(ranks.every(([, brightness], i) => i === 0 || brightness >= ranks[i - 1][1] - 3), `${branches[k]}: brighter where the mean is larger`);
  }
});

visit('after one run every module opens without another', { width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await page.evaluate(() => {
    globalThis.runs = 0;
    new MutationObserver((changes) => {
      globalThis.runs += changes.filter(({ target }) => target instanceof Element && target.ariaBusy === 'true').length;
    }).observe(inside('#branches'), { attributeFilter: ['aria-busy'] });
  });
  for (const name of ['Mixed_5c', 'Mixed_3c', 'Mixed_4b']) {
    const [texts, took] = await page.evaluate((name) => {
      const start = performance.now();
      inside(`.card[data-modules=${name}] > button`).click();
      return [insideAll('.branch dd').map(({ textContent }) => textContent), performance.now() - start];
    }, name);
    assert.equal(await page.locator('#h-mod').textContent(), name);
    assert.ok(texts.length >= 9 && texts.every((text) => /\d/.test(text)), `${name}: statistics at once, in ${took} ms`);
  }
  assert.equal(await page.evaluate(() => globalThis.runs), 0);
});

visit('the map zooms with buttons, keys and the wheel, fits, and pans', {}, async (page) => {
  const width = () => page.locator('.card').first().evaluate((card) => card.getBoundingClientRect().width);
  const scroll = page.locator('#mapScroll');
  const room = () => scroll.evaluate((box) => box.scrollWidth - box.clientWidth);
  const natural = await width();
  await page.click('#zoomIn');
  const larger = await width();
  assert.ok(larger > natural * 1.1, `${natural} px, then ${larger} px`);
  await page.keyboard.press('-');
  await page.keyboard.press('-');
  assert.equal(await width(), natural, 'it fits again');
  await page.keyboard.press('f');
  assert.ok((await room()) <= 1, 'the whole map fits');
  assert.ok(await page.locator('.end.head').evaluate((head) => head.getBoundingClientRect().right <= innerWidth));
  await page.keyboard.press('+');
  const box = await scroll.boundingBox();
  const fitted = await width();
  await page.mouse.move(box.x + 200, box.y + 150);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -300);
  await page.keyboard.up('Control');
  await page.waitForFunction((before) => inside('.card').getBoundingClientRect().width > before, fitted);
  const opened = await page.locator('#h-mod').textContent();
  const before = await scroll.evaluate((element) => element.scrollLeft);
  await page.mouse.move(box.x + 500, box.y + 150);
  await page.mouse.down();
  await page.mouse.move(box.x + 300, box.y + 150, { steps: 5 });
  await page.mouse.up();
  const after = await scroll.evaluate((element) => element.scrollLeft);
  assert.ok(Math.abs(after - before - 200) < 40, `dragged by 200 px, scrolled from ${before} to ${after}`);
  assert.equal(await page.locator('#h-mod').textContent(), opened, 'a drag opens nothing');
});

visit('nothing of a residual network lies over something else or is cut, in either language', { width: 1600 }, async (page) => {
  await dropGenerated(page, 'facenet_inception_resnet_v1');
  await page.locator('.card.stack').first().waitFor();
  await page.locator('#networkFacts', { hasText: / ms$/ }).waitFor();
  for (const lang of ['en', 'zh']) {
    await page.click(`[data-lang=${lang}]`);
    for (const width of [1180, 1280, 1366, 1440, 1600, 1920]) {
      await page.setViewportSize({ width, height: 768 });
      const faults = await page.evaluate(async () => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        const boxes = (selector, root) => [...root.querySelectorAll(selector)].filter((element) => element.getClientRects().length > 0).map((element) => ({ text: element.textContent || element.className, ...element.getBoundingClientRect().toJSON() }));
        const faults = [];
        for (const lane of globalThis.insideAll('.lane')) {
          const { right } = lane.getBoundingClientRect();
          const parts = boxes('.num, .term, .chip, .switch, .norms, canvas', lane);
          parts.forEach((one, i) => {
            if (one.right > right + 1) faults.push(`${one.text} leaves its card`);
            for (const other of parts.slice(i + 1)) {
              const isOver = one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 3 && other.top < one.bottom - 3;
              if (isOver) faults.push(`${one.text} lies over ${other.text}`);
            }
          });
        }
        for (const id of ['networkFacts', 'moduleFacts', 'imageMeta']) {
          const line = globalThis.inside(`#${id}`);
          const area = line.getBoundingClientRect();
          const seen = boxes('.fact', line).filter(({ top }) => top < area.bottom);
          if (seen.length === 0) faults.push(`${id} shows nothing`);
          for (const { text, right } of seen) if (right > area.right + 1) faults.push(`${text} is cut`);
          for (const fact of line.querySelectorAll('.fact:not(:has(.term))')) if (fact.scrollWidth > fact.clientWidth) faults.push(`${fact.textContent} is cut`);
        }
        return faults;
      });
      assert.deepEqual(faults, [], `${width} px, ${lang}`);
    }
  }
});

visit('the map folds equal residual blocks, and shows their residuals against the shortcut', { width: 1600 }, async (page) => {
  await dropGenerated(page, 'facenet_inception_resnet_v1');
  await page.locator('.stack').first().waitFor();
  assert.deepEqual(await page.locator('.stack > button b').allTextContents(), ['block35 × 5', 'block17 × 10', 'block8 × 5']);
  assert.deepEqual(await page.locator('.stack').evaluateAll((stacks) => stacks.map((stack) => stack.querySelectorAll('.norms i').length)), [5, 10, 5]);
  await classifyDrawn(page);
  await page.click('.stack:has(b:text("block35")) > button');
  assert.equal(await page.locator('.card').count(), 3 + 5 + 2);
  const [input, residual] = await measured(page, ['Repeat/block35_1', 'Repeat/block35_2/Conv2d_1x1']);
  const ratio = (0.17 * Math.sqrt(residual.squares)) / Math.sqrt(input.squares);
  const shown = await page.locator('.card[data-modules="Repeat/block35_2"] .shortcut .share').textContent();
  assert.ok(Math.abs(parseFloat(shown) - ratio) <= 0.01 * ratio + 0.005, `${shown}, not ${ratio}`);
});

visit('the map is one tab stop: arrows move between cards and down their lanes', {}, async (page) => {
  await page.locator('.card > button').first().focus();
  const focused = () => page.evaluate(() => focused()?.getAttribute('aria-label'));
  await page.keyboard.press('ArrowRight');
  assert.match(await focused(), /^Mixed_3c, /);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(), 'Mixed_3c/Branch_1');
  await page.keyboard.press('ArrowRight');
  assert.equal(await focused(), 'Mixed_4b/Branch_1');
  assert.equal(await page.locator('.card [tabindex="0"], .card :is(button, input):not([tabindex])').count(), 1);
});

visit('bars below the map show multiply-adds, then measured times by branch', { width: 1600, empty: true }, async (page) => {
  const bars = () => page.locator('.time').evaluateAll((cells) => cells.map((cell) => ({
    said: cell.querySelector('[role=img]').ariaLabel,
    heights: [...cell.querySelectorAll('i')].map((bar) => bar.getBoundingClientRect().height),
    colors: new Set([...cell.querySelectorAll('i')].map((bar) => getComputedStyle(bar).backgroundColor)).size,
    left: cell.getBoundingClientRect().left,
  })));
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  await page.click('#times');
  assert.equal(await page.locator('#measure').isDisabled(), true);
  await classifyDrawn(page);
  const macs = await bars();
  const ofModules = (/** @type {typeof macs} */ columns) => columns.filter(({ said }) => said.startsWith('Mixed_'));
  const given = ofModules(macs).map(({ said }) => Number(/, ([\d.]+) M MACs$/.exec(said)?.[1]));
  given.forEach((millions, k) => assert.ok(Math.abs(millions - MACS[k]) <= 0.005 * MACS[k], `${millions} M, not ${MACS[k]} M`));
  assert.ok(macs.every(({ colors }) => colors <= 1), 'grey until measured');
  const heights = ofModules(macs).map(({ heights }) => sum(heights));
  for (const [k, height] of heights.entries()) assert.ok(Math.abs(height / heights[1] - given[k] / given[1]) < 0.02, `column ${k}: ${height} px for ${given[k]} M`);
  const cards = await page.locator('.card').evaluateAll((all) => all.map((card) => card.getBoundingClientRect().left));
  assert.deepEqual(ofModules(macs).map(({ left }) => left), cards);

  await page.click('#measure');
  await page.locator('.time-head h3', { hasText: 'Time by module' }).waitFor();
  const times = await bars();
  assert.ok(ofModules(times).every(({ said }) => /^Mixed_\d[a-f], [\d.]+ ms, \d+ GFLOP\/s$/.test(said)), times.map(({ said }) => said).join('\n'));
  assert.deepEqual(ofModules(times).map(({ colors }) => colors), Array(9).fill(4));
  const figures = ofModules(times).map(({ said }) => parseFloat(said.split(', ')[1]));
  const slowest = figures.indexOf(Math.max(...figures));
  for (const [k, { heights }] of ofModules(times).entries()) {
    const expected = (figures[k] / figures[slowest]) * sum(ofModules(times)[slowest].heights);
    assert.ok(Math.abs(sum(heights) - expected) < 3, `column ${k}: ${sum(heights)} px, not ${expected}`);
  }
});

visit('cards light up one after another as a run passes their modules', { width: 1600, empty: true }, async (page) => {
  const names = await page.locator('.card').evaluateAll((cards) => cards.map((card) => card.dataset.modules));
  await page.evaluate(() => {
    const watch = (root, attribute, take) =>
      new MutationObserver((changes) => changes.forEach(({ target, oldValue }) => target.getAttribute(attribute) !== oldValue && take(target)))
        .observe(inside(root), { subtree: true, attributeFilter: [attribute], attributeOldValue: true });
    watch('#map', 'data-run', (card) => seen.cards.push([card.dataset.modules, card.dataset.run]));
    watch('#runStatus', 'aria-valuenow', (bar) => seen.bar.push(Number(bar.ariaValueNow)));
  });
  for (const name of ['first.png', 'second.png']) {
    await page.evaluate(() => (globalThis.seen = { cards: [], bar: [] }));
    await classifyDrawn(page, name);
    await page.locator('.card[data-run=done]').nth(names.length - 1).waitFor();
    const { cards, bar } = await page.evaluate(() => seen);
    const of = (state) => cards.filter(([, now]) => now === state).map(([modules]) => modules);
    assert.deepEqual(of('waiting').slice(0, names.length), names);
    assert.deepEqual(of('done'), names);
    assert.deepEqual(of('running'), names.slice(1));
    const places = cards.map(([modules, state]) => `${modules} ${state}`);
    names.slice(1).forEach((modules, i) => assert.equal(places.indexOf(`${modules} running`) > places.indexOf(`${names[i]} waiting`), true));
    if (name === 'first.png') assert.ok(bar.length > 3 && bar.every((value, i) => i === 0 || value > bar[i - 1]), `${bar}`);
  }
});

visit('measuring the layers shows how far it is, and can be stopped', { width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await page.click('#times');
  // Cancelled from inside the page: the whole measurement may take less time than a click from outside.
  const button = await page.evaluate(() => new Promise((resolve) => {
    const measure = () => globalThis.inside('#measure');
    const observer = new MutationObserver(() => {
      if (!/Measuring [1-9]\d* %/.test(globalThis.inside('.time-head')?.textContent ?? '')) return;
      observer.disconnect();
      resolve(measure().textContent);
      measure().click();
    });
    observer.observe(globalThis.inside('#measure').getRootNode(), { subtree: true, childList: true, characterData: true });
    measure().click();
  }));
  assert.equal(button, 'Cancel');
  await page.locator('#measure', { hasText: 'Measure' }).waitFor();
  assert.equal(await page.locator('.time-head h3').textContent(), 'MACs');
  await page.click('#measure');
  await page.locator('.time-head h3', { hasText: 'Time by module' }).waitFor();
});
