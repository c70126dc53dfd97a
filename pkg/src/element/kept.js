import { activityOf } from './lanes.js';

/** @typedef {import('../index.js').FeatureMaps} FeatureMaps */
/** Every branch's output in a run, and what the map shows of it. @typedef {{ layers: Record<string, FeatureMaps>, activity: import('./lanes.js').Activity | null }} Kept */

/** @type {Kept} */
export const NOTHING_KEPT = { layers: {}, activity: null };

/**
 * Takes over what a run kept: the branches whole, of all else only what the map shows.
 * @param {import('./state.js').Model} model
 * @param {Record<string, FeatureMaps>} layers
 * @returns {Kept}
 */
export function keptFrom({ network: { modules } }, layers) {
  const names = new Set(modules.flatMap((module) => module.branches.map(({ name }) => name)));
  return { layers: Object.fromEntries(Object.entries(layers).filter(([name]) => names.has(name))), activity: activityOf(modules, layers) };
}
