// Places that are no page on the package's own origin, or have no workers: what the engine does there, and what it says of it.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launch } from '../browser/chromium.mjs';
import { firefoxPath, launchFirefox } from '../engines/firefox.mjs';
import { PACKAGES, freshFolder, run } from './projects.mjs';
import { startStatic } from './static-server.mjs';

/** @typedef {import('playwright-core').Page} Page */

const LIMIT_MS = 180_000;

const ANYWHERE = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' };
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

/**
 * Runs in any of the places.
 * @param {string} packages address of their folder
 * @param {string} script of the package
 * @param {object} [options]
 */
const ask = `async (packages, script, options = {}) => {
  const { Inception } = await import(packages + 'inception-web/dist/' + script);
  const net = await Inception.load(packages + 'inception-web-googlenet/googlenet-imagenet.safetensors', options);
  const { predictions } = await net.classify(new ImageData(new Uint8ClampedArray(4 * 64).fill(90), 8));
  return { top: predictions[0].label, threads: net.info.threads, simd: net.info.simd };
}`;

/** The same in a worker, for whoever asked. */
const tell = `async (Inception, asker) => {
  try {
    const net = await Inception.load('inception-web-googlenet/googlenet-imagenet.safetensors');
    const { predictions } = await net.classify(new ImageData(new Uint8ClampedArray(4 * 64).fill(90), 8));
    asker.postMessage({ top: predictions[0].label, threads: net.info.threads });
  } catch (error) {
    asker.postMessage({ error: error.code + ': ' + error.message });
  }
}`;

describe('places', () => {
  /** The packages, on an origin of their own that lets others read them. @type {{ address: string, close: () => Promise<void> }} */
  let packages;
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** What the first place answers. */
  let usual = '';

  before(async () => {
    const folder = freshFolder('places');
    for (const { name, tarball } of PACKAGES) {
      mkdirSync(join(folder, name), { recursive: true });
      await run('tar', ['xzf', tarball, '--strip-components=1', '-C', join(folder, name)]);
    }
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>x</title>');
    writeFileSync(join(folder, 'sw.js'), `import { Inception } from './inception-web/dist/in-thread.js';
      addEventListener('install', () => skipWaiting());
      addEventListener('message', ({ source }) => { (${tell})(Inception, source); });`);
    writeFileSync(join(folder, 'shared.js'), `import { Inception } from './inception-web/dist/index.js';
      addEventListener('connect', ({ ports: [port] }) => { (${tell})(Inception, port); });`);
    packages = await startStatic(folder, false, ANYWHERE);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await packages?.close();
  });

  /**
   * A page on another origin than the packages, with these headers.
   * @param {Record<string, string>} headers
   * @param {(page: Page) => Promise<void>} body
   * @param {any} [given] a page of another browser than Chromium
   */
  async function onPage(headers, body, given) {
    const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html', ...headers }).end('<!doctype html><title>x</title>'));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    /** @type {Page} */
    const page = given ?? (await browser.newPage());
    page.setDefaultTimeout(LIMIT_MS);
    try {
      await page.goto(`http://localhost:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/`);
      await body(page);
    } finally {
      if (page !== given) await page.close();
      server.close();
    }
  }

  /** @param {Page} page @param {string} [script] @param {object} [options] @returns {Promise<any>} */
  const answer = (page, script = 'index.js', options = {}) => page.evaluate(/** @type {any} */ (new Function(`return (${ask})(${JSON.stringify(packages.address)}, ${JSON.stringify(script)}, ${JSON.stringify(options)})`)));

  test('a script of another origin runs in a worker, with threads on isolated pages', { timeout: LIMIT_MS }, async () => {
    await onPage({}, async (page) => {
      const { top, threads } = await answer(page);
      usual = top;
      assert.deepEqual(threads, { requested: 'auto', used: 1, reason: 'the page is not cross-origin isolated' });
      assert.equal(page.workers().length, 1);
    });
    await onPage(ISOLATED, async (page) => {
      const { top, threads } = await answer(page, 'index.js', { threads: 2 });
      assert.deepEqual([top, threads.used], [usual, 2]);
    });
  });

  test('the same in Firefox', { timeout: LIMIT_MS }, async (t) => {
    const path = firefoxPath();
    if (path === undefined) return t.skip('Firefox is not installed (Debian: firefox-esr)');
    const firefox = await launchFirefox(path);
    try {
      const page = await firefox.newPage();
      await onPage({}, async () => {
        const { top, threads } = await answer(page);
        assert.deepEqual([top, threads], [usual, { requested: 'auto', used: 1, reason: 'the page is not cross-origin isolated' }]);
      }, page);
      await onPage(ISOLATED, async () => {
        const { top, threads } = await answer(page, 'index.js', { threads: 2 });
        assert.deepEqual([top, threads.used], [usual, 2]);
      }, page);
    } finally {
      await firefox.close();
    }
  });

  test('where its worker is forbidden the engine runs in the page, and says so', { timeout: LIMIT_MS }, async () => {
    const policy = `default-src 'self'; script-src ${packages.address} 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval'; worker-src 'self'; connect-src ${packages.address}`;
    await onPage({ 'content-security-policy': policy }, async (page) => {
      const { top, threads } = await answer(page);
      assert.equal(top, usual);
      assert.match(threads.reason, /^no worker could be started from .*worker\.js, which is on another origin/);
      const asked = await page.evaluate(`(${ask})(${JSON.stringify(packages.address)}, 'index.js', { worker: true }).catch(({ code }) => code)`);
      assert.equal(asked, 'unsupported', 'a worker that is asked for is not left out');
    });
  });

  test('without workers the engine runs in the thread that there is', { timeout: LIMIT_MS }, async () => {
    await onPage({}, async (page) => {
      await page.evaluate(() => delete (/** @type {any} */ (globalThis).Worker));
      const { top, threads } = await answer(page);
      assert.equal(top, usual);
      assert.match(threads.reason, /there are no workers here/);
    });
  });

  test('addresses are said once for all loads', { timeout: LIMIT_MS }, async () => {
    await onPage({}, async (page) => {
      const told = await page.evaluate(async (packages) => {
        const { Inception } = await import(`${packages}inception-web/dist/in-thread.js`);
        const refused = (/** @type {object} */ settings) => { try { Inception.configure(settings); } catch (error) { return /** @type {any} */ (error).code; } };
        Inception.configure({ wasmUrl: `${packages}gone/`, modelsUrl: `${packages}gone/` });
        const models = await Inception.catalog().catch((/** @type {Error} */ { message }) => message);
        const lost = await Inception.load(`${packages}inception-web-googlenet/googlenet-imagenet.safetensors`).catch((/** @type {Error} */ { message }) => message);
        Inception.configure({ wasmUrl: undefined, assetsUrl: `${packages}inception-web/dist` });
        const net = await Inception.load(`${packages}inception-web-googlenet/googlenet-imagenet.safetensors`);
        return { models, lost, classes: net.info.classes, refused: [refused({ wasmUri: '' }), refused({ wasmUrl: 3 })] };
      }, packages.address);
      assert.match(told.models, /gone\/catalog\.json/);
      assert.match(told.lost, /gone\/inception_/);
      assert.deepEqual([told.classes, told.refused], [1000, ['bad-option', 'bad-option']]);
    });
  });

  test('the inspector of another origin answers, in a worker, and takes the addresses that are said once for all', { timeout: LIMIT_MS }, async () => {
    await onPage({}, async (page) => {
      const told = await page.evaluate(async (packages) => {
        await import(`${packages}inception-web/dist/element/index.js`);
        const { Inception, InceptionError } = await import(`${packages}inception-web/dist/index.js`);
        const inspector = Object.assign(document.createElement('inception-inspector'), { model: 'googlenet-imagenet' });
        const once = (/** @type {string} */ type) => new Promise((resolve) => inspector.addEventListener(`inception-${type}`, ({ detail }) => resolve(detail), { once: true }));
        document.body.append(inspector);
        const { error } = await once('error');
        Inception.configure({ assetsUrl: `${packages}inception-web/dist`, modelsUrl: `${packages}inception-web/dist/models/` });
        inspector.model = `${packages}inception-web-googlenet/googlenet-imagenet.safetensors`;
        inspector.show(new ImageData(new Uint8ClampedArray(4 * 64).fill(90), 8));
        const { predictions } = await once('result');
        return { lost: [error instanceof InceptionError, error.code, error.message], top: predictions[0].label, threads: inspector.net.info.threads };
      }, packages.address);
      assert.deepEqual([told.top, told.threads.used], [usual, 1]);
      assert.match(told.lost.join(), /^true,network,http:\/\/localhost:\d+\/models\/catalog\.json/);
      assert.equal(page.workers().length, 1);
    });
    await onPage(ISOLATED, async (page) => {
      const found = await page.evaluate(async (packages) => {
        document.body.innerHTML = `<inception-inspector model="${packages}inception-web-googlenet/googlenet-imagenet.safetensors"></inception-inspector>`;
        const loaded = new Promise((resolve) => addEventListener('inception-load', resolve, { once: true }));
        await import(`${packages}inception-web/dist/element/index.js`);
        return (await loaded).detail.threads.reason;
      }, packages.address);
      assert.equal(page.workers().length > 0, true, found);
    });
  });

  test('a sandboxed frame without an origin answers', { timeout: LIMIT_MS }, async () => {
    await onPage({}, async (page) => {
      const told = await page.evaluate(async ([ask, packages]) => {
        const frame = Object.assign(document.createElement('iframe'), { srcdoc: `<script type=module>parent.postMessage(await (${ask})('${packages}', 'index.js').catch((error) => ({ error: error.code + error.message })), '*')<\/script>` });
        frame.setAttribute('sandbox', 'allow-scripts');
        document.body.append(frame);
        return new Promise((resolve) => addEventListener('message', ({ data }) => resolve(data), { once: true }));
      }, /** @type {const} */ ([ask, packages.address]));
      assert.equal(told.top, usual, JSON.stringify(told));
    });
  });

  test('a service worker and a shared worker answer', { timeout: LIMIT_MS }, async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(packages.address);
    const served = await page.evaluate(async () => {
      const { active, installing, waiting } = await navigator.serviceWorker.register('sw.js', { type: 'module' });
      const worker = active ?? waiting ?? installing;
      const told = new Promise((resolve) => navigator.serviceWorker.addEventListener('message', ({ data }) => resolve(data)));
      while (worker?.state !== 'activated') await new Promise((resolve) => setTimeout(resolve, 20));
      worker.postMessage('classify');
      navigator.serviceWorker.startMessages();
      return told;
    });
    assert.equal(served.top, usual, JSON.stringify(served));
    assert.match(served.threads.reason, /in-thread/);
    const shared = await page.evaluate(() => new Promise((resolve) => {
      const { port } = new SharedWorker('shared.js', { type: 'module' });
      port.onmessage = ({ data }) => resolve(data);
    }));
    assert.equal(shared.top, usual, JSON.stringify(shared));
    await context.close();
  });
});
