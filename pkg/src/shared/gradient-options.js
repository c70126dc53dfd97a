import { BOOLEAN, CLASS, FUNCTION, SIGNAL, badOption, checked } from './options.js';

/** @typedef {import('../gradients.js').Target} Target */
/** @typedef {[(value: unknown) => boolean, string]} Rule */

/** @type {(least: number, most: number) => Rule} */
const whole = (least, most) => [(v) => Number.isInteger(v) && Number(v) >= least && Number(v) <= most, `a whole number from ${least} to ${most}`];
/** @type {(least: number, most: number) => Rule} */
const between = (least, most) => [(v) => typeof v === 'number' && v >= least && v <= most, `a number from ${least} to ${most}`];
/** @type {Rule} */
const INDEX = [(v) => Number.isInteger(v) && Number(v) >= 0, 'a whole number, 0 or more'];
/** @type {Rule} */
const NAME = [(v) => typeof v === 'string' && v !== '' && v !== 'all', 'the name of a layer'];
/** @type {Rule} */
const HEAD = [(v) => typeof v === 'string' && v !== '', 'the name of an auxiliary head'];
/** @type {Rule} */
const POSITION = [(v) => Array.isArray(v) && v.length === 2 && v.every((at) => INDEX[0](at)), 'a row and a column'];
const SEED = whole(0, 2 ** 32 - 1);

/** Rows of a network's input, at most, that pictures are made of or dream in. */
const MOST = 1024;

/**
 * @param {Target} target
 * @param {string} name of the argument
 * @returns {Target}
 * @throws {InceptionError} `bad-option`
 */
export function checkedTarget(target, name) {
  if (typeof target !== 'object' || target === null) throw badOption(name, target, 'a class or a layer');
  if ('classIndex' in target) return checked(target, { classIndex: CLASS, minus: CLASS, head: HEAD });
  const { layer, channel, position } = checked(target, { layer: NAME, channel: INDEX, position: POSITION, sum: BOOLEAN });
  if (layer === undefined) throw badOption(`${name}.layer`, layer, 'the name of a layer, where there is no classIndex');
  if (position !== undefined && channel === undefined) throw badOption(`${name}.channel`, channel, 'a channel, where there is a position');
  return target;
}

/** @param {import('../gradients.js').GradientOptions} options */
export function checkedGradientOptions(options) {
  /** @type {Rule} */
  const names = [(v) => Array.isArray(v) && v.length > 0 && v.every(NAME[0]), "an array of layer names, or 'input'"];
  const { of, at = ['input'], signal } = checked(options, { of: [() => true, ''], at: names, signal: SIGNAL });
  return { target: checkedTarget(of, 'of'), at, signal };
}

/**
 * @param {number} classIndex
 * @param {string} layer
 * @param {import('../gradients.js').GradCamOptions} options
 */
export function checkedGradCam(classIndex, layer, options) {
  checked({ layer: layer ?? null }, { layer: NAME });
  const { signal, ...of } = checked(options, { minus: CLASS, head: HEAD, signal: SIGNAL });
  return { target: ofClass(classIndex, of), layer, signal };
}

/**
 * @param {number} classIndex
 * @param {import('../gradients.js').SaliencyOptions} options
 */
export function checkedSaliency(classIndex, options) {
  /** @type {Rule} */
  const method = [(v) => v === 'gradient' || v === 'smoothgrad' || v === 'integrated', "'gradient', 'smoothgrad' or 'integrated'"];
  /** @type {Rule} */
  const baseline = [(v) => v === 'black' || v === 'gray' || v === 'mean', "'black', 'gray' or 'mean'"];
  const rules = { method, samples: whole(1, 1000), noise: between(0, 1), steps: whole(1, 1000), baseline, seed: SEED, minus: CLASS, head: HEAD, onProgress: FUNCTION, signal: SIGNAL };
  const { minus, head, onProgress, signal, ...rest } = checked(options, rules);
  /** @type {import('./protocol.js').WireSaliency} */
  const all = { method: 'smoothgrad', samples: 25, noise: 0.15, steps: 64, baseline: 'gray', seed: 0 };
  return { target: ofClass(classIndex, { minus, head }), options: withDefaults(all, rest), onProgress, signal };
}

/**
 * @param {Target} target
 * @param {import('../gradients.js').VisualizeOptions} options
 */
export function checkedVisualize(target, options) {
  /** @type {Rule} */
  const size = [(v) => Number.isInteger(v) && Number(v) % 2 === 0 && Number(v) >= 32 && Number(v) <= 512, 'an even number from 32 to 512'];
  /** @type {Rule} */
  const rate = [(v) => typeof v === 'number' && v > 0 && v <= 10, 'a number above 0, at most 10'];
  /** @type {Rule} */
  const grown = [(v) => typeof v === 'object' && v !== null && 'state' in v && v.state instanceof Uint8Array && 'of' in v && typeof v.of === 'string', 'a picture that visualize gave or showed, as it was'];
  const rules = { size, steps: whole(1, 4096), seed: SEED, transforms: BOOLEAN, learningRate: rate, from: grown, onStep: FUNCTION, signal: SIGNAL };
  const { from: before, size: side = before?.width ?? 128, steps = 256, seed = 0, transforms = true, learningRate = 0.05, onStep, signal } = checked(options, rules);
  const from = before === undefined ? null : { state: before.state, value: before.value, of: before.of };
  return { target: checkedTarget(target, 'target'), size: side, steps, options: { seed, transforms, learningRate }, from, onStep, signal };
}

/**
 * @param {import('../gradients.js').DreamTarget} target
 * @param {import('../gradients.js').DreamOptions} options
 */
export function checkedDream(target, options) {
  if (typeof target !== 'object' || target === null) throw badOption('target', target, 'a layer');
  /** @type {Rule} */
  const factors = [(v) => typeof v === 'object' && v !== null && Object.values(v).every((factor) => typeof factor === 'number' && Number.isFinite(factor)), 'a number for each branch'];
  const { layer, branches = {} } = checked(target, { layer: NAME, branches: factors });
  if (layer === undefined) throw badOption('target.layer', layer, 'the name of a layer');
  const rules = { octaves: whole(1, 10), octaveScale: between(1.05, 4), steps: whole(1, 1000), stepSize: between(0, 255), size: whole(96, MOST), seed: SEED, onStep: FUNCTION, signal: SIGNAL };
  const { onStep, signal, ...rest } = checked(options, rules);
  return { layer, branches, options: withDefaults({ octaves: 4, octaveScale: 1.4, steps: 10, stepSize: 1.5, size: 512, seed: 0 }, rest), onStep, signal };
}

/**
 * @param {number} classIndex
 * @param {Omit<import('../gradients.js').ClassTarget, 'classIndex'>} rest
 * @returns {import('../gradients.js').ClassTarget}
 */
function ofClass(classIndex, rest) {
  checked({ classIndex: classIndex ?? null }, { classIndex: CLASS });
  return withDefaults(/** @type {import('../gradients.js').ClassTarget} */ ({ classIndex }), rest);
}

/**
 * @template {object} T
 * @param {T} all
 * @param {Partial<T>} some undefined: left out
 * @returns {T}
 */
function withDefaults(all, some) {
  return { ...all, ...Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined)) };
}
