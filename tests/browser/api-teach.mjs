// Own classes on a network's features: examples, training, heads, and everything that a network says with a taught head.

import assert from 'node:assert/strict';
import { SWIFTSHADER, assertError, pageTest } from './harness.mjs';
import { withPictures } from './teach-pictures.mjs';

const GPU = { flags: SWIFTSHADER };

/** In the page: what every test begins with. */
const START = () => {
  const bars = (kind, seed) => {
    const canvas = draw(kind, seed);
    return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  };
  const load = (options = {}) => Inception.load(`${base}models/googlenet-imagenet.safetensors`, { device: 'cpu', ...options });
  const teach = async (net, each = 6, options = {}) => {
    const teacher = await net.teach(options);
    for (let seed = 0; seed < each; seed += 1) {
      await teacher.add(bars('across', seed), 'quer 横', { name: `across ${seed}` });
      await teacher.add(bars('down', seed), 'längs', { name: `down ${seed}` });
    }
    return teacher;
  };
  /** A file with other text of the same length in its header. */
  const changed = (file, from, to) => {
    const [wanted, found] = [to, from].map((text) => new TextEncoder().encode(text));
    const at = file.findIndex((_, i) => found.every((byte, k) => file[i + k] === byte));
    const other = file.slice();
    other.set(wanted, at);
    return other;
  };
  Object.assign(globalThis, { bars, load, teach, changed });
};

/**
 * @param {string} name
 * @param {import('./harness.mjs').PageOptions} options
 * @param {(page: import('playwright-core').Page) => Promise<void>} body
 */
function teachTest(name, options, body) {
  pageTest(name, options, async (page) => {
    await withPictures(page);
    await page.evaluate(START);
    await body(page);
  });
}

const close = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ most, /** @type {string} */ what) =>
  assert.ok(Math.abs(a - b) <= most, `${what}: ${a}, ${b}`);

teachTest('a network that is taught two classes answers them, shows where it sees them, and answers as before afterwards', {}, async (page) => {
  const told = await page.evaluate(async () => {
    const net = await load();
    const before = await net.classify(bars('down', 30), { layers: ['Logits'] });
    const layers = net.layers.map(({ name, shape }) => [name, shape]);
    const teacher = await teach(net);
    const fractions = [];
    const report = await teacher.train({ onProgress: (fraction) => fractions.push(fraction) });
    await net.useHead(await teacher.head());
    const image = bars('down', 31);
    const result = await net.classify(image, { layers: ['Logits', 'Predictions', 'AvgPool_1a'], statistics: ['Predictions'] });
    const cam = await net.cam(image, result.predictions[0].index);
    const parts = await net.contributions(image, result.predictions[0].index);
    const ranked = await net.rankBranches(image, { branches: ['Mixed_5c/Branch_0', 'Mixed_5c/Branch_1'] });
    const [batched] = await net.classifyBatch([image]);
    const { info } = net;
    const ofNone = await outcomeOf(net.cam(image, 2));
    const taughtLayers = net.layers.map(({ name, shape }) => [name, shape]);
    await net.useHead(null);
    const after = await net.classify(bars('down', 30), { layers: ['Logits'] });
    return {
      report, fractions, info, result, cam, parts, ranked, batched, ofNone, layers, taughtLayers,
      isAsBefore: JSON.stringify([before.predictions, [...before.layers.Logits.data]]) === JSON.stringify([after.predictions, [...after.layers.Logits.data]]),
      isLayersAsBefore: JSON.stringify(net.layers.map(({ name, shape }) => [name, shape])) === JSON.stringify(layers),
      own: [net.info.classes, net.info.head, net.info.labels?.length],
      sums: { parts: parts.contribution.reduce((a, b) => a + b, parts.bias), map: cam.data.reduce((a, b) => a + b, 0) / cam.data.length },
    };
  });
  const { report, info, result } = told;
  assert.deepEqual(report.labels, ['quer 横', 'längs']);
  assert.equal(report.judged, 12);
  assert.ok(report.accuracy >= 0.75, `bars across and down are told apart: ${report.accuracy}`);
  const [[across, wrong], [wrongToo, down]] = report.confusion;
  assert.deepEqual([across + wrong, wrongToo + down, (across + down) / 12], [6, 6, report.accuracy]);
  assert.equal(told.fractions.at(-1), 1);
  assert.deepEqual([info.classes, info.labels, info.activation], [2, ['quer 横', 'längs'], 'softmax']);
  assert.equal(info.head.threshold, report.threshold);
  assert.equal(result.predictions[0].label, 'längs');
  close(result.predictions[0].probability + result.predictions[1].probability, 1, 1e-6, 'probabilities');
  const logits = Object.values(result.layers.Logits.data);
  const features = result.layers.AvgPool_1a;
  assert.deepEqual(features.shape, [info.backbone.length, 1, 1]);
  const powers = logits.map((v) => Math.exp(v - Math.max(...logits)));
  const softmax = powers.map((v) => v / (powers[0] + powers[1]));
  for (const i of [0, 1]) close(Object.values(result.layers.Predictions.data)[i], softmax[i], 1e-6, 'softmax of the logits');
  close(result.statistics.Predictions[1].mean, softmax[1], 1e-6, 'statistics');
  const logit = logits[result.predictions[0].index];
  const scale = Math.max(1, ...Object.values(told.cam.data).map(Math.abs));
  close(told.sums.map, logit, 1e-4 * scale, 'the mean of the class map is the logit');
  close(told.sums.parts, logit, 1e-4 * scale, 'contributions and bias are the logit');
  assert.ok(told.cam.exact && told.parts.exact);
  assert.ok(told.ranked.every(({ change }) => Number.isFinite(change)) && told.ranked.some(({ change }) => change !== 0));
  assert.deepEqual(told.batched.predictions, result.predictions);
  assertError(told.ofNone, 'bad-option', /class 2/);
  assert.deepEqual(told.taughtLayers.slice(-2), [['Logits', [2, 1, 1]], ['Predictions', [2, 1, 1]]]);
  assert.deepEqual(told.taughtLayers.slice(0, -2), told.layers.slice(0, -2));
  assert.ok(told.isAsBefore && told.isLayersAsBefore);
  assert.deepEqual(told.own, [1000, null, 1000]);
});

teachTest('a head is loaded with a model, from an address, bytes or a file, and refused by another model', {}, async (page) => {
  const told = await page.evaluate(async () => {
    const net = await load();
    const teacher = await teach(net);
    await teacher.train();
    const head = await teacher.head();
    const image = bars('across', 40);
    await net.useHead(head);
    const answer = async (options) => {
      const other = await load(options);
      const { predictions, isNone } = await other.classify(image);
      other.dispose();
      return { predictions, isNone };
    };
    const { predictions, isNone } = await net.classify(image);
    const wanted = { predictions, isNone };
    const url = URL.createObjectURL(new Blob([head]));
    const answers = [await answer({ head }), await answer({ head: new Blob([head]) }), await answer({ head: head.buffer }), await answer({ head: url }), await answer({ head, worker: false })];
    const other = changed(head, net.info.backbone.digest, '0123456789abcdef');
    return {
      wanted, answers, digest: net.info.backbone.digest,
      other: await outcomeOf(net.useHead(other)),
      otherAtLoad: await outcomeOf(load({ head: other })),
      damaged: await outcomeOf(net.useHead(head.slice(0, 900))),
      model: await outcomeOf(net.useHead(`${base}models/googlenet-imagenet.safetensors`)),
      missing: await outcomeOf(load({ head: '/no-such-head.safetensors' })),
      shared: await outcomeOf(load({ head, shared: true })),
      kind: await outcomeOf(net.useHead(5)),
      asModel: await outcomeOf(Inception.load(head)),
      still: (await net.classify(image)).predictions,
    };
  });
  for (const answer of told.answers) assert.deepEqual(answer, told.wanted);
  assert.match(told.digest, /^[0-9a-f]{16}$/);
  for (const outcome of [told.other, told.otherAtLoad]) assertError(outcome, 'bad-option', /taught on .*googlenet.* and the model is .*googlenet/);
  assertError(told.damaged, 'bad-weights');
  assertError(told.model, 'bad-weights', /no taught head/);
  assertError(told.missing, 'network', /no-such-head/);
  assertError(told.shared, 'bad-option', /shared/);
  assertError(told.kind, 'bad-option', /head is 5/);
  assertError(told.asModel, 'bad-weights', /taught head alone/);
  assert.deepEqual(told.still, told.wanted.predictions, 'what was refused has changed nothing');
});

teachTest('what is none of the classes is said, by a threshold that may be moved or left out', {}, async (page) => {
  const told = await page.evaluate(async () => {
    const net = await load();
    const teacher = await teach(net);
    for (let seed = 0; seed < 4; seed += 1) await teacher.add(bars('boxes', seed), null);
    const report = await teacher.train();
    const image = bars('down', 50);
    const isNone = async (options) => {
      await net.useHead(await teacher.head(options));
      return (await net.classify(image)).isNone;
    };
    return { report, labels: teacher.labels, none: [await isNone({ threshold: 1 }), await isNone({ threshold: 0 }), await isNone({ threshold: null })], own: net.info.head };
  });
  assert.deepEqual(told.labels, ['quer 横', 'längs']);
  assert.equal(told.report.none.count, 4);
  assert.equal(told.report.noneHistogram.reduce((a, b) => a + b), 4);
  assert.deepEqual(told.none, [true, false, false]);
  assert.equal(told.own.threshold, null);
});

teachTest('several labels are answered each for itself', {}, async (page) => {
  const told = await page.evaluate(async () => {
    const net = await load();
    const teacher = await net.teach({ multiLabel: true });
    for (let seed = 0; seed < 6; seed += 1) {
      await teacher.add(bars('across', seed), ['across', 'bars']);
      await teacher.add(bars('down', seed), ['down', 'bars']);
      await teacher.add(bars('boxes', seed), []);
    }
    const report = await teacher.train({ l2: 10 });
    await net.useHead(await teacher.head());
    const { predictions } = await net.classify(bars('down', 60));
    return { report, predictions, activation: net.info.activation, one: await outcomeOf((await net.teach()).add(bars('down', 1), ['a', 'b'])) };
  });
  assert.equal(told.activation, 'sigmoid');
  assert.deepEqual(told.report.labels, ['across', 'bars', 'down']);
  assert.deepEqual(told.predictions.slice(0, 2).map(({ label }) => label).sort(), ['bars', 'down']);
  assert.ok(told.predictions[1].probability > 0.5 && told.predictions[2].probability < 0.5);
  assertError(told.one, 'bad-option', /label/);
});

teachTest('examples are counted once, moved, removed, put back, saved and opened again', {}, async (page) => {
  const told = await page.evaluate(async () => {
    const net = await load();
    const teacher = await teach(net, 4);
    await teacher.train();
    const had = teacher.report !== null;
    const [first, second] = teacher.examples;
    const again = await teacher.add(bars('across', 0), 'quer 横');
    const all = await teacher.addAll([
      { image: bars('boxes', 1), label: 'boxes', name: 'one.png', thumbnail: Uint8Array.of(1, 2, 3) },
      { image: new Blob(['no picture']), label: 'boxes', name: 'broken.png' },
      { image: bars('boxes', 1), label: 'boxes', name: 'the same.png' },
    ]);
    const counts = () => teacher.labels.map((label) => teacher.examples.filter((example) => example.label === label).length);
    const added = counts();
    const withoutReport = teacher.report;
    teacher.move('boxes', first.id);
    const moved = counts();
    const removed = teacher.remove(second.id);
    const less = counts();
    const back = teacher.put(removed);
    teacher.renameLabel('boxes', 'quer 横');
    const joined = [teacher.labels, counts()];
    const file = teacher.save();
    const other = await net.teach();
    const restored = other.restore(file);
    const twice = other.restore(file);
    const sameAll = teacher.examples.every((example, i) => {
      const { label, name, thumbnail, features } = other.examples[i];
      return label === example.label && name === example.name && String(thumbnail) === String(example.thumbnail) && String(features) === String(example.features);
    });
    const foreign = changed(file, net.info.backbone.digest, '0123456789abcdef');
    const refusals = [];
    for (const bytes of [foreign, file.slice(0, 5), file.slice(0, 400), file.slice(0, -9), new Uint8Array(await (await fetch('/models/googlenet-imagenet.safetensors')).arrayBuffer()), changed(file, '"examples":"[', '"examples":"{')]) {
      refusals.push(await outcomeOf((async () => other.restore(bytes))()));
    }
    return {
      had, withoutReport, isSame: again.id === first.id, all: { added: all.added.map(({ name, thumbnail }) => [name, [...thumbnail]]), duplicates: all.duplicates, failed: all.failed.map(({ index, name, error }) => [index, name, error.code]) },
      added, moved, less, back: back.length, joined, restored: restored.length, twice: twice.length, sameAll, labels: other.labels, refusals,
      removedClass: other.removeLabel('längs').length, left: other.labels,
    };
  });
  assert.ok(told.had);
  assert.equal(told.withoutReport, null, 'what was said of other examples is not said any more');
  assert.ok(told.isSame);
  assert.deepEqual(told.all, { added: [['one.png', [1, 2, 3]]], duplicates: 1, failed: [[1, 'broken.png', 'bad-image']] });
  assert.deepEqual(told.added, [4, 4, 1]);
  assert.deepEqual(told.moved, [3, 4, 2]);
  assert.deepEqual(told.less, [3, 3, 2]);
  assert.equal(told.back, 1);
  assert.deepEqual(told.joined, [['quer 横', 'längs'], [5, 4]]);
  assert.equal(told.restored, 9);
  assert.equal(told.twice, 0);
  assert.ok(told.sameAll);
  assert.deepEqual(told.labels, ['quer 横', 'längs']);
  assertError(told.refusals[0], 'bad-option', /these examples are of .*and the model is/);
  for (const refusal of told.refusals.slice(1)) assertError(refusal, 'bad-weights', /holds no examples/);
  assert.equal(told.removedClass, 4);
  assert.deepEqual(told.left, ['quer 横']);
});

teachTest('a training that cannot be is refused, and one that is aborted leaves the head before', {}, async (page) => {
  const told = await page.evaluate(async () => {
    const net = await load();
    const teacher = await net.teach();
    const none = await outcomeOf(teacher.train());
    const noHead = await outcomeOf(teacher.head());
    await teacher.add(bars('across', 0), 'one');
    teacher.addLabel('empty');
    const single = await outcomeOf(teacher.train());
    await teacher.add(bars('down', 0), 'two');
    const two = await teacher.train();
    // Enough of them that a training takes a while.
    const length = net.info.backbone.length;
    teacher.put(Array.from({ length: 1200 }, (_, i) => ({ label: `class ${i % 12}`, name: '', thumbnail: null, features: Float32Array.from({ length }, (_, k) => Math.sin(i * 7.1 + k * (1 + (i % 12))) + Math.cos(i * k)) })));
    const stop = new AbortController();
    let steps = 0;
    const aborted = outcomeOf(teacher.train({ signal: stop.signal, onProgress: () => (steps += 1) === 3 && stop.abort() }));
    // Runs go on beside a training.
    const order = [];
    const run = net.classify(bars('across', 3)).then(() => order.push('run'));
    const outcome = await aborted;
    await run;
    const head = await teacher.head();
    const bad = await outcomeOf(teacher.train({ folds: 1 }));
    net.dispose();
    return { none, noHead, single, two, outcome, head: new TextDecoder().decode(head).includes('[\\"one\\",\\"two\\"]'), bad, after: await outcomeOf(teacher.train()), teach: await outcomeOf(net.teach()) };
  });
  assertError(told.none, 'bad-option', /two classes/);
  assertError(told.noHead, 'bad-option', /train/);
  assertError(told.single, 'bad-option', /there is one/);
  assert.deepEqual([told.two.judged, told.two.accuracy, told.two.folds], [0, null, 0], 'the only example of a class is not held out');
  assert.equal(told.outcome.code, 'aborted');
  assert.ok(told.head);
  assertError(told.bad, 'bad-option', /folds/);
  for (const outcome of [told.after, told.teach]) assertError(outcome, 'disposed');
});

teachTest('a taught head answers on a GPU as on the CPU, and after the GPU was lost', GPU, async (page) => {
  const told = await page.evaluate(async () => {
    const cpu = await load();
    const teacher = await teach(cpu);
    await teacher.train({ l2: 100 });
    const head = await teacher.head();
    await cpu.useHead(head);
    const images = [bars('across', 70), bars('down', 71)];
    const net = await load({ device: 'webgpu', head });
    const result = await net.classifyBatch(images);
    const cam = await net.cam(images[1], 1);
    return { device: net.info.device, cpu: await cpu.classifyBatch(images), result, cam: [...cam.data], own: [...(await cpu.cam(images[1], 1)).data] };
  });
  assert.equal(told.device, 'webgpu');
  for (const [i, { predictions }] of told.result.entries()) {
    for (const [k, { index, probability }] of predictions.entries()) {
      assert.equal(index, told.cpu[i].predictions[k].index);
      close(probability, told.cpu[i].predictions[k].probability, 1e-3, 'on the GPU');
    }
  }
  const scale = Math.max(...told.own.map(Math.abs));
  for (const [i, value] of told.cam.entries()) close(value, told.own[i], 2e-3 * scale, 'the map on the GPU');
});

teachTest('heads are taken into use in the order in which they were given, and whoever loaded the model hears of each', {}, async (page) => {
  const told = await page.evaluate(async () => {
    const heads = [];
    const net = await load({ onHead: (head) => heads.push([head !== null, net.info.classes]) });
    const teacher = await teach(net, 2);
    await teacher.train({ folds: 0, l2: 1 });
    const head = await teacher.head();
    // The first comes by its address, later than the others are there.
    const address = URL.createObjectURL(new Blob([head]));
    const fetched = globalThis.fetch;
    globalThis.fetch = async (...given) => (await new Promise((resolve) => setTimeout(resolve, 300)), fetched(...given));
    const missing = net.useHead(`${base}no-such-head.safetensors`).catch(({ code }) => code);
    await Promise.all([net.useHead(address), net.useHead(null), missing]);
    globalThis.fetch = fetched;
    return { heads, missing: await missing, last: net.info.head };
  });
  const own = [false, 1000];
  assert.deepEqual(told, { heads: [[true, 2], own], missing: 'network', last: null });
});

teachTest('a call is answered by the head that was in use when it was made', {}, async (page) => {
  const told = await page.evaluate(async () => {
    const net = await load();
    const teacher = await teach(net, 2);
    await teacher.train({ folds: 0, l2: 1 });
    const head = await teacher.head();
    const classes = (call) => call.then((result) => [result].flat().map(({ predictions }) => (predictions[0].label === 'quer 横' || predictions[0].label === 'längs' ? 'own' : 'usual')).join());
    const image = bars('down', 9);
    // An image that comes late is of the call that was made early, and so are those of a batch.
    const canvas = draw('down', 9);
    const address = URL.createObjectURL(await canvas.convertToBlob({ type: 'image/png' }));
    const before = [classes(net.classify(address)), classes(net.classifyBatch([image, address, image, image, image, image])), net.useHead(head)];
    const between = [classes(net.classify(image)), net.useHead(null)];
    const after = [classes(net.classify(image)), net.useHead(new Blob([head])), classes(net.classify(image)), net.useHead(null)];
    return (await Promise.all([...before, ...between, ...after])).filter((one) => one !== undefined);
  });
  assert.deepEqual(told, ['usual', Array(6).fill('usual').join(), 'own', 'usual', 'own']);
});

teachTest('examples that become the same are one, and what a teacher cannot hold is refused', {}, async (page) => {
  const told = await page.evaluate(async () => {
    const net = await load();
    const teacher = await net.teach();
    const several = await net.teach({ multiLabel: true });
    for (const label of ['a', 'b']) for (const seed of [1, 2]) await teacher.add(bars('down', seed), label);
    await several.add(bars('down', 3), ['a', 'b']);
    await several.add(bars('down', 4), []);
    const moved = teacher.move('a', teacher.examples.at(-1).id).map(({ label }) => label);
    const merged = teacher.renameLabel('b', 'a').map(({ label }) => label);
    const counts = [teacher.examples.length, [...teacher.labels]];
    const file = several.save();
    const refusals = [];
    const features = teacher.examples[0].features;
    const calls = [
      () => teacher.restore(file), () => teacher.renameLabel('a', null), () => teacher.addLabel(null), () => teacher.restore(undefined), () => teacher.restore('x'),
      () => teacher.put(null), () => teacher.put([null]), () => teacher.put([{ label: 'a', name: 5, features }]), () => teacher.put([{ label: 'a', thumbnail: 'x', features }]),
      () => teacher.addAll(undefined), () => teacher.save({ threshold: 2 }),
    ];
    for (const call of calls) refusals.push((await outcomeOf(Promise.resolve().then(call))).code);
    const all = await teacher.addAll([{ image: bars('down', 5), label: 'a' }, null, { image: bars('down', 6), label: 7 }, { image: bars('down', 7), label: 'a', name: 7 }, { image: bars('down', 8), label: 'a' }]);
    return { moved, merged, counts, refusals, added: all.added.length, failed: all.failed.map(({ index, error }) => [index, error.code]), reopened: several.restore(file.buffer).length };
  });
  assert.deepEqual([told.moved, told.merged, told.counts], [['b'], ['b'], [2, ['a']]]);
  assert.deepEqual(told.refusals, Array(11).fill('bad-option'));
  assert.deepEqual([told.added, told.failed, told.reopened], [2, [[1, 'bad-option'], [2, 'bad-option'], [3, 'bad-option']], 0]);
});

teachTest('classes weigh the same, however many examples they have, unless they are not to', {}, async (page) => {
  const heads = await page.evaluate(async () => {
    const net = await load();
    const teacher = await teach(net, 2);
    for (let seed = 2; seed < 8; seed += 1) await teacher.add(bars('down', seed), 'längs');
    const trained = async (options) => (await teacher.train({ folds: 0, l2: 10, ...options }), new TextDecoder('latin1').decode(await teacher.head({ threshold: null })));
    return [await trained({}), await trained({ balanced: true }), await trained({ balanced: false })];
  });
  assert.equal(heads[0], heads[1]);
  assert.notEqual(heads[0], heads[2]);
});

teachTest('examples take the memory of their features, and no picture stays', {}, async (page) => {
  const session = await page.context().newCDPSession(page);
  const used = async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize, backingStorageSize } = /** @type {{ usedSize: number, backingStorageSize: number }} */ (await session.send('Runtime.getHeapUsage'));
    return usedSize + backingStorageSize;
  };
  const length = await page.evaluate(async () => {
    globalThis.net = await load();
    globalThis.teacher = await teach(net, 2);
    return net.info.backbone.length;
  });
  const before = await used();
  const count = await page.evaluate(async () => {
    for (let seed = 2; seed < 42; seed += 1) await teacher.add(bars('squares', seed), 'squares');
    return teacher.examples.length;
  });
  const read = await used();
  assert.equal(count, 44);
  // A picture is 200 kB.
  assert.ok(read - before < 40 * (4 * length + 2000) + 400_000, `40 pictures took ${read - before} bytes`);
  const all = await page.evaluate((length) => {
    for (let i = 0; i < 2000; i += 1) teacher.put([{ label: `class ${i % 20}`, name: `${i}`, thumbnail: null, features: Float32Array.from({ length }, (_, k) => (i * 31 + k * 7) % 101) }]);
    return teacher.examples.length;
  }, length);
  assert.equal(all, 2044);
  const put = await used();
  assert.ok(put - read < 2000 * (4 * length + 1000) + 400_000, `2,000 examples took ${put - read} bytes`);
});
