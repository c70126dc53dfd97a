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

pageTest('what has been found so far is taken now and then, and only ways that are left are timed after it', {}, async (page) => {
  const { taken, timed, kept, tuned } = await page.evaluate(async () => {
    const { PlacedModel } = await import('/pkg/dist/engine/placed-model.js');
    const { Guard } = await import('/pkg/dist/engine/guard.js');
    // Kinds of kernels with so many ways each, and those of which all have been timed.
    const kinds = [40, 40, 60];
    const [taken, timed] = [[], []];
    let [known, kept] = [0, 0];
    const left = () => kinds.slice(known);
    const model = {
      plan: () => undefined,
      ways: () => left().reduce((sum, ways) => sum + ways, 0),
      time_way: async (place) => {
        timed.push(kinds.slice(0, known).reduce((sum, ways) => sum + ways, 0) + place);
        return 1;
      },
      take_ways: (times) => {
        taken.push(times.length);
        let whole = 0;
        for (let [rest, next] = [times.length, left()]; next.length > 0 && rest >= next[0]; [rest, next] = [rest - next[0], next.slice(1)]) whole += 1;
        known += whole;
        return whole;
      },
    };
    const placed = new PlacedModel(new Guard({}), model, { device: 'webgpu', deviceReason: '', adapter: '', software: false }, null, { lose() {} });
    const tuned = await placed.tune(undefined, undefined, async () => {
      kept += 1;
    });
    return { taken, timed, kept, tuned };
  });
  assert.deepEqual(taken, [64, 64, 60], 'after each of the first two, one kind is whole');
  assert.deepEqual(timed, Array.from({ length: 140 }, (_, i) => i), 'each once, in order');
  assert.equal(kept, 3);
  assert.deepEqual(tuned, { tried: 140, changed: 3 });
});

/** Before a page is asked: `keptWays` is what the next load will know. @param {import('playwright-core').Page} page */
function lookAtWays(page) {
  return page.evaluate(() => {
    globalThis.keptWays = async () => {
      const cache = await caches.open('inception-web-devices-1');
      const found = (await cache.keys()).find(({ url }) => url.includes('/ways?'));
      return found && (await (await cache.match(found)).text());
    };
  });
}

pageTest('a GPU is tuned when it is asked to be, the next load knows its ways, and they can be undone', { flags: SWIFTSHADER }, async (page) => {
  await lookAtWays(page);
  const { before, told, timed, known, errors, undone, after, forgotten } = await page.evaluate(async () => {
    const { cpuResult, difference, loadEngine, runRequest } = await import('/tests/browser/on-gpu.mjs');
    const { tamper } = await import('/tests/browser/unreliable-gpu.mjs');
    tamper({ disguise: true, tiles: true });
    const preprocess = { width: 64, height: 64 };
    const load = () => loadEngine({ device: 'webgpu', cache: true, preprocess });
    const engine = await load();
    const time = engine.model.time_way.bind(engine.model);
    const timed = [];
    const before = engine.model.ways();
    // The processor would be at all of them for minutes, and for as long at the kernels of some.
    let asked = 0;
    engine.model.time_way = async (place) => {
      asked += 1;
      if (asked === 2) timed.push(await time(place));
      return asked === 2 || asked === before ? 1 : 2;
    };
    const nothing = engine.model.tuned();
    await engine.run(runRequest([]));
    const told = await engine.call({ kind: 'tune', undo: false, keep: true });
    const again = await load();
    const known = again.model.ways();
    const wanted = await cpuResult(undefined, preprocess);
    const error = async () => difference(await again.run(runRequest()), wanted);
    const errors = [await error()];
    const undone = await again.call({ kind: 'tune', undo: true, keep: true });
    errors.push(await error());
    const after = again.model.ways();
    const forgotten = (await keptWays()) === nothing;
    [engine, again].forEach((one) => one.dispose());
    return { before, told, timed, known, errors, undone, after, forgotten };
  });
  assert.ok(before > 50, `${before} ways`);
  assert.equal(told.tried, before);
  assert.ok(told.changed > 0, 'a kind of waves goes another way');
  assert.ok(timed.length === 1 && timed[0] > 0, `${timed} ms`);
  assert.equal(known, 0, 'nothing is left to try');
  assert.ok(errors.every((error) => error < 2e-4), `GPU and CPU differ by ${errors[0]} when it is tuned, and by ${errors[1]} when it is not`);
  assert.deepEqual(undone, { tried: 0, changed: 0 });
  assert.equal(after, before);
  assert.equal(forgotten, true, 'the next load knows nothing');
});

/** In the page: an engine on an adapter that says it is a GPU, with so many ways, of which each takes so many milliseconds to be timed. */
const withTimed = async ({ ways, ms }) => {
  const { loadEngine } = await import('/tests/browser/on-gpu.mjs');
  const { tamper } = await import('/tests/browser/unreliable-gpu.mjs');
  tamper({ disguise: true });
  const engine = await loadEngine({ device: 'webgpu', cache: true });
  const timed = [];
  const taken = [];
  Object.assign(engine.model, {
    ways: () => ways,
    time_way: async (place) => {
      timed.push(place);
      await new Promise((resolve) => setTimeout(resolve, ms));
      return place;
    },
    take_ways: (times) => (taken.push([...times]), 1),
    tuned: () => 'the fastest',
  });
  const until = async (isTrue) => {
    while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  Object.assign(globalThis, { engine, timed, taken, until });
};

pageTest('a GPU is tuned by itself when it rests after some answers, and what was found is kept', { flags: SWIFTSHADER }, async (page) => {
  await lookAtWays(page);
  await page.evaluate(withTimed, { ways: 3, ms: 0 });
  const told = await page.evaluate(async () => {
    const { runRequest } = await import('/tests/browser/on-gpu.mjs');
    for (let i = 0; i < 4; i++) await engine.run(runRequest([]));
    const ended = performance.now();
    await until(() => timed.length > 0);
    const rest = performance.now() - ended;
    await until(keptWays);
    return { rest, timed, taken, kept: await keptWays() };
  });
  assert.ok(told.rest > 1900, `after ${told.rest} ms`);
  assert.deepEqual([told.timed, told.taken, told.kept], [[0, 1, 2], [[0, 1, 2]], 'the fastest']);
});

pageTest('what was undone stays undone, until somebody asks for it', { flags: SWIFTSHADER }, async (page) => {
  await lookAtWays(page);
  await page.evaluate(withTimed, { ways: 3, ms: 0 });
  const told = await page.evaluate(async () => {
    const { runRequest } = await import('/tests/browser/on-gpu.mjs');
    const { setTimeout } = globalThis;
    globalThis.setTimeout = (work, ms, ...rest) => setTimeout(work, ms === 2000 ? 100 : ms, ...rest);
    Object.assign(engine.model, { untune: () => undefined });
    for (let i = 0; i < 4; i++) await engine.run(runRequest([]));
    await until(() => taken.length > 0);
    await until(keptWays);
    await engine.call({ kind: 'tune', undo: true, keep: true });
    const undone = timed.length;
    await engine.run(runRequest([]));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const rested = [timed.length - undone, await keptWays()];
    await engine.call({ kind: 'tune', undo: false, keep: true });
    return { undone, rested, asked: timed.length - undone };
  });
  assert.deepEqual(told, { undone: 3, rested: [0, ''], asked: 3 });
});

pageTest('a call that comes while it is tuned waits for one way at most, and tuning goes on later', { flags: SWIFTSHADER }, async (page) => {
  await page.evaluate(withTimed, { ways: 50, ms: 100 });
  const told = await page.evaluate(async () => {
    const { runRequest } = await import('/tests/browser/on-gpu.mjs');
    for (let i = 0; i < 4; i++) await engine.run(runRequest([]));
    await until(() => timed.length >= 3);
    const before = timed.length;
    const { predictions } = await engine.run(runRequest([]));
    const during = timed.length;
    await until(() => timed.length >= during + 3);
    engine.dispose();
    return { before, during, timed, answered: predictions.length };
  });
  assert.ok(told.during <= told.before + 1, `${told.before} ways, then ${told.during}`);
  assert.equal(told.answered, 5);
  assert.deepEqual(told.timed.slice(0, told.during + 3), told.timed.map((_, i) => i).slice(0, told.during + 3), 'each once, in order');
});

pageTest('calls that wait for one another are not tuned between, and all are answered', { flags: SWIFTSHADER }, async (page) => {
  await page.evaluate(withTimed, { ways: 1, ms: 0 });
  const told = await page.evaluate(async () => {
    const { runRequest } = await import('/tests/browser/on-gpu.mjs');
    let answered = 0;
    const early = [];
    engine.model.time_way = async () => (early.push(answered), 1);
    const { setTimeout } = globalThis;
    globalThis.setTimeout = (work, ms, ...rest) => setTimeout(work, ms === 2000 ? 0 : ms, ...rest);
    const ends = await Promise.allSettled(Array.from({ length: 7 }, () => engine.run(runRequest([])).then(() => (answered += 1))));
    await until(() => early.length > 0);
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
