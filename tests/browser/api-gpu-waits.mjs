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
  const engine = await loadEngine({ device: 'auto' });
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
    assert.equal(new Set(runs.map(({ submissions }) => submissions)).size, 1);
    assert.ok((runs[0]?.submissions ?? 0) > 10, 'module by module');
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
const waitsOf = async ({ times, software }) => {
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
  const placed = new PlacedModel(new Guard({}), model, { device: 'webgpu', deviceReason: '', adapter: '', software }, null);
  const counts = [];
  for (const time of times) {
    [waits, ms] = [0, time];
    await placed.run([]);
    counts.push(waits);
  }
  return counts;
};

pageTest('waits between the modules of a run that is long on the GPU, and looks again later', {}, async (page) => {
  const waits = (/** @type {number[]} */ times, software = false) => page.evaluate(waitsOf, { times, software });
  assert.deepEqual(await waits([900, 149, 149]), [1, 1, 1], 'the first run condemns none');
  assert.deepEqual(await waits([900, 151, 0, 10, 10]), [1, 1, 6, 1, 1], 'one is waited for, then it is measured again');
  assert.deepEqual(await waits([900, 500, 0, 0, 0, 10]), [1, 1, 6, 6, 6, 1], 'the longer, the later');
  assert.deepEqual(await waits([10, 10, 10], true), [6, 6, 6], 'the processor that plays a GPU is never fast');
});
