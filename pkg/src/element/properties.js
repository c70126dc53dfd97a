import { InceptionError } from '../index.js';

/** @typedef {import('./index.js').InceptionInspector} Public */

/** What is possible in attributes that take one of a few words. */
export const WORDS = {
  device: /** @type {const} */ (['auto', 'webgpu', 'cpu']),
  highlight: /** @type {const} */ (['channels', 'switches']),
  theme: /** @type {const} */ (['light', 'dark']),
};

/**
 * @param {string} name of a property
 * @param {unknown} value
 * @param {string} wanted
 */
function refusal(name, value, wanted) {
  const shown = typeof value === 'string' ? `'${value}'` : String(value);
  return new InceptionError('bad-option', `${name} is ${shown}, but must be ${wanted}`);
}

/** @param {unknown} value @returns {value is null | undefined | ''} how frameworks take a property back */
const isNothing = (value) => value === null || value === undefined || value === '';

/** @param {unknown} value @returns {value is object} */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** @param {unknown} value */
const isNames = (value) => Array.isArray(value) && value.every((name) => typeof name === 'string');

/**
 * @param {string} name of the property
 * @param {unknown} value
 * @param {string} [instead] what takes other things than addresses
 * @returns {string | null} null: none
 * @throws {InceptionError} `bad-option`
 */
export function checkedAddress(name, value, instead = '') {
  if (isNothing(value)) return null;
  if (typeof value === 'string' || value instanceof URL) return String(value);
  throw refusal(name, value, `a string or a URL${instead}`);
}

/**
 * @param {keyof typeof WORDS} name of the property
 * @param {unknown} value
 * @returns {string | null} null: none
 * @throws {InceptionError} `bad-option`
 */
export function checkedWord(name, value) {
  if (isNothing(value)) return null;
  const word = WORDS[name].find((word) => word === value);
  if (word === undefined) throw refusal(name, value, `${WORDS[name].map((word) => `'${word}'`).join(', ')} or null`);
  return word;
}

/**
 * @param {unknown} value
 * @returns {import('../index.js').Inception | null}
 * @throws {InceptionError} `bad-option`
 */
export function checkedNet(value) {
  if (value === null || value === undefined) return null;
  // A page may have loaded it with another copy of the class.
  const { layers, info, classify } = /** @type {Partial<import('../index.js').Inception>} */ (value);
  if (Array.isArray(layers) && isObject(info) && typeof classify === 'function') return /** @type {import('../index.js').Inception} */ (value);
  throw refusal('net', value, 'what Inception.load gave, or null; an address goes into model');
}

/**
 * @param {unknown} value
 * @returns {string | null}
 * @throws {InceptionError} `bad-option`
 */
export function checkedTitle(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  throw refusal('netTitle', value, 'a string or null');
}

/**
 * @param {string} name of the property
 * @param {object} value
 * @param {string[]} known its keys
 * @throws {InceptionError} `bad-option`
 */
function refuseOthers(name, value, known) {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new InceptionError('bad-option', `there is no ${name}.${unknown}; ${name} has ${known.join(', ')}`);
}

/** A value in a layer's output. @type {(keyof import('./index.js').InspectorSpot)[]} */
const SPOT = ['layer', 'channel', 'y', 'x'];

/**
 * @param {unknown} view
 * @param {string[]} known what a view has
 * @returns {Partial<import('./index.js').InspectorView>}
 * @throws {InceptionError} `bad-option`
 */
export function checkedView(view, known) {
  if (view === null || view === undefined) return {};
  if (!isObject(view)) throw refusal('view', view, 'an object');
  refuseOthers('view', view, known);
  const { inner, off, pin } = /** @type {Record<string, unknown>} */ (view);
  if (inner !== undefined && !isNames(inner)) throw refusal('view.inner', inner, 'an array of layer names');
  if (off !== undefined && !isNames(off)) throw refusal('view.off', off, 'an array of branch names');
  if (pin !== undefined && pin !== null && !isObject(pin)) throw refusal('view.pin', pin, 'an object or null');
  if (isObject(pin)) refuseOthers('view.pin', pin, SPOT);
  return view;
}

/**
 * @param {unknown} value
 * @returns {Required<import('./index.js').Alternatives>}
 * @throws {InceptionError} `bad-option`
 */
export function checkedAlternatives(value) {
  if (value === null || value === undefined) return { pictures: [], models: [] };
  if (!isObject(value)) throw refusal('alternatives', value, 'an object');
  refuseOthers('alternatives', value, ['pictures', 'models']);
  const { pictures = [], models = [] } = /** @type {import('./index.js').Alternatives} */ (value);
  if (!Array.isArray(pictures)) throw refusal('alternatives.pictures', pictures, 'an array');
  if (!Array.isArray(models)) throw refusal('alternatives.models', models, 'an array');
  return { pictures, models };
}

/**
 * @param {unknown} value
 * @returns {HTMLVideoElement}
 * @throws {InceptionError} `bad-option`
 */
export function checkedVideo(value) {
  if (value instanceof HTMLVideoElement) return value;
  throw refusal('the video', value, 'a video element');
}
