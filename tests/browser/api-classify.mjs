// Results: probabilities, kept layers, features, embeddings, image sources.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERIFY, pageTest } from './harness.mjs';

const NEEDS = { needs: /** @type {const} */ (['verify']) };
const PHOTOS = ['chelsea', 'coffee', 'rocket', 'china', 'flower'];

/** Where the engine runs. */
const PLACES = [
  { place: 'isolated, two threads', isolated: true, options: { threads: 2 } },
  { place: 'isolated, one thread', isolated: true, options: { threads: 1 } },
  { place: 'not isolated', isolated: false, options: {} },
  { place: 'isolated, no worker', isolated: true, options: { worker: false } },
  { place: 'not isolated, no worker', isolated: false, options: { worker: false } },
];
/** The file in the repository has its weights in bytes; the published one is what onnxruntime had. */
const ROUNDED = { model: 'models/googlenet-imagenet.safetensors', tolerance: 0.02 };
const PUBLISHED = { model: 'published/bvlc_googlenet.safetensors', tolerance: 1e-4 };

/**
 * onnxruntime's probabilities, and the names of its first five classes.
 * @returns {{ probabilities: number[], names: string[] }[]} by photo
 */
function goldens() {
  const golden = JSON.parse(readFileSync(join(VERIFY, 'golden.json'), 'utf8'));
  const names = readFileSync(join(VERIFY, 'imagenet1k_labels.tsv'), 'utf8').split('\n').map((line) => line.split('\t')[2]);
  return PHOTOS.map((photo) => {
    const { logits, top5 } = golden[photo].bvlc_googlenet;
    const exponentials = logits.map((logit) => Math.exp(logit));
    const sum = exponentials.reduce((a, b) => a + b, 0);
    return { probabilities: exponentials.map((value) => value / sum), names: top5.map(([index]) => names[index]) };
  });
}

for (const { place, isolated, options, model, tolerance } of [...PLACES.map((place) => ({ ...place, ...ROUNDED })), { ...PLACES[0], ...PUBLISHED }, { ...PLACES[2], ...PUBLISHED }]) {
  pageTest(`names five photos as onnxruntime does, probabilities within ${tolerance}: ${place}`, { ...NEEDS, isolated }, async (page) => {
    await page.route('**/published/*', (route) => route.fulfill({ path: join(VERIFY, 'weights/bvlc_googlenet.safetensors') }));
    const results = await page.evaluate(
      async ({ photos, options, model }) => {
        const labels = await (await fetch('/models/imagenet1k.json')).json();
        // The photos are of the size of the input: with a crop of the whole they are what the network sees.
        const net = await Inception.load(base + model, { ...options, labels, preprocess: { resizeTo: 224 } });
        return net.classifyBatch(photos.map((name) => `/photos/${name}_224.png`), { topK: 1000 });
      },
      { photos: PHOTOS, options, model },
    );
    goldens().forEach((golden, i) => {
      const { predictions, image, timing } = results[i];
      assert.deepEqual(predictions.slice(0, 5).map(({ label }) => label), golden.names, PHOTOS[i]);
      assert.equal(predictions.length, 1000);
      for (const { index, probability } of predictions) {
        const error = Math.abs(probability - golden.probabilities[index]);
        assert.ok(error < tolerance, `${PHOTOS[i]}, class ${index}: ${probability} instead of ${golden.probabilities[index]}`);
      }
      assert.deepEqual(image, { width: 224, height: 224, crop: [0, 0, 224, 224] });
      const parts = timing.decode + timing.preprocess + timing.run;
      assert.ok(timing.run > 0 && timing.total >= parts, JSON.stringify(timing));
    });
  });
}

pageTest('keeps the layers asked for, with their statistics', {}, async (page) => {
  const { kept, layers, all, again } = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`);
    const pixels = Uint8ClampedArray.from({ length: 4 * 64 * 64 }, (_, i) => (i * 37) % 256);
    const image = new ImageData(pixels, 64, 64);
    const names = ['Conv2d_1a_7x7', 'Mixed_3b/Branch_1', 'Mixed_4e', 'Predictions'];
    const result = await net.classify(image, { layers: names });
    const summary = ({ name, shape, data, stats }) => {
      const size = shape[1] * shape[2];
      const recount = Array.from({ length: shape[0] }, (_, c) => {
        const channel = data.subarray(c * size, (c + 1) * size);
        const mean = channel.reduce((sum, v) => sum + v, 0) / size;
        const variance = channel.reduce((sum, v) => sum + (v - mean) ** 2, 0) / size;
        return {
          mean,
          std: Math.sqrt(variance),
          min: Math.min(...channel),
          max: Math.max(...channel),
          sparsity: channel.filter((v) => v === 0).length / size,
        };
      });
      return { name, shape, length: data.length, stats, recount };
    };
    const everything = await net.classify(image, { layers: ['all'] });
    const after = await net.classify(image);
    return {
      layers: net.layers,
      kept: Object.values(result.layers).map(summary),
      all: Object.values(everything.layers).map(({ name, shape, data }) => ({ name, shape, length: data.length })),
      again: [Object.keys(after.layers), after.predictions, result.predictions, everything.predictions],
    };
  });
  const shapes = new Map(layers.map(({ name, shape }) => [name, shape]));
  assert.deepEqual(kept.map((maps) => maps.name), ['Conv2d_1a_7x7', 'Mixed_3b/Branch_1', 'Mixed_4e', 'Predictions']);
  for (const { name, shape, length, stats, recount } of kept) {
    assert.deepEqual(shape, shapes.get(name), name);
    assert.equal(length, shape[0] * shape[1] * shape[2], name);
    stats.forEach((channel, c) => {
      for (const [key, value] of Object.entries(channel)) {
        const close = Math.abs(value - recount[c][key]) <= 1e-4 * Math.max(1, Math.abs(value));
        assert.ok(close, `${name}, channel ${c}: ${key} ${value} instead of ${recount[c][key]}`);
      }
    });
  }
  assert.deepEqual(all.map(({ name }) => name), layers.map(({ name }) => name));
  for (const { name, shape } of all) assert.deepEqual(shape, shapes.get(name), name);
  assert.deepEqual(again[0], []);
  for (const predictions of again.slice(2)) assert.deepEqual(predictions, again[1]);
});

pageTest('gives features and embeddings', {}, async (page) => {
  const { maps, kept, embedding, pooled } = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`);
    const image = new ImageData(40, 30);
    const maps = await net.features(image, 'Mixed_5c/Branch_0');
    const result = await net.classify(image, { layers: ['Mixed_5c/Branch_0', 'AvgPool_1a'] });
    const embedding = await net.embed(image);
    return {
      maps: { ...maps, data: [...maps.data] },
      kept: { ...result.layers['Mixed_5c/Branch_0'], data: [...result.layers['Mixed_5c/Branch_0'].data] },
      embedding: [...embedding],
      pooled: [...result.layers.AvgPool_1a.data],
    };
  });
  assert.deepEqual(maps.shape, [384, 7, 7]);
  assert.deepEqual(maps, kept);
  assert.equal(embedding.length, 1024);
  assert.deepEqual(embedding, pooled);
});

pageTest('orders, cuts and limits predictions', {}, async (page) => {
  const results = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`);
    const image = new ImageData(16, 16);
    const predictions = async (options) => (await net.classify(image, options)).predictions;
    const all = await predictions({ topK: 2000 });
    const middle = (all[1].probability + all[2].probability) / 2;
    return { all, two: await predictions({ topK: 2 }), none: await predictions({ topK: 0 }), likely: await predictions({ threshold: middle }) };
  });
  const { all, two, none, likely } = results;
  assert.deepEqual(all.map(({ index }) => index).sort((a, b) => a - b), Array.from({ length: 1000 }, (_, i) => i));
  assert.ok(Math.abs(all.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-5);
  for (let i = 1; i < all.length; i += 1) assert.ok(all[i - 1].probability >= all[i].probability);
  assert.deepEqual(two, all.slice(0, 2));
  assert.deepEqual(none, []);
  assert.deepEqual(likely, all.slice(0, 2));
});

pageTest('orders equal probabilities by index', {}, async (page) => {
  const indices = await page.evaluate(async () => {
    const { topPredictions } = await import('/pkg/dist/engine/predictions.js');
    const top = topPredictions(Float32Array.of(0.125, 0.25, 0.125, 0.25, 0.25), null, 4, 0);
    return top.map(({ index, label }) => [index, label]);
  });
  assert.deepEqual(indices, [[1, null], [3, null], [4, null], [0, null]]);
});

pageTest('takes every kind of image and leaves it to its owner', NEEDS, async (page) => {
  const { wanted, found, sizes } = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`);
    const address = '/photos/coffee_224.png';
    const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [224, 224];
    const context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const offscreen = new OffscreenCanvas(224, 224);
    offscreen.getContext('2d').drawImage(bitmap, 0, 0);
    const element = new Image();
    element.src = address;
    const sources = {
      url: new URL(address, base),
      blob: new Blob([bytes]),
      blobAddress: URL.createObjectURL(new Blob([bytes])),
      bytes,
      buffer: bytes.buffer,
      view: new Uint8Array([0, 0, ...bytes]).subarray(2),
      imageData: context.getImageData(0, 0, 224, 224),
      bitmap,
      canvas,
      offscreen,
      element,
      video: new VideoFrame(canvas, { timestamp: 0 }),
    };
    const probabilities = async (source) => {
      const { predictions } = await net.classify(source, { topK: 1000 });
      return predictions.sort((a, b) => a.index - b.index).map(({ probability }) => probability);
    };
    const found = {};
    for (const [name, source] of Object.entries(sources)) found[name] = await probabilities(source);
    const sizes = [bytes.length, sources.view.length, sources.imageData.data.length, bitmap.width];
    return { wanted: await probabilities(address), found, sizes };
  });
  for (const [name, values] of Object.entries(found)) {
    // A video frame goes through the browser's conversion to YUV and back where it chooses to.
    const tolerance = name === 'video' ? 0.05 : 1e-6;
    values.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]) <= tolerance, `${name}, class ${i}: ${value} instead of ${wanted[i]}`));
  }
  assert.deepEqual(sizes.slice(1), [sizes[0], 4 * 224 * 224, 224]);
});

pageTest('leaves formats that the engine does not know to the browser', {}, async (page) => {
  const [wanted, found] = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`);
    const canvas = new OffscreenCanvas(128, 128);
    const context = canvas.getContext('2d');
    for (let i = 0; i < 128; i += 8) {
      context.fillStyle = `rgb(${2 * i} ${255 - i} ${(i * 5) % 256})`;
      context.fillRect(i, 0, 8, 128 - i);
    }
    const png = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
    const icon = new Uint8Array(22 + png.length);
    icon.set([0, 0, 1, 0, 1, 0, 128, 128, 0, 0, 1, 0, 32, 0]);
    new DataView(icon.buffer).setUint32(14, png.length, true);
    icon[18] = 22;
    icon.set(png, 22);
    return [await net.classify(png), await net.classify(new Blob([icon], { type: 'image/x-icon' }))];
  });
  assert.deepEqual(found.image, wanted.image);
  assert.deepEqual(found.predictions, wanted.predictions);
});
