// Results: probabilities, kept layers, features, embeddings, image sources.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERIFY, pageTest } from './harness.mjs';

const NEEDS = { needs: /** @type {const} */ (['model', 'verify']) };
const PHOTOS = ['chelsea', 'coffee', 'rocket', 'china', 'flower'];

/** Where the engine runs. */
const PLACES = [
  { place: 'isolated, two threads', isolated: true, options: { threads: 2 } },
  { place: 'isolated, one thread', isolated: true, options: { threads: 1 } },
  { place: 'not isolated', isolated: false, options: {} },
  { place: 'isolated, no worker', isolated: true, options: { worker: false } },
  { place: 'not isolated, no worker', isolated: false, options: { worker: false } },
];

for (const { place, isolated, options } of PLACES) {
  pageTest(`agrees with onnxruntime on five photos: ${place}`, { ...NEEDS, isolated }, async (page) => {
    const golden = JSON.parse(readFileSync(join(VERIFY, 'golden.json'), 'utf8'));
    const results = await page.evaluate(
      async ({ photos, options }) => {
        const net = await Inception.load(`${base}models/nsfw-inception-v3.safetensors`, options);
        return net.classifyBatch(photos.map((name) => `/photos/${name}_299.png`));
      },
      { photos: PHOTOS, options },
    );
    PHOTOS.forEach((name, i) => {
      const { predictions, image, timing } = results[i];
      const wanted = golden[name].nsfwjs_inception_v3.probabilities;
      assert.equal(predictions.length, 5);
      for (const { index, probability } of predictions) {
        const error = Math.abs(probability - wanted[index]);
        assert.ok(error < 1e-4, `${name}, class ${index}: ${probability} instead of ${wanted[index]}`);
      }
      assert.deepEqual(image, { width: 299, height: 299, crop: [0, 0, 299, 299] });
      const parts = timing.decode + timing.preprocess + timing.run;
      assert.ok(timing.run > 0 && timing.total >= parts, JSON.stringify(timing));
    });
  });
}

pageTest('keeps the layers asked for, with their statistics', { needs: ['model'] }, async (page) => {
  const { kept, layers, all, again } = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/nsfw-inception-v3.safetensors`);
    const pixels = Uint8ClampedArray.from({ length: 4 * 64 * 64 }, (_, i) => (i * 37) % 256);
    const image = new ImageData(pixels, 64, 64);
    const names = ['Conv2d_1a_3x3', 'Mixed_5b/Branch_1', 'Mixed_6e', 'Predictions'];
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
  assert.deepEqual(kept.map((maps) => maps.name), ['Conv2d_1a_3x3', 'Mixed_5b/Branch_1', 'Mixed_6e', 'Predictions']);
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

pageTest('gives features and embeddings', { needs: ['model'] }, async (page) => {
  const { maps, kept, embedding, pooled } = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/nsfw-inception-v3.safetensors`);
    const image = new ImageData(40, 30);
    const maps = await net.features(image, 'Mixed_7c/Branch_0');
    const result = await net.classify(image, { layers: ['Mixed_7c/Branch_0', 'AvgPool_1a'] });
    const embedding = await net.embed(image);
    return {
      maps: { ...maps, data: [...maps.data] },
      kept: { ...result.layers['Mixed_7c/Branch_0'], data: [...result.layers['Mixed_7c/Branch_0'].data] },
      embedding: [...embedding],
      pooled: [...result.layers.AvgPool_1a.data],
    };
  });
  assert.deepEqual(maps.shape, [320, 8, 8]);
  assert.deepEqual(maps, kept);
  assert.equal(embedding.length, 2048);
  assert.deepEqual(embedding, pooled);
});

pageTest('orders, cuts and limits predictions', { needs: ['model'] }, async (page) => {
  const results = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/nsfw-inception-v3.safetensors`);
    const image = new ImageData(16, 16);
    const predictions = async (options) => (await net.classify(image, options)).predictions;
    const all = await predictions({ topK: 100 });
    const middle = (all[1].probability + all[2].probability) / 2;
    return { all, two: await predictions({ topK: 2 }), none: await predictions({ topK: 0 }), likely: await predictions({ threshold: middle }) };
  });
  const { all, two, none, likely } = results;
  assert.deepEqual(all.map(({ index }) => index).sort(), [0, 1, 2, 3, 4]);
  assert.ok(Math.abs(all.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-5);
  for (let i = 1; i < all.length; i += 1) assert.ok(all[i - 1].probability >= all[i].probability);
  assert.deepEqual(two, all.slice(0, 2));
  assert.deepEqual(none, []);
  assert.deepEqual(likely, all.slice(0, 2));
});

pageTest('orders equal probabilities by index', {}, async (page) => {
  const indices = await page.evaluate(async () => {
    const { topPredictions } = await import('/pkg/dist/predictions.js');
    const top = topPredictions(Float32Array.of(0.125, 0.25, 0.125, 0.25, 0.25), null, 4, 0);
    return top.map(({ index, label }) => [index, label]);
  });
  assert.deepEqual(indices, [[1, null], [3, null], [4, null], [0, null]]);
});

pageTest('takes every kind of image and leaves it to its owner', NEEDS, async (page) => {
  const { wanted, found, sizes } = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/nsfw-inception-v3.safetensors`);
    const address = '/photos/coffee_299.png';
    const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [299, 299];
    const context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const offscreen = new OffscreenCanvas(299, 299);
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
      imageData: context.getImageData(0, 0, 299, 299),
      bitmap,
      canvas,
      offscreen,
      element,
      video: new VideoFrame(canvas, { timestamp: 0 }),
    };
    const probabilities = (result) => result.predictions.map(({ index, probability }) => [index, probability]);
    const found = {};
    for (const [name, source] of Object.entries(sources)) found[name] = probabilities(await net.classify(source));
    const sizes = [bytes.length, sources.view.length, sources.imageData.data.length, bitmap.width];
    return { wanted: probabilities(await net.classify(address)), found, sizes };
  });
  for (const [name, top] of Object.entries(found)) {
    top.forEach(([index, probability], i) => {
      assert.equal(index, wanted[i][0], name);
      // A video frame goes through the browser's conversion to YUV and back where it chooses to.
      const tolerance = name === 'video' ? 0.05 : 1e-6;
      assert.ok(Math.abs(probability - wanted[i][1]) <= tolerance, `${name}: ${probability} instead of ${wanted[i][1]}`);
    });
  }
  assert.deepEqual(sizes.slice(1), [sizes[0], 4 * 299 * 299, 299]);
});

pageTest('leaves formats that the engine does not know to the browser', { needs: ['model'] }, async (page) => {
  const [wanted, found] = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/nsfw-inception-v3.safetensors`);
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
