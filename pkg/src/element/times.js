/**
 * Where the network's time goes, in the columns of the map.
 *
 * @typedef {import('./network.js').Module} Module
 * @typedef {import('./network.js').Step} Step
 * @typedef {{ name: string, ms: number, macs: number }} LayerTime
 * @typedef {{ branch: number | null, ms: number, macs: number }} Segment null: outside the branches
 *
 * @typedef {object} Times
 * @property {'running' | 'done' | 'failed'} status
 * @property {LayerTime[]} layers
 * @property {number} [share] of the layers that are measured
 * @property {import('./state.js').Failure | null} failure
 */

/**
 * Times and multiply-adds of some modules, or of layers outside modules, by branch.
 * @param {{ modules: Module[], steps: Step[] }} part
 * @param {ReadonlyMap<string, LayerTime>} times by layer; a layer that is not there takes no time
 * @returns {Segment[]} the branches from the first to the last, then what lies outside them
 */
export function segmentsOf({ modules, steps }, times) {
  /** @type {Map<number | null, Segment>} */
  const segments = new Map();
  const add = (/** @type {number | null} */ branch, /** @type {Step[]} */ layers) => {
    const segment = segments.get(branch) ?? { branch, ms: 0, macs: 0 };
    for (const { name, macs } of layers) {
      segment.ms += times.get(name)?.ms ?? 0;
      segment.macs += macs;
    }
    segments.set(branch, segment);
  };
  for (const { branches } of modules) for (const { index, path } of branches) add(index, path.flat());
  for (const { residual } of modules) if (residual.length > 0) add(null, residual);
  if (steps.length > 0) add(null, steps);
  return [...segments.values()];
}
