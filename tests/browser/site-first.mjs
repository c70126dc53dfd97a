import assert from 'node:assert/strict';
import en from '../../pkg/src/element/strings/en.js';
import { ROOT } from './harness.mjs';
import { ONE_THREAD, THREADS, cached, firstVisit, runsOn, siteTest, versionOf } from './site.mjs';
import { classifyDrawn } from './visit.mjs';

siteTest('the first visit of the site becomes isolated by itself, with threads', {}, async (visit) => {
  const { page, loads } = visit;
  await firstVisit(visit);
  await runsOn(page, THREADS);
  await classifyDrawn(page);
  assert.equal(loads(), 2);
  await page.reload();
  await runsOn(page, THREADS);
  assert.equal(loads(), 3, 'a later visit does not load itself again');
});

siteTest('the site keeps its own files and no weights', {}, async (visit) => {
  const { page, address, host } = visit;
  await firstVisit(visit);
  const [[name, urls], ...others] = Object.entries(await cached(page)).filter(([name]) => name.startsWith('inception-page '));
  assert.deepEqual(others, []);
  assert.match(name, new RegExp(`^inception-page ${address} [0-9a-f]{16}$`));
  for (const path of ['index.html', 'bench.html', 'pkg/dist/page.js', 'pkg/dist/bench.js', 'pkg/dist/worker.js', 'pkg/dist/wasm/inception_relaxed.wasm', 'models/catalog.json']) {
    assert.ok(urls.includes(address + path), path);
  }
  assert.deepEqual(urls.filter((url) => /\.(safetensors|pth|bin|d\.ts)$|sw\.js|tsconfig/.test(url)), []);
  assert.equal(urls.filter((url) => /\.(js|css)$/.test(url)).length, 5, "each page's modules and styles are in one file each, beside the worker");
  assert.ok(host.requests.every((path) => path.startsWith(new URL(address).pathname)), 'every address is relative');
});

siteTest('requests for weights and for ranges reach the host', {}, async (visit) => {
  const { page, address } = visit;
  await firstVisit(visit);
  const [weights, script] = await Promise.all([
    page.waitForResponse(/\.safetensors$/),
    page.waitForResponse(/\/pkg\/dist\/page\.js$/),
    page.evaluate(() => Promise.all([fetch('models/googlenet-imagenet.safetensors'), fetch('pkg/dist/page.js')])),
  ]);
  assert.deepEqual([weights.fromServiceWorker(), script.fromServiceWorker()], [false, true]);
  const part = await page.evaluate(async (url) => {
    const response = await fetch(url, { headers: { range: 'bytes=2-9' } });
    return [response.status, await response.text()];
  }, `${address}index.html`);
  assert.deepEqual(part, [206, 'doctype ']);
});

siteTest('a page that does not become isolated loads itself once again and not more', {}, async ({ page, address, host, loads }) => {
  host.root = versionOf('unisolated', (path, text) => (path === 'sw.js' ? text.replace("'require-corp'", "'unsafe-none'") : text));
  await page.goto(address);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await runsOn(page, ONE_THREAD);
  await classifyDrawn(page);
  assert.equal(loads(), 2);
  await page.reload();
  await runsOn(page, ONE_THREAD);
  assert.equal(loads(), 3);
});

siteTest('a page that its service worker never answers for loads itself once again and not more', {}, async ({ page, context, address, loads }) => {
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.setBypassServiceWorker', { bypass: true });
  const again = page.waitForEvent('load', { predicate: () => loads() === 2 });
  await page.goto(address);
  await again;
  await runsOn(page, ONE_THREAD);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await classifyDrawn(page);
  assert.equal(loads(), 2);
});

siteTest('a page that is in use already is not loaded again', {}, async ({ page, address, host, loads }) => {
  /** @type {() => void} */
  let goOn = () => undefined;
  const used = new Promise((resolve) => (goOn = () => resolve(null)));
  host.instead = (path) => (path.endsWith('/sw.js') ? used.then(() => false) : false);
  await page.goto(address);
  await page.locator('.card').first().waitFor();
  await page.click('[data-lang=zh]');
  goOn();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await classifyDrawn(page);
  assert.equal(loads(), 1);
  assert.equal(await page.locator('#deviceWhere').textContent(), 'CPU · 1 线程');
  await page.reload();
  await page.waitForFunction(() => crossOriginIsolated);
});

siteTest('a host that isolates the page needs no second load', { headers: { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' } }, async ({ page, address, loads }) => {
  await page.goto(address);
  await runsOn(page, THREADS);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await classifyDrawn(page);
  assert.equal(loads(), 1);
});

siteTest('the page of the repository has no service worker', {}, async ({ page, address, host, loads }) => {
  host.root = ROOT;
  await page.goto(address);
  await worksInOneThread(page);
  assert.deepEqual(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 0);
  assert.ok(!host.requests.some((path) => path.endsWith('sw.js')));
  assert.equal(loads(), 1);
});

/** Ways in which a browser refuses service workers. @type {Record<string, () => void>} */
const REFUSALS = {
  'has no service workers': () => delete (/** @type {any} */ (Navigator.prototype).serviceWorker),
  'forbids to use service workers': () =>
    Object.defineProperty(Navigator.prototype, 'serviceWorker', {
      get() {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      },
    }),
  'forbids to register service workers': () => {
    ServiceWorkerContainer.prototype.register = () => Promise.reject(new DOMException('The operation is insecure.', 'SecurityError'));
  },
};

for (const [how, refuse] of Object.entries(REFUSALS)) {
  siteTest(`the page works in one thread in a browser that ${how}`, {}, async ({ page, address, loads }) => {
    await page.addInitScript(refuse);
    await page.goto(address);
    await worksInOneThread(page);
    assert.equal(loads(), 1);
  });
}

siteTest('the page works in one thread where service workers are blocked', { context: { serviceWorkers: 'block' } }, async ({ page, address, loads }) => {
  await page.goto(address);
  await worksInOneThread(page);
  assert.equal(loads(), 1);
});

/** @param {import('./visit.mjs').Page} page */
async function worksInOneThread(page) {
  await runsOn(page, ONE_THREAD);
  await classifyDrawn(page);
  assert.equal(await page.locator('h1').textContent(), en.title);
  assert.equal(await page.locator('[role=alert]').count(), 0);
}
