import { HEAD } from './network.js';

/** @typedef {Readonly<import('./state.js').State>} State */

/**
 * @param {State} state
 * @returns {number | null} index of the class whose logit is explained: the chosen one, else the likeliest where channels are sorted by
 *   it, the head is open, or its class map costs no guess and can be seen; none where the picture is none of them
 */
export function explainedClass({ chosen, camOpacity, look, model, module, run }) {
  if (chosen !== null) return chosen;
  if (run.result?.isNone) return null;
  const isWanted = look.sort === 'contribution' || module === HEAD || (camOpacity > 0 && model !== null && addsUp(model));
  return isWanted ? (run.result?.predictions[0]?.index ?? null) : null;
}

/**
 * @param {State} state
 * @returns {boolean} whether it is to be known what each channel of the last maps adds to the logit, beside where it comes from
 */
export function wantsContributions({ chosen, look, module }) {
  return chosen !== null || look.sort === 'contribution' || module === HEAD;
}

/**
 * @param {import('./state.js').Model} model
 * @returns {boolean} whether its class maps add up to the logit: nothing but a pool and one linear layer follows the last maps
 */
function addsUp({ info, layers }) {
  const linear = [...layers.values()].filter(({ kind, macs, head }) => kind === 'linear' && macs > 0 && head === null);
  return info.classes > 0 && linear.length === 1;
}
