// The page that measures this machine: what can be measured, a measurement from start to report, what ends or holds up one.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { quantile, slowing } from '../../www/bench/figures.js';
import { layersOfV3 } from '../../www/bench/random-v3.js';
import { check, withAxe } from './axe.mjs';
import { ROOT, SWIFTSHADER, pageTest } from './harness.mjs';
import { visit, withFaults } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const [ONE, TWO] = [en.bThread, /^CPU, \d+ threads$/];

/** @param {string} name @param {import('./visit.mjs').VisitOptions} options @param {(page: Page, address: string) => Promise<void>} body */
const bench = (name, { hash = '#runs=3', ...options }, body) => visit(name, { hash: `bench.html${hash}`, awaited: '#main[aria-busy=false] .panel', ...options }, body);

/** Chooses these models and devices alone. @param {Page} page @param {(string | RegExp)[]} wanted */
async function choose(page, wanted) {
  for (const label of await page.locator('.checks label').all()) {
    const name = await label.locator('span').textContent();
    const box = label.locator('input');
    if (await box.isEnabled()) await box.setChecked(wanted.some((one) => (one instanceof RegExp ? one.test(name) : one === name)));
  }
}

/** @param {Page} page @returns {Promise<string[][]>} texts of the rows, the model's and the device's first */
const rows = (page) => page.locator('.rows tbody tr').evaluateAll((all) => all.map((row) => [...row.children].map(({ textContent }) => textContent)));

/** Has the page be hidden, or shown again. @param {Page} page @param {boolean} hidden */
const hide = (page, hidden) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);

/** Saves the report as JSON. @param {Page} page */
async function saved(page) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: en.bJson }).click()]);
  assert.match(download.suggestedFilename(), /^inception-bench-\d{4}-\d\d-\d\d\.json$/);
  return JSON.parse(readFileSync(await download.path(), 'utf8'));
}

/** Before the page is opened: the package tunes like this, or not at all. @param {string} tune source of a function */
const tuning = (tune) => (/** @type {Page} */ page) =>
  page.route('**/www/bench/main.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: `import { Inception } from '../../pkg/dist/index.js';\nInception.prototype.tune = ${tune};\nawait import('./main.js?as-it-is');` }),
  );

/** A report as the page keeps it. @param {object} [changes] */
function report(changes = {}) {
  const layers = Array.from({ length: 20 }, (_, i) => ({ name: `Layer_${i}`, part: `Layer_${i}`, ms: i + 1, macs: 0 }));
  const answer = { model: 'googlenet-imagenet', title: 'GoogLeNet', network: 'googlenet', weights: 'published', device: 'cpu', threads: 1, tuned: false, tuning: null, runs: Array(12).fill(80), discarded: 3, layers, failure: null };
  const adapter = { name: 'acme one', info: {}, software: false, features: ['shader-f16'], limits: { maxBufferSize: 2 ** 31 } };
  return {
    format: 'inception-bench', version: 1, measured: '2026-11-30T12:00:00.000Z', complete: true, picture: { width: 448, height: 448 },
    machine: { adapter, processors: 8, isolated: true, simd: 'relaxed', browser: 'Chromium 140, Linux', userAgent: '' },
    answers: [answer, { ...answer, threads: 8, runs: Array(12).fill(40) }, { ...answer, device: 'webgpu', runs: Array(12).fill(10), layers: layers.map((layer) => ({ ...layer, ms: 0.25 })) }],
    ...changes,
  };
}

/** Before the page is opened: this is kept on this computer. @param {unknown} kept */
const keeping = (kept) => (/** @type {Page} */ page) => page.addInitScript((text) => localStorage.getItem('inception-bench') ?? localStorage.setItem('inception-bench', text), typeof kept === 'string' ? kept : JSON.stringify(kept));

describe('figures', () => {
  it('are quantiles between neighbours, whatever the order of the runs', () => {
    assert.deepEqual([0, 0.25, 0.5, 0.75, 1].map((share) => quantile([4, 1, 3, 2], share)), [1, 1.75, 2.5, 3.25, 4]);
    assert.equal(quantile([7], 0.25), 7);
  });

  it('tell of a machine that slows down, and not of one slow run, of few runs or of runs that scatter', () => {
    const steady = Array(30).fill(100);
    assert.equal(slowing(steady), null);
    assert.equal(slowing([...steady.slice(0, 20), ...Array(10).fill(118)]), 18);
    assert.equal(slowing([...steady.slice(0, 29), 900]), null);
    assert.equal(slowing([100, 100, 200, 200]), null);
    assert.equal(slowing([80, 130, 130, 80, 130, 80, 100, 100, 100, 120, 120, 120]), null);
  });
});

it('the table of random weights has the convolutions and the head of Inception-v3', () => {
  const keys = JSON.parse(readFileSync(join(ROOT, 'tests/reference/keys/timm_inception_v3.json'), 'utf8')).filter(({ kind }) => /^(conv|linear)_weight$/.test(kind));
  assert.deepEqual(layersOfV3().map(({ shape }) => shape), keys.map(({ shape }) => shape));
});

pageTest('random weights are an Inception-v3 to the engine, whose activations neither vanish nor overflow', {}, async (page) => {
  const { network, params, convolutions, largest, spread } = await page.evaluate(async () => {
    const { randomInceptionV3, layersOfV3 } = await import('/www/bench/random-v3.js');
    const net = await Inception.load(randomInceptionV3(), { device: 'cpu' });
    const weighted = net.layers.filter(({ kind }) => kind === 'conv' || kind === 'linear').map(({ name }) => name);
    const named = new Set(layersOfV3().map(({ name }) => name));
    const { data } = await net.features(new ImageData(new Uint8ClampedArray(4 * 64 * 64).map((_, i) => (i * 37) % 256), 64, 64), 'Logits');
    const { network, params } = net.info;
    return { network, params, convolutions: [weighted.length, weighted.filter((name) => named.has(name)).length], largest: Math.max(...data.map(Math.abs)), spread: Math.max(...data) - Math.min(...data) };
  });
  assert.equal(network, 'inception-v3');
  assert.equal(params, 23834568);
  assert.deepEqual(convolutions, [95, 95]);
  assert.ok(largest > 0.01 && largest < 1000 && spread > 0.01, `logits up to ${largest}, ${spread} apart`);
});

bench('a measurement shows its rows as they come, and ends as a report that is copied, saved and kept', { hash: '#runs=3&lang=en&theme=dark&layer=Mixed_4e' }, async (page) => {
  assert.deepEqual(await page.locator('.checks label span').allTextContents(), ['GoogLeNet', 'Inception-v3', ONE, await page.getByText(TWO).textContent(), en.bGpu, en.bGpuTuned]);
  assert.match(await page.locator('.start [role=status]').textContent(), /^about \d+ (s|min)$/);
  await choose(page, []);
  assert.ok(await page.locator('#start').isDisabled());
  assert.equal(await page.locator('.start [role=status]').textContent(), en.bNothing);
  await choose(page, ['GoogLeNet', ONE, TWO]);
  await page.locator('#start').press('Enter');
  const bar = page.getByRole('progressbar', { name: en.bTitle });
  await bar.waitFor();
  assert.match(await bar.getAttribute('aria-valuetext'), /^1 of 2, \d+ s left$/);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'cancel');
  await page.locator('#running .rows').waitFor();
  assert.equal((await rows(page)).length, 1, 'the first row is there while the second is measured');
  assert.match(await page.locator('#said').textContent(), /^GoogLeNet on CPU, 1 thread: \d/);
  await page.locator('#report .rows').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'again');
  assert.match(await page.locator('.about').textContent(), /^median of 3 · /);

  const told = await saved(page);
  assert.deepEqual([told.format, told.version, told.complete, told.answers.length], ['inception-bench', 1, true, 2]);
  assert.deepEqual([told.machine.adapter, told.machine.isolated, told.machine.simd], [null, true, 'relaxed']);
  const shown = await rows(page);
  const inMs = (ms) => (ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2));
  for (const [i, answer] of told.answers.entries()) {
    const [low, middle, high] = answer.runs.toSorted((a, b) => a - b);
    assert.equal(answer.runs.length, 3);
    assert.ok(answer.discarded >= 2 && low > 1);
    assert.deepEqual([answer.median, ...answer.middleHalf], [middle, (low + middle) / 2, (middle + high) / 2]);
    assert.deepEqual(shown[i], ['GoogLeNet', i === 0 ? ONE : fill(en.bThreads, { n: answer.threads }), '', inMs(middle), `${inMs((low + middle) / 2)}–${inMs((middle + high) / 2)}`, (1000 / middle).toFixed(1)]);
    assert.ok(answer.layers.length > 57 && answer.layers.every(({ ms }) => ms > 0), 'every layer that is computed');
    assert.deepEqual(answer.layers.find(({ name }) => name === 'Mixed_4b/Branch_1/Conv2d_0b_3x3').part, 'Mixed_4b/Branch_1');
    const sum = answer.layers.reduce((sum, { ms }) => sum + ms, 0);
    assert.ok(sum > 0.2 * low && sum < 5 * high, `all layers ${sum} ms, an answer ${middle} ms`);
  }

  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: en.bCopy }).first().click();
  await page.locator('#toast', { hasText: en.bCopied }).waitFor();
  const markdown = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(markdown, await page.locator('#markdown').textContent());
  assert.match(markdown, /^\| Model \| Device \| ms \(median\) \| middle half \| pictures \/ s \| runs \|\n\|---\|/);
  assert.ok(markdown.includes(`| GoogLeNet | ${ONE} | ${shown[0].slice(3).join(' | ')} | 3 |`), markdown);
  assert.match(markdown, /- Adapter: This browser offers no GPU adapter\.\n- CPU: \d+ threads, relaxed SIMD\n- Browser: Chrom\S+ \d+/);
  assert.match(markdown, /\| Slowest of GoogLeNet \| CPU, .+, ms \|\n\| --- \| --: \|\n\| \w+/);

  assert.equal(await page.locator('.layers tbody tr').count(), 16);
  assert.equal(await page.locator('.layers tbody th').first().textContent(), 'Conv2d_1a_7x7');
  await page.locator('#layerOrder').getByRole('radio', { name: en.bSortNet }).press('ArrowRight');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), en.bSortSlow, 'the focus stays on the choice');
  const slowest = await page.locator('.layers tbody td.r').allTextContents();
  assert.deepEqual(slowest, slowest.toSorted((a, b) => Number(b) - Number(a)));
  await page.locator('#moreLayers').press('Enter');
  assert.ok((await page.locator('.layers tbody tr').count()) > 40);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'moreLayers');

  await page.reload();
  await page.locator('#report .rows').waitFor();
  assert.deepEqual(await rows(page), shown, 'the last report is shown again');
  await page.getByRole('link', { name: en.bFrom }).click();
  await page.locator('.card').first().waitFor();
  assert.match(page.url(), /\/index\.html#.*theme=dark&layer=Mixed_4e/, 'the way back keeps what the address says');
});

bench('the device menu leads to the measurement, in the language and theme of the page', { hash: '', awaited: '.panel' }, async (page, address) => {
  await page.goto(`${address}#lang=zh&theme=dark`);
  await page.locator('.card').first().waitFor();
  await page.click('#deviceBadge');
  await page.keyboard.press('End');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), zh.bTitle);
  await page.keyboard.press('Enter');
  await page.locator('#before .panel').first().waitFor();
  assert.match(page.url(), /\/bench\.html#lang=zh&theme=dark/);
  assert.equal(await page.title(), `${zh.bTitle} · ${zh.title}`);
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
  assert.equal(await page.locator('#start').textContent(), zh.bStart);
  await page.click('[data-lang=en]');
  assert.equal(await page.locator('#start').textContent(), en.bStart);
  assert.match(await page.getByRole('link', { name: en.vTeach }).getAttribute('href'), /^index\.html#lang=en&.*view=teach/);
});

bench('a measurement that is cancelled keeps what there is', { hash: '' }, async (page) => {
  await choose(page, ['GoogLeNet', ONE, TWO]);
  await page.click('#start');
  await page.locator('#cancel').click();
  await page.locator('#before .note', { hasText: en.bCancelledNone }).waitFor();
  assert.equal(await page.evaluate(() => localStorage.getItem('inception-bench')), null);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'start');
  await page.click('#start');
  await page.locator('#running .rows').waitFor();
  await page.locator('#cancel').click();
  await page.locator('#report .note', { hasText: en.bCancelled }).waitFor();
  assert.equal((await rows(page)).length, 1);
  const { complete, answers } = await saved(page);
  assert.deepEqual([complete, answers.length, answers[0].runs.length], [false, 1, 30]);
  assert.match(await page.locator('#markdown').textContent(), /Cancelled before all was measured\./);
});

bench('a page that is left in the middle has the rows that were there; a whole report is not given up for a part of one', {}, async (page) => {
  const found = () => page.evaluate(() => {
    const { complete, answers } = JSON.parse(localStorage.getItem('inception-bench') ?? '{"answers":[]}');
    return [complete, answers.length];
  });
  await choose(page, ['GoogLeNet', ONE, TWO]);
  await page.click('#start');
  await page.locator('#running .rows tbody tr').waitFor();
  await page.reload();
  await page.locator('#report .rows tbody tr').waitFor();
  await page.locator('#report .note', { hasText: en.bCancelled }).waitFor();
  assert.deepEqual(await found(), [false, 1]);
  await page.click('#again');
  await choose(page, ['GoogLeNet', ONE, TWO]);
  await page.click('#start');
  await page.locator('#report .rows').waitFor();
  assert.deepEqual(await found(), [true, 2]);
  await page.click('#again');
  await choose(page, ['GoogLeNet', ONE, TWO]);
  await page.click('#start');
  await page.locator('#running .rows tbody tr').waitFor();
  await page.locator('#cancel').click();
  await page.locator('#report .note', { hasText: en.bCancelled }).waitFor();
  assert.deepEqual(await found(), [true, 2]);
});

bench('a hidden page waits, says so, and counts no run that it was hidden during', {}, async (page) => {
  await page.evaluate(async () => {
    const { Inception } = await import('/pkg/dist/index.js');
    const { classify } = Inception.prototype;
    globalThis.runs = { asked: 0, ended: 0 };
    // A run that ends in spite of everything is not to be counted either.
    Inception.prototype.classify = async function (picture) {
      globalThis.runs.asked += 1;
      const result = await classify.call(this, picture);
      globalThis.runs.ended += 1;
      return result;
    };
  });
  await choose(page, ['GoogLeNet', ONE]);
  await page.click('#start');
  await page.waitForFunction(() => globalThis.runs.asked === 2);
  await hide(page, true);
  await page.locator('#running .under', { hasText: en.bHidden }).waitFor();
  assert.equal(await page.locator('#said').textContent(), en.bHidden);
  const { asked } = await page.evaluate(() => globalThis.runs);
  await page.waitForTimeout(700);
  assert.equal(await page.evaluate(() => globalThis.runs.asked), asked, 'nothing runs meanwhile');
  await hide(page, false);
  await page.locator('#report .rows').waitFor();
  const { answers } = await saved(page);
  assert.equal(answers[0].failure, null);
  const counted = answers[0].runs.length + answers[0].discarded;
  assert.equal(await page.evaluate(() => globalThis.runs.asked), counted + 1, 'the run that was hidden was made again');
});

bench('without an adapter or isolation the devices that there are not say why', { isolated: false }, async (page) => {
  const noteOn = (/** @type {string} */ name) => page.locator('.checks label').filter({ hasText: name }).locator('small').textContent();
  for (const name of [en.bGpu, en.bGpuTuned]) {
    assert.equal(await noteOn(name), en.bNoGpu);
    assert.ok(await page.getByLabel(name).isDisabled());
  }
  assert.equal(await noteOn('threads'), en.bNoThreads);
  assert.ok(await page.getByLabel(ONE).isChecked());
  assert.match(await page.locator('.spec').textContent(), new RegExp(en.bNoGpu));
});

bench('a GPU is measured beside the CPU, layer by layer; one that cannot be tuned says so', { hash: '#runs=1', flags: SWIFTSHADER }, async (page) => {
  assert.ok(await page.getByLabel(en.bGpuTuned).isDisabled());
  assert.equal(await page.locator('.checks label').last().locator('small').textContent(), en.bNoTune);
  assert.equal(await page.getByLabel(en.bGpu).isChecked(), false, 'software that plays the GPU is not measured unless somebody wants it');
  await choose(page, ['GoogLeNet', ONE, en.bGpu]);
  await page.click('#start');
  await page.locator('#report .rows').waitFor();
  assert.deepEqual((await rows(page)).map(([model, place]) => `${model} ${place}`), [ONE, en.bGpu].map((place) => `GoogLeNet ${place}`));
  const { machine, answers } = await saved(page);
  assert.deepEqual(answers.map(({ device, tuned, failure, runs }) => [device, tuned, failure, runs.length]), [['cpu', false, null, 1], ['webgpu', false, null, 1]]);
  assert.ok(machine.adapter.software && machine.adapter.limits.maxBufferSize > 2 ** 20 && machine.adapter.features.includes('core-features-and-limits'));
  assert.deepEqual(await page.locator('.layers thead th.r').allTextContents(), ['CPU ms', 'GPU ms']);
  assert.equal(await page.locator('.rows .bar.gpu').count(), 1);
  assert.match(await page.locator('#report .note').textContent(), /^CPU, 1 thread is [\d.]+ times as fast as GPU, /);
  assert.match(await page.locator('#deviceWhy').textContent(), /^GPU \d+ ms, CPU [\d.]+ ms, measured$/);
  await page.getByRole('button', { name: en.bUse }).click();
  await page.waitForURL(/\/index\.html\?device=cpu#/);
});

const TUNE = `async function ({ signal, onProgress, undo }) {
  globalThis.deeds.push(undo ? 'undo' : 'tune');
  if (undo) return { tried: 0, changed: 0 };
  for (let i = 1; i <= 4; i++) onProgress(i, 4);
  if (signal.aborted) throw signal.reason;
  return { tried: 4, changed: 1 };
}`;

/** Before the page is opened: a GPU that can be tuned runs whatever is loaded, and `deeds` says what was asked of it. @param {Page} page */
async function withTunedGpu(page) {
  await tuning(TUNE)(page);
  await page.route('**/www/bench/machine.js', async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace('software: isFallbackAdapter === true || SOFTWARE', 'software: /^never$/').replace('[...found.features]', "[...found.features, 'timestamp-query']");
    await route.fulfill({ response, body });
  });
  await page.route('**/www/bench/measure.js', async (route) => {
    const response = await route.fetch();
    const load = `async () => ({
      info: { network: 'googlenet', device: 'webgpu', threads: { used: 1 }, simd: 'relaxed' }, layers: [], tune: Inception.prototype.tune, dispose: () => globalThis.deeds.push('dispose'),
      classify: () => { globalThis.deeds.push('classify'); return new Promise((resolve) => setTimeout(resolve, 20)); },
      profile: async () => { globalThis.deeds.push('profile'); return [{ name: 'Logits', ms: 1, macs: 1 }]; },
    })`;
    await route.fulfill({ response, body: (await response.text()).replace('await Inception.load(', `await (globalThis.deeds = [], ${load})(`) });
  });
}

bench('a GPU is tuned before anything is timed on it', { flags: SWIFTSHADER, prepare: withTunedGpu }, async (page) => {
  await choose(page, ['GoogLeNet', en.bGpuTuned]);
  await page.click('#start');
  await page.locator('#report .rows').waitFor();
  assert.deepEqual((await rows(page)).map(([model, place]) => [model, place]), [['GoogLeNet', en.bGpuTuned]]);
  const { answers } = await saved(page);
  assert.deepEqual([answers[0].tuned, answers[0].tuning, answers[0].failure], [true, { tried: 4, changed: 1 }, null]);
  const deeds = await page.evaluate(() => globalThis.deeds);
  assert.deepEqual([...new Set(deeds)], ['undo', 'tune', 'classify', 'profile', 'dispose']);
  assert.deepEqual(deeds.slice(-2), ['profile', 'dispose']);
  assert.equal(deeds.filter((deed) => deed === 'tune').length, 1);
  const { discarded } = answers[0];
  assert.ok(discarded > 2 && discarded <= 26, `${discarded} runs of 20 ms or more came before those that count: half a second of them`);
});

bench('a GPU that is lost gives its row the reason, no figure, and the rest goes on', { hash: '#runs=1', flags: SWIFTSHADER, prepare: withFaults('') }, async (page) => {
  await page.evaluate(async () => {
    const { Inception } = await import('/pkg/dist/index.js');
    const { classify } = Inception.prototype;
    const channel = new BroadcastChannel('lose-gpu');
    Inception.prototype.classify = function (...args) {
      if (this.info.device === 'webgpu') channel.postMessage('lose');
      return classify.apply(this, args);
    };
  });
  await choose(page, ['GoogLeNet', 'Inception-v3', ONE, en.bGpu]);
  await page.click('#start');
  await page.locator('#report .rows').waitFor();
  const shown = await rows(page);
  assert.deepEqual(shown.map(([model, place]) => [model.replace(en.bRandom, ''), place]), ['GoogLeNet', 'Inception-v3'].flatMap((model) => [[model, ONE], [model, en.bGpu]]));
  const [before] = en['err-device-lost'].split('{detail}');
  for (const [i, cells] of shown.entries()) {
    if (i % 2 === 0) assert.match(cells[3] ?? cells[2], /^\d/);
    else assert.ok(cells[2].startsWith(before) && cells.length === 3, cells.join());
  }
  const { answers } = await saved(page);
  assert.deepEqual(answers.map(({ failure, runs }) => [failure?.code, runs.length]), [[undefined, 1], ['device-lost', 0], [undefined, 1], ['device-lost', 0]]);
  assert.match(await page.locator('#markdown').textContent(), /\| Inception-v3 \(random weights\) \| GPU, as it comes \| – \| \S+/);
});

bench('a kept report is shown with what it says: the faster device, a machine that slows down', { prepare: keeping(report({ answers: report().answers.map((answer, i) => (i === 1 ? { ...answer, runs: [...Array(20).fill(40), ...Array(10).fill(48)] } : answer)) })) }, async (page) => {
  await page.locator('#report .note.warn', { hasText: fill(en.bThrottle, { p: 20 }) }).waitFor();
  assert.equal(await page.locator('#report .note.plain span').textContent(), fill(en.bFaster, { a: en.bGpu, b: 'CPU, 8 threads', x: '4.0' }));
  assert.equal(await page.locator('.about').textContent(), 'median of 12 to 30 · Nov 30, 2026');
  assert.equal(await page.locator('#deviceWhy').textContent(), fill(en.devMeasured, { a: '10.0', b: '40.0' }));
  assert.match(await page.locator('.spec').textContent(), /acme one, WebGPU.*8 threads, relaxed SIMD.*Chromium 140, Linux.*shader-f16.*maxBufferSize 2 GiB/);
  await page.click('#again');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'start');
});

for (const damaged of ['{', JSON.stringify(report({ answers: [{}] })), JSON.stringify(report({ machine: null })), JSON.stringify(report({ version: 2 }))]) {
  bench(`a kept report that is damaged is as none: ${damaged.slice(0, 30)}…${damaged.slice(-30)}`, { prepare: keeping(damaged) }, async (page) => {
    assert.equal(await page.locator('#start').textContent(), en.bStart);
  });
}

for (const { lang, theme, width } of [{ lang: 'en', theme: 'light', width: 1366 }, { lang: 'zh', theme: 'dark', width: 360 }]) {
  const words = lang === 'en' ? en : zh;
  bench(`axe finds nothing serious before, during and after a measurement, and nothing is too wide (${lang}, ${theme}, ${width} px)`, { hash: `#runs=1&lang=${lang}&theme=${theme}`, width, prepare: async (page) => {
    await withAxe(page);
    const { answers } = report();
    await keeping(report({ answers: [...answers, { ...answers[0], model: 'inception-v3 random', title: 'Inception-v3', weights: 'random' }, { ...answers[0], runs: [], layers: [], failure: { code: 'internal', detail: 'it said no' } }] }))(page);
  } }, async (page) => {
    const fits = async (/** @type {string} */ state) => {
      await check(page, state);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${state} is as wide as the window`);
    };
    await page.locator('#report .rows').waitFor();
    await fits('a report');
    await page.getByRole('button', { name: words.bAgain }).click();
    await fits('before');
    await choose(page, ['GoogLeNet', words.bThread, /\d+ (threads|线程)$/]);
    await page.click('#start');
    await page.locator('#running .rows').waitFor();
    await fits('a measurement');
    await page.locator('#report .rows').waitFor();
    assert.equal(await page.locator('#report h2').first().textContent(), words.bSummary);
  });
}
