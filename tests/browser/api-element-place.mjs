// The inspector as an element of somebody else's page: what goes wrong, keys, language, theme, width.

import assert from 'node:assert/strict';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { MODEL, SWIFTSHADER } from './harness.mjs';
import { elementTest, loadNet, told, untilTold } from './host.mjs';
import { drawnPng, withFaults } from './visit.mjs';

const fill = (/** @type {string} */ text, /** @type {Record<string, string>} */ values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

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
