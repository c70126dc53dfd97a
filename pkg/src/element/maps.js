/** @typedef {import('./color-map.js').Palette} Palette */
/** @typedef {import('../index.js').ChannelStats} ChannelStats */

/**
 * What is kept of a layer's output for one picture.
 * @typedef {object} BranchMaps
 * @property {string} name
 * @property {number} channels
 * @property {number} height
 * @property {number} width
 * @property {Float32Array} data channel by channel, each row by row
 * @property {ChannelStats[]} stats of every channel
 * @property {number} mean over all channels
 * @property {number} max over all channels
 * @property {number} zeros fraction of zeros over all channels
 * @property {number} dead channels without any value but zero
 * @property {boolean} signed whether there are values below zero
 */

/** @typedef {'index' | 'mean' | 'max' | 'sparsity' | 'contribution'} Sort */
/** @typedef {'channel' | 'branch' | 'layer'} Scale */

/**
 * How grids are shown.
 * @typedef {object} Look
 * @property {Sort} sort
 * @property {boolean} reverse whether that order is turned round
 * @property {Scale} scale
 * @property {Palette} palette
 * @property {boolean} hideDead
 * @property {number} tile wished side of a tile in CSS pixels
 */

/** @type {Sort[]} */
export const SORTS = ['index', 'mean', 'max', 'sparsity', 'contribution'];
/** @type {Scale[]} */
export const SCALES = ['channel', 'branch', 'layer'];
/** @type {Look} */
export const FIRST_LOOK = { sort: 'index', reverse: false, scale: 'channel', palette: 'magma', hideDead: false, tile: 40 };

/** Share of all values that a branch's or a layer's scale covers; the rest is clipped. */
const COVERED = 0.995;
/** Bins in which the end of that scale is looked for. */
const FINE = 2048;

/**
 * @param {import('../index.js').FeatureMaps} maps
 * @returns {BranchMaps}
 */
export function branchMapsFrom({ name, shape: [channels, height, width], data, stats }) {
  const average = (/** @type {'mean' | 'sparsity'} */ key) => stats.reduce((sum, s) => sum + s[key], 0) / channels;
  return {
    name,
    channels,
    height,
    width,
    data,
    stats,
    mean: average('mean'),
    max: stats.reduce((max, s) => Math.max(max, s.max), 0),
    zeros: average('sparsity'),
    dead: stats.filter(isDead).length,
    signed: stats.some(({ min }) => min < 0),
  };
}

/** @param {ChannelStats | undefined} stats */
export function isDead(stats) {
  return stats?.min === 0 && stats.max === 0;
}

/**
 * @param {BranchMaps} maps
 * @param {number} channel
 * @returns {Float32Array} its map, row by row
 */
export function channelOf({ data, height, width }, channel) {
  const size = height * width;
  return data.subarray(channel * size, (channel + 1) * size);
}

/**
 * The channels in the order in which they are shown: largest first, for sparsity most zeros first, equal ones by index; or that order turned round.
 * @param {BranchMaps} maps
 * @param {Look} look
 * @param {Float32Array | null} contribution of these channels
 * @returns {number[]}
 */
export function orderOf({ channels, stats }, { sort, reverse, hideDead }, contribution) {
  /** @param {number} c */
  const key = (c) => {
    const s = /** @type {ChannelStats} */ (stats[c]);
    if (sort === 'mean') return -s.mean;
    if (sort === 'max') return -s.max;
    if (sort === 'sparsity') return -s.sparsity;
    return sort === 'contribution' && contribution ? -(contribution[c] ?? 0) : 0;
  };
  const shown = Array.from({ length: channels }, (_, c) => c).filter((c) => !hideDead || !isDead(stats[c]));
  const keys = shown.map(key);
  const places = shown.map((_, i) => i).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
  const order = places.map((i) => /** @type {number} */ (shown[i]));
  return reverse ? order.reverse() : order;
}

/**
 * The palette that a layer is shown in: one for signed values where there are any.
 * @param {BranchMaps} maps
 * @param {Palette} chosen
 * @returns {Palette}
 */
export function paletteFor({ signed }, chosen) {
  return signed ? 'diverging' : chosen;
}

/**
 * The value at the upper end of a channel's colours; for a diverging palette the lower end is its negative.
 * @param {BranchMaps} maps
 * @param {number} channel
 * @param {Scale} scale
 * @param {BranchMaps[]} layer all branches of the layer
 * @returns {number}
 */
export function limitOf(maps, channel, scale, layer) {
  if (scale === 'branch') return percentileOf([maps]);
  if (scale === 'layer') return percentileOf(layer);
  const { min = 0, max = 0 } = maps.stats[channel] ?? {};
  return Math.max(max, -min);
}

/** @type {WeakMap<BranchMaps, { key: BranchMaps[], value: number }[]>} */
const percentiles = new WeakMap();

/**
 * The 99.5th percentile of all sizes of values, to a 2,048th of the largest.
 * @param {BranchMaps[]} layer
 */
export function percentileOf(layer) {
  const [first] = layer;
  if (first === undefined) return 0;
  const known = percentiles.get(first) ?? [];
  const same = known.find(({ key }) => key.length === layer.length && key.every((maps, i) => maps === layer[i]));
  if (same) return same.value;
  const value = findPercentile(layer);
  percentiles.set(first, [...known, { key: [...layer], value }]);
  return value;
}

/** @param {BranchMaps[]} layer */
function findPercentile(layer) {
  const largest = layer.reduce((max, { stats }) => stats.reduce((m, s) => Math.max(m, s.max, -s.min), max), 0);
  if (largest === 0) return 0;
  const counts = new Uint32Array(FINE);
  let total = 0;
  for (const { data } of layer) {
    total += data.length;
    for (let i = 0; i < data.length; i++) {
      const bin = Math.min(FINE - 1, Math.floor((Math.abs(data[i] ?? 0) / largest) * FINE));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  let above = 0;
  for (let bin = FINE - 1; bin >= 0; bin--) {
    above += counts[bin] ?? 0;
    if (above > total * (1 - COVERED)) return ((bin + 1) / FINE) * largest;
  }
  return largest;
}

/**
 * How many values above zero fall into each of `bins` ranges of equal width, up to the largest value.
 * @param {BranchMaps} maps
 * @param {number} bins
 * @returns {Uint32Array}
 */
export function histogramOf({ data, max }, bins) {
  const counts = new Uint32Array(bins);
  const scale = max > 0 ? bins / max : 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i] ?? 0;
    if (value <= 0) continue;
    const bin = Math.min(bins - 1, Math.floor(value * scale));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

/**
 * Where a channel is largest; the first of equal values.
 * @param {BranchMaps} maps
 * @param {number} channel
 * @returns {{ y: number, x: number, value: number }}
 */
export function peakOf(maps, channel) {
  const values = channelOf(maps, channel);
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return { y: Math.floor(best / maps.width), x: best % maps.width, value: values[best] ?? 0 };
}
