import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import en from '../../pkg/src/element/strings/en.js';
import { ROOT, waitUntil } from './harness.mjs';
import { THREADS, cached, disconnect, firstVisit, runsOn, siteTest } from './site.mjs';
import { CLASSES, classifyDrawn, drop } from './visit.mjs';

/** @typedef {import('./site.mjs').Visit} Visit */

siteTest('the site opens without a connection after the first visit', { headers: { vary: '*' } }, async (visit) => {
  const { page, address, host } = visit;
  await firstVisit(visit);
  await disconnect(visit);
  for (const path of ['', 'index.html', '?device=cpu', '#lang=en']) {
    await page.goto('about:blank');
    await page.goto(address + path);
    assert.ok(await page.evaluate(() => crossOriginIsolated), path);
    await page.locator('h1', { hasText: en.title }).waitFor();
    await page.locator('.card').first().waitFor();
  }
  await runsOn(page, THREADS);
  await classifyDrawn(page);
  const labels = await page.locator('#top5 .label').allTextContents();
  assert.ok(labels.length === 5 && labels.every((label) => CLASSES.includes(label)), labels.join());
  const samples = await page.locator('#samples canvas').evaluateAll((canvases) => canvases.map((canvas) => canvas.getContext('2d').getImageData(48, 48, 1, 1).data[3] > 0));
  assert.ok(samples.every(Boolean), 'the samples are shown');
  assert.deepEqual(host.requests, []);
});

siteTest('the page itself opens without a connection where the weights are not to be had', { expected: /\.safetensors/ }, async (visit) => {
  const { page, context, host } = visit;
  await firstVisit(visit);
  await page.evaluate(async () => {
    for (const name of await caches.keys()) if (!name.startsWith('inception-page ')) await caches.delete(name);
  });
  await context.setOffline(true);
  host.isDown = true;
  await page.reload();
  await page.locator('h1', { hasText: en.title }).waitFor();
  await page.locator('#modelStatus [role=alert]', { hasText: 'Could not reach' }).waitFor();
});

siteTest('the site is kept again after something else deleted its files', {}, async (visit) => {
  const { page } = visit;
  await firstVisit(visit);
  const [name] = Object.keys(await cached(page)).filter((name) => name.startsWith('inception-page '));
  const { length } = (await cached(page))[name];
  for (const remove of [(/** @type {string} */ name) => caches.delete(name), async (/** @type {string} */ name) => (await caches.open(name)).delete('pkg/dist/page.js')]) {
    assert.ok(await page.evaluate(remove, name));
    await page.reload();
    await runsOn(page, THREADS);
    await waitUntil(
      page,
      async ([name, length]) => (await (await caches.open(/** @type {string} */ (name))).keys()).length === length,
      /** @type {const} */ ([name, length]),
    );
  }
  await disconnect(visit);
  await page.reload();
  await runsOn(page, THREADS);
});

siteTest('a WebP is answered without a connection, though none was given before', {}, async (visit) => {
  const { page, host } = visit;
  await firstVisit(visit);
  await disconnect(visit);
  await page.reload();
  await page.locator('.card').first().waitFor();
  await drop(page, { name: 'small.webp', type: 'image/webp', bytes: readFileSync(join(ROOT, 'tests/reference/image/decode/lossless.webp')) });
  await page.locator('#imageMeta', { hasText: 'small.webp · ' }).waitFor();
  assert.deepEqual(host.requests, []);
});

siteTest('what reads other formats is kept once it has been needed, and reads them without a connection', {}, async (visit) => {
  const { page, host } = visit;
  await firstVisit(visit);
  const kept = async () => Object.entries(await cached(page)).flatMap(([name, urls]) => (name.startsWith('inception-page ') ? urls : [])).filter((url) => url.includes('inception_convert'));
  assert.deepEqual(await kept(), [], 'most visits do not need it');
  const open = async (/** @type {string} */ name) => {
    await page.setInputFiles('#modelFiles', { name, mimeType: '', buffer: Buffer.from('no model') });
    await page.locator('[role=alert]', { hasText: name }).waitFor();
  };
  await open('first.h5');
  await waitUntil(page, async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith('inception-page '));
    const keys = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return keys.flat().filter(({ url }) => url.includes('inception_convert')).length === 1;
  });
  await disconnect(visit);
  await page.reload();
  await page.locator('.card').first().waitFor();
  await open('second.h5');
  assert.deepEqual(host.requests, []);
});
