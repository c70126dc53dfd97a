import { topPredictions } from './predictions.js';

/** @typedef {import('../index.js').ChannelStats} ChannelStats */
/** @typedef {import('../index.js').FeatureMaps} FeatureMaps */
/** @typedef {import('../index.js').Result} Result */
/** @typedef {import('./moving-model.js').MovingModel} MovingModel */
/** @typedef {import('./placed-model.js').PlacedModel} PlacedModel */
/** @typedef {import('../shared/protocol.js').RunOptions} RunOptions */

/**
 * What a complete run says of one of its images.
 * @param {PlacedModel} placed
 * @param {number} image its place in the run
 * @param {RunOptions} options
 * @param {MovingModel} model
 * @param {string[]} names of all layers
 * @returns {Pick<Result, 'predictions' | 'isNone' | 'auxiliary' | 'layers' | 'statistics'>}
 */
export function resultOf(placed, image, { layers, statistics = [], topK, threshold }, model, names) {
  const { info, head, ownLabels } = model;
  const { labels, activation } = info;
  // Values may be negative; a threshold is of probabilities.
  const least = activation === 'none' ? -Infinity : threshold;
  const top = (/** @type {Float32Array} */ probabilities) => topPredictions(probabilities, labels, topK, least);
  // A head that kept its classes when the network was given others has none of their names, and answers by softmax.
  const topOf = (/** @type {Float32Array} */ probabilities) =>
    head === null && (ownLabels === null || probabilities.length === ownLabels.length)
      ? top(probabilities)
      : topPredictions(probabilities, probabilities.length === ownLabels?.length ? ownLabels : null, topK, threshold);
  const output = (/** @type {string} */ name) =>
    head?.has(name) ? vector(head.output(name, placed.ask((model) => model.taught_features(image)))) : placed.ask((model) => model.output(name, image));
  const heads = placed.ask((model) => model.auxiliary(image));
  /**
   * @template T
   * @param {string[]} wanted
   * @param {(name: string) => T} read
   */
  const named = (wanted, read) => Object.fromEntries((wanted.includes('all') ? names : wanted).map((name) => [name, read(name)]));
  const probabilities = topK > 0 ? model.answer(placed, image) : new Float32Array();
  return {
    predictions: topK > 0 ? top(probabilities) : [],
    isNone: topK > 0 && probabilities.every((probability) => probability < (info.head?.threshold ?? 0)),
    auxiliary: heads.map(({ layer, probabilities }) => ({ layer, predictions: topOf(probabilities) })),
    layers: named(layers, (name) => featureMaps(name, output(name))),
    statistics: named(statistics, (name) => channelStats(head?.has(name) ? output(name).stats : placed.ask((model) => model.statistics(name, image)))),
  };
}

/**
 * Values as a layer of one position has them.
 * @param {Float32Array} data
 * @returns {ReturnType<import('../shared/protocol.js').GlueModel['output']>}
 */
function vector(data) {
  const stats = Float32Array.from(Array.from(data).flatMap((value) => [value, 0, value, value, value === 0 ? 1 : 0]));
  return { shape: Uint32Array.of(data.length, 1, 1), data, stats };
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
