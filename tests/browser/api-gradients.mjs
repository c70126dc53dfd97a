// Gradients of a network, and what is made of them: Grad-CAM, saliency, pictures of what a target looks for, dreams.

import assert from 'node:assert/strict';
import { SWIFTSHADER, assertError, pageTest } from './harness.mjs';

/** Where the engine runs. */
const PLACES = [
  { place: 'two threads', isolated: true, load: {} },
  { place: 'one thread', isolated: false, load: {} },
  { place: 'the page itself', isolated: true, load: { worker: false } },
  { place: 'a GPU', isolated: true, load: { device: 'webgpu' }, flags: SWIFTSHADER },
];

for (const { place, isolated, load, flags } of PLACES) {
  pageTest(`gradients say what the logit is made of, and how it changes (${place})`, { isolated, flags }, async (page) => {
    const found = await page.evaluate(async (load) => {
      const { SMALL, picture } = await import('/tests/browser/on-gpu.mjs');
      const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { ...load, preprocess: { ...SMALL, resizeTo: 96, crop: 'none' } });
      const opaque = () => {
        const image = picture();
        for (let i = 3; i < image.data.length; i += 4) image.data[i] = 255;
        return image;
      };
      const image = opaque();
      const { predictions } = await net.classify(image);
      const [of, minus] = predictions.map(({ index }) => index);
      const { layers } = await net.classify(image, { layers: ['Mixed_5c', 'Mixed_4d'] });
      const { contribution, logit } = await net.contributions(image, of);
      const { value, at } = await net.gradient(image, { of: { classIndex: of }, at: ['input', 'Mixed_4d', 'Mixed_5c'] });
      const last = at.Mixed_5c;
      const area = last.shape[1] * last.shape[2];
      const sums = [...contribution].map((_, c) => last.data.subarray(c * area, (c + 1) * area).reduce((sum, g, i) => sum + g * layers.Mixed_5c.data[c * area + i], 0));
      const parts = Math.max(...sums.map((sum, c) => Math.abs(sum - contribution[c]))) / Math.max(...contribution.map(Math.abs));

      const inner = at.Mixed_4d;
      const [channels, height, width] = inner.shape;
      const map = new Float32Array(height * width);
      for (let c = 0; c < channels; c += 1) {
        const weight = inner.data.subarray(c * map.length, (c + 1) * map.length).reduce((sum, g) => sum + g, 0) / map.length;
        for (let i = 0; i < map.length; i += 1) map[i] += weight * layers.Mixed_4d.data[c * map.length + i];
      }
      const cam = await net.gradCam(image, of, 'Mixed_4d');
      const most = Math.max(...map);
      const camError = Math.max(...cam.data.map((v, i) => Math.abs(v - Math.max(0, map[i])))) / most;

      // Some pixels, a level up where that raises the logit, down where it lowers it, and the other way round.
      const { preprocess } = net.info;
      const [up, down] = [opaque(), opaque()];
      let expected = 0;
      for (let i = 0; i < 96 * 96; i += 17) {
        for (let c = 0; c < 3; c += 1) {
          const channel = preprocess.channels === 'bgr' ? 2 - c : c;
          const before = image.data[4 * i + c];
          if (before < 1 || before > 254) continue;
          const g = at.input.data[channel * 96 * 96 + i];
          up.data[4 * i + c] += Math.sign(g);
          down.data[4 * i + c] -= Math.sign(g);
          expected += (2 * Math.abs(g) * preprocess.scale) / preprocess.std[channel];
        }
      }
      const logitOf = async (some) => (await net.features(some, 'Logits')).data[of];
      const change = (await logitOf(up)) - (await logitOf(down));
      const other = await net.gradient(image, { of: { classIndex: of, minus } });
      const alone = await net.gradient(image, { of: { layer: 'Mixed_4d', channel: 3, position: [1, 2] }, at: ['Mixed_4d'] });
      const all = await net.gradient(image, { of: { layer: 'Mixed_4d', channel: 3, sum: true }, at: ['Mixed_4d'] });
      const one = (/** @type {Float32Array} */ data) => [...data].flatMap((v, i) => (v === 0 ? [] : [[i, v]]));
      return {
        of, logit, value, parts, camError, most, expected, change, device: net.info.device,
        cam: [cam.classIndex, cam.layer, cam.width, cam.height], shape: inner.shape,
        difference: [other.value, (await net.contributions(image, minus)).logit],
        alone: one(alone.at.Mixed_4d.data), aloneValue: [alone.value, layers.Mixed_4d.data[3 * height * width + width + 2]],
        all: one(all.at.Mixed_4d.data).length, allValue: [all.value, layers.Mixed_4d.data.subarray(3 * height * width, 4 * height * width).reduce((sum, v) => sum + v, 0)],
      };
    }, load);
    const near = (a, b, share) => assert.ok(Math.abs(a - b) <= share * Math.max(Math.abs(b), 1e-3), `${a}, ${b}`);
    assert.equal(found.device, load.device ?? 'cpu');
    near(found.value, found.logit, 1e-3);
    assert.ok(found.parts < 1e-3, `contributions: ${found.parts}`);
    assert.ok(found.most > 0 && found.camError < 2e-3, `Grad-CAM: ${found.camError}`);
    assert.deepEqual(found.cam, [found.of, 'Mixed_4d', found.shape[2], found.shape[1]]);
    near(found.change, found.expected, 0.12);
    near(found.difference[0], found.logit - found.difference[1], 2e-3);
    const [, height, width] = found.shape;
    assert.deepEqual(found.alone, [[3 * height * width + width + 2, 1]]);
    near(found.aloneValue[0], found.aloneValue[1], 1e-3);
    assert.equal(found.all, height * width);
    near(found.allValue[0], found.allValue[1], 1e-3);
  });

  pageTest(`pictures grow and dream the same from the same seed, are told while they grow, and end at once (${place})`, { isolated, flags }, async (page) => {
    const found = await page.evaluate(async (load) => {
      const { SMALL, picture } = await import('/tests/browser/on-gpu.mjs');
      const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { ...load, preprocess: SMALL });
      const target = { layer: 'Mixed_4d/Branch_2', channel: 8 };
      const told = [];
      const onStep = (step, steps, grown) => told.push([step, steps, grown === null ? null : [grown.width, grown.height, grown.pixels.length]]);
      const how = { size: 64, steps: 10 };
      const drawn = await net.visualize(target, { ...how, onStep });
      const again = await net.visualize(target, how);
      const other = await net.visualize(target, { ...how, seed: 1 });
      const plain = await net.visualize({ layer: 'Mixed_4d/Branch_2' }, { ...how, steps: 2, transforms: false });
      const dreamt = [];
      const dreaming = { octaves: 2, octaveScale: 1.5, steps: 2, size: 120 };
      const dream = await net.dream('/www/samples/chelsea.jpg', { layer: 'Mixed_4d', branches: { 'Mixed_4d/Branch_0': 0.5 } }, { ...dreaming, onStep: (step, steps, grown) => dreamt.push([step, steps, grown.width, grown.height]) });
      const same = await net.dream('/www/samples/chelsea.jpg', { layer: 'Mixed_4d', branches: { 'Mixed_4d/Branch_0': 0.5 } }, dreaming);
      const only = await net.dream('/www/samples/chelsea.jpg', { layer: 'Mixed_4d', branches: { 'Mixed_4d/Branch_0': 0 } }, dreaming);

      const controller = new AbortController();
      let after = 0;
      const stopped = await outcomeOf(net.visualize(target, { size: 64, steps: 4096, signal: controller.signal, onStep: (step) => (step === 2 ? controller.abort() : (after = step)) }));
      const halted = [];
      for (const work of [(signal, onStep) => net.saliency(picture(), 0, { samples: 1000, signal, onProgress: onStep }), (signal, onStep) => net.dream(picture(), { layer: 'Mixed_4d' }, { steps: 1000, size: 96, signal, onStep })]) {
        const stop = new AbortController();
        halted.push((await outcomeOf(work(stop.signal, (done) => done === 2 && stop.abort()))).code);
      }
      const text = (/** @type {{ pixels: Uint8ClampedArray }} */ { pixels }) => pixels.join();
      const usable = (await net.classify(picture())).predictions.length;
      return {
        told, dreamt, after, halted, usable, stopped: stopped.code, isSame: text(drawn) === text(again), isOther: text(drawn) !== text(other), size: [drawn.width, drawn.height, drawn.pixels.length],
        value: drawn.value, plain: plain.value, dream: [dream.width, dream.height, dream.value > 0], sameDream: text(dream) === text(same), otherDream: text(dream) !== text(only), spread: new Set(drawn.pixels).size,
      };
    }, load);
    assert.deepEqual(found.told.map(([step, steps]) => [step, steps]), Array.from({ length: 10 }, (_, i) => [i + 1, 10]));
    const shown = found.told.flatMap(([step, , grown]) => (grown ? [step] : []));
    assert.deepEqual(found.told.find(([, , grown]) => grown)[2], [64, 64, 64 * 64 * 4]);
    assert.ok([0, ...shown].every((step, i, all) => (all[i + 1] ?? step) - step <= 8) && shown.at(-1) === 10, `pictures at ${shown}`);
    assert.deepEqual([found.isSame, found.isOther, found.size], [true, true, [64, 64, 64 * 64 * 4]]);
    assert.ok(found.value > 5 && found.plain > 0 && found.spread > 30, `${found.value}, ${found.plain}, ${found.spread}`);
    assert.deepEqual(found.dream, [120, 80, true]);
    assert.deepEqual([found.sameDream, found.otherDream], [true, true]);
    assert.deepEqual(found.dreamt.map(([step]) => step), found.dreamt.map((_, i) => i + 1));
    assert.ok(found.dreamt.length > 0 && found.dreamt.every(([, steps, width, height]) => steps === found.dreamt.length && width === 120 && height === 80), JSON.stringify(found.dreamt));
    assert.deepEqual([found.stopped, found.halted], ['aborted', ['aborted', 'aborted']]);
    assert.ok(found.after <= 3, `went on to step ${found.after}`);
    assert.equal(found.usable, 5);
  });
}

pageTest('a picture goes on from where it was as if it had never stopped', {}, async (page) => {
  const found = await page.evaluate(async () => {
    const { SMALL } = await import('/tests/browser/on-gpu.mjs');
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { preprocess: SMALL });
    const target = { layer: 'Mixed_4d/Branch_2', channel: 8 };
    const how = { size: 64, seed: 3 };
    const [shown, told] = [new Map(), []];
    const whole = await net.visualize(target, { ...how, steps: 12, onStep: (step, _, grown) => grown && shown.set(step, grown) });
    const early = await net.visualize(target, { ...how, steps: 5 });
    const isSame = (/** @type {typeof whole} */ other) => ['pixels', 'state'].every((of) => other[of].join() === whole[of].join()) && other.value === whole.value;
    const later = await net.visualize(target, { from: early, steps: 7, onStep: (step, steps) => told.push([step, steps]) });
    const again = await net.visualize(target, { from: shown.get(8), size: 64, seed: 4, steps: 4 });
    const copy = await net.visualize(target, { from: structuredClone(early), steps: 7 });
    const short = await net.visualize(target, { from: early, steps: 6 });
    return { same: [later, again, copy, short].map(isSame), told, shown: [...shown.keys()] };
  });
  assert.deepEqual(found.same, [true, true, true, false]);
  assert.deepEqual(found.told, Array.from({ length: 7 }, (_, i) => [i + 1, 7]));
  assert.deepEqual(found.shown, [1, 4, 8, 12]);
});

pageTest('saliency tells its runs; what integrated gradients give adds up to the change of the logit', {}, async (page) => {
  const found = await page.evaluate(async () => {
    const { SMALL } = await import('/tests/browser/on-gpu.mjs');
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { preprocess: SMALL });
    const image = '/www/samples/chelsea.jpg';
    const of = (await net.classify(image)).predictions[0].index;
    const logitOf = async (some) => (await net.features(some, 'Logits')).data[of];
    const black = new ImageData(Uint8ClampedArray.from({ length: 4 * 96 * 96 }, (_, i) => (i % 4 === 3 ? 255 : 0)), 96, 96);
    const difference = (await logitOf(image)) - (await logitOf(black));
    const told = [];
    const integrated = await net.saliency(image, of, { method: 'integrated', baseline: 'black', steps: 100, onProgress: (done, total) => told.push([done, total]) });
    const plain = await net.saliency(image, of, { method: 'gradient' });
    const { at } = await net.gradient(image, { of: { classIndex: of } });
    const [smooth, same, rougher] = [await net.saliency(image, of, { samples: 3 }), await net.saliency(image, of, { samples: 3 }), await net.saliency(image, of, { samples: 3, seed: 1 })];
    const largest = plain.map.map((_, i) => Math.max(...[0, 1, 2].map((c) => Math.abs(at.input.data[c * 96 * 96 + i]))));
    const sorted = [...plain.map].sort((a, b) => a - b);
    return {
      difference, sum: integrated.map.reduce((sum, v) => sum + v, 0), told: [told.length, told.at(-1)], shape: integrated.shape, signs: [integrated.map.some((v) => v < 0), integrated.map.some((v) => v > 0)],
      map: Math.max(...largest.map((v, i) => Math.abs(v - plain.map[i]))) / sorted.at(-1), scale: [plain.scale, sorted[Math.floor(0.995 * (sorted.length - 1))], sorted[Math.ceil(0.995 * sorted.length)] ?? sorted.at(-1)],
      smooth: [smooth.method, smooth.map.join() === same.map.join(), smooth.map.join() !== rougher.map.join(), smooth.classIndex === of],
    };
  });
  assert.ok(Math.abs(found.sum - found.difference) <= 0.01 * Math.abs(found.difference), `${found.sum}, ${found.difference}`);
  assert.deepEqual([found.told, found.shape, found.signs], [[100, [100, 100]], [3, 96, 96], [true, true]]);
  assert.ok(found.map < 1e-6, `the largest amount of three: ${found.map}`);
  assert.ok(found.scale[0] >= 0.99 * found.scale[1] && found.scale[0] <= 1.01 * found.scale[2], found.scale.join());
  assert.deepEqual(found.smooth, ['smoothgrad', true, true, true]);
});

pageTest('asked right after a load, gradients wait until the file is kept, and fetch it no second time', {}, async (page) => {
  let requests = 0;
  page.on('request', (request) => (requests += request.url().endsWith('.safetensors') ? 1 : 0));
  const seconds = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`);
    const started = performance.now();
    await net.gradCam(new ImageData(8, 8), 1, 'Mixed_5c');
    return (performance.now() - started) / 1000;
  });
  assert.equal(requests, 1);
  assert.ok(seconds < 30, `${seconds} s`);
});

pageTest('a taught head is explained as the network\'s own', {}, async (page) => {
  const found = await page.evaluate(async () => {
    const { SMALL } = await import('/tests/browser/on-gpu.mjs');
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { preprocess: SMALL });
    const teacher = await net.teach();
    for (const [name, label] of [['chelsea', 'cat'], ['coffee', 'cup'], ['rocket', 'cup']]) await teacher.add(`/www/samples/${name}.jpg`, label);
    await teacher.train();
    await net.useHead(await teacher.head());
    const cat = net.info.labels.indexOf('cat');
    const image = '/www/samples/chelsea.jpg';
    const { logit, contribution } = await net.contributions(image, cat);
    const { value, at } = await net.gradient(image, { of: { classIndex: cat }, at: ['Mixed_5c'] });
    const { layers } = await net.classify(image, { layers: ['Mixed_5c'] });
    const sum = at.Mixed_5c.data.reduce((all, g, i) => all + g * layers.Mixed_5c.data[i], 0);
    const cam = await net.gradCam(image, cat, 'Mixed_4d', { minus: 1 - cat });
    const outside = await outcomeOf(net.gradCam(image, 2, 'Mixed_4d'));
    return { value, logit, sum, whole: contribution.reduce((all, v) => all + v, 0), most: Math.max(...cam.data), outside: [outside.code, outside.message] };
  });
  assert.ok(Math.abs(found.sum - found.whole) <= 1e-3 * Math.abs(found.whole), `${found.sum}, ${found.whole}`);
  assert.ok(found.most > 0);
  assert.equal(found.outside[0], 'bad-option');
});

pageTest('an auxiliary head is explained as the answer is', {}, async (page) => {
  const found = await page.evaluate(async () => {
    const { generateWeights } = await import('/tests/browser/generator.mjs');
    const { picture } = await import('/tests/browser/on-gpu.mjs');
    const keys = await (await fetch('/tests/reference/keys/torchvision_googlenet.json')).json();
    const net = await Inception.load(new File([generateWeights(keys)], 'heads.safetensors'), { cache: false });
    const [image, head, layer] = [picture(), 'AuxLogits_1', 'Mixed_4b'];
    const { auxiliary, layers } = await net.classify(image, { layers: [layer, head] });
    const [of, minus] = auxiliary.find((one) => one.layer === head).predictions.map(({ index }) => index);
    const logits = layers[head].data;
    const [plain, other] = await Promise.all([of, minus].map((channel) => net.gradient(image, { of: { layer: head, channel }, at: [layer, 'input'] })));
    const asked = await net.gradient(image, { of: { classIndex: of, head }, at: [layer, 'Mixed_5b'] });
    const difference = await net.gradient(image, { of: { classIndex: of, minus, head }, at: ['input'] });

    const [channels, height, width] = layers[layer].shape;
    const camOf = (/** @type {Float32Array} */ gradient) => {
      const map = new Float32Array(height * width);
      for (let c = 0; c < channels; c += 1) {
        const weight = gradient.subarray(c * map.length, (c + 1) * map.length).reduce((sum, g) => sum + g, 0) / map.length;
        for (let i = 0; i < map.length; i += 1) map[i] += weight * layers[layer].data[c * map.length + i];
      }
      return map.map((v) => Math.max(0, v));
    };
    const most = (/** @type {Float32Array} */ values) => values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    const error = (/** @type {Float32Array} */ a, /** @type {Float32Array} */ b) => most(less(a, b)) / most(b);
    const less = (/** @type {Float32Array} */ a, /** @type {Float32Array} */ b) => a.map((v, i) => v - b[i]);
    const cam = await net.gradCam(image, of, layer, { head });
    const camOfDifference = await net.gradCam(image, of, layer, { minus, head });
    const saliency = await net.saliency(image, of, { method: 'gradient', head });
    const refused = await Promise.all(
      [
        net.gradCam(image, of, layer, { head: 'Logits' }),
        net.gradCam(image, of, 'Mixed_5b', { head }),
        net.gradCam(image, of, `${head}/Conv2d_1b_1x1`),
        net.saliency(image, 1000, { head }),
        net.gradCam(image, of, 'Mixed_9z', { head }),
      ].map(outcomeOf),
    );
    return {
      heads: net.info.auxiliary.map(({ layer }) => layer), names: net.layers.filter((one) => one.head === head).map(({ name }) => name), refused,
      values: [plain.value, asked.value, difference.value], logits: [logits[of], logits[minus]], most: most(cam.data),
      errors: {
        cam: error(cam.data, camOf(plain.at[layer].data)), camOfDifference: error(camOfDifference.data, camOf(less(plain.at[layer].data, other.at[layer].data))), gradient: error(asked.at[layer].data, plain.at[layer].data),
        difference: error(difference.at.input.data, less(plain.at.input.data, other.at.input.data)), saliency: error(saliency.data, plain.at.input.data),
      },
      behind: most(asked.at.Mixed_5b.data),
    };
  });
  const near = (a, b) => assert.ok(Math.abs(a - b) <= 1e-3 * Math.max(Math.abs(b), 1e-3), `${a}, ${b}`);
  assert.deepEqual(found.heads, ['AuxLogits_1', 'AuxLogits_2']);
  const [one, other] = found.logits;
  [one, one, one - other].forEach((value, i) => near(found.values[i], value));
  assert.ok(found.most > 0);
  for (const [what, error] of Object.entries(found.errors)) assert.ok(error < 2e-3, `${what}: ${error}`);
  assert.equal(found.behind, 0);
  const [unknown, behind, aside, outside, nowhere] = found.refused;
  assertError(unknown, 'bad-option', /head is 'Logits', but must be AuxLogits_1 or AuxLogits_2/);
  assertError(behind, 'bad-option', /AuxLogits_1 does not depend on Mixed_5b/);
  assertError(aside, 'bad-option', /^Logits does not depend on AuxLogits_1/);
  assertError(outside, 'bad-option', /class 1000 of a classifier with 1000/);
  assertError(nowhere, 'unknown-layer', /Mixed_9z/);
});

pageTest('refuses what cannot be, and names it', {}, async (page) => {
  const outcomes = await page.evaluate(async () => {
    const { SMALL, picture } = await import('/tests/browser/on-gpu.mjs');
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { preprocess: SMALL });
    const image = picture();
    const layer = 'Mixed_4d';
    const grown = await net.visualize({ layer }, { size: 64, steps: 1 });
    /** @type {[string, () => Promise<unknown>][]} */
    const asked = [
      ['of', () => net.gradient(image, {})],
      ['classIndex', () => net.gradient(image, { of: { classIndex: -1 } })],
      ['class 1000', () => net.gradient(image, { of: { classIndex: 1000 } })],
      ['at', () => net.gradient(image, { of: { classIndex: 1 }, at: 'input' })],
      ['of.channel', () => net.gradient(image, { of: { layer, position: [0, 0] } })],
      ['target', () => net.gradient(image, { of: { layer, channel: 512 } })],
      ['target', () => net.gradient(image, { of: { layer, channel: 1, position: [99, 0] } })],
      ['layer', () => net.gradCam(image, 1, '')],
      ['minus', () => net.gradCam(image, 1, layer, { minus: 1.5 })],
      ['no trained auxiliary heads', () => net.gradCam(image, 1, layer, { head: 'AuxLogits_1' })],
      ['head', () => net.gradient(image, { of: { classIndex: 1, head: 2 } })],
      ['Logits does not depend on Predictions', () => net.gradCam(image, 1, 'Predictions')],
      ['method', () => net.saliency(image, 1, { method: 'lime' })],
      ['samples', () => net.saliency(image, 1, { samples: 0 })],
      ['noise', () => net.saliency(image, 1, { noise: 2 })],
      ['baseline', () => net.saliency(image, 1, { baseline: 'white' })],
      ['size', () => net.visualize({ layer }, { size: 65 })],
      ['steps', () => net.visualize({ layer }, { steps: 0 })],
      ['seed', () => net.visualize({ layer }, { seed: -1 })],
      ['onStep', () => net.visualize({ layer }, { onStep: true })],
      [/^from is { pixels }, but must be a picture/, () => net.visualize({ layer }, { from: { pixels: [] } })],
      ['from', () => net.visualize({ layer }, { from: grown, size: 96 })],
      ['from', () => net.visualize({ layer }, { from: { ...grown, state: grown.state.slice(1) } })],
      ['another target', () => net.visualize({ layer, channel: 7 }, { from: grown })],
      ['learningRate', () => net.visualize({ layer }, { learningRate: 0 })],
      ['octaves', () => net.dream(image, { layer }, { octaves: 11 })],
      ['octaveScale', () => net.dream(image, { layer }, { octaveScale: 1 })],
      ['size', () => net.dream(image, { layer }, { size: 95 })],
      ['Mixed_4c/Branch_0', () => net.dream(image, { layer, branches: { 'Mixed_4c/Branch_0': 1 } })],
      ['target.layer', () => net.dream(image, {})],
      ['colour', () => net.visualize({ layer }, { colour: 'red' })],
    ];
    const unknown = await Promise.all([net.gradient(image, { of: { layer: 'Mixed_9z' } }), net.gradCam(image, 1, 'Mixed_9z'), net.visualize({ layer: 'Mixed_9z' }), net.dream(image, { layer: 'Mixed_9z' })].map(outcomeOf));
    const named = await Promise.all(asked.map(async ([name, call]) => [name, await outcomeOf(call())]));
    net.dispose();
    return { named, unknown, disposed: await outcomeOf(net.visualize({ layer })) };
  });
  for (const [name, outcome] of outcomes.named) assertError(outcome, 'bad-option', name instanceof RegExp ? name : new RegExp(name.replace('.', '\\.')));
  for (const outcome of outcomes.unknown) assertError(outcome, 'unknown-layer', /Mixed_9z/);
  assertError(outcomes.disposed, 'disposed');
});
