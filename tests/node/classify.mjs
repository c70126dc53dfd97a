// The package in Node.js.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Inception, InceptionError } from '../../pkg/dist/node/index.js';
import { MODEL, VERIFY, nodeTest } from './package.mjs';

/** How far 8 bits a weight may move a probability. */
const TOLERANCE = 0.02;

nodeTest('classifies as onnxruntime does, from an address, a path and bytes', async (_, t) => {
  if (!existsSync(VERIFY)) return t.skip(`${VERIFY} is missing (verification data beside the repository)`);
  const golden = JSON.parse(await readFile(join(VERIFY, 'golden.json'), 'utf8'));
  // The photo has the network's size already.
  const net = await Inception.load(pathToFileURL(MODEL), { preprocess: { resizeTo: 224 } });
  const photo = join(VERIFY, 'photos/chelsea_224.png');
  /** @type {[number, number][]} */
  const wanted = golden.chelsea.bvlc_googlenet.top5;
  for (const image of [pathToFileURL(photo), relative(process.cwd(), photo), await readFile(photo)]) {
    const { predictions } = await net.classify(image);
    assert.deepEqual(predictions.map(({ index }) => index), wanted.map(([index]) => index));
    for (const [i, [, probability]] of wanted.entries()) {
      const found = predictions[i]?.probability ?? NaN;
      assert.ok(Math.abs(found - probability) <= TOLERANCE, `${found} for ${probability}`);
    }
  }
  net.dispose();
});

nodeTest('says where it runs, and keeps nothing', async () => {
  const net = await Inception.load(relative(process.cwd(), MODEL));
  const { device, deviceReason, simd, cache } = net.info;
  const major = Number(process.versions.node.split('.')[0]);
  assert.deepEqual({ device, deviceReason, simd }, { device: 'cpu', deviceReason: 'Node.js has no WebGPU', simd: major < 22 ? 'simd128' : 'relaxed' });
  assert.equal(cache.kept, false);
  assert.deepEqual(await Inception.cache.list(), []);
  net.dispose();
  await assert.rejects(net.classify(new Uint8Array(0)), { code: 'disposed' });
});

nodeTest('names the file that is missing, and what Node.js cannot do', async (folder) => {
  const net = await Inception.load(MODEL);
  const errors = {
    network: () => Inception.load(join(folder, 'none.safetensors')),
    'no-webgpu': () => Inception.load(MODEL, { device: 'webgpu' }),
    'bad-image': () => net.classify(new TextEncoder().encode('no picture')),
  };
  for (const [code, call] of Object.entries(errors)) {
    await assert.rejects(call, (error) => error instanceof InceptionError && error.code === code, code);
  }
  await assert.rejects(net.classify(join(folder, 'none.png')), { code: 'network', message: /none\.png/ });
  net.dispose();
});
