// Each example as its README says: installed from the tarballs, built, served, opened, asked.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { RECORDED, check, checkFirst, checkKept, keep } from './answers.mjs';
import { filterPhotos, generatedPicture, noPhotos, photos } from './pictures.mjs';
import { CONSUMERS, PACKAGES, installedExample, run, startVite, unpackedExample } from './projects.mjs';
import { startStatic } from './static-server.mjs';
import { askFailure, askInspector, askList, closeBrowser, visit } from './visits.mjs';

/** @typedef {(folder: string, isolated: boolean) => Promise<{ address: string, close: () => Promise<void> }>} Start */

const LIMIT_MS = 600_000;

/** The native engine's answer of the content filter for the generated picture. */
const RECORDED_FILTER = { Drawing: 0.138999, Hentai: 0.004701, Neutral: 0.853091, Porn: 0.002566, Sexy: 0.000643 };

mkdirSync(CONSUMERS, { recursive: true });
const pictures = [generatedPicture(), ...(noPhotos === null ? photos() : [])];

after(closeBrowser);

/** @type {Start} */
const serveBuild = (folder, isolated) => startStatic(join(folder, 'dist'), isolated);

/** @param {string} name */
async function builtExample(name) {
  const folder = await installedExample(name);
  await run('npm', ['run', 'build'], folder);
  return folder;
}

/** The last Vite whose development server needs the line of `vite.config.js`; the example's own does without. */
const OLDER_VITE = 'vite@7.3.8';

/** @type {{ name: string, make: (name: string) => Promise<string>, start: Record<string, Start>, ask?: import('./visits.mjs').Ask }[]} */
const PAGES = [
  { name: 'plain', make: unpackedExample, start: { 'unpacked packages': startStatic } },
  { name: 'vite', make: builtExample, start: { build: serveBuild, 'development server': startVite } },
  { name: OLDER_VITE, make: () => installedExample('vite', [OLDER_VITE]), start: { 'development server': startVite } },
  { name: 'webpack', make: builtExample, start: { build: serveBuild } },
  { name: 'worker', make: builtExample, start: { build: serveBuild, 'development server': startVite } },
  { name: 'element', make: unpackedExample, start: { 'unpacked packages': startStatic }, ask: askInspector },
];

for (const { name, make, start, ask = askList } of PAGES) {
  test(name, { timeout: 2 * LIMIT_MS }, async (t) => {
    const folder = await make(name);
    for (const [what, serve] of Object.entries(start)) {
      for (const isolated of [false, true]) {
        const consumer = `${name}, ${what}, ${isolated ? 'isolated' : 'not isolated'}`;
        await t.test(consumer, async () => {
          const server = await serve(folder, isolated);
          try {
            await visit(server.address, isolated, async (page) => {
              for (const picture of pictures) keep(consumer, picture.name, await ask(page, picture.path));
            });
          } finally {
            await server.close();
          }
        });
      }
    }
  });
}

test(`without its line ${OLDER_VITE}'s development server is told of it`, { timeout: LIMIT_MS }, async () => {
  const folder = await installedExample('vite', [OLDER_VITE]);
  rmSync(join(folder, 'vite.config.js'));
  const server = await startVite(folder, false);
  try {
    await visit(server.address, false, async (page) => assert.match(await askFailure(page), /optimizeDeps\.exclude/), true);
  } finally {
    await server.close();
  }
});

test('node', { timeout: LIMIT_MS }, async () => {
  const folder = await installedExample('node');
  for (const picture of pictures) keep('node', picture.name, await askScript(folder, picture.path));
});

/**
 * What the example for Node.js prints.
 * @param {string} folder
 * @param {string} picture
 * @returns {Promise<import('./answers.mjs').Probabilities>}
 */
async function askScript(folder, picture) {
  const lines = (await run('node', ['classify.js', picture], folder)).trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(/ {2}/)).map(([probability, label]) => [label, Number(probability)]));
}

const noFilter = PACKAGES.some(({ name }) => name === 'inception-web-nsfw') ? false : 'inception-web-nsfw was not packed (cargo xtask setup --with nsfw, then dist)';

test('the content filter in the place of GoogLeNet', { timeout: LIMIT_MS, skip: noFilter }, async () => {
  const folder = await installedExample('node');
  const script = join(folder, 'classify.js');
  writeFileSync(script, readFileSync(script, 'utf8').replace('inception-web-googlenet', 'inception-web-nsfw'));
  check(await askScript(folder, generatedPicture().path), RECORDED_FILTER, 'the content filter');
  for (const { name, path, expected } of noPhotos === null ? filterPhotos() : []) check(await askScript(folder, path), expected, name);
});

test('every consumer answers for the generated picture as recorded', () => checkKept('generated', RECORDED));

test('every consumer finds in the photos what onnxruntime finds', { skip: noPhotos ?? false }, () => {
  for (const { name, label } of photos()) checkFirst(name, label);
});
