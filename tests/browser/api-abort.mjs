// Abort and dispose.

import assert from 'node:assert/strict';
import { pageTest } from './harness.mjs';

pageTest('refuses to start with a signal that is already aborted', {}, async (page) => {
  const codes = await page.evaluate(async () => {
    const signal = AbortSignal.abort();
    const address = `${base}models/googlenet-imagenet.safetensors`;
    const codes = [];
    for (const options of [{ signal }, { signal, worker: false }]) {
      codes.push((await outcomeOf(Inception.load(address, options))).code);
      codes.push((await outcomeOf(Inception.load('googlenet-imagenet', { ...options, modelsUrl: `${base}models` }))).code);
    }
    const net = await Inception.load(address);
    const image = new ImageData(8, 8);
    codes.push((await outcomeOf(net.classify(image, { signal }))).code);
    codes.push((await outcomeOf(net.features(image, 'Mixed_3b', { signal }))).code);
    codes.push((await outcomeOf(net.embed(image, { signal }))).code);
    codes.push((await outcomeOf(net.classifyBatch([image], { signal }))).code);
    codes.push((await outcomeOf(net.classify('/photos/none.png', { signal }))).code);
    return codes;
  });
  assert.deepEqual(codes, Array(9).fill('aborted'));
});

for (const worker of [true, false]) {
  pageTest(`stops a download (worker: ${worker})`, {}, async (page) => {
    let asked;
    const reached = new Promise((resolve) => (asked = resolve));
    await page.route('**/endless.safetensors', () => asked());
    await page.evaluate((worker) => {
      globalThis.controller = new AbortController();
      const { signal } = controller;
      globalThis.load = outcomeOf(Inception.load(`${base}endless.safetensors`, { signal, worker }));
    }, worker);
    await reached;
    const outcome = await page.evaluate(() => {
      controller.abort();
      return load;
    });
    assert.equal(outcome.code, 'aborted');
  });

  pageTest(`stops preparing layers, and loads again (worker: ${worker})`, {}, async (page) => {
    // What is prepared while the file comes might be all of it: the engine comes after the file.
    const isHere = page.waitForEvent('requestfinished', (request) => request.url().endsWith('.safetensors'));
    await page.route('**/inception_*.wasm', async (route) => (await isHere, route.continue()));
    const { code, stages, classes } = await page.evaluate(async (worker) => {
      const address = `${base}models/googlenet-imagenet.safetensors`;
      const controller = new AbortController();
      const stages = [];
      // What was prepared while the file came is told at once.
      const onProgress = ({ stage, loaded, total }) => {
        stages.push(stage);
        if (stage === 'prepare' && loaded < total) controller.abort();
      };
      const { code } = await outcomeOf(Inception.load(address, { worker, signal: controller.signal, onProgress }));
      const net = await Inception.load(address, { worker });
      return { code, stages, classes: net.info.classes };
    }, worker);
    assert.equal(code, 'aborted');
    assert.equal(stages.at(-1), 'prepare');
    assert.equal(classes, 1000);
  });

  pageTest(`stops a run, and runs again (worker: ${worker})`, {}, async (page) => {
    const { codes, results, wanted } = await page.evaluate(async (worker) => {
      const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { worker });
      const pixels = Uint8ClampedArray.from({ length: 4 * 50 * 50 }, (_, i) => (i * 101) % 256);
      const image = new ImageData(pixels, 50, 50);
      const wanted = (await net.classify(image)).predictions;
      const controllers = [new AbortController(), new AbortController()];
      const running = outcomeOf(net.classify(image, { signal: controllers[0].signal, layers: ['Mixed_4e'] }));
      const queued = outcomeOf(net.classify(image, { signal: controllers[1].signal }));
      const third = net.classify(image);
      await new Promise((resolve) => setTimeout(resolve));
      for (const controller of controllers) controller.abort();
      const codes = [(await running).code, (await queued).code];
      return { codes, wanted, results: [(await third).predictions, (await net.classify(image)).predictions] };
    }, worker);
    assert.deepEqual(codes, ['aborted', 'aborted']);
    for (const predictions of results) assert.deepEqual(predictions, wanted);
  });
}

pageTest('ends a run within one module of the abort', {}, async (page) => {
  const { code, steps, all } = await page.evaluate(async () => {
    const { Engine } = await import('/pkg/dist/engine/engine.js');
    const bytes = new Uint8Array(await (await fetch('/models/googlenet-imagenet.safetensors')).arrayBuffer());
    const engine = await Engine.load({
      entry: null, files: [{ name: 'model', bytes }], sha256: null, cache: false, network: null, labels: null,
      preprocess: null, device: 'cpu', threads: 1, modelsUrl: `${base}models/`, wasmUrl: null,
    });
    const step = engine.model.step.bind(engine.model);
    const controller = new AbortController();
    let steps = 0;
    engine.model.step = () => {
      steps += 1;
      if (steps === 4) controller.abort();
      return step();
    };
    const image = { kind: 'pixels', width: 8, height: 8, rgba: new Uint8ClampedArray(256) };
    const request = { image, layers: [], topK: 5, threshold: 0, embed: false };
    const { code } = await outcomeOf(engine.run(request, controller.signal));
    const aborted = steps;
    steps = 100;
    await engine.run(request);
    return { code, steps: aborted, all: steps - 100 };
  });
  assert.equal(code, 'aborted');
  assert.equal(steps, 4);
  assert.ok(all > 10, `a whole run has ${all} steps`);
});

for (const worker of [true, false]) {
  pageTest(`refuses calls once disposed of (worker: ${worker})`, {}, async (page) => {
    const codes = await page.evaluate(async (worker) => {
      const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { worker });
      const image = new ImageData(8, 8);
      const pending = [net.classify(image), net.embed(image)].map(outcomeOf);
      await new Promise((resolve) => setTimeout(resolve));
      net.dispose();
      net.dispose();
      const later = [net.classify(image), net.features(image, 'Mixed_3b'), net.embed(image)].map(outcomeOf);
      return (await Promise.all([...pending, ...later])).map(({ code }) => code);
    }, worker);
    assert.deepEqual(codes, Array(5).fill('disposed'));
  });
}

pageTest('ends its workers when disposed of or aborted', {}, async (page) => {
  const address = '/models/googlenet-imagenet.safetensors';
  await page.evaluate(async (address) => {
    globalThis.net = await Inception.load(address, { threads: 3 });
  }, address);
  const workers = page.workers();
  assert.equal(workers.length, 3);
  const closed = workers.map((worker) => worker.waitForEvent('close'));
  await page.evaluate(() => net.dispose());
  await Promise.all(closed);

  const [, code] = await Promise.all([
    page.waitForEvent('worker'),
    page.evaluate(async (address) => {
      const controller = new AbortController();
      const onProgress = () => controller.abort();
      return (await outcomeOf(Inception.load(address, { signal: controller.signal, onProgress }))).code;
    }, address),
  ]);
  assert.equal(code, 'aborted');
  for (let [worker] = page.workers(); worker !== undefined; [worker] = page.workers()) await worker.waitForEvent('close');
});

for (const options of [{ threads: 1 }, { worker: false }, { shared: true }]) {
  pageTest(`what a function of the caller's throws ends the call, which rejects with it (${JSON.stringify(options)})`, {}, async (page) => {
    const told = await page.evaluate(async (options) => {
      const address = `${base}models/googlenet-imagenet.safetensors`;
      const image = new ImageData(8, 8);
      const thrown = new RangeError('theirs');
      let calls = 0;
      const fail = () => {
        calls += 1;
        throw thrown;
      };
      const isThrown = async (/** @type {Promise<unknown>} */ promise) => [(await promise.catch((error) => error)) === thrown, calls];
      const load = await isThrown(Inception.load(address, { ...options, onProgress: fail }));
      const last = await isThrown(Inception.load(address, { ...options, onProgress: ({ stage, loaded, total }) => stage === 'prepare' && loaded === total && fail() }));
      const other = options.shared ? Inception.load(address, options) : null;
      const both = other && (await isThrown(Inception.load(address, { ...options, onProgress: fail })));
      const net = await (other ?? Inception.load(address, options));
      const outcomes = {};
      const ofCall = {
        classify: () => net.classify(image, { onModule: fail }),
        late: () => net.classify(image, { onModule: (_, done, total) => done === total && fail() }),
        ablate: () => net.ablate(image, { off: [], onModule: fail }),
        batch: () => net.classifyBatch([image, image], { onModule: fail }),
        rank: () => net.rankBranches(image, { branches: ['Mixed_3b/Branch_0'], onProgress: fail }),
        profile: () => net.profile(image, { onProgress: fail }),
      };
      for (const [name, call] of Object.entries(ofCall)) {
        calls = 0;
        outcomes[name] = await isThrown(call());
      }
      const { predictions } = await net.classify(image);
      net.dispose();
      return { load, last, both, outcomes, predictions: predictions.length };
    }, options);
    assert.deepEqual([told.load, told.last[0], told.both?.[0] ?? true], [[true, 1], true, true]);
    for (const [name, outcome] of Object.entries(told.outcomes)) assert.deepEqual(outcome, [true, 1], name);
    assert.equal(told.predictions, 5, 'the model stays usable');
  });
}

pageTest('what a function of the caller\'s throws that no call waits for is an uncaught error, and nothing else', { expectedErrors: /theirs/ }, async (page) => {
  const told = await page.evaluate(async () => {
    const uncaught = new Promise((resolve) => addEventListener('error', ({ message }) => resolve(message), { once: true }));
    const address = `${base}models/googlenet-imagenet.safetensors`;
    const onKept = () => {
      throw new RangeError('theirs');
    };
    await Inception.cache.clear();
    const net = await Inception.load(address, { threads: 1, onKept });
    const message = await uncaught;
    const { predictions } = await net.classify(new ImageData(8, 8));
    return { message, kept: net.info.cache.kept, predictions: predictions.length };
  });
  assert.match(told.message, /theirs/);
  assert.deepEqual([told.kept, told.predictions], [true, 5]);
});
