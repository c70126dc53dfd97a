import { InceptionError } from '../shared/errors.js';

/** @typedef {import('../index.js').ModelInfo} ModelInfo */
/** @typedef {import('../shared/protocol.js').HeadValues} HeadValues */

/** What of a network's layers a head has of its own. */
const LOGITS = 'Logits';
const PREDICTIONS = 'Predictions';

/** A linear classifier that was taught on a network's features. */
export class TaughtHead {
  #values;

  /** @param {HeadValues} values */
  constructor(values) {
    this.#values = values;
    const { labels, activation, threshold, temperature } = values;
    /** Those of the network with this head. */
    this.layers = values.layers;
    /** What it decides of a model's. @type {Pick<ModelInfo, 'classes' | 'activation' | 'labels' | 'head'>} */
    this.info = { classes: labels.length, activation, labels, head: { threshold, temperature } };
  }

  /**
   * @param {Float32Array} features of an image
   * @returns {Float32Array}
   */
  logits(features) {
    const { weights, biases } = this.#values;
    return biases.map((bias, row) => features.reduce((sum, value, i) => sum + value * (weights[row * features.length + i] ?? 0), bias));
  }

  /**
   * @param {Float32Array} features of an image
   * @returns {Float32Array} the probability of every class
   */
  answer(features) {
    const logits = this.logits(features);
    const { activation, classes } = this.info;
    if (activation === 'none') return logits;
    if (activation === 'softmax') {
      const most = logits.reduce((a, b) => Math.max(a, b));
      const powers = Float64Array.from(logits, (value) => Math.exp(value - most));
      const sum = powers.reduce((a, b) => a + b);
      return Float32Array.from(powers, (power) => power / sum);
    }
    const each = logits.map((value) => 1 / (1 + Math.exp(-value)));
    return each.length < classes ? Float32Array.of(1 - (each[0] ?? 0), each[0] ?? 0) : each;
  }

  /**
   * @param {number} classIndex
   * @returns {{ weights: Float32Array, bias: number }} of its logit; of a pair from one logit the first has the other sign
   * @throws {InceptionError} `bad-option`
   */
  ofClass(classIndex) {
    const { weights, biases, labels } = this.#values;
    if (classIndex >= labels.length) throw new InceptionError('bad-option', `class ${classIndex} of a classifier with ${labels.length}`);
    const isPair = biases.length < labels.length;
    const [row, sign] = isPair ? [0, 2 * classIndex - 1] : [classIndex, 1];
    const length = weights.length / biases.length;
    return { weights: weights.slice(row * length, (row + 1) * length).map((weight) => sign * weight), bias: sign * (biases[row] ?? 0) };
  }

  /**
   * @param {string} layer
   * @returns {boolean} whether its output is the head's, not the network's
   */
  has(layer) {
    return layer === LOGITS || layer === PREDICTIONS;
  }

  /**
   * @param {string} layer that it has
   * @param {Float32Array} features of an image
   * @returns {Float32Array}
   */
  output(layer, features) {
    return layer === PREDICTIONS ? this.answer(features) : this.logits(features);
  }
}
