import { folder } from './addresses.js';
import { download } from './download.js';
import { InceptionError } from './errors.js';

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
export async function fetchCatalog(models, signal) {
  const url = new URL('catalog.json', models).href;
  const entries = await fetchJson(url, signal);
  if (!Array.isArray(entries)) throw new InceptionError('network', `${url} (it is not a list of models)`);
  return entries;
}

/**
 * @param {string} name of the list, for example `imagenet1k`
 * @param {string} models the folder
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<string[]>}
 * @throws {InceptionError} `network`, `aborted`
 */
export async function fetchLabels(name, models, signal) {
  const url = new URL(`${encodeURIComponent(name)}.json`, models).href;
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
async function fetchJson(url, signal) {
  const { bytes } = await download(url, signal);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new InceptionError('network', `${url} (it answered with something that is not JSON)`, { cause });
  }
}
