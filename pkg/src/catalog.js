import { baseAddress, folder } from './addresses.js';
import { download, looksLikeHtml } from './download.js';
import { InceptionError } from './errors.js';
import { sha256Of } from './integrity.js';
import { ModelCache } from './store/model-cache.js';

/** @typedef {import('./index.js').CatalogEntry} CatalogEntry */

/**
 * @param {string | URL} [modelsUrl]
 * @returns {string} the folder of the models, with a slash at its end
 */
export function modelsFolder(modelsUrl = 'models/') {
  return folder(modelsUrl);
}

/**
 * @param {string} models the folder
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<CatalogEntry[]>}
 * @throws {InceptionError} `network`, `aborted`
 */
export function fetchCatalog(models, signal) {
  return fetchEntries(new URL('catalog.json', models).href, signal);
}

/**
 * @param {string} url of a catalog
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<CatalogEntry[]>}
 * @throws {InceptionError} `network`, `aborted`
 */
export async function fetchEntries(url, signal) {
  const entries = await fetchJson(url, signal);
  if (!Array.isArray(entries)) throw new InceptionError('network', `${url} (it is not a list of models)`);
  return entries;
}

/**
 * The lists of class names that the package itself has, one name a line: models come without them, and pages without a folder of models.
 * Bundlers take text for what it is; some make modules of JSON.
 * @type {Record<string, () => URL>}
 */
const OWN_LISTS = {
  imagenet1k: () => (import.meta.url ? new URL('./models/imagenet1k.txt', import.meta.url) : new URL('models/imagenet1k.txt', baseAddress())),
};

/**
 * @param {string} name of the list, for example `imagenet1k`
 * @param {string} models the folder of the lists that are not the package's own
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<string[]>}
 * @throws {InceptionError} `network`, `aborted`
 */
export async function fetchLabels(name, models, signal) {
  const own = OWN_LISTS[name]?.().href;
  if (own !== undefined) return fetchKept(own, signal, linesOf);
  const { href: url } = new URL(`${encodeURIComponent(name)}.json`, models);
  const labels = await fetchJson(url, signal);
  if (!Array.isArray(labels) || !labels.every((label) => typeof label === 'string')) {
    throw new InceptionError('network', `${url} (it is not a list of class names)`);
  }
  return labels;
}

/**
 * @param {string} url
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<unknown>}
 */
function fetchJson(url, signal) {
  return fetchKept(url, signal, parsed);
}

/**
 * The server's list, or without a connection the one that it sent last.
 * @template T
 * @param {string} url
 * @param {AbortSignal | undefined} signal
 * @param {(url: string, bytes: Uint8Array) => T} read
 * @returns {Promise<T>}
 */
async function fetchKept(url, signal, read) {
  const { bytes, type } = await download(url, signal).catch(async (failure) => {
    const kept = failure.cause === undefined ? null : await keptList(url);
    if (kept === null) throw failure;
    return kept;
  });
  const value = read(url, bytes);
  keepList(url, bytes, type).catch(() => undefined);
  return value;
}

/**
 * @param {string} url
 * @param {Uint8Array} bytes
 * @returns {unknown}
 */
function parsed(url, bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new InceptionError('network', `${url} (it answered with something that is not JSON)`, { cause });
  }
}

/**
 * @param {string} url
 * @param {Uint8Array} bytes
 * @returns {string[]}
 */
function linesOf(url, bytes) {
  if (looksLikeHtml(bytes)) throw new InceptionError('network', `${url} (it answered with a web page)`);
  return new TextDecoder().decode(bytes).trimEnd().split('\n');
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
  await cache.keep(url, bytes, { type, etag: null, lastModified: null }, sha256).catch(() => undefined);
}
