import { explainedClass } from './explained.js';

/**
 * How an answer is explained over the picture, as a view says it: `cam`, `gradcam:Mixed_4f`, `saliency:smooth`, `minus:287`; of an auxiliary head
 * `gradcam:Mixed_4b,AuxLogits_1`.
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
 * @property {string | null} head auxiliary head whose class it is; null: of the answer itself
 */

/** @type {Kind[]} */
export const KINDS = ['cam', 'gradcam', 'saliency', 'minus'];
/** @type {Method[]} */
export const METHODS = ['gradient', 'smooth', 'integrated'];
/** Noisy copies of SmoothGrad, which its sentence names. */
export const SAMPLES = 16;

const FORM = /^(?:cam|gradcam(?::[^,]+)?(?:,.+)?|saliency:(?:gradient|smooth|integrated)(?:,.+)?|minus(?::\d{1,6})?)$/;

/**
 * @param {unknown} text
 * @returns {text is Why} whether it says how to explain
 */
export function isWhy(text) {
  return typeof text === 'string' && FORM.test(text);
}

/**
 * @param {Why} why
 * @returns {{ kind: Kind, rest: string, head: string | null }} rest: what stands behind the kind; empty where nothing does
 */
export function partsOf(why) {
  const [way = '', head = null] = why.split(',');
  const [kind = '', ...rest] = way.split(':');
  return { kind: /** @type {Kind} */ (kind), rest: rest.join(':'), head };
}

/**
 * @param {Kind} kind
 * @param {string} rest
 * @param {string | null} head
 * @returns {Why}
 */
export function whyOf(kind, rest, head) {
  const of = head !== null && canBeOfHead(kind) ? `,${head}` : '';
  return /** @type {Why} */ (`${kind}${rest === '' ? '' : `:${rest}`}${of}`);
}

/** @param {Kind} kind @returns {boolean} whether an auxiliary head's answer can be explained that way */
export function canBeOfHead(kind) {
  return kind === 'gradcam' || kind === 'saliency';
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
 * @param {string | null} head
 * @returns {Why} the way of that kind that comes first
 */
export function firstOf(kind, head) {
  return whyOf(kind, kind === 'saliency' ? 'smooth' : '', head);
}

/**
 * @param {Pick<State, 'model' | 'run'>} state
 * @returns {string[]} auxiliary heads whose answers can be explained: trained, with the network's own classes, and part of the answer
 */
export function headsOf({ model, run }) {
  if (model === null || model.info.head !== null) return [];
  const { auxiliary, classes } = model.info;
  const known = auxiliary.filter((head) => head.trained && head.classes === classes && run.result?.auxiliary.some(({ layer }) => layer === head.layer));
  return known.map(({ layer }) => layer);
}

/**
 * @param {Pick<State, 'why' | 'model' | 'run'>} state
 * @returns {string | null} the auxiliary head whose answer is explained; null: the answer itself is
 */
export function headOf({ why, ...state }) {
  const { head } = partsOf(why);
  return head !== null && headsOf(state).includes(head) ? head : null;
}

/**
 * @param {import('./network.js').Network} network
 * @param {string | null} head
 * @returns {import('./network.js').Module[]} those that the answer, or the auxiliary head's, depends on
 */
export function modulesOf({ modules, auxiliary }, head) {
  const after = auxiliary.find((one) => one.head === head)?.after;
  return after === undefined ? modules : modules.slice(0, modules.findIndex(({ name }) => name === after) + 1);
}

/**
 * @param {Why} why
 * @param {import('./network.js').Network} network
 * @param {string | null} [head] by default the one that is named
 * @returns {string | null} where Grad-CAM is taken: the layer that is named, else the last module whose maps are larger than the final ones, which
 *   the class map shows, or, of an auxiliary head, the module that it follows; null in a network without modules
 */
export function layerOf(why, network, head = partsOf(why).head) {
  const { kind, rest } = partsOf(why);
  const modules = modulesOf(network, head);
  if (kind === 'gradcam' && modules.some(({ name }) => name === rest)) return rest;
  const last = modules.at(-1);
  if (modules.length < network.modules.length) return last?.name ?? null;
  return (modules.findLast(({ shape }) => shape[1] > (last?.shape[1] ?? 0)) ?? last)?.name ?? null;
}

/**
 * @param {State} state
 * @param {string | null} head
 * @returns {Why} the same way for that one's answer; Grad-CAM at the same layer where it depends on it
 */
export function whyOfHead(state, head) {
  const { why, model } = state;
  if (kindOf(why) === 'saliency') return whyOf('saliency', methodOf(why), head);
  const layer = model && layerOf(why, model.network, headOf(state));
  const isBefore = model !== null && modulesOf(model.network, head).some(({ name }) => name === layer);
  return whyOf('gradcam', isBefore ? (layer ?? '') : '', head);
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
  const head = headOf(state);
  const [layer, minus] = [layerOf(why, model.network, head), minusOf(state, classIndex)];
  if ((kind === 'gradcam' && layer === null) || (kind === 'minus' && minus === null)) return null;
  return { kind, classIndex, layer: layer ?? '', method: methodOf(why), minus: minus ?? 0, head };
}

/**
 * @param {Asked} asked
 * @returns {string} equal for what is equal
 */
export function keyOf({ kind, classIndex, layer, method, minus, head }) {
  return [kind, classIndex, { cam: '', gradcam: layer, saliency: method, minus }[kind], head ?? ''].join('|');
}
