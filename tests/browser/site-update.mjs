import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, firstVisit, siteTest, versionOf, versionsOfWorkers } from './site.mjs';

/** @typedef {import('./site.mjs').Visit} Visit */
/** @typedef {import('./visit.mjs').Page} Page */

/** @type {Record<string, string>} */
const made = {};
const versioned = (/** @type {string} */ version) => (made[version] ??= versionOf(version));

/**
 * Waits for the page and its network; all workers that were started meanwhile have to be of this version.
 * @param {Page} page
 * @param {string} version
 * @param {string[]} workers
 */
async function shows(page, version, workers) {
  await page.waitForFunction((version) => document.querySelector('meta[name="site-version"]')?.content === version, version);
  await page.locator('.card').first().waitFor();
  assert.equal(await page.evaluate(() => globalThis.version), version);
  assert.deepEqual([...new Set(workers.splice(0))], [version]);
}

/** Waits until the browser has asked for a new version and has it, or not. @param {Page} page @returns {Promise<string>} its worker's state */
function asked(page) {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    const worker = registration.installing ?? registration.waiting;
    if (worker === null) return 'none';
    while (worker.state === 'installing') await new Promise((resolve) => worker.addEventListener('statechange', resolve, { once: true }));
    return worker.state;
  });
}

/** Loads the model anew, in another worker. @param {Page} page */
async function loadAgain(page) {
  await page.click('#deviceBadge');
  await page.locator('#deviceMenu [role=menuitemradio]').last().click();
  await page.locator('#modelStatus').waitFor({ state: 'hidden' });
}

const ownCaches = async (/** @type {Page} */ page) => Object.keys(await cached(page)).filter((name) => name.startsWith('inception-page ')).map((name) => name.split(' ').at(-1));

siteTest('a new version takes over at the next visit, whole', {}, async (visit) => {
  const { page, context, host } = visit;
  const workers = versionsOfWorkers(context);
  host.root = versioned('one');
  await firstVisit(visit);
  await shows(page, 'one', workers);
  await page.evaluate(() => Promise.all(['inception-web-weights', 'other'].map((name) => caches.open(name))));

  host.root = versioned('two');
  assert.equal(await asked(page), 'installed');
  await loadAgain(page);
  assert.deepEqual([...new Set(workers.splice(0))], ['one'], 'the open page stays as it is');

  const second = await context.newPage();
  await second.goto(visit.address);
  await shows(second, 'one', workers);
  await page.reload();
  await shows(page, 'one', workers);
  await second.close();

  await page.reload();
  await shows(page, 'two', workers);
  assert.deepEqual(await ownCaches(page), ['two']);
  const names = Object.keys(await cached(page));
  assert.ok(['inception-web-weights', 'other'].every((name) => names.includes(name)), 'the caches of others stay');

  host.root = versioned('three');
  assert.equal(await asked(page), 'installed');
  await page.reload();
  await shows(page, 'three', workers);
  assert.deepEqual(await ownCaches(page), ['three']);

  host.isDown = true;
  await context.route('**/*.safetensors', (route) => route.fulfill({ path: join(versioned('three'), 'models/googlenet-imagenet.safetensors') }));
  await page.reload();
  await shows(page, 'three', workers);
});

/** Its service worker asks its host before and after it hears a page. @param {string} path @param {string} text */
function hearLate(path, text) {
  if (path !== 'sw.js') return text;
  const late = text.replace('event.waitUntil(hear(event))', "event.waitUntil(fetch('before').then(() => hear(event)).then(() => fetch('after')))");
  assert.notEqual(late, text);
  return late;
}

siteTest('a new version that answers late leaves the page its version', { expected: /before|after/ }, async (visit) => {
  const { page, context, host } = visit;
  const workers = versionsOfWorkers(context);
  host.root = versioned('one');
  await firstVisit(visit);
  workers.length = 0;
  host.root = versionOf('late', hearLate);
  /** @type {() => void} */
  let goOn = () => undefined;
  const held = new Promise((resolve) => (goOn = () => resolve(null)));
  const heard = new Promise((resolve) => {
    host.instead = (path) => (path.endsWith('/before') ? held.then(() => false) : path.endsWith('/after') ? (resolve(null), false) : false);
  });
  assert.equal(await asked(page), 'installed');
  await page.reload();
  await shows(page, 'one', workers);
  goOn();
  await heard;
  await loadAgain(page);
  assert.deepEqual([...new Set(workers)], ['one']);
  assert.equal(await page.evaluate(() => globalThis.version), 'one');
});

/** Ways in which the installation of a version ends half-way. @type {Record<string, import('./static-host.mjs').Host['instead']>} */
const FAILURES = {
  'a file is missing': (path, response) => path.endsWith('/pkg/dist/worker.js') && Boolean(response.writeHead(404).end()),
  'the connection breaks': (path, response) => path.endsWith('.wasm') && Boolean(response.destroy()),
  'a file is still the old one': (path, response) =>
    path.endsWith('/pkg/dist/page.js') &&
    Boolean(response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(join(versioned('one'), 'pkg/dist/page.js')))),
};

for (const [how, instead] of Object.entries(FAILURES)) {
  siteTest(`the old version goes on where the new one fails half-way: ${how}`, {}, async (visit) => {
    const { page, context, host } = visit;
    const workers = versionsOfWorkers(context);
    host.root = versioned('one');
    await firstVisit(visit);
    host.root = versioned('two');
    host.instead = instead;
    assert.equal(await asked(page), 'redundant');
    await page.reload();
    await shows(page, 'one', workers);
    assert.deepEqual(await ownCaches(page), ['one']);

    host.instead = () => false;
    assert.equal(await asked(page), 'installed');
    await page.reload();
    await shows(page, 'two', workers);
  });
}
