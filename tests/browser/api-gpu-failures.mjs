// GPUs that are lost or fail: the call goes on, or says why it cannot.

import assert from 'node:assert/strict';
import { SWIFTSHADER, pageTest } from './harness.mjs';

/** A module whose function `f` traps. An engine shares the code of equal modules, and then tells the address of the first. */
const TRAPPING = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0, 10, 5, 1, 3, 0, 0, 0x0b]);

const GPU = { flags: SWIFTSHADER };
const TOLERANCE = 2e-4;

/** In the page: loads and runs on a worker whose GPU has these faults. */
const loadAndRun = async ({ faults, device }) => {
  const { loadAndRun } = await import('/tests/browser/on-gpu.mjs');
  return loadAndRun({ device, workerUrl: `/tests/browser/workers/unreliable-gpu.mjs?${faults}` });
};

/** Faults that show at the load. */
const REFUSALS = [
  { what: 'a GPU that opens no device', faults: 'refuse=1', code: 'no-webgpu', message: /no devices today/ },
  { what: 'a GPU that binds too small buffers', faults: 'binding=65536', code: 'out-of-memory', message: /65536/ },
  { what: 'a GPU without memory', faults: 'memory=200000', code: 'out-of-memory', message: /memory/ },
  { what: 'a GPU that compiles no shader', faults: 'shaders=1', code: 'no-webgpu', message: /WGSL|[Ss]hader/ },
];

for (const { what, faults, code, message } of REFUSALS) {
  pageTest(`goes on on the CPU: ${what}`, GPU, async (page) => {
    const { load, atLoad, run, error, after, events } = await page.evaluate(loadAndRun, { faults: `${faults}&disguise=1`, device: 'auto' });
    assert.deepEqual([load, run], [{}, {}]);
    assert.equal(atLoad.device, 'cpu');
    assert.equal(atLoad.adapter, null);
    assert.match(atLoad.deviceReason, message);
    assert.deepEqual(after, atLoad);
    assert.deepEqual(events, [{ from: 'webgpu', to: 'cpu', reason: atLoad.deviceReason, code }]);
    assert.equal(error, 0);
  });

  pageTest(`says why WebGPU cannot be had: ${what}`, GPU, async (page) => {
    const { load, events } = await page.evaluate(loadAndRun, { faults, device: 'webgpu' });
    assert.equal(load.code, code, load.message);
    assert.match(load.message, message);
    assert.equal(load.typed, true);
    assert.deepEqual(events, []);
  });
}

for (const device of ['auto', 'webgpu']) {
  pageTest(`opens a GPU again that is lost in mid-run (${device})`, GPU, async (page) => {
    const { run, error, atLoad, after, events } = await page.evaluate(loadAndRun, { faults: 'lose=2&disguise=1', device });
    assert.deepEqual(run, {});
    assert.ok(error < TOLERANCE, `GPU and CPU differ by ${error}`);
    assert.deepEqual(events.map(({ from, to, code }) => ({ from, to, code })), [{ from: 'webgpu', to: 'webgpu', code: 'device-lost' }]);
    assert.match(events[0].reason, /^the GPU was lost: ./);
    assert.equal(atLoad.device, 'webgpu');
    assert.deepEqual(after, { device: 'webgpu', deviceReason: `${events[0].reason}; it was opened again`, adapter: 'Acme One' });
  });
}

pageTest('a picture goes on growing where its GPU is lost, and is the same', GPU, async (page) => {
  const { isSame, steps, events } = await page.evaluate(async () => {
    const { SMALL } = await import('/tests/browser/on-gpu.mjs');
    const address = `${base}models/googlenet-imagenet.safetensors`;
    const target = { layer: 'Mixed_4b', channel: 8 };
    const how = { size: 64, steps: 6 };
    const events = [];
    const net = await Inception.load(address, {
      device: 'webgpu', preprocess: SMALL, workerUrl: '/tests/browser/workers/unreliable-gpu.mjs', onDevice: ({ from, to, code }) => events.push([from, to, code]),
    });
    const wanted = await net.visualize(target, how);
    const channel = new BroadcastChannel('lose-gpu');
    const steps = [];
    const found = await net.visualize(target, {
      ...how,
      onStep: (step) => {
        steps.push(step);
        if (step === 2) channel.postMessage('lose');
      },
    });
    return { isSame: found.pixels.join() === wanted.pixels.join(), steps, events };
  });
  assert.deepEqual(events, [['webgpu', 'webgpu', 'device-lost']]);
  assert.deepEqual(steps, [1, 2, 3, 4, 5, 6]);
  assert.ok(isSame);
});

pageTest('gradients go on on the CPU where a GPU has too little memory for them, unless it was ordered', GPU, async (page) => {
  const outcomes = await page.evaluate(async () => {
    const { picture } = await import('/tests/browser/on-gpu.mjs');
    const address = `${base}models/googlenet-imagenet.safetensors`;
    const image = picture();
    const of = { classIndex: 3 };
    // More than for the weights and a run, less than for what a run leaves.
    const memory = 33e6;
    const preprocess = { width: 352, height: 352, resizeTo: 352, crop: 'none' };
    const norm = ({ data }) => Math.sqrt(data.reduce((sum, v) => sum + v * v, 0));
    const cpu = await Inception.load(address, { device: 'cpu', preprocess });
    const wanted = norm((await cpu.gradient(image, { of })).at.input);
    const outcomes = [];
    for (const device of ['auto', 'webgpu']) {
      const events = [];
      const net = await Inception.load(address, {
        device, preprocess, workerUrl: `/tests/browser/workers/unreliable-gpu.mjs?memory=${memory}&disguise=1`, onDevice: ({ from, to, code }) => events.push([from, to, code]),
      });
      const atLoad = net.info.device;
      const { value, code } = await outcomeOf(net.gradient(image, { of, at: ['input', 'Conv2d_2c_3x3', 'Conv2d_1a_7x7'] }));
      const after = (await net.classify(image)).predictions.length;
      outcomes.push({ atLoad, code, error: value && Math.abs(norm(value.at.input) / wanted - 1), after, device: net.info.device, events });
    }
    return outcomes;
  });
  const [open, ordered] = outcomes;
  assert.ok(open.error < 1e-3, `they differ by ${open.error}`);
  assert.deepEqual([open.atLoad, open.device, open.events], ['webgpu', 'cpu', [['webgpu', 'cpu', 'out-of-memory']]]);
  assert.deepEqual([ordered.atLoad, ordered.code, ordered.device, ordered.events], ['webgpu', 'out-of-memory', 'webgpu', []]);
  assert.deepEqual([open.after, ordered.after], [5, 5]);
});

pageTest('opens a GPU again that is lost between two runs', GPU, async (page) => {
  const { error, events, devices } = await page.evaluate(async () => {
    const { LAYERS, SMALL, cpuResult, difference, picture } = await import('/tests/browser/on-gpu.mjs');
    const events = [];
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, {
      device: 'webgpu',
      preprocess: SMALL,
      workerUrl: '/tests/browser/workers/unreliable-gpu.mjs',
      onDevice: ({ from, to, code }) => events.push([from, to, code, net.info.deviceReason]),
    });
    const devices = [net.info.device];
    await net.classify(picture());
    const channel = new BroadcastChannel('lose-gpu');
    const lost = new Promise((resolve) => (channel.onmessage = resolve));
    channel.postMessage('lose');
    await lost;
    const result = await net.classify(picture(), { layers: LAYERS });
    devices.push(net.info.device);
    return { error: difference(result, await cpuResult()), events, devices };
  });
  assert.ok(error < TOLERANCE, `GPU and CPU differ by ${error}`);
  assert.deepEqual(devices, ['webgpu', 'webgpu']);
  assert.equal(events.length, 1);
  assert.deepEqual(events[0].slice(0, 3), ['webgpu', 'webgpu', 'device-lost']);
  assert.match(events[0][3], /opened again$/);
});

for (const device of ['auto', 'webgpu']) {
  pageTest(`goes on on the CPU when the GPU is lost twice in one run (${device})`, GPU, async (page) => {
    const { error, events, info, again } = await page.evaluate(async (device) => {
      const { cpuResult, difference, loadEngine, runRequest } = await import('/tests/browser/on-gpu.mjs');
      const { devices, tamper } = await import('/tests/browser/unreliable-gpu.mjs');
      tamper({ disguise: true });
      const loseAtStep = (model, last) => {
        const step = model.step.bind(model);
        let steps = 0;
        model.step = () => {
          steps += 1;
          if (steps === last) devices.at(-1).destroy();
          return step();
        };
      };
      const events = [];
      const onDevice = ({ change: { from, to, code }, info }) => {
        events.push([from, to, code, info.device]);
        if (to === 'webgpu') loseAtStep(engine.model, 6);
      };
      const engine = await loadEngine({ device }, { onDevice });
      loseAtStep(engine.model, 3);
      const wanted = await cpuResult();
      const error = difference(await engine.run(runRequest()), wanted);
      const again = difference(await engine.run(runRequest()), wanted);
      return { error, events, info: engine.info, again };
    }, device);
    assert.equal(error, 0);
    assert.equal(again, 0);
    assert.deepEqual(events, [
      ['webgpu', 'webgpu', 'device-lost', 'webgpu'],
      ['webgpu', 'cpu', 'device-lost', 'cpu'],
    ]);
    assert.equal(info.device, 'cpu');
    assert.equal(info.adapter, null);
    assert.match(info.deviceReason, /^the GPU was lost: ./);
  });
}

pageTest('goes on on the CPU when no GPU comes back', GPU, async (page) => {
  const { error, events } = await page.evaluate(async () => {
    const { cpuResult, difference, loadEngine, runRequest } = await import('/tests/browser/on-gpu.mjs');
    const { devices, tamper } = await import('/tests/browser/unreliable-gpu.mjs');
    tamper({});
    const events = [];
    const engine = await loadEngine({}, { onDevice: ({ change: { from, to, code } }) => events.push([from, to, code]) });
    navigator.gpu.requestAdapter = async () => null;
    devices.at(-1).destroy();
    return { error: difference(await engine.run(runRequest()), await cpuResult()), events };
  });
  assert.equal(error, 0);
  assert.deepEqual(events, [['webgpu', 'cpu', 'device-lost']]);
});

for (const [device, code] of [['auto', undefined], ['webgpu', 'out-of-memory']]) {
  pageTest(`a run that the GPU refuses goes on on the CPU only where that was left open (${device})`, GPU, async (page) => {
    const { outcome, events, info, after } = await page.evaluate(async (device) => {
      const { cpuResult, difference, loadEngine, runRequest } = await import('/tests/browser/on-gpu.mjs');
      const { tamper } = await import('/tests/browser/unreliable-gpu.mjs');
      tamper({ disguise: true });
      const events = [];
      const engine = await loadEngine({ device }, { onDevice: ({ change: { from, to, code } }) => events.push([from, to, code]) });
      const { model } = engine;
      const complete = model.complete.bind(model);
      model.complete = async () => {
        model.complete = complete;
        await complete();
        throw Object.assign(new Error('out of GPU memory: for this test'), { code: 'out-of-memory' });
      };
      const wanted = await cpuResult();
      const compared = async () => difference(await engine.run(runRequest()), wanted);
      const outcome = await outcomeOf(compared());
      const { device: place, deviceReason } = engine.info;
      return { outcome, events, info: [place, deviceReason], after: await compared() };
    }, device);
    assert.equal(outcome.code, code);
    if (device === 'auto') {
      assert.equal(outcome.value, 0);
      assert.deepEqual(events, [['webgpu', 'cpu', 'out-of-memory']]);
      assert.deepEqual(info, ['cpu', 'out of GPU memory: for this test']);
    } else {
      assert.deepEqual(events, []);
      assert.equal(info[0], 'webgpu');
    }
    assert.ok(after < TOLERANCE, `the next run differs by ${after}`);
  });
}

pageTest('can be aborted while a lost GPU is opened again, and then runs', GPU, async (page) => {
  const { code, error, devices } = await page.evaluate(async () => {
    const { cpuResult, difference, loadEngine, runRequest } = await import('/tests/browser/on-gpu.mjs');
    const { devices, tamper } = await import('/tests/browser/unreliable-gpu.mjs');
    tamper({});
    const engine = await loadEngine({});
    devices.at(-1).destroy();
    const controller = new AbortController();
    const { gpu } = navigator;
    const requestAdapter = gpu.requestAdapter.bind(gpu);
    gpu.requestAdapter = (options) => {
      gpu.requestAdapter = requestAdapter;
      controller.abort();
      return requestAdapter(options);
    };
    const { code } = await outcomeOf(engine.run(runRequest(), controller.signal));
    const result = await engine.run(runRequest());
    return { code, error: difference(result, await cpuResult()), devices: [engine.info.device, devices.length] };
  });
  assert.equal(code, 'aborted');
  assert.ok(error < TOLERANCE, `GPU and CPU differ by ${error}`);
  assert.deepEqual(devices[0], 'webgpu');
});

pageTest('fetches nothing again when a GPU is lost', GPU, async (page) => {
  let fetched = 0;
  await page.route('**/*.safetensors', (route) => {
    fetched += 1;
    return route.continue();
  });
  const { events, ok } = await page.evaluate(async () => {
    const { SMALL, picture } = await import('/tests/browser/on-gpu.mjs');
    const events = [];
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, {
      device: 'webgpu',
      preprocess: SMALL,
      workerUrl: '/tests/browser/workers/unreliable-gpu.mjs?lose=2',
      onDevice: (event) => events.push(event),
    });
    await net.classify(picture());
    return { events: events.length, ok: (await net.selfTest()).ok };
  });
  assert.equal(events, 1);
  assert.equal(ok, true);
  assert.equal(fetched, 1);
});

pageTest('reports a trap that an asynchronous call of the engine meets later', { expectedErrors: /RuntimeError/ }, async (page) => {
  // An artefact that comes from an address with a signature.
  await page.route('**/signed.wasm?*', (route) => route.fulfill({ contentType: 'application/wasm', body: Buffer.concat([TRAPPING, Buffer.from([0, 2, 1, 0x73])]) }));
  const outcomes = await page.evaluate(async (trapping) => {
    const { Guard } = await import('/pkg/dist/engine/guard.js');
    const { instance } = await WebAssembly.instantiate(Uint8Array.from(trapping));
    const { f } = instance.exports;
    const { f: signed } = (await WebAssembly.instantiateStreaming(fetch('/signed.wasm?sig=1'))).instance.exports;
    const never = new Promise(() => undefined);
    const ways = {
      task: () => (queueMicrotask(f), never),
      promise: () => (Promise.resolve().then(f), never),
      rejection: () => Promise.resolve().then(f),
      signed: () => (queueMicrotask(signed), never),
      typed: async () => {
        throw Object.assign(new Error('gone'), { code: 'device-lost' });
      },
      value: async () => 5,
    };
    const outcomes = {};
    for (const [name, work] of Object.entries(ways)) {
      const guard = new Guard({ take_panic: () => 'panicked at x.rs:1: no such buffer' }, name === 'signed' ? 'signed.wasm' : null);
      const first = await outcomeOf(guard.callAsync(work));
      outcomes[name] = [first, await outcomeOf((async () => guard.call(() => 1))())];
    }
    return outcomes;
  }, [...TRAPPING]);
  for (const name of ['task', 'promise', 'rejection', 'signed']) {
    const [first, later] = outcomes[name];
    assert.equal(first.code, 'internal', name);
    assert.match(first.message, /no such buffer/);
    assert.deepEqual(later, first);
  }
  assert.equal(outcomes.typed[0].code, 'device-lost');
  assert.deepEqual(outcomes.typed[1], { value: 1 });
  assert.deepEqual(outcomes.value, [{ value: 5 }, { value: 1 }]);
});

pageTest('a trap of another library in the page\'s own thread is not the engine\'s', { flags: SWIFTSHADER, expectedErrors: /RuntimeError/ }, async (page) => {
  await page.route('**/other.wasm', (route) => route.fulfill({ contentType: 'application/wasm', body: TRAPPING }));
  const told = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { worker: false, device: 'webgpu' });
    const { instance } = await WebAssembly.instantiateStreaming(fetch('/other.wasm'));
    let uncaught = 0;
    addEventListener('error', () => (uncaught += 1));
    const image = new ImageData(8, 8);
    await net.classify(image);
    const trap = setInterval(() => instance.exports.f(), 5);
    const outcome = await outcomeOf(net.classify(image));
    clearInterval(trap);
    return { outcome, again: await outcomeOf(net.classify(image)), uncaught, device: net.info.device };
  });
  assert.ok(told.uncaught > 0, 'the page is told of it');
  assert.equal(told.outcome.value?.predictions.length, 5, told.outcome.message);
  assert.equal(told.again.value?.predictions.length, 5);
  assert.equal(told.device, 'webgpu');
});
