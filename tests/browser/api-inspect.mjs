// Reading a run: class activation maps, contributions, branches switched off.

import assert from 'node:assert/strict';
import { SWIFTSHADER, pageTest } from './harness.mjs';

/** What follows the last maps: the offline model's one linear layer, and generated weights with a hidden one. */
const HEADS = [
  { head: 'a linear head', keys: null, exact: true },
  { head: 'a head with a hidden layer', keys: 'seed_inception_v1_c1000', exact: false },
];

pageTest('tells the page of modules only where somebody listens: each message wakes a thread that kernels could use', {}, async (page) => {
  const { quiet, listened } = await page.evaluate(async () => {
    const { SMALL, picture } = await import('/tests/browser/on-gpu.mjs');
    let messages = [];
    globalThis.Worker = class extends Worker {
      constructor(...given) {
        super(...given);
        this.addEventListener('message', ({ data }) => messages.push(data.type));
      }
    };
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { preprocess: SMALL });
    const of = async (options) => {
      messages = [];
      await net.classify(picture(), options);
      return messages.filter((type) => type !== 'kept');
    };
    return { quiet: await of({}), listened: await of({ onModule: () => undefined }) };
  });
  assert.deepEqual(quiet, ['answered']);
  assert.ok(listened.length > 20 && listened.includes('progress'), listened.join(' '));
});

for (const { device, flags } of [{ device: 'cpu' }, { device: 'webgpu', flags: SWIFTSHADER }]) {
  for (const { head, keys, exact } of HEADS) {
    pageTest(`maps and contributions of ${head} add up to the logit (${device})`, { flags }, async (page) => {
      const classes = await page.evaluate(async ({ device, keys }) => {
        const { SMALL, picture } = await import('/tests/browser/on-gpu.mjs');
        const { generateWeights } = await import('/tests/browser/generator.mjs');
        const model = keys ? generateWeights(await (await fetch(`/tests/reference/keys/${keys}.json`)).json()) : `${base}models/googlenet-imagenet.safetensors`;
        const net = await Inception.load(model, { device, preprocess: SMALL });
        const logits = (await net.features(picture(), 'Logits')).data;
        const maps = await net.features(picture(), 'Mixed_5c');
        const found = [];
        for (const classIndex of [0, 285]) {
          const [cam, parts] = [await net.cam(picture(), classIndex), await net.contributions(picture(), classIndex)];
          found.push({
            logit: [logits[classIndex], parts.logit],
            mean: cam.data.reduce((sum, v) => sum + v, 0) / cam.data.length,
            sum: parts.contribution.reduce((sum, v) => sum + v, parts.bias),
            cam: [cam.classIndex, cam.width, cam.height, cam.exact],
            parts: [parts.classIndex, parts.layer, parts.contribution.length, parts.exact],
            shape: maps.shape,
          });
        }
        return found;
      }, { device, keys });
      for (const [i, { logit, mean, sum, cam, parts, shape }] of classes.entries()) {
        const near = (/** @type {number} */ v) => Math.abs(v - logit[0]) < 1e-3 * Math.max(1, Math.abs(logit[0]));
        assert.ok(near(logit[1]) && near(mean) && near(sum), `${logit}: ${mean}, ${sum}`);
        assert.deepEqual(cam, [[0, 285][i], shape[2], shape[1], exact]);
        assert.deepEqual(parts, [[0, 285][i], 'Mixed_5c', shape[0], exact]);
      }
    });
  }

  pageTest(`ranks branches as switching each off does (${device})`, { flags }, async (page) => {
    const { effects, alone, whole, progress, zeros, best } = await page.evaluate(async (device) => {
      const { SMALL, picture } = await import('/tests/browser/on-gpu.mjs');
      const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { device, preprocess: SMALL });
      const branches = net.layers.filter(({ kind }) => kind === 'branch').map(({ name }) => name).slice(0, 11);
      const progress = [];
      const { predictions } = await net.classify(picture());
      const { index: classIndex, probability: whole } = predictions[1];
      const effects = await net.rankBranches(picture(), { branches, classIndex, onProgress: (...steps) => progress.push(steps) });
      const of = (result) => result.predictions.find(({ index }) => index === classIndex).probability;
      const alone = {};
      for (const branch of branches) alone[branch] = of(await net.ablate(picture(), { off: [branch], topK: 1000 }));
      const off = await net.ablate(picture(), { off: ['Mixed_3b/Branch_1', 'Mixed_4b/Branch_2'], layers: ['Mixed_3b/Branch_1', 'Mixed_3b/Branch_0'], topK: 0 });
      const zeros = Object.values(off.layers).map(({ data }) => data.every((v) => v === 0));
      const [best] = await net.rankBranches(picture(), { branches: branches.slice(0, 1) });
      return { effects, alone, whole, progress, zeros, best: best.probability - best.change - predictions[0].probability };
    }, device);
    assert.equal(effects.length, 11);
    for (const { branch, probability, change } of effects) {
      assert.ok(Math.abs(probability - alone[branch]) < 1e-5, `${branch}: ${probability}, ${alone[branch]}`);
      assert.ok(Math.abs(change - (probability - whole)) < 1e-5);
    }
    const sizes = effects.map(({ change }) => Math.abs(change));
    assert.deepEqual(sizes, [...sizes].sort((a, b) => b - a));
    assert.ok(sizes[0] > 1e-4, 'some branch matters');
    assert.deepEqual([progress[0], progress.at(-1)], [[0, 11], [11, 11]]);
    assert.deepEqual(zeros, [true, false]);
    assert.ok(Math.abs(best) < 1e-5, 'the most likely class is the default');
  });
}

pageTest('says what is wrong with a class, a branch or an option', {}, async (page) => {
  const outcomes = await page.evaluate(async () => {
    const { SMALL, picture } = await import('/tests/browser/on-gpu.mjs');
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { device: 'cpu', preprocess: SMALL });
    const stop = new AbortController();
    const calls = [
      net.cam(picture(), 1000), net.cam(picture(), -1), net.contributions(picture(), 1.5), net.contributions(picture(), undefined),
      net.ablate(picture(), {}), net.ablate(picture(), { off: ['Mixed_9z'] }), net.ablate(picture(), { off: 'Mixed_3b' }),
      net.rankBranches(picture(), { branches: [] }), net.rankBranches(picture(), { branches: ['nothing'] }), net.rankBranches(picture(), { classIndex: 1000 }),
      net.rankBranches(picture(), { signal: stop.signal, onProgress: (done) => done === 2 && stop.abort() }),
      net.cam(picture(), 0, { off: ['Mixed_9z'] }), net.contributions(picture(), 0, { off: 'Mixed_3b' }), net.profile(picture(), { onProgress: 1 }),
      net.classify(picture(), { statistics: ['Mixed_9z'] }), net.classify(picture(), { statistics: 'all' }), net.classify(picture(), { onModule: true }),
    ];
    const codes = await Promise.all(calls.map((call) => call.then(() => 'done', ({ code }) => code)));
    const { predictions } = await net.classify(picture());
    return { codes, usable: predictions.length };
  });
  const [bad, unknown] = ['bad-option', 'unknown-layer'];
  assert.deepEqual(outcomes.codes, [bad, bad, bad, bad, bad, unknown, bad, bad, unknown, bad, 'aborted', unknown, bad, bad, unknown, bad, bad]);
  assert.equal(outcomes.usable, 5);
});

for (const { device, flags } of [{ device: 'cpu' }, { device: 'webgpu', flags: SWIFTSHADER }]) {
  pageTest(`names each module of a run, and gives statistics without maps (${device})`, { flags }, async (page) => {
    const { seen, modules, given, wanted, layers } = await page.evaluate(async (device) => {
      const { SMALL, picture } = await import('/tests/browser/on-gpu.mjs');
      const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { device, preprocess: SMALL });
      const names = ['Mixed_3b/Branch_1', 'Mixed_5c', 'Logits'];
      const seen = [];
      const brief = await net.classify(picture(), { statistics: names, onModule: (...step) => seen.push(step) });
      const whole = await net.classify(picture(), { layers: names });
      const modules = [...new Set(net.layers.filter(({ kind, module }) => kind !== 'branch' && module).map(({ module }) => module))];
      const wanted = names.map((name) => whole.layers[name].stats);
      return { seen, modules, given: names.map((name) => brief.statistics[name]), wanted, layers: Object.keys(brief.layers) };
    }, device);
    const named = seen.map(([name]) => name);
    assert.deepEqual(named.filter((name) => modules.includes(name)), modules);
    assert.deepEqual(seen.map(([, done]) => done), seen.map((_, i) => i + 1));
    assert.ok(seen.every(([, , total]) => total === seen.length));
    assert.equal(new Set(named).size, named.length);
    assert.equal(given[0].length, 128);
    assert.deepEqual(given, wanted);
    assert.deepEqual(layers, []);
  });

  pageTest(`explains the answer of a network with branches off (${device})`, { flags }, async (page) => {
    const { logits, found } = await page.evaluate(async (device) => {
      const { SMALL, picture } = await import('/tests/browser/on-gpu.mjs');
      const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { device, preprocess: SMALL });
      const off = ['Mixed_5b/Branch_0', 'Mixed_3b/Branch_2'];
      const logitOf = (result) => result.layers.Logits.data[1];
      const logits = [await net.ablate(picture(), { off, layers: ['Logits'] }), await net.classify(picture(), { layers: ['Logits'] })].map(logitOf);
      const found = [];
      for (const options of [{ off }, {}]) {
        const cam = await net.cam(picture(), 1, options);
        const parts = await net.contributions(picture(), 1, options);
        const sum = (values) => values.reduce((a, b) => a + b, 0);
        found.push([sum(cam.data) / cam.data.length, sum(parts.contribution) + parts.bias, parts.logit]);
      }
      return { logits, found };
    }, device);
    assert.ok(Math.abs(logits[0] - logits[1]) > 0.01, 'the branches matter');
    found.forEach((values, i) => values.forEach((value) => assert.ok(Math.abs(value - logits[i]) < 1e-3 * Math.max(1, Math.abs(logits[i])), `${found} of ${logits}`)));
  });

  pageTest(`profiles layer by layer until it is stopped (${device})`, { flags }, async (page) => {
    const { code, last, all, count, usable } = await page.evaluate(async (device) => {
      const { SMALL, picture } = await import('/tests/browser/on-gpu.mjs');
      const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { device, preprocess: SMALL });
      const stop = new AbortController();
      let last = 0;
      const onProgress = (done) => (last = done) === 4 && stop.abort();
      const { code } = await outcomeOf(net.profile(picture(), { signal: stop.signal, onProgress }));
      const usable = (await net.classify(picture())).predictions.length;
      const all = [];
      const times = await net.profile(picture(), { onProgress: (done, total) => all.push([done, total]) });
      return { code, last, all, count: times.length, usable };
    }, device);
    assert.equal(code, 'aborted');
    assert.ok(last >= 4 && last < count, `stopped after ${last} of ${count}`);
    assert.deepEqual(all, Array.from({ length: count }, (_, i) => [i + 1, count]));
    assert.equal(usable, 5);
  });
}
