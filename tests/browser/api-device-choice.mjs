// Which device a free choice falls on, by what an answer takes there, and the one move where that was wrong.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceCost } from '../../pkg/src/engine/device-cost.js';
import { probeGpu } from '../../pkg/src/engine/probe-gpu.js';
import { SWIFTSHADER, pageTest } from './harness.mjs';
import { measurable } from './unreliable-gpu.mjs';

const GPU = { flags: SWIFTSHADER };
const TOLERANCE = 2e-4;
/** Inception-v3. */
const V3 = { macs: 5.7e9, layers: 112 };
const FAST = { latencyMs: 0.02, gflops: 2000, waitMs: 2 };

/** @param {Partial<{ work: object, threads: number, probe: object | string, times: object, partMs: number }>} known */
function cost({ work = V3, threads = 1, probe = FAST, times = {}, partMs = 1.5 }) {
  return Object.assign(new DeviceCost(work, threads, probe, times), { partMs });
}

test('the device is chosen on which an answer is predicted to take less, a GPU\'s wait included', () => {
  assert.equal(cost({}).faster, 'webgpu');
  assert.equal(cost({ probe: { ...FAST, gflops: 20 } }).faster, 'cpu', 'a GPU that computes slowly');
  assert.equal(cost({ probe: { ...FAST, latencyMs: 3 } }).faster, 'cpu', 'a GPU that begins each layer slowly');
  assert.equal(cost({ work: { macs: 1.6e9, layers: 75 }, probe: { ...FAST, waitMs: 100 } }).faster, 'cpu', 'a browser that hears of it late');
  assert.equal(cost({ probe: { ...FAST, waitMs: 100 } }).faster, 'webgpu', 'a wait is less than what the CPU takes for a larger network');
  assert.equal(cost({ probe: { ...FAST, waitMs: 100 }, threads: 8 }).faster, 'cpu', 'unless it has many threads');
  assert.equal(cost({ probe: { ...FAST, waitMs: 100 }, partMs: 0.5 }).faster, 'cpu', 'or is fast');
  assert.equal(cost({ probe: ' (it did not answer)' }).faster, 'webgpu', 'a GPU that cannot be measured is taken');
});

test('what the CPU takes is as the warm-up says', () => {
  // The two networks and the warm-up's last part on one machine: milliseconds.
  for (const [macs, partMs, ms] of [[1582671872, 1.46, 58.5], [5711725792, 1.47, 190.2], [1582671872, 1.88, 74.8], [5711725792, 1.89, 263.5]]) {
    const predicted = cost({ work: { macs, layers: 100 }, partMs }).of('cpu');
    assert.ok(Math.abs(predicted / ms - 1) < 0.1, `${predicted} ms instead of ${ms}`);
  }
});

test('a move takes a device that is clearly faster, whichever of the times is measured', () => {
  const both = (/** @type {number} */ webgpu, /** @type {number} */ cpu) => cost({ times: { webgpu, cpu } });
  assert.deepEqual([both(150, 100).better('webgpu'), both(150, 100).better('cpu')], ['cpu', null]);
  assert.deepEqual([both(149, 100).better('webgpu'), both(100, 149).better('cpu')], [null, null], 'a near tie stays');
  assert.equal(both(100, 150).better('cpu'), 'webgpu');
  assert.equal(cost({ times: { webgpu: 1000 } }).better('webgpu'), 'cpu', 'the CPU is predicted');
  assert.equal(cost({ times: { cpu: 1000 } }).better('cpu'), 'webgpu', 'the GPU is predicted');
  assert.equal(cost({ times: { cpu: 1000 }, probe: '' }).better('cpu'), null, 'a GPU of which nothing is known is not better');
});

test('the reason says the figures and where they come from', () => {
  const reasonOf = (/** @type {object} */ times, /** @type {object} */ more = {}) => cost({ probe: { latencyMs: 0, gflops: 57000, waitMs: 12.7 }, times, ...more }).reason;
  assert.match(reasonOf({}), /^GPU 14 ms, CPU 2\d\d ms, predicted$/);
  assert.equal(reasonOf({ webgpu: 13.6, cpu: 160.2 }), 'GPU 14 ms, CPU 160 ms, measured');
  assert.match(reasonOf({ webgpu: 0.2 }), /^GPU 1 ms measured, CPU 2\d\d ms predicted$/);
  assert.equal(reasonOf({ cpu: 160 }), 'GPU 14 ms predicted, CPU 160 ms measured');
  assert.equal(reasonOf({ cpu: 160 }, { probe: ' (no devices today)' }), 'the browser offers a GPU (no devices today)');
});

test('what was kept of another network counts for nothing', () => {
  const known = cost({ times: { macs: V3.macs, webgpu: 20 } });
  known.learn({ macs: V3.macs, layers: 100 });
  assert.equal(known.of('webgpu'), 20);
  known.learn({ macs: 1.6e9, layers: 75 });
  assert.deepEqual(known.times, { macs: 1.6e9 });
});

/**
 * @param {import('./unreliable-gpu.mjs').Speed} speed
 * @param {(device: ReturnType<typeof measurable>) => void} [spoil]
 */
async function probed(speed, spoil = () => undefined) {
  const { now } = performance;
  let ms = 0;
  performance.now = () => ms;
  const device = measurable(speed, async (more) => void (ms += more));
  spoil(device);
  try {
    const probe = await probeGpu(/** @type {any} */ ({ requestDevice: async () => device }));
    return { probe, device };
  } finally {
    performance.now = now;
  }
}

test('a GPU is measured: its wait, a small dispatch, and its rate', async () => {
  const slow = await probed({ wait: 2, single: 0.5, many: 4 });
  assert.ok(typeof slow.probe === 'object');
  const { waitMs, latencyMs, gflops } = slow.probe;
  assert.equal(waitMs, 2.5);
  assert.ok(latencyMs > 0.45 && latencyMs <= 0.5, `${latencyMs} ms`);
  const faster = await probed({ wait: 2, single: 0.5, many: 0.02 });
  assert.ok(faster.probe.gflops > 100 * gflops && faster.probe.gflops < 400 * gflops, 'two hundred times the rate');
  const many = ({ device }) => device.dispatches.filter((workgroups) => workgroups > 1).length;
  assert.equal(many(slow), 1, 'a slow GPU is asked once');
  assert.ok(many(faster) > 8, 'a fast one, until its time can be told');
  assert.deepEqual([slow.device.isDestroyed, faster.device.isDestroyed], [true, true]);
});

test('why a GPU cannot be measured is said, and nothing of it is left', async () => {
  const lost = await probed({ wait: 1 }, (device) => {
    let waits = 0;
    device.done = async () => {
      waits += 1;
      if (waits === 3) throw new Error('the device was lost');
    };
  });
  assert.deepEqual([lost.probe, lost.device.isDestroyed], [' (the device was lost)', true]);
  const idle = await probed({}, (device) => (device.value = 0));
  assert.deepEqual([idle.probe, idle.device.isDestroyed], [' (it computes nothing)', true]);
  const silent = await probed({}, (device) => (device.done = () => new Promise(() => undefined)));
  assert.deepEqual([silent.probe, silent.device.isDestroyed], [' (it did not answer within 50 ms)', true]);
  const consumed = { requestDevice: async () => Promise.reject(new TypeError('used up')) };
  assert.equal(await probeGpu(/** @type {any} */ (consumed)), ' (used up)');
  let give = (/** @type {object} */ _) => {};
  const late = { requestDevice: () => new Promise((resolve) => (give = resolve)) };
  assert.match(String(await probeGpu(/** @type {any} */ (late))), /did not answer/);
  const device = measurable({}, async () => undefined);
  give(device);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(device.isDestroyed, true, 'a device that comes too late');
});

/** In the page: a model on a GPU that takes these times, runs of it, and what was told. */
const follow = async ({ speed, runs, waits, device = 'auto', cache = false }) => {
  const { loadEngine, placeOf, runRequest } = await import('/tests/browser/on-gpu.mjs');
  const { devices, measured, pretend, tamper } = await import('/tests/browser/unreliable-gpu.mjs');
  tamper({ disguise: true, ...speed });
  const events = [];
  const reasons = [];
  const onDevice = ({ change, info }) => (change === null ? reasons : events).push(change ?? info.deviceReason);
  const engine = await loadEngine({ device, cache }, { onDevice });
  const before = placeOf(engine.info);
  const cpu = Number(/CPU (\d+) ms/.exec(before.deviceReason)?.[1]);
  const { now } = performance;
  if (before.device === 'webgpu') pretend(devices.at(-1), { cost: waits.ms ?? waits.ofCpu * cpu, busy: 0 });
  for (let i = 0; i < runs; i++) await engine.run(runRequest([]));
  await engine.call({ kind: 'filters' });
  Object.assign(performance, { now });
  return { before, after: placeOf(engine.info), events, reasons, probes: measured.length, open: measured.filter(({ isDestroyed }) => !isDestroyed).length };
};

pageTest('a GPU that is predicted to be faster is taken, and then its own time is told', GPU, async (page) => {
  const told = await page.evaluate(follow, { speed: {}, runs: 6, waits: { ms: 2 } });
  assert.match(told.before.deviceReason, /^GPU \d+ ms, CPU \d+ ms, predicted$/);
  assert.deepEqual([told.before.device, told.before.adapter], ['webgpu', 'Acme One']);
  assert.match(told.after.deviceReason, /^GPU 2 ms measured, CPU \d+ ms predicted$/);
  assert.deepEqual(told.events, []);
  assert.deepEqual(told.reasons, [told.after.deviceReason], 'once');
  assert.deepEqual([told.probes, told.open], [1, 0]);
});

pageTest('the CPU is taken where the GPU is predicted to be slower', GPU, async (page) => {
  const told = await page.evaluate(follow, { speed: { many: 20 }, runs: 0, waits: { ms: 0 } });
  assert.match(told.before.deviceReason, /^GPU \d+ ms, CPU \d+ ms, predicted$/);
  const [gpu = 0, cpu = 0] = told.before.deviceReason.match(/\d+/g).map(Number);
  assert.ok(gpu > cpu, told.before.deviceReason);
  assert.deepEqual([told.before.device, told.before.adapter, told.open], ['cpu', null, 0]);
});

pageTest('a GPU that was taken for a larger network than it is says so', GPU, async (page) => {
  // What a layer takes at least is less than a whole Inception-v3 on the CPU, and more than GoogLeNet on few pixels.
  const { before } = await page.evaluate(follow, { speed: { single: 0.8 }, runs: 0, waits: { ms: 0 } });
  assert.equal(before.device, 'webgpu', before.deviceReason);
  assert.match(before.deviceReason, /^GPU \d+ ms, CPU \d+ ms, predicted, chosen before the network was known$/);
  const [gpu = 0, cpu = 0] = before.deviceReason.match(/\d+/g).map(Number);
  assert.ok(gpu > cpu, before.deviceReason);
});

pageTest('a GPU that turns out to be clearly slower is left once', GPU, async (page) => {
  const told = await page.evaluate(follow, { speed: {}, runs: 4, waits: { ms: 4000 } });
  assert.equal(told.before.device, 'webgpu');
  assert.match(told.after.deviceReason, /^GPU 4000 ms measured, CPU \d+ ms predicted$/);
  assert.deepEqual(told.events, [{ from: 'webgpu', to: 'cpu', reason: told.after.deviceReason, code: null }]);
  assert.deepEqual([told.after.device, told.after.adapter], ['cpu', null]);
});

pageTest('a GPU that is about as fast as the CPU, or slower for three runs only, is not left', GPU, async (page) => {
  const tie = await page.evaluate(follow, { speed: {}, runs: 8, waits: { ofCpu: 1.2 } });
  assert.deepEqual([tie.after.device, tie.events], ['webgpu', []]);
  assert.match(tie.after.deviceReason, /^GPU \d+ ms measured/);
  await page.reload();
  await page.waitForFunction(() => 'Inception' in globalThis);
  const early = await page.evaluate(follow, { speed: {}, runs: 3, waits: { ms: 4000 } });
  assert.deepEqual([early.after, early.events, early.reasons], [early.before, [], []]);
});

pageTest('a GPU that is asked for is neither measured nor left', GPU, async (page) => {
  const told = await page.evaluate(follow, { speed: {}, runs: 6, waits: { ms: 4000 }, device: 'webgpu' });
  assert.deepEqual([told.probes, told.events, told.reasons], [0, [], []]);
  assert.deepEqual(told.after, { device: 'webgpu', deviceReason: 'as requested', adapter: 'Acme One' });
});

pageTest('an adapter that is software is not measured', GPU, async (page) => {
  const probes = await page.evaluate(async () => {
    const { loadEngine } = await import('/tests/browser/on-gpu.mjs');
    const { devices, measured, tamper } = await import('/tests/browser/unreliable-gpu.mjs');
    tamper({});
    const { info } = await loadEngine({ device: 'auto' });
    return [info.device, devices.length + measured.length];
  });
  assert.deepEqual(probes, ['cpu', 0]);
});

pageTest('goes on with the right answers after a move, never back, and the next load knows what both take', GPU, async (page) => {
  const told = await page.evaluate(async () => {
    const { cpuResult, difference, loadEngine, placeOf, runRequest } = await import('/tests/browser/on-gpu.mjs');
    const { devices, measured, pretend, tamper } = await import('/tests/browser/unreliable-gpu.mjs');
    tamper({ disguise: true });
    const events = [];
    const request = { device: 'auto', cache: true };
    const engine = await loadEngine(request, { onDevice: ({ change }) => change && events.push([change.from, change.to]) });
    const { now } = performance;
    pretend(devices.at(-1), { cost: 4000, busy: 0 });
    for (let i = 0; i < 3; i++) await engine.run(runRequest([]));
    const last = engine.run(runRequest([]));
    // The call waits while the model moves.
    const controller = new AbortController();
    const aborted = outcomeOf(engine.run(runRequest(), controller.signal));
    await last;
    controller.abort();
    const { code } = await aborted;
    // The CPU takes 20 s from now on: each look at the clock is a second later.
    let ms = 0;
    performance.now = () => (ms += 1000);
    let result;
    for (let i = 0; i < 5; i++) result = await engine.run(runRequest());
    await engine.call({ kind: 'filters' });
    Object.assign(performance, { now });
    const error = difference(result, await cpuResult());
    const at = placeOf(engine.info);
    engine.dispose();
    const probes = measured.length;
    const again = placeOf((await loadEngine(request)).info);
    const other = placeOf((await loadEngine({ ...request, half: true })).info);
    await Inception.cache.clear();
    const cleared = placeOf((await loadEngine(request)).info);
    return { events, code, error, at, again, other, cleared, probes: [probes, measured.length] };
  });
  assert.equal(told.code, 'aborted');
  assert.equal(told.error, 0);
  assert.deepEqual(told.events, [['webgpu', 'cpu']]);
  assert.equal(told.at.device, 'cpu');
  const reason = /^GPU 4000 ms, CPU \d{5,} ms, measured$/;
  assert.match(told.at.deviceReason, reason);
  assert.deepEqual([told.again.device, told.again.deviceReason], ['webgpu', told.at.deviceReason]);
  assert.match(told.other.deviceReason, /predicted$/, 'of the same network in another form nothing is known');
  assert.match(told.cleared.deviceReason, /predicted$/, 'what is kept goes with the files');
  assert.deepEqual(told.probes, [1, 3], 'what is measured takes the place of a probe');
});

/** In the page: a model on a CPU that turns out to be slow, beside a GPU that was predicted to be slower than it is. */
const leaveCpu = async ({ from, refuse }) => {
  const { cpuResult, difference, loadEngine, placeOf, runRequest } = await import('/tests/browser/on-gpu.mjs');
  const { tamper } = await import('/tests/browser/unreliable-gpu.mjs');
  tamper({ disguise: true, many: 20 });
  const url = `${base}models/googlenet-imagenet.safetensors`;
  const files = from === 'bytes' ? {} : { files: [{ name: 'model.safetensors', url }] };
  const events = [];
  const onDevice = ({ change }) => change && events.push([change.from, change.to, change.code]);
  const engine = await loadEngine({ device: 'auto', cache: from === 'cache', ...files }, { onDevice });
  await engine.keep();
  const before = placeOf(engine.info);
  if (refuse) navigator.gpu.requestAdapter = async () => null;
  const { now } = performance;
  let ms = 0;
  performance.now = () => (ms += 1000);
  for (let i = 0; i < 4; i++) await engine.run(runRequest([]));
  Object.assign(performance, { now });
  const error = difference(await engine.run(runRequest()), await cpuResult());
  return { before, after: placeOf(engine.info), events, error };
};

for (const from of ['bytes', 'cache', 'address']) {
  pageTest(`a CPU that turns out to be slow is left where the file is at hand (${from})`, GPU, async (page) => {
    let fetched = 0;
    page.on('request', (request) => (fetched += Number(request.url().endsWith('.safetensors'))));
    const { before, after, events, error } = await page.evaluate(leaveCpu, { from });
    assert.equal(before.device, 'cpu');
    const isLeft = from !== 'address';
    assert.deepEqual(events, isLeft ? [['cpu', 'webgpu', null]] : []);
    assert.equal(after.device, isLeft ? 'webgpu' : 'cpu');
    assert.match(after.deviceReason, /^GPU \d+ ms predicted, CPU \d{4,} ms measured$/);
    assert.ok(error < TOLERANCE, `GPU and CPU differ by ${error}`);
    assert.equal(fetched, 2, 'for the model, and for the one that it is compared with');
  });
}

pageTest('a move to a GPU that is no longer there is none', GPU, async (page) => {
  const { after, events, error } = await page.evaluate(leaveCpu, { from: 'bytes', refuse: true });
  assert.deepEqual([after.device, events, error], ['cpu', [], 0]);
});

pageTest('a GPU that cannot be measured is taken', GPU, async (page) => {
  const info = await page.evaluate(async () => {
    const { loadEngine, placeOf } = await import('/tests/browser/on-gpu.mjs');
    const { tamper } = await import('/tests/browser/unreliable-gpu.mjs');
    tamper({ disguise: true, wait: 60 });
    return placeOf((await loadEngine({ device: 'auto' })).info);
  });
  assert.deepEqual(info, { device: 'webgpu', deviceReason: 'the browser offers a GPU (it did not answer within 50 ms)', adapter: 'Acme One' });
});

pageTest('a GPU that is lost while its answers are timed is opened again, and left for no other reason', GPU, async (page) => {
  const { events, after, reasons } = await page.evaluate(async () => {
    const { loadEngine, placeOf, runRequest } = await import('/tests/browser/on-gpu.mjs');
    const { devices, pretend, tamper } = await import('/tests/browser/unreliable-gpu.mjs');
    tamper({ disguise: true });
    const [events, reasons] = [[], []];
    const onDevice = ({ change }) => (change ? events.push([change.from, change.to, change.code]) : reasons.push(change));
    const engine = await loadEngine({ device: 'auto' }, { onDevice });
    for (let i = 0; i < 2; i++) await engine.run(runRequest([]));
    devices.at(-1).destroy();
    await engine.run(runRequest([]));
    pretend(devices.at(-1), { cost: 4000, busy: 0 });
    for (let i = 0; i < 5; i++) await engine.run(runRequest([]));
    await engine.call({ kind: 'filters' });
    return { events, after: placeOf(engine.info), reasons };
  });
  assert.deepEqual([events, reasons], [[['webgpu', 'webgpu', 'device-lost']], []]);
  assert.equal(after.device, 'webgpu');
  assert.match(after.deviceReason, /^the GPU was lost: .*it was opened again$/);
});

pageTest('an answer\'s time is that of one picture and one wait, without the first run and those with branches off', {}, async (page) => {
  const fastest = await page.evaluate(async () => {
    const { PlacedModel } = await import('/pkg/dist/engine/placed-model.js');
    const { Guard } = await import('/pkg/dist/engine/guard.js');
    let [now, ms, step] = [0, 0, 0];
    performance.now = () => now;
    const model = {
      plan() {},
      begin: () => (step = 0),
      step: () => ((step += 1) === 1 ? 'module' : undefined),
      complete: async () => void (now += ms + 100),
      device_ms: () => ms,
    };
    const placed = new PlacedModel(new Guard({}), model, { device: 'webgpu', deviceReason: '', adapter: '', software: false }, null, null);
    const fastest = [];
    for (const [time, off] of [[1, [[]]], [12, [[]]], [80, Array(8).fill([])], [2, [['branch']]], [11, [[]]]]) {
      ms = time;
      await placed.run([], undefined, off);
      fastest.push(placed.fastest);
    }
    return [...fastest.map(String), placed.runs];
  });
  assert.deepEqual(fastest, ['Infinity', '112', '110', '110', '110', 5]);
});
