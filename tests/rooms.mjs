// Which scripts of the package import which: node tests/rooms.mjs
// ARCHITECTURE.md tells what the rooms are for.

import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('../pkg/src', import.meta.url));

/** What each room, or script at the top, may import; a room's own scripts always. @type {Record<string, string[]>} */
const MAY_IMPORT = {
  'assets.js': [],
  shared: ['assets.js'],
  'engine/store': ['shared'],
  engine: ['engine/store', 'shared', 'assets.js', 'wasm'],
  'client/pictures': ['shared'],
  // What the browser keeps is asked for in the page's own thread, too.
  client: ['client/pictures', 'engine/store/kept-files.js', 'engine/store/lists.js', 'shared', 'assets.js'],
  // What teaches: beside the client, in a thread of its own.
  teach: ['client', 'engine/artefact.js', 'engine/guard.js', 'shared', 'assets.js', 'wasm'],
  'index.js': ['client', 'shared', 'page-engine.js', 'teach.js'],
  'in-thread.js': ['client', 'engine', 'shared', 'teach'],
  'page-engine.js': ['engine'],
  'worker.js': ['engine'],
  'teach.js': ['teach'],
  'teach-worker.js': ['teach'],
  element: ['index.js', 'client', 'client/pictures', 'shared'],
  node: ['client', 'engine', 'engine/store', 'shared', 'teach'],
};

/** The engine's scripts from the top down: a call and a load go one way, so each imports only those after it. */
const DOWNWARDS = [
  ...['serve', 'local-client', 'engine', 'load', 'answers', 'gradients', 'moving-model', 'reload', 'model-loader', 'foreign-files'],
  ...['results', 'taught-head', 'predictions', 'model-info', 'placed-model', 'class-names', 'pixels', 'rare-pictures'],
  ...['choose-artefact', 'choose-device', 'compare-devices', 'device-cost', 'probe-gpu', 'runtime', 'thread-tuner', 'guard', 'nudged', 'wasm', 'artefact', 'probe'],
  ...['model-files', 'beside', 'gunzip', 'arrival', 'blob-file', 'own-format'],
].map((name) => `engine/${name}.js`);

/** @param {string} path in the package */
const roomOf = (path) => Object.keys(MAY_IMPORT).filter((room) => path === room || path.startsWith(`${room}/`)).sort((a, b) => b.length - a.length)[0] ?? dirname(path);

/**
 * @param {string} path of a script in the package
 * @returns {string[]} what it imports of the package, without types in comments
 */
function importsOf(path) {
  const text = readFileSync(join(SOURCE, path), 'utf8').replace(/\/\*[^]*?\*\/|^\s*\/\/.*/gm, '');
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)].map(([, to]) => posix.join(posix.dirname(path), to));
}

const scripts = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.js'));
const wrong = scripts.flatMap((from) => {
  const room = roomOf(from);
  const allowed = [room, ...(MAY_IMPORT[room] ?? [])];
  return importsOf(from).filter((to) => !allowed.includes(to) && !allowed.includes(roomOf(to))).map((to) => `pkg/src/${from} may not import ${to}`);
});
for (const [place, from] of DOWNWARDS.entries()) {
  for (const to of importsOf(from)) if (DOWNWARDS.indexOf(to) !== -1 && DOWNWARDS.indexOf(to) < place) wrong.push(`pkg/src/${from} comes after ${to}, which it imports`);
}
for (const path of scripts) if (roomOf(path) === 'engine' && !DOWNWARDS.includes(path)) wrong.push(`pkg/src/${path} has no place in the order of tests/rooms.mjs`);
for (const line of wrong) console.error(line);
process.exitCode = wrong.length > 0 ? 1 : 0;
