import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { InceptionError } from '../shared/errors.js';
import { gunzipped } from '../engine/gunzip.js';
import { LABELS_FILE, modelInFolder } from '../client/model-folder.js';

/** @typedef {import('../engine/model-files.js').LoadedFile} LoadedFile */

/**
 * The files of a model on this computer: the file itself, with those that go with it by their names, or a model's folder.
 * @param {string} path
 * @returns {Promise<LoadedFile[]>} none where there is no such file
 * @throws {InceptionError} `bad-weights` for one that cannot be read
 */
export async function ownFiles(path) {
  try {
    const found = await stat(path).catch(() => null);
    if (found === null) return [];
    const paths = found.isDirectory() ? await ofFolder(path) : [path, ...(await beside(path))];
    return await Promise.all(paths.map(async (file) => gunzipped({ name: basename(file), bytes: await readFile(file) }, undefined)));
  } catch (cause) {
    if (cause instanceof InceptionError) throw cause;
    throw new InceptionError('bad-weights', `${path} could not be read (${/** @type {Error} */ (cause).message})`, { cause });
  }
}

/** Names of files that mean nothing alone, and which do not name the others as an address would. */
const PARTED = /(^saved_model\.pb|\.index)(\.gz)?$/i;

/**
 * The files of a model that are several by their nature: a folder's, a SavedModel's, a TensorFlow checkpoint's.
 * @param {string} path
 * @returns {Promise<LoadedFile[]>} none for any other
 * @throws {InceptionError} `bad-weights` for one that cannot be read
 */
export async function severalFiles(path) {
  const isFolder = await stat(path).then((found) => found.isDirectory(), () => false);
  if (!isFolder && !PARTED.test(basename(path))) return [];
  const files = await ownFiles(path);
  if (isFolder && files.length === 0) throw new InceptionError('bad-weights', `${path} is a folder that holds no model`);
  return files;
}

/**
 * @param {string} folder of a TF.js model, a SavedModel or a checkpoint, or as hubs publish a model
 * @returns {Promise<string[]>} the model's files
 */
async function ofFolder(folder) {
  const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => join(folder, name));
  const variables = join(folder, 'variables');
  const inside = await readdir(variables).catch(() => []);
  const all = [...files, ...inside.map((name) => join(variables, name))].map((path) => ({ name: basename(path), path }));
  return modelInFolder(all).filter(({ name }) => !LABELS_FILE.test(name)).map(({ path }) => path);
}

/** @param {string} path */
async function beside(path) {
  const folder = dirname(path);
  const name = basename(path);
  const stem = basename(path, extname(path));
  if (name === 'saved_model.pb') return (await ofFolder(folder)).filter((file) => dirname(file) !== folder);
  const others = (await readdir(folder)).filter((other) => other !== name);
  const goesWith = (/** @type {string} */ other) =>
    (name.endsWith('.json') && other.endsWith('.bin')) ||
    (name.endsWith('.index') && other.startsWith(`${stem}.data-`)) ||
    (name.endsWith('.onnx') && (other.startsWith(`${name}.`) || other.startsWith(`${name}_`)));
  return others.filter(goesWith).map((other) => join(folder, other));
}
