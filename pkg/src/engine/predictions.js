/** @typedef {import('../index.js').Prediction} Prediction */

/**
 * The most likely classes, most likely first; equal probabilities by index.
 * @param {Float32Array} probabilities
 * @param {string[] | null} labels
 * @param {number} topK
 * @param {number} threshold least probability
 * @returns {Prediction[]}
 */
export function topPredictions(probabilities, labels, topK, threshold) {
  const order = Array.from(probabilities, (probability, index) => ({ index, probability }));
  order.sort((a, b) => b.probability - a.probability || a.index - b.index);
  return order
    .filter(({ probability }) => probability >= threshold)
    .slice(0, topK)
    .map(({ index, probability }) => ({ index, label: labels?.[index] ?? null, probability }));
}
