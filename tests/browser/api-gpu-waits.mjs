// How runs are submitted to a GPU: by what it needs for them, whatever it takes the browser to hear of it.

import assert from 'node:assert/strict';
import { SWIFTSHADER, pageTest } from './harness.mjs';

/** What the slower browsers take to hear from a GPU, in milliseconds. */
const COSTS = [5, 100];

/** In the page: how many waits and submissions, one after another, each of some runs took, on a GPU of the page's own clock. */
const runsOn = async ({ cost, busy, count, images = 1 }) => {
  const { loadEngine, runRequest } = await import('/tests/browser/on-gpu.mjs');
  const { clock, devices, pretend, tamper } = await import('/tests/browser/unreliable-gpu.mjs');
  tamper({ disguise: true });
  const engine = await loadEngine({});
  pretend(devices.at(-1), { cost, busy });
  const runs = [];
  for (let i = 0; i < count; i++) {
    const [start, before] = [clock.now, clock.submissions];
    if (images === 1) await engine.run(runRequest([]));
    else await engine.call({ kind: 'batch', ...runRequest([]), images: Array.from({ length: images }, () => runRequest().image) });
    const submissions = clock.submissions - before;
    runs.push({ submissions, waits: (clock.now - start - busy * submissions) / cost });
  }
  return runs;
};

for (const cost of COSTS) {
  pageTest(`waits once for an answer where the GPU is fast and every wait takes ${cost} ms`, { flags: SWIFTSHADER }, async (page) => {
    const runs = await page.evaluate(runsOn, { cost, busy: 0, count: 6 });
    assert.deepEqual(runs.map(({ waits }) => waits), Array(6).fill(1));
    assert.deepEqual(runs.map(({ submissions }) => submissions), Array(6).fill(2), 'the picture, then the network with what it answers');
  });
}

pageTest('waits once for the answers of a batch on a fast GPU', { flags: SWIFTSHADER }, async (page) => {
  const [, ...runs] = await page.evaluate(runsOn, { cost: 100, busy: 20, count: 4, images: 8 });
  assert.deepEqual(runs.map(({ waits }) => waits), [1, 1, 1], 'after the first, which asks as well what the GPU says of its plan');
});

/**
 * In the page: how many waits each of some runs has on a model that takes so many milliseconds on its GPU, of which the first alone takes
 * longer.
 */
const waitsOf = async ({ times, software, images }) => {
  const { PlacedModel } = await import('/pkg/dist/engine/placed-model.js');
  const { Guard } = await import('/pkg/dist/engine/guard.js');
  let [waits, at, ms] = [0, 0, 0];
  const model = {
    plan() {},
    begin() {
      at = 0;
      return 5;
    },
    step: () => ((at += 1) <= 5 ? `module ${at}` : undefined),
    settled: async () => void (waits += 1),
    complete: async () => void (waits += 1),
    device_ms: () => ms,
  };
  const placed = new PlacedModel(new Guard({}), model, { device: 'webgpu', deviceReason: '', adapter: '', software }, null, null);
  const counts = [];
  for (const [i, time] of times.entries()) {
    [waits, ms] = [0, time];
    await placed.run([], undefined, Array(images[i]).fill([]));
    counts.push(waits);
  }
  return counts;
};

pageTest('waits between the modules of a run that is long on the GPU, and looks again later', {}, async (page) => {
  const waits = (/** @type {number[]} */ times, software = false, images = times.map(() => 1)) => page.evaluate(waitsOf, { times, software, images });
  assert.deepEqual(await waits([900, 249, 249]), [1, 1, 1], 'the first run condemns none');
  assert.deepEqual(await waits([900, 251, 0, 10, 10]), [1, 1, 6, 1, 1], 'one is waited for, then it is measured again');
  assert.deepEqual(await waits([900, 800, 0, 0, 0, 10]), [1, 1, 6, 6, 6, 1], 'the longer, the later');
  assert.deepEqual(await waits([900, 40, 40], false, [1, 1, 16]), [1, 1, 6], 'many pictures at once are a long run, though one is short');
  assert.deepEqual(await waits([10, 10, 10], true), [6, 6, 6], 'the processor that plays a GPU is never fast');
});

pageTest('a GPU that says nothing for minutes is given up, and what waits for it ends', {}, async (page) => {
  const told = await page.evaluate(async () => {
    const { Guard } = await import('/pkg/dist/engine/guard.js');
    const guard = new Guard({});
    const timers = new Map();
    const { setTimeout, clearTimeout } = globalThis;
    globalThis.setTimeout = (work, ms) => (timers.set(work, ms), work);
    globalThis.clearTimeout = (work) => timers.delete(work);
    let end = () => {};
    const gpu = { lose: () => end(Object.assign(new Error('lost'), { code: 'device-lost' })) };
    const calls = [guard.callGpu(gpu, async () => 'answered'), guard.callGpu(gpu, () => new Promise((_, reject) => (end = reject)))];
    const [answered] = await Promise.allSettled([calls[0]]);
    const left = [...timers.values()];
    for (const work of timers.keys()) work();
    const [silent] = await Promise.allSettled([calls[1]]);
    Object.assign(globalThis, { setTimeout, clearTimeout });
    return { answered: answered.value, left, reason: silent.reason.code, after: timers.size };
  });
  assert.equal(told.answered, 'answered');
  assert.equal(told.left.length, 1, 'one timer is left, of the call that waits');
  assert.ok(told.left[0] >= 60_000);
  assert.deepEqual([told.reason, told.after], ['device-lost', 0]);
});

pageTest('nothing is submitted again and again while a browser that looks seldom is waited for, and no longer', {}, async (page) => {
  const inBrowser = (/** @type {string} */ browser) =>
    page.evaluate(async (browser) => {
      Object.defineProperty(navigator, 'userAgent', { value: browser, configurable: true });
      const { nudged } = await import(`/pkg/dist/engine/nudged.js?${encodeURIComponent(browser)}`);
      const rest = (/** @type {number} */ ms, value = 'answered') => new Promise((resolve) => setTimeout(resolve, ms, value));
      let [count, failures] = [0, 0];
      const answer = await nudged(() => (count += 1), rest(100));
      const during = count;
      await rest(30);
      const failing = () => {
        failures += 1;
        throw new Error('it was given back');
      };
      await nudged(failing, rest(50));
      const lost = await nudged(() => (count += 1), rest(10).then(() => Promise.reject(new Error('lost')))).catch(({ message }) => message);
      const before = count;
      await rest(30);
      return { answer, lost, during, after: [count - before, failures] };
    }, browser);
  const firefox = await inBrowser('Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0');
  assert.ok(firefox.during > 3, `${firefox.during} times`);
  assert.deepEqual([firefox.answer, firefox.lost, firefox.after], ['answered', 'lost', [0, 1]]);
  const chrome = await inBrowser('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36');
  assert.deepEqual(chrome, { answer: 'answered', lost: 'lost', during: 0, after: [0, 0] });
});
