import { download, looksLikeHtml } from './download.js';
import { InceptionError, throwIfAborted } from './errors.js';

/** @typedef {import('./protocol.js').ModelFile} ModelFile */
/** @typedef {{ name: string, bytes: Uint8Array }} LoadedFile */

/**
 * Brings the bytes of a model's files here. The address of a TF.js `model.json` brings its shards too.
 * @param {ModelFile[]} files
 * @param {AbortSignal | undefined} signal
 * @param {(loaded: number, total: number | null) => void} onBytes sums over all files
 * @returns {Promise<LoadedFile[]>}
 * @throws {InceptionError} `network`, `aborted`, `bad-weights`, `out-of-memory`
 */
export async function readModelFiles(files, signal, onBytes) {
  const meter = new Meter(onBytes);
  const lists = await Promise.all(files.map((file) => readFile(file, signal, meter)));
  return lists.flat();
}

/**
 * @param {ModelFile} file
 * @param {AbortSignal | undefined} signal
 * @param {Meter} meter
 * @returns {Promise<LoadedFile[]>}
 */
async function readFile(file, signal, meter) {
  if ('bytes' in file) return [{ name: file.name, bytes: file.bytes }];
  if ('blob' in file) return [{ name: file.name, bytes: await blobBytes(file.name, file.blob, signal) }];
  const { bytes, type } = await download(file.url, signal, meter.part());
  if (type === 'text/html' || looksLikeHtml(bytes)) {
    throw new InceptionError('network', `${file.url} (it answered with a web page where a model file was expected)`);
  }
  const own = { name: file.name, bytes };
  const isJson = file.name.toLowerCase().endsWith('.json') || type === 'application/json';
  return isJson ? [own, ...(await readShards(file.url, bytes, signal, meter))] : [own];
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
 * @param {string} url of the `model.json`
 * @param {Uint8Array} json
 * @param {AbortSignal | undefined} signal
 * @param {Meter} meter
 * @returns {Promise<LoadedFile[]>}
 */
async function readShards(url, json, signal, meter) {
  const paths = shardPaths(url, json);
  return Promise.all(
    paths.map(async (path) => {
      const { bytes } = await download(new URL(path, url).href, signal, meter.part());
      return { name: path, bytes };
    }),
  );
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
    throw new InceptionError('bad-weights', `${url} is not the model.json of a TF.js layers model`, { cause });
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
