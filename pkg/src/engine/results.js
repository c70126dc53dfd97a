import { topPredictions } from './predictions.js';

/** @typedef {import('../index.js').ChannelStats} ChannelStats */
/** @typedef {import('../index.js').FeatureMaps} FeatureMaps */
/** @typedef {import('../index.js').ModelInfo} ModelInfo */
/** @typedef {import('../index.js').Result} Result */
/** @typedef {import('./placed-model.js').PlacedModel} PlacedModel */
/** @typedef {import('../shared/protocol.js').RunOptions} RunOptions */

/**
 * What a complete run says of one of its images.
 * @param {PlacedModel} placed
 * @param {number} image its place in the run
 * @param {RunOptions} options
 * @param {Pick<ModelInfo, 'labels' | 'activation'>} info
 * @param {string[]} names of all layers
 * @returns {Pick<Result, 'predictions' | 'auxiliary' | 'layers' | 'statistics'>}
 */
export function resultOf(placed, image, { layers, statistics = [], topK, threshold }, { labels, activation }, names) {
  // Values may be negative; a threshold is of probabilities.
  const least = activation === 'none' ? -Infinity : threshold;
  const top = (/** @type {Float32Array} */ probabilities) => topPredictions(probabilities, labels, topK, least);
  // A head that kept its classes when the network was given others has none of their names, and answers by softmax.
  const topOf = (/** @type {Float32Array} */ probabilities) =>
    labels === null || probabilities.length === labels.length ? top(probabilities) : topPredictions(probabilities, null, topK, threshold);
  const heads = placed.ask((model) => model.auxiliary(image));
  /**
   * @template T
   * @param {string[]} wanted
   * @param {(name: string) => T} read
   */
  const named = (wanted, read) => Object.fromEntries((wanted.includes('all') ? names : wanted).map((name) => [name, read(name)]));
  return {
    predictions: topK > 0 ? top(placed.ask((model) => model.predictions(image))) : [],
    auxiliary: heads.map(({ layer, probabilities }) => ({ layer, predictions: topOf(probabilities) })),
    layers: named(layers, (name) => featureMaps(name, placed.ask((model) => model.output(name, image)))),
    statistics: named(statistics, (name) => channelStats(placed.ask((model) => model.statistics(name, image)))),
  };
}

/**
 * @param {string} name
 * @param {ReturnType<import('../shared/protocol.js').GlueModel['output']>} output
 * @returns {FeatureMaps}
 */
function featureMaps(name, { shape, data, stats }) {
  const [channels = 0, height = 0, width = 0] = shape;
  return { name, shape: [channels, height, width], data, stats: channelStats(stats) };
}

/**
 * @param {Float32Array} values five a channel
 * @returns {ChannelStats[]}
 */
function channelStats(values) {
  return Array.from({ length: values.length / 5 }, (_, c) => {
    const [mean = 0, std = 0, min = 0, max = 0, sparsity = 0] = values.subarray(5 * c);
    return { mean, std, min, max, sparsity };
  });
}
