import { PALETTES } from './color-map.js';
import { comparedHow, comparedModel, comparedPicture } from './compare.js';
import { SCALES, SORTS } from './maps.js';
import { moduleNamed } from './network.js';
import { isWhy } from './why.js';

/** @typedef {import('./index.js').InspectorView} InspectorView */
/** @typedef {import('./maps.js').Look} Look */
/** @typedef {Readonly<import('./state.js').State>} State */

/**
 * @param {State} state
 * @returns {InspectorView}
 */
export function viewOf(state) {
  const { module, inner, pin, large, look, off, chosen, camOpacity, why, shows, timesOpen, whole, zoom } = state;
  return {
    layer: module,
    inner: [...inner.values()],
    pin,
    large,
    ...look,
    off: [...off],
    explain: chosen,
    camOpacity,
    why,
    shows,
    times: timesOpen,
    whole,
    zoom,
    compare: comparedModel(state),
    otherPicture: comparedPicture(state),
    ...comparedHow(state),
  };
}

/**
 * @param {Partial<InspectorView>} view what it leaves out or what there is not stays as it is
 * @param {Look} look
 * @returns {Look} the same one where nothing changes
 */
export function lookFrom({ sort, reverse, scale, palette, hideDead, tile }, look) {
  const wanted = {
    sort: SORTS.find((known) => known === sort) ?? look.sort,
    reverse: reverse ?? look.reverse,
    scale: SCALES.find((known) => known === scale) ?? look.scale,
    palette: PALETTES.find((known) => known === palette) ?? look.palette,
    hideDead: hideDead ?? look.hideDead,
    tile: tile ?? look.tile,
  };
  return isSame(wanted, look) ? look : wanted;
}

/**
 * What is looked at beside modules and channels.
 * @param {Partial<InspectorView>} view
 * @param {State} state
 * @returns {Pick<State, 'chosen' | 'camOpacity' | 'why' | 'shows' | 'timesOpen' | 'whole' | 'zoom'>}
 */
export function settingsFrom({ explain, camOpacity, why, shows, times, whole, zoom }, state) {
  return {
    chosen: explain === undefined ? state.chosen : explain,
    camOpacity: camOpacity === undefined ? state.camOpacity : Math.min(1, Math.max(0, camOpacity)),
    why: isWhy(why) ? why : state.why,
    shows: shows === 'maps' || shows === 'looks' ? shows : state.shows,
    timesOpen: times ?? state.timesOpen,
    whole: whole ?? state.whole,
    zoom: zoom ?? state.zoom,
  };
}

/**
 * What was asked for before there was a network stays as far as it has that.
 * @param {State} state
 * @param {import('./state.js').Model} model
 * @returns {Pick<State, 'off' | 'chosen' | 'large'>}
 */
export function awaited({ off, chosen, large, pin }, { info, layers }) {
  return {
    off: new Set([...off].filter((name) => layers.get(name)?.kind === 'branch')),
    chosen: isClass(chosen, info) ? chosen : null,
    large: large && pin !== null,
  };
}

/**
 * @param {number | null} index
 * @param {{ classes: number }} info
 */
export function isClass(index, { classes }) {
  return index !== null && Number.isInteger(index) && index >= 0 && index < classes;
}

/**
 * @param {Record<string, any> | null | undefined} one
 * @param {Record<string, any> | null} other
 * @returns {boolean} whether both have the same values
 */
export function isSame(one, other) {
  if (!one || !other) return one === other;
  return Object.keys(other).every((key) => one[key] === other[key]);
}

/**
 * @param {import('./state.js').Spot | null} spot
 * @param {ReadonlyMap<string, import('../index.js').LayerInfo>} layers
 * @returns {import('./state.js').Spot | null} null where the layer has no such value
 */
export function existing(spot, layers) {
  const shape = layers.get(spot?.layer ?? '')?.shape;
  if (spot === null || shape === undefined) return null;
  return [spot.channel, spot.y, spot.x].every((at, i) => Number.isInteger(at) && at >= 0 && at < (shape[i] ?? 0)) ? spot : null;
}

/**
 * @param {string[]} names of layers
 * @param {import('./network.js').Network} network
 * @param {string | null} module
 * @returns {State['inner']} those that a branch of the module, or the stem, can show instead of its end
 */
export function opened(names, network, module) {
  const branches = moduleNamed(network, module)?.branches ?? [];
  const found = names.flatMap((name) => {
    const branch = branches.find(({ path }) => path.flat().some((step) => step.name === name));
    return branch && !isEnd(name, branch) ? [/** @type {const} */ ([branch.name, name])] : [];
  });
  return new Map(found);
}

/**
 * @param {string} layer
 * @param {import('./network.js').Branch} branch
 * @returns {boolean} whether the branch ends with that layer alone
 */
function isEnd(layer, { name, path }) {
  const last = path.at(-1) ?? [];
  return layer === name || (last.length === 1 && last[0]?.name === layer && !path.flat().some((step) => step.name === name));
}

/**
 * A pinned value that the open module or the stem has stays so, and what it is of is shown.
 * @param {import('./state.js').Spot | null} pin
 * @param {import('./network.js').Network} network
 * @param {string | null} module
 * @returns {Pick<import('./state.js').State, 'pin' | 'inner'>}
 */
export function pinned(pin, network, module) {
  const branches = moduleNamed(network, module)?.branches ?? [];
  const branch = branches.find(({ name, path }) => name === pin?.layer || path.flat().some((step) => step.name === pin?.layer));
  if (pin === null || branch === undefined) return { pin: null, inner: new Map() };
  return { pin, inner: pin.layer === branch.name ? new Map() : new Map([[branch.name, pin.layer]]) };
}
