// What a first visit costs: bytes and hosts, in a browser that has never been there.

import assert from 'node:assert/strict';
import { firstVisit, siteTest } from './site.mjs';

/**
 * Of what the first answer takes, compressed: page, engine, model and samples, each once, since the browser's cache, which a test that
 * intercepts requests goes without, spares the second time. The engine for isolated pages comes on top: the service worker keeps it
 * for the next visit.
 */
const MOST_BYTES = 6_500_000;

siteTest('the first answer takes at most 6.5 MB from its host; a first visit asks no other, and the console stays empty', { headers: { 'cache-control': 'max-age=600' } }, async (visit) => {
  const { page, context, address, host } = visit;
  host.compresses = true;
  /** @type {string[]} */
  const foreign = [];
  context.on('request', (request) => request.url().startsWith(address) || foreign.push(`${request.method()} ${request.url()}`));
  /** @type {string[]} */
  const said = [];
  context.on('console', (message) => ['error', 'warning'].includes(message.type()) && said.push(message.text()));
  await firstVisit(visit);
  await page.locator('#top5 .p').first().waitFor();
  assert.equal(await page.locator('#top5 .p').count(), 5, 'a sample is classified by itself');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  assert.deepEqual(foreign, []);
  assert.deepEqual(said, []);
  assert.ok(host.requests.some((path) => path.endsWith('.safetensors')), 'the model is among them');
  const sent = [...host.sent].filter(([path]) => !path.endsWith('/inception_relaxed.wasm')).sort(([, a], [, b]) => b - a);
  const sum = sent.reduce((sum, [, bytes]) => sum + bytes, 0);
  assert.ok(sum <= MOST_BYTES, `${sum} bytes, most of them of ${sent.slice(0, 8).map(([path, bytes]) => `${path.split('/').at(-1)}: ${bytes}`).join(', ')}`);
});
