import { FIRST_LOOK, limitOf, orderOf, paletteFor } from './maps.js';
import { HEAD, STEM, moduleNamed } from './network.js';

/** @typedef {Readonly<import('./state.js').State>} State */
/** @typedef {import('./maps.js').BranchMaps} BranchMaps */
/** @typedef {import('./maps.js').Look} Look */

/**
 * What the module view shows of a branch.
 * @typedef {object} Shown
 * @property {import('./network.js').Branch} branch
 * @property {import('../index.js').LayerInfo} layer the branch's end or a layer inside it
 * @property {BranchMaps | null} maps null while they are not known; of a branch that is off, with nothing switched off
 * @property {number | null} share of the module's energy, of the same run
 * @property {number[] | null} order of the channels
 * @property {import('./color-map.js').Palette} palette
 * @property {(channel: number) => number} limit the value at the upper end of a channel's colours
 */

/**
 * @param {State} state
 * @returns {import('./network.js').Module | null} the module that is open
 */
export function openModule({ model, module }) {
  return model?.network.modules.find(({ name }) => name === module) ?? null;
}

/**
 * @param {State} state
 * @returns {import('./network.js').Module | null} the module or the stem that is open: what has channels to read
 */
export function openPart({ model, module }) {
  return model && moduleNamed(model.network, module);
}

/**
 * @param {State} state
 * @param {1 | -1} step
 * @returns {import('./network.js').Module | null} the module after the open one, or before; the stem comes before all, the head after
 */
export function neighbourOf({ model, module }, step) {
  const modules = model?.network.modules ?? [];
  const at = module === HEAD ? modules.length : modules.findIndex(({ name }) => name === module);
  return modules[at + step] ?? null;
}

/**
 * @param {State} state
 * @returns {Look} of the grids: the stem's channels, which have no toolbar, are all shown, each by itself
 */
function lookOf({ look, module }) {
  return module === STEM ? { ...FIRST_LOOK, palette: look.palette } : look;
}

/** What the last answer depended on. @type {{ key: unknown[], shown: Shown[] }} */
let last = { key: [undefined], shown: [] };

/**
 * @param {State} state
 * @returns {Shown[]} the open module's branches; the same list while nothing that decides it changes
 */
export function shownBranches(state) {
  const key = [state.model, state.module, state.maps, state.inner, state.innerMaps, state.look, state.explanation, state.activity];
  if (!key.every((value, i) => value === last.key[i])) last = { key, shown: findBranches(state) };
  return last.shown;
}

/**
 * @param {State} state
 * @returns {Shown[]}
 */
function findBranches(state) {
  const { model, inner } = state;
  const look = lookOf(state);
  const module = openPart(state);
  if (model === null || module === null) return [];
  const known = module.branches.map((branch) => mapsOf(state, inner.get(branch.name) ?? branch.name));
  const layer = known.filter((maps) => maps !== null);
  let first = 0;
  return module.branches.flatMap((branch, i) => {
    const maps = known[i] ?? null;
    const info = model.layers.get(inner.get(branch.name) ?? branch.name);
    const contribution = contributionOf(state, branch, first);
    first += branch.channels;
    return info === undefined
      ? []
      : {
          branch,
          layer: info,
          maps,
          share: shareOf(state, branch.name),
          order: maps && orderOf(maps, look, contribution),
          palette: maps ? paletteFor(maps, look.palette) : look.palette,
          limit: (channel) => (maps ? limitOf(maps, channel, look.scale, layer) : 0),
        };
  });
}

/**
 * @param {State} state
 * @param {string} layer
 * @returns {BranchMaps | null} of a branch that is off, those with nothing switched off
 */
export function mapsOf({ maps, innerMaps }, layer) {
  return maps?.former.get(layer)?.maps ?? maps?.branches.find(({ name }) => name === layer) ?? innerMaps.get(layer) ?? null;
}

/**
 * @param {State} state
 * @param {string} branch
 * @returns {number | null} its share of the module's energy, of the same run as its maps
 */
export function shareOf({ maps, activity }, branch) {
  return maps?.former.get(branch)?.share ?? activity?.lanes.get(branch)?.share ?? null;
}

/**
 * The value that is read, the one under the pointer before the pinned one.
 * @param {State} state
 * @returns {{ spot: import('./state.js').Spot, maps: BranchMaps, shown: Shown } | null}
 */
export function readOf(state) {
  const spot = state.spot ?? state.pin;
  const shown = spot && shownBranches(state).find(({ layer }) => layer.name === spot.layer);
  if (!spot || !shown || shown.maps === null || spot.channel >= shown.maps.channels) return null;
  const { height, width } = shown.maps;
  return { spot: { ...spot, y: Math.min(spot.y, height - 1), x: Math.min(spot.x, width - 1) }, maps: shown.maps, shown };
}

/**
 * What a branch's channels add to the chosen class's logit.
 * @param {State} state
 * @param {import('./network.js').Branch} branch
 * @param {number} first of its channels in the module's output
 * @returns {Float32Array | null} null where the class is not explained by this module
 */
export function contributionOf({ explanation, module, inner }, branch, first) {
  const found = explanation?.contributions;
  if (!found || found.layer !== module || inner.has(branch.name)) return null;
  return found.contribution.subarray(first, first + branch.channels);
}
