// The page and the models that the browser keeps.

import assert from 'node:assert/strict';
import en from '../../pkg/src/element/strings/en.js';
import { waitUntil } from './harness.mjs';
import { classifyDrawn, modelBytes, visit } from './visit.mjs';

/** @typedef {import('playwright-core').Page} Page */

const PUBLISHER = 'https://models.example';
const MEGABYTES = (modelBytes().length / 1e6).toFixed(1);
const CORS = { 'access-control-allow-origin': '*' };

/**
 * Answers for a publisher of the offline model's file, which has no known digest there.
 * @param {Page} page
 */
async function publish(page) {
  const state = { isUp: true, bytes: 0 };
  await page.route('**/models/catalog.json', async (route) => {
    const entries = await (await route.fetch()).json();
    const [offline] = entries.filter(({ id }) => id === 'googlenet-imagenet');
    const other = { ...offline, id: 'published', title: 'Published', url: `${PUBLISHER}/model.safetensors`, sha256: null, offline: false };
    await route.fulfill({ json: [offline, other] });
  });
  await page.route(`${PUBLISHER}/**`, (route) => {
    if (!state.isUp) return route.abort('internetdisconnected');
    const isHead = route.request().method() === 'HEAD';
    const body = isHead ? undefined : Buffer.from(modelBytes());
    state.bytes += body?.length ?? 0;
    return route.fulfill({ body, headers: { ...CORS, etag: '"1"' }, contentType: 'application/octet-stream' });
  });
  return state;
}

/** @param {Page} page */
const option = (page) => page.locator('.option', { hasText: 'Published' });

/** The heading that the publisher's model stands under. @param {Page} page */
const headingOf = (page) =>
  option(page).evaluate((option) => {
    let above = option.closest('.model-row');
    while (above && above.localName !== 'h3') above = above.previousElementSibling;
    return above?.textContent;
  });

/** Waits until it stands there: the list is drawn anew when what is kept has changed. @param {import('playwright-core').Page} page @param {string} heading */
async function isBelow(page, heading) {
  while ((await headingOf(page)) !== heading) await page.waitForTimeout(50);
}

visit('the page says what it keeps, and clears it', {}, async (page) => {
  await page.locator('#model').click();
  await waitUntil(page, async (model) => {
    const bytes = await (await import('/pkg/dist/index.js')).Inception.cache.size();
    const said = [...document.querySelectorAll('.own-note')].some((note) => note.textContent === `${(bytes / 1e6).toFixed(1)} MB kept on this computer`);
    return said && bytes >= model && bytes < model + 100_000;
  }, modelBytes().length);
  await page.click('#clearKept');
  await page.locator('#clearKept').waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-selected')), 'true');
  assert.deepEqual(await page.evaluate(async () => (await import('/pkg/dist/index.js')).Inception.cache.list()), []);
  await page.keyboard.press('Escape');
  await classifyDrawn(page);
});

visit('a model that the browser keeps needs no connection', { ready: false, prepare: async (page) => { page.publisher = await publish(page); } }, async (page) => {
  const { publisher } = page;
  await page.locator('.card').first().waitFor();
  await page.locator('#model').click();
  await option(page).locator('.get').waitFor();
  assert.equal(await option(page).locator('.size').textContent(), `${MEGABYTES} MB${en.get}`);
  await isBelow(page, en.pickMore);
  await option(page).click();
  await page.locator('#modelName', { hasText: 'Published' }).waitFor();
  assert.equal(publisher.bytes, modelBytes().length);
  await page.locator('#model').click();
  await page.locator('.option:has-text("Published"):not(:has(.get))').waitFor();
  await isBelow(page, en.pickOffline);
  publisher.isUp = false;
  await page.reload();
  await page.locator('#modelName', { hasText: 'Published' }).waitFor();
  await page.locator('.card').first().waitFor();
  assert.equal(publisher.bytes, modelBytes().length, 'nothing was fetched again');
  await page.locator('#model').click();
  await isBelow(page, en.pickOffline);
  assert.equal(await option(page).locator('.size').textContent(), `${MEGABYTES} MB`);
  await page.locator('#clearKept').click();
  await page.locator('#clearKept').waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await page.locator('#model').click();
  await page.locator('.about-hubs', { hasText: 'Not reached now: models.example.' }).waitFor();
  assert.equal(await option(page).count(), 0);
});

visit('the page says when the browser does not keep the model', {
  ready: false,
  prepare: async (page, address) => {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: new URL(address).origin, quotaSize: 1_000_000 });
  },
}, async (page) => {
  await classifyDrawn(page);
  await page.locator('#model').click();
  await page.locator('#modelMenu .note', { hasText: 'does not keep this model' }).waitFor();
});
