// The inspector as an element of somebody else's page: what goes wrong, keys, language, theme, width.

import assert from 'node:assert/strict';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { MODEL, SWIFTSHADER } from './harness.mjs';
import { elementTest, loadNet, told, untilTold } from './host.mjs';
import { drawnPng, withFaults } from './visit.mjs';

const fill = (/** @type {string} */ text, /** @type {Record<string, string>} */ values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** What is shown, and what the error itself says. @type {{ model: string, folder?: string, code: string, says: (at: (path: string) => string) => string, error: RegExp }[]} */
const WITHOUT_MODEL = [
  { model: 'no-such-model', code: 'unknown-model', says: () => fill(en['err-unknown-model'], { detail: 'no-such-model' }), error: /^no-such-model; there are googlenet-imagenet,/ },
  { model: '/no-such.safetensors', code: 'network', says: (at) => fill(en.notFetched, { detail: `${at('/no-such.safetensors')} (the server answered 404 Not Found)` }), error: /no-such\.safetensors \(the server answered 404/ },
  { model: 'inception-v3', folder: '/no-models', code: 'network', says: (at) => fill(en.notFetched, { detail: `${at('/no-models/catalog.json')} (the server answered 404 Not Found)` }), error: /catalog\.json \(the server answered 404/ },
  { model: '/away.safetensors', code: 'network', says: () => fill(en['err-network'], { detail: '/away.safetensors' }), error: /away\.safetensors \(Failed to fetch\)/ },
];

for (const { model, folder = '/models', code, says, error } of WITHOUT_MODEL) {
  elementTest(`a model that cannot be had is told: ${model}`, `<inception-inspector model="${model}" models-url="${folder}"></inception-inspector>`, async (page) => {
    const sentence = says((path) => new URL(path, page.url()).href);
    await page.locator('#loadStatus [role=alert]', { hasText: sentence }).waitFor();
    const [{ detail }, ...others] = await told(page, 'error');
    assert.deepEqual([detail.code, detail.message, detail.error.name, detail.error.code], [code, sentence, 'InceptionError', code]);
    assert.match(detail.error.message, error);
    assert.deepEqual(others, []);
    assert.deepEqual(await told(page, 'load'), []);
    await page.locator('inception-inspector').evaluate((inspector, model) => inspector.setAttribute('model', model), `/${MODEL}`);
    await page.locator('.card').first().waitFor();
    assert.equal(await page.locator('#loadStatus').textContent(), '');
  }, { prepare: (page) => page.route('**/away.safetensors', (route) => route.abort()) });
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
  const said = `${new URL('/no-such.png', page.url()).href} (the server answered 404 Not Found)`;
  const note = page.locator('#imageNote [role=alert]');
  await note.waitFor();
  const error = { name: 'InceptionError', code: 'network', message: said, hasCause: false };
  assert.deepEqual((await told(page, 'error')).map(({ detail }) => detail), [{ code: 'network', message: fill(zh.notFetched, { detail: said }), error }]);
  assert.equal(await note.locator('.detail[lang=en]').textContent(), said, 'English stands apart from Chinese');
  await page.route('**/away.png', (route) => route.abort());
  await page.evaluate(() => document.querySelector('inception-inspector').show('/away.png'));
  const href = new URL('/away.png', page.url()).href;
  const away = { name: 'InceptionError', code: 'network', message: `${href} (Failed to fetch)`, hasCause: true };
  assert.deepEqual((await told(page, 'error')).at(-1).detail, { code: 'network', message: fill(zh['err-network'], { detail: href }), error: away });
});

elementTest('a picture that is refused is told with an error of the package', '<inception-inspector lang="zh"></inception-inspector>', async (page) => {
  const refused = await page.evaluate(async (path) => {
    const { InceptionError } = await import(path);
    const inspector = document.querySelector('inception-inspector');
    const errors = [];
    inspector.addEventListener('inception-error', ({ detail: { error } }) => errors.push([error instanceof InceptionError, error.code, error.message]));
    await inspector.show([]);
    await inspector.show(new TextEncoder().encode('no picture at all'));
    await inspector.show(new TextEncoder().encode('<svg><g/></svg>'));
    await inspector.show(42);
    return errors;
  }, '/pkg/dist/index.js');
  assert.deepEqual(refused.map(([isOurs, code]) => [isOurs, code]), Array(4).fill([true, 'bad-image']));
  assert.equal(refused[0][2], en.nothingBrought);
  assert.match(refused[1][2], /^This file cannot be read as an image: it does not begin like one/);
  assert.equal(refused[2][2], 'the SVG file is damaged');
});

elementTest('where neither the worker nor the page\'s server answers, it is the server that is away, whatever code the engine has for it', '', async (page) => {
  const failuresOf = () => page.evaluate(async () => {
    const { loadFailure } = await import('/pkg/dist/element/server.js');
    const errors = [['internal', "the engine's worker script did not load"], ['network', "the worker's script did not load"], ['network', 'https://example.org/model (Failed to fetch)']];
    const failures = errors.map(([code, message]) => loadFailure({ code, detail: 'x', error: { code, message } }, false));
    return (await Promise.all(failures)).map(({ code, sentence, error }) => [code, sentence?.key, error.message]);
  });
  const said = ["the engine's worker script did not load", "the worker's script did not load", 'https://example.org/model (Failed to fetch)'];
  assert.deepEqual(await failuresOf(), [['internal', undefined, said[0]], ['network', undefined, said[1]], ['network', undefined, said[2]]]);
  await page.route('**/host.html', (route) => route.abort());
  assert.deepEqual(await failuresOf(), [['network', 'serverAway', said[0]], ['network', 'serverAway', said[1]], ['network', undefined, said[2]]]);
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
  assert.equal(await opened(), 'Mixed_3b');
  await page.focus('#p');
  await page.keyboard.press(']');
  assert.equal(await opened(), 'Mixed_3b', 'typed elsewhere');
  await page.evaluate(() => document.querySelector('inception-inspector').focus());
  await page.keyboard.press(']');
  assert.equal(await opened(), 'Mixed_3c', 'typed in the element');
  await page.locator('inception-inspector').evaluate((inspector) => inspector.toggleAttribute('hotkeys'));
  await page.focus('#p');
  await page.keyboard.press(']');
  assert.equal(await opened(), 'Mixed_4b', 'typed elsewhere, with hotkeys');
  await page.focus('#field');
  await page.keyboard.press(']');
  assert.equal(await opened(), 'Mixed_4b', 'typed into a field');
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
  const png = await drawnPng(page, 200);
  await page.locator('#photo').evaluate((photo, png) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([png], 'dropped.png', { type: 'image/png' }));
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
