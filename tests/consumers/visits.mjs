// A consumer's page in Chromium: nothing goes wrong on it and nothing leaves its origin.

import assert from 'node:assert/strict';
import { launch } from '../browser/chromium.mjs';
import { SHOWN } from './answers.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./answers.mjs').Probabilities} Probabilities */
/** @typedef {(page: Page, path: string) => Promise<Probabilities>} Ask */

const LIMIT_MS = 180_000;

/** @type {Promise<import('playwright-core').Browser> | undefined} */
let browser;

export async function closeBrowser() {
  await (await browser)?.close();
}

/**
 * Opens a page. What it complains about fails the test, an icon that nobody has made left out.
 * @param {string} address
 * @param {boolean} isolated what the page must be
 * @param {(page: Page) => Promise<void>} body
 * @param {boolean} [mayComplain] whether something is meant to go wrong
 */
export async function visit(address, isolated, body, mayComplain = false) {
  const context = await (await (browser ??= launch())).newContext();
  context.setDefaultTimeout(LIMIT_MS);
  try {
    const page = await context.newPage();
    /** @type {string[]} */
    const wrong = [];
    page.on('pageerror', (error) => wrong.push(`uncaught ${error}`));
    page.on('console', (message) => {
      const { url } = message.location();
      if (message.type() === 'error' && !url.endsWith('/favicon.ico')) wrong.push(`console: ${message.text()} ${url}`);
    });
    context.on('request', (request) => {
      if (!/^(blob|data):/.test(request.url()) && new URL(request.url()).origin !== new URL(address).origin) wrong.push(`asks ${request.url()}`);
    });
    await page.addInitScript(() => {
      addEventListener('inception-result', (event) => {
        globalThis.predictions = /** @type {CustomEvent} */ (event).detail.predictions;
      });
    });
    await page.goto(address);
    assert.equal(await page.evaluate(() => crossOriginIsolated), isolated, 'isolated');
    await body(page);
    if (!mayComplain) assert.deepEqual(wrong, []);
  } finally {
    await context.close();
  }
}

/** @param {Page} page */
const failureOn = (page) => page.locator('output', { hasText: /^[a-z-]+: / });

/** Waits for the sentence of a load that fails. @param {Page} page @returns {Promise<string>} */
export const askFailure = async (page) => (await failureOn(page).textContent()) ?? '';

/** Chooses a picture and reads the list of classes. @type {Ask} */
export async function askList(page, path) {
  const input = page.locator('input[type=file]:enabled');
  const failure = failureOn(page);
  await input.or(failure).first().waitFor();
  assert.deepEqual(await failure.allTextContents(), []);
  await input.setInputFiles(path);
  await page.locator('li').nth(SHOWN - 1).waitFor();
  const lines = await page.locator('li').evaluateAll((items) =>
    items.map((item) => [item.firstChild?.textContent, Number(item.querySelector('data')?.value)]),
  );
  return Object.fromEntries(lines);
}

/** Chooses a picture in the inspector and waits for its event. @type {Ask} */
export async function askInspector(page, path) {
  await page.evaluate(() => delete globalThis.predictions);
  await page.locator('inception-inspector input[type=file]').first().setInputFiles(path);
  await page.waitForFunction(() => globalThis.predictions);
  /** @type {import('../../pkg/src/index.js').Prediction[]} */
  const predictions = await page.evaluate(() => globalThis.predictions);
  return Object.fromEntries(predictions.map(({ label, probability }) => [label, probability]));
}
