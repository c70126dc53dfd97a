import { download } from '../../shared/download.js';
import { InceptionError } from '../../shared/errors.js';
import { sha256Of } from '../../shared/integrity.js';
import { ModelCache } from './model-cache.js';

/**
 * The server's list, or without a connection the one that it sent last.
 * @template T
 * @param {string} url
 * @param {AbortSignal | undefined} signal
 * @param {boolean} isKept whether the browser's cache takes part
 * @param {(url: string, bytes: Uint8Array) => T} read
 * @returns {Promise<T>}
 * @throws {InceptionError} `network`, `aborted`
 */
export async function fetchList(url, signal, isKept, read) {
  const { bytes, type } = await download(url, signal).catch(async (failure) => {
    const kept = failure.cause === undefined || !isKept ? null : await keptList(url);
    if (kept === null) throw failure;
    return kept;
  });
  const value = read(url, bytes);
  if (isKept) keepList(url, bytes, type).catch(() => undefined);
  return value;
}

/**
 * What {@link fetchList} reads of JSON.
 * @param {string} url
 * @param {Uint8Array} bytes
 * @returns {unknown}
 * @throws {InceptionError} `network`
 */
export function parsed(url, bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new InceptionError('network', `${url} (it answered with something that is not JSON)`, { cause });
  }
}

/** @param {string} url */
async function keptList(url) {
  const cache = await ModelCache.open();
  return typeof cache === 'string' ? null : cache.find(url);
}

/**
 * @param {string} url
 * @param {Uint8Array} bytes
 * @param {string} type
 */
async function keepList(url, bytes, type) {
  const cache = await ModelCache.open();
  if (typeof cache === 'string') return;
  const sha256 = await sha256Of(bytes);
  if ((await cache.find(url))?.sha256 === sha256) return;
  await cache.keep(url, new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)]), { type, etag: null, lastModified: null }, sha256).catch(() => undefined);
}
