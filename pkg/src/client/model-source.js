import { absolute } from '../shared/addresses.js';
import { InceptionError } from '../shared/errors.js';
import { fetchCatalog } from './catalog.js';
import { MODEL_ENDINGS } from './model-formats.js';

/** @typedef {import('../index.js').CatalogEntry} CatalogEntry */
/** @typedef {import('../index.js').ModelSource} ModelSource */
/** @typedef {import('../shared/protocol.js').ModelFile} ModelFile */

const MODEL_FILE = new RegExp(String.raw`\.(${MODEL_ENDINGS.join('|')})$`, 'i');

/**
 * @typedef {object} ResolvedModel
 * @property {CatalogEntry | null} entry of the catalog
 * @property {ModelFile[]} files
 * @property {string | null} sha256
 */

/**
 * @param {ModelSource} source
 * @param {string} models the folder of the catalog
 * @param {boolean} isKept whether the browser's cache takes part
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<ResolvedModel>}
 * @throws {InceptionError} `unknown-model`, `bad-option`, `network`, `aborted`
 */
export async function resolveModel(source, models, isKept, signal) {
  if (typeof source === 'string') {
    return looksLikeAddress(source) ? files(fileAt(source)) : fromCatalog(source, models, isKept, signal);
  }
  if (source instanceof URL) return files(fileAt(source));
  if (source instanceof Blob) return files(fileOf(source));
  if (source instanceof ArrayBuffer) return files({ name: 'model', bytes: new Uint8Array(source) });
  if (source instanceof Uint8Array) return files({ name: 'model', bytes: source });
  if (Array.isArray(source) && source.length > 0 && source.every((item) => item instanceof Blob || item instanceof URL || typeof item === 'string')) {
    return files(...source.map((item) => (item instanceof Blob ? fileOf(item) : fileAt(item))));
  }
  if (isEntry(source)) return listed(source, models);
  throw new InceptionError(
    'bad-option',
    'the model must be a catalog id or entry, an address, bytes, a file, or a list with at least one file or address',
  );
}

/**
 * @param {string} id
 * @param {string} models
 * @param {boolean} isKept
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<ResolvedModel>}
 */
async function fromCatalog(id, models, isKept, signal) {
  const entries = await fetchCatalog(models, signal, isKept).catch((failure) => {
    throw failure.code === 'network' ? new InceptionError('network', `${failure.message}: '${id}' is looked for in that list. ${adding(id)}`, { cause: failure }) : failure;
  });
  const entry = entries.find((candidate) => candidate.id === id);
  if (entry === undefined) {
    const known = entries.map((candidate) => candidate.id).join(', ');
    throw new InceptionError('unknown-model', `${id}; there are ${known}. ${adding(id)}`);
  }
  return listed(entry, models);
}

/** @param {string} id */
const adding = (id) => `\`npx inception-web models add ${id} --out public/models\` puts a model of the package's list into a folder, and modelsUrl tells where that is`;

/**
 * @param {InceptionError} error of a load
 * @param {ResolvedModel} model
 * @returns {InceptionError} what it takes to have the file, where a catalog lists one that is not in its folder
 */
export function withAdvice(error, { entry, files: [file] }) {
  if (error.code !== 'network' || entry === null || /^\w+:/.test(entry.url) || !file || !('url' in file) || !error.message.startsWith(file.url)) return error;
  return new InceptionError('network', `${error.message}: the list has ${entry.id}, its folder has not. ${adding(entry.id)}`, { cause: error });
}

/**
 * @param {CatalogEntry} entry
 * @param {string} models
 * @returns {ResolvedModel}
 */
function listed(entry, models) {
  return { entry, files: [fileAt(absolute(entry.url, models))], sha256: entry.sha256 };
}

/**
 * @param {unknown} source
 * @returns {source is CatalogEntry}
 */
function isEntry(source) {
  const { id, url } = /** @type {Partial<CatalogEntry>} */ (source ?? {});
  return typeof id === 'string' && typeof url === 'string';
}

/**
 * @param {ModelFile[]} list
 * @returns {ResolvedModel}
 */
function files(...list) {
  return { entry: null, files: list, sha256: null };
}

/**
 * Catalog ids have neither slashes nor colons nor the ending of a weights file.
 * @param {string} text
 */
function looksLikeAddress(text) {
  return /[/:]/.test(text) || MODEL_FILE.test(text);
}

/**
 * @param {string | URL} address
 * @returns {ModelFile}
 */
function fileAt(address) {
  let url;
  try {
    url = absolute(address);
  } catch (cause) {
    throw new InceptionError('bad-option', `'${address}' is not an address`, { cause });
  }
  return { name: new URL(url).pathname.split('/').at(-1) || 'model', url };
}

/**
 * @param {Blob} blob
 * @returns {ModelFile}
 */
function fileOf(blob) {
  return { name: blob instanceof File ? blob.name : 'model', blob };
}
