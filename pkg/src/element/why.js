import { explainedClass } from './explained.js';

/**
 * How an answer is explained over the picture, as a view says it: `cam`, `gradcam:Mixed_4f`, `saliency:smooth`, `minus:287`.
 *
 * @typedef {import('./index.js').Why} Why
 * @typedef {Readonly<import('./state.js').State>} State
 * @typedef {'cam' | 'gradcam' | 'saliency' | 'minus'} Kind
 * @typedef {'gradient' | 'smooth' | 'integrated'} Method of saliency
 *
 * @typedef {object} Asked what is to be found for a class
 * @property {Kind} kind
 * @property {number} classIndex
 * @property {string} layer of Grad-CAM
 * @property {Method} method of saliency
 * @property {number} minus class whose score is taken away
 */

/** @type {Kind[]} */
export const KINDS = ['cam', 'gradcam', 'saliency', 'minus'];
/** @type {Method[]} */
export const METHODS = ['gradient', 'smooth', 'integrated'];
/** Noisy copies of SmoothGrad, which its sentence names. */
export const SAMPLES = 16;

const FORM = /^(?:cam|gradcam(?::.+)?|saliency:(?:gradient|smooth|integrated)|minus(?::\d{1,6})?)$/;

/**
 * @param {unknown} text
 * @returns {text is Why} whether it says how to explain
 */
export function isWhy(text) {
  return typeof text === 'string' && FORM.test(text);
}

/**
 * @param {Why} why
 * @returns {{ kind: Kind, rest: string }} rest: what stands behind the kind; empty where nothing does
 */
function partsOf(why) {
  const [kind = '', ...rest] = why.split(':');
  return { kind: /** @type {Kind} */ (kind), rest: rest.join(':') };
}

/** @param {Why} why @returns {Kind} */
export function kindOf(why) {
  return partsOf(why).kind;
}

/** @param {Why} why @returns {Method} */
export function methodOf(why) {
  const { kind, rest } = partsOf(why);
  return kind === 'saliency' ? /** @type {Method} */ (rest) : 'smooth';
}

/**
 * @param {Kind} kind
 * @returns {Why} the way of that kind that comes first
 */
export function firstOf(kind) {
  return kind === 'saliency' ? 'saliency:smooth' : kind;
}

/**
 * @param {Why} why
 * @param {import('./network.js').Network} network
 * @returns {string | null} where Grad-CAM is taken: the layer that is named, else the last module whose maps are larger than the final ones, which
 *   the class map shows; null in a network without modules
 */
export function layerOf(why, { modules }) {
  const { kind, rest } = partsOf(why);
  if (kind === 'gradcam' && modules.some(({ name }) => name === rest)) return rest;
  const last = modules.at(-1);
  return (modules.findLast(({ shape }) => shape[1] > (last?.shape[1] ?? 0)) ?? last)?.name ?? null;
}

/**
 * @param {State} state
 * @returns {number | null} index of the class whose answer is explained: the chosen one, else the likeliest where the map can be seen
 */
export function classAsked(state) {
  const { camOpacity, run } = state;
  if (run.result?.isNone) return state.chosen;
  return explainedClass(state) ?? (camOpacity > 0 ? (run.result?.predictions[0]?.index ?? null) : null);
}

/**
 * @param {State} state
 * @param {number} classIndex
 * @returns {number | null} the class that is taken away: the one that is named, else the likeliest other one
 */
export function minusOf({ why, model, run }, classIndex) {
  const { kind, rest } = partsOf(why);
  const named = kind === 'minus' && rest !== '' ? Number(rest) : null;
  if (named !== null && named !== classIndex && named < (model?.info.classes ?? 0)) return named;
  return run.result?.predictions.find(({ index }) => index !== classIndex)?.index ?? null;
}

/**
 * @param {State} state
 * @returns {Asked | null} null where the class map explains, or there is no class to explain
 */
export function askedOf(state) {
  const { why, model } = state;
  const kind = kindOf(why);
  const classIndex = classAsked(state);
  if (kind === 'cam' || model === null || classIndex === null) return null;
  const [layer, minus] = [layerOf(why, model.network), minusOf(state, classIndex)];
  if ((kind === 'gradcam' && layer === null) || (kind === 'minus' && minus === null)) return null;
  return { kind, classIndex, layer: layer ?? '', method: methodOf(why), minus: minus ?? 0 };
}

/**
 * @param {Asked} asked
 * @returns {string} equal for what is equal
 */
export function keyOf({ kind, classIndex, layer, method, minus }) {
  return [kind, classIndex, { cam: '', gradcam: layer, saliency: method, minus }[kind]].join('/');
}
