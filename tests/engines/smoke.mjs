// The package and the page in Firefox and WebKit: what differs from engine to engine, once each.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SOURCES, TOLERANCE, assertReference } from '../browser/families.mjs';
import { ROOT } from '../browser/harness.mjs';
import { startServers } from '../browser/servers.mjs';
import { firefoxPath, launchFirefox } from './firefox.mjs';
import { launchWebKit, webkitPath } from './webkit.mjs';

/** @typedef {import('./driver.mjs').Page} Page */

const LIMIT_MS = 300_000;
const MODEL = '/models/googlenet-imagenet.safetensors';
const CAT = '/www/samples/chelsea.jpg';

const ENGINES = [
  { name: 'Firefox', path: firefoxPath(), from: 'firefox-esr', launch: launchFirefox, simd: 'relaxed', hasGpu: true },
  { name: 'WebKit', path: webkitPath(), from: 'webkit2gtk-driver and xvfb', launch: launchWebKit, simd: 'simd128', hasGpu: false },
];

/** Where screenshots go, for whoever wants to see them. */
const PICTURES = process.env.INCEPTION_PICTURES;

/** @type {import('../browser/servers.mjs').Servers} */
let servers;
before(async () => void (servers = await startServers()));
after(() => servers?.stop());

for (const { name, path, from, launch, simd, hasGpu } of ENGINES) {
  describe(name, () => {
    // Why there is no such browser here: it is not installed, or it does not start.
    let lack = path === undefined ? `${name} is not installed (Debian: ${from})` : '';
    /** @type {import('./driver.mjs').Browser | undefined} */
    let browser;
    before(async () => {
      if (path === undefined) return;
      browser = await launch(path).catch((error) => {
        lack = `${name} does not start here: ${error.message}`;
        return undefined;
      });
    });
    after(() => browser?.close());

    /**
     * @param {string} title
     * @param {{ isolated?: boolean, address?: string, needs?: string }} options of the page; without an address a blank one with the package
     * @param {(page: Page, t: import('node:test').TestContext) => Promise<void>} body
     */
    const inPage = (title, { isolated = true, address, needs }, body) => test(`${name}: ${title}`, { timeout: LIMIT_MS }, async (t) => {
      if (browser === undefined) return t.skip(lack);
      if (needs !== undefined && !existsSync(join(ROOT, needs))) return t.skip(`${needs} is missing (cargo xtask setup brings it)`);
      const page = await browser.newPage();
      try {
        await page.goto(new URL(address ?? 'tests/browser/blank.html', isolated ? servers.isolated : servers.plain).href);
        if (address === undefined) await page.waitForFunction(() => 'Inception' in globalThis);
        await body(page, t);
      } finally {
        await page.close();
      }
    });

    inPage('finds the cat with every processor of an isolated page, and keeps the model', { needs: CAT.slice(1) }, async (page) => {
      const { info, label, processors, again, size } = await page.evaluate(async ({ model, cat }) => {
        const net = await Inception.load(model);
        const { predictions: [{ label }] } = await net.classify(cat);
        while (net.info.cache.kept === null) await new Promise((resolve) => setTimeout(resolve, 50));
        const other = await Inception.load(model);
        return { info: net.info, label, processors: navigator.hardwareConcurrency, again: other.info.cache, size: await Inception.cache.size() };
      }, { model: MODEL, cat: CAT });
      assert.equal(label, 'Egyptian cat');
      assert.equal(info.simd, simd);
      assert.deepEqual(info.threads, { requested: 'auto', used: Math.min(processors, 8), reason: `${processors} logical processors` });
      assert.equal(info.device, 'cpu');
      assert.ok(info.cache.kept, info.cache.reason);
      assert.equal(again.hit, true);
      assert.ok(size > 7e6, `${size}`);
    });

    inPage('answers on a page that is not isolated, in one thread', { isolated: false, needs: CAT.slice(1) }, async (page) => {
      const { info, label } = await page.evaluate(async ({ model, cat }) => {
        const net = await Inception.load(model);
        const { predictions: [{ label }] } = await net.classify(cat);
        return { info: net.info, label };
      }, { model: MODEL, cat: CAT });
      assert.equal(label, 'Egyptian cat');
      assert.equal(info.simd, simd);
      assert.deepEqual(info.threads, { requested: 'auto', used: 1, reason: 'the page is not cross-origin isolated' });
    });

    for (const source of SOURCES) {
      inPage(`equals the reference: ${source}, 2 threads`, {}, async (page) => {
        const report = await page.evaluate((source) => new Promise((resolve, reject) => {
          const worker = new Worker('/tests/browser/workers/parity.mjs', { type: 'module' });
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
          worker.postMessage(source);
        }), source);
        assert.deepEqual([report.simd, report.threads], [simd, 2]);
        assertReference(report);
      });
    }

    // WebKitGTK has no WebGPU.
    if (hasGpu) inPage('answers on a GPU as on the CPU, and does not wait until the browser looks for it by itself', {}, async (page, t) => {
      const found = await page.evaluate(async () => {
        if (!(await navigator.gpu?.requestAdapter())) return null;
        const { cpuResult, difference, loadEngine, runRequest } = await import('/tests/browser/on-gpu.mjs');
        const engine = await loadEngine({});
        let nudges = 0;
        const { submit } = GPUQueue.prototype;
        GPUQueue.prototype.submit = function (/** @type {GPUCommandBuffer[]} */ buffers) {
          if (buffers.length === 0) nudges += 1;
          return submit.call(this, buffers);
        };
        const error = difference(await engine.run(runRequest()), await cpuResult());
        engine.dispose();
        return { error, nudges };
      });
      if (found === null) return t.skip(`${name} finds no GPU, nor what plays one (Debian: mesa-vulkan-drivers)`);
      assert.ok(found.error < TOLERANCE, `${found.error}`);
      assert.ok(found.nudges > 0);
    });

    inPage('reads another format', {}, async (page) => {
      const { error } = await page.evaluate(async () => {
        const [{ Engine }, { ONE_EACH, answer }] = await Promise.all([import('/pkg/dist/engine/engine.js'), import('/tests/browser/fixture.mjs')]);
        const read = async (/** @type {string} */ path) => new Uint8Array(await (await fetch(`/tests/reference/formats/${path}`)).arrayBuffer());
        return answer(Engine, ONE_EACH.h5, read);
      });
      assert.ok(error < TOLERANCE, `${error}`);
    });

    inPage('says what is wrong with a file', {}, async (page) => {
      const found = await page.evaluate(() => outcomeOf(Inception.load(new File(['text'], 'model.h5'))));
      assert.deepEqual([found.code, found.typed], ['bad-weights', true]);
    });

    inPage('teaches two classes in a thread of its own, and answers with them', {}, async (page) => {
      const { report, label, classes, isWorker } = await page.evaluate(async (model) => {
        const bars = (/** @type {boolean} */ across, /** @type {number} */ width) => {
          const image = new ImageData(64, 64);
          for (let i = 0; i < 64 * 64; i += 1) image.data.set(Math.floor((across ? i / 64 : i % 64) / width) % 2 < 1 ? [40, width * 9, 90, 255] : [255, 255, 255, 255], 4 * i);
          return image;
        };
        const [{ Worker }, made] = [globalThis, /** @type {string[]} */ ([])];
        const net = await Inception.load(model);
        globalThis.Worker = class extends Worker {
          constructor(/** @type {[any, any]} */ ...given) {
            super(...given);
            made.push(String(given[0]));
          }
        };
        const teacher = await net.teach();
        for (let width = 3; width < 8; width += 1) {
          await teacher.add(bars(true, width), 'across');
          await teacher.add(bars(false, width), 'down');
        }
        const report = await teacher.train();
        await net.useHead(await teacher.head({ threshold: null }));
        const { predictions } = await net.classify(bars(false, 6));
        globalThis.Worker = Worker;
        return { report, label: predictions[0].label, classes: net.info.classes, isWorker: made.some((address) => address.includes('teach-worker')) };
      }, MODEL);
      assert.deepEqual([report.judged, report.converged, label, classes, isWorker], [10, true, 'down', 2, true]);
    });

    inPage('the page teaches from files, and keeps the classes', { address: '#view=teach', needs: CAT.slice(1) }, async (page) => {
      await page.setViewportSize({ width: 1400, height: 900 });
      await page.waitForFunction(() => document.querySelector('#teach .zone button:enabled'));
      // A folder with a folder for each class, as a dialog gives it.
      await page.evaluate(async () => {
        const files = [];
        for (const kind of ['across', 'down']) {
          for (let i = 0; i < 3; i += 1) {
            const canvas = Object.assign(document.createElement('canvas'), { width: 224, height: 224 });
            const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
            context.fillStyle = `hsl(${i * 70} 60% 80%)`;
            context.fillRect(0, 0, 224, 224);
            context.fillStyle = `hsl(${i * 90 + 180} 70% 30%)`;
            for (let at = 0; at < 224; at += 20 + i) context.fillRect(...(/** @type {[number, number, number, number]} */ (kind === 'down' ? [at, 0, 9, 224] : [0, at, 224, 9])));
            const blob = /** @type {Blob} */ (await new Promise((resolve) => canvas.toBlob(resolve, 'image/png')));
            const file = new File([blob], `${i}.png`, { type: 'image/png' });
            Object.defineProperty(file, 'webkitRelativePath', { value: `set/${kind}/${i}.png` });
            files.push(file);
          }
        }
        const input = /** @type {HTMLInputElement} */ (document.querySelector('#teachFolder'));
        Object.defineProperty(input, 'files', { value: files });
        input.dispatchEvent(new Event('change'));
      });
      await page.waitForFunction(() => document.querySelector('#teach .result:not(.stale) .huge'));
      await page.waitForFunction(() => [...(document.querySelector('inception-inspector')?.shadowRoot?.querySelectorAll('#top5 .label') ?? [])].map(({ textContent }) => textContent).sort().join() === 'across,down');
      await page.waitForFunction(() => /6 pictures/.test(document.querySelector('#teach .store')?.textContent ?? ''));
      const { overflow, notes } = await page.evaluate(() => ({
        overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        notes: [...document.querySelectorAll('#teach .note.warn:not([hidden])')].map(({ textContent }) => textContent),
      }));
      if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}-teach.png`) });
      assert.ok(overflow <= 0, `the page is ${overflow} pixels too wide`);
      assert.deepEqual(notes.filter((note) => !/five or more/.test(note)), []);
    });

    inPage('the page opens with the cat and its maps', { address: '', needs: CAT.slice(1) }, async (page) => {
      await page.setViewportSize({ width: 1400, height: 900 });
      await page.waitForFunction(() => document.querySelector('inception-inspector')?.shadowRoot?.querySelector('#top5 .label'));
      const { first, cards, lanes, overflow } = await page.evaluate(() => {
        const inside = /** @type {ShadowRoot} */ (document.querySelector('inception-inspector')?.shadowRoot);
        return {
          first: inside.querySelector('#top5 .label')?.textContent,
          cards: inside.querySelectorAll('.card').length,
          lanes: inside.querySelectorAll('.lane:not(.waiting)').length,
          overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        };
      });
      if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}.png`) });
      assert.equal(first, 'Egyptian cat');
      assert.equal(cards, 9);
      assert.ok(overflow <= 0, `the page is ${overflow} pixels too wide`);
      await page.waitForFunction(() => document.querySelector('inception-inspector')?.shadowRoot?.querySelectorAll('.lane:not(.waiting)').length === 36);
      assert.ok(lanes > 0);
    });

    inPage('the element classifies by its attributes alone', { needs: CAT.slice(1) }, async (page) => {
      await page.evaluate(async ({ model, cat }) => {
        await import('/pkg/dist/element/index.js');
        document.body.innerHTML = `<inception-inspector model="${model}" src="${cat}"></inception-inspector>`;
      }, { model: MODEL, cat: CAT });
      await page.waitForFunction(() => document.querySelector('inception-inspector')?.shadowRoot?.querySelector('#top5 .label')?.textContent === 'Egyptian cat');
    });
  });
}

test('WebKit: says why an isolated page of WebKitGTK has one thread', { timeout: LIMIT_MS }, async (t) => {
  const path = webkitPath();
  if (path === undefined) return t.skip('WebKit is not installed');
  const browser = await launchWebKit(path, false).catch((error) => t.skip(`WebKit does not start here: ${error.message}`));
  if (browser === undefined) return;
  try {
    const page = await browser.newPage();
    await page.goto(new URL('tests/browser/blank.html', servers.isolated).href);
    await page.waitForFunction(() => 'Inception' in globalThis);
    const threads = await page.evaluate(async (model) => (await Inception.load(model)).info.threads, MODEL);
    assert.deepEqual(threads, { requested: 'auto', used: 1, reason: 'this browser has no SharedArrayBuffer, though the page is cross-origin isolated' });
  } finally {
    await browser.close();
  }
});
