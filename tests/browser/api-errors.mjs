// Every error code that can be reached, and that nothing hangs.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODEL, ROOT, assertError, pageTest } from './harness.mjs';

pageTest('refuses damaged model files with bad-weights', {}, async (page) => {
  const bytes = readFileSync(join(ROOT, MODEL));
  await page.route('**/damaged/*', (route) => {
    const { pathname } = new URL(route.request().url());
    const [kind] = pathname.split('/').at(-1).split('.');
    const header = Buffer.from(bytes);
    if (kind === 'garbage') header.fill(0xa5, 0, 4096);
    if (kind === 'huge') header.writeBigUInt64LE(0xffff_ffffn);
    const body = { empty: Buffer.alloc(0), short: bytes.subarray(0, 5), truncated: bytes.subarray(0, bytes.length >> 1) }[kind];
    return route.fulfill({ body: body ?? header, contentType: 'application/octet-stream' });
  });
  const outcomes = await page.evaluate(async () => {
    const outcomes = {};
    for (const kind of ['garbage', 'huge', 'empty', 'short', 'truncated']) {
      for (const worker of [true, false]) {
        outcomes[`${kind} ${worker}`] = await outcomeOf(Inception.load(`${base}damaged/${kind}.safetensors`, { worker }));
      }
    }
    return outcomes;
  });
  for (const outcome of Object.values(outcomes)) assertError(outcome, 'bad-weights');
  const messages = new Set(Object.values(outcomes).map(({ message }) => message));
  assert.ok(messages.size >= 4, `each damage is told apart: ${[...messages].join('; ')}`);
});

pageTest('refuses unreadable images with bad-image and goes on', {}, async (page) => {
  const { outcomes, after } = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`);
    const canvas = new OffscreenCanvas(64, 64);
    canvas.getContext('2d').fillRect(5, 5, 20, 20);
    const png = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
    const closed = await createImageBitmap(canvas);
    closed.close();
    const broken = new Image();
    broken.src = 'data:image/png;base64,AAAA';
    const sources = {
      text: new TextEncoder().encode('this is not an image'),
      empty: new Uint8Array(0),
      truncated: png.subarray(0, png.length >> 1),
      blob: new Blob(['GIF89a']),
      closed,
      broken,
      nothing: null,
      number: 7,
      object: {},
      address: 'http://[',
      canvas: document.createElement('canvas'),
    };
    sources.canvas.width = 0;
    const outcomes = {};
    for (const [name, source] of Object.entries(sources)) outcomes[name] = await outcomeOf(net.classify(source));
    return { outcomes, after: await outcomeOf(net.classify(png)) };
  });
  for (const outcome of Object.values(outcomes)) assertError(outcome, 'bad-image');
  assert.match(outcomes.truncated.message, /PNG.*(truncated|damaged)/);
  assert.equal(after.value.predictions.length, 5);
});

pageTest('names an option that cannot be', {}, async (page) => {
  const { loads, runs } = await page.evaluate(async () => {
    const address = `${base}models/googlenet-imagenet.safetensors`;
    const load = {
      device: 'gpu', threads: 0, worker: 1, network: 5, labels: 'cat', preprocess: 'none', modelsUrl: 3, wasmUrl: {},
      workerUrl: [], sha256: 'abc', signal: {}, onProgress: true, onDevice: {}, halfWeights: 16,
    };
    const loads = [];
    for (const [name, value] of Object.entries(load)) {
      loads.push([name, await outcomeOf(Inception.load(address, { [name]: value }))]);
    }
    for (const threads of [1.5, 65, '2', NaN]) loads.push(['threads', await outcomeOf(Inception.load(address, { threads }))]);
    loads.push(['labels', await outcomeOf(Inception.load(address, { labels: ['one', 'two'] }))]);
    loads.push(['colour', await outcomeOf(Inception.load(address, { preprocess: { colour: 'rgb' } }))]);
    loads.push(['filter', await outcomeOf(Inception.load(address, { preprocess: { filter: 'cubic' } }))]);
    loads.push(['options', await outcomeOf(Inception.load(address, null))]);
    for (const model of [7, null, undefined, [], [7], {}]) loads.push(['model', await outcomeOf(Inception.load(model))]);
    const several = [new File(['a'], 'a'), new File(['b'], 'b')];
    loads.push(['sha256', await outcomeOf(Inception.load(several, { sha256: '0'.repeat(64) }))]);
    const net = await Inception.load(address);
    const image = new ImageData(8, 8);
    const run = { topK: -1, threshold: 2, layers: 'Mixed_3b', signal: 'stop' };
    const runs = [];
    for (const [name, value] of Object.entries(run)) runs.push([name, await outcomeOf(net.classify(image, { [name]: value }))]);
    runs.push(['layer', await outcomeOf(net.features(image))]);
    runs.push(['one layer', await outcomeOf(net.features(image, 'all'))]);
    return { loads, runs };
  });
  for (const [name, outcome] of [...loads, ...runs]) assertError(outcome, 'bad-option', new RegExp(name));
});

pageTest('tells unknown models and layers', {}, async (page) => {
  const { model, network, layers } = await page.evaluate(async () => {
    const address = `${base}models/googlenet-imagenet.safetensors`;
    const net = await Inception.load(address);
    const image = new ImageData(8, 8);
    return {
      model: await outcomeOf(Inception.load('no-such-model', { modelsUrl: `${base}models` })),
      network: await outcomeOf(Inception.load(address, { network: 'inception-v9' })),
      layers: [
        await outcomeOf(net.classify(image, { layers: ['Mixed_3b', 'Mixed_9z'] })),
        await outcomeOf(net.features(image, 'Mixed_9z')),
      ],
    };
  });
  assertError(model, 'unknown-model', /no-such-model.*googlenet-imagenet.*models add no-such-model/);
  assertError(network, 'unknown-model', /inception-v9/);
  for (const layer of layers) assertError(layer, 'unknown-layer', /Mixed_9z/);
});

pageTest('names the address that could not be reached', {}, async (page) => {
  await page.route('**/html/*', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><p>Hello' }));
  await page.route('**/gone/*', (route) => route.abort('connectionrefused'));
  const outcomes = await page.evaluate(async () => {
    const address = `${base}models/googlenet-imagenet.safetensors`;
    const net = await Inception.load(address);
    const calls = {
      'none.safetensors': () => Inception.load(`${base}none.safetensors`),
      'gone/model.safetensors': () => Inception.load(`${base}gone/model.safetensors`),
      'gone/catalog.json': () => Inception.load('some-model', { modelsUrl: `${base}gone` }),
      'html/catalog.json': () => Inception.catalog({ modelsUrl: `${base}html/` }),
      'none.png': () => net.classify('/none.png'),
      'gone/picture.png': () => net.classify(new URL('/gone/picture.png', base)),
      'html/model.safetensors': () => Inception.load(`${base}html/model.safetensors`),
      'html/inception_relaxed.wasm': () => Inception.load(address, { wasmUrl: `${base}html` }),
      'gone/inception_relaxed.wasm': () => Inception.load(address, { wasmUrl: `${base}gone/`, worker: false }),
    };
    const outcomes = {};
    for (const [name, call] of Object.entries(calls)) outcomes[name] = await outcomeOf(call());
    return outcomes;
  });
  for (const [name, outcome] of Object.entries(outcomes)) assertError(outcome, 'network', new RegExp(name));
  assert.match(outcomes['none.png'].message, /404/);
  assert.match(outcomes['html/model.safetensors'].message, /web page/);
  assert.match(outcomes['html/inception_relaxed.wasm'].message, /npx inception-web assets --out/);
});

pageTest('says how the file of a catalog\'s id is had where it or the catalog is missing', {}, async (page) => {
  const list = [{ id: 'some-model', url: 'some-model.safetensors' }, { id: 'elsewhere', url: 'http://localhost:9/elsewhere.safetensors' }];
  await page.route('**/listed/catalog.json', (route) => route.fulfill({ json: list }));
  const [bare, listed, entry, elsewhere] = await page.evaluate(async () => [
    await outcomeOf(Inception.load('inception-v3')),
    await outcomeOf(Inception.load('some-model', { modelsUrl: `${base}listed` })),
    await outcomeOf(Inception.load((await Inception.catalog({ modelsUrl: `${base}listed` }))[0], { modelsUrl: `${base}listed` })),
    await outcomeOf(Inception.load('elsewhere', { modelsUrl: `${base}listed` })),
  ]);
  assertError(bare, 'network', /models\/catalog\.json.*404.*npx inception-web models add inception-v3 --out.*modelsUrl/);
  for (const outcome of [listed, entry]) assertError(outcome, 'network', /listed\/some-model\.safetensors.*404.*npx inception-web models add some-model --out/);
  assertError(elsewhere, 'network', /localhost:9/);
  assert.doesNotMatch(elsewhere.message, /models add/);
});

pageTest('says when there is no memory for the activations', {}, async (page) => {
  const preprocess = { width: 4096, height: 4096, resizeTo: 4096 };
  const outcome = await page.evaluate(
    (preprocess) => outcomeOf(Inception.load(`${base}models/googlenet-imagenet.safetensors`, { worker: false, preprocess })),
    preprocess,
  );
  assertError(outcome, 'out-of-memory', /the engine|bytes/);
});

pageTest('says what the browser lacks', {}, async (page) => {
  const outcome = await page.evaluate(() => {
    WebAssembly.validate = () => false;
    return outcomeOf(Inception.load(`${base}models/googlenet-imagenet.safetensors`, { worker: false }));
  });
  assertError(outcome, 'unsupported', /SIMD/);
});

pageTest('refuses wasm that does not compile', {}, async (page) => {
  await page.route('**/broken/*', (route) =>
    route.fulfill({ contentType: 'application/wasm', body: Buffer.from('\0asm\x01\0\0\0nonsense') }),
  );
  const outcome = await page.evaluate(() =>
    outcomeOf(Inception.load(`${base}models/googlenet-imagenet.safetensors`, { wasmUrl: `${base}broken/` })),
  );
  assertError(outcome, 'unsupported', /broken\/inception_relaxed\.wasm/);
});

pageTest('a script that is no worker of the package is told from one', {}, async (page) => {
  const outcome = await page.evaluate(() => {
    const { setTimeout } = globalThis;
    // A minute passes at once.
    globalThis.setTimeout = (work, ms, ...rest) => setTimeout(work, ms >= 30_000 ? 500 : ms, ...rest);
    return outcomeOf(Inception.load(`${base}models/googlenet-imagenet.safetensors`, { workerUrl: 'data:text/javascript,0' }));
  });
  assertError(outcome, 'network', /data:text\/javascript,0 has said nothing for 60 s/);
});

pageTest('addresses that are none are refused where they are said', {}, async (page) => {
  const outcomes = await page.evaluate(async () => {
    const run = async (work) => outcomeOf((async () => work())());
    return [
      await run(() => Inception.configure({ assetsUrl: 'http://[' })),
      await run(() => Inception.cache.clear('http://[')),
      await run(() => Inception.load('model', { modelsUrl: 'http://[' })),
      await run(() => Inception.catalog()),
    ];
  });
  for (const outcome of outcomes.slice(0, 3)) assertError(outcome, 'bad-option', /http:\/\/\[.*an address/);
  assert.equal(outcomes[3].code, 'network', 'what was refused is not kept');
});

for (const [script, message, code = 'internal'] of [
  ['fails.mjs', /this worker is broken/],
  ['none.mjs', /worker script http.*\/none\.mjs did not load: .*assets --out/, 'network'],
  ['dies-helping.mjs', /this thread is gone/],
]) {
  pageTest(`rejects all calls when a worker fails: ${script}`, {}, async (page) => {
    const outcome = await page.evaluate(
      (script) =>
        outcomeOf(
          Inception.load(`${base}models/googlenet-imagenet.safetensors`, {
            threads: 2,
            workerUrl: `/tests/browser/workers/${script}`,
          }),
        ),
      script,
    );
    assertError(outcome, code, message);
  });
}

pageTest('rejects pending and later calls when a running engine fails', {}, async (page) => {
  const outcomes = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, {
      threads: 1,
      workerUrl: '/tests/browser/workers/fails-at-runs.mjs',
    });
    const calls = [net.classify(new ImageData(8, 8)), net.embed(new ImageData(8, 8))].map(outcomeOf);
    const pending = await Promise.all(calls);
    return [...pending, await outcomeOf(net.classify(new ImageData(8, 8)))];
  });
  for (const outcome of outcomes) assertError(outcome, 'internal', /no runs today/);
});

pageTest('reports a panic as internal, a refused allocation as out-of-memory, and then refuses calls', {}, async (page) => {
  const reports = await page.evaluate(async () => {
    // A page's bundle has a class of its own.
    const [{ Guard }, { InceptionError }] = await Promise.all([import('/pkg/dist/engine/guard.js'), import('/pkg/dist/shared/errors.js')]);
    const outcomeOf = (/** @type {Promise<unknown>} */ promise) =>
      promise.then((value) => ({ value }), (error) => ({ code: error.code, message: error.message, typed: error instanceof InceptionError }));
    const trapping = Uint8Array.from([
      0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0, 10, 5, 1, 3, 0, 0, 0x0b,
    ]);
    const { instance } = await WebAssembly.instantiate(trapping);
    return Promise.all(
      [undefined, 'panicked at x.rs:1: index out of bounds', 'memory allocation of 64 bytes failed'].map(async (panic) => {
        const guard = new Guard({ take_panic: () => panic });
        const first = await outcomeOf((async () => guard.call(() => instance.exports.f()))());
        const second = await outcomeOf((async () => guard.call(() => 1))());
        return [first, second];
      }),
    );
  });
  const codes = ['out-of-memory', 'internal', 'out-of-memory'];
  reports.forEach(([first, second], i) => {
    assertError(first, codes[i]);
    assert.deepEqual(second, first);
  });
  assert.match(reports[1][0].message, /index out of bounds/);
});

pageTest('an error keeps its code on its way to another thread where its toJSON is sent', {}, async (page) => {
  const sent = await page.evaluate(async () => {
    const net = await Inception.load(`${base}models/googlenet-imagenet.safetensors`, { threads: 1 });
    const error = await net.classify(new Uint8Array(3)).catch((error) => error);
    const inBatch = await net.classifyBatch([new Uint8Array(3)]).catch((error) => error);
    return [structuredClone(error.toJSON()), JSON.parse(JSON.stringify(inBatch)), error.message, inBatch.message];
  });
  const [one, indexed, message, inBatch] = sent;
  assert.deepEqual(one, { name: 'InceptionError', code: 'bad-image', message });
  assert.deepEqual(indexed, { name: 'InceptionError', code: 'bad-image', message: inBatch, index: 0 });
});
