// Words with an explanation: at the pointer, by keyboard, in both languages; and the papers' names of modules.

import assert from 'node:assert/strict';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { check, withAxe } from './axe.mjs';
import { visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

const TERMS = ['Module', 'Branch', 'Channel', 'Rf', 'Energy', 'Zeros', 'Dead', 'Macs', 'Stem', 'Aux', 'Exact', 'Gradient', 'Shortcut'];
const NOTE = '.explanation';

/** @param {Page} page */
const boxes = (page) => page.evaluate(() => insideAll('.panel, .branch, .stats dt, .grid').map((element) => JSON.stringify(element.getBoundingClientRect())));

/** @param {Page} page @param {string} selector */
const boxOf = (page, selector) => page.locator(selector).evaluate((element) => element.getBoundingClientRect().toJSON());

visit('a word is explained where the pointer rests, above it, and nothing else moves', { width: 1366 }, async (page) => {
  await page.locator('#camLayer:not([hidden])').waitFor();
  const word = page.locator('.branch [data-term=Energy]').first();
  await word.hover({ trial: true });
  const before = await boxes(page);
  await word.hover();
  await page.locator(NOTE).waitFor();
  assert.equal(await page.getByRole('note').textContent(), en.tEnergy + en.gEnergy);
  assert.deepEqual(await boxes(page), before);
  const [note, at] = [await boxOf(page, NOTE), await word.evaluate((element) => element.getBoundingClientRect().toJSON())];
  assert.equal(note.width, 340);
  assert.ok(note.bottom <= at.top, `${note.bottom} is above ${at.top}`);
  await page.locator(NOTE).hover();
  assert.equal(await page.locator(NOTE).count(), 1, 'the pointer may go to the explanation');
  await page.locator('#h-answer').hover();
  await page.locator(NOTE).waitFor({ state: 'detached' });
});

visit('a word is explained by keyboard, one at a time; Esc closes that and nothing else', { prepare: withAxe }, async (page) => {
  await page.locator('#camLayer:not([hidden])').waitFor();
  const [rf, channel] = [page.locator('#moduleFacts [data-term=Rf]'), page.locator('#moduleFacts [data-term=Channel]')];
  await page.locator('.branch .grid').first().focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  for (const key of ['Enter', 'Space']) {
    await rf.focus();
    await page.keyboard.press(key);
    await page.locator(NOTE).waitFor();
    assert.equal(await rf.getAttribute('aria-expanded'), 'true');
    assert.equal(await rf.evaluate((word) => word.getRootNode().getElementById(word.getAttribute('aria-describedby')).textContent), en.tRf + en.gRf);
    assert.equal(await page.evaluate(() => focused().dataset.term), 'Rf', 'the explanation takes no focus');
    if (key === 'Enter') await check(page, 'an explanation');
    await page.keyboard.press('Escape');
    await page.locator(NOTE).waitFor({ state: 'detached' });
    assert.equal(await rf.getAttribute('aria-expanded'), 'false');
    assert.equal(await rf.getAttribute('aria-describedby'), null);
  }
  assert.notEqual(await page.evaluate(() => document.querySelector('inception-inspector').view.pin), null, 'the channel stays pinned');
  await rf.click();
  await channel.click();
  assert.equal(await page.locator(NOTE).count(), 1);
  assert.equal(await page.locator(`${NOTE} b`).textContent(), en.tChannel);
  await channel.click();
  assert.equal(await page.locator(NOTE).count(), 0);
});

visit('an explanation stays within a narrow window, in the language of the page', { width: 360, hash: '#lang=zh&theme=dark' }, async (page) => {
  await page.locator('#camLayer:not([hidden])').waitFor();
  for (const term of ['Macs', 'Dead', 'Exact']) {
    await page.locator(`[data-term=${term}]`).first().click();
    assert.equal(await page.locator(NOTE).textContent(), zh[`t${term}`] + zh[`g${term}`]);
    const { left, right, top } = await boxOf(page, NOTE);
    assert.ok(left >= 0 && right <= 360 && top >= 0, `${term}: ${left} … ${right}, ${top}`);
  }
});

visit('every term of the field stands somewhere and is explained in both languages', { width: 1600 }, async (page) => {
  await page.locator('#camLayer:not([hidden])').waitFor();
  const shown = await page.evaluate(() => insideAll('[data-term]').map((word) => word.dataset.term));
  const others = await page.evaluate(async () => {
    const { shortcutLane } = await import('/pkg/dist/element/view/lane.js');
    return shortcutLane([{ name: 'Block8', residual: [] }]).element.querySelector('.term').dataset.term;
  });
  for (const term of TERMS) {
    if (term !== 'Gradient') assert.ok([...shown, others].includes(term), term);
    for (const words of [en, zh]) assert.ok(words[`t${term}`] && words[`g${term}`], term);
  }
});

visit('a module has the name that its paper gives it', {}, async (page) => {
  const named = await page.evaluate(async () => {
    const { paperName } = await import('/pkg/dist/element/paper.js');
    const all = (/** @type {string} */ network, /** @type {string[]} */ modules) => modules.map((module) => paperName(network, module));
    return {
      googlenet: all('googlenet', ['Mixed_3b', 'Mixed_3c', 'Mixed_4b', 'Mixed_4f', 'Mixed_5b', 'Mixed_5c']),
      bn: all('inception-v2-caffe', ['Mixed_3c', 'Mixed_4a', 'Mixed_4e', 'Mixed_5a', 'Mixed_5b']),
      v2: all('inception-v2', ['Mixed_3d', 'Mixed_4f']),
      v3: all('inception-v3', ['Mixed_5b', 'Mixed_7c']),
      v4: all('inception-v4', ['Mixed_3a', 'Mixed_5e', 'Mixed_6a', 'Mixed_6h', 'Mixed_7a', 'Mixed_7b']),
      resnet: all('inception-resnet-v2', ['Mixed_5b', 'Repeat/block35_3', 'Mixed_6a', 'Repeat_1/block17_20', 'Repeat_2/block8_1', 'Block8']),
    };
  });
  assert.deepEqual(named, {
    googlenet: ['3a', '3b', '4a', '4e', '5a', '5b'],
    bn: ['3b', '3c', '4d', '4e', '5a'],
    v2: ['3c', '4e'],
    v3: [null, null],
    v4: [null, 'Inception-A', 'Reduction-A', 'Inception-B', 'Reduction-B', 'Inception-C'],
    resnet: [null, 'Inception-ResNet-A', 'Reduction-A', 'Inception-ResNet-B', 'Inception-ResNet-C', 'Inception-ResNet-C'],
  });
  assert.equal(await page.locator('#paperName').textContent(), '3a');
  assert.match(await page.locator('.card > button').nth(2).getAttribute('title'), /^Mixed_4b, .*4a in the paper$/);
  await page.keyboard.press(']');
  assert.equal(await page.locator('#paperName').textContent(), '3b');
  await page.locator('#map .end.head').click();
  assert.equal(await page.locator('#h-mod').textContent(), en.head);
  assert.equal(await page.locator('#paperName').textContent(), '');
});
