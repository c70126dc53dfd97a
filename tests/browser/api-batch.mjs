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

pageTest('a batch of any iterable gives each result as it comes, and an outcome to each image where asked', {}, async (page) => {
  const told = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { threads: 1 });
    const picture = (/** @type {number} */ value) => new ImageData(new Uint8ClampedArray(4 * 64).fill(value), 8);
    const text = new TextEncoder().encode('no picture');
    // Looks like a picture as long as nobody decodes it.
    const broken = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, ...text]);
    const images = function* () {
      for (let i = 0; i < 20; i += 1) yield i === 3 ? text : i === 12 ? broken : picture(10 * i);
    };
    const seen = [];
    const outcomes = await net.classifyBatch(images(), { settled: true, topK: 1, onResult: ({ predictions }, index) => seen.push([index, predictions[0].index]) });
    const single = [];
    for (const i of [0, 13, 19]) single.push((await net.classify(picture(10 * i), { topK: 1 })).predictions[0].index);
    const errors = [];
    for (const first of [3, 12]) {
      const list = [...images()].slice(first === 3 ? 0 : 4);
      await net.classifyBatch(new Set(list)).catch(({ code, index }) => errors.push([code, index]));
    }
    const stopped = await net.classifyBatch(images(), { settled: true, signal: AbortSignal.abort() }).catch(({ name, code }) => [name, code]);
    const misspelt = await outcomeOf(net.classifyBatch([], { onresult: () => undefined }));
    return { kinds: outcomes.map(({ status, reason }) => reason?.code ?? status), at: outcomes.map(({ value }) => value?.predictions[0].index), seen, single, errors, stopped, misspelt, isLeft: net.__v_skip };
  });
  const kinds = Array.from({ length: 20 }, (_, i) => (i === 3 || i === 12 ? 'bad-image' : 'fulfilled'));
  assert.deepEqual(told.kinds, kinds);
  assert.deepEqual([told.at[0], told.at[13], told.at[19]], told.single);
  assert.deepEqual(told.seen, told.at.flatMap((top, i) => (kinds[i] === 'fulfilled' ? [[i, top]] : [])));
  assert.deepEqual(told.errors, [['bad-image', 3], ['bad-image', 8]]);
  assert.deepEqual(told.stopped, ['AbortError', 'aborted']);
  assert.match(told.misspelt.message, /there is no option onresult; this call takes .*onResult/);
  assert.equal(told.isLeft, true, 'Vue leaves it without a proxy');
});

pageTest('a batch asks for the next image when it can be read, stops where it is told to, and passes on what its functions throw', {}, async (page) => {
  const told = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { threads: 1 });
    const picture = new ImageData(8, 8);
    let asked = 0;
    let isEnded = false;
    const endless = function* () {
      try {
        for (;; asked += 1) yield picture;
      } finally {
        isEnded = true;
      }
    };
    const stop = new AbortController();
    let results = 0;
    const onResult = () => (results += 1) === 3 && stop.abort();
    const stopped = await outcomeOf(net.classifyBatch(endless(), { signal: stop.signal, onResult }));
    const thrown = [];
    for (const images of [[picture], (function* () { throw new RangeError('theirs'); })()]) {
      await net.classifyBatch(images, { onResult: () => { throw new RangeError('theirs'); } }).catch(({ name, code }) => thrown.push([name, code]));
    }
    const settled = await net.classifyBatch([picture, null, '/none.png', new Uint8Array([0xff, 0xd8, 0xff, 0xe0]), picture], { settled: true });
    const first = await net.classifyBatch([picture, new Uint8Array([0xff, 0xd8, 0xff, 0xe0]), '/none.png']).catch(({ code, index }) => [code, index]);
    return { stopped, asked, isEnded, results, thrown, reasons: settled.map(({ status, reason }) => reason ? [reason.code, reason.index] : status), first };
  });
  assert.equal(told.stopped.code, 'aborted');
  assert.equal(told.results, 3, 'nothing comes after the abort');
  assert.ok(told.asked <= 3 + 8, `${told.asked} images are asked for`);
  assert.ok(told.isEnded, 'the generator is told that no more is wanted');
  assert.deepEqual(told.thrown, [['RangeError', undefined], ['RangeError', undefined]]);
  assert.deepEqual(told.reasons, ['fulfilled', ['bad-image', 1], ['network', 2], ['bad-image', 3], 'fulfilled']);
  assert.deepEqual(told.first, ['bad-image', 1]);
});

pageTest('pixels of wide colours and of other kinds of numbers are converted, and a picture that does not come can be given up', {}, async (page) => {
  await page.route('**/never.jpg', () => undefined);
  const told = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { threads: 1 });
    const photo = await createImageBitmap(await (await fetch('/www/samples/chelsea.jpg')).blob());
    const pixels = (colorSpace, settings) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: photo.width, height: photo.height });
      const context = canvas.getContext('2d', { colorSpace });
      context.drawImage(photo, 0, 0);
      return context.getImageData(0, 0, photo.width, photo.height, settings);
    };
    const top = async (image) => (await net.classify(image)).predictions.map(({ index, probability }) => [index, probability]);
    const plain = pixels('srgb');
    const half = pixels('srgb', { pixelFormat: 'rgba-float16' });
    const kinds = { wide: pixels('display-p3'), half, bytes: { width: plain.width, height: plain.height, data: new Uint8Array(plain.data) } };
    const answers = { plain: await top(plain) };
    for (const [name, image] of Object.entries(kinds)) answers[name] = await top(image);
    const refused = [];
    for (const image of [{ width: 2, height: 2, data: new Uint8Array(15) }, { width: 0, height: 0, data: new Uint8Array(0) }, {}]) refused.push((await outcomeOf(net.classify(image))).code);
    const detached = new ArrayBuffer(8);
    structuredClone(detached, { transfer: [detached] });
    refused.push((await outcomeOf(net.classify(detached))).code);
    const never = Object.assign(new Image(), { src: '/never.jpg' });
    const given = await outcomeOf(net.classify(never, { signal: AbortSignal.timeout(300) }));
    return { answers, kind: half.data.constructor.name, space: kinds.wide.colorSpace, refused, given };
  });
  assert.equal(told.space, 'display-p3');
  const { plain, ...others } = told.answers;
  for (const [name, answer] of Object.entries(others)) {
    assert.equal(answer[0][0], plain[0][0], name);
    assert.ok(Math.abs(answer[0][1] - plain[0][1]) < 0.02, `${name}: ${answer[0][1]} and ${plain[0][1]}`);
  }
  assert.deepEqual(told.refused, Array(4).fill('bad-image'));
  assert.equal(told.given.code, 'aborted');
});

pageTest('a picture of another origin is fetched again where its server allows it, and an error that says so elsewhere', { isolated: false }, async (page) => {
  const png = Buffer.from(await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(8, 8);
    canvas.getContext('2d').fillRect(0, 0, 4, 8);
    return new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
  }));
  await page.route('https://open.example/**', (route) => route.fulfill({ body: png, contentType: 'image/png', headers: { 'access-control-allow-origin': '*' } }));
  // What answers a request here allows all origins, so the other server answers images alone.
  await page.route('https://closed.example/**', (route) => (route.request().resourceType() === 'image' ? route.fulfill({ body: png, contentType: 'image/png' }) : route.abort()));
  const told = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`);
    const shown = async (/** @type {string} */ src) => {
      const image = Object.assign(new Image(), { src });
      await image.decode();
      return image;
    };
    const closed = await shown('https://closed.example/a.png');
    const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
    canvas.getContext('2d').drawImage(closed, 0, 0);
    const open = await outcomeOf(net.classify(await shown('https://open.example/a.png')));
    const refused = [];
    for (const source of [closed, canvas, await createImageBitmap(closed)]) refused.push(await outcomeOf(net.classify(source)));
    await import('/pkg/dist/element/index.js');
    const inspector = document.createElement('inception-inspector');
    document.body.append(inspector);
    inspector.net = net;
    const answered = new Promise((resolve) => inspector.addEventListener('inception-result', ({ detail }) => resolve(detail.predictions.length)));
    const failed = () => new Promise((resolve) => inspector.addEventListener('inception-error', ({ detail }) => resolve(detail.error), { once: true }));
    for (const source of [closed, canvas]) {
      const failure = failed();
      await inspector.show(source, 'closed').catch(() => undefined);
      refused.push(await failure.then(({ code, message }) => ({ code, message })));
    }
    await inspector.show(await shown('https://open.example/a.png'), 'open');
    return { open: open.value?.predictions.length, inspected: await answered, refused };
  });
  assert.deepEqual([told.open, told.inspected > 0, told.refused.length], [5, true, 5]);
  for (const { code, message } of told.refused) {
    assert.equal(code, 'bad-image');
    assert.match(message, /crossOrigin/);
  }
});
