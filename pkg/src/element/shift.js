/**
 * What the branches that are switched off do to the answer.
 *
 * @typedef {import('./state.js').Answer} Answer
 *
 * @typedef {object} Shift
 * @property {'running' | 'done' | 'failed'} status
 * @property {ReadonlySet<string>} off the branches of the run at work, or of the result
 * @property {Answer | null} result with every class; null before the first one
 * @property {import('./state.js').Failure | null} failure
 *
 * @typedef {object} Ranking of all branches by what switching each off changes
 * @property {'running' | 'done' | 'cancelled' | 'failed'} status
 * @property {import('../index.js').Prediction} of the class whose probability changes, with nothing off
 * @property {number} done
 * @property {number} total
 * @property {import('../index.js').BranchEffect[]} effects the largest change first
 * @property {import('./state.js').Failure | null} failure
 */

/**
 * @param {Readonly<import('./state.js').State>} state
 * @returns {Answer | null} the answer that the map agrees with: with branches off where some are
 */
export function shownAnswer({ run, shift }) {
  return shift?.result ?? run.result;
}

/**
 * @param {Shift | null} shift
 * @param {import('../index.js').Prediction[]} predictions with nothing off
 * @returns {{ probability: number, change: number } | null} the classes' probability now, all together; null where nothing is off
 */
export function shiftOf(shift, predictions) {
  if (!shift?.result) return null;
  const indices = new Set(predictions.map(({ index }) => index));
  const probability = sum(shift.result.predictions.filter(({ index }) => indices.has(index)));
  return { probability, change: probability - sum(predictions) };
}

/** @param {import('../index.js').Prediction[]} predictions */
function sum(predictions) {
  return predictions.reduce((total, { probability }) => total + probability, 0);
}
