import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './harness.mjs';
import { firstVisit, siteTest } from './site.mjs';
import { classifyDrawn, drawnPng, drop } from './visit.mjs';

/** The addresses of models that others publish. @type {string[]} */
const MODELS = JSON.parse(readFileSync(join(ROOT, 'models/catalog.json'), 'utf8')).map(({ url }) => url).filter((url) => url.startsWith('https:'));

siteTest("a visit asks nobody but the page's own host, and the catalog's hosts whether they are there", {}, async (visit) => {
  const { page, context, address } = visit;
  /** @type {import('playwright-core').Request[]} */
  const requests = [];
  context.on('request', (request) => requests.push(request));
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

  const foreign = requests.filter((request) => !request.url().startsWith(address));
  assert.deepEqual(
    foreign.filter((request) => !MODELS.includes(request.url()) || request.method() !== 'HEAD' || request.postData() !== null).map((request) => `${request.method()} ${request.url()}`),
    [],
  );
  assert.ok(foreign.length > 0, 'the check for reachable models is seen');
  const own = requests.filter((request) => request.url().startsWith(address));
  assert.deepEqual(own.filter((request) => !['GET', 'HEAD'].includes(request.method()) || new URL(request.url()).search !== '').map((request) => `${request.method()} ${request.url()}`), []);
  assert.ok(own.some((request) => request.serviceWorker() !== null), 'requests of the service worker are seen');
  const ofWorker = own.filter((request) => request.url().endsWith('/pkg/dist/wasm/inception_relaxed.wasm'));
  assert.ok(ofWorker.length > 0, 'requests of the worker are seen');
});
