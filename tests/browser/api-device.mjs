// Which device is chosen, and why.

import assert from 'node:assert/strict';
import { SWIFTSHADER, pageTest } from './harness.mjs';

const GPU = { flags: SWIFTSHADER };

/** In the page: what a load with these options says of the device. */
const loadInfo = async (options) => {
  const outcome = await outcomeOf(Inception.load(`${base}models/googlenet-imagenet.safetensors`, { preprocess: { width: 96, height: 96 }, ...options }));
  if (outcome.value === undefined) return outcome;
  const { device, deviceReason, adapter } = outcome.value.info;
  outcome.value.dispose();
  return { device, deviceReason, adapter };
};

pageTest('takes the CPU where the browser offers no GPU', {}, async (page) => {
  const reason = 'the browser offers no GPU';
  for (const worker of [true, false]) {
    assert.deepEqual(await page.evaluate(loadInfo, { worker }), { device: 'cpu', deviceReason: reason, adapter: null });
    assert.deepEqual(await page.evaluate(loadInfo, { worker, device: 'webgpu' }), { code: 'no-webgpu', message: reason, typed: true });
  }
});

pageTest('takes the CPU that is asked for, and asks for no GPU', GPU, async (page) => {
  await page.evaluate(() => {
    globalThis.asked = 0;
    navigator.gpu.requestAdapter = async () => {
      asked += 1;
      return null;
    };
  });
  const info = await page.evaluate(loadInfo, { device: 'cpu', worker: false });
  assert.deepEqual(info, { device: 'cpu', deviceReason: 'as requested', adapter: null });
  assert.equal(await page.evaluate(() => asked), 0);
});

pageTest('takes a software adapter only where WebGPU is asked for', GPU, async (page) => {
  for (const worker of [true, false]) {
    assert.deepEqual(await page.evaluate(loadInfo, { worker }), {
      device: 'cpu',
      deviceReason: 'the only GPU adapter is software (google swiftshader)',
      adapter: null,
    });
    assert.deepEqual(await page.evaluate(loadInfo, { worker, device: 'webgpu' }), {
      device: 'webgpu',
      deviceReason: 'as requested',
      adapter: 'google swiftshader',
    });
  }
});

pageTest('takes an adapter that comes late, as long as there is a file to wait for', GPU, async (page) => {
  const asks = { nulls: 2, lasting: 400 };
  await page.route('**/*.safetensors', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 3 * asks.lasting));
    await route.continue();
  });
  const workerUrl = '/tests/browser/workers/unreliable-gpu.mjs';
  const { deviceReason, ...found } = await page.evaluate(loadInfo, { workerUrl: `${workerUrl}?disguise=1&nulls=${asks.nulls}` });
  assert.deepEqual(found, { device: 'webgpu', adapter: 'Acme One' });
  assert.match(deviceReason, /^GPU \d+ ms, CPU \d+ ms, predicted$/);
  assert.deepEqual(await page.evaluate(loadInfo, { workerUrl: `${workerUrl}?disguise=1&nulls=99` }), {
    device: 'cpu',
    deviceReason: 'the browser offers no GPU',
    adapter: null,
  });
});

pageTest('tells software adapters from GPUs, and names them', {}, async (page) => {
  const adapters = [
    { vendor: 'nvidia', architecture: 'ampere' },
    { vendor: 'apple', architecture: 'metal-3', description: 'Apple M2' },
    { vendor: 'intel', device: '0x9a49' },
    {},
    { vendor: 'amd', isFallbackAdapter: true },
    { vendor: 'mesa', device: 'llvmpipe (LLVM 15.0.6, 256 bits)' },
    { vendor: 'microsoft', architecture: 'warp' },
    { description: 'Microsoft Basic Render Driver' },
    { vendor: 'warpspeed', architecture: 'one' },
  ];
  const choices = await page.evaluate(async (adapters) => {
    const { chooseDevice } = await import('/pkg/dist/engine/choose-device.js');
    const choices = [];
    for (const info of adapters) {
      navigator.gpu.requestAdapter = async () => ({ info: { vendor: '', architecture: '', device: '', description: '', ...info } });
      const [free, asked] = [await chooseDevice('auto'), await chooseDevice('webgpu')];
      choices.push([free.device, asked.software, asked.adapter]);
    }
    return choices;
  }, adapters);
  assert.deepEqual(choices, [
    ['webgpu', false, 'nvidia ampere'],
    ['webgpu', false, 'Apple M2'],
    ['webgpu', false, 'intel 0x9a49'],
    ['webgpu', false, 'unnamed adapter'],
    ['cpu', true, 'amd'],
    ['cpu', true, 'mesa llvmpipe (LLVM 15.0.6, 256 bits)'],
    ['cpu', true, 'microsoft warp'],
    ['cpu', true, 'Microsoft Basic Render Driver'],
    ['webgpu', false, 'warpspeed one'],
  ]);
});

pageTest('says what a browser or a page lacks for WebGPU', {}, async (page) => {
  const reasons = await page.evaluate(async () => {
    const { chooseDevice } = await import('/pkg/dist/engine/choose-device.js');
    const reason = async () => (await chooseDevice('auto')).deviceReason;
    navigator.gpu.requestAdapter = async () => {
      throw new DOMException('not today', 'OperationError');
    };
    const reasons = [await reason()];
    Object.defineProperty(navigator, 'gpu', { value: undefined });
    reasons.push(await reason());
    Object.defineProperty(globalThis, 'isSecureContext', { value: false });
    return [...reasons, await reason()];
  });
  assert.deepEqual(reasons, [
    'the browser offers no GPU',
    'this browser has no WebGPU',
    'WebGPU needs a page served over https or from localhost',
  ]);
});

pageTest('stops waiting for an adapter when the load is aborted', {}, async (page) => {
  const { code, asked } = await page.evaluate(async () => {
    const { chooseDevice } = await import('/pkg/dist/engine/choose-device.js');
    const controller = new AbortController();
    let asked = 0;
    navigator.gpu.requestAdapter = async () => {
      asked += 1;
      controller.abort();
      return null;
    };
    return { ...(await outcomeOf(chooseDevice('auto', controller.signal))), asked };
  });
  assert.equal(code, 'aborted');
  assert.equal(asked, 1);
});
