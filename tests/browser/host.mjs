// Somebody else's page with the inspector in it.

import assert from 'node:assert/strict';
import { MODEL, pageTest } from './harness.mjs';
import { drawnPng } from './visit.mjs';

/** @typedef {import('playwright-core').Page} Page */

export const ELEMENT = '/pkg/dist/element/index.js';
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

/**
 * A test in a page that holds nothing but `body`.
 * @param {string} name
 * @param {string} body
 * @param {(page: Page) => Promise<void>} check
 * @param {object} [options]
 * @param {boolean} [options.define] whether the page loads the element's script
 * @param {string} [options.lang] of the document
 * @param {string[]} [options.flags] of the browser
 * @param {(page: Page) => Promise<void>} [options.prepare] before the page is opened
 */
export function elementTest(name, body, check, { define = true, lang = 'en', flags, prepare } = {}) {
  pageTest(name, { path: '/www/icon.svg', flags }, async (page, address) => {
    const script = define ? `<script type="module" src="${ELEMENT}"></script>` : '';
    const html = `<!doctype html><html lang="${lang}"><meta charset="utf-8"><title>host</title>${script}<body>${body}`;
    await page.route('**/host.html', (route) =>
      route.fulfill({
        body: html,
        contentType: 'text/html',
        headers: { 'content-security-policy': POLICY, 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' },
      }),
    );
    const png = Buffer.from(await drawnPng(page));
    await page.route('**/bars.png', (route) => route.fulfill({ body: png, contentType: 'image/png' }));
    /** @type {string[]} */
    const refused = [];
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) refused.push(message.text());
    });
    await page.addInitScript(() => {
      globalThis.events = [];
      for (const type of ['progress', 'load', 'view', 'picture', 'run', 'result', 'frame', 'stop']) {
        addEventListener(`inception-${type}`, ({ target, detail }) => globalThis.events.push({ type, id: target.id, detail }));
      }
      addEventListener('inception-error', ({ target, detail: { error: { name, code, message, cause }, ...said } }) => {
        globalThis.events.push({ type: 'error', id: target.id, detail: { ...said, error: { name, code, message, hasCause: cause !== undefined } } });
      });
    });
    await prepare?.(page);
    await page.goto(new URL('/tests/browser/host.html', address).href);
    await check(page);
    assert.deepEqual(refused, [], 'nothing is refused by a strict policy');
  });
}

/** What the page was told. @param {Page} page @param {string} type @returns {Promise<any[]>} */
export const told = (page, type) => page.evaluate((type) => globalThis.events.filter((event) => event.type === type), type);
/** @param {Page} page @param {string} type @param {number} [count] */
export const untilTold = (page, type, count = 1) => page.waitForFunction(([type, count]) => globalThis.events.filter((event) => event.type === type).length >= count, /** @type {const} */ ([type, count]));

/** Loads the model into `globalThis.net`. @param {Page} page */
export const loadNet = (page) =>
  page.evaluate(async (model) => {
    const { Inception } = await import('/pkg/dist/index.js');
    globalThis.net = await Inception.load(model, { device: 'cpu' });
  }, `/${MODEL}`);
