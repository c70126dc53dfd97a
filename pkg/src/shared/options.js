import { absolute } from './addresses.js';
import { InceptionError } from './errors.js';

/** @typedef {import('../index.js').LoadOptions} LoadOptions */
/** @typedef {import('../index.js').RunOptions} RunOptions */

const MOST_THREADS = 64;
const DEFAULT_TOP_K = 5;
/** Items of a list that an error repeats. */
const SHOWN = 5;

/**
 * @param {string} name
 * @param {unknown} value
 * @param {string} wanted
 */
export function badOption(name, value, wanted) {
  const list = Array.isArray(value) ? `[${value.slice(0, SHOWN)}${value.length > SHOWN ? `, … ${value.length} in all` : ''}]` : String(value);
  const object = list === '[object Object]' ? `{ ${Object.keys(Object(value)).slice(0, SHOWN).join(', ')} }` : list;
  const shown = typeof value === 'string' ? `'${value}'` : object;
  return new InceptionError('bad-option', `${name} is ${shown}, but must be ${wanted}`);
}

/** @param {unknown} value */
const isAddress = (value) => value instanceof URL || (typeof value === 'string' && isAbsolutable(value));

/** @param {string} text */
function isAbsolutable(text) {
  try {
    return absolute(text) !== '';
  } catch {
    return false;
  }
}

/** @param {unknown} value */
const isStrings = (value) => Array.isArray(value) && value.every((item) => typeof item === 'string');

/** @param {unknown} value */
const isSignal = (value) => typeof AbortSignal === 'function' && value instanceof AbortSignal;

/**
 * @template {object} T
 * @param {T} options
 * @param {Record<string, [(value: unknown) => boolean, string]>} rules
 * @returns {T}
 */
export function checked(options, rules) {
  if (typeof options !== 'object' || options === null) {
    throw new InceptionError('bad-option', 'the options must be an object');
  }
  const values = /** @type {Record<string, unknown>} */ (options);
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(rules, name));
  if (unknown !== undefined) {
    throw new InceptionError('bad-option', `there is no option ${unknown}; this call takes ${Object.keys(rules).join(', ')}`);
  }
  for (const [name, [holds, wanted]] of Object.entries(rules)) {
    const value = values[name];
    if (value !== undefined && !holds(value)) throw badOption(name, value, wanted);
  }
  return options;
}

/** @type {[(value: unknown) => boolean, string]} */
const ADDRESS = [isAddress, 'an address'];
/** @type {[(value: unknown) => boolean, string]} */
export const FUNCTION = [(v) => typeof v === 'function', 'a function'];
/** @type {[(value: unknown) => boolean, string]} */
export const BOOLEAN = [(v) => typeof v === 'boolean', 'true or false'];
/** @type {[(value: unknown) => boolean, string]} */
const STRING = [(v) => typeof v === 'string', 'a string'];
/** @type {[(value: unknown) => boolean, string]} */
export const SIGNAL = [isSignal, 'an AbortSignal'];

/** @type {[(value: unknown) => boolean, string]} */
const HEAD = [(v) => isAddress(v) || v instanceof Blob || v instanceof ArrayBuffer || v instanceof Uint8Array, "the address, bytes or file of a taught head"];

/** @type {Record<string, [(value: unknown) => boolean, string]>} */
const SETTINGS = { assetsUrl: ADDRESS, modelsUrl: ADDRESS, wasmUrl: ADDRESS, workerUrl: ADDRESS };

/** @type {Record<string, [(value: unknown) => boolean, string]>} */
const LOAD_RULES = {
  device: [(v) => v === 'auto' || v === 'webgpu' || v === 'cpu', "'auto', 'webgpu' or 'cpu'"],
  halfWeights: BOOLEAN,
  threads: [
    (v) => v === 'auto' || (Number.isInteger(v) && Number(v) >= 1 && Number(v) <= MOST_THREADS),
    `'auto' or a whole number from 1 to ${MOST_THREADS}`,
  ],
  worker: BOOLEAN,
  network: [(v) => typeof v === 'string', 'the id of a network'],
  activation: [(v) => v === 'softmax' || v === 'sigmoid' || v === 'none', "'softmax', 'sigmoid' or 'none'"],
  labels: [isStrings, 'an array of strings'],
  preprocess: [(v) => typeof v === 'object' && v !== null && !Array.isArray(v), 'an object'],
  ...SETTINGS,
  cache: BOOLEAN,
  shared: BOOLEAN,
  head: HEAD,
  sha256: [(v) => typeof v === 'string' && /^[0-9a-f]{64}$/i.test(v), '64 hexadecimal digits'],
  signal: SIGNAL,
  onProgress: FUNCTION,
  onDevice: FUNCTION,
  onKept: FUNCTION,
  onHead: FUNCTION,
};

/** @type {Record<string, [(value: unknown) => boolean, string]>} */
const RUN_RULES = {
  topK: [(v) => Number.isInteger(v) && Number(v) >= 0, 'a whole number, 0 or more'],
  threshold: [(v) => typeof v === 'number' && v >= 0 && v <= 1, 'a number from 0 to 1'],
  layers: [isStrings, 'an array of layer names'],
  statistics: [isStrings, 'an array of layer names'],
  signal: SIGNAL,
  onModule: FUNCTION,
};

/** @type {Record<string, [(value: unknown) => boolean, string]>} */
const BATCH_RULES = { ...RUN_RULES, onResult: FUNCTION, settled: BOOLEAN };

/** @type {[(value: unknown) => boolean, string]} */
const OFF = [isStrings, 'an array of layer names'];

/** @type {Record<string, [(value: unknown) => boolean, string]>} */
const ABLATE_RULES = { ...RUN_RULES, off: OFF };

/** @type {[(value: unknown) => boolean, string]} */
export const CLASS = [(v) => Number.isInteger(v) && Number(v) >= 0, 'the index of a class'];

/** @type {Record<string, [(value: unknown) => boolean, string]>} */
const RANK_RULES = {
  branches: [(v) => isStrings(v) && /** @type {string[]} */ (v).length > 0, 'an array of branch names'],
  classIndex: CLASS,
  signal: SIGNAL,
  onProgress: FUNCTION,
};

/**
 * @param {LoadOptions} options
 * @returns {LoadOptions}
 * @throws {InceptionError} `bad-option` that names the option
 */
export function checkedLoadOptions(options) {
  if (checked(options, LOAD_RULES).head !== undefined) checkedHead(options.head, options.shared ?? false);
  return options;
}

/**
 * @param {unknown} head null: none
 * @param {boolean} isShared whether the model has other owners
 * @throws {InceptionError} `bad-option`
 */
export function checkedHead(head, isShared) {
  if (head !== null) checked({ head: head ?? null }, { head: HEAD });
  if (isShared) throw new InceptionError('bad-option', 'head is for one owner, and shared has several: load the model without shared');
}

/**
 * @param {RunOptions} options
 * @returns {Required<Pick<RunOptions, 'topK' | 'threshold' | 'layers' | 'statistics'>> & Pick<RunOptions, 'signal' | 'onModule'>}
 * @throws {InceptionError} `bad-option` that names the option
 */
export function checkedRunOptions(options) {
  return withDefaults(checked(options, RUN_RULES));
}

/**
 * @param {import('../index.js').BatchOptions} options
 * @throws {InceptionError} `bad-option` that names the option
 */
export function checkedBatchOptions(options) {
  const { onResult, settled = false } = checked(options, BATCH_RULES);
  return { ...withDefaults(options), onResult, settled };
}

/**
 * @param {RunOptions & { off: string[] }} options
 * @returns {ReturnType<typeof checkedRunOptions> & { off: string[] }}
 * @throws {InceptionError} `bad-option` that names the option
 */
export function checkedAblateOptions(options) {
  const { off } = checked(options, ABLATE_RULES);
  if (off === undefined) throw badOption('off', off, 'an array of layer names');
  return { ...withDefaults(options), off };
}

/** @param {RunOptions} options */
function withDefaults({ topK = DEFAULT_TOP_K, threshold = 0, layers = [], statistics = [], signal, onModule }) {
  return { topK, threshold, layers, statistics, signal, onModule };
}

/**
 * @param {{ signal?: AbortSignal }} options of a call that has no others
 * @throws {InceptionError} `bad-option` that names the option
 */
export function checkedSignal(options) {
  return checked(options, { signal: SIGNAL }).signal;
}

/**
 * @param {unknown} layer
 * @throws {InceptionError} `bad-option`
 */
export function checkedLayer(layer) {
  if (typeof layer !== 'string') throw badOption('layer', layer, 'the name of one layer');
  if (layer === 'all') throw new InceptionError('bad-option', "features takes one layer; classify with layers: ['all'] keeps all");
  return layer;
}

/**
 * @param {unknown} url
 * @throws {InceptionError} `bad-option`
 */
export function checkedAddress(url) {
  checked({ url }, { url: ADDRESS });
  return /** @type {string | URL} */ (url);
}

/**
 * @param {import('../index.js').Settings} options
 * @throws {InceptionError} `bad-option` that names the option
 */
export function checkedSettings(options) {
  return checked(options, SETTINGS);
}

/**
 * @param {{ modelsUrl?: string | URL }} options
 * @throws {InceptionError} `bad-option` that names the option
 */
export function checkedCatalogOptions(options) {
  return checked(options, { modelsUrl: ADDRESS });
}

/**
 * @param {import('../index.js').RankOptions} options
 * @throws {InceptionError} `bad-option` that names the option
 */
export function checkedRankOptions(options) {
  const { branches = null, classIndex = null, signal, onProgress } = checked(options, RANK_RULES);
  return { branches, classIndex, signal, onProgress };
}

/**
 * @param {number} classIndex
 * @param {{ off?: string[], signal?: AbortSignal }} options
 * @throws {InceptionError} `bad-option` that names the option
 */
export function checkedClass(classIndex, options) {
  checked({ classIndex: classIndex ?? null }, { classIndex: CLASS });
  const { off = [], signal } = checked(options, { off: OFF, signal: SIGNAL });
  return { classIndex, off, signal };
}

/**
 * @param {import('../teacher.js').TeachOptions} options
 * @throws {InceptionError} `bad-option` that names the option
 */
export function checkedTeachOptions(options) {
  return checked(options, { multiLabel: BOOLEAN });
}

/**
 * @param {import('../teacher.js').ExampleOptions} options
 * @throws {InceptionError} `bad-option` that names the option
 */
export function checkedExample(options) {
  return checked(options, { name: STRING, thumbnail: [(v) => v === null || v instanceof Uint8Array, 'bytes or null'], signal: SIGNAL });
}

/**
 * @param {import('../teacher.js').AddAllOptions} options
 * @throws {InceptionError} `bad-option` that names the option
 */
export function checkedAddAllOptions(options) {
  return checked(options, { onProgress: FUNCTION, signal: SIGNAL });
}

/**
 * @param {import('../teacher.js').TrainOptions} options
 * @throws {InceptionError} `bad-option` that names the option
 */
export function checkedTrainOptions(options) {
  return checked(options, {
    folds: [(v) => Number.isInteger(v) && Number(v) >= 0 && v !== 1, '0, or a whole number from 2'],
    l2: [(v) => v === 'auto' || (typeof v === 'number' && v > 0 && v < Infinity), "'auto' or a number above 0"],
    balanced: BOOLEAN,
    onProgress: FUNCTION,
    signal: SIGNAL,
  });
}

/**
 * @param {{ threshold?: number | null }} options
 * @throws {InceptionError} `bad-option` that names the option
 */
export function checkedTaughtOptions(options) {
  return checked(options, { threshold: [(v) => v === null || (typeof v === 'number' && v >= 0 && v <= 1), 'a number from 0 to 1, or null'] });
}

/**
 * @param {unknown} label
 * @param {boolean} isMulti whether examples may have several
 * @throws {InceptionError} `bad-option`
 */
export function checkedLabel(label, isMulti) {
  const isName = (/** @type {unknown} */ v) => typeof v === 'string' && v.trim() !== '';
  const is = label === null || isName(label) || (isMulti && Array.isArray(label) && label.every(isName));
  if (!is) throw badOption('label', label, isMulti ? 'names of classes, or null' : 'the name of a class, or null');
}

/**
 * @param {unknown} label of a class
 * @throws {InceptionError} `bad-option`
 */
export function checkedName(label) {
  if (typeof label !== 'string' || label.trim() === '') throw badOption('label', label, 'the name of a class');
}

/**
 * @template T
 * @param {Iterable<T>} items
 * @param {string} name
 * @returns {Iterable<T>}
 * @throws {InceptionError} `bad-option`
 */
export function checkedIterable(items, name) {
  if (typeof (/** @type {any} */ (items)?.[Symbol.iterator]) !== 'function') throw badOption(name, items, 'a list');
  return items;
}

/**
 * @param {unknown} file
 * @returns {Uint8Array}
 * @throws {InceptionError} `bad-option`
 */
export function checkedBytes(file) {
  if (file instanceof ArrayBuffer) return new Uint8Array(file);
  if (!(file instanceof Uint8Array)) throw badOption('file', file, 'the bytes of a file');
  return file;
}

/**
 * @param {import('../index.js').ProfileOptions} options
 * @throws {InceptionError} `bad-option` that names the option
 */
export function checkedProfileOptions(options) {
  return checked(options, { signal: SIGNAL, onProgress: FUNCTION });
}

/**
 * @param {import('../index.js').TuneOptions} options
 * @throws {InceptionError} `bad-option` that names the option
 */
export function checkedTuneOptions(options) {
  return checked(options, { signal: SIGNAL, onProgress: FUNCTION, undo: BOOLEAN, keep: BOOLEAN });
}
