import assert from 'node:assert/strict';
import en from '../../pkg/src/element/strings/en.js';
import { classifyDrawn, drawnPng, drop, modelBytes, visit } from './visit.mjs';

const text = (/** @type {string} */ words) => new TextEncoder().encode(words);

visit('the page says what is wrong with a file that is no picture, and keeps the last answer', {}, async (page) => {
  await classifyDrawn(page);
  const answer = await page.locator('#top5').textContent();
  await drop(page, { name: 'notes.jpg', type: 'image/jpeg', bytes: text('hello, I am no picture') });
  const note = page.locator('#imageNote [role=alert]');
  await note.waitFor();
  assert.match(await note.textContent(), /^This file cannot be read as an image: \S/);
  assert.equal(await page.locator('#top5').textContent(), answer);
  assert.match(await page.locator('#imageMeta').textContent(), /^bars\.png/);
  await classifyDrawn(page, 'next.png');
  assert.equal(await note.count(), 0);
});

visit('the page says what is wrong with half a picture', {}, async (page) => {
  const png = await drawnPng(page);
  await drop(page, { name: 'half.png', type: 'image/png', bytes: png.slice(0, png.length / 2) });
  await page.locator('#imageNote [role=alert]', { hasText: 'This file cannot be read as an image: ' }).waitFor();
});

visit('the page says what is wrong with damaged model files, and keeps the model in use', {}, async (page) => {
  const model = modelBytes();
  const damaged = {
    'half.safetensors': model.slice(0, 300_000),
    'empty.safetensors': new Uint8Array(0),
    'words.safetensors': text('not a model at all'),
  };
  for (const [name, bytes] of Object.entries(damaged)) {
    await drop(page, { name, type: '', bytes });
    const note = page.locator('#modelStatus [role=alert]');
    await note.waitFor();
    assert.match(await note.textContent(), /^This model file does not fit: \S/, name);
    await page.click('#modelStatus .close');
    await note.waitFor({ state: 'detached' });
  }
  await page.click('[data-lang=zh]');
  await drop(page, { name: 'words.safetensors', type: '', bytes: damaged['words.safetensors'] });
  const detail = page.locator('#modelStatus [role=alert] .detail');
  assert.deepEqual(await detail.evaluate((words) => [words.lang, getComputedStyle(words).display]), ['en', 'block'], 'English stands apart from Chinese');
  await classifyDrawn(page);
});

visit('the page says what is wrong with an address that gives no picture', { expected: /no-such-picture/ }, async (page, address) => {
  await page.click('#url');
  await page.fill('#urlField', `${address}no-such-picture.png`);
  await page.press('#urlField', 'Enter');
  await page.locator('#imageNote [role=alert]', { hasText: `This could not be loaded: ${address}no-such-picture.png (the server answered 404 Not Found).` }).waitFor();
});

visit('where the page\'s server is gone, that is said when an own model is opened, here and in Compare, and the file is tried again', { expected: /ERR_CONNECTION_REFUSED|ERR_FAILED/, width: 1600 }, async (page, address) => {
  const { host } = new URL(address);
  const said = en.serverAway.replace('{host}', host);
  await page.route(`${address}**`, (route) => route.abort('connectionrefused'));
  await drop(page, { name: 'mine.safetensors', type: '', bytes: modelBytes() });
  await page.locator('#modelStatus [role=alert]', { hasText: said }).waitFor();
  await page.click('#compareToggle');
  await drop(page, { name: 'mine.safetensors', type: '', bytes: modelBytes() }, '#compare');
  await page.locator('#compareStatus [role=alert]', { hasText: said }).waitFor();
  await page.unroute(`${address}**`);
  await page.locator('#modelStatus button', { hasText: en.retry }).click();
  await page.locator('#modelName', { hasText: 'mine.safetensors' }).waitFor();
});

/** @type {import('./visit.mjs').VisitOptions} */
const withoutModel = {
  ready: false,
  expected: /\.safetensors/,
  prepare: (page) => page.route('**/*.safetensors', (route) => route.abort()),
};

visit('the page says what is wrong with a model that cannot be fetched, and offers to try again', withoutModel, async (page) => {
  await page.locator('#modelStatus [role=alert]', { hasText: 'Could not reach' }).waitFor();
  await page.unroute('**/*.safetensors');
  await page.locator('#modelStatus button', { hasText: 'Try again' }).click();
  await page.locator('.card').first().waitFor();
});
