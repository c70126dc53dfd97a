// WebP, GIF and BMP: what decodes them is fetched when one is given, and they are answered as the same pixels in a PNG are.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, SWIFTSHADER, assertError, pageTest } from './harness.mjs';

const FOLDER = '/tests/reference/image/decode/';
/** Files, and PNGs of Pillow's pixels of each. @type {{ file: string, expected: string }[]} */
const CASES = JSON.parse(readFileSync(join(ROOT, FOLDER, 'cases.json'), 'utf8')).filter(({ file }) => /\.(webp|gif|bmp)$/.test(file));
const ARTEFACT = '**/inception_pictures.wasm*';

/**
 * Loads a network that sees all of a picture as `net`, with `read(name)` for the bytes of a file.
 * @param {import('playwright-core').Page} page
 * @param {Record<string, unknown>} options of the load
 */
function load(page, options) {
  return page.evaluate(
    async ([options, folder]) => {
      globalThis.net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { threads: 1, preprocess: { width: 96, height: 96, resize: 'stretch', crop: 'none' }, ...options });
      globalThis.read = async (name) => new Uint8Array(await (await fetch(folder + name)).arrayBuffer());
    },
    /** @type {const} */ ([options, FOLDER]),
  );
}

/** @param {import('playwright-core').Page} page @returns {() => number} how often the artefact has been asked for */
function asked(page) {
  let count = 0;
  page.on('request', (request) => (count += Number(request.url().includes('inception_pictures.wasm'))));
  return () => count;
}

for (const options of [{ worker: true }, { worker: false }]) {
  const where = JSON.stringify(options);

  pageTest(`${CASES.length} files are answered as Pillow's pixels are; what decodes them is fetched once, and not for others (${where})`, {}, async (page) => {
    assert.ok(['webp', 'gif', 'bmp'].every((ending) => CASES.some(({ file }) => file.endsWith(ending))), 'there is a file of each format');
    const count = asked(page);
    await load(page, options);
    const answers = (/** @type {string[]} */ names) =>
      page.evaluate(async (names) => {
        const answers = [];
        for (const name of names) {
          const { predictions, image, timing } = await net.classify(await read(name), { topK: 1000 });
          answers.push({ image, predictions, isTimed: timing.decode > 0 && timing.total >= timing.decode });
        }
        return answers;
      }, names);
    const wanted = await answers(CASES.map(({ expected }) => expected));
    await answers(['rgb-420.jpg', 'grey-alpha.png']);
    assert.equal(count(), 0, 'JPEG and PNG need nothing');
    const found = await answers(CASES.map(({ file }) => file));
    assert.equal(count(), 1);
    for (const [i, { file }] of CASES.entries()) assert.deepEqual(found[i], wanted[i], file);
    assert.ok(new Set(wanted.map(({ predictions }) => JSON.stringify(predictions))).size > CASES.length / 2, 'the pictures have answers of their own');
  });

  pageTest(`a file that is damaged or too large is told as before, and the next is answered (${where})`, {}, async (page) => {
    await load(page, options);
    const outcomes = await page.evaluate(async () => {
      const [webp, gif, bmp] = await Promise.all(['lossy.webp', 'animated.gif', 'rgb.bmp'].map(read));
      const changed = (bytes, at, ...values) => (bytes.set(values, at), bytes);
      const files = {
        cutWebp: webp.slice(0, -20),
        cutGif: gif.slice(0, 60),
        cutBmp: bmp.slice(0, 100),
        oddWebp: changed(webp.slice(), 23, 0, 0, 0),
        emptyBmp: changed(bmp.slice(), 18, 0, 0, 0, 0),
        largeBmp: changed(bmp.slice(), 18, 0, 0, 1, 0),
      };
      const outcomes = {};
      for (const [name, bytes] of Object.entries(files)) outcomes[name] = await outcomeOf(net.classify(bytes));
      const { value } = await outcomeOf(net.classify(webp));
      return { ...outcomes, after: value.predictions.length };
    });
    const { cutWebp, cutGif, cutBmp, oddWebp, emptyBmp, largeBmp, after } = outcomes;
    assertError(cutWebp, 'bad-image', /^the WebP file is truncated: it ends before the picture does$/);
    assertError(cutGif, 'bad-image', /^the GIF file is truncated: it ends before the picture does$/);
    assertError(cutBmp, 'bad-image', /^the BMP file is truncated: it ends before the picture does$/);
    assertError(oddWebp, 'bad-image', /^the WebP file is damaged: /);
    assertError(emptyBmp, 'bad-image', /^the picture has no pixels: its size is 0 x \d+$/);
    assertError(largeBmp, 'bad-image', /^the picture is too large: 65536 x \d+, the limit of a side is 65535$/);
    assert.equal(after, 5);
  });

  pageTest(`without a connection such a file is refused, the others are answered, and it is once there is one (${where})`, {}, async (page) => {
    await load(page, options);
    await page.route(ARTEFACT, (route) => route.abort());
    const told = await page.evaluate(async () => {
      const [webp, jpeg] = [await read('lossy.webp'), await read('rgb-420.jpg')];
      const failed = await outcomeOf(net.classify(webp));
      const { predictions } = await net.classify(jpeg);
      const whole = await outcomeOf(net.classifyBatch([jpeg, webp]));
      const settled = await net.classifyBatch([jpeg, webp, jpeg], { settled: true });
      return { failed, predictions, whole, settled: settled.map(({ value, reason }) => [value?.predictions, reason?.code, reason?.index]) };
    });
    assertError(told.failed, 'network', /inception_pictures\.wasm/);
    assertError(told.whole, 'network', /inception_pictures\.wasm/);
    assert.deepEqual(told.settled, [[told.predictions, undefined, undefined], [undefined, 'network', 1], [told.predictions, undefined, undefined]]);
    await page.unroute(ARTEFACT);
    assert.equal(await page.evaluate(async () => (await net.classify(await read('lossy.webp'))).predictions.length), 5);
  });

  pageTest(`an abort takes effect while it is fetched, and the next call need not wait (${where})`, {}, async (page) => {
    const count = asked(page);
    await load(page, options);
    /** @type {() => void} */
    let goOn = () => {};
    const held = new Promise((resolve) => (goOn = () => resolve(undefined)));
    const reached = page.waitForRequest(ARTEFACT);
    await page.route(ARTEFACT, async (route) => (await held, route.continue()));
    await page.evaluate(async () => {
      globalThis.controller = new AbortController();
      const webp = await read('lossy.webp');
      globalThis.aborted = outcomeOf(net.classify(webp, { signal: controller.signal }));
      globalThis.inBatch = outcomeOf(net.classifyBatch([webp, webp], { signal: controller.signal }));
    });
    await reached;
    const told = await page.evaluate(async () => {
      controller.abort();
      const codes = [(await aborted).code, (await inBatch).code];
      return { codes, next: (await net.classify(await read('rgb-420.jpg'))).predictions.length };
    });
    assert.deepEqual(told, { codes: ['aborted', 'aborted'], next: 5 });
    goOn();
    assert.equal(await page.evaluate(async () => (await net.classify(await read('lossy.webp'))).predictions.length), 5);
    assert.equal(count(), 1, 'what was on its way is used');
  });

  pageTest(`a network that is disposed of meanwhile says so (${where})`, {}, async (page) => {
    await load(page, options);
    const reached = page.waitForRequest(ARTEFACT);
    await page.route(ARTEFACT, () => undefined);
    await page.evaluate(async () => {
      globalThis.pending = outcomeOf(net.classify(await read('lossy.webp')));
    });
    await reached;
    assertError(await page.evaluate(() => (net.dispose(), pending)), 'disposed');
  });
}

for (const device of ['cpu', 'webgpu']) {
  pageTest(`every call takes them, and a batch keeps its order (${device})`, { flags: device === 'webgpu' ? SWIFTSHADER : undefined }, async (page) => {
    await load(page, { device });
    const { found, wanted } = await page.evaluate(async () => {
      const answers = async (names) => {
        const files = await Promise.all(names.map(read));
        const [first] = files;
        const batch = await net.classifyBatch(files, { topK: 3 });
        return {
          batch: batch.map(({ predictions, image }) => [predictions, image]),
          features: [...(await net.features(first, 'Logits')).data],
          embedding: [...(await net.embed(first))],
          cam: [...(await net.cam(first, 7)).data],
          contributions: [...(await net.contributions(first, 7)).contribution],
          ranked: await net.rankBranches(first, { branches: ['Mixed_3b/Branch_0'] }),
          profiled: (await net.profile(first)).length,
        };
      };
      const names = ['lossy-alpha.webp', 'rgb.bmp', 'still.gif'];
      return { found: await answers([...names, 'rgb.png']), wanted: await answers([...names.map((name) => `${name}.rgb.png`), 'rgb.png']) };
    });
    assert.deepEqual(found, wanted);
  });
}
