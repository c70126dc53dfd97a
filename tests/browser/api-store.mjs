// Where models come from: downloads that break off and go on, servers that misbehave, the browser's cache.

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { FETCHED, IN_CACHE, kept, load, storeTest } from './store.mjs';
import { CUT, cutting, send, whole } from './weights-server.mjs';

/** @typedef {import('./weights-server.mjs').WeightsServer} WeightsServer */

storeTest('keeps a model and takes it from the cache', async (page, server) => {
  const first = await load(page);
  assert.deepEqual(first.value?.cache, FETCHED);
  assert.equal(server.count(), server.bytes.length);
  const second = await load(page);
  assert.deepEqual(second.value?.cache, IN_CACHE);
  assert.deepEqual(second.value?.progress.at(-1), [server.bytes.length, server.bytes.length]);
  assert.deepEqual(server.sent.map(({ method }) => method), ['HEAD'], 'the server is asked whether it is still its file');
  const third = await load(page, { sha256: server.sha256, worker: false });
  assert.deepEqual(third.value?.cache, IN_CACHE);
  assert.equal(server.sent.length, 1, 'a file with a known digest needs no question');
  const list = await kept(page);
  assert.deepEqual(list, [{ url: new URL('/weights/model.safetensors', page.url()).href, bytes: server.bytes.length }]);
  const all = await page.evaluate(async () => [await Inception.cache.size(), await Inception.cache.list()]);
  assert.equal(all[0], all[1].reduce((/** @type {number} */ sum, /** @type {{ bytes: number }} */ { bytes }) => sum + bytes, 0));
  await page.evaluate(() => Inception.cache.clear('/weights/other.safetensors'));
  assert.equal((await kept(page)).length, 1);
  await page.evaluate(() => Inception.cache.clear('/weights/model.safetensors'));
  assert.deepEqual(await kept(page), []);
});

storeTest('keeps a model with the digest that it was checked against', async (page, server) => {
  const first = await load(page, { sha256: server.sha256.toUpperCase() });
  assert.deepEqual(first.value?.cache, FETCHED);
  server.count();
  assert.deepEqual((await load(page)).value?.cache, IN_CACHE, 'what is kept is what its entry says');
  assert.deepEqual((await load(page, { sha256: server.sha256.toUpperCase() })).value?.cache, IN_CACHE);
  assert.equal(server.count(), 0, 'no byte is fetched again');
});

for (const worker of [true, false]) {
  storeTest(`keeps a model that is disposed of at once, ${worker ? 'in a worker' : 'without a worker'}`, async (page, server) => {
    const cache = await page.evaluate(async (worker) => {
      const net = await Inception.load('/weights/model.safetensors', { threads: 1, worker });
      net.dispose();
      return net.info.cache;
    }, worker);
    assert.deepEqual(cache, { hit: false, kept: null, reason: 'it is being written' });
    const list = await page.evaluate(async () => {
      for (;;) {
        const list = (await Inception.cache.list()).filter(({ url }) => url.endsWith('.safetensors'));
        if (list.length > 0) return list;
        await new Promise(requestAnimationFrame);
      }
    });
    assert.deepEqual(list.map(({ bytes }) => bytes), [server.bytes.length]);
  });
}

storeTest('preloads: fetches, checks and keeps, and the load that follows asks for nothing', async (page, server) => {
  const told = await page.evaluate(() => Inception.preload('/weights/model.safetensors', { threads: 1 }));
  assert.deepEqual(told, FETCHED);
  assert.equal(server.count(), server.bytes.length);
  server.behaviour = (_, response) => response.destroy();
  assert.deepEqual((await load(page)).value?.cache, IN_CACHE);
  assert.deepEqual(await page.evaluate(() => Inception.preload('/weights/model.safetensors', { threads: 1 })), IN_CACHE);
  const refused = await page.evaluate(async () => [
    await outcomeOf(Inception.preload('/weights/other.safetensors', { threads: 1 })),
    await outcomeOf(Inception.preload('/weights/model.safetensors', { cache: false })),
  ]);
  assert.deepEqual(refused.map(({ code }) => code), ['network', 'bad-option']);
});

for (const worker of [true, false]) {
  storeTest(`loads of one file at once have one download, ${worker ? 'in workers and pages of their own' : 'without a worker'}`, async (page, server) => {
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.waitForFunction(() => 'Inception' in globalThis);
    // The first half at once, the rest when all have asked.
    let goOn = () => {};
    const held = new Promise((resolve) => (goOn = () => resolve(undefined)));
    server.behaviour = function (request, response, sent) {
      if (request.method === 'HEAD') return whole.call(this, request, response, sent);
      response.writeHead(200, { etag: this.etag, 'content-length': this.bytes.length });
      send(response, sent, this.bytes.subarray(0, CUT), () => held.then(() => send(response, sent, this.bytes.subarray(CUT), () => response.end())));
    };
    const loads = [load(page, { worker }), load(page, { worker }), load(other, { worker })];
    while (server.sent.length === 0) await delay(20);
    await delay(1000);
    goOn();
    const outcomes = await Promise.all(loads);
    assert.deepEqual(outcomes.map(({ value }) => value?.classes), [1000, 1000, 1000]);
    assert.equal(server.count(), server.bytes.length, 'one of them fetched it');
    const caches = outcomes.map(({ value }) => value?.cache).sort((a, b) => Number(a.hit) - Number(b.hit));
    assert.deepEqual(caches, [FETCHED, IN_CACHE, IN_CACHE]);
    for (const { value } of outcomes) assert.ok((value?.progress.length ?? 0) > 1, 'who waits hears how far it is, before the whole is there');
    await other.close();
  });
}

storeTest('a load that waits for another goes on where that was stopped', async (page, server) => {
  server.behaviour = function (request, response, sent) {
    if (request.headers.range) return whole.call(this, request, response, sent);
    response.writeHead(200, { etag: this.etag, 'content-length': this.bytes.length });
    send(response, sent, this.bytes.subarray(0, CUT), () => undefined);
  };
  const outcomes = await page.evaluate(async (cut) => {
    const stop = new AbortController();
    let isCut;
    const cutThere = new Promise((resolve) => (isCut = resolve));
    const first = outcomeOf(Inception.load('/weights/model.safetensors', { threads: 1, signal: stop.signal, onProgress: ({ loaded }) => loaded === cut && isCut() }));
    await cutThere;
    const second = outcomeOf(Inception.load('/weights/model.safetensors', { threads: 1 }).then((net) => net.info.classes));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    stop.abort();
    return [await first, await second];
  }, CUT);
  assert.equal(outcomes[0]?.code, 'aborted');
  assert.deepEqual(outcomes[1], { value: 1000 });
  assert.equal(server.sent.length, 2);
  assert.equal(server.sent[1]?.range, `bytes=${CUT}-`);
  await page.waitForFunction(async () => (await navigator.locks.query()).held?.length === 0);
});

storeTest('fetches again when the server has another version', async (page, server) => {
  await load(page);
  server.etag = '"2"';
  server.count();
  assert.deepEqual((await load(page)).value?.cache, FETCHED);
  assert.equal(server.count(), server.bytes.length);
  server.behaviour = (_, response) => response.writeHead(503).end();
  assert.deepEqual((await load(page)).value?.cache, IN_CACHE, 'a server in trouble does not take the model away');
});

storeTest('neither reads nor keeps with cache: false', async (page, server) => {
  const { value } = await load(page, { cache: false });
  assert.equal(value?.cache.kept, false);
  assert.match(value?.cache.reason, /cache: false/);
  assert.deepEqual(await kept(page), []);
  await load(page);
  server.count();
  assert.equal((await load(page, { cache: false })).value?.cache.hit, false);
  assert.equal(server.count(), server.bytes.length);
});

storeTest('neither reads nor keeps lists with cache: false, of models and of class names', async (page) => {
  let isAway = false;
  const entries = [{ id: 'own', title: 'own', network: 'googlenet', url: '/weights/model.safetensors', bytes: 0, sha256: null, classes: 1000, labels: 'imagenet1k', license: '', source: '', offline: true, auxiliary: 'none' }];
  await page.route('**/lists/catalog.json', (route) => (isAway ? route.abort('connectionrefused') : route.fulfill({ json: entries })));
  const lists = () => page.evaluate(async () => (await Inception.cache.list()).map(({ url }) => url.replace(/.*\//, '')).filter((name) => /\.(json|txt)$/.test(name)).sort());
  const net = (/** @type {object} */ options) => page.evaluate(async (options) => {
    const { labels } = (globalThis.net = await Inception.load('own', { threads: 1, ...options })).info;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return labels.length;
  }, options);
  const options = (/** @type {boolean} */ cache) => ({ cache, modelsUrl: '/lists' });
  assert.equal(await net(options(false)), 1000);
  assert.deepEqual(await lists(), []);
  assert.equal(await net(options(true)), 1000);
  assert.deepEqual(await lists(), ['catalog.json', 'imagenet1k.txt']);
  isAway = true;
  assert.equal((await load(page, options(true), 'own')).value?.classes, 1000, 'the lists that the server sent last');
  assert.equal((await load(page, options(false), 'own')).code, 'network');
});

storeTest('finds a damaged entry and fetches it again', async (page, server) => {
  for (const damage of ['byte', 'length', 'digest']) {
    await load(page);
    await page.evaluate(async (damage) => {
      const [name] = (await caches.keys()).filter((name) => name.startsWith('inception-web-models'));
      const cache = await caches.open(name);
      const request = (await cache.keys()).find(({ url }) => url.endsWith('.safetensors'));
      const response = await cache.match(request);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const headers = new Headers(response.headers);
      if (damage === 'byte') bytes[bytes.length >> 1] ^= 1;
      if (damage === 'digest') headers.delete('x-inception-sha256');
      await cache.put(request, new Response(damage === 'length' ? bytes.subarray(1) : bytes, { headers }));
    }, damage);
    server.count();
    assert.deepEqual((await load(page)).value?.cache, FETCHED, damage);
    assert.equal(server.count(), server.bytes.length, damage);
    assert.deepEqual((await load(page)).value?.cache, IN_CACHE, damage);
  }
});

storeTest('goes on within a load where the connection broke off', async (page, server) => {
  server.behaviour = cutting();
  const { value } = await load(page);
  assert.equal(value?.classes, 1000);
  assert.deepEqual(server.sent.map(({ range }) => range), [undefined, `bytes=${CUT}-`]);
  assert.equal(server.count(), server.bytes.length);
});

for (const worker of [true, false]) {
  storeTest(`goes on in a later load, ${worker ? 'in a worker' : 'without a worker'}`, async (page, server) => {
    server.behaviour = function (request, response, sent) {
      if (request.headers.range) return void response.destroy();
      cutting().call(this, request, response, sent);
    };
    assert.equal((await load(page, { worker })).code, 'network');
    assert.deepEqual(await kept(page), [{ url: new URL('/weights/model.safetensors', page.url()).href, bytes: CUT }]);
    server.behaviour = whole;
    server.count();
    const { value } = await load(page, { worker });
    assert.deepEqual(value?.cache, FETCHED);
    assert.equal(value?.progress.find(([loaded]) => loaded > 0)?.[1], server.bytes.length);
    assert.equal(server.count(), server.bytes.length - CUT);
    assert.deepEqual((await kept(page)).map(({ bytes }) => bytes), [server.bytes.length], 'the beginning is gone from the disk');
  });

  storeTest(`goes on after an abort, ${worker ? 'in a worker' : 'without a worker'}`, async (page, server) => {
    server.behaviour = function (_, response, sent) {
      response.writeHead(200, { etag: this.etag, 'content-length': this.bytes.length });
      send(response, sent, this.bytes.subarray(0, CUT), () => undefined);
    };
    const outcome = await page.evaluate(
      ([worker, cut]) => {
        const stop = new AbortController();
        const onProgress = ({ stage, loaded }) => stage === 'download' && loaded === cut && stop.abort();
        return outcomeOf(Inception.load('/weights/model.safetensors', { worker, signal: stop.signal, onProgress }));
      },
      [worker, CUT],
    );
    assert.equal(outcome.code, 'aborted');
    server.behaviour = whole;
    server.count();
    assert.equal((await load(page, { worker })).value?.classes, 1000);
    assert.equal(server.count(), server.bytes.length - CUT);
  });
}

storeTest('begins anew where the rest is not of the same file', async (page, server) => {
  const cut = () => {
    server.behaviour = function (request, response, sent) {
      if (request.headers.range) return void response.destroy();
      cutting().call(this, request, response, sent);
    };
  };
  /** @type {Record<string, WeightsServer['behaviour']>} */
  const answers = {
    'another version': whole,
    'no ranges': function (request, response, sent) {
      delete request.headers.range;
      whole.call(this, request, response, sent);
    },
    'another place': function (request, response, sent) {
      if (!request.headers.range) return whole.call(this, request, response, sent);
      response.writeHead(206, { 'content-length': 10, 'content-range': `bytes 0-9/${this.bytes.length}` });
      response.end(this.bytes.subarray(0, 10));
    },
    'a range out of reach': function (request, response, sent) {
      if (!request.headers.range) return whole.call(this, request, response, sent);
      response.writeHead(416).end();
    },
  };
  for (const [name, behaviour] of Object.entries(answers)) {
    cut();
    assert.equal((await load(page)).code, 'network');
    if (name === 'another version') server.etag = '"2"';
    server.behaviour = behaviour;
    server.count();
    assert.equal((await load(page)).value?.classes, 1000, name);
    assert.equal(server.count(), server.bytes.length, name);
    await page.evaluate(() => Inception.cache.clear());
  }
});

storeTest('fetches a file once more that was put together wrongly', async (page, server) => {
  server.behaviour = function (request, response, sent) {
    if (request.headers.range) return void response.destroy();
    cutting().call(this, request, response, sent);
  };
  assert.equal((await load(page, { sha256: server.sha256 })).code, 'network');
  const { bytes } = server;
  server.behaviour = function (request, response, sent) {
    this.bytes = request.headers.range ? Buffer.from(bytes).fill(0, CUT) : bytes;
    whole.call(this, request, response, sent);
  };
  server.count();
  assert.deepEqual((await load(page, { sha256: server.sha256 })).value?.cache, FETCHED);
  assert.equal(server.count(), 2 * bytes.length - CUT);
});

storeTest('does not go on where nothing tells the file from another', async (page, server) => {
  server.behaviour = cutting({ ranges: false });
  assert.equal((await load(page)).code, 'network');
  assert.deepEqual(await kept(page), []);
  assert.equal((await load(page)).code, 'network');
  assert.deepEqual(server.sent.map(({ range }) => range), Array(4).fill(undefined), 'two tries a load');
});

storeTest('tells what a server does wrong, and keeps nothing of it', async (page, server) => {
  /** @type {Record<string, [WeightsServer['behaviour'], string, RegExp, object?]>} */
  const cases = {
    404: [(_, response) => response.writeHead(404).end('gone'), 'network', /404/],
    500: [(_, response) => response.writeHead(500).end(), 'network', /500/],
    'a web page': [(_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Hello'), 'network', /web page/],
    'a web page without a type': [(_, response) => response.writeHead(200).end('<!doctype html><p>'), 'network', /web page/],
    'cut, without ranges': [cutting({ ranges: false }), 'network', /broke off after 5000001 bytes/],
    'a length too large': [
      function (_, response, sent) {
        response.writeHead(200, { 'content-length': this.bytes.length + 100 });
        send(response, sent, this.bytes, () => response.destroy());
      },
      'network',
      /broke off/,
    ],
    'a length too small': [
      function (_, response) {
        response.socket?.write(`HTTP/1.1 200 OK\r\nContent-Length: ${CUT}\r\nConnection: close\r\n\r\n`);
        response.socket?.end(this.bytes);
      },
      'bad-weights',
      /./,
    ],
    'an empty file': [(_, response) => response.writeHead(200).end(), 'bad-weights', /./],
    'a byte flipped': [
      function (request, response, sent) {
        const { bytes } = this;
        this.bytes = Buffer.from(bytes);
        this.bytes[bytes.length >> 1] ^= 1;
        whole.call(this, request, response, sent);
        this.bytes = bytes;
      },
      'integrity',
      /SHA-256/,
      { sha256: server.sha256 },
    ],
    'a header flipped': [
      function (request, response, sent) {
        const { bytes } = this;
        this.bytes = Buffer.from(bytes);
        this.bytes[20] ^= 0x80;
        whole.call(this, request, response, sent);
        this.bytes = bytes;
      },
      'bad-weights',
      /./,
    ],
  };
  for (const [name, [behaviour, code, message, options]] of Object.entries(cases)) {
    for (const worker of [true, false]) {
      server.behaviour = behaviour;
      const outcome = await load(page, { ...options, worker });
      assert.equal(outcome.code, code, `${name}: ${JSON.stringify(outcome)}`);
      assert.match(outcome.message ?? '', message, name);
      assert.deepEqual(await kept(page), [], name);
    }
  }
  server.behaviour = whole;
  assert.equal((await load(page)).value?.classes, 1000);
});

storeTest('ends a request that has stalled, and says so', async (page, server) => {
  server.behaviour = function (request, response, sent) {
    if (request.headers.range) return;
    response.writeHead(200, { etag: this.etag, 'content-length': this.bytes.length });
    send(response, sent, this.bytes.subarray(0, CUT), () => undefined);
  };
  await page.clock.install();
  const outcome = page.evaluate((cut) => {
    const onProgress = ({ stage, loaded }) => stage === 'download' && loaded === cut && (globalThis.isCut = true);
    return outcomeOf(Inception.load('/weights/model.safetensors', { worker: false, onProgress }));
  }, CUT);
  await page.waitForFunction(() => globalThis.isCut, undefined, { polling: 'raf' });
  while (server.sent.length < 2) {
    await page.clock.runFor(1000);
    // Clocks set forward without a pause leave the page no time to write down what it has.
    await delay(10);
  }
  await page.clock.runFor(31_000);
  const { code, message } = await outcome;
  assert.equal(code, 'network');
  assert.match(message, /nothing came for 30 s/);
});

storeTest('works without room for the file, and says so', async (page, server) => {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, quotaSize: 1_000_000 });
  const { value } = await load(page);
  assert.equal(value?.classes, 1000);
  assert.equal(value?.cache.kept, false);
  assert.match(value?.cache.reason, new RegExp(`no room.*${server.bytes.length}.*QuotaExceededError`));
  assert.deepEqual(await kept(page), []);
  assert.equal((await load(page)).value?.cache.hit, false);
  assert.equal(server.count(), 2 * server.bytes.length);
});

storeTest('works where the browser refuses to keep files', async (page, server) => {
  server.behaviour = cutting();
  await page.evaluate(() => {
    caches.open = () => Promise.reject(new DOMException('no', 'SecurityError'));
    navigator.storage.getDirectory = () => Promise.reject(new DOMException('no', 'SecurityError'));
  });
  const { value } = await load(page, { worker: false });
  assert.equal(value?.classes, 1000);
  assert.match(value?.cache.reason, /refuses.*SecurityError/);
  assert.equal(server.count(), server.bytes.length, 'a broken download goes on in memory');
  assert.deepEqual(await kept(page), []);
});

storeTest('needs no connection for a catalog model that it has', async (page, server) => {
  const first = await load(page, { worker: false }, 'googlenet-imagenet');
  assert.equal(first.code, 'network', 'there is no catalog beside this page');
  const options = { worker: false, modelsUrl: '/models/' };
  assert.deepEqual((await load(page, options, 'googlenet-imagenet')).value?.cache, FETCHED);
  server.stop();
  await page.context().setOffline(true);
  const { value } = await load(page, options, 'googlenet-imagenet');
  assert.deepEqual(value?.cache, IN_CACHE);
  const outcome = await load(page, options, '/weights/other.safetensors');
  assert.equal(outcome.code, 'network');
});
