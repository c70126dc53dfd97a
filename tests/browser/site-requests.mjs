import assert from 'node:assert/strict';
import { firstVisit, siteTest } from './site.mjs';
import { classifyDrawn, drawnPng, drop } from './visit.mjs';

/** @param {import('playwright-core').Request} request */
const told = (request) => `${request.method()} ${request.url()}`;

siteTest("a visit asks nobody but the page's own host until the list of models opens, and the console stays empty", {}, async (visit) => {
  const { page, context, address } = visit;
  /** @type {import('playwright-core').Request[]} */
  const requests = [];
  context.on('request', (request) => requests.push(request));
  /** @type {string[]} */
  const said = [];
  context.on('console', (message) => message.type() === 'error' && said.push(message.text()));
  await firstVisit(visit);
  await classifyDrawn(page);
  await page.click('.card[data-modules="Mixed_4e"] > button');
  await page.locator('#branches[aria-busy=false]').waitFor();
  await page.click('#compareToggle');
  await drop(page, { name: 'other.png', type: 'image/png', bytes: await drawnPng(page, 200) }, '#compare');
  await page.locator('#compare .pairs[aria-busy=false][data-stale=""]').waitFor();
  await page.click('[data-lang=zh]');
  await page.click('#theme');
  await page.locator('#samples [role=radio]').first().click();
  await page.locator('#top5 .p').first().waitFor();

  const foreign = () => requests.filter((request) => !request.url().startsWith(address));
  assert.deepEqual(foreign().map(told), []);
  assert.deepEqual(said, []);
  const { entries } = await page.evaluate(async () => ({ entries: await (await fetch('models/catalog.json')).json() }));
  await page.click('#model');
  await page.waitForFunction(() => document.querySelector('.about-hubs')?.textContent?.includes('huggingface.co'));
  const published = entries.filter(({ url }) => url.startsWith('https:')).map(({ url }) => `HEAD ${url}`);
  const asked = foreign().map(told);
  assert.equal(asked.length, new Set(published.map((told) => new URL(told.slice(5)).host)).size, 'each host once');
  assert.deepEqual(asked.filter((request) => !published.includes(request)), []);
  assert.ok(foreign().every((request) => request.postData() === null));
  const own = requests.filter((request) => request.url().startsWith(address));
  assert.deepEqual(own.filter((request) => !['GET', 'HEAD'].includes(request.method()) || new URL(request.url()).search !== '').map(told), []);
  assert.ok(own.some((request) => request.serviceWorker() !== null), 'requests of the service worker are seen');
  const ofWorker = own.filter((request) => request.url().endsWith('/pkg/dist/wasm/inception_relaxed.wasm'));
  assert.ok(ofWorker.length > 0, 'requests of the worker are seen');
});
