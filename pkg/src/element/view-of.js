import { PALETTES } from './color-map.js';
import { SCALES, SORTS } from './maps.js';

/** @typedef {import('./index.js').InspectorView} InspectorView */

/**
 * @param {Readonly<import('./state.js').State>} state
 * @returns {InspectorView}
 */
export function viewOf({ module, pin, look }) {
  return { layer: module, pin, ...look };
}

/**
 * What a view asks for; what it leaves out or what there is not stays as it is.
 * @param {Partial<InspectorView>} view
 * @param {Readonly<import('./state.js').State>} state
 * @returns {{ layer: string | null, pin: InspectorView['pin'], look: import('./maps.js').Look }}
 */
export function readView({ layer, pin, sort, scale, palette, hideDead, tile }, state) {
  const { look } = state;
  return {
    layer: layer === undefined ? state.module : layer,
    pin: pin === undefined ? state.pin : pin,
    look: {
      sort: SORTS.find((known) => known === sort) ?? look.sort,
      scale: SCALES.find((known) => known === scale) ?? look.scale,
      palette: PALETTES.find((known) => known === palette) ?? look.palette,
      hideDead: hideDead ?? look.hideDead,
      tile: tile ?? look.tile,
    },
  };
}
