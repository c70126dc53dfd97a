// Loading: sources, options, progress, threads.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { wasmBytes } from '../bench/memory.mjs';
import { MODEL, ROOT, pageTest } from './harness.mjs';

const MODEL_NEEDS = { needs: /** @type {const} */ (['model']) };

pageTest('loads a catalog model and reports its progress', MODEL_NEEDS, async (page) => {
  const { info, layers, progress } = await page.evaluate(async () => {
    const progress = [];
    const net = await Inception.load('nsfw-inception-v3', {
      modelsUrl: `${base}models`,
      onProgress: (step) => progress.push(step),
    });
    return { info: net.info, layers: net.layers, progress };
  });
  assert.equal(info.id, 'nsfw-inception-v3');
  assert.equal(info.classes, 5);
  assert.deepEqual(info.labels, ['Drawing', 'Hentai', 'Neutral', 'Porn', 'Sexy']);
  assert.deepEqual(info.input, [3, 299, 299]);
  assert.equal(info.device, 'cpu');
  assert.equal(info.deviceReason, 'the browser offers no GPU');
  assert.equal(info.adapter, null);
  assert.ok(!('labelsName' in info) && !('classOffset' in info));

  const stage = (name) => progress.filter((step) => step.stage === name);
  const bytes = statSync(join(ROOT, MODEL)).size;
  assert.deepEqual(stage('download').at(-1), { stage: 'download', loaded: bytes, total: bytes });
  assert.deepEqual(stage('compile').map((step) => step.loaded), [0, 1]);
  const weighted = layers.filter((layer) => layer.params > 0).length;
  assert.deepEqual(stage('prepare').map((step) => step.loaded), Array.from({ length: weighted }, (_, i) => i + 1));
  for (const name of ['download', 'compile', 'prepare']) {
    const loaded = stage(name).map((step) => step.loaded);
    assert.deepEqual(loaded, [...loaded].sort((a, b) => a - b), `${name} never goes back`);
  }

  const last = layers.find((layer) => layer.name === 'Mixed_7c');
  assert.deepEqual(last.shape, [2048, 8, 8]);
  assert.deepEqual(layers.at(-1).shape, [5, 1, 1]);
});

pageTest('takes as many threads as there are processors in an isolated page', MODEL_NEEDS, async (page) => {
  const { info, processors } = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/nsfw-inception-v3.safetensors`);
    return { info: net.info, processors: navigator.hardwareConcurrency };
  });
  assert.equal(info.simd, 'relaxed');
  assert.deepEqual(info.threads, {
    requested: 'auto',
    used: Math.min(processors, 8),
    reason: `${processors} logical processors`,
  });
});

pageTest('takes as many threads as requested', MODEL_NEEDS, async (page) => {
  const infos = await page.evaluate(async () => {
    const infos = [];
    for (const threads of [1, 2, 3]) {
      const net = await Inception.load(`${base}models/nsfw-inception-v3.safetensors`, { threads });
      infos.push({ simd: net.info.simd, ...net.info.threads });
      net.dispose();
    }
    return infos;
  });
  const wanted = (threads) => ({ simd: 'relaxed', requested: threads, used: threads, reason: 'as requested' });
  assert.deepEqual(infos, [1, 2, 3].map(wanted));
});

pageTest('has one thread in a page that is not isolated', { ...MODEL_NEEDS, isolated: false }, async (page) => {
  const infos = await page.evaluate(async () => {
    const address = `${base}models/nsfw-inception-v3.safetensors`;
    const nets = await Promise.all([Inception.load(address, { threads: 4 }), Inception.load(address, { worker: false })]);
    return nets.map((net) => ({ simd: net.info.simd, ...net.info.threads }));
  });
  const reason = 'the page is not cross-origin isolated';
  assert.deepEqual(infos, [
    { simd: 'simd128', requested: 4, used: 1, reason },
    { simd: 'simd128', requested: 'auto', used: 1, reason },
  ]);
});

pageTest('takes at most 1.7 times the f32 weights of Inception-v3, the file still in memory', MODEL_NEEDS, async (page) => {
  const file = statSync(join(ROOT, MODEL)).size;
  const { weights, simd } = await page.evaluate(async () => {
    globalThis.net = await Inception.load(`${base}models/nsfw-inception-v3.safetensors`, { threads: 1 });
    return { weights: 4 * net.info.params, simd: net.info.simd };
  });
  const loaded = (await wasmBytes(page, simd)) + file;
  assert.ok(loaded > weights, 'that is all of it');
  assert.ok(loaded <= 1.7 * weights, `${loaded / weights} after the load`);
  await page.evaluate(() => net.classify(new ImageData(299, 299)));
  const run = (await wasmBytes(page, simd)) + file;
  assert.ok(run <= 1.7 * weights, `${run / weights} after a run`);
});

pageTest('has one thread without a worker', MODEL_NEEDS, async (page) => {
  const info = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/nsfw-inception-v3.safetensors`, { worker: false, threads: 2 });
    return net.info;
  });
  assert.equal(info.threads.used, 1);
  assert.match(info.threads.reason, /worker: false/);
});

pageTest('goes on with one thread when helper workers do not start', MODEL_NEEDS, async (page) => {
  const { info, outcome } = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/nsfw-inception-v3.safetensors`, {
      threads: 2,
      workerUrl: '/tests/browser/workers/refuses-to-help.mjs',
    });
    return { info: net.info, outcome: await outcomeOf(net.classify(new ImageData(8, 8))) };
  });
  assert.equal(info.threads.used, 1);
  assert.match(info.threads.reason, /helper worker did not start.*no helping today/);
  assert.equal(outcome.value.predictions.length, 5);
});

pageTest('takes a model from an address, bytes, a blob or files', MODEL_NEEDS, async (page) => {
  const loads = await page.evaluate(async () => {
    const address = `${base}models/nsfw-inception-v3.safetensors`;
    const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
    const sources = {
      address,
      relative: '../../models/nsfw-inception-v3.safetensors',
      url: new URL(address),
      bytes,
      buffer: bytes.buffer,
      blob: new Blob([bytes]),
      file: new File([bytes], 'some.safetensors'),
      files: [new File([bytes], 'some.safetensors')],
    };
    const loads = {};
    for (const [name, source] of Object.entries(sources)) {
      const net = await Inception.load(source);
      loads[name] = [net.info.id, net.info.title, net.info.params, bytes.length];
      net.dispose();
    }
    return loads;
  });
  const bytes = statSync(join(ROOT, MODEL)).size;
  for (const [name, load] of Object.entries(loads)) {
    assert.deepEqual(load, ['inception-v3-slim', loads.address[1], loads.address[2], bytes], name);
  }
});

pageTest('says null for the total while a server does not tell it', MODEL_NEEDS, async (page) => {
  const totals = await page.evaluate(async () => {
    const original = fetch;
    globalThis.fetch = async (url, init) => {
      const response = await original(url, init);
      return String(url).endsWith('.safetensors') ? new Response(response.body) : response;
    };
    const totals = [];
    await Inception.load(`${base}models/nsfw-inception-v3.safetensors`, {
      worker: false,
      onProgress: ({ stage, loaded, total }) => stage === 'download' && totals.push([loaded, total]),
    });
    return totals;
  });
  assert.ok(totals.length > 1);
  assert.equal(totals.at(-1)[0], statSync(join(ROOT, MODEL)).size);
  assert.ok(totals.every(([, total]) => total === null));
});

pageTest("fetches the shards of a TF.js layers model's json", {}, async (page) => {
  const asked = [];
  await page.route('**/layers/*', (route) => {
    const name = new URL(route.request().url()).pathname.split('/').at(-1);
    asked.push(name);
    const json = JSON.stringify({ weightsManifest: [{ paths: ['a.bin', 'b.bin'], weights: [] }] });
    return route.fulfill(name === 'model.json' ? { json: JSON.parse(json) } : { body: Buffer.alloc(16) });
  });
  const outcome = await page.evaluate(() => outcomeOf(Inception.load(`${base}layers/model.json`)));
  assert.deepEqual(asked.sort(), ['a.bin', 'b.bin', 'model.json']);
  assert.equal(outcome.code, 'bad-weights');
});

pageTest('checks the checksum that is asked for', MODEL_NEEDS, async (page) => {
  const [right, wrong] = await page.evaluate(async () => {
    const address = `${base}models/nsfw-inception-v3.safetensors`;
    const digest = await crypto.subtle.digest('SHA-256', await (await fetch(address)).arrayBuffer());
    const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
    return [
      await outcomeOf(Inception.load(address, { sha256 }).then((net) => net.info.classes)),
      await outcomeOf(Inception.load(address, { sha256: sha256.replace(/^./, (c) => (c === '0' ? '1' : '0')) })),
    ];
  });
  assert.deepEqual(right, { value: 5 });
  assert.equal(wrong.code, 'integrity');
});

pageTest('loads two models at once', MODEL_NEEDS, async (page) => {
  const tops = await page.evaluate(async () => {
    const address = `${base}models/nsfw-inception-v3.safetensors`;
    const image = new ImageData(64, 64);
    const loads = [{}, {}, { worker: false }, { worker: false }].map((options) => Inception.load(address, options));
    const results = await Promise.all(loads.map(async (load) => (await load).classify(image)));
    return results.map((result) => result.predictions.map(({ index, probability }) => [index, probability.toFixed(4)]));
  });
  for (const top of tops) assert.deepEqual(top, tops[0]);
});

pageTest('lets labels and preprocessing be replaced', MODEL_NEEDS, async (page) => {
  const { info, top } = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/nsfw-inception-v3.safetensors`, {
      labels: ['a', 'b', 'c', 'd', 'e'],
      preprocess: { filter: 'bicubic' },
    });
    const { predictions } = await net.classify(new ImageData(32, 32), { topK: 1 });
    return { info: net.info, top: predictions[0] };
  });
  assert.deepEqual(info.labels, ['a', 'b', 'c', 'd', 'e']);
  assert.equal(info.preprocess.filter, 'bicubic');
  assert.equal(top.label, 'abcde'[top.index]);
});

pageTest('lists the catalog', {}, async (page) => {
  const entries = await page.evaluate(() => Inception.catalog({ modelsUrl: `${base}models/` }));
  const offline = entries.filter((entry) => entry.offline).map((entry) => entry.id);
  assert.deepEqual(offline, ['nsfw-inception-v3']);
});
