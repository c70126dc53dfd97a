// Where the network runs: the badge, the choice, the self-test, what the page says when a GPU fails.

import assert from 'node:assert/strict';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { SWIFTSHADER } from './harness.mjs';
import { classifyDrawn, visit, withFaults } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

const LANGUAGES = [
  ['en', en],
  ['zh', zh],
];
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const badge = (page) => page.locator('#deviceBadge');
const dot = (page) => page.locator('#deviceBadge .dot').getAttribute('class');

visit('a device that is chosen in vain is chosen no longer, whether its load failed or was cancelled', {}, async (page) => {
  const chosen = async () => {
    await badge(page).click();
    const text = await page.locator('#deviceMenu [aria-checked=true] b').textContent();
    await page.keyboard.press('Escape');
    return text;
  };
  const choose = async (/** @type {string} */ name) => {
    await badge(page).click();
    await page.locator('#deviceMenu .option').filter({ has: page.getByText(name, { exact: true }) }).click();
  };
  await choose(en.onGpu);
  await page.locator('#modelStatus [role=alert]').waitFor();
  assert.equal(await chosen(), en.onAuto);
  assert.doesNotMatch(page.url(), /device=/);
  await page.reload();
  await page.locator('.card').first().waitFor();
  assert.ok(await page.locator('#modelStatus').isHidden());

  await choose(en.onCpu);
  await page.waitForFunction((text) => document.querySelector('#deviceBadge small').textContent === text, en.whyAsked);
  assert.match(page.url(), /device=cpu/);
  await choose(en.onGpu);
  await page.locator('#modelStatus [role=alert]').waitFor();
  assert.equal(await chosen(), en.onCpu);
  assert.match(page.url(), /device=cpu/);
  await page.click('#modelStatus .close');
  await page.evaluate(async () => {
    const { Inception } = await import('/pkg/dist/index.js');
    Inception.load = (source, { signal }) => new Promise((resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  await choose(en.onAuto);
  await page.locator('#modelStatus').getByRole('button', { name: en.cancel }).click();
  assert.equal(await chosen(), en.onCpu);
});

for (const [lang, words] of LANGUAGES) {
  visit(`the badge says why the CPU runs instead of a GPU (${lang})`, { hash: `#lang=${lang}` }, async (page) => {
    assert.match(await badge(page).locator('b').textContent(), /^CPU · \d+ /);
    assert.equal(await badge(page).locator('small').textContent(), words.whyNoAdapter);
    assert.equal(await dot(page), 'dot warn');
    assert.equal(await page.locator('#selfTest').isVisible(), false);
  });

  visit(`the badge names the GPU that is asked for (${lang})`, { hash: `?device=webgpu#lang=${lang}`, flags: SWIFTSHADER }, async (page) => {
    assert.equal(await badge(page).locator('b').textContent(), 'WebGPU · google swiftshader');
    assert.equal(await badge(page).locator('small').textContent(), words.whyAsked);
    assert.equal(await dot(page), 'dot');
  });

  visit(
    `a GPU that fails gives way to the CPU, with a note and another try (${lang})`,
    { hash: `#lang=${lang}`, flags: SWIFTSHADER, prepare: withFaults('disguise=1&refuse=1') },
    async (page) => {
      const [start, end] = words.stGpuFailed.split('{reason}');
      const note = page.locator('#deviceNote .note.warn');
      const text = await note.locator('span').textContent();
      assert.ok(text.startsWith(start) && text.endsWith(end) && text.includes('no devices today'), text);
      assert.equal(await dot(page), 'dot warn');
      await note.locator('button', { hasText: words.retry }).click();
      await page.locator('#modelStatus').waitFor();
      await page.locator('#modelStatus').waitFor({ state: 'hidden' });
      assert.equal(await note.locator('span').textContent(), text, 'it fails again');
    },
  );
}

for (const [lang, words] of LANGUAGES) {
  visit(`the badge says what an answer takes on either device (${lang})`, { hash: `#lang=${lang}`, flags: SWIFTSHADER, prepare: withFaults('disguise=1&many=20') }, async (page) => {
    const pattern = fill(words.whyPredicted.replace(/[()]/g, String.raw`\$&`), { gpu: String.raw`\d+`, cpu: String.raw`\d+` });
    assert.match(await badge(page).locator('small').textContent(), new RegExp(`^${pattern}$`));
    assert.equal(await badge(page).locator('small').getAttribute('lang'), words === en ? 'en' : await page.evaluate(() => document.documentElement.lang));
    assert.match(await badge(page).locator('b').textContent(), /^CPU · /);
    assert.equal(await dot(page), 'dot', 'the faster device stands in for no other');
  });
}

visit('the GPU tests itself against the CPU', { hash: '?device=webgpu#lang=zh', flags: SWIFTSHADER }, async (page) => {
  const button = page.locator('#selfTest button');
  assert.equal(await button.textContent(), zh.testRun);
  await button.click();
  await page.locator('#selfTest button', { hasText: zh.testRunning }).waitFor();
  const equal = new RegExp(`^${fill(zh.testEqual, { error: String.raw`\d\.\de−\d` })}$`);
  await page.locator('#selfTest button', { hasText: equal }).waitFor();
  assert.match(await button.getAttribute('title'), /(Conv2d|Mixed|Pool|LRN|Logits|Predictions)/);
});

visit(
  'a GPU that is lost is opened again, and the answer comes all the same',
  { hash: '?device=webgpu#lang=zh', flags: SWIFTSHADER, empty: true, prepare: withFaults('lose=3') },
  async (page) => {
    await classifyDrawn(page);
    const [start, end] = zh.stReopened.split('{reason}');
    const text = await page.locator('#deviceNote .note.warn span').textContent();
    assert.ok(text.startsWith(start) && text.endsWith(end), text);
    assert.equal(await page.locator('#top5 .p').count(), 5);
    assert.ok((await badge(page).locator('small').textContent()).startsWith(zh.whyReopened.split('{reason}')[0]));
    await classifyDrawn(page, 'next.png');
    assert.equal(await page.locator('#deviceNote .note').count(), 0);
  },
);

/** After the loss the browser offers no GPU any more. @param {Page} page */
const lostForGood = withFaults('lose=3&adapters=2');

visit('a GPU that is lost for good gives way to the CPU', { hash: '?device=webgpu', flags: SWIFTSHADER, empty: true, prepare: lostForGood }, async (page) => {
  await classifyDrawn(page);
  const note = await page.locator('#deviceNote .note.warn span').textContent();
  assert.match(note, /^The GPU was lost \(.+[^.]\)\. Continuing on the CPU\.$/);
  assert.equal(await page.locator('#top5 .p').count(), 5);
  assert.match(await badge(page).locator('b').textContent(), /^CPU · /);
  assert.match(await badge(page).locator('small').textContent(), /^the GPU was lost: /);
  assert.equal(await dot(page), 'dot warn');
});

visit('the device is chosen at the badge, by pointer or keys', { flags: SWIFTSHADER }, async (page) => {
  const choice = (name) => page.locator('#deviceMenu [role=menuitemradio]', { hasText: name });
  const runsOn = (pattern) => badge(page).locator('b', { hasText: pattern }).waitFor();
  assert.equal(await dot(page), 'dot warn');
  assert.match(await badge(page).locator('small').textContent(), /^only a software adapter found \(google swiftshader\)$/);

  await badge(page).click();
  assert.equal(await choice(en.onAuto).getAttribute('aria-checked'), 'true');
  await choice(en.onGpuHint).click();
  await runsOn(/^WebGPU/);
  assert.equal(await page.locator('#deviceMenu').isVisible(), false);
  assert.equal(new URL(page.url()).search, '?device=webgpu');
  assert.equal(await dot(page), 'dot');

  await badge(page).focus();
  await page.keyboard.press('Enter');
  assert.equal(await badge(page).getAttribute('aria-expanded'), 'true');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await runsOn(/^CPU/);
  assert.equal(new URL(page.url()).search, '?device=cpu');
  assert.equal(await badge(page).locator('small').textContent(), en.whyAsked);
  assert.equal(await dot(page), 'dot', 'a CPU that was asked for replaces nothing');

  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#deviceMenu').isVisible(), false);
  assert.equal(await page.evaluate(() => focused()?.id), 'deviceBadge');

  await badge(page).click();
  await choice(en.onAuto).click();
  await badge(page).locator('small', { hasText: 'only a software adapter' }).waitFor();
  assert.equal(new URL(page.url()).search, '');
});

visit('a GPU that is asked for and missing is a failure with a way out', { hash: '?device=webgpu', ready: false }, async (page) => {
  const note = page.locator('#modelStatus [role=alert]');
  await note.waitFor();
  assert.equal(await note.locator('> span').textContent(), fill(en['err-no-webgpu'], { detail: 'the browser offers no GPU' }));
  await note.locator('button', { hasText: en.useAuto }).click();
  await page.locator('.card').first().waitFor();
  assert.match(await badge(page).locator('b').textContent(), /^CPU/);
  assert.equal(new URL(page.url()).search, '');
});

visit('the badge, its menu and the self-test fit', { hash: '?device=webgpu', flags: SWIFTSHADER }, async (page) => {
  /** @param {string} what @param {() => Promise<void>} [show] */
  const fits = async (what, show) => {
    for (const width of [320, 861, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await show?.();
      const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(excess, 0, `${what}, ${width} px`);
      if (show !== undefined) await page.keyboard.press('Escape');
    }
  };
  await fits('the badge');
  await fits('with the menu', () => badge(page).click());
  await page.locator('#selfTest button').click();
  await page.locator('#selfTest button', { hasText: /^Equals/ }).waitFor();
  await fits('with the result of the self-test');
});
