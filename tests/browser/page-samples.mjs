import assert from 'node:assert/strict';
import { drawnPng, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

/** The photos that set-up puts beside the page, in their order. */
const PHOTOS = ['chelsea.jpg', 'coffee.jpg', 'rocket.jpg', 'astronaut.jpg'];
const NAMES = [...PHOTOS, 'landscape.png', 'rings.png'];
const FILE = '**/www/samples/*';

/** Answers for the photos with drawn pictures, each with another hue. @param {Page} page */
async function servePhotos(page) {
  const drawn = new Map();
  for (const [i, name] of PHOTOS.entries()) drawn.set(name, Buffer.from(await drawnPng(page, 60 * i)));
  await page.route(FILE, (route) => route.fulfill({ body: drawn.get(new URL(route.request().url()).pathname.split('/').at(-1)), contentType: 'image/png' }));
}

/** Waits until each small picture is drawn. @param {Page} page @param {string} root @param {number} count */
async function drawn(page, root, count) {
  await page.locator(`${root} [role=radio]`).nth(count - 1).waitFor();
  await page.waitForFunction((root) => {
    const canvases = [...(globalThis.inside(`${root} canvas`) ? globalThis.insideAll(`${root} canvas`) : document.querySelectorAll(`${root} canvas`))];
    return canvases.every((canvas) => canvas.getContext('2d').getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[3] === 255);
  }, root);
}

visit('samples stand in their order, with who made them', { prepare: servePhotos }, async (page) => {
  await drawn(page, '#samples', NAMES.length);
  const samples = await page.locator('#samples [role=radio]').evaluateAll((all) => all.map(({ dataset, title }) => [dataset.name, title]));
  assert.deepEqual(samples.map(([name]) => name), NAMES);
  for (const [name, title] of samples.slice(0, PHOTOS.length)) assert.match(title, /, (CC0|public domain)$/, name);
});

visit('a sample whose small picture is on the screen is shown without the server', { prepare: servePhotos, expected: /ERR_FAILED/ }, async (page) => {
  await drawn(page, '#samples', NAMES.length);
  await page.unroute(FILE);
  /** @type {string[]} */
  const asked = [];
  // Chromium asks for a page's icon anew where its address changes.
  page.on('request', (request) => request.url().endsWith('/icon.svg') || asked.push(request.url()));
  await page.route('**/*', (route) => (route.request().url().startsWith('blob:') ? route.continue() : route.abort()));
  for (const name of NAMES) {
    await page.click(`#samples [data-name="${name}"]`);
    await page.waitForFunction((name) => globalThis.inside('#imageMeta').textContent.startsWith(`${name} · `), name);
    assert.equal(await page.locator(`#samples [data-name="${name}"]`).getAttribute('aria-checked'), 'true');
    assert.equal(await page.locator('#imageNote [role=alert]').count(), 0);
  }
  await page.click('#compareToggle');
  await drawn(page, '#compare .samples', NAMES.length);
  await page.click('#compare .samples [data-name="coffee.jpg"]');
  await page.locator('#compare .side[data-side=B] .top3').waitFor();
  await page.locator('#compare .side[data-side=B] .name', { hasText: 'coffee.jpg' }).waitFor();
  assert.deepEqual(asked, []);
});

visit('a sample that cannot be fetched is not offered', { prepare: (page) => page.route(FILE, (route) => (route.request().url().includes('coffee') ? route.abort() : route.fallback())), expected: /samples/ }, async (page) => {
  await page.locator('#samples [data-name="coffee.jpg"]').waitFor({ state: 'detached' });
  await page.click('#compareToggle');
  await page.locator('#compare .samples [data-name="rings.png"]').waitFor();
  assert.equal(await page.locator('#compare .samples [data-name="coffee.jpg"]').count(), 0);
});
