/**
 * What a channel, a position of it or a whole branch looks for, as a picture that grows.
 *
 * @typedef {'channel' | 'position' | 'branch'} Target
 * @typedef {{ layer: string, channel: number, target: Target }} Aim channel: also of a branch, where it says nothing
 * @typedef {{ step: number, picture: Blob }} Stage
 * @typedef {{ step: number, grown: import('../gradients.js').Grown }} Reached what further steps go on from, after so many
 *
 * @typedef {object} Drawing a picture that has been made
 * @property {Aim} aim
 * @property {number} seed
 * @property {number} steps that were wanted
 * @property {number} done steps that were taken; fewer where it was stopped
 * @property {number} value what the target came to
 * @property {Blob} picture
 * @property {Stage[]} film
 * @property {number} made when, in milliseconds since 1970; 0: with the site
 *
 * @typedef {Drawing & { bitmap: ImageBitmap, reached: Reached | null }} Drawn ready to be shown; reached: null where further steps begin anew
 *
 * @typedef {object} Work the picture that grows now
 * @property {Aim} aim
 * @property {number} seed
 * @property {number} steps
 * @property {number} done
 * @property {'waiting' | 'running' | 'failed'} status waiting: something else is asked of the network
 * @property {number | null} left seconds
 * @property {ImageData | null} picture
 * @property {number} value
 * @property {{ step: number, picture: ImageData | Blob }[]} film
 * @property {Reached | null} reached
 * @property {import('./state.js').Failure | null} failure
 *
 * @typedef {object} AtlasWork the pictures of a layer's channels, one after another
 * @property {string} layer
 * @property {'running' | 'paused' | 'failed'} status
 * @property {number | null} channel that is at work
 * @property {number | null} left seconds
 * @property {import('./state.js').Failure | null} failure
 */

/** @type {Target[]} */
export const TARGETS = ['channel', 'position', 'branch'];
/** Columns and rows of a picture, and steps; so many more are taken at once. */
export const [SIZE, STEPS] = [128, 128];
/** Side of the small pictures that show how it grew. */
export const STAGE_SIZE = 64;
/** After which share of the steps the film has a picture; at the start it is grey. */
const SHARES = [1 / 16, 3 / 16, 7 / 16, 1];

/** @param {Aim} aim @returns {string} equal for what is equal */
export function keyOf({ layer, channel, target }) {
  return `${layer}|${target === 'branch' ? '' : channel}|${target}`;
}

/** @param {number} steps @returns {number[]} after which the film has a picture */
export function stagesOf(steps) {
  return SHARES.map((share) => Math.max(1, Math.round(share * steps)));
}

/**
 * @template {{ step: number }} T
 * @param {T[]} film of a picture that goes on
 * @param {number} steps that it shall have in the end
 * @returns {T[]} as many as there would be by now, the nearest to those stages
 */
export function filmFor(film, steps) {
  const stages = stagesOf(steps).filter((stage) => stage <= (film.at(-1)?.step ?? 0));
  const distance = (/** @type {T[]} */ some) => some.reduce((sum, { step }, i) => sum + Math.abs(step - (stages[i] ?? steps)), 0);
  let left = [...film];
  while (left.length > stages.length) {
    const [nearest = []] = left.map((one) => left.filter((other) => other !== one)).sort((a, b) => distance(a) - distance(b));
    left = nearest;
  }
  return left;
}

/**
 * @param {Aim} aim
 * @param {import('./state.js').Model} model
 * @returns {import('../gradients.js').Target} of a position, the one in the middle of the picture
 */
export function targetOf({ layer, channel, target }, { layers, info }) {
  if (target === 'branch') return { layer };
  if (target === 'channel') return { layer, channel };
  const [, rows = 1, columns = 1] = layers.get(layer)?.shape ?? [];
  const middle = (/** @type {number} */ count, /** @type {number} */ side) => Math.floor((count * SIZE) / side / 2);
  return { layer, channel, position: [middle(rows, info.input[1]), middle(columns, info.input[2])] };
}

/**
 * @param {Pick<import('./state.js').State, 'drawn'>} state
 * @param {string} layer
 * @param {number} channels of the layer
 * @returns {{ made: number, bytes: number, isOfSite: boolean }} how many of its channels have a picture that is whole, and what they take; isOfSite:
 *   all of them came with the site
 */
export function countOf({ drawn }, layer, channels) {
  const all = Array.from({ length: channels }, (_, channel) => drawn.get(keyOf({ layer, channel, target: 'channel' }))).filter((one) => one !== undefined && one.done === one.steps);
  const bytes = all.reduce((sum, one) => sum + (one?.picture.size ?? 0) + (one?.film.reduce((all, { picture }) => all + picture.size, 0) ?? 0), 0);
  return { made: all.length, bytes, isOfSite: all.length > 0 && all.every((one) => one?.made === 0) };
}
