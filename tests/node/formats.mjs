// Checkpoints of every format in Node.js, as their exporters write them.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { filesBeside } from '../../pkg/dist/engine/beside.js';
import { Engine } from '../../pkg/dist/engine/engine.js';
import { Gunzip } from '../../pkg/dist/engine/gunzip.js';
import { Inception } from '../../pkg/dist/node/index.js';
import { ONE_EACH, answer, fixture } from '../browser/fixture.mjs';
import { MODEL, ROOT, nodeTest } from './package.mjs';

/** Of the spread of the logits, as tests/reference asks. */
const TOLERANCE = 2e-4;

const read = (path) => readFile(join(ROOT, 'tests/reference/formats', path));

/**
 * @param {import('node:test').TestContext} t
 * @param {import('node:http').RequestListener} answer
 * @returns {Promise<string>} the address of a server that lives as long as the test
 */
async function served(t, answer) {
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}/`;
}

for (const [format, name] of Object.entries(ONE_EACH)) {
  nodeTest(`${format}: ${name} answers as its framework does`, async () => {
    const { error } = await answer(Engine, name, read);
    assert.ok(error < TOLERANCE, `${error}`);
  });
}

nodeTest('a compressed file is what it was before, a damaged one is told', async () => {
  const packed = gzipSync(await readFile(MODEL));
  const net = await Inception.load(new File([packed], 'googlenet.safetensors.gz'));
  assert.equal(net.info.network, 'googlenet');
  net.dispose();
  await assert.rejects(Inception.load(new File([packed.subarray(0, 1 << 20)], 'cut.safetensors.gz')), { code: 'bad-weights', message: /cut\.safetensors\.gz is compressed and damaged or cut short/ });
});

nodeTest('a compressed file at an address is unpacked while it comes', async (_, t) => {
  const packed = gzipSync(await readFile(MODEL));
  const half = packed.length >> 1;
  // What has been unpacked once the server has sent the first half; it sends no more before.
  let unpacked = 0;
  let goOn = () => {};
  const enough = new Promise((resolve) => (goOn = resolve));
  const Original = globalThis.DecompressionStream;
  t.after(() => (globalThis.DecompressionStream = Original));
  globalThis.DecompressionStream = class {
    constructor(format) {
      const { readable, writable } = new Original(format);
      const count = new TransformStream({
        transform(part, controller) {
          if ((unpacked += part.length) > 1 << 20) goOn();
          controller.enqueue(part);
        },
      });
      Object.assign(this, { writable, readable: readable.pipeThrough(count) });
    }
  };
  let isCut = false;
  const address = await served(t, async (request, response) => {
    response.writeHead(200, { 'content-length': packed.length, 'content-type': 'application/octet-stream', etag: '"1"' });
    response.write(packed.subarray(0, half));
    await enough;
    if (isCut) packed.fill(0, half);
    response.end(packed.subarray(half));
  });
  const sha256 = createHash('sha256').update(packed).digest('hex');
  // In this thread, where what unpacks is watched.
  const net = await Inception.load({ id: 'mine', url: `${address}mine.safetensors.gz`, sha256 }, { worker: false });
  assert.equal(net.info.network, 'googlenet');
  net.dispose();
  isCut = true;
  await assert.rejects(Inception.load({ id: 'mine', url: `${address}mine.safetensors.gz`, sha256 }), { code: 'integrity' });
  await assert.rejects(Inception.load(`${address}mine.safetensors.gz`), { code: 'bad-weights', message: /mine\.safetensors\.gz is compressed and damaged or cut short/ });
});

nodeTest('what comes once more from the start is unpacked once', async () => {
  const packed = gzipSync(Buffer.from('the whole file'));
  const coming = new Gunzip('a.txt.gz', undefined);
  for (const loaded of [0, 2, 12, 0, 7, packed.length]) coming.update(packed, loaded);
  const { name, bytes } = await coming.finish(packed);
  assert.deepEqual([name, new TextDecoder().decode(bytes)], ['a.txt', 'the whole file']);
  const plain = Buffer.from('as it is');
  const other = new Gunzip('a.gz', undefined);
  other.update(plain, plain.length);
  assert.deepEqual(await other.finish(plain), { name: 'a.gz', bytes: plain });
});

nodeTest('an ONNX model at an address brings the file of its values', async (_, t) => {
  let made = [];
  const asked = [];
  const address = await served(t, (request, response) => {
    const name = request.url.split('/').at(-1);
    asked.push(name);
    const file = made.find((file) => file.name === name.replace('.gz', ''));
    if (file === undefined) return response.writeHead(404).end();
    response.end(name.endsWith('.gz') ? gzipSync(file.bytes) : file.bytes);
  });
  for (const name of ['model.onnx', 'model.onnx.gz']) {
    const { error } = await answer(Engine, 'onnx_tv_v3_dynamo', read, (files) => {
      made = files;
      return [{ name, url: `${address}folder/${name}` }];
    });
    assert.ok(error < TOLERANCE, `${error}`);
    assert.deepEqual(asked.splice(0), [name, 'model.onnx.data']);
  }
  made = made.filter(({ name }) => name === 'model.onnx');
  await assert.rejects(Inception.load(`${address}folder/model.onnx`), { code: 'network', message: /folder\/model\.onnx\.data/ });
});

nodeTest('a model at an address names files beside it or below, and no others', () => {
  const text = (value) => Buffer.from(value);
  const field = (number, bytes) => Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
  const onnx = (...locations) =>
    Buffer.concat([Buffer.from([8, 8]), field(7, Buffer.concat(locations.map((path) => field(5, field(13, Buffer.concat([field(1, text('location')), field(2, text(path))]))))))]);
  const url = 'https://host/folder/model.onnx?token=1';
  const of = (...paths) => filesBeside({ name: 'model.onnx', bytes: onnx(...paths) }, url, '').map((file) => [file.name, file.url]);
  assert.deepEqual(of('model.onnx.data', 'model.onnx.data'), [['model.onnx.data', 'https://host/folder/model.onnx.data']]);
  assert.deepEqual(of('./below/a b#c?d'), [['a b#c?d', 'https://host/folder/below/a%20b%23c%3Fd']]);
  for (const path of ['../a', 'below/../../a', '/etc/a', '//other/a', 'below/']) {
    assert.throws(() => of(path), { code: 'bad-weights', message: `${url} needs the file ${path}, which does not lie beside it or below: give all files of the model together` });
  }
  const shards = (...paths) => filesBeside({ name: 'model.json', bytes: text(JSON.stringify({ weightsManifest: [{ paths }] })) }, 'https://host/m/model.json', '');
  assert.deepEqual(shards('a.bin', 'b/c.bin').map(({ name, url }) => [name, url]), [['a.bin', 'https://host/m/a.bin'], ['c.bin', 'https://host/m/b/c.bin']]);
  for (const path of ['https://other/a.bin', '../a.bin']) assert.throws(() => shards(path), { code: 'bad-weights' });
  // Whatever the bytes are: what is wrong with them, others say.
  for (let end = 0; end < 30; end += 1) filesBeside({ name: 'model.onnx', bytes: onnx('model.onnx.data').subarray(0, end) }, url, '');
  for (const bytes of [[0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], [0x3b], [0x80], []]) {
    assert.deepEqual(filesBeside({ name: 'model.onnx', bytes: Uint8Array.from(bytes) }, url, ''), []);
  }
});

nodeTest('a file on this computer becomes a model of a folder, with its entry', async (folder) => {
  const out = join(folder, 'models');
  const packed = join(folder, 'mine.safetensors.gz');
  await writeFile(packed, gzipSync(await readFile(MODEL)));
  const cli = join(ROOT, 'pkg/dist/node/cli.js');
  const { stdout } = await promisify(execFile)(process.execPath, [cli, 'models', 'add', packed, '--out', out]);
  assert.match(stdout, /mine\.safetensors/);
  const [entry] = JSON.parse(await readFile(join(out, 'catalog.json'), 'utf8'));
  assert.deepEqual([entry.id, entry.network, entry.classes, entry.url], ['mine', 'googlenet', 1000, 'mine.safetensors']);
  const other = join(folder, 'mine.safetensors');
  await writeFile(other, await readFile(MODEL));
  const add = (/** @type {string[]} */ ...more) => promisify(execFile)(process.execPath, [cli, 'models', 'add', other, '--out', out, ...more]);
  assert.match((await add().catch((error) => error)).stderr, /bad-option: .* has a model called mine: name the file otherwise, or say --replace/);
  assert.match((await add('--replace')).stdout, /mine\.safetensors/);
  const failed = await promisify(execFile)(process.execPath, [cli, 'models', 'add', join(folder, 'none.h5'), '--out', out]).catch((error) => error);
  assert.match(failed.stderr, /unknown-model: .*none\.h5; it is no file here, and the catalog has/);
});

nodeTest('a path brings what belongs to it: a folder, a SavedModel, a checkpoint; a list of paths does too', async (folder) => {
  const answers = async (/** @type {any} */ source) => {
    const net = await Inception.load(source);
    const { network } = net.info;
    net.dispose();
    return network;
  };
  for (const [format, main] of /** @type {const} */ ([['savedModel', 'saved_model.pb'], ['checkpoint', /\.index$/], ['tfjsGraph', 'model.json']])) {
    const { files } = await fixture(ONE_EACH[format], read);
    const own = join(folder, format);
    await mkdir(join(own, 'variables'), { recursive: true });
    for (const { name, bytes } of files) await writeFile(join(own, name.startsWith('variables.') ? 'variables' : '', name), bytes);
    const first = files.find(({ name }) => name.match(main))?.name ?? '';
    assert.equal(await answers(join(own, first)), 'inception-v3-slim', first);
    if (format !== 'tfjsGraph') assert.equal(await answers(own), 'inception-v3-slim', 'its folder');
    if (format === 'checkpoint') assert.equal(await answers(files.map(({ name }) => join(own, name))), 'inception-v3-slim', 'a list');
  }
  await assert.rejects(Inception.load(join(folder, 'savedModel'), { sha256: '0'.repeat(64) }), { code: 'bad-option', message: /sha256 is for a single file/ });
  await mkdir(join(folder, 'alone'));
  await writeFile(join(folder, 'alone/own.safetensors'), await readFile(MODEL));
  await assert.rejects(Inception.load(join(folder, 'alone'), { sha256: '0'.repeat(64) }), { code: 'bad-option' }, 'no digest is passed over');
  await mkdir(join(folder, 'hub'));
  await writeFile(join(folder, 'hub/model.safetensors'), await readFile(MODEL));
  await writeFile(join(folder, 'hub/config.json'), '{ "architectures": ["Other"] }');
  await writeFile(join(folder, 'hub/README.md'), '# A model');
  const hub = await Inception.load(join(folder, 'hub'));
  assert.ok(hub.info.assumptions.includes("config.json left aside: it is not timm's"), hub.info.assumptions.join());
  hub.dispose();
  await mkdir(join(folder, 'empty'));
  await assert.rejects(Inception.load(join(folder, 'empty')), { code: 'bad-weights', message: /is a folder that holds no model/ });
  await assert.rejects(Inception.load([join(folder, 'a.h5'), new File(['x'], 'b.onnx')]), { code: 'network' });
  await assert.rejects(Inception.load([new File(['x'], 'a.h5'), new File(['x'], 'b.onnx')]), { code: 'bad-weights', message: /a\.h5 and b\.onnx are two models/ });
});
