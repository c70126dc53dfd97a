import { fetchList, parsed } from '../engine/store/lists.js';
import { folder } from '../shared/addresses.js';
import { InceptionError } from '../shared/errors.js';

/** @typedef {import('../index.js').CatalogEntry} CatalogEntry */

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
 * @param {boolean} [isKept] whether the browser's cache takes part
 * @returns {Promise<CatalogEntry[]>}
 * @throws {InceptionError} `network`, `aborted`
 */
export function fetchCatalog(models, signal, isKept) {
  return fetchEntries(new URL('catalog.json', models).href, signal, isKept);
}

/**
 * @param {string} url of a catalog
 * @param {AbortSignal | undefined} signal
 * @param {boolean} [isKept]
 * @returns {Promise<CatalogEntry[]>}
 * @throws {InceptionError} `network`, `aborted`
 */
export async function fetchEntries(url, signal, isKept = true) {
  const entries = await fetchList(url, signal, isKept, parsed);
  if (!Array.isArray(entries)) throw new InceptionError('network', `${url} (it is not a list of models)`);
  return entries;
}
