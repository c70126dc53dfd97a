// An unpacked extension in Chromium.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launchWithExtension } from '../browser/chromium.mjs';
import { RECORDED, check } from './answers.mjs';
import extension from './apps/extension.mjs';
import { generatedPicture } from './pictures.mjs';
import { CONSUMERS, installedApp, run } from './projects.mjs';
import { askList } from './visits.mjs';

const LIMIT_MS = 300_000;

describe('an extension of Manifest V3', () => {
  /** @type {Awaited<ReturnType<typeof launchWithExtension>>} */
  let browser;
  /** @type {import('playwright-core').Page} */
  let page;
  /** @type {import('./pictures.mjs').Picture} */
  let picture;

  before(async () => {
    mkdirSync(CONSUMERS, { recursive: true });
    picture = generatedPicture();
    const folder = await installedApp(extension);
    await run('npm', ['run', 'build'], folder);
    copyFileSync(picture.path, join(folder, 'extension/picture.png'));
    browser = await launchWithExtension(join(folder, 'extension'));
    const [worker = await browser.waitForEvent('serviceworker')] = browser.serviceWorkers();
    page = await browser.newPage();
    await page.goto(new URL('popup.html', worker.url()).href);
  });
  after(() => browser?.close());

  test('its popup answers', { timeout: LIMIT_MS }, async () => {
    check(await askList(page, picture.path), RECORDED, 'popup');
    assert.equal(page.workers().length, 1, 'in a worker');
  });

  test('its background script answers, in its own thread', { timeout: LIMIT_MS }, async () => {
    const answer = await page.evaluate(() => /** @type {any} */ (globalThis).chrome.runtime.sendMessage(new URL('picture.png', document.baseURI).href));
    assert.equal(answer.failure, undefined);
    check(Object.fromEntries(answer.predictions.map((/** @type {import('../../pkg/src/index.js').Prediction} */ { label, probability }) => [label, probability])), RECORDED, 'background');
    assert.match(answer.threads.reason, /in-thread/);
  });
});
