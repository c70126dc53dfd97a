// What is on the screen as a link and as code; the code really runs, in the page and in Node.js.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { check, withAxe } from './axe.mjs';
import { MODEL, ROOT } from './harness.mjs';
import { onDisk } from './on-disk.mjs';
import { ownModelFile } from './own-model-file.mjs';
import { classifyDrawn, drawnPng, drop, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

/** @param {Page} page @returns {Promise<string>} what is written to the clipboard from now on */
const copied = (page) => page.evaluate(() => globalThis.copied);

/** The clipboard, as far as a headless browser has one. @param {Page} page */
async function withClipboard(page) {
  await withAxe(page);
  await page.addInitScript(() => {
    navigator.clipboard.writeText = async (text) => {
      globalThis.copied = text;
    };
  });
}

/**
 * The code with the packages' files instead of their names.
 * @param {string} code
 * @param {{ engine: string, model: string }} files
 */
function withFiles(code, { engine, model }) {
  return code.replace("from 'inception-web';", `from ${JSON.stringify(engine)};`).replace(/import googlenet from .*;/, `const googlenet = ${JSON.stringify(model)};`);
}

visit('a link is copied from a dialog that gives the focus back', { prepare: withClipboard, hash: '#layer=Mixed_4b&lang=zh' }, async (page) => {
  await page.locator('#camLayer:not([hidden])').waitFor();
  await page.locator('#share').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: zh.share }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'copyLink');
  await check(page, 'share');
  await page.keyboard.press('Enter');
  await page.locator('#toast.shown', { hasText: zh.copied }).waitFor();
  assert.equal(await copied(page), page.url());
  assert.equal(await page.getByText(zh.linkHasNot).isVisible(), false);
  await page.locator('#copyCode').click();
  await page.locator('#toast.shown', { hasText: zh.codeCopied }).waitFor();
  assert.equal(await copied(page), await page.locator('#shareCode').textContent());
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#sharePopover').isHidden(), true);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'share');
  await page.keyboard.press('Enter');
  await page.locator('#h-image').click();
  assert.equal(await page.locator('#sharePopover').isHidden(), true);
});

visit('what is not in the link is said of each side, and the code says what has to be put there', { hash: '#photo=rings' }, async (page) => {
  /** Opens the dialog anew. @returns {Promise<{ said: string, code: string, note: string }>} */
  const shared = async () => {
    if (await page.locator('#sharePopover').isVisible()) await page.click('#share');
    await page.click('#share');
    const [, said, note] = await page.locator('#sharePopover > p').allTextContents();
    return { said, code: await page.locator('#shareCode').textContent(), note };
  };
  await page.locator('#imageMeta', { hasText: 'rings.png · ' }).waitFor();
  const drawn = await shared();
  assert.equal(drawn.said, '');
  assert.match(drawn.code, /\n\/\/ The page draws this picture itself\. Put .*\n\/\/ .*\nconst image = 'picture\.jpg';\n/);
  assert.equal(drawn.note, en.codeNoteFiles);
  await page.click('#compareToggle');
  await drop(page, { name: 'other.png', type: 'image/png', bytes: await drawnPng(page, 200) }, '#compare');
  await page.locator('#compare .side[data-side=B] .name', { hasText: 'other.png' }).waitFor();
  assert.equal((await shared()).said, en.linkHasNotOther);
  await classifyDrawn(page, "it's mine.png");
  const own = await shared();
  assert.equal(own.said, `${en.linkHasNot} ${en.linkHasNotOther}`);
  assert.match(own.code, /\n\/\/ Your own picture: put it .*\n\/\/ .*\nconst image = 'it\\'s mine\.png';\n/);
  const url = new URL('/www/samples/coffee.jpg', page.url()).href;
  await page.evaluate((url) => {
    const data = new DataTransfer();
    data.setData('text/uri-list', url);
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, url);
  await page.locator('#imageMeta', { hasText: 'coffee.jpg · ' }).waitFor();
  const fetched = await shared();
  assert.equal(fetched.said, `${en.linkHasNotAddress} ${en.linkHasNotOther}`);
  assert.ok(fetched.code.includes(`\nconst image = '${url}';\n`), fetched.code);
  assert.equal(fetched.note, en.codeNote);
  await page.setInputFiles('#modelFiles', [{ name: 'fruit.safetensors', buffer: ownModelFile(5) }, { name: 'fruit.txt', buffer: Buffer.from('apple\npear\nit\'s\nfig\nplum') }].map(onDisk));
  await page.locator('#modelName', { hasText: 'fruit.safetensors' }).waitFor();
  const model = await shared();
  assert.equal(model.said, `${en.linkHasNotAddress} ${en.linkHasNotOther} ${en.linkHasNotModel}`);
  assert.match(model.code, /\nconst labels = \['apple', 'pear', 'it\\'s', 'fig', 'plum'\];\nconst net = await Inception\.load\('fruit\.safetensors', \{ labels \}\);\n/);
});

visit('a browser that refuses to copy shows what there was to copy', { prepare: (page) => page.addInitScript(() => (navigator.clipboard.writeText = () => Promise.reject(new Error('no')))) }, async (page) => {
  await page.click('#share');
  await page.click('#copyLink');
  assert.equal(await page.getByRole('textbox', { name: en.share }).inputValue(), page.url());
});

visit('the code gives what is on the screen, in the page and in Node.js', { hash: '#layer=Mixed_3c&off=Mixed_3b/Branch_1&channel=Mixed_3c/Branch_0,4,10,12&class=285' }, async (page) => {
  await page.locator('#top5 .difference').first().waitFor();
  const value = await page.locator('#readout dd').first().textContent();
  const shown = await page.locator('#top5 [role=radio]').evaluateAll((rows) => rows.map((row) => [Number(row.dataset.class), Number.parseFloat(row.querySelector('.p').textContent)]));
  await page.click('#share');
  const code = await page.locator('#shareCode').textContent();
  assert.match(code, /^import \{ Inception \} from 'inception-web';\nimport googlenet from 'inception-web-googlenet';\n/);

  /** @param {unknown[][]} lines that the code has logged */
  const isShown = ([[best], [read, stats], [height, width, data]]) => {
    const [, probability] = shown.find(([index]) => index === best.index) ?? assert.fail(`class ${best.index} is not shown`);
    assert.ok(Math.abs(best.probability * 100 - probability) < 0.06, `${best.probability} is ${probability} %`);
    assert.ok(Math.abs(read / Number(value) - 1) < 0.01 || read === Number(value), `${read} is ${value}`);
    assert.ok(stats.max >= read);
    assert.equal(height * width, Object.keys(data).length);
  };

  const origin = new URL(page.url()).origin;
  /** @param {string} code @returns {Promise<any[][]>} what it logs in the page */
  const logged = (code) =>
    page.evaluate(async (code) => {
      const { log } = console;
      const lines = [];
      console.log = (...values) => lines.push(values);
      await import(`data:text/javascript,${encodeURIComponent(code)}`);
      console.log = log;
      return lines;
    }, withFiles(code, { engine: `${origin}/pkg/dist/index.js`, model: `${origin}/${MODEL}` }));
  isShown(await logged(code));

  await page.evaluate(() => (document.querySelector('inception-inspector').view = { layer: 'head' }));
  await page.locator('#head .score .sum').waitFor();
  const amounts = (await page.locator('#head .score .num').allTextContents()).map((text) => text.replace('−', '-').replace('+', ''));
  const [, , [layer, , bias, logit], ...branches] = await logged(await page.locator('#shareCode').textContent());
  assert.equal(layer, 'Mixed_5c');
  assert.deepEqual(branches.map(([name]) => name), [0, 1, 2, 3].map((k) => `Mixed_5c/Branch_${k}`));
  assert.deepEqual([...branches.map(([, amount]) => amount), bias, logit].map((value) => value.toFixed(2).replace('-0.00', '0.00')), amounts.map((text) => text.replace('-0.00', '0.00')));
  await page.evaluate(() => (document.querySelector('inception-inspector').view = { layer: 'stem', explain: null }));
  await page.locator('#stem .grid').waitFor();
  const [, [filters, shape], [maps]] = await logged(await page.locator('#shareCode').textContent());
  assert.deepEqual([filters, ...shape, ...maps], ['Conv2d_1a_7x7', 64, 3, 7, 7, 64, 112, 112]);

  const folder = mkdtempSync(join(tmpdir(), 'snippet-'));
  const file = join(folder, 'snippet.mjs');
  const engine = pathToFileURL(join(ROOT, 'pkg/dist/node/index.js')).href;
  const log = 'const lines = [];\nconsole.log = (...values) => lines.push(values);\n';
  writeFileSync(file, `${log}${withFiles(code, { engine, model: join(ROOT, MODEL) })}\nprocess.stdout.write(JSON.stringify(lines));\n`);
  const { stdout, stderr, status } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  assert.equal(status, 0, stderr);
  isShown(JSON.parse(stdout));
});

visit('code for an own model names its file, for another model its id', { ready: false }, async (page) => {
  const codes = await page.evaluate(async () => {
    const { snippet } = await import('/www/snippet.js');
    const view = { inner: [], pin: null, off: [], explain: null, layer: 'Mixed_5b' };
    const of = (choice, layers = [], labels = null, { inner = [], picture = 'cat.jpg' } = {}) => snippet({ choice, labels, classes: 0, picture, origin: { kind: 'file', address: null }, view: { ...view, inner }, layers }).code;
    return [
      of({ kind: 'files', files: [new File([], 'group1-shard1of1.bin'), new File([], 'model.json')] }),
      of({ kind: 'files', files: [new File([], 'mine.safetensors')] }),
      of({ kind: 'catalog', id: 'inception-v4' }, [{ name: 'Mixed_5b' }]),
      of({ kind: 'files', files: [new File([], 'mine.safetensors')] }, [], Array.from({ length: 1000 }, (_, i) => `class ${i}`)),
      of({ kind: 'catalog', id: 'inception-v4' }, [{ name: 'Mixed_5b' }], null, { inner: ['Mixed_5b/Branch_1/Conv2d_0a_1x1'], picture: 'Paste' }),
    ];
  });
  assert.match(codes[0], /^const net = await Inception\.load\('model\.json'\);$/m);
  assert.match(codes[1], /^const net = await Inception\.load\('mine\.safetensors'\);$/m);
  assert.doesNotMatch(codes[1], /layers/);
  assert.match(codes[2], /^const net = await Inception\.load\('inception-v4'\);$/m);
  assert.match(codes[2], /^ {2}layers: \['Mixed_5b'\],$/m);
  assert.match(codes[4], /^const image = 'picture\.jpg';$/m);
  assert.match(codes[4], /^ {2}layers: \['Mixed_5b\/Branch_1\/Conv2d_0a_1x1'\],$/m);
  assert.match(codes[3], /^\/\/ Its 1000 class names are too many to stand here: .*\n\/\/ .*\nconst net = await Inception\.load\('mine\.safetensors'\);$/m);
});
