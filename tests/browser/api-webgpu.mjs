// A network on WebGPU: results, self-test, times, abort, memory.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { SWIFTSHADER, pageTest } from './harness.mjs';

const GPU = { flags: SWIFTSHADER };
const MODEL_FILE = new URL('../../models/googlenet-imagenet.safetensors', import.meta.url);
const TOLERANCE = 2e-4;

for (const { worker, isolated } of [{ worker: true, isolated: true }, { worker: false, isolated: true }, { worker: true, isolated: false }]) {
  pageTest(`gives the CPU's result on WebGPU (worker: ${worker}, isolated: ${isolated})`, { ...GPU, isolated }, async (page) => {
    const { load, run, error, after, events } = await page.evaluate(async (worker) => {
      const { loadAndRun } = await import('/tests/browser/on-gpu.mjs');
      return loadAndRun({ device: 'webgpu', worker });
    }, worker);
    assert.deepEqual([load, run, events], [{}, {}, []]);
    assert.equal(after.device, 'webgpu');
    assert.ok(error > 0 && error < TOLERANCE, `they differ by ${error}`);
  });
}

pageTest('gives features, embeddings and batches on WebGPU', GPU, async (page) => {
  const { features, embedding, batch } = await page.evaluate(async () => {
    const { SMALL, picture } = await import('/tests/browser/on-gpu.mjs');
    const address = `${base}models/googlenet-imagenet.safetensors`;
    const images = [picture(), new ImageData(20, 30)];
    const answers = [];
    for (const device of ['webgpu', 'cpu']) {
      const net = await Inception.load(address, { device, preprocess: SMALL });
      answers.push({
        features: (await net.features(images[0], 'Mixed_3b/Branch_1')).data,
        embedding: await net.embed(images[0]),
        batch: (await net.classifyBatch(images)).map(({ predictions }) => predictions),
      });
    }
    const [gpu, cpu] = answers;
    const distance = (a, b) => Math.max(...a.map((v, i) => Math.abs(v - b[i]))) / Math.max(...b);
    const tops = (answer) => answer.batch.map((predictions) => predictions.map(({ index, probability }) => [index, probability]));
    return {
      features: [gpu.features.length, cpu.features.length, distance(gpu.features, cpu.features)],
      embedding: [gpu.embedding.length, cpu.embedding.length, distance(gpu.embedding, cpu.embedding)],
      batch: [tops(gpu), tops(cpu)],
    };
  });
  for (const [found, wanted, error] of [features, embedding]) {
    assert.equal(found, wanted);
    assert.ok(error < TOLERANCE, `they differ by ${error}`);
  }
  const [found, wanted] = batch;
  assert.equal(found.length, 2);
  found.flat().forEach(([index, probability], i) => {
    assert.equal(index, wanted.flat()[i][0]);
    assert.ok(Math.abs(probability - wanted.flat()[i][1]) < TOLERANCE);
  });
});

pageTest('reads a file on its way to a GPU piece by piece, from the cache and from the network, and keeps it', GPU, async (page) => {
  const { loads, kept } = await page.evaluate(async () => {
    const { SMALL } = await import('/tests/browser/on-gpu.mjs');
    const address = `${base}models/googlenet-imagenet.safetensors`;
    const channel = new BroadcastChannel('reads');
    const loads = [];
    for (const source of [address, address, await (await fetch(address)).blob()]) {
      const reads = [];
      channel.onmessage = ({ data }) => reads.push(data);
      const keeping = Promise.withResolvers();
      const net = await Inception.load(source, { device: 'webgpu', preprocess: SMALL, workerUrl: '/tests/browser/workers/tells-reads.mjs', onKept: keeping.resolve });
      const { cache } = net.info;
      if (cache.kept === null) await keeping.promise;
      loads.push({ hit: cache.hit, reads });
      net.dispose();
    }
    return { loads, kept: (await Inception.cache.list()).map(({ bytes }) => bytes) };
  });
  const length = statSync(MODEL_FILE).size;
  assert.deepEqual(loads.map(({ hit }) => hit), [false, true, false]);
  assert.ok(kept.includes(length), 'the file, beside the class names');
  for (const { reads } of loads) {
    const sum = reads.reduce((a, b) => a + b, 0);
    assert.ok(reads.length >= 4 && sum < 1.5 * length && sum > 0.9 * length, `${reads.length} reads of ${sum} bytes, of ${length}`);
    assert.ok(Math.max(...reads) < 2 ** 21, `${Math.max(...reads)} bytes at once`);
  }
});

pageTest('rounds weights to f16 where asked, on both devices alike', GPU, async (page) => {
  const { rounded, exact, bytes } = await page.evaluate(async () => {
    const { LAYERS, SMALL, difference, picture } = await import('/tests/browser/on-gpu.mjs');
    const results = {};
    const bytes = {};
    for (const device of ['webgpu', 'cpu']) {
      for (const halfWeights of [true, false]) {
        const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { device, halfWeights, preprocess: SMALL });
        results[`${device} ${halfWeights}`] = await net.classify(picture(), { layers: LAYERS });
        bytes[`${device} ${halfWeights}`] = net.info.weightBytes;
        net.dispose();
      }
    }
    return {
      rounded: difference(results['webgpu true'], results['cpu true']),
      exact: difference(results['cpu true'], results['cpu false']),
      bytes,
    };
  });
  assert.ok(rounded < TOLERANCE, `GPU and CPU differ by ${rounded}`);
  assert.ok(exact > 10 * rounded, `rounding changes the result, by ${exact}`);
  assert.ok(bytes['webgpu true'] < 0.55 * bytes['webgpu false'], JSON.stringify(bytes));
});

pageTest('warms the pipelines within the progress of a load', GPU, async (page) => {
  const { steps, weighted } = await page.evaluate(async () => {
    const { SMALL } = await import('/tests/browser/on-gpu.mjs');
    const steps = [];
    const onProgress = ({ stage, loaded, total }) => stage === 'prepare' && steps.push([loaded, total]);
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { device: 'webgpu', preprocess: SMALL, onProgress });
    return { steps, weighted: net.layers.filter(({ params }) => params > 0).length };
  });
  const total = weighted + 1;
  assert.deepEqual(steps, Array.from({ length: total }, (_, i) => [i + 1, total]));
});

pageTest('tests itself: every layer on the GPU equals the CPU', GPU, async (page) => {
  const { reports, names, after } = await page.evaluate(async () => {
    const { SMALL, picture } = await import('/tests/browser/on-gpu.mjs');
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { device: 'webgpu', preprocess: SMALL });
    const reports = [await net.selfTest(), await net.selfTest(), await net.selfTest(picture())];
    const { predictions, layers } = await net.classify(picture());
    return { reports, names: net.layers.map(({ name }) => name), after: [predictions.length, Object.keys(layers)] };
  });
  for (const { ok, worst, layers } of reports) {
    assert.equal(ok, true);
    const errors = layers.map(({ relativeError }) => relativeError);
    assert.equal(worst.relativeError, Math.max(...errors));
    assert.ok(layers.some(({ layer, relativeError }) => layer === worst.layer && relativeError === worst.relativeError));
    assert.ok(worst.relativeError > 0 && worst.relativeError <= TOLERANCE, `${worst.layer}: ${worst.relativeError}`);
    for (const { layer } of layers) assert.ok(names.includes(layer), layer);
    assert.ok(layers.length > 57, `${layers.length} layers were compared`);
  }
  assert.deepEqual(reports[1], reports[0], 'the generated picture is the same every time');
  assert.notDeepEqual(reports[2], reports[0]);
  assert.deepEqual(after, [5, []]);
});

pageTest('reports a self-test that fails', GPU, async (page) => {
  const report = await page.evaluate(async () => {
    const { loadEngine, runRequest } = await import('/tests/browser/on-gpu.mjs');
    const engine = await loadEngine({});
    const compare = engine.model.compare.bind(engine.model);
    engine.model.compare = (other) => {
      const layers = JSON.parse(compare(other));
      layers[3].relativeError = 3e-4;
      layers[5].relativeError = null;
      return JSON.stringify(layers);
    };
    const { worst, ok, layers } = await engine.call({ kind: 'self-test', image: runRequest().image });
    return { ok, isInfinite: worst.relativeError === Infinity, isFifth: worst.layer === layers[5].layer };
  });
  assert.deepEqual(report, { ok: false, isInfinite: true, isFifth: true });
});

pageTest('has nothing to test on the CPU', {}, async (page) => {
  const outcomes = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`);
    const refused = await outcomeOf(net.selfTest());
    const bad = await outcomeOf(net.selfTest(7));
    net.dispose();
    return [refused, bad, await outcomeOf(net.selfTest()), await outcomeOf(net.profile(new ImageData(8, 8)))];
  });
  assert.deepEqual(outcomes.map(({ code, typed }) => [code, typed]), [
    ['no-webgpu', true],
    ['bad-image', true],
    ['disposed', true],
    ['disposed', true],
  ]);
  assert.match(outcomes[0].message, /on the CPU \(the browser offers no GPU\)/);
});

for (const device of ['webgpu', 'cpu']) {
  pageTest(`times every layer that is computed (${device})`, GPU, async (page) => {
    const { times, layers, predictions } = await page.evaluate(async (device) => {
      const { SMALL, picture } = await import('/tests/browser/on-gpu.mjs');
      const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { device, preprocess: SMALL });
      const times = await net.profile(picture());
      const { predictions } = await net.classify(picture());
      return { times, layers: net.layers, predictions };
    }, device);
    const byName = new Map(layers.map((layer) => [layer.name, layer]));
    for (const { name, ms, macs } of times) {
      assert.ok(ms > 0 && ms < 60_000, `${name}: ${ms} ms`);
      assert.equal(macs, byName.get(name)?.macs, name);
    }
    const named = times.map(({ name }) => name);
    assert.equal(new Set(named).size, named.length);
    const order = named.map((name) => layers.findIndex((layer) => layer.name === name));
    assert.deepEqual(order, [...order].sort((a, b) => a - b), 'in order');
    for (const { name, kind } of layers) if (kind === 'conv') assert.ok(named.includes(name), name);
    assert.equal(predictions.length, 5);
  });
}

pageTest('ends a run on the GPU within one module of the abort, and runs again', GPU, async (page) => {
  const { code, aborted, all, error } = await page.evaluate(async () => {
    const { cpuResult, difference, loadEngine, runRequest } = await import('/tests/browser/on-gpu.mjs');
    const engine = await loadEngine({});
    const step = engine.model.step.bind(engine.model);
    const controller = new AbortController();
    let steps = 0;
    engine.model.step = () => {
      steps += 1;
      if (steps === 4) controller.abort();
      return step();
    };
    const { code } = await outcomeOf(engine.run(runRequest(), controller.signal));
    const aborted = steps;
    steps = 100;
    const result = await engine.run(runRequest());
    return { code, aborted, all: steps - 100, error: difference(result, await cpuResult()) };
  });
  assert.equal(code, 'aborted');
  assert.equal(aborted, 4);
  assert.ok(all > 10, `a whole run has ${all} steps`);
  assert.ok(error < TOLERANCE, `they differ by ${error}`);
});

pageTest('gives the memory of the GPU back when disposed of', GPU, async (page) => {
  const { before, after } = await page.evaluate(async () => {
    const { loadEngine, runRequest } = await import('/tests/browser/on-gpu.mjs');
    const { devices, tamper } = await import('/tests/browser/unreliable-gpu.mjs');
    tamper({});
    const engine = await loadEngine({});
    await engine.run(runRequest());
    const before = JSON.parse(engine.model.memory());
    const device = devices.at(-1);
    engine.dispose();
    return { before, after: (await device.lost).reason };
  });
  assert.ok(before.buffers > 2 && before.bytes > 20e6, JSON.stringify(before));
  assert.equal(after, 'destroyed');
});

pageTest('100 runs in one page leave memory as it was', GPU, async (page) => {
  await page.evaluate(async () => {
    const { loadEngine, runRequest } = await import('/tests/browser/on-gpu.mjs');
    const { instantiate } = WebAssembly;
    let memory;
    WebAssembly.instantiate = async (...given) => {
      const instance = await instantiate(...given);
      ({ memory } = instance.exports);
      return instance;
    };
    const engine = await loadEngine({ preprocess: { width: 48, height: 48 } });
    globalThis.runs = async (count) => {
      for (let i = 0; i < count; i += 1) await engine.run(runRequest(['Mixed_4b']));
      return { gpu: JSON.parse(engine.model.memory()), wasm: memory.buffer.byteLength };
    };
  });
  const session = await page.context().newCDPSession(page);
  const heap = async () => {
    await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Runtime.getHeapUsage')).usedSize;
  };
  const before = { ...(await page.evaluate(() => runs(10))), heap: await heap() };
  const after = { ...(await page.evaluate(() => runs(100))), heap: await heap() };
  assert.deepEqual(after.gpu, before.gpu);
  assert.equal(after.wasm, before.wasm);
  assert.ok(before.gpu.bytes > 1e6, JSON.stringify(before.gpu));
  assert.ok(after.heap - before.heap < 100e3, `the heap grew from ${before.heap} to ${after.heap} bytes`);
});
