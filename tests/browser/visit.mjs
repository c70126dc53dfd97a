// The page as a user meets it: opened, with pictures and models dropped on it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODEL, ROOT, VERIFY, pageTest } from './harness.mjs';
import { onDisk, transferOf } from './on-disk.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** Class names of the offline model, in their order. @type {string[]} */
export const CLASSES = JSON.parse(readFileSync(join(ROOT, 'models/imagenet1k.json'), 'utf8'));

/** From so many bytes on a file is dropped by its path; it is a model then, and has no type. */
const LARGE = 1_000_000;

/** Files that the page asks for and does without, and the icon that a browser asks for beside a picture that is opened by itself. */
const OPTIONAL = /\/www\/samples\/|\/models\/nsfw-inception-v3\.safetensors|\/favicon\.ico/;

/**
 * @typedef {object} VisitOptions
 * @property {import('./harness.mjs').PageOptions['needs']} [needs] what the test is skipped without
 * @property {boolean} [isolated] default true
 * @property {string} [hash] what follows the page's address
 * @property {string} [awaited] selector of what is there when the page can be used; default: the network, or the samples
 * @property {string[]} [flags] further flags for the browser
 * @property {number} [width] of the window
 * @property {boolean} [phone] whether the browser plays a phone
 * @property {boolean} [ready] false: go on before a model is loaded
 * @property {boolean} [empty] whether the page opens without a picture: the sample that it begins with never comes
 * @property {RegExp} [expected] complaints of the console that the test provokes
 * @property {(page: Page, address: string) => Promise<void>} [prepare] before the page is opened
 */

/**
 * A test of the page with the offline model. What the console complains about fails it, requests to other hosts, and for what set-up brings, left out.
 * @param {string} name
 * @param {VisitOptions} options
 * @param {(page: Page, address: string) => Promise<void>} body
 */
export function visit(name, { needs, isolated = true, hash = '', flags, width = 1280, phone = false, ready = true, awaited = ready ? '.card' : '#samples [role=radio]', empty = false, expected, prepare }, body) {
  pageTest(name, { needs, isolated, flags, device: phone ? { isMobile: true, hasTouch: true } : undefined, path: '/www/icon.svg' }, async (page, address) => {
    /** @type {string[]} */
    const complaints = [];
    page.on('console', (message) => {
      const { url } = message.location();
      if (message.type() === 'error' && (!url || new URL(url).host === new URL(address).host)) complaints.push(`${message.text()} ${url}`);
    });
    await page.addInitScript(lookInside);
    await page.setViewportSize({ width, height: 900 });
    if (empty) await page.route('**/www/samples/chelsea.jpg', () => undefined);
    await prepare?.(page, address);
    await page.goto(address + hash);
    await page.locator(awaited).first().waitFor();
    await body(page, address);
    assert.deepEqual(complaints.filter((line) => !OPTIONAL.test(line) && !expected?.test(line)), []);
  });
}

/** For what a test does within the page: `inside` and `insideAll` look into the inspector, `focused` is the innermost element with the focus. */
function lookInside() {
  const inspector = () => document.querySelector('inception-inspector')?.shadowRoot;
  const innermost = (/** @type {Element | null} */ element) => (element?.shadowRoot ? innermost(element.shadowRoot.activeElement) : element);
  Object.assign(globalThis, {
    inside: (/** @type {string} */ selector) => inspector()?.querySelector(selector),
    insideAll: (/** @type {string} */ selector) => [...(inspector()?.querySelectorAll(selector) ?? [])],
    focused: () => innermost(document.activeElement),
  });
}

/**
 * Counts in `freed` the networks that are disposed of from now on.
 * @param {Page} page
 */
export function countFreed(page) {
  return page.evaluate(async () => {
    const { Inception } = await import('/pkg/dist/index.js');
    const { dispose } = Inception.prototype;
    globalThis.freed = 0;
    Inception.prototype.dispose = function () {
      globalThis.freed += 1;
      return dispose.call(this);
    };
  });
}

/**
 * Drops a file on the page, as a file manager does.
 * @param {Page} page
 * @param {{ name: string, type: string, bytes: Uint8Array }} file
 * @param {string} [target] selector of what it is dropped on
 */
export async function drop(page, { name, type, bytes }, target = 'body') {
  const transfer = bytes.length > LARGE ? await transferOf(page, [onDisk({ name, buffer: bytes })]) : await handed(page, { name, type, bytes });
  await page.dispatchEvent(target, 'dragover', { dataTransfer: transfer });
  await page.dispatchEvent(target, 'drop', { dataTransfer: transfer });
}

/**
 * @param {Page} page
 * @param {{ name: string, type: string, bytes: Uint8Array }} file
 */
function handed(page, { name, type, bytes }) {
  return page.evaluateHandle(
    ({ name, type, bytes }) => {
      const data = new DataTransfer();
      data.items.add(new File([bytes], name, { type }));
      return data;
    },
    { name, type, bytes: new Uint8Array(bytes) },
  );
}

/**
 * A PNG that the page draws itself.
 * @param {Page} page
 * @param {number} [hue] of the gradient
 * @returns {Promise<Uint8Array>}
 */
export async function drawnPng(page, hue = 30) {
  return page.evaluate(async (hue) => {
    const canvas = new OffscreenCanvas(320, 240);
    const context = canvas.getContext('2d');
    const gradient = context.createLinearGradient(0, 0, 320, 240);
    gradient.addColorStop(0, `hsl(${hue} 80% 30%)`);
    gradient.addColorStop(1, `hsl(${hue + 120} 80% 80%)`);
    context.fillStyle = gradient;
    context.fillRect(0, 0, 320, 240);
    context.fillStyle = 'white';
    for (let i = 0; i < 8; i++) context.fillRect(20 + 36 * i, 30 + 20 * i, 12, 60);
    const blob = await canvas.convertToBlob({ type: 'image/png' });
    return new Uint8Array(await blob.arrayBuffer());
  }, hue);
}

/**
 * Drops a drawn picture and waits for its answer.
 * @param {Page} page
 * @param {string} [name] another one each time
 */
export async function classifyDrawn(page, name = 'bars.png') {
  await drop(page, { name, type: 'image/png', bytes: await drawnPng(page) });
  await page.locator('#imageMeta', { hasText: `${name} · 320 × 240` }).waitFor();
}

/**
 * Drops a photo of the verification data and waits for its answer.
 * @param {Page} page
 * @param {string} name of its file
 */
export async function classifyPhoto(page, name) {
  await drop(page, { name, type: `image/${name.endsWith('.png') ? 'png' : 'jpeg'}`, bytes: readFileSync(join(VERIFY, 'photos', name)) });
  await page.locator('#imageMeta', { hasText: `${name} · ` }).waitFor();
}

/**
 * Drops a model with generated weights on the page, which stays at hand as `droppedModel`.
 * @param {Page} page
 * @param {string} source in tests/reference/keys
 * @param {string} [target] selector of what it is dropped on
 */
export function dropGenerated(page, source, target = 'body') {
  return page.locator(target).evaluate(async (element, source) => {
    const { generateWeights } = await import('/tests/browser/generator.mjs');
    const keys = await (await fetch(`/tests/reference/keys/${source}.json`)).json();
    const file = new File([generateWeights(keys)], `${source}.safetensors`);
    globalThis.droppedModel = file;
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(file);
    element.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, composed: true, cancelable: true }));
  }, source);
}

/** @returns {Uint8Array} the offline model's file */
export function modelBytes() {
  return readFileSync(join(ROOT, MODEL));
}

/**
 * Before a page is opened: the package's worker gives way to one whose GPU has these faults.
 * @param {string} faults
 */
export function withFaults(faults) {
  return (/** @type {Page} */ page) =>
    page.addInitScript((faults) => {
      const { Worker } = globalThis;
      globalThis.Worker = function (url, options) {
        const own = String(url).endsWith('/pkg/dist/worker.js');
        return new Worker(own ? `/tests/browser/workers/unreliable-gpu.mjs?${faults}` : url, options);
      };
    }, faults);
}
