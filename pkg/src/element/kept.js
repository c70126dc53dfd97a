import { activityOf, branchLayers, shortcutLayers } from './lanes.js';

/** @typedef {import('../index.js').FeatureMaps} FeatureMaps */
/** Every branch's output in a run, and what the map shows of it. @typedef {{ layers: Record<string, FeatureMaps>, activity: import('./lanes.js').Activity | null }} Kept */

/** @type {Kept} */
export const NOTHING_KEPT = { layers: {}, activity: null };

/**
 * What a run is asked for, so that the map can show it and any module can be opened afterwards.
 * @param {import('./state.js').Model} model
 */
export function asked({ network }) {
  return { layers: branchLayers(network), statistics: shortcutLayers(network) };
}

/**
 * @param {import('./state.js').Model} model
 * @param {Pick<import('../index.js').Result, 'layers' | 'statistics'>} found what was asked for
 * @returns {Kept}
 */
export function keptFrom({ network }, { layers, statistics }) {
  return { layers, activity: activityOf(network, layers, statistics) };
}
