import { InceptionError, inceptionErrorFrom, throwIfAborted } from './errors.js';

/** @typedef {import('./index.js').ImageSource} ImageSource */
/** @typedef {import('./index.js').Result} Result */
/** @typedef {import('./protocol.js').Steps} Steps */
/** @typedef {import('./protocol.js').WireImage} WireImage */

/** Images that are read, and on a GPU run, at once: no more are held in memory, however many there are. */
export const IMAGES_AT_ONCE = 8;

/**
 * How a batch is worked off.
 * @typedef {object} Work
 * @property {(image: ImageSource) => Promise<WireImage>} read
 * @property {(images: WireImage[], onSteps: ((steps: Steps) => void) | undefined) => Promise<Result[]>} run
 * @property {() => boolean} isOnGpu whether images of one call run together
 * @property {AbortSignal | undefined} signal
 * @property {((steps: Steps) => void) | undefined} onSteps
 * @property {((result: Result, index: number) => void) | undefined} onResult
 * @property {boolean} settled whether an image that cannot be classified leaves the others their results
 */

/**
 * @param {unknown} images
 * @returns {ImageSource[]}
 * @throws {InceptionError} `bad-option` for what is no list, or a single image
 */
export function imagesOf(images) {
  const isList = typeof images === 'object' && images !== null && Symbol.iterator in images && !ArrayBuffer.isView(images);
  if (!isList) throw new InceptionError('bad-option', 'classifyBatch takes an array or another iterable of images');
  return [.../** @type {Iterable<ImageSource>} */ (images)];
}

/**
 * Classifies some images after others, and reads the next while those before run.
 * @param {ImageSource[]} images
 * @param {Work} work
 * @returns {Promise<PromiseSettledResult<Result>[]>} in their order
 * @throws {InceptionError} of an image unless `settled`, with its `index`; whatever is no image's fault
 */
export async function classifyAll(images, work) {
  /** @type {PromiseSettledResult<Result>[]} */
  const outcomes = [];
  const readFrom = (/** @type {number} */ start) => Promise.allSettled(images.slice(start, start + IMAGES_AT_ONCE).map(work.read));
  for (let reading = readFrom(0); outcomes.length < images.length; ) {
    const start = outcomes.length;
    const read = await reading;
    throwIfAborted(work.signal);
    if (!work.settled) throwFirst(read, start);
    reading = readFrom(start + IMAGES_AT_ONCE);
    const some = await classifySome(images, start, read, work);
    if (!work.settled) throwFirst(some, start);
    some.forEach((outcome, i) => outcome.status === 'fulfilled' && work.onResult?.(outcome.value, start + i));
    outcomes.push(...some);
  }
  return outcomes;
}

/**
 * @param {ImageSource[]} images
 * @param {number} start index of the first of those that were read
 * @param {PromiseSettledResult<WireImage>[]} read
 * @param {Work} work
 * @returns {Promise<PromiseSettledResult<Result>[]>}
 */
async function classifySome(images, start, read, work) {
  const good = read.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  try {
    const results = good.length > 0 ? await work.run(good, overall(images.length, start, good.length, work)) : [];
    return read.map((outcome) => (outcome.status === 'fulfilled' ? { status: 'fulfilled', value: /** @type {Result} */ (results.shift()) } : outcome));
  } catch (error) {
    if (inceptionErrorFrom(error).code !== 'bad-image') throw error;
  }
  // What is wrong with one of them came to light late: each by itself tells which.
  /** @type {PromiseSettledResult<Result>[]} */
  const outcomes = [];
  for (let i = 0; i < read.length; i += 1) {
    const [outcome] = await Promise.allSettled([work.read(/** @type {ImageSource} */ (images[start + i])).then((image) => work.run([image], undefined))]);
    if (outcome.status === 'rejected' && inceptionErrorFrom(outcome.reason).code !== 'bad-image') throw outcome.reason;
    outcomes.push(outcome.status === 'rejected' ? outcome : { status: 'fulfilled', value: /** @type {Result} */ (outcome.value[0]) });
  }
  return outcomes;
}

/**
 * @param {PromiseSettledResult<unknown>[]} outcomes
 * @param {number} start index of the first image
 */
function throwFirst(outcomes, start) {
  outcomes.forEach((outcome, i) => {
    if (outcome.status === 'rejected') throw withIndex(outcome.reason, start + i);
  });
}

/**
 * @param {unknown} error
 * @param {number} index
 */
function withIndex(error, index) {
  return Object.assign(inceptionErrorFrom(error), { index });
}

/**
 * The steps of some images among those of all.
 * @param {number} images how many there are in all
 * @param {number} start how many came before
 * @param {number} count how many run now
 * @param {Work} work
 */
function overall(images, start, count, { onSteps, isOnGpu }) {
  if (onSteps === undefined) return undefined;
  const runsOf = (/** @type {number} */ some) => (isOnGpu() ? Math.ceil(some / IMAGES_AT_ONCE) : some);
  return (/** @type {Steps} */ steps) => {
    const each = steps.total / runsOf(count);
    onSteps({ ...steps, done: each * runsOf(start) + steps.done, total: each * runsOf(images) });
  };
}
