// The package in Node.js.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Inception, InceptionError } from '../../pkg/dist/node/index.js';
import { MODEL, ROOT, VERIFY, nodeTest } from './package.mjs';

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

nodeTest('takes a string without a scheme for a path, whatever letters it has', async (folder) => {
  const net = await Inception.load(MODEL);
  const pixels = (/** @type {number} */ red) => Buffer.concat([Buffer.from('BM'), bitmap(red)]);
  const want = async (/** @type {Buffer} */ bytes) => (await net.classify(bytes, { topK: 1 })).predictions;
  const names = ['cat.bmp', 'cat.bmp#2', 'cat%2Ebmp', 'a b#c?d%20é.bmp'];
  for (const [i, name] of names.entries()) await writeFile(join(folder, name), pixels(60 * i));
  const told = [];
  for (const [i, name] of names.entries()) {
    const { predictions } = await net.classify(join(folder, name), { topK: 1 });
    told.push(predictions);
    assert.deepEqual(predictions, await want(pixels(60 * i)), name);
  }
  assert.equal(new Set(told.map((predictions) => JSON.stringify(predictions))).size, names.length, 'each is another picture');
  await copyFile(MODEL, join(folder, 'model #1 50%.safetensors'));
  const other = await Inception.load(join(folder, 'model #1 50%.safetensors'));
  assert.equal(other.info.classes, 1000);
  net.dispose();
  other.dispose();
});

/** The rest of a BMP file of 2 x 1 pixels. @param {number} red of the first */
function bitmap(red) {
  const file = Buffer.alloc(60);
  for (const [at, value] of [[0, 62], [8, 54], [12, 40], [16, 2], [20, 1]]) file.writeUInt32LE(value, at);
  file.writeUInt16LE(1, 24);
  file.writeUInt16LE(24, 26);
  file.set([0, 0, red, 255, 200, 0], 52);
  return file;
}

nodeTest('answers WebP, GIF and BMP as the same pixels in a PNG, in a thread and without', async () => {
  const folder = join(ROOT, 'tests/reference/image/decode');
  for (const worker of [true, false]) {
    const net = await Inception.load(MODEL, { worker, preprocess: { resize: 'stretch', crop: 'none' } });
    const answer = async (/** @type {string} */ name) => {
      const { predictions, image } = await net.classify(join(folder, name), { topK: 1000 });
      return { predictions, image };
    };
    for (const name of ['lossy-alpha.webp', 'exif-5.webp', 'transparent.gif', 'palette.bmp']) assert.deepEqual(await answer(name), await answer(`${name}.rgb.png`), name);
    net.dispose();
  }
});

nodeTest('names what decodes a WebP where it is not beside the engine, and goes on with other pictures', async (folder) => {
  const pictures = join(ROOT, 'tests/reference/image/decode');
  for (const name of ['relaxed', 'simd128', 'simd128_threads']) await copyFile(join(ROOT, `pkg/dist/wasm/inception_${name}.wasm`), join(folder, `inception_${name}.wasm`));
  const net = await Inception.load(MODEL, { wasmUrl: pathToFileURL(`${folder}/`) });
  await assert.rejects(net.classify(join(pictures, 'lossy.webp')), { code: 'network', message: /inception_pictures\.wasm/ });
  assert.equal((await net.classify(join(pictures, 'rgb-420.jpg'))).predictions.length, 5);
  await copyFile(join(ROOT, 'pkg/dist/wasm/inception_pictures.wasm'), join(folder, 'inception_pictures.wasm'));
  assert.equal((await net.classify(join(pictures, 'lossy.webp'))).predictions.length, 5);
  net.dispose();
});

nodeTest('has no GPU to tune, and says so', async () => {
  const net = await Inception.load(MODEL);
  for (const options of [{}, { undo: true }, { undo: true, keep: false }]) assert.deepEqual(await net.tune(options), { tried: 0, changed: 0 });
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
