/** Feature maps that a branch's grid shows. */
export const TILES = 16;

/**
 * What the page keeps of a branch's output for one picture.
 * @typedef {object} BranchMaps
 * @property {string} name
 * @property {number} channels
 * @property {number} height
 * @property {number} width
 * @property {Float32Array[]} tiles the first channels, row by row
 * @property {import('../pkg/dist/index.js').ChannelStats[]} stats one for each tile
 * @property {number} mean over all channels
 * @property {number} max over all channels
 * @property {number} zeros fraction of zeros over all channels
 */

/**
 * Copies what is shown, so that the whole tensors can be freed.
 * @param {import('../pkg/dist/index.js').FeatureMaps} maps
 * @returns {BranchMaps}
 */
export function branchMapsFrom({ name, shape: [channels, height, width], data, stats }) {
  const size = height * width;
  const shown = Math.min(TILES, channels);
  const average = (/** @type {'mean' | 'sparsity'} */ key) => stats.reduce((sum, s) => sum + s[key], 0) / channels;
  return {
    name,
    channels,
    height,
    width,
    tiles: Array.from({ length: shown }, (_, c) => data.slice(c * size, (c + 1) * size)),
    stats: stats.slice(0, shown),
    mean: average('mean'),
    max: stats.reduce((max, s) => Math.max(max, s.max), 0),
    zeros: average('sparsity'),
  };
}
