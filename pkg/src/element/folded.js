/**
 * Answers of content filters: their unsafe classes are one row, so that none of them is read about a picture unless somebody asks.
 *
 * @typedef {import('../index.js').Prediction} Prediction
 * @typedef {Pick<import('../index.js').ModelInfo, 'labels'> & Partial<Pick<import('../index.js').ModelInfo, 'activation'>>} Labelled
 *
 * @typedef {object} AnswerRow
 * @property {Prediction[]} predictions the class, or those that are folded into one row; likeliest first
 * @property {boolean} isFolded
 * @property {number} probability of all of them
 * @property {boolean} isValue what the network gives is no probability
 */

/** The classes that are folded, by their names in nsfwjs. */
const UNSAFE = ['Hentai', 'Porn', 'Sexy'];

/**
 * @param {Labelled} model
 * @returns {boolean}
 */
export function isContentFilter({ labels }) {
  return UNSAFE.every((label) => labels?.includes(label));
}

/**
 * @param {Labelled} model
 * @param {Prediction[]} predictions likeliest first
 * @returns {AnswerRow[]} likeliest first
 */
export function answerRows(model, predictions) {
  const isUnsafe = (/** @type {Prediction} */ { label }) => label !== null && UNSAFE.includes(label);
  const folded = isContentFilter(model) ? predictions.filter(isUnsafe) : [];
  const single = predictions.filter((prediction) => !folded.includes(prediction));
  const isValue = model.activation === 'none';
  const rows = single.map((prediction) => ({ predictions: [prediction], isFolded: false, isValue, probability: prediction.probability }));
  if (folded.length === 0) return rows;
  const all = [...rows, { predictions: folded, isFolded: true, isValue, probability: folded.reduce((sum, { probability }) => sum + probability, 0) }];
  return all.sort((a, b) => b.probability - a.probability);
}
