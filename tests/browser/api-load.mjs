// Loading: sources, options, progress, threads.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fraction } from '../../pkg/src/client/fraction.js';
import { ThreadTuner } from '../../pkg/src/engine/thread-tuner.js';
import { WORKER, wasmBytes } from '../bench/memory.mjs';
import { FILTER, MODEL, ROOT, assertError, pageTest, withoutSharedMemory } from './harness.mjs';

/** A small network's activations weigh more beside its weights. @type {{ network: string, model: string, needs?: ['nsfw'], most: number }[]} */
const MEMORY = [
  { network: 'GoogLeNet', model: MODEL, most: 2.8 },
  { network: 'Inception-v3', model: FILTER, needs: ['nsfw'], most: 1.7 },
];

pageTest('loads a catalog model and reports its progress', {}, async (page) => {
  const { info, layers, progress } = await page.evaluate(async () => {
    const progress = [];
    const net = await Inception.load('googlenet-imagenet', {
      modelsUrl: `${base}models`,
      onProgress: (step) => progress.push(step),
    });
    return { info: net.info, layers: net.layers, progress };
  });
  assert.equal(info.id, 'googlenet-imagenet');
  assert.equal(info.classes, 1000);
  assert.deepEqual([info.labels.length, info.labels[0], info.labels[285], info.labels[999]], [1000, 'tench', 'Egyptian cat', 'toilet tissue']);
  assert.deepEqual(info.input, [3, 224, 224]);
  assert.equal(info.device, 'cpu');
  assert.equal(info.deviceReason, 'the browser offers no GPU');
  assert.equal(info.adapter, null);
  assert.ok(!('labelsName' in info) && !('classOffset' in info));

  const stage = (name) => progress.filter((step) => step.stage === name);
  const bytes = statSync(join(ROOT, MODEL)).size;
  assert.deepEqual(stage('download').at(-1), { stage: 'download', loaded: bytes, total: bytes });
  assert.deepEqual(stage('compile').map((step) => step.loaded), [0, 1]);
  const weighted = layers.filter((layer) => layer.params > 0).length;
  assert.deepEqual(stage('prepare').at(-1), { stage: 'prepare', loaded: weighted, total: weighted });
  for (const name of ['download', 'compile', 'prepare']) {
    const loaded = stage(name).map((step) => step.loaded);
    assert.deepEqual(loaded, [...loaded].sort((a, b) => a - b), `${name} never goes back`);
  }

  const last = layers.find((layer) => layer.name === 'Mixed_5c');
  assert.deepEqual(last.shape, [1024, 7, 7]);
  assert.deepEqual(layers.at(-1).shape, [1000, 1, 1]);
});

pageTest('takes as many threads as there are processors in an isolated page', {}, async (page) => {
  const { info, processors } = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`);
    return { info: net.info, processors: navigator.hardwareConcurrency };
  });
  assert.equal(info.simd, 'relaxed');
  assert.deepEqual(info.threads, {
    requested: 'auto',
    used: Math.min(processors, 8),
    reason: `${processors} logical processors`,
  });
});

pageTest('takes as many threads as requested', {}, async (page) => {
  const infos = await page.evaluate(async () => {
    const infos = [];
    for (const threads of [1, 2, 3]) {
      const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { threads });
      infos.push({ simd: net.info.simd, ...net.info.threads });
      net.dispose();
    }
    return infos;
  });
  const wanted = (threads) => ({ simd: 'relaxed', requested: threads, used: threads, reason: 'as requested' });
  assert.deepEqual(infos, [1, 2, 3].map(wanted));
});

test('of several numbers of threads the fastest is kept', () => {
  /** How many threads remain, and every number that ran, where a run takes this many milliseconds with each number. */
  const tuned = (/** @type {number} */ threads, /** @type {Record<number, number>} */ ms, kinds = ['one']) => {
    const ran = [threads];
    const tuner = new ThreadTuner(threads, (most) => ran.push(most));
    for (let run = 0; run < 20; run++) {
      const kind = kinds[run % kinds.length] ?? '';
      // The first runs are slow, another kind takes three times as long, and now and then something else takes time.
      tuner.note(kind, ms[tuner.threads] * (run < kinds.length && run < 2 ? 5 : 1) * (kind === 'another' ? 3 : 1) * (run % 4 === 3 ? 2 : 1));
    }
    return { ran, threads: tuner.threads, isOpen: tuner.isOpen };
  };
  assert.deepEqual(tuned(4, { 4: 100, 2: 60 }), { ran: [4, 2], threads: 2, isOpen: false });
  assert.deepEqual(tuned(4, { 4: 60, 2: 100 }), { ran: [4, 2, 4], threads: 4, isOpen: false });
  assert.deepEqual(tuned(4, { 4: 100, 2: 97 }), { ran: [4, 2, 4], threads: 4, isOpen: false });
  assert.deepEqual(tuned(8, { 8: 100, 4: 60, 2: 70 }), { ran: [8, 4, 2, 4], threads: 4, isOpen: false });
  assert.deepEqual(tuned(8, { 8: 100, 4: 60, 2: 40 }), { ran: [8, 4, 2], threads: 2, isOpen: false });
  assert.deepEqual(tuned(3, { 3: 100, 2: 60 }), { ran: [3, 2], threads: 2, isOpen: false });
  for (const threads of [1, 2]) assert.deepEqual(tuned(threads, { 1: 1, 2: 100 }), { ran: [threads], threads, isOpen: false });
  // Runs of different kinds say nothing of one another, and may come in turns, as an answer and its class map do.
  assert.deepEqual(tuned(4, { 4: 100, 2: 60 }, ['one', 'another']), { ran: [4, 2], threads: 2, isOpen: false });
  assert.deepEqual(tuned(4, { 4: 60, 2: 100 }, ['one', 'another']), { ran: [4, 2, 4], threads: 4, isOpen: false });
  // Where those that were measured do not come again, nothing is known of the smaller number.
  assert.deepEqual(tuned(4, { 4: 100, 2: 1 }, ['one', 'one', 'one', ...Array.from({ length: 17 }, (_, i) => `other ${i}`)]), { ran: [4, 2, 4], threads: 4, isOpen: false });
});

pageTest('runs with fewer threads where a browser tells of more processors than are fast', {}, async (page) => {
  const { first, last, tops } = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { workerUrl: '/tests/browser/workers/claims-six-processors.mjs' });
    const first = net.info.threads;
    const tops = [];
    for (let run = 0; run < 12; run++) {
      const [top] = (await net.classify(new ImageData(new Uint8ClampedArray(4 * 64).fill(200), 8))).predictions;
      tops.push(`${top.index} ${top.probability.toFixed(6)}`);
    }
    return { first, last: net.info.threads, tops: [...new Set(tops)] };
  });
  assert.deepEqual(first, { requested: 'auto', used: 6, reason: '6 logical processors' });
  const reason = last.used === 6 ? first.reason : `${first.reason}; ${last.used} threads were faster`;
  assert.deepEqual(last, { requested: 'auto', used: last.used, reason });
  assert.ok([2, 3, 6].includes(last.used), String(last.used));
  assert.equal(tops.length, 1, 'every number of threads gives the same answer');
});

pageTest('has one thread in a page that is not isolated', { isolated: false }, async (page) => {
  const infos = await page.evaluate(async () => {
    const address = `${base}models/googlenet-imagenet.safetensors`;
    const nets = await Promise.all([Inception.load(address, { threads: 4 }), Inception.load(address, { worker: false })]);
    return nets.map((net) => ({ simd: net.info.simd, ...net.info.threads }));
  });
  const reason = 'the page is not cross-origin isolated';
  assert.deepEqual(infos, [
    { simd: 'relaxed', requested: 4, used: 1, reason },
    { simd: 'relaxed', requested: 'auto', used: 1, reason },
  ]);
});

for (const [what, error, most] of [['without shared memory', 'TypeError', 0], ['that has little room for shared memory', 'RangeError', 1]]) {
  pageTest(`does without relaxed SIMD in a browser ${what}`, { isolated: false }, async (page) => {
    await page.evaluate(withoutSharedMemory, { error, most });
    const { simd, top } = await page.evaluate(async () => {
      const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { worker: false });
      const { predictions } = await net.classify(new ImageData(8, 8));
      return { simd: net.info.simd, top: predictions.length };
    });
    assert.deepEqual([simd, top], ['simd128', 5]);
  });
}

for (const { network, model, needs, most } of MEMORY) {
  pageTest(`takes at most ${most} times the f32 weights of ${network}, the file still in memory`, { needs }, async (page) => {
    const file = statSync(join(ROOT, model)).size;
    const weights = await page.evaluate(async (given) => {
      const [model, workerUrl] = given;
      globalThis.net = await Inception.load(base + model, { threads: 1, workerUrl });
      return 4 * net.info.params;
    }, [model, WORKER]);
    const loaded = (await wasmBytes(page)) + file;
    assert.ok(loaded > weights, 'that is all of it');
    assert.ok(loaded <= most * weights, `${loaded / weights} after the load`);
    await page.evaluate(() => net.classify(new ImageData(299, 299)));
    const run = (await wasmBytes(page)) + file;
    assert.ok(run <= most * weights, `${run / weights} after a run`);
  });
}

pageTest('has one thread without a worker', {}, async (page) => {
  const info = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { worker: false, threads: 2 });
    return net.info;
  });
  assert.equal(info.threads.used, 1);
  assert.match(info.threads.reason, /worker: false/);
});

pageTest('goes on with one thread when helper workers do not start', {}, async (page) => {
  const { info, outcome } = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, {
      threads: 2,
      workerUrl: '/tests/browser/workers/refuses-to-help.mjs',
    });
    return { info: net.info, outcome: await outcomeOf(net.classify(new ImageData(8, 8))) };
  });
  assert.equal(info.threads.used, 1);
  assert.match(info.threads.reason, /helper worker did not start.*no helping today/);
  assert.equal(outcome.value.predictions.length, 5);
});

pageTest('takes a model from an address, bytes, a blob or files', {}, async (page) => {
  const loads = await page.evaluate(async () => {
    const address = `${base}models/googlenet-imagenet.safetensors`;
    const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
    const sources = {
      address,
      relative: '../../models/googlenet-imagenet.safetensors',
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
    assert.deepEqual(load, ['googlenet', loads.address[1], loads.address[2], bytes], name);
  }
});

pageTest('every load ends with a report that all layers are prepared, however many were during the download', {}, async (page) => {
  const ends = await page.evaluate(async () => {
    const address = `${base}models/googlenet-imagenet.safetensors`;
    const bytes = await (await fetch(address)).arrayBuffer();
    const ends = [];
    for (const model of [address, address, bytes, new URL(address)]) {
      for (const worker of [true, false]) {
        const reports = [];
        const fractions = [];
        const advance = fraction((done) => fractions.push(done));
        const net = await Inception.load(model, { worker, cache: false, onProgress: (report) => (reports.push(report), advance(report)) });
        net.dispose();
        ends.push({ last: reports.at(-1), fractions });
      }
    }
    return ends;
  });
  assert.equal(ends.length, 8);
  for (const { last, fractions } of ends) {
    assert.equal(last.stage, 'prepare');
    assert.ok(last.total > 50 && last.loaded === last.total);
    assert.equal(fractions.at(-1), 1);
    assert.ok(fractions.every((one, i) => one >= 0 && (i === 0 || one > fractions[i - 1])), 'it only rises');
  }
});

test('one figure for all stages never goes back, whatever comes', () => {
  const figures = [];
  const advance = fraction((figure) => figures.push(figure));
  const download = (loaded, total) => advance({ stage: 'download', loaded, total });
  for (const [loaded, total] of [[0, null], [1e6, null], [4e7, null], [0, 1e8], [5e7, 1e8], [6e7, null], [1e8, 1e8]]) download(loaded, total);
  assert.ok(figures.length > 2 && figures.every((figure, i) => figure < 1 && (i === 0 || figure > figures[i - 1])), `${figures}`);
  for (const loaded of [1, 2, 1, 2]) advance({ stage: 'prepare', loaded, total: 2 });
  assert.equal(figures.at(-1), 1);
  assert.ok(figures.every((figure, i) => i === 0 || figure > figures[i - 1]));
});

pageTest('takes the total of a compressed file from the catalog, and says null where nothing tells it', {}, async (page) => {
  const { listed, totals } = await page.evaluate(async () => {
    const original = fetch;
    globalThis.fetch = async (url, init) => {
      const response = await original(url, init);
      return String(url).endsWith('.safetensors') ? new Response(response.body) : response;
    };
    const load = async (model) => {
      const totals = [];
      const onProgress = ({ stage, loaded, total }) => stage === 'download' && totals.push([loaded, total]);
      await Inception.load(model, { worker: false, cache: false, modelsUrl: `${base}models`, onProgress });
      return totals;
    };
    return { listed: await load('googlenet-imagenet'), totals: await load(`${base}models/googlenet-imagenet.safetensors`) };
  });
  const bytes = statSync(join(ROOT, MODEL)).size;
  for (const all of [totals, listed]) {
    assert.ok(all.length > 2);
    assert.deepEqual(all.at(-1), [bytes, bytes]);
  }
  assert.ok(listed.every(([, total]) => total === bytes));
  assert.ok(totals.slice(0, -1).every(([, total]) => total === null));
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

pageTest('checks the checksum that is asked for', {}, async (page) => {
  const [right, wrong] = await page.evaluate(async () => {
    const address = `${base}models/googlenet-imagenet.safetensors`;
    const digest = await crypto.subtle.digest('SHA-256', await (await fetch(address)).arrayBuffer());
    const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
    return [
      await outcomeOf(Inception.load(address, { sha256 }).then((net) => net.info.classes)),
      await outcomeOf(Inception.load(address, { sha256: sha256.replace(/^./, (c) => (c === '0' ? '1' : '0')) })),
    ];
  });
  assert.deepEqual(right, { value: 1000 });
  assert.equal(wrong.code, 'integrity');
});

pageTest('loads two models at once', {}, async (page) => {
  const tops = await page.evaluate(async () => {
    const address = `${base}models/googlenet-imagenet.safetensors`;
    const image = new ImageData(64, 64);
    const loads = [{}, {}, { worker: false }, { worker: false }].map((options) => Inception.load(address, options));
    const results = await Promise.all(loads.map(async (load) => (await load).classify(image)));
    return results.map((result) => result.predictions.map(({ index, probability }) => [index, probability.toFixed(4)]));
  });
  for (const top of tops) assert.deepEqual(top, tops[0]);
});

pageTest('loads that share a model have one worker, each its own life', {}, async (page) => {
  const seen = await page.evaluate(async () => {
    const workers = [];
    const Original = Worker;
    globalThis.Worker = class extends Original {
      constructor(...args) {
        super(...args);
        workers.push(this);
      }
    };
    const address = `${base}models/googlenet-imagenet.safetensors`;
    const image = new ImageData(8, 8);
    const options = { shared: true, threads: 1 };
    const stop = new AbortController();
    const reports = [0, 0];
    const loads = [0, 1].map((i) => Inception.load(address, { ...options, onProgress: () => (reports[i] += 1) }));
    const stopped = outcomeOf(Inception.load(address, { ...options, signal: stop.signal }));
    stop.abort();
    const [a, b] = await Promise.all(loads);
    const opened = workers.length;
    const other = await Inception.load(address, { ...options, halfWeights: true });
    const bytes = await (await fetch(address)).arrayBuffer();
    const given = await Inception.load(bytes, options);
    const apart = workers.length;
    const inPage = await Inception.load(address, { ...options, worker: false });
    const isInPage = performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/page-engine.js'));
    inPage.dispose();
    const want = await b.classify(image);
    const pending = outcomeOf(a.classify(image));
    a.dispose();
    const after = [await pending, await outcomeOf(a.classify(image)), await outcomeOf(b.classify(image))];
    let told;
    const late = await Inception.load(address, { ...options, onProgress: (progress) => (told = progress) });
    const same = workers.length;
    b.dispose();
    late.dispose();
    const fresh = await Inception.load(address, options);
    const again = await fresh.classify(image);
    [other, given, fresh].forEach((net) => net.dispose());
    return { isInPage, told, stopped: await stopped, reports, opened, apart, after, same, last: workers.length, want: want.predictions, again: again.predictions };
  });
  assertError(seen.stopped, 'aborted', /aborted/);
  assert.equal(seen.opened, 1, 'two loads and one that was stopped have one worker');
  assert.ok(seen.reports.every((count) => count > 2), 'each is told of the progress');
  assert.equal(seen.apart, 3, 'other options and bytes have their own');
  assert.ok(seen.isInPage, 'without a worker it is another, too');
  assertError(seen.after[0], 'disposed', /disposed/);
  assertError(seen.after[1], 'disposed', /disposed/);
  assert.deepEqual(seen.after[2].value.predictions, seen.want);
  assert.equal(seen.same, 3, 'who comes later takes part');
  assert.ok(seen.told.stage === 'prepare' && seen.told.loaded === seen.told.total, 'and is told that all is done');
  assert.equal(seen.last, 4, 'after the last has gone it is loaded anew');
  assert.deepEqual(seen.again, seen.want);
});

pageTest('a shared model that failed is loaded anew', {}, async (page) => {
  const [failed, net] = await page.evaluate(async () => {
    const address = `${base}models/googlenet-imagenet.safetensors`;
    const load = () => Inception.load(address, { shared: true, threads: 1 });
    const opened = [];
    const Original = Worker;
    globalThis.Worker = class extends Original {
      constructor(...args) {
        super(...args);
        opened.push(this);
      }
    };
    const net = await load();
    const failed = outcomeOf(net.classify(new ImageData(8, 8)));
    opened[0].dispatchEvent(new ErrorEvent('error', { message: 'gone', cancelable: true }));
    return [await failed, await outcomeOf(load().then((other) => other.classify(new ImageData(8, 8))))];
  });
  assertError(failed, 'internal', /gone/);
  assert.equal(net.value.predictions.length, 5);
});

pageTest('lets labels and preprocessing be replaced', {}, async (page) => {
  const { info, top } = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, {
      labels: Array.from({ length: 1000 }, (_, i) => `number ${i}`),
      preprocess: { filter: 'bilinear', resizeTo: 240 },
    });
    const { predictions } = await net.classify(new ImageData(32, 32), { topK: 1 });
    return { info: net.info, top: predictions[0] };
  });
  assert.equal(info.labels[999], 'number 999');
  assert.deepEqual([info.preprocess.filter, info.preprocess.resizeTo, info.preprocess.width], ['bilinear', 240, 224]);
  assert.equal(top.label, `number ${top.index}`);
});

pageTest('lists the catalog', {}, async (page) => {
  const entries = await page.evaluate(() => Inception.catalog({ modelsUrl: `${base}models/` }));
  const offline = entries.filter((entry) => entry.offline).map((entry) => entry.id);
  assert.equal(offline[0], 'googlenet-imagenet', 'the default');
});
