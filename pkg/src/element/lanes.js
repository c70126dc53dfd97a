import { stemThumbnails } from './network.js';

/**
 * What the map shows of a run: how strongly each branch answers, and where.
 *
 * @typedef {import('./network.js').Module} Module
 * @typedef {import('./network.js').Network} Network
 * @typedef {import('../index.js').ChannelStats} ChannelStats
 * @typedef {import('../index.js').FeatureMaps} FeatureMaps
 *
 * @typedef {object} MeanMap of a layer after a run
 * @property {number} height
 * @property {number} width
 * @property {Float32Array} mean of the channels at each position, row by row
 *
 * @typedef {MeanMap & { share: number }} Lane a branch after a run; share of the module's energy: the sum of the branch's squares over that of all its branches
 *
 * @typedef {{ residual: number, shortcut: number }} Norms of what a residual block adds, after scaling, and of what it is added to (L2)
 *
 * @typedef {object} Activity
 * @property {ReadonlyMap<string, Lane>} lanes by branch
 * @property {ReadonlyMap<string, MeanMap>} stem by layer that stands for the stem
 * @property {ReadonlyMap<string, Norms>} norms by residual block
 */

/**
 * @param {Network} network
 * @returns {string[]} the layers whose outputs the map and any module that is opened show
 */
export function branchLayers(network) {
  return [...stemThumbnails(network), ...network.modules.flatMap((module) => module.branches.map(({ name }) => name))];
}

/**
 * @param {Network} network
 * @returns {string[]} the layers of which the map shows the norm
 */
export function shortcutLayers({ modules }) {
  return [...new Set(modules.flatMap(({ shortcut }) => (shortcut ? [shortcut.input, shortcut.residual] : [])))];
}

/**
 * @param {Network} network
 * @param {Readonly<Record<string, FeatureMaps>>} layers those of `branchLayers`
 * @param {Readonly<Record<string, ChannelStats[]>>} statistics those of `shortcutLayers`
 * @returns {Activity}
 */
export function activityOf(network, layers, statistics) {
  /** @type {Map<string, Lane>} */
  const lanes = new Map();
  /** @type {Map<string, Norms>} */
  const norms = new Map();
  for (const { name, branches, shortcut, shape } of network.modules) {
    const pixels = shape[1] * shape[2];
    const squares = new Map(branches.map((branch) => [branch.name, sumOfSquares(layers[branch.name]?.stats ?? [], pixels)]));
    const norm = (/** @type {string} */ layer) => Math.sqrt(sumOfSquares(statistics[layer] ?? [], pixels));
    const total = branches.reduce((sum, branch) => sum + (squares.get(branch.name) ?? 0), 0);
    for (const branch of branches) {
      const maps = layers[branch.name];
      if (maps === undefined) continue;
      const share = total > 0 ? (squares.get(branch.name) ?? 0) / total : 0;
      lanes.set(branch.name, { ...meanMap(maps), share });
    }
    if (shortcut) norms.set(name, { residual: shortcut.scale * norm(shortcut.residual), shortcut: norm(shortcut.input) });
  }
  const stem = new Map(stemThumbnails(network).flatMap((name) => (layers[name] ? [[name, meanMap(layers[name])]] : [])));
  return { lanes, stem, norms };
}

/**
 * What the map shows of a frame of which not every module was kept: those others as they were.
 * @param {Activity | null} now
 * @param {Activity | null} before
 * @returns {Activity | null}
 */
export function withOthers(now, before) {
  if (now === null || before === null) return now ?? before;
  return { lanes: new Map([...before.lanes, ...now.lanes]), stem: new Map([...before.stem, ...now.stem]), norms: new Map([...before.norms, ...now.norms]) };
}

/**
 * The same branch of equal modules in a row as one: the averages of its maps and of its shares.
 * @param {Lane[]} lanes
 * @returns {Lane | null} null for none
 */
export function averageLane(lanes) {
  const [first] = lanes;
  if (first === undefined) return null;
  const mean = first.mean.map((_, i) => lanes.reduce((sum, lane) => sum + (lane.mean[i] ?? 0), 0) / lanes.length);
  return { ...first, mean, share: lanes.reduce((sum, { share }) => sum + share, 0) / lanes.length };
}

/**
 * @param {ChannelStats[]} stats
 * @param {number} pixels of each channel
 */
function sumOfSquares(stats, pixels) {
  return stats.reduce((sum, { mean, std }) => sum + pixels * (mean * mean + std * std), 0);
}

/**
 * @param {FeatureMaps} maps
 * @returns {MeanMap}
 */
function meanMap({ shape: [channels, height, width], data }) {
  const size = height * width;
  const mean = new Float32Array(size);
  for (let c = 0; c < channels; c++) {
    const from = c * size;
    for (let i = 0; i < size; i++) mean[i] = (mean[i] ?? 0) + (data[from + i] ?? 0);
  }
  for (let i = 0; i < size; i++) mean[i] = (mean[i] ?? 0) / channels;
  return { height, width, mean };
}
