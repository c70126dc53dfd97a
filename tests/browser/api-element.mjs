// The inspector as an element of somebody else's page.

import assert from 'node:assert/strict';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { MODEL, SWIFTSHADER, pageTest } from './harness.mjs';
import { CLASSES, drawnPng, withFaults } from './visit.mjs';

/** @typedef {import('playwright-core').Page} Page */

const ELEMENT = '/pkg/dist/element/index.js';
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
const fill = (/** @type {string} */ text, /** @type {Record<string, string>} */ values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

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
function elementTest(name, body, check, { define = true, lang = 'en', flags, prepare } = {}) {
  pageTest(name, { needs: ['model'], path: '/www/icon.svg', flags }, async (page, address) => {
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
      for (const type of ['view', 'picture', 'run', 'result', 'error']) {
        addEventListener(`inception-${type}`, ({ target, detail }) => globalThis.events.push({ type, id: target.id, detail }));
      }
    });
    await prepare?.(page);
    await page.goto(new URL('/tests/browser/host.html', address).href);
    await check(page);
    assert.deepEqual(refused, [], 'nothing is refused by a strict policy');
  });
}

/** What the page was told. @param {Page} page @param {string} type @returns {Promise<any[]>} */
const told = (page, type) => page.evaluate((type) => globalThis.events.filter((event) => event.type === type), type);
/** @param {Page} page @param {string} type @param {number} [count] */
const untilTold = (page, type, count = 1) => page.waitForFunction(([type, count]) => globalThis.events.filter((event) => event.type === type).length >= count, /** @type {const} */ ([type, count]));

/** Loads the model into `globalThis.net`. @param {Page} page @param {string} [options] */
const loadNet = (page, options = '{}') =>
  page.evaluate(async ([model, options]) => {
    const { Inception } = await import('/pkg/dist/index.js');
    globalThis.net = await Inception.load(model, { device: 'cpu', ...JSON.parse(options) });
  }, /** @type {const} */ ([`/${MODEL}`, options]));

elementTest('attributes alone classify a picture and draw the map', `<inception-inspector id="one" model="/${MODEL}" src="bars.png"></inception-inspector>`, async (page) => {
  await page.locator('#top5 .p').first().waitFor();
  assert.deepEqual((await page.locator('#top5 .label').allTextContents()).sort(), CLASSES);
  assert.equal(await page.locator('.card').count(), 11);
  assert.equal(await page.locator('.lane:not(.waiting)').count(), 42);
  assert.equal(await page.locator('#imageMeta').textContent(), 'bars.png · 320 × 240');
  const [{ detail, id }] = await told(page, 'result');
  assert.equal(id, 'one');
  assert.equal(detail.predictions[0].label, await page.locator('#top5 .label').first().textContent());
  assert.equal((await told(page, 'picture')).length, 1);
  assert.equal((await told(page, 'run')).length, 1);
  assert.deepEqual(await told(page, 'error'), []);
});

elementTest('a catalog id is looked up in the folder that models-url names', '<inception-inspector model="nsfw-inception-v3" models-url="/models" device="cpu"></inception-inspector>', async (page) => {
  await page.locator('.card').first().waitFor();
  assert.equal(await page.evaluate(() => document.querySelector('inception-inspector').net.info.id), 'nsfw-inception-v3');
});

elementTest('two elements on one page do not disturb each other', '<inception-inspector id="one"></inception-inspector><inception-inspector id="two" lang="zh" theme="dark"></inception-inspector>', async (page) => {
  await loadNet(page);
  await page.evaluate(async (model) => {
    const { Inception } = await import('/pkg/dist/index.js');
    globalThis.other = await Inception.load(model, { device: 'cpu', labels: ['a', 'b', 'c', 'd', 'e'] });
    const [one, two] = document.querySelectorAll('inception-inspector');
    Object.assign(one, { net: globalThis.net });
    Object.assign(two, { net: globalThis.other });
    one.show('bars.png');
    const pixels = new ImageData(200, 100);
    pixels.data.fill(200);
    two.show(pixels, 'grey');
  }, `/${MODEL}`);
  await untilTold(page, 'result', 2);
  const [one, two] = ['#one', '#two'].map((id) => page.locator(id));
  assert.deepEqual((await one.locator('#top5 .label').allTextContents()).sort(), CLASSES);
  assert.deepEqual((await two.locator('#top5 .label').allTextContents()).sort(), ['a', 'b', 'c', 'd', 'e']);
  assert.equal(await one.locator('#imageMeta').textContent(), 'bars.png · 320 × 240');
  assert.equal(await two.locator('#imageMeta').textContent(), 'grey · 200 × 100');
  assert.equal(await one.locator('#h-net').textContent(), en.network);
  assert.equal(await two.locator('#h-net').textContent(), zh.network);

  const before = await one.locator('#branches').textContent();
  await two.locator('.card[data-modules=Mixed_7a] > button').click();
  await two.locator('#sort').selectOption('mean');
  await two.locator('.lane [role=switch]').first().click();
  await two.locator('#shift[aria-busy=false] .shift').waitFor();
  assert.equal(await one.locator('#h-mod').textContent(), 'Mixed_5b');
  assert.equal(await two.locator('#h-mod').textContent(), 'Mixed_7a');
  assert.equal(await one.locator('#sort').inputValue(), 'index');
  assert.equal(await one.locator('#branches').textContent(), before);
  assert.ok(await one.locator('#shift').isHidden());
  assert.ok((await told(page, 'view')).every(({ id }, k) => k < 2 || id === 'two'));
  await one.locator('#top5 [role=radio]').first().click();
  await one.locator('.contributions .sum').waitFor();
  assert.match(await one.locator('#contributions').textContent(), /logit/);
  assert.match(await one.locator('.branch .read').first().textContent(), /channels/);
  assert.match(await two.locator('.branch .read').first().textContent(), /个通道/);
});

elementTest(
  'a network and a view that are set before the element is defined take effect',
  '<inception-inspector id="one"></inception-inspector>',
  async (page) => {
    await loadNet(page);
    await page.evaluate(async (element) => {
      const inspector = document.querySelector('inception-inspector');
      Object.assign(inspector, { net: globalThis.net, view: { layer: 'Mixed_6c', palette: 'viridis', pin: { layer: 'Mixed_6c/Branch_1', channel: 3, y: 1, x: 2 } } });
      await import(element);
      inspector.show('bars.png');
    }, ELEMENT);
    await untilTold(page, 'result');
    assert.equal(await page.locator('#h-mod').textContent(), 'Mixed_6c');
    assert.equal(await page.locator('#readout .who b').textContent(), 'Channel 3');
    const view = await page.evaluate(() => document.querySelector('inception-inspector').view);
    assert.deepEqual(view, { layer: 'Mixed_6c', pin: { layer: 'Mixed_6c/Branch_1', channel: 3, y: 1, x: 2 }, sort: 'index', scale: 'channel', palette: 'viridis', hideDead: false, tile: 40 });
  },
  { define: false },
);

elementTest('a view is set as far as the network has it, and told', '<inception-inspector id="one" src="bars.png"></inception-inspector>', async (page) => {
  await loadNet(page);
  await page.evaluate(() => Object.assign(document.querySelector('inception-inspector'), { net: globalThis.net }));
  await untilTold(page, 'result');
  const set = (/** @type {any} */ view) =>
    page.evaluate((view) => {
      const inspector = document.querySelector('inception-inspector');
      inspector.view = view;
      return inspector.view;
    }, view);
  const inner = { layer: 'Mixed_5c/Branch_1/Conv2d_0a_1x1', channel: 7, y: 0, x: 0 };
  assert.deepEqual((await set({ layer: 'Mixed_5c', pin: inner, scale: 'layer' })).pin, inner);
  await page.locator('#readout .who', { hasText: inner.layer }).waitFor();
  assert.equal((await told(page, 'view')).at(-1).detail.layer, 'Mixed_5c');
  const kept = await set({ layer: 'Mixed_9z', sort: 'size' });
  assert.deepEqual([kept.layer, kept.sort, kept.scale], ['Mixed_5c', 'index', 'layer']);
  assert.deepEqual((await set({ layer: 'Mixed_5d', pin: inner })).pin, null, 'a channel of another module');
});

elementTest('an element that leaves the document disposes of its own model, and loads it again when it comes back', `<inception-inspector model="/${MODEL}" src="bars.png"></inception-inspector>`, async (page) => {
  await untilTold(page, 'result');
  const net = await page.evaluateHandle(() => document.querySelector('inception-inspector').net);
  await page.evaluate(() => {
    globalThis.inspector = document.querySelector('inception-inspector');
    globalThis.inspector.remove();
  });
  assert.equal(await net.evaluate((net) => net.classify('bars.png').catch(({ code }) => code)), 'disposed');
  assert.equal(await page.evaluate(() => globalThis.inspector.net), null);
  await page.evaluate(() => (globalThis.inspector.view = { layer: 'Mixed_5d' }));
  await page.evaluate(() => document.body.append(globalThis.inspector));
  await untilTold(page, 'result', 2);
  assert.equal(await page.locator('#h-mod').textContent(), 'Mixed_5d', 'what was looked at is looked at again');
});

elementTest('a network that is given stays its owner\'s', '<inception-inspector hotkeys src="bars.png"></inception-inspector>', async (page) => {
  await loadNet(page);
  await page.evaluate(() => Object.assign(document.querySelector('inception-inspector'), { net: globalThis.net }));
  await untilTold(page, 'result');
  const usable = () => page.evaluate(async () => (await globalThis.net.classify('bars.png')).predictions.length);
  await page.evaluate(() => Object.assign(document.querySelector('inception-inspector'), { net: null }));
  assert.equal(await page.locator('.card').count(), 0);
  assert.equal(await usable(), 5);
  await page.evaluate(() => {
    const inspector = document.querySelector('inception-inspector');
    Object.assign(inspector, { net: globalThis.net });
    inspector.remove();
    globalThis.inspector = inspector;
  });
  assert.equal(await usable(), 5);
  await page.keyboard.press(']');
  assert.equal(await page.evaluate(() => globalThis.inspector.view.layer), 'Mixed_5b', 'no key acts on an element that is away');
});

elementTest('an element that works before it comes into the document is drawn when it does', '', async (page) => {
  await loadNet(page);
  await page.evaluate(() => {
    const inspector = document.createElement('inception-inspector');
    Object.assign(inspector, { net: globalThis.net });
    inspector.addEventListener('inception-result', () => document.body.append(inspector));
    inspector.show('bars.png');
  });
  const grid = page.locator('.grid canvas').first();
  await grid.waitFor();
  const drawn = () => grid.evaluate((canvas) => canvas.width > 100 && new Set(new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size > 16);
  await page.locator('#branches').evaluate((branches) => new Promise((resolve) => new ResizeObserver(() => requestAnimationFrame(resolve)).observe(branches)));
  assert.ok(await drawn());
  const [red, green, blue] = await page.locator('.histogram').first().evaluate((canvas) => [...canvas.getContext('2d').getImageData(2, canvas.height - 1, 1, 1).data]);
  assert.deepEqual([red, green, blue], [0x0b, 0x5c, 0xad], 'in the colour of its branch');
});

for (const [model, code, subject] of [
  ['no-such-model', 'unknown-model', 'no-such-model'],
  ['/no-such.safetensors', 'network', '/no-such.safetensors'],
]) {
  elementTest(`a model that cannot be had is told: ${model}`, `<inception-inspector model="${model}" models-url="/models"></inception-inspector>`, async (page) => {
    const sentence = fill(en[/** @type {keyof typeof en} */ (`err-${code}`)], { detail: subject });
    await page.locator('#loadStatus [role=alert]', { hasText: sentence }).waitFor();
    assert.deepEqual((await told(page, 'error')).map(({ detail }) => detail), [{ code, message: sentence }]);
    await page.locator('inception-inspector').evaluate((inspector, model) => inspector.setAttribute('model', model), `/${MODEL}`);
    await page.locator('.card').first().waitFor();
    assert.equal(await page.locator('#loadStatus').textContent(), '');
  });
}

elementTest(
  'a GPU that fails gives way to the CPU, with a note that the page may replace',
  `<inception-inspector id="one" model="/${MODEL}" src="bars.png"></inception-inspector>`,
  async (page) => {
    await untilTold(page, 'result');
    const note = page.locator('#movedNote .note.warn');
    assert.match(await note.textContent(), /^The GPU failed \(.*no devices today.*\)\. Continuing on the CPU\.$/);
    await page.evaluate(() => {
      const own = Object.assign(document.createElement('p'), { slot: 'notes', textContent: 'told by the page' });
      document.querySelector('inception-inspector').append(own);
    });
    assert.ok(await note.isHidden());
  },
  { flags: SWIFTSHADER, prepare: withFaults('disguise=1&refuse=1') },
);

elementTest('a picture that cannot be had is told', '<inception-inspector lang="zh-CN" src="/no-such.png"></inception-inspector>', async (page) => {
  const message = fill(zh['err-network'], { detail: new URL('/no-such.png', page.url()).href });
  await page.locator('#imageNote [role=alert]', { hasText: message }).waitFor();
  assert.deepEqual((await told(page, 'error')).map(({ detail }) => detail), [{ code: 'network', message }]);
});

elementTest('bytes that are no picture are told when they are run', '<inception-inspector></inception-inspector>', async (page) => {
  await loadNet(page);
  await page.evaluate(() => {
    const inspector = document.querySelector('inception-inspector');
    Object.assign(inspector, { net: globalThis.net });
    return inspector.show(new TextEncoder().encode('no picture at all'));
  });
  await untilTold(page, 'error');
  const [{ detail }] = await told(page, 'error');
  assert.equal(detail.code, 'bad-image');
  assert.equal(await page.locator('#imageNote [role=alert] span').textContent(), detail.message);
  assert.equal(await page.evaluate(() => document.querySelector('inception-inspector').picture), null);
});

elementTest('keys act in the element; with hotkeys everywhere, fields aside', '<p tabindex="0" id="p">here</p><input id="field"><inception-inspector></inception-inspector>', async (page) => {
  await loadNet(page);
  await page.evaluate(() => Object.assign(document.querySelector('inception-inspector'), { net: globalThis.net }));
  const opened = () => page.locator('#h-mod').textContent();
  assert.equal(await opened(), 'Mixed_5b');
  await page.focus('#p');
  await page.keyboard.press(']');
  assert.equal(await opened(), 'Mixed_5b', 'typed elsewhere');
  await page.evaluate(() => document.querySelector('inception-inspector').focus());
  await page.keyboard.press(']');
  assert.equal(await opened(), 'Mixed_5c', 'typed in the element');
  await page.locator('inception-inspector').evaluate((inspector) => inspector.toggleAttribute('hotkeys'));
  await page.focus('#p');
  await page.keyboard.press(']');
  assert.equal(await opened(), 'Mixed_5d', 'typed elsewhere, with hotkeys');
  await page.focus('#field');
  await page.keyboard.press(']');
  assert.equal(await opened(), 'Mixed_5d', 'typed into a field');
});

elementTest(
  'language and theme are the attributes\', else those around the element',
  '<div id="box"><inception-inspector></inception-inspector></div>',
  async (page) => {
    const inspector = page.locator('inception-inspector');
    const set = (/** @type {string} */ name, /** @type {string} */ value) => inspector.evaluate((element, [name, value]) => element.setAttribute(name, value), [name, value]);
    const title = page.locator('#h-image');
    const surface = () => page.locator('.panel').first().evaluate((panel) => getComputedStyle(panel).backgroundColor);
    assert.equal(await title.textContent(), zh.image);
    await set('lang', 'en-GB');
    assert.equal(await title.textContent(), en.image);
    assert.equal(await page.locator('.page').getAttribute('lang'), 'en');
    assert.equal(await surface(), 'rgb(255, 255, 255)');
    await page.emulateMedia({ colorScheme: 'dark' });
    assert.equal(await surface(), 'rgb(24, 24, 27)');
    await set('theme', 'light');
    assert.equal(await surface(), 'rgb(255, 255, 255)');
    await page.emulateMedia({ colorScheme: 'light' });
    await set('theme', 'dark');
    assert.equal(await surface(), 'rgb(24, 24, 27)');
    await inspector.evaluate((element) => element.style.setProperty('--surface', 'rgb(1, 2, 3)'));
    assert.equal(await surface(), 'rgb(1, 2, 3)', 'the page may set colours');
  },
  { lang: 'zh-Hans' },
);

elementTest('without a source of its own a picture is chosen in the image panel, or dropped on it', '<inception-inspector></inception-inspector>', async (page) => {
  await loadNet(page);
  await page.evaluate(() => Object.assign(document.querySelector('inception-inspector'), { net: globalThis.net }));
  for (const button of ['.zone', '#choose']) {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator(button).click()]);
    const name = `${button.slice(1)}.png`;
    await chooser.setFiles({ name, mimeType: 'image/png', buffer: Buffer.from(await drawnPng(page)) });
    await page.locator('#imageMeta', { hasText: `${name} · 320 × 240` }).waitFor();
  }
  const png = [...(await drawnPng(page, 200))];
  await page.locator('#photo').evaluate((photo, png) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([Uint8Array.from(png)], 'dropped.png', { type: 'image/png' }));
    photo.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, composed: true, cancelable: true }));
  }, png);
  await page.locator('#imageMeta', { hasText: 'dropped.png · 320 × 240' }).waitFor();
});

for (const width of [320, 700, 1000]) {
  elementTest(`an element in a column of ${width} px does not overflow it`, `<inception-inspector model="/${MODEL}" src="bars.png"></inception-inspector>`, async (page) => {
    await page.setViewportSize({ width: 1600, height: 900 });
    await page.locator('body').evaluate((body, width) => (body.style.width = `${width}px`), width);
    await page.locator('#top5 .p').first().waitFor();
    const sizes = await page.locator('.panel').evaluateAll((panels) => panels.map((panel) => panel.getBoundingClientRect().right - document.body.getBoundingClientRect().right));
    assert.ok(sizes.every((beyond) => beyond <= 0), sizes.join(' '));
  });
}
