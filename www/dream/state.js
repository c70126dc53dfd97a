/**
 * The picture, changed so that a layer answers more.
 *
 * @typedef {object} Dream
 * @property {string | null} layer that it follows: a module; null until there is a network
 * @property {Readonly<Record<string, number>>} weights of the module's branches, by name
 * @property {number} octaves sizes that it is worked on in
 * @property {number} steps in each
 * @property {number} strength mean change of a value in a step, of 255
 * @property {number} seed
 * @property {'idle' | 'running' | 'stopped' | 'done' | 'failed'} status
 * @property {number} done steps, of all octaves
 * @property {number} total
 * @property {number} each steps of an octave of the run that is shown
 * @property {string} of name of the picture
 * @property {ImageBitmap | null} before null while there is none, or where this browser cannot show it
 * @property {ImageData | null} after
 * @property {import('../state.js').Failure | null} failure
 */

/** @type {Dream} */
export const NO_DREAM = {
  ...{ layer: null, weights: {}, octaves: 4, steps: 10, strength: 1.5, seed: 0 },
  ...{ status: 'idle', done: 0, total: 0, each: 0, of: '', before: null, after: null, failure: null },
};

/** What can be set: the least, the most and the step. */
export const RANGES = /** @type {const} */ ({ octaves: [1, 6, 1], steps: [1, 40, 1], strength: [0.3, 4, 0.1] });
/** The same of a branch's weight. */
export const WEIGHTS = /** @type {const} */ ([0, 2, 0.1]);

/** Where the first dreams were: halfway. */
const USUAL = 'Mixed_4d';

/**
 * @param {import('../../pkg/dist/element/network.js').Module[]} modules
 * @param {string | null} wanted
 * @returns {string | null} the layer to follow: that one where there is such a module, else one halfway
 */
export function layerAmong(modules, wanted) {
  const names = modules.map(({ name }) => name);
  return [wanted, USUAL].find((name) => name !== null && names.includes(name)) ?? names[Math.floor(names.length / 2)] ?? null;
}

/**
 * @param {Pick<Dream, 'done' | 'total' | 'each'>} dream
 * @returns {{ o: number, n: number, i: number, m: number }} octave, of how many, and step, of how many
 */
export function placeIn({ done, total, each }) {
  const last = Math.max(0, done - 1);
  return { o: Math.floor(last / each) + 1, n: Math.round(total / each), i: (last % each) + 1, m: each };
}
