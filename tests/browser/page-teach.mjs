// The page's own classes: taught, answered, kept, saved and opened, by hand and by keys.

import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { check, withAxe } from './axe.mjs';
import { pictures } from './teach-pictures.mjs';
import { visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

const TEACH = '#view=teach';
/** A camera that shows a moving test picture, and a browser that lets pages use it. */
const FILM = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

const card = (/** @type {Page} */ page, /** @type {string} */ label) => page.locator(`.class[data-class="${label}"]`);
const count = (/** @type {Page} */ page, /** @type {string} */ label) => card(page, label).locator('.count').textContent();
const counted = (/** @type {Page} */ page, /** @type {string} */ label, /** @type {string} */ text) => card(page, label).locator('.count', { hasText: text }).waitFor();
const told = (/** @type {Page} */ page, /** @type {string} */ text) => page.locator('#teach .note', { hasText: text }).first().waitFor();
const stored = (/** @type {Page} */ page, /** @type {number} */ n) => page.locator('#teach .store', { hasText: `Stored on this computer: ${n} pictures’ features and thumbnails` }).waitFor();
const rows = async (/** @type {Page} */ page) => (await page.locator('#top5 .label').allTextContents()).sort();
const matrix = (/** @type {Page} */ page) => page.locator('#teach .cm tbody tr').evaluateAll((all) => all.map((row) => [...row.cells].slice(1, -1).map(({ textContent }) => Number(textContent.replace('·', '0')))));

/** Waits until the examples as they are have been trained on. @param {Page} page */
async function trained(page) {
  await page.locator('#teach .result:not(.stale) .huge').waitFor();
}

/** Waits until the inspector has been at rest for a moment: what is out of date, and a colour on its way, have less contrast. @param {Page} page */
async function still(page) {
  for (let since = Date.now(); Date.now() - since < 500; await page.waitForTimeout(50)) {
    const isAtRest = await page.evaluate(() => {
      const isDone = globalThis.insideAll('.stale, .waiting, [aria-busy=true], .card[data-run]:not([data-run=done])').length === 0;
      return isDone && [document, document.querySelector('#inspector')?.shadowRoot].every((root) => (root?.getAnimations() ?? []).every(({ playState }) => playState !== 'running'));
    });
    if (!isAtRest) since = Date.now();
  }
}

/** Waits until there is something to teach. @param {Page} page */
const ready = (page) => page.locator('#teach .zone button:enabled').first().waitFor();

/** Makes a class by hand. @param {Page} page @param {string} name */
async function addClass(page, name) {
  await page.locator('#teach').getByRole('button', { name: en.addClass }).click();
  await page.waitForFunction(() => globalThis.focused().matches('.class input.name'));
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
  await card(page, name).waitFor();
}

/** @param {Page} page @param {string} label @param {Awaited<ReturnType<typeof pictures>>} files */
const give = (page, label, files) => card(page, label).locator('input[type=file]').setInputFiles(files);

/** Teaches two classes with so many pictures each. @param {Page} page @param {number} [each] */
async function teachTwo(page, each = 3) {
  await addClass(page, 'Across');
  await addClass(page, 'Down 竖');
  await give(page, 'Across', await pictures(page, 'across', each));
  await give(page, 'Down 竖', await pictures(page, 'down', each));
  await counted(page, 'Across', `${each} pictures`);
  await counted(page, 'Down 竖', `${each} pictures`);
  await trained(page);
}

/** @param {Page} page @param {string} item of the menu "Save" @returns {Promise<{ name: string, mimeType: string, buffer: Buffer }>} the file */
async function save(page, item) {
  await page.click('#teachSave');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: item }).click()]);
  return { name: download.suggestedFilename(), mimeType: '', buffer: readFileSync(await download.path()) };
}

visit('two classes are taught from files, answer, stay after a reload, go on, and are opened elsewhere', { width: 1366 }, async (page, address) => {
  await page.locator('#workspaces').getByRole('link', { name: en.vTeach }).click();
  assert.equal(await page.locator('#workspaces [aria-current=page]').textContent(), en.vTeach);
  await page.locator('#teach .zone', { hasText: en.teachEmpty }).waitFor();
  await addClass(page, 'Across');
  await told(page, en.needTwo);
  assert.ok(await page.locator('#answerWith').isHidden(), 'one class is nothing to answer with');
  await addClass(page, 'Down 竖');
  await give(page, 'Across', [...(await pictures(page, 'across', 4)), { name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('no picture') }]);
  await counted(page, 'Across', '4 pictures');
  await give(page, 'Down 竖', await pictures(page, 'down', 1));
  await told(page, 'Down 竖 has one picture; five or more are better.');
  await give(page, 'Down 竖', [...(await pictures(page, 'down', 3, 1)), ...(await pictures(page, 'down', 1))]);
  await told(page, en.sameTwiceOne);
  await trained(page);
  await page.waitForFunction(() => document.querySelector('#teach .result:not(.stale)')?.textContent.includes('of 8 right'));
  const cells = await matrix(page);
  assert.deepEqual(cells.map((row) => row[0] + row[1]), [4, 4], 'each row has the pictures of its class');
  const right = cells[0][0] + cells[1][1];
  assert.match(await page.locator('#teach .result').textContent(), new RegExp(`${right} of 8 right`));
  assert.equal(await page.locator('#teach .huge').textContent(), right === 8 ? '100 %' : `${((right / 8) * 100).toFixed(1)} %`);
  assert.equal(await page.locator('#teach .worst button').count(), 4);
  assert.equal(await page.locator('#answerWith [aria-checked=true]').textContent(), 'Mine · 2');
  await page.waitForFunction(() => globalThis.insideAll('#top5 .label').length === 2);
  assert.deepEqual(await rows(page), ['Across', 'Down 竖']);
  await page.waitForFunction(() => location.hash.includes('view=teach') && location.hash.includes('mine=1'));
  await page.locator('#answerWith [role=radio]').first().click();
  await page.waitForFunction(() => globalThis.insideAll('#top5 .label').length === 5);
  await page.locator('#answerWith [role=radio]').last().click();
  await page.waitForFunction(() => globalThis.insideAll('#top5 .label').length === 2);
  await stored(page, 8);

  await page.waitForTimeout(500);
  await page.reload();
  await counted(page, 'Across', '4 pictures');
  await trained(page);
  await page.waitForFunction(() => globalThis.insideAll('#top5 .label').length === 2);
  await give(page, 'Across', await pictures(page, 'across', 1, 9));
  await counted(page, 'Across', '5 pictures');
  await page.waitForFunction(() => document.querySelector('#teach .result:not(.stale)')?.textContent.includes('of 9 right'));

  const [classes, head] = [await save(page, en.saveSet), await save(page, en.saveHead)];
  assert.deepEqual([classes.name, head.name], ['classes.safetensors', 'head.safetensors']);
  const fresh = await /** @type {import('playwright-core').Browser} */ (page.context().browser()).newContext({ viewport: { width: 1366, height: 900 } });
  try {
    const other = await fresh.newPage();
    await other.goto(`${address}${TEACH}`);
    await ready(other);
    await other.setInputFiles('#teachFile', classes);
    await counted(other, 'Across', '5 pictures');
    await counted(other, 'Down 竖', '4 pictures');
    await trained(other);
    await other.setInputFiles('#teachFile', { ...head, name: 'other.safetensors', buffer: Buffer.from('nothing of the kind') });
    await told(other, 'other.safetensors holds neither classes nor a classifier.');
    await other.click('#teachClear');
    await other.locator('#teach .store [role=status]', { hasText: 'Remove 2 classes and 9 pictures from this computer?' }).waitFor();
    await other.getByRole('button', { name: en.clearGo }).click();
    await other.locator('#teach .zone.big').waitFor();
    await other.setInputFiles('#teachFile', head);
    await told(other, 'Open file: 2 classes of head.safetensors');
    await other.locator('#top5 .label', { hasText: 'Across' }).waitFor();

    await other.goto(new URL('/tests/browser/blank.html', address).href);
    await other.waitForFunction(() => 'Inception' in globalThis);
    const bars = await pictures(other, 'down', 1, 30);
    const labels = await other.evaluate(
      async ({ head, bars }) => {
        const bytes = (/** @type {string} */ text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
        const net = await Inception.load('/models/googlenet-imagenet.safetensors', { head: bytes(head), device: 'cpu' });
        const { predictions } = await net.classify(new Blob([bytes(bars)]));
        net.dispose();
        return predictions.map(({ label }) => label);
      },
      { head: head.buffer.toString('base64'), bars: bars[0].buffer.toString('base64') },
    );
    assert.deepEqual(labels, ['Down 竖', 'Across']);
  } finally {
    await fresh.close();
  }
});

visit('below the threshold a picture is none of these; pictures of something else sharpen that', { width: 1366, hash: TEACH }, async (page) => {
  await teachTwo(page);
  // Classes that are mixed up are sure of nothing.
  await give(page, 'Across', await pictures(page, 'down', 3, 20));
  await give(page, 'Down 竖', await pictures(page, 'across', 3, 20));
  await counted(page, 'Down 竖', '6 pictures');
  await page.waitForFunction(() => document.querySelector('#teach .result:not(.stale)')?.textContent.includes('of 12 right'));
  await card(page, 'Across').locator('[role=option]').first().focus();
  await page.keyboard.press('Enter');
  await page.locator('#imageMeta', { hasText: '224 × 224' }).waitFor();
  await page.waitForFunction(() => globalThis.insideAll('#top5 .label').length === 2);
  const slider = page.locator('#teachThreshold');
  const own = await slider.inputValue();
  await slider.focus();
  await page.keyboard.press('Home');
  await page.locator('#none').waitFor({ state: 'detached' });
  await page.locator('#camLayer:not([hidden])').waitFor();
  await page.keyboard.press('End');
  await page.locator('#none', { hasText: 'Below 100 %: none of these' }).waitFor();
  assert.ok(await page.locator('#camLayer').isHidden(), 'nothing is explained');
  await page.keyboard.press('PageDown');
  assert.equal(await slider.inputValue(), '90');
  await page.getByRole('button', { name: en.autoThr }).click();
  assert.equal(await slider.inputValue(), own);
  await card(page, '').locator('input[type=file]').setInputFiles(await pictures(page, 'squares', 3));
  await counted(page, '', '3 pictures');
  await page.locator('#teach .result:not(.stale) .thr .other').first().waitFor();
  assert.match(await page.locator('#teach .facts').textContent(), /^2 classes, 15 pictures$/);
});

visit('a folder that is chosen has a class in each of its folders', { width: 1366, hash: TEACH }, async (page) => {
  const root = mkdtempSync(join(tmpdir(), 'inception-teach-'));
  try {
    for (const kind of /** @type {const} */ (['across', 'down'])) {
      mkdirSync(join(root, kind, 'deeper'), { recursive: true });
      const [first, ...others] = await pictures(page, kind, 3);
      writeFileSync(join(root, kind, 'deeper', first.name), first.buffer);
      for (const { name, buffer } of others) writeFileSync(join(root, kind, name), buffer);
    }
    writeFileSync(join(root, 'down', 'damaged.jpg'), 'no picture');
    writeFileSync(join(root, 'down', 'notes.txt'), 'no picture either, and not called one');
    await ready(page);
    await page.setInputFiles('#teachFolder', root);
    await told(page, en.skippedOne);
    await page.getByRole('button', { name: en.showThem }).click();
    await page.locator('#teach .skipped li', { hasText: 'damaged.jpg' }).waitFor();
    assert.equal(await page.locator('#teach .skipped li').count(), 1);
    assert.deepEqual([await count(page, 'across'), await count(page, 'down')], ['3 pictures', '3 pictures']);
    await trained(page);
    await page.click('#teachUndo');
    await page.locator('#teach .class').first().waitFor({ state: 'detached' });
  } finally {
    rmSync(root, { recursive: true });
  }
});

visit('pictures of a class are selected, removed, moved and brought back by keys', { width: 1366, hash: TEACH }, async (page) => {
  await teachTwo(page, 4);
  const across = card(page, 'Across');
  const picked = () => across.locator('[aria-selected=true]').count();
  await across.locator('[role=option]').first().focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  assert.equal(await picked(), 2);
  await page.keyboard.press('Space');
  assert.equal(await picked(), 1);
  await page.keyboard.press('Space');
  await page.keyboard.press('Delete');
  await counted(page, 'Across', '2 pictures');
  assert.equal(await page.evaluate(() => globalThis.focused().getAttribute('role')), 'option', 'the focus stays among the pictures');
  await page.keyboard.press('m');
  assert.equal(await page.evaluate(() => globalThis.focused().textContent), 'Down 竖');
  await page.keyboard.press('Enter');
  await counted(page, 'Across', '1 picture');
  await counted(page, 'Down 竖', '5 pictures');
  await card(page, 'Down 竖').locator('[role=option]').first().focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Delete');
  await counted(page, 'Down 竖', '4 pictures');
  // The picture that was moved, removed and put back goes to where it was moved from.
  for (let i = 0; i < 3; i++) await page.keyboard.press('Control+z');
  await counted(page, 'Across', '4 pictures');
  await counted(page, 'Down 竖', '4 pictures');
  await page.keyboard.press('Enter');
  await page.locator('#imageMeta', { hasText: /down-\d\.png · 224 × 224/ }).waitFor();
  await across.getByRole('button', { name: en.removeClass }).click();
  await across.waitFor({ state: 'detached' });
  await page.click('#teachUndo');
  await counted(page, 'Across', '4 pictures');
  await page.locator('#network').focus();
  await page.keyboard.press('v');
  await page.locator('#teach').waitFor({ state: 'hidden' });
  await page.locator('#answerWith [aria-checked=true]', { hasText: 'Mine · 2' }).waitFor();
});

visit('a class that is renamed, removed or joined while its pictures are read has all of them, or none', { width: 1366, hash: TEACH }, async (page) => {
  await ready(page);
  for (const name of ['One', 'Two', 'Three']) await addClass(page, name);
  const across = await pictures(page, 'across', 8);
  await give(page, 'One', across);
  await give(page, 'Two', await pictures(page, 'down', 8));
  await give(page, 'Three', await pictures(page, 'squares', 8));
  // The first is being read.
  await card(page, 'One').locator('input.name').fill('First 一');
  await page.keyboard.press('Enter');
  await card(page, 'Three').locator('button', { hasText: '×' }).first().click();
  await counted(page, 'First 一', '8 pictures');
  await counted(page, 'Two', '8 pictures');
  await trained(page);
  assert.deepEqual(await page.locator('#teach .class').evaluateAll((all) => all.map(({ dataset }) => dataset.class)), ['First 一', 'Two', '']);
  // The same pictures in another class, which then is joined with theirs: each counts once.
  await addClass(page, 'Again');
  await give(page, 'Again', across.slice(0, 3));
  await counted(page, 'Again', '3 pictures');
  await card(page, 'Again').locator('input.name').fill('First 一');
  await page.keyboard.press('Enter');
  await counted(page, 'First 一', '8 pictures');
  await page.click('#teachUndo');
  await counted(page, 'Again', '3 pictures');
  assert.equal(await count(page, 'First 一'), '8 pictures');
});

visit('a classifier that is opened while the classes here are trained stays, and says what it is not for', { width: 1366, hash: TEACH }, async (page) => {
  await ready(page);
  await teachTwo(page);
  const head = await save(page, en.saveHead);
  await give(page, 'Across', await pictures(page, 'across', 2, 20));
  await counted(page, 'Across', '5 pictures');
  await page.setInputFiles('#teachFile', { ...head, name: 'opened.safetensors' });
  await told(page, 'opened.safetensors');
  await trained(page);
  await page.waitForTimeout(500);
  await told(page, 'opened.safetensors');
  // The digest of the backbone, one digit of which is another.
  const at = head.buffer.indexOf('"backbone":"') + 12;
  const other = Buffer.from(head.buffer);
  other[at] = other[at] === 0x30 ? 0x31 : 0x30;
  await page.setInputFiles('#teachFile', { ...head, buffer: other });
  await told(page, en.wrongWeights.replace('{a}', 'GoogLeNet'));
});

visit('holding the button takes frames of the camera', { flags: FILM, width: 1366, hash: TEACH, empty: true }, async (page) => {
  await addClass(page, 'Film');
  const hold = card(page, 'Film').locator('.hold');
  await hold.hover();
  await page.mouse.down();
  await hold.filter({ hasText: /Capturing, [2-9]/ }).waitFor();
  assert.equal(await hold.getAttribute('aria-pressed'), 'true');
  await page.mouse.up();
  await page.locator('.hold[aria-pressed=true]').waitFor({ state: 'detached' });
  await page.waitForTimeout(1500);
  const taken = await count(page, 'Film');
  assert.match(taken ?? '', /^\d+ pictures$/);
  await page.waitForTimeout(700);
  assert.equal(await count(page, 'Film'), taken, 'no more once it is let go');
  await hold.focus();
  await page.keyboard.down('Space');
  await hold.filter({ hasText: /Capturing, [1-9]/ }).waitFor();
  await page.keyboard.up('Space');
  await page.locator('.hold[aria-pressed=true]').waitFor({ state: 'detached' });
});

visit('where the browser stores nothing the classes stay until the tab is closed, and the page says so', { width: 1366, hash: TEACH, prepare: (page) => page.addInitScript(() => (IDBFactory.prototype.open = () => { throw new DOMException('', 'SecurityError'); })) }, async (page) => {
  await teachTwo(page);
  await told(page, en.refusedMem);
  await page.locator('#teach .store', { hasText: /^In this tab only: 6 pictures/ }).waitFor();
});

visit('where there is no room the page goes on, says so, and writes when there is', { width: 1366, hash: TEACH, prepare: (page) => page.addInitScript(() => {
  const { add } = IDBObjectStore.prototype;
  globalThis.isFull = true;
  IDBObjectStore.prototype.add = function (...given) {
    if (globalThis.isFull) throw new DOMException('', 'QuotaExceededError');
    return add.apply(this, given);
  };
}) }, async (page) => {
  await teachTwo(page, 2);
  await told(page, en.fullMem);
  await page.evaluate(() => (globalThis.isFull = false));
  await give(page, 'Across', await pictures(page, 'across', 1, 7));
  await stored(page, 5);
  await page.waitForTimeout(500);
  await page.reload();
  await counted(page, 'Across', '3 pictures');
});

visit('another tab shows what this one does', { width: 1366, hash: TEACH }, async (page, address) => {
  await teachTwo(page, 2);
  const other = await page.context().newPage();
  await other.goto(`${address}${TEACH}`);
  await counted(other, 'Across', '2 pictures');
  await told(other, en.twoTabs);
  await told(page, en.twoTabs);
  await give(page, 'Across', await pictures(page, 'across', 2, 5));
  await counted(other, 'Across', '4 pictures');
  await card(other, 'Across').locator('[role=option]').first().focus();
  await other.keyboard.press('Delete');
  await counted(page, 'Across', '3 pictures');
  await other.close();
  await page.locator('#teach .note', { hasText: en.twoTabs }).waitFor({ state: 'detached' });
});

for (const [theme, lang, width] of /** @type {const} */ ([['light', 'en', 1366], ['dark', 'zh', 360]])) {
  visit(`Teach is accessible, ${theme}, ${lang}, ${width} px wide, and nothing runs over`, { width, hash: `${TEACH}&theme=${theme}&lang=en`, prepare: withAxe }, async (page) => {
    const fits = async () => assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
    await ready(page);
    await check(page, 'empty');
    await fits();
    await teachTwo(page);
    if (lang === 'zh') await page.locator('#languages [data-lang=zh]').click();
    const words = lang === 'zh' ? zh : en;
    await page.locator('#h-teach', { hasText: words.teachTitle }).waitFor();
    await card(page, 'Across').locator('[role=option]').first().click();
    await page.waitForFunction(() => globalThis.insideAll('#top5 .label').length === 2 && globalThis.inside('#run')?.disabled !== true);
    await still(page);
    await check(page, 'taught');
    await fits();
    await page.click('#teachSave');
    await check(page, 'menu');
    await page.keyboard.press('Escape');
    for (let i = 0; i < 8; i++) {
      await page.locator('#teach').getByRole('button', { name: words.addClass }).first().click();
    }
    await page.locator('#teach .ctable').waitFor();
    await trained(page);
    await still(page);
    await check(page, 'many');
    await fits();
  });
}
