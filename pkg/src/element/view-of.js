import { PALETTES } from './color-map.js';
import { comparedModel } from './compare.js';
import { SCALES, SORTS } from './maps.js';
import { moduleNamed } from './network.js';

/** @typedef {import('./index.js').InspectorView} InspectorView */
/** @typedef {import('./maps.js').Look} Look */

/**
 * @param {Readonly<import('./state.js').State>} state
 * @returns {InspectorView}
 */
export function viewOf(state) {
  const { module, pin, look } = state;
  return { layer: module, pin, ...look, compare: comparedModel(state) };
}

/**
 * @param {Partial<InspectorView>} view what it leaves out or what there is not stays as it is
 * @param {Look} look
 * @returns {Look} the same one where nothing changes
 */
export function lookFrom({ sort, scale, palette, hideDead, tile }, look) {
  const wanted = {
    sort: SORTS.find((known) => known === sort) ?? look.sort,
    scale: SCALES.find((known) => known === scale) ?? look.scale,
    palette: PALETTES.find((known) => known === palette) ?? look.palette,
    hideDead: hideDead ?? look.hideDead,
    tile: tile ?? look.tile,
  };
  return isSame(wanted, look) ? look : wanted;
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
