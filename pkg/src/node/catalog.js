import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { absolute } from '../shared/addresses.js';
import { fetchEntries } from '../client/catalog.js';
import { InceptionError } from '../shared/errors.js';
import './index.js';

/** @typedef {import('../index.js').CatalogEntry} CatalogEntry */
/** @typedef {{ url: string, entries: CatalogEntry[] }} Catalog */

/** The packages with models that the catalog names by their files alone. @type {Record<string, string>} */
const PACKAGES = { 'googlenet-imagenet': 'inception-web-googlenet', 'nsfw-inception-v3': 'inception-web-nsfw' };

/**
 * @param {string} [address] file or address; default the package's own
 * @returns {Promise<Catalog>}
 * @throws {InceptionError} `network`
 */
export async function readCatalog(address) {
  const url = address === undefined ? new URL('../models/catalog.json', import.meta.url).href : absolute(address);
  return { url, entries: await fetchEntries(url, undefined) };
}

/**
 * Where a model's file is: beside the catalog, at its publisher, or in the package that holds it.
 * @param {Catalog} catalog
 * @param {CatalogEntry} entry
 * @param {string} folder of the caller's project, where packages are looked for
 * @returns {Promise<string>}
 */
export async function addressOf(catalog, entry, folder) {
  const url = new URL(entry.url, catalog.url);
  if (url.protocol !== 'file:' || (await exists(url))) return url.href;
  const name = PACKAGES[entry.id];
  if (name === undefined) throw new InceptionError('network', `${fileURLToPath(url)} (there is no such file)`);
  for (const from of [pathToFileURL(`${folder}/`).href, import.meta.url]) {
    try {
      return pathToFileURL(createRequire(from).resolve(`${name}/${entry.id}.safetensors`)).href;
    } catch {
      // It is not installed there.
    }
  }
  throw new InceptionError('network', `${entry.id} (its file is in the package ${name}: run 'npm install ${name}', then this again)`);
}

/**
 * The entries that a folder's catalog has already.
 * @param {string} file
 * @returns {Promise<CatalogEntry[]>}
 */
export async function existingEntries(file) {
  return (await exists(file)) ? fetchEntries(pathToFileURL(file).href, undefined) : [];
}

/** @param {string | URL} file */
async function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}
