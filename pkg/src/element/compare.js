import { branchMapsFrom, isDead, orderOf, paletteFor, percentileOf } from './maps.js';
import { contributionOf, mapsOf, openModule, shareOf } from './shown.js';
import { shownAnswer } from './shift.js';

/**
 * Two pictures in one model, or one picture in two models: side A is what the inspector shows, side B another picture or model.
 *
 * @typedef {Readonly<import('./state.js').State>} State
 * @typedef {import('./state.js').Model} Model
 * @typedef {import('./state.js').Picture} Picture
 * @typedef {string | File[]} Choice of a model: catalog id, address or files
 * @typedef {import('./maps.js').BranchMaps} BranchMaps
 * @typedef {import('./network.js').Branch} Branch
 * @typedef {import('./network.js').Module} Module
 *
 * @typedef {object} Outcome a run of side B
 * @property {Picture} picture
 * @property {Model} model
 * @property {import('./state.js').Answer} answer with every class
 * @property {Record<string, import('../index.js').FeatureMaps>} layers every branch
 * @property {import('./lanes.js').Activity | null} activity
 *
 * @typedef {{ side: 'a' | 'b', index: number, channel: number, y: number, x: number }} Compared one value, in the branch of that index
 *
 * @typedef {object} Comparison
 * @property {'picture' | 'model'} kind what side B has another one of
 * @property {Picture | null} picture of side B, where that is another one
 * @property {string | null} awaited id of an alternative picture that side B is to have
 * @property {string | null} alternative id of the alternative picture that side B has; null: it comes from elsewhere
 * @property {import('./state.js').Failure | null} pictureFailure
 * @property {(import('./state.js').Loading & { choice: Choice }) | null} loading side B's model while it is awaited
 * @property {Model | null} model of side B, where that is another one
 * @property {Choice | null} choice what that model was loaded from
 * @property {string | null} module of side B, where it was chosen
 * @property {'idle' | 'running' | 'cancelled' | 'failed'} status of side B's run
 * @property {import('./state.js').Failure | null} failure
 * @property {Outcome | null} outcome
 * @property {boolean} difference whether B − A is shown
 * @property {boolean} byDifference whether the channels that differ most come first
 * @property {Compared | null} spot the value that is read
 *
 * @typedef {object} Side
 * @property {Model} model
 * @property {Picture | null} picture
 * @property {import('./state.js').Answer | null} answer
 * @property {Module | null} module
 * @property {ReadonlySet<string>} off
 * @property {boolean} stale whether what is shown is of an earlier run
 *
 * @typedef {object} Cell one branch on one side
 * @property {Branch} branch
 * @property {BranchMaps | null} maps
 * @property {number[] | null} order of the channels
 * @property {number | null} share of the module's energy
 * @property {boolean} isOff whether the branch is switched off: maps and share are then of the run with nothing off
 *
 * @typedef {{ maps: BranchMaps, order: number[], limit: number }} Difference B − A
 *
 * @typedef {object} Pair the branches of one index
 * @property {number} index
 * @property {Cell | null} a null where that side has no such branch
 * @property {Cell | null} b
 * @property {Difference | null} difference
 * @property {import('./color-map.js').Palette} palette
 * @property {{ a: number, b: number }} limits the value at the upper end of each side's colours: of two pictures one, of two models each its own
 */

/** @type {Comparison} */
export const NOTHING_COMPARED = {
  kind: 'picture',
  picture: null,
  awaited: null,
  alternative: null,
  pictureFailure: null,
  loading: null,
  model: null,
  choice: null,
  module: null,
  status: 'idle',
  failure: null,
  outcome: null,
  difference: true,
  byDifference: false,
  spot: null,
};
/** @type {ReadonlySet<string>} */
const NONE = new Set();
/** @type {Pair[]} */
const NO_PAIRS = [];

/**
 * The module that says most beside another one: on a map of the same scale, at the same share of its depth there.
 * @param {Module[]} modules
 * @param {string | null} name of one of them
 * @param {Module[]} others
 * @returns {Module | null} of the modules whose positions are the most nearly as many input pixels apart the namesake, else the one at
 *   the same share of their depth
 */
export function matchOf(modules, name, others) {
  const module = modules.find((one) => one.name === name) ?? modules[0];
  if (module === undefined) return null;
  const away = (/** @type {Module} */ other) => Math.abs(Math.log2(other.stride / module.stride));
  const least = Math.min(...others.map(away));
  const alike = others.filter((other) => away(other) === least);
  const own = modules.filter(({ stride }) => stride === module.stride);
  const depth = own.length > 1 ? own.indexOf(module) / (own.length - 1) : 0.5;
  return alike.find((other) => other.name === module.name) ?? alike[Math.round(depth * (alike.length - 1))] ?? null;
}

/**
 * @param {State} state
 * @returns {string | null} the catalog id or address of the model that is compared, or is to be; null for pictures and files
 */
export function comparedModel({ compare }) {
  const choice = compare?.kind === 'model' ? (compare.loading ?? compare).choice : null;
  return typeof choice === 'string' ? choice : null;
}

/**
 * @param {State} state
 * @returns {string | null} the id of the alternative picture that is compared, or is to be; null for models and other pictures
 */
export function comparedPicture({ compare }) {
  return compare?.kind === 'picture' ? (compare.awaited ?? compare.alternative) : null;
}

/**
 * @param {State} state
 * @returns {Pick<import('./index.js').InspectorView, 'compareModule' | 'difference' | 'byDifference'>} how the sides are shown
 */
export function comparedHow({ compare }) {
  const { difference, byDifference } = compare?.kind === 'picture' ? compare : NOTHING_COMPARED;
  return { compareModule: compare?.kind === 'model' ? compare.module : null, difference, byDifference };
}

/**
 * @param {import('./index.js').AlternativePicture} picture
 * @returns {string} what tells it from the others, whatever their names are
 */
export function alternativeId({ id, name }) {
  return id ?? name;
}

/**
 * @param {State} state
 * @returns {{ model: Model, picture: Picture } | null} what side B is to show; null while that is not known
 */
export function wantedOf({ compare, model, run }) {
  const wanted = compare?.kind === 'picture' ? { model, picture: compare.picture } : { model: compare?.model ?? null, picture: run.of };
  return wanted.model && wanted.picture ? { model: wanted.model, picture: wanted.picture } : null;
}

/**
 * @param {State} state
 * @returns {Side | null}
 */
export function sideA(state) {
  const { model, picture, run, shift, live } = state;
  if (model === null) return null;
  const off = live ? state.off : shift?.result ? shift.off : NONE;
  const stale = run.result !== null && (run.of !== picture || shift?.status === 'running');
  return { model, picture: run.of ?? picture, answer: shownAnswer(state), module: openModule(state), off, stale };
}

/**
 * @param {State} state
 * @returns {Side | null}
 */
export function sideB(state) {
  const { compare } = state;
  const model = compare?.kind === 'model' ? compare.model : state.model;
  if (!compare || !model) return null;
  const outcome = outcomeOf(compare, model);
  const picture = outcome?.picture ?? wantedOf(state)?.picture ?? null;
  const stale = outcome !== null && outcome.picture !== wantedOf(state)?.picture;
  return { model, picture, answer: outcome?.answer ?? null, module: moduleB(state), off: NONE, stale };
}

/**
 * @param {State} state
 * @returns {Module | null} the module of side B
 */
export function moduleB({ compare, model, module }) {
  if (compare === null || model === null) return null;
  const others = (compare.kind === 'model' ? compare.model : model)?.network.modules ?? [];
  const chosen = compare.kind === 'model' ? compare.module : null;
  return others.find(({ name }) => name === chosen) ?? matchOf(model.network.modules, module, others);
}

/** @param {Comparison} compare @param {Model} model @returns {Outcome | null} null where the last one is of another model */
function outcomeOf({ outcome }, model) {
  return outcome?.model.network === model.network ? outcome : null;
}

/** The last answer of each inspector, by its model, and what it depended on. @type {WeakMap<Model, { key: unknown[], pairs: Pair[] }>} */
const lastPairs = new WeakMap();

/**
 * @param {State} state
 * @returns {Pair[]} the open module's branches on both sides; the same list while nothing that decides it changes
 */
export function pairsOf(state) {
  const { compare, model, module, maps, off, look, explanation, activity } = state;
  if (compare === null || model === null) return NO_PAIRS;
  const key = [compare.kind, compare.outcome, compare.model, compare.module, compare.byDifference, module, maps, off, look, explanation, activity];
  const last = lastPairs.get(model);
  if (last && key.every((value, i) => value === last.key[i])) return last.pairs;
  const pairs = findPairs(state);
  lastPairs.set(model, { key, pairs });
  return pairs;
}

/**
 * @param {State} state
 * @returns {Pair[]}
 */
function findPairs(state) {
  const { look, compare } = state;
  const [a, b] = [cellsA(state), cellsB(state)];
  const indices = Array.from({ length: Math.max(a.length, b.length) }, (_, i) => i);
  const differences = indices.map((i) => (compare?.kind === 'picture' && !a[i]?.isOff ? differenceOf(a[i]?.maps ?? null, b[i]?.maps ?? null) : null));
  const knownA = a.flatMap(({ maps }) => maps ?? []);
  const knownB = b.flatMap(({ maps }) => maps ?? []);
  const allDifferences = differences.filter((maps) => maps !== null);
  return indices.map((index) => {
    const [one = null, other = null] = [a[index], b[index]];
    const known = [one, other].flatMap((cell) => cell?.maps ?? []);
    const maps = differences[index] ?? null;
    const [ownA = null, ownB = null] = ordersOf(state, one, other, maps);
    return {
      index,
      a: one && { ...one, order: ownA },
      b: other && { ...other, order: ownB },
      difference: maps && ownA && { maps, order: ownA, limit: percentileOf(look.scale === 'layer' ? allDifferences : [maps]) },
      palette: known.some(({ signed }) => signed) ? 'diverging' : known[0] ? paletteFor(known[0], look.palette) : look.palette,
      limits: look.scale === 'layer' ? limitsOf(state, knownA, knownB) : limitsOf(state, one?.maps ? [one.maps] : [], other?.maps ? [other.maps] : []),
    };
  });
}

/**
 * One limit for two pictures in one model; values of two models have nothing in common.
 * @param {State} state
 * @param {BranchMaps[]} a
 * @param {BranchMaps[]} b
 * @returns {Pair['limits']}
 */
function limitsOf({ compare }, a, b) {
  if (compare?.kind === 'model') return { a: percentileOf(a), b: percentileOf(b) };
  const limit = percentileOf([...a, ...b]);
  return { a: limit, b: limit };
}

/** @param {State} state @returns {Cell[]} */
function cellsA(state) {
  const branches = openModule(state)?.branches ?? [];
  return branches.map((branch) => ({
    branch,
    maps: mapsOf(state, branch.name),
    order: null,
    share: shareOf(state, branch.name),
    isOff: state.off.has(branch.name),
  }));
}

/** @param {State} state @returns {Cell[]} */
function cellsB(state) {
  const { compare } = state;
  const model = compare?.kind === 'model' ? compare.model : state.model;
  const outcome = compare && model ? outcomeOf(compare, model) : null;
  return (moduleB(state)?.branches ?? []).map((branch) => {
    const found = outcome?.layers[branch.name];
    return { branch, maps: found ? keptMaps(found) : null, order: null, share: outcome?.activity?.lanes.get(branch.name)?.share ?? null, isOff: false };
  });
}

/** @type {WeakMap<import('../index.js').FeatureMaps, BranchMaps>} */
const mapsByLayer = new WeakMap();

/** @param {import('../index.js').FeatureMaps} layer */
function keptMaps(layer) {
  const maps = mapsByLayer.get(layer) ?? branchMapsFrom(layer);
  mapsByLayer.set(layer, maps);
  return maps;
}

/**
 * Channels in one order on both sides, where both have as many: side A's, or the largest difference first.
 * @param {State} state
 * @param {Cell | null} a
 * @param {Cell | null} b
 * @param {BranchMaps | null} difference
 * @returns {(number[] | null)[]}
 */
function ordersOf(state, a, b, difference) {
  const { look } = state;
  const all = { ...look, hideDead: false };
  const own = (/** @type {Cell | null} */ cell, /** @type {Float32Array | null} */ contribution) => (cell?.maps ? orderOf(cell.maps, all, contribution) : null);
  const shows = (/** @type {number} */ c, /** @type {(BranchMaps | null | undefined)[]} */ sides) => !look.hideDead || sides.some((maps) => maps && !isDead(maps.stats[c]));
  const isAlike = !a?.maps || !b?.maps || a.maps.channels === b.maps.channels;
  if (!isAlike) return [own(a, contributionA(state, a)), own(b, null)].map((order, i) => order && order.filter((c) => shows(c, [[a, b][i]?.maps])));
  const byDifference = state.compare?.byDifference ? difference : null;
  const order = byDifference ? orderOf(byDifference, { ...all, sort: 'mean', reverse: false }, null) : own(a, contributionA(state, a)) ?? own(b, null) ?? null;
  const shared = order && order.filter((c) => shows(c, [a?.maps, b?.maps]));
  return [a?.maps ? shared : null, b?.maps ? shared : null];
}

/** @param {State} state @param {Cell | null} cell */
function contributionA(state, cell) {
  const branches = openModule(state)?.branches ?? [];
  const before = branches.filter(({ index }) => cell !== null && index < cell.branch.index);
  return cell && contributionOf(state, cell.branch, before.reduce((sum, { channels }) => sum + channels, 0));
}

/** @type {WeakMap<BranchMaps, { to: BranchMaps, maps: BranchMaps }>} */
const differences = new WeakMap();

/**
 * B − A; each channel's `mean` is that of the sizes of its differences, so that it says how much the channel differs.
 * @param {BranchMaps | null} a
 * @param {BranchMaps | null} b
 * @returns {BranchMaps | null} null where either is not known or they are of different shapes
 */
function differenceOf(a, b) {
  if (a === null || b === null || ['channels', 'height', 'width'].some((key) => a[/** @type {'channels'} */ (key)] !== b[/** @type {'channels'} */ (key)])) return null;
  const known = differences.get(a);
  if (known?.to === b) return known.maps;
  const data = b.data.map((value, i) => value - (a.data[i] ?? 0));
  const size = a.height * a.width;
  const stats = Array.from({ length: a.channels }, (_, c) => statsOf(data.subarray(c * size, (c + 1) * size)));
  const maps = branchMapsFrom({ name: a.name, shape: [a.channels, a.height, a.width], data, stats });
  differences.set(a, { to: b, maps });
  return maps;
}

/**
 * @param {Float32Array} values
 * @returns {import('../index.js').ChannelStats}
 */
function statsOf(values) {
  let [sizes, squares, min, max, zeros] = [0, 0, Infinity, -Infinity, 0];
  for (const value of values) {
    sizes += Math.abs(value);
    squares += value * value;
    min = Math.min(min, value);
    max = Math.max(max, value);
    if (value === 0) zeros += 1;
  }
  return { mean: sizes / values.length, std: Math.sqrt(squares / values.length), min, max, sparsity: zeros / values.length };
}
