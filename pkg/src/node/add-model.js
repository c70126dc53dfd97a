import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MODEL_ENDINGS } from '../client/model-formats.js';
import { fetchClassNames } from '../engine/class-names.js';
import { InceptionError } from '../shared/errors.js';
import { readModelFiles } from '../engine/model-files.js';
import { ModelStore } from '../engine/store/model-store.js';
import { addressOf, existingEntries } from './catalog.js';
import { convert, convertedLength } from './convert.js';
import { nearest } from './nearest.js';
import { ownFiles } from './own-files.js';
import { infoOf, largestDifference } from './verify.js';
import { checkWritable } from './writable.js';

/** @typedef {import('../index.js').CatalogEntry} CatalogEntry */
/** @typedef {'f32' | 'f16' | 'u8'} Dtype */

/** What a model's id is without. */
const ENDINGS = new RegExp(String.raw`(\.(${['weights', ...MODEL_ENDINGS].join('|')}))+$`, 'i');

/** How far probabilities of the converted model may be from the published one's, where its weights keep their type, or not. */
const TOLERANCE = { same: 1e-6, f32: 1e-6, f16: 0.02, u8: 0.2 };

/**
 * Takes a model of a catalog or a file on this computer, checks and converts it, and puts it into a folder that a site serves, with its
 * catalog entry and class names.
 * @param {import('./catalog.js').Catalog} catalog
 * @param {string} id of the catalog, or a path
 * @param {{ folder: string, dtype: Dtype | null, replace?: boolean, onBytes: (loaded: number, total: number | null) => void }} options `replace`: a
 * file may take the place of a model of its name
 * @returns {Promise<{ path: string, bytes: number, published: number, difference: number }>} the file, its size, the size that it would have as
 * published, and the largest difference of a probability from the published model's on a test picture
 * @throws {InceptionError} `unknown-model`, `network`, `integrity`, `bad-weights`, `bad-option` for a name that is taken or a folder that is none, `internal` where the converted model answers otherwise
 */
export async function addModel(catalog, id, { folder, dtype, replace = false, onBytes }) {
  await checkWritable(folder);
  const entry = catalog.entries.find((candidate) => candidate.id === id);
  if (entry === undefined) {
    const files = await ownFiles(id);
    if (files.length === 0) {
      const ids = catalog.entries.map((candidate) => candidate.id);
      const close = nearest(id, ids);
      throw new InceptionError('unknown-model', `${id}; it is no file here, and the catalog has ${ids.join(', ')}${close === null ? '' : `: is it ${close} that is meant?`}`);
    }
    const entry = await entryOf(id, files);
    const isTaken = (await existingEntries(join(folder, 'catalog.json'))).some((other) => other.id === entry.id);
    if (isTaken && !replace) throw new InceptionError('bad-option', `${folder} has a model called ${entry.id}: name the file otherwise, or say --replace`);
    return put(files, entry, { catalog, folder, dtype });
  }
  const url = await addressOf(catalog, entry, process.cwd());
  const store = await ModelStore.open(false);
  const name = new URL(url).pathname.split('/').at(-1) ?? 'model';
  const files = await readModelFiles([{ name, url }], { store, sha256: entry.sha256, signal: undefined, onBytes });
  return put(files, entry, { catalog, folder, dtype });
}

/**
 * What a catalog says of a file that it does not have.
 * @param {string} path
 * @param {import('../engine/model-files.js').LoadedFile[]} files
 * @returns {Promise<CatalogEntry>}
 */
async function entryOf(path, files) {
  const id = basename(path).replace(ENDINGS, '') || 'model';
  const { network, classes, auxiliary } = await infoOf(files);
  const heads = auxiliary.length === 0 ? 'none' : auxiliary.every(({ trained }) => trained) ? 'trained' : 'untrained';
  return { id, title: id, network, url: '', bytes: 0, sha256: null, classes, labels: '', license: '', source: '', offline: true, auxiliary: heads };
}

/**
 * @param {import('../engine/model-files.js').LoadedFile[]} files
 * @param {CatalogEntry} entry
 * @param {{ catalog: import('./catalog.js').Catalog, folder: string, dtype: Dtype | null }} options
 * @returns {ReturnType<typeof addModel>}
 */
async function put(files, entry, { catalog, folder, dtype }) {
  const { id } = entry;
  const bytes = await convert(files, entry, dtype);
  const published = dtype === null ? bytes.length : await convertedLength(files, entry);
  const difference = await largestDifference(files, bytes, entry);
  if (!(difference <= TOLERANCE[dtype ?? 'same'])) {
    throw new InceptionError('internal', `the converted model answers otherwise than the published one: probabilities differ by ${difference}`);
  }
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${id}.safetensors`);
  await writeWhole(path, bytes);
  if (entry.labels) {
    const labels = await fetchClassNames(entry.labels, { modelsUrl: new URL('./', catalog.url).href, cache: false }, undefined);
    await writeWhole(join(folder, `${entry.labels}.json`), JSON.stringify(labels) + '\n');
  }
  const own = { ...entry, url: `${id}.safetensors`, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), offline: true };
  const list = join(folder, 'catalog.json');
  const others = (await existingEntries(list)).filter((other) => other.id !== id);
  await writeWhole(list, JSON.stringify([...others, own], null, 2) + '\n');
  return { path, bytes: bytes.length, published, difference };
}

/**
 * Writes a file so that there is never half of it.
 * @param {string} path
 * @param {string | Uint8Array} content
 */
async function writeWhole(path, content) {
  const part = `${path}.part`;
  try {
    await writeFile(part, content);
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}
