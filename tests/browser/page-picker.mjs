// The list of models and the header around it.

import assert from 'node:assert/strict';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { onDisk } from './on-disk.mjs';
import { ownModelFile } from './own-model-file.mjs';
import { visit } from './visit.mjs';

/** @typedef {import('playwright-core').Page} Page */

const FILTER = 'nsfw-inception-v3';
const CORS = { 'access-control-allow-origin': '*' };
const titles = (/** @type {Page} */ page) => page.locator('#modelMenu .option b').allTextContents();
const HUBS = ['Inception-v3', 'GoogLeNet (torchvision)', 'Inception-v4', 'Inception-ResNet-v2'];

/**
 * Answers for every other host, and tells what it was asked.
 * @param {Page} page
 * @param {(route: import('playwright-core').Route) => Promise<void>} answer
 */
async function elsewhere(page, answer) {
  /** @type {string[]} */
  const asked = [];
  await page.route(/^https:/, (route) => {
    asked.push(`${route.request().method()} ${new URL(route.request().url()).host}`);
    return answer(route);
  });
  return asked;
}

/** The content filter as a model that may be beside the page or not. @param {Page} page @param {boolean} isThere */
async function optionalFilter(page, isThere) {
  await page.route('**/models/catalog.json', async (route) => {
    const response = await route.fetch();
    const entries = (await response.json()).map((entry) => (entry.id === FILTER ? { ...entry, offline: false } : entry));
    await route.fulfill({ response, json: entries });
  });
  await page.route(`**/${FILTER}.safetensors`, (route) => route.fulfill({ status: isThere ? 200 : 404 }));
}

/** Waits until the browser has the model that the page opens with, and the page knows. @param {Page} page */
const kept = (page) => page.locator('#modelMenu .own-note', { hasText: en.keptOffline }).waitFor({ state: 'attached' });

const there = (/** @type {import('playwright-core').Route} */ route) => route.fulfill({ status: 200, headers: CORS });

visit('nobody else is asked anything before the list of models opens, and each hub once then', { ready: false, prepare: async (page) => { page.asked = await elsewhere(page, there); } }, async (page) => {
  const { asked } = page;
  await page.locator('.card').first().waitFor();
  await page.locator('#samples button').last().click();
  await page.locator('#top5 .p').first().waitFor();
  assert.deepEqual(asked, []);
  await page.click('#model');
  await page.locator('.about-hubs', { hasText: en.pickMoreNote }).waitFor();
  assert.deepEqual([...asked].sort(), ['HEAD download.pytorch.org', 'HEAD huggingface.co']);
  assert.deepEqual((await titles(page)).slice(-HUBS.length), HUBS);
  assert.equal(await page.locator('#modelMenu .model-row', { hasNotText: en.filterTitle }).locator('.get').count(), HUBS.length, 'the content filter may be there to be had as well');
  await page.keyboard.press('Escape');
  await page.click('#model');
  await page.locator('.about-hubs', { hasText: en.pickMoreNote }).waitFor();
  assert.equal(asked.length, 2, 'what is known is not asked again');
});

visit('hubs that do not answer are named, and their models are gone', { ready: false, prepare: async (page) => { page.asked = await elsewhere(page, (route) => (/huggingface/.test(route.request().url()) ? route.abort() : there(route))); } }, async (page) => {
  await page.locator('.card').first().waitFor();
  await page.click('#model');
  await page.locator('.about-hubs', { hasText: 'Not reached now: huggingface.co.' }).waitFor();
  assert.deepEqual((await titles(page)).filter((title) => HUBS.includes(title)), ['GoogLeNet (torchvision)']);
  await page.keyboard.press('Escape');
  await page.click('#model');
  await page.waitForFunction(() => !document.querySelector('.about-hubs')?.textContent?.startsWith('Asking'));
  assert.equal(page.asked.filter((request) => /huggingface/.test(request)).length, 2, 'it may be there by now');
});

visit('without a connection nobody is asked and the list says so', { ready: false, prepare: async (page) => { page.asked = await elsewhere(page, there); } }, async (page) => {
  await page.locator('.card').first().waitFor();
  await kept(page);
  await page.context().setOffline(true);
  await page.click('#model');
  await page.locator('.about-hubs', { hasText: en.pickOffNet }).waitFor();
  assert.deepEqual(page.asked, []);
  assert.deepEqual((await titles(page)).filter((title) => HUBS.includes(title)), []);
});

visit('whoever clears the downloads is told what goes with them, and the list says what is left without a connection', { ready: false, prepare: async (page) => { page.asked = await elsewhere(page, there); } }, async (page) => {
  await page.locator('.card').first().waitFor();
  await kept(page);
  await page.setInputFiles('#modelFiles', onDisk({ name: 'five.safetensors', buffer: ownModelFile(5) }));
  await page.locator('#modelName', { hasText: 'five.safetensors' }).waitFor();
  await page.context().setOffline(true);
  await page.click('#model');
  await page.locator('.own-note', { hasText: en.keptOffline }).waitFor();
  await page.locator('.about-hubs', { hasText: en.pickOffNet }).waitFor();
  await page.locator('#modelMenu .option b', { hasText: 'five.safetensors' }).waitFor();
  assert.deepEqual(await titles(page), ['GoogLeNet', 'five.safetensors']);
  await page.click('#clearKept');
  await page.locator('#clearKept').waitFor({ state: 'detached' });
  await page.waitForFunction(() => !document.querySelector('#model-googlenet-imagenet'));
  await page.keyboard.press('Escape');
  await page.context().setOffline(false);
  await page.click('#model');
  await page.locator('#model-googlenet-imagenet').waitFor();
});

visit('the content filter is offered where its file is', { ready: false, prepare: async (page) => { await optionalFilter(page, true); } }, async (page) => {
  await page.locator('.card').first().waitFor();
  await page.click('#model');
  const option = page.locator('.option', { hasText: en.filterTitle });
  await option.locator('.get').waitFor();
  assert.equal(await option.locator('small').textContent(), `${en.filterNote2} · 5 classes · MIT`);
});

visit('the content filter is not offered where its file is not', { ready: false, expected: new RegExp(FILTER), prepare: async (page) => { await optionalFilter(page, false); await elsewhere(page, there); } }, async (page) => {
  await page.locator('.card').first().waitFor();
  await page.click('#model');
  await page.locator('.about-hubs', { hasText: en.pickMoreNote }).waitFor();
  assert.ok(!(await titles(page)).includes(en.filterTitle));
  await page.keyboard.press('Escape');
  await page.click('#compareToggle');
  await page.getByRole('radio', { name: en.otherModel }).click();
  assert.equal(await page.locator('#compareModels button', { hasText: en.filterTitle }).count(), 0);
});

visit('the list of models works with the keyboard alone', { ready: false, prepare: async (page) => { page.asked = await elsewhere(page, there); } }, async (page) => {
  await page.locator('.card').first().waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.querySelector('b')?.textContent ?? document.activeElement?.id);
  await page.locator('#model').focus();
  await page.keyboard.press('Enter');
  await page.locator('.about-hubs', { hasText: en.pickMoreNote }).waitFor();
  assert.equal(await focused(), 'GoogLeNet');
  const all = await titles(page);
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(), all[1]);
  await page.keyboard.press('End');
  assert.equal(await focused(), all.at(-1));
  await page.keyboard.press('Home');
  assert.equal(await focused(), all[0]);
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  const before = await theme();
  await page.keyboard.press('i');
  assert.equal(await focused(), 'Inception-v3');
  await page.keyboard.press('I');
  assert.equal(await focused(), 'Inception-v4');
  await page.keyboard.press('t');
  assert.equal(await theme(), before, 'letters go to the list');
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'ownFile');
  // The list is drawn anew meanwhile, as it is when a model has been kept.
  for (const lang of ['zh', 'en']) await page.locator(`#languages [data-lang=${lang}]`).evaluate((button) => button.click());
  await page.keyboard.press('Shift+Tab');
  assert.equal(await focused(), 'Inception-v4');
  await page.keyboard.press('Escape');
  assert.equal(await focused(), 'model');
  assert.ok(await page.locator('#modelMenu').isHidden());
});

visit('Enter gets a model from its hub', { ready: false, prepare: async (page) => { page.asked = await elsewhere(page, (route) => (route.request().method() === 'HEAD' ? there(route) : route.abort())); } }, async (page) => {
  await page.locator('.card').first().waitFor();
  await page.click('#model');
  await page.locator('.about-hubs', { hasText: en.pickMoreNote }).waitFor();
  await page.keyboard.press('i');
  await page.keyboard.press('Enter');
  await page.locator('#modelStatus [role=alert]', { hasText: 'Could not reach Inception-v3' }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'model');
  assert.equal(await page.locator('#modelName').textContent(), 'GoogLeNet');
});

visit('header and list of models fit', {}, async (page) => {
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const box = (/** @type {string} */ selector) => page.locator(selector).evaluate((element) => element.getBoundingClientRect().toJSON());
  for (const width of [320, 360, 768, 1024, 1366, 1600, 3840]) {
    await page.setViewportSize({ width, height: 900 });
    for (const [lang, text] of Object.entries({ en, zh })) {
      await page.click(`[data-lang=${lang}]`);
      assert.equal(await page.locator('#purpose').textContent(), text.purpose.replace('{network}', 'GoogLeNet'));
      assert.equal(await overflow(), 0, `${lang}, ${width} px`);
      for (const [button, menu] of [['#model', '#modelMenu'], ['#deviceBadge', '#deviceMenu']]) {
        await page.click(button);
        const { left, right } = await box(menu);
        assert.ok(left >= 0 && right <= width, `${menu} from ${left} to ${right} in ${lang}, ${width} px`);
        assert.equal(await overflow(), 0, `${menu} in ${lang}, ${width} px`);
        await page.keyboard.press('Escape');
      }
    }
    if (width <= 860) continue;
    assert.equal((await box('.top')).height, 60);
    await page.setViewportSize({ width, height: 768 });
    assert.equal((await box('.top')).height, 52);
  }
});

for (const width of [320, 360, 412]) {
  visit(`menus stay on the screen of a phone ${width} px wide`, { width, phone: true }, async (page) => {
    for (const [button, menu] of [['#model', '#modelMenu'], ['#deviceBadge', '#deviceMenu']]) {
      await page.locator(button).tap();
      const { left, right } = await page.locator(menu).evaluate((element) => element.getBoundingClientRect().toJSON());
      assert.ok(left >= 0 && right <= width, `${menu} from ${left} to ${right}`);
      assert.equal(await page.evaluate(() => innerWidth), width, 'the page is not made wider');
      await page.keyboard.press('Escape');
    }
  });
}

visit('header and content stand on one axis on a wide screen', { width: 3840 }, async (page) => {
  const [mark, panel] = await page.evaluate(() => [document.querySelector('.brand svg'), globalThis.inside('.panel')].map((element) => element.getBoundingClientRect().left));
  assert.equal(mark, panel);
  assert.equal(mark, (3840 - 2720) / 2 + 24);
  const [theme, last] = await page.evaluate(() => [document.querySelector('#theme'), globalThis.inside('#network')].map((element) => element.getBoundingClientRect().right));
  assert.equal(theme, last);
});

visit('a touch screen is not told to drop', { ready: false, prepare: async (page) => { const devtools = await page.context().newCDPSession(page); await devtools.send('Emulation.setEmulatedMedia', { features: [{ name: 'pointer', value: 'coarse' }] }); await devtools.send('Emulation.setTouchEmulationEnabled', { enabled: true }); } }, async (page) => {
  await page.locator('.or', { hasText: en.dropTouch }).waitFor();
  assert.ok(await page.locator('.or', { hasText: en.drop }).isHidden());
});
