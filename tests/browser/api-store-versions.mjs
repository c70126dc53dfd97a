// Versions of a model's file: whether what is kept is still the server's, and whose the parts of a download are.

import assert from 'node:assert/strict';
import { FETCHED, IN_CACHE, kept, load, storeTest } from './store.mjs';
import { CUT, cutting, send, whole } from './weights-server.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./weights-server.mjs').WeightsServer} WeightsServer */

/** A server that tells neither ETag nor date. @type {WeightsServer['behaviour']} */
const bare = function ({ method }, response, sent) {
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': this.bytes.length });
  if (method === 'HEAD') return void response.end();
  send(response, sent, this.bytes, () => response.end());
};

/** What is said of its files. */
const UNTOLD = { ...FETCHED, reason: 'its server tells neither ETag nor date, so the next load fetches it again where it can' };

/** The cut download cannot go on. @type {WeightsServer['behaviour']} */
const cutForGood = function (request, response, sent) {
  if (request.headers.range) return void response.destroy();
  cutting().call(this, request, response, sent);
};

/** The digest of the model's kept file. @param {Page} page */
const keptDigest = (page) =>
  page.evaluate(async () => {
    const [name] = (await caches.keys()).filter((name) => name.startsWith('inception-web-models'));
    return (await (await caches.open(name)).match('/weights/model.safetensors'))?.headers.get('x-inception-sha256');
  });

storeTest('fetches a file again that nothing tells from another version, of the same size or not', async (page, server) => {
  server.behaviour = bare;
  assert.deepEqual((await load(page)).value?.cache, UNTOLD);
  const before = await keptDigest(page);
  server.bytes = Buffer.from(server.bytes);
  server.bytes[server.bytes.length - 1] ^= 1;
  server.count();
  assert.deepEqual((await load(page)).value?.cache, UNTOLD);
  assert.equal(server.count(), server.bytes.length);
  assert.notEqual(await keptDigest(page), before, 'the new version is kept');
});

storeTest('takes what is kept of such a file where it cannot be fetched again', async (page, server) => {
  server.behaviour = bare;
  await load(page);
  server.behaviour = function (request, response, sent) {
    if (request.method === 'HEAD') return bare.call(this, request, response, sent);
    response.writeHead(503).end();
  };
  assert.deepEqual((await load(page)).value?.cache, IN_CACHE);
  assert.equal((await kept(page)).length, 1);
  server.behaviour = bare;
  server.count();
  assert.deepEqual((await load(page)).value?.cache, UNTOLD);
});

storeTest('loads of such a file at once have one download all the same', async (page, server) => {
  server.behaviour = bare;
  const caches = (await Promise.all([load(page), load(page)])).map(({ value }) => value?.cache);
  assert.deepEqual(caches.sort((a, b) => Number(a.hit) - Number(b.hit)), [UNTOLD, IN_CACHE]);
  assert.equal(server.count(), server.bytes.length);
});

storeTest('asks a server that knows no HEAD by the head of its answer', async (page, server) => {
  server.behaviour = function (request, response, sent) {
    if (request.method === 'HEAD') return void response.writeHead(405).end();
    whole.call(this, request, response, sent);
  };
  await load(page);
  assert.deepEqual((await load(page)).value?.cache, IN_CACHE);
  server.etag = '"2"';
  assert.deepEqual((await load(page)).value?.cache, FETCHED);
});

storeTest('a load that waits for one that is silent fetches the file by itself, and leaves no parts', async (page, server) => {
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.waitForFunction(() => 'Inception' in globalThis);
  await page.evaluate(async () => {
    // What is to be done later waits until the other page has ended: the last is to keep the file.
    globalThis.held = [];
    globalThis.setTimeout = (/** @type {() => void} */ work) => globalThis.held.push(work);
    globalThis.setInterval = () => 0;
    globalThis.isKept = new Promise((onKept) => {
      globalThis.loading = Inception.load('/weights/model.safetensors', { device: 'cpu', threads: 1, worker: false, onKept });
    });
    await globalThis.loading;
  });
  server.behaviour = cutForGood;
  assert.equal((await load(other, { worker: false })).code, 'network');
  assert.deepEqual(await kept(other), []);
  server.behaviour = whole;
  server.count();
  assert.equal((await load(other, { worker: false, cache: true })).value?.classes, 1000);
  assert.equal(server.count(), server.bytes.length);
  const isKept = await page.evaluate(async () => {
    globalThis.held.pop()();
    return (await globalThis.isKept).kept;
  });
  assert.equal(isKept, true);
  assert.deepEqual((await load(other, { worker: false })).value?.cache, IN_CACHE);
});

storeTest('a download removes its own parts, and those it took up', async (page) => {
  const bytes = await page.evaluate(async () => {
    const { Partial, listPartials } = await import('/pkg/dist/engine/store/partial.js');
    const url = new URL('/weights/model.safetensors', location.href).href;
    const about = { url, total: 9_000_000, type: '', etag: '"1"', lastModified: null };
    const written = async () => (await listPartials()).map(({ bytes }) => bytes);
    const found = [];
    const write = (/** @type {number} */ length, end) =>
      Partial.use(url, undefined, () => {}, async (partial) => {
        const earlier = await partial.read();
        if (earlier === null) partial.begin(about);
        else partial.goOn(earlier.segments.reduce((sum, { length }) => sum + length, 0));
        await partial.flush(new Uint8Array(length));
        await end(partial);
        partial.release();
        found.push(await written());
      });
    await write(3_000_000, () => undefined);
    await write(5_000_000, () => undefined);
    await write(6_000_000, (partial) => partial.discard());
    await write(4_000_000, (partial) => partial.discard());
    return found;
  });
  assert.deepEqual(bytes, [[3_000_000], [5_000_000], [], []]);
});
