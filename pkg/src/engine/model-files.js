import { InceptionError, throwIfAborted } from '../shared/errors.js';
import { checkSha256, sha256Of } from '../shared/integrity.js';
import { platform } from '../shared/platform.js';
import { filesBeside } from './beside.js';
import { Gunzip, gunzipped, gunzippedBlob } from './gunzip.js';

/** @typedef {import('../shared/protocol.js').ModelFile} ModelFile */
/** @typedef {import('./store/model-store.js').ModelStore} ModelStore */
/** @typedef {{ name: string, bytes: Uint8Array }} LoadedFile */

/**
 * What reading a model's files takes.
 * @typedef {object} Reading
 * @property {Pick<ModelStore, 'fetch'> | null} store where addresses are fetched; null: there are none
 * @property {string | null} sha256 of the only file
 * @property {AbortSignal | undefined} signal
 * @property {(loaded: number, total: number | null) => void} onBytes sums over all files
 * @property {import('./arrival.js').Arrival} [arrival] told of the file that comes from an address, where it is the only one
 */

/**
 * Brings the bytes of a model's files here, as they were before gzip. The address of a TF.js or ONNX model brings the files that it names too.
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
  return lists.flat();
}

function severalFiles() {
  return new InceptionError('bad-option', 'sha256 is for a single file, but this model has several');
}

/** @typedef {Omit<Reading, 'onBytes'> & { meter: Meter }} Metered */

/**
 * @param {ModelFile} file
 * @param {Metered} reading
 * @returns {Promise<LoadedFile[]>} as they were before gzip
 */
async function readFile(file, reading) {
  if (!('url' in file)) return [await givenFile(file, reading)];
  const here = platform.modelAt !== null && file.url.startsWith('file:') ? await platform.modelAt(file.url) : [];
  if (here.length > 0 && reading.sha256 !== null) throw severalFiles();
  if (here.length > 0) return here;
  const { own, type } = await fetchedFile(file, reading);
  const mayNameOthers = /\.(onnx|json)$/i.test(own.name) || type === 'application/json';
  const others = mayNameOthers ? filesBeside(own, file.url, type) : [];
  if (others.length > 0 && reading.sha256 !== null) throw severalFiles();
  const beside = others.map(async (other) => (await fetchedFile(other, { ...reading, arrival: undefined })).own);
  return [own, ...(await Promise.all(beside))];
}

/**
 * @param {Exclude<ModelFile, { url: string }>} file
 * @param {Metered} reading
 * @returns {Promise<LoadedFile>}
 */
async function givenFile(file, { sha256, signal }) {
  const { name } = file;
  if (sha256 === null && 'blob' in file) return readable(name, gunzippedBlob(name, file.blob, signal));
  const bytes = 'bytes' in file ? file.bytes : new Uint8Array(await readable(name, file.blob.arrayBuffer()));
  if (sha256 !== null) checkSha256(name, await sha256Of(bytes), sha256);
  throwIfAborted(signal);
  return gunzipped({ name, bytes }, signal);
}

/**
 * A file from its address, unpacked while it comes; the store sees it as it came.
 * @param {{ name: string, url: string }} file
 * @param {Metered} reading
 * @returns {Promise<{ own: LoadedFile, type: string }>}
 */
async function fetchedFile({ name, url }, { store, sha256, signal, meter, arrival }) {
  if (store === null) throw new Error('a file at an address takes a store');
  const onPart = meter.part();
  const coming = new Gunzip(name, signal);
  let isAnnounced = true;
  try {
    const { bytes, type } = await store.fetch(url, sha256, signal, (loaded, total, bytes) => {
      isAnnounced = total !== null;
      onPart(loaded, total);
      if (bytes === null) return;
      if (total !== null) arrival?.update(name, bytes, loaded);
      coming.update(bytes, loaded);
    });
    if (!isAnnounced) onPart(bytes.length, bytes.length);
    return { own: await coming.finish(bytes), type };
  } catch (error) {
    coming.drop();
    throw error;
  }
}

/**
 * @template T
 * @param {string} name
 * @param {Promise<T>} reading
 * @returns {Promise<T>}
 * @throws {InceptionError} `bad-weights` where the browser cannot read the file
 */
async function readable(name, reading) {
  try {
    return await reading;
  } catch (cause) {
    if (cause instanceof InceptionError) throw cause;
    throw new InceptionError('bad-weights', `${name} could not be read (${cause})`, { cause });
  }
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
