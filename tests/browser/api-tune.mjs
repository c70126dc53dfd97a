// How the GPU's kernels are tuned: what is tried, when, what ends it, and what is kept.

import assert from 'node:assert/strict';
import { SWIFTSHADER, pageTest } from './harness.mjs';

/** In the page: a model with so many ways, whose times are given, and what it was asked. */
const withWays = async ({ times, stops, failing }) => {
  const { PlacedModel } = await import('/pkg/dist/engine/placed-model.js');
  const { Guard } = await import('/pkg/dist/engine/guard.js');
  const asked = [];
  const model = {
    plan: () => asked.push('plan'),
    ways: () => times.length,
    time_way: async (place) => {
      asked.push(place);
      if (place === failing && asked.filter((one) => one === place).length === 1) throw Object.assign(new Error('lost'), { code: 'device-lost' });
      return times[place];
    },
    take_ways: (taken) => (asked.push([...taken]), 2),
    untune: () => asked.push('untune'),
  };
  const placed = new PlacedModel(new Guard({}), model, { device: 'webgpu', deviceReason: '', adapter: '', software: false }, null, { lose() {} });
  const ends = [];
  const steps = [];
  for (const stop of [...stops, Infinity]) {
    const controller = new AbortController();
    const onSteps = ({ done, total }) => {
      steps.push(`${done} of ${total}`);
      if (done === stop) controller.abort();
    };
    ends.push(await placed.tune(controller.signal, onSteps).catch(({ code }) => code));
  }
  return { ends, asked, steps };
};

pageTest('every way is timed once, and the times are taken in their order', {}, async (page) => {
  const { ends, asked, steps } = await page.evaluate(withWays, { times: [3, 1, 2], stops: [], failing: -1 });
  assert.deepEqual(ends, [{ tried: 3, changed: 2 }]);
  assert.deepEqual(asked, ['plan', 0, 1, 2, [3, 1, 2]]);
  assert.deepEqual(steps, ['1 of 3', '2 of 3', '3 of 3']);
});

pageTest('an abort takes effect after one way, and what was timed is not timed again', {}, async (page) => {
  const { ends, asked } = await page.evaluate(withWays, { times: [3, 1, 2], stops: [1, 2], failing: -1 });
  assert.deepEqual(ends, ['aborted', 'aborted', { tried: 3, changed: 2 }]);
  assert.deepEqual(asked, ['plan', 0, 'plan', 1, 'plan', 2, [3, 1, 2]]);
});

pageTest('a GPU that is lost meanwhile ends it with its error, and nothing is taken', {}, async (page) => {
  const { ends, asked } = await page.evaluate(withWays, { times: [3, 1, 2], stops: [-1], failing: 1 });
  assert.deepEqual(ends, ['device-lost', { tried: 3, changed: 2 }]);
  assert.deepEqual(asked.filter((one) => Array.isArray(one)), [[3, 1, 2]]);
});

/** In the page: an engine on an adapter that says it is a GPU; `known` answers with what it knows of ways, once it is at rest. */
const tuned = async ({ answers, rest, call }) => {
  const { loadEngine, runRequest, cpuResult } = await import('/tests/browser/on-gpu.mjs');
  const { tamper } = await import('/tests/browser/unreliable-gpu.mjs');
  tamper({ disguise: true });
  const load = () => loadEngine({ device: 'webgpu', cache: true });
  const engine = await load();
  // The processor would be at it for minutes. The times are such that all kinds of ways are taken.
  engine.model.time_way = async (place) => 1 + ((place * 7919) % 101);
  const before = engine.model.ways();
  for (let i = 0; i < answers; i++) await engine.run(runRequest([]));
  const isKept = async () => (await (await caches.open('inception-web-devices-1')).keys()).some(({ url }) => url.includes('/ways?'));
  while (rest && !(await isKept())) await new Promise((resolve) => setTimeout(resolve, 100));
  const told = call ? await engine.call({ kind: 'tune', undo: false }) : null;
  const again = await load();
  const known = again.model.ways();
  const [wanted, found] = await Promise.all([cpuResult(), again.run(runRequest())]);
  const names = Object.keys(wanted.layers);
  const errors = names.map((name) => {
    const [a, b] = [wanted, found].map(({ layers }) => layers[name].data);
    return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0) / a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  });
  const undone = await again.call({ kind: 'tune', undo: true });
  const after = again.model.ways();
  const last = await load();
  const forgotten = last.model.ways();
  [engine, again, last].forEach((one) => one.dispose());
  return { before, told, known, errors, undone, after, forgotten };
};

pageTest('a GPU is tuned when it is asked to be, the next load knows its ways, and they can be undone', { flags: SWIFTSHADER }, async (page) => {
  const { before, told, known, errors, undone, after, forgotten } = await page.evaluate(tuned, { answers: 1, rest: false, call: true });
  assert.ok(before > 50, `${before} ways`);
  assert.equal(told.tried, before);
  assert.equal(known, 0, 'nothing is left to try');
  assert.ok(errors.length > 3 && errors.every((error) => error < 2e-4), String(errors));
  assert.deepEqual(undone, { tried: 0, changed: 0 });
  assert.ok(after === before && forgotten === before, `${after} and ${forgotten} of ${before}`);
});

pageTest('a GPU is tuned by itself when it rests after some answers', { flags: SWIFTSHADER }, async (page) => {
  const { before, known } = await page.evaluate(tuned, { answers: 4, rest: true, call: false });
  assert.ok(before > 50, `${before} ways`);
  assert.equal(known, 0, 'and the next load knows');
});

pageTest('a call that comes while it is tuned waits for one way at most, and tuning goes on later', { flags: SWIFTSHADER }, async (page) => {
  const told = await page.evaluate(async () => {
    const { loadEngine, runRequest } = await import('/tests/browser/on-gpu.mjs');
    const { tamper } = await import('/tests/browser/unreliable-gpu.mjs');
    tamper({ disguise: true });
    const engine = await loadEngine({ device: 'webgpu', cache: false });
    const { model } = engine;
    const timed = [];
    const time = model.time_way.bind(model);
    model.time_way = (place) => (timed.push(place), time(place));
    for (let i = 0; i < 4; i++) await engine.run(runRequest([]));
    while (timed.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    const before = timed.length;
    const { predictions } = await engine.run(runRequest([]));
    const during = timed.length;
    while (timed.length < during + 3) await new Promise((resolve) => setTimeout(resolve, 10));
    engine.dispose();
    return { before, during, timed, answered: predictions.length };
  });
  assert.ok(told.during <= told.before + 1, `${told.before} ways, then ${told.during}`);
  assert.equal(told.answered, 5);
  assert.deepEqual(told.timed.slice(0, told.during + 3), told.timed.map((_, i) => i).slice(0, told.during + 3), 'each once, in order');
});

pageTest('calls that wait for one another are not tuned between, and all are answered', { flags: SWIFTSHADER }, async (page) => {
  const told = await page.evaluate(async () => {
    const { loadEngine, runRequest } = await import('/tests/browser/on-gpu.mjs');
    const { tamper } = await import('/tests/browser/unreliable-gpu.mjs');
    tamper({ disguise: true });
    const engine = await loadEngine({ device: 'webgpu', cache: false });
    let answered = 0;
    const early = [];
    engine.model.time_way = async () => (early.push(answered), 1);
    const { setTimeout } = globalThis;
    globalThis.setTimeout = (work, ms, ...rest) => setTimeout(work, ms === 2000 ? 0 : ms, ...rest);
    const ends = await Promise.allSettled(Array.from({ length: 7 }, () => engine.run(runRequest([])).then(() => (answered += 1))));
    while (early.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    engine.dispose();
    return { ends: ends.map(({ status, reason }) => reason?.message ?? status), first: early[0] };
  });
  assert.deepEqual(told, { ends: Array(7).fill('fulfilled'), first: 7 });
});

pageTest('on the CPU, and where the processor plays the GPU, there is nothing to tune', { flags: SWIFTSHADER }, async (page) => {
  const told = await page.evaluate(async () => {
    const found = [];
    for (const device of ['cpu', 'webgpu']) {
      const net = await Inception.load('/models/googlenet-imagenet.safetensors', { device, preprocess: { width: 96, height: 96 }, cache: false });
      found.push(await net.tune());
      net.dispose();
    }
    const wrong = await (async () => (await Inception.load('/models/googlenet-imagenet.safetensors')).tune({ undo: 1 }))().catch(({ code }) => code);
    return { found, wrong };
  });
  assert.deepEqual(told.found, [{ tried: 0, changed: 0 }, { tried: 0, changed: 0 }]);
  assert.equal(told.wrong, 'bad-option');
});
