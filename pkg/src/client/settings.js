import { script } from '../assets.js';
import { absolute, folder } from '../shared/addresses.js';
import { missingAsset } from '../shared/missing-asset.js';
import { checkedSettings } from '../shared/options.js';

/** @typedef {import('../index.js').Settings} Settings */

/**
 * What keeps a load from finding the files of the package.
 * @param {ReturnType<typeof placesOf>} places
 * @returns {string | null} null: nothing
 */
export function lackOfPlaces({ workerUrl, wasmUrl }) {
  if (script || (workerUrl && wasmUrl)) return null;
  return `this script is no module and does not know where it is: build with format esm, or ${missingAsset('')}`;
}

/** What every load takes unless its own options say otherwise, absolute: the working directory of Node.js may change. @type {Settings} */
const settings = {};

/** @param {Settings} options undefined takes one back */
export function configure(options) {
  for (const [name, address] of Object.entries(checkedSettings(options))) {
    settings[/** @type {keyof Settings} */ (name)] = address === undefined ? undefined : absolute(address);
  }
}

/**
 * Where the package's scripts and the folder of models are.
 * @param {Settings} own options of the call
 * @returns {{ workerUrl: string | URL | null, wasmUrl: string | URL | null, modelsUrl: string | URL | undefined }} null: beside this script
 */
export function placesOf(own) {
  const given = (/** @type {keyof Settings} */ name) => own[name] ?? settings[name];
  const assets = given('assetsUrl');
  const asset = (/** @type {string} */ path) => (assets === undefined ? null : new URL(path, folder(assets)).href);
  return {
    workerUrl: given('workerUrl') ?? asset('worker.js'),
    wasmUrl: given('wasmUrl') ?? asset('wasm/'),
    modelsUrl: given('modelsUrl'),
  };
}
