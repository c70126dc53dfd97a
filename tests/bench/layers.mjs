// Where the time of a network goes, by `net.profile`.

import { median, number, text } from './table.mjs';

/** @typedef {import('../../pkg/src/index.js').LayerInfo} LayerInfo */
/** @typedef {import('../../pkg/src/index.js').LayerTime} LayerTime */
/** @typedef {import('./table.mjs').Cell} Cell */
/** @typedef {{ layer: LayerInfo, macs: number, ms: number[] }} Timed milliseconds with each number of threads */

const SLOWEST = 10;

/** @param {number} macs */
const mflop = (macs) => (2 * macs) / 1e6;
/** @param {number[]} list */
const sum = (list) => list.reduce((total, one) => total + one, 0);

/**
 * @param {LayerInfo[]} layers
 * @param {LayerTime[][][]} profiles several for each number of threads
 * @returns {Timed[]} the median of each layer, in the order of execution
 */
export function timed(layers, profiles) {
  const known = new Map(layers.map((layer) => [layer.name, layer]));
  return (profiles[0]?.[0] ?? []).map(({ name, macs }, i) => {
    const layer = known.get(name);
    if (layer === undefined) throw new Error(`there is no layer ${name}`);
    return { layer, macs, ms: profiles.map((some) => median(some.map((profile) => profile[i]?.ms ?? NaN))) };
  });
}

/** @param {LayerInfo} layer */
function kindOf({ kind, detail }) {
  const [window = ''] = detail.split(',');
  return kind === 'conv' ? `conv ${window.replace('/', ' stride ')}` : kind;
}

/**
 * @param {Timed[]} layers
 * @param {(timed: Timed) => string} key
 * @returns {[string, Timed[]][]} in the order of their first layers
 */
function grouped(layers, key) {
  /** @type {Map<string, Timed[]>} */
  const groups = new Map();
  for (const one of layers) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return [...groups];
}

/**
 * Milliseconds with each number of threads.
 * @param {Timed[]} layers
 */
const times = (layers) => (layers[0]?.ms ?? []).map((_, i) => sum(layers.map(({ ms }) => ms[i] ?? NaN)));

/**
 * @param {Timed[]} layers
 * @returns {Cell[]}
 */
function speeds(layers) {
  const work = mflop(sum(layers.map(({ macs }) => macs)));
  return [work, ...times(layers).flatMap((ms) => [ms, work === 0 ? null : work / ms])];
}

const SPEEDS = [number('MFLOP'), number('1 thread ms', 2), number('GFLOP/s', 1), number('2 threads ms', 2), number('GFLOP/s', 1)];

export const KINDS = [text('kind'), number('layers'), ...SPEEDS];
/** @param {Timed[]} layers @returns {Cell[][]} */
export const byKind = (layers) => [
  ...grouped(layers, ({ layer }) => kindOf(layer)).sort(([, a], [, b]) => (times(b)[0] ?? 0) - (times(a)[0] ?? 0)),
  /** @type {[string, Timed[]]} */ (['all', layers]),
].map(([kind, some]) => [kind, some.length, ...speeds(some)]);

export const MODULES = [text('layer or module'), number('1 thread ms', 2), number('%', 1), number('2 threads ms', 2), number('%', 1)];
/** @param {Timed[]} layers @returns {Cell[][]} */
export function byModule(layers) {
  const all = times(layers);
  return grouped(layers, ({ layer }) => layer.module ?? layer.name).map(([name, some]) => [name, ...times(some).flatMap((ms, i) => [ms, (100 * ms) / (all[i] ?? NaN)])]);
}

export const LAYERS = [text('layer'), text('kind'), ...SPEEDS];
/** @param {Timed[]} layers @returns {Cell[][]} */
export const slowest = (layers) =>
  layers.toSorted((a, b) => (b.ms[0] ?? 0) - (a.ms[0] ?? 0)).slice(0, SLOWEST).map((one) => [one.layer.name, `${kindOf(one.layer)}, ${one.layer.shape.join('x')}`, ...speeds([one])]);
