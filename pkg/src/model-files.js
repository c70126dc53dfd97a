import { InceptionError, throwIfAborted } from './errors.js';
import { gunzipped } from './gunzip.js';
import { checkSha256, sha256Of } from './integrity.js';

/** @typedef {import('./protocol.js').ModelFile} ModelFile */
/** @typedef {import('./store/model-store.js').ModelStore} ModelStore */
/** @typedef {{ name: string, bytes: Uint8Array }} LoadedFile */

/**
 * What reading a model's files takes.
 * @typedef {object} Reading
 * @property {ModelStore | null} store where addresses are fetched; null: there are none
 * @property {string | null} sha256 of the only file
 * @property {AbortSignal | undefined} signal
 * @property {(loaded: number, total: number | null) => void} onBytes sums over all files
 * @property {import('./arrival.js').Arrival} [arrival] told of the file that comes from an address, where it is the only one
 */

/**
 * Brings the bytes of a model's files here. The address of a TF.js `model.json` brings its shards too.
 * @param {ModelFile[]} files
 * @param {Reading} reading
 * @returns {Promise<LoadedFile[]>}
 * @throws {InceptionError} `network`, `aborted`, `bad-weights`, `out-of-memory`, `integrity`; `bad-option` for a digest of several files
 */
export async function readModelFiles(files, { store, sha256, signal, onBytes, arrival }) {
  if (sha256 !== null && files.length > 1) throw severalFiles();
  const meter = new Meter(onBytes);
  const lists = await Promise.all(files.map((file) => readFile(file, { store, sha256, signal, meter, arrival: files.length === 1 ? arrival : undefined })));
  throwIfAborted(signal);
  return Promise.all(lists.flat().map((file) => gunzipped(file, signal)));
}

function severalFiles() {
  return new InceptionError('bad-option', 'sha256 is for a single file, but this model has several');
}

/** @typedef {Omit<Reading, 'onBytes'> & { meter: Meter }} Metered */

/**
 * @param {ModelFile} file
 * @param {Metered} reading
 * @returns {Promise<LoadedFile[]>}
 */
async function readFile(file, { store, sha256, signal, meter, arrival }) {
  if (!('url' in file)) {
    const bytes = 'bytes' in file ? file.bytes : await blobBytes(file.name, file.blob, signal);
    if (sha256 !== null) checkSha256(file.name, await sha256Of(bytes), sha256);
    return [{ name: file.name, bytes }];
  }
  if (store === null) throw new Error('a file at an address takes a store');
  const onPart = meter.part();
  const { bytes, type } = await store.fetch(file.url, sha256, signal, (loaded, total, bytes) => {
    onPart(loaded, total);
    if (total !== null) arrival?.update(file.name, bytes, loaded);
  });
  const own = { name: file.name, bytes };
  const isJson = file.name.toLowerCase().endsWith('.json') || type === 'application/json';
  if (!isJson) return [own];
  if (sha256 !== null) throw severalFiles();
  const paths = shardPaths(file.url, bytes);
  const shards = paths.map(async (name) => {
    const { bytes } = await store.fetch(new URL(name, file.url).href, null, signal, meter.part());
    return { name, bytes };
  });
  return [own, ...(await Promise.all(shards))];
}

/**
 * @param {string} name
 * @param {Blob} blob
 * @param {AbortSignal | undefined} signal
 */
async function blobBytes(name, blob, signal) {
  try {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    throwIfAborted(signal);
    return bytes;
  } catch (cause) {
    if (cause instanceof InceptionError) throw cause;
    throw new InceptionError('bad-weights', `${name} could not be read (${cause})`, { cause });
  }
}

/**
 * @param {string} url
 * @param {Uint8Array} json
 * @returns {string[]}
 */
function shardPaths(url, json) {
  try {
    const { weightsManifest } = JSON.parse(new TextDecoder().decode(json));
    const paths = /** @type {{ paths: string[] }[]} */ (weightsManifest).flatMap((group) => group.paths);
    if (paths.every((path) => typeof path === 'string')) return paths;
  } catch (cause) {
    throw new InceptionError('bad-weights', `${url} is not the model.json of a TF.js model`, { cause });
  }
  throw new InceptionError('bad-weights', `${url} lists weight files that are not paths`);
}

/** Adds up the progress of parts; the sum of their totals is unknown while one of them is. */
class Meter {
  /** @param {(loaded: number, total: number | null) => void} onBytes */
  constructor(onBytes) {
    this.onBytes = onBytes;
    /** @type {{ loaded: number, total: number | null }[]} */
    this.parts = [];
  }

  part() {
    /** @type {{ loaded: number, total: number | null }} */
    const part = { loaded: 0, total: null };
    this.parts.push(part);
    return (/** @type {number} */ loaded, /** @type {number | null} */ total) => {
      part.loaded = loaded;
      part.total = total;
      this.report();
    };
  }

  report() {
    let loaded = 0;
    /** @type {number | null} */
    let total = 0;
    for (const part of this.parts) {
      loaded += part.loaded;
      total = total === null || part.total === null ? null : total + part.total;
    }
    this.onBytes(loaded, total);
  }
}
