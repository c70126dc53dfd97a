// Models of every format, dropped as files and as folders: which of their files go to the engine.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownFiles, ownTitle, partsOf } from '../../pkg/src/element/own-files.js';
import en from '../../pkg/src/element/strings/en.js';
import { PARTED_ENDINGS, WHOLE_ENDINGS } from '../../pkg/src/client/model-formats.js';
import { isModelFolder, modelInFolder } from '../../pkg/src/client/model-folder.js';
import { bring } from './bring.mjs';
import { ownModelFile } from './own-model-file.mjs';
import { classifyDrawn, drawnPng, visit } from './visit.mjs';

/** @typedef {import('playwright-core').Page} Page */

const nothing = new Uint8Array(4);
const named = (/** @type {string[]} */ ...names) => names.map((name) => ({ name, bytes: nothing }));
const files = (/** @type {string[]} */ ...names) => names.map((name) => new File([], name));
const SAVED = ['saved_model.pb', 'variables/variables.index', 'variables/variables.data-00000-of-00001', 'keras_metadata.pb'];

/** From now on loading tells which files it was given, in `loaded`, and fails. @param {Page} page */
const overhear = (page) =>
  page.evaluate(async () => {
    const { Inception } = await import('/pkg/dist/index.js');
    globalThis.loaded = [];
    Inception.load = async (source) => {
      globalThis.loaded.push(source.map(({ name }) => name).sort().join(' '));
      throw new Error('it is not loaded');
    };
  });

/** @param {Page} page @param {string[]} names of the files that the last load is to have been given */
async function given(page, ...names) {
  await page.waitForFunction((wanted) => globalThis.loaded.at(-1) === wanted, names.sort().join(' '));
}

visit('a file of any format that is read is taken as a model where it is dropped', {}, async (page) => {
  await overhear(page);
  const endings = ['onnx', 'h5', 'hdf5', 'keras', 'pb', 'pth', 'pt', 'ckpt', 'caffemodel', 'safetensors', 'index', 'bin', 'safetensors.gz', 'ONNX'];
  for (const ending of [...WHOLE_ENDINGS, ...PARTED_ENDINGS]) assert.ok(endings.includes(ending), `${ending} is tried`);
  for (const ending of endings.slice(0, -3)) assert.ok(isModelFolder([{ name: `net.${ending}` }]), ending);
  const accepted = (await page.locator('#modelFiles').getAttribute('accept')).split(',');
  for (const [i, ending] of endings.entries()) {
    await bring(page, named(`net${i}.${ending}`), { target: i % 2 ? 'body' : '#photo' });
    await given(page, `net${i}.${ending}`);
    assert.ok(accepted.includes(`.${ending.split('.').at(-1).toLowerCase()}`), ending);
  }
  assert.equal(await page.locator('#imageNote').textContent(), '');
});

visit('all files of a model that are dropped together go to the engine', {}, async (page) => {
  await overhear(page);
  for (const together of [
    ['model.json', 'group1-shard1of2.bin', 'group1-shard2of2'],
    ['inception.ckpt.index', 'inception.ckpt.data-00000-of-00001', 'checkpoint'],
    ['v3.onnx', 'v3.onnx.data'],
    ['v3.onnx', 'onnx__Conv_1234'],
    ['deploy.prototxt', 'googlenet.caffemodel'],
  ]) {
    await bring(page, named(...together));
    await given(page, ...together);
  }
});

visit('a folder that holds a model is opened as one, wherever it is dropped', { width: 1600 }, async (page) => {
  await overhear(page);
  await bring(page, [], { folders: { tfjs: named('model.json', 'group1-shard1of1.bin', 'preview.png', '.DS_Store') } });
  await given(page, 'model.json', 'group1-shard1of1.bin');
  await bring(page, [], { folders: { saved: named(...SAVED, 'assets/words.txt') }, target: '#photo' });
  await given(page, 'saved_model.pb', 'variables.index', 'variables.data-00000-of-00001', 'keras_metadata.pb');
  await bring(page, [], { folders: { outer: named('README.md', 'inner/model.onnx', 'inner/model.onnx.data') } });
  await given(page, 'model.onnx', 'model.onnx.data');
  assert.equal(await page.locator('#imageNote').textContent(), '');
  await page.click('#compareToggle');
  await bring(page, [], { folders: { tfjs: named('model.json', 'weights.bin') }, target: '#compare' });
  await given(page, 'model.json', 'weights.bin');
  await page.locator('#compareStatus [role=alert]').waitFor();
});

visit('a model in a folder runs with the names of its classes, beside a picture', {}, async (page) => {
  const png = { name: 'beside.png', type: 'image/png', bytes: await drawnPng(page) };
  const labels = { name: 'labels.txt', bytes: Buffer.from('one\ntwo\nthree') };
  const config = { name: 'config.json', bytes: Buffer.from('{ "model_type": "other" }') };
  await bring(page, [png], { folders: { mine: [{ name: 'three.safetensors', bytes: ownModelFile(3) }, labels, config, ...named('README.txt')] } });
  await page.locator('#modelName', { hasText: 'three.safetensors' }).waitFor();
  await page.locator('#imageMeta', { hasText: 'beside.png · 320 × 240' }).waitFor();
  await page.locator('#top5 .label', { hasText: 'two' }).waitFor();
});

visit('an element that nobody takes models from says that the folder holds one', {}, async (page) => {
  await classifyDrawn(page);
  await page.evaluate(() => document.querySelector('inception-inspector').addEventListener('inception-model', (event) => event.stopImmediatePropagation(), { capture: true }));
  await page.evaluate(() => addEventListener('inception-model', (event) => event.stopImmediatePropagation(), { capture: true }));
  await bring(page, [], { folders: { tfjs: named('model.json') }, target: '#photo' });
  await page.locator('#imageNote [role=alert]', { hasText: en.folderOfModel.replace('{name}', 'tfjs') }).waitFor();
});

test('what is a model\'s, and what names its classes', () => {
  const names = (/** @type {{ name: string }[]} */ all) => all.map(({ name }) => name);
  assert.deepEqual(names(ownFiles(files('cat.png', 'v3.onnx', 'weights', 'names.txt'))), ['v3.onnx', 'weights', 'names.txt']);
  assert.deepEqual(names(ownFiles(files('cat.png', 'v3.pth', 'notes.md'))), ['v3.pth']);
  assert.deepEqual(names(modelInFolder(files('config.json', 'model.safetensors', 'pytorch_model.bin', 'notes.txt'))), ['model.safetensors', 'config.json']);
  assert.deepEqual(partsOf(files('model.safetensors', 'config.json')), { model: files('model.safetensors', 'config.json'), labels: null });
  assert.deepEqual(names(modelInFolder(files('saved_model.pb', 'labels.txt', 'config.json'))), ['saved_model.pb', 'labels.txt']);
  assert.equal(partsOf(files('v3.onnx', 'names.json')).labels?.name, 'names.json');
  assert.equal(partsOf(files('model.json', 'weights.bin')).labels, null);
  assert.equal(ownTitle(files('keras_metadata.pb', 'variables.index', 'saved_model.pb')), 'saved_model.pb');
  assert.equal(ownTitle(files('inception.data-00000-of-00001', 'inception.index')), 'inception.index');
});
