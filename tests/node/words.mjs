// What the package says: options that there are not, numbers, Node.js by its name.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digits } from '../../pkg/dist/element/format.js';
import { chooseDevice } from '../../pkg/dist/engine/choose-device.js';
import { Inception } from '../../pkg/dist/node/index.js';

test('an option that a call does not have is named, with those that it has', async () => {
  const net = new Inception(/** @type {any} */ ({ dispose: () => undefined, call: () => assert.fail('nothing is run') }), /** @type {any} */ ({ info: {}, layers: [] }));
  const picture = new Uint8Array(1);
  const wrong = /** @type {any} */ ({ topk: 3 });
  const calls = {
    load: () => Inception.load('googlenet', wrong),
    catalog: () => Inception.catalog(wrong),
    classify: () => net.classify(picture, wrong),
    classifyBatch: () => net.classifyBatch([picture], wrong),
    features: () => net.features(picture, 'Mixed_3b', wrong),
    embed: () => net.embed(picture, wrong),
    cam: () => net.cam(picture, 1, wrong),
    contributions: () => net.contributions(picture, 1, wrong),
    ablate: () => net.ablate(picture, { off: [], ...wrong }),
    rankBranches: () => net.rankBranches(picture, wrong),
    profile: () => net.profile(picture, wrong),
  };
  for (const [name, call] of Object.entries(calls)) {
    await assert.rejects(call, (/** @type {any} */ error) => error.code === 'bad-option' && /there is no option topk; this call takes \w+/.test(error.message), name);
  }
});

test('Node.js is not called a browser', async () => {
  await assert.rejects(chooseDevice('webgpu', undefined), /Node\.js has no WebGPU/);
});

test('numbers have three significant digits, however large or small', () => {
  const written = { 0: '0', 0.001234: '0.00123', 12.345: '12.3', 123456: '123456', '-1.5': '−1.50', 1.2345e21: '1.23e21', '-4.5e30': '−4.50e30', '-1e-9': '−1.00e−9' };
  for (const [value, text] of Object.entries(written)) assert.equal(digits(Number(value)), text);
});
