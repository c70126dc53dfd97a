// What a run keeps, and what becomes of it where memory does not suffice.

import assert from 'node:assert/strict';
import { SWIFTSHADER, pageTest } from './harness.mjs';

pageTest('a network goes on after it was asked for more layers than memory holds', {}, async (page) => {
  const { before, refused, after } = await page.evaluate(async () => {
    const preprocess = { width: 2000, height: 2000, resizeTo: 2000 };
    const net = await Inception.load('/models/googlenet-imagenet.safetensors', { device: 'cpu', preprocess });
    const picture = new ImageData(Uint8ClampedArray.from({ length: 4 * 64 * 64 }, (_, i) => (i * 37) % 256), 64, 64);
    const ask = async (options) => (await net.classify(picture, { topK: 1000, ...options })).predictions;
    const before = await ask({});
    const refused = await outcomeOf(ask({ layers: ['all'] }));
    return { before, refused, after: await outcomeOf(ask({})) };
  });
  assert.equal(refused.code, 'out-of-memory', refused.message);
  assert.deepEqual(after.value, before);
});

pageTest('a self-test after a batch plans no more than one picture', { flags: SWIFTSHADER }, async (page) => {
  const largest = await page.evaluate(async () => {
    const { loadEngine, runRequest } = await import('/tests/browser/on-gpu.mjs');
    const { devices, tamper } = await import('/tests/browser/unreliable-gpu.mjs');
    tamper({});
    const engine = await loadEngine({});
    const { image } = runRequest();
    const device = devices.at(-1);
    const create = device.createBuffer.bind(device);
    let largest = 0;
    device.createBuffer = (descriptor) => {
      largest = Math.max(largest, descriptor.size);
      return create(descriptor);
    };
    const testing = async () => {
      largest = 0;
      await engine.call({ kind: 'self-test', image: runRequest().image });
      return largest;
    };
    const before = await testing();
    await engine.call({ kind: 'batch', ...runRequest([]), images: Array.from({ length: 8 }, () => ({ ...image })) });
    return [before, await testing()];
  });
  assert.ok(largest[0] > 1e6);
  assert.equal(largest[1], largest[0]);
});
