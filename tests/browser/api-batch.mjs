// Several images in one call.

import assert from 'node:assert/strict';
import { SWIFTSHADER, pageTest } from './harness.mjs';

const TOLERANCE = 2e-4;

for (const device of ['cpu', 'webgpu']) {
  const flags = device === 'webgpu' ? SWIFTSHADER : undefined;
  pageTest(`a batch gives what its images give alone, in their order (${device})`, { flags }, async (page) => {
    const { together, alone, modules } = await page.evaluate(async (device) => {
      const { SMALL } = await import('/tests/browser/on-gpu.mjs');
      const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { device, preprocess: SMALL });
      const picture = (i) => {
        const data = new Uint8ClampedArray(4 * 40 * (30 + i)).map((_, at) => (at % 4 === 3 ? 255 : (at * (i + 3)) % 256));
        return new ImageData(data, 40, 30 + i);
      };
      const images = Array.from({ length: 11 }, (_, i) => picture(i));
      const modules = [];
      const options = { layers: ['Mixed_5c/Branch_0'], statistics: ['Mixed_3b'], topK: 1000 };
      const plain = ({ predictions, image, layers, statistics, timing }) => ({
        image, timing,
        predictions: predictions.sort((a, b) => a.index - b.index).map(({ probability }) => probability),
        maps: [...layers['Mixed_5c/Branch_0'].data],
        means: statistics.Mixed_3b.map(({ mean }) => mean),
      });
      const onModule = (layer, done, total) => modules.push([done, total]);
      const together = (await net.classifyBatch(images, { ...options, onModule })).map(plain);
      const alone = [];
      for (const image of images) alone.push(plain(await net.classify(image, options)));
      return { together, alone, modules };
    }, device);
    assert.equal(together.length, 11);
    for (const [i, { image, predictions, maps, means, timing }] of together.entries()) {
      assert.deepEqual(image, alone[i].image);
      for (const [found, wanted] of [[predictions, alone[i].predictions], [maps, alone[i].maps], [means, alone[i].means]]) {
        const largest = Math.max(...wanted.map(Math.abs));
        assert.equal(found.length, wanted.length);
        found.forEach((value, at) => assert.ok(Math.abs(value - wanted[at]) <= TOLERANCE * largest, `image ${i}: ${value} for ${wanted[at]}`));
      }
      assert.ok(timing.total >= timing.run && timing.run > 0);
    }
    const different = new Set(alone.map(({ predictions }) => predictions.map((p) => p.toFixed(6)).join()));
    assert.equal(different.size, 11, 'the images have answers of their own');
    const [last] = modules.slice(-1);
    assert.equal(last[0], last[1]);
    assert.deepEqual(modules.map(([done]) => done), modules.map(([done]) => done).toSorted((a, b) => a - b));
  });
}

pageTest('a batch may be empty; a bad image in it rejects the call and leaves the model usable', {}, async (page) => {
  const { empty, bad, odd, after } = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { threads: 1 });
    const image = new ImageData(8, 8);
    return {
      empty: await net.classifyBatch([]),
      bad: await outcomeOf(net.classifyBatch([image, new TextEncoder().encode('no picture'), image])),
      odd: await outcomeOf(net.classifyBatch(image)),
      after: (await net.classifyBatch([image, image])).map(({ predictions }) => predictions.length),
    };
  });
  assert.deepEqual(empty, []);
  assert.equal(bad.code, 'bad-image');
  assert.equal(odd.code, 'bad-option');
  assert.deepEqual(after, [5, 5]);
});
