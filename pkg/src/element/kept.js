import { activityOf, branchLayers, shortcutLayers } from './lanes.js';

/** @typedef {import('../index.js').FeatureMaps} FeatureMaps */
/** A branch that is off, as it was before. @typedef {{ maps: FeatureMaps, share: number }} Former */

/**
 * What stays of a run.
 * @typedef {object} Kept
 * @property {Record<string, FeatureMaps>} layers every branch's output
 * @property {import('./lanes.js').Activity | null} activity what the map shows of it
 * @property {ReadonlyMap<string, Former>} former branches that were off
 */

/** @type {Kept} */
export const NOTHING_KEPT = { layers: {}, activity: null, former: new Map() };

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
  return { layers, activity: activityOf(network, layers, statistics), former: new Map() };
}

/**
 * @param {Kept} kept of a run with branches off
 * @param {Kept} before the run with nothing off; of a video, what was shown until then
 * @param {ReadonlySet<string>} off
 * @returns {Kept} the same, with those branches as they were before
 */
export function withFormer(kept, before, off) {
  const found = [...off].flatMap((branch) => {
    const maps = before.layers[branch];
    const former = before.former.get(branch) ?? (maps && { maps, share: before.activity?.lanes.get(branch)?.share ?? 0 });
    return former ? [/** @type {const} */ ([branch, former])] : [];
  });
  return { ...kept, former: new Map(found) };
}
