import { InceptionError, inceptionErrorFrom, throwIfAborted } from '../shared/errors.js';
import { IMAGES_AT_ONCE } from '../shared/images-at-once.js';
import { theirs } from './theirs.js';

/** @typedef {import('../index.js').ImageSource} ImageSource */
/** @typedef {import('../index.js').Result} Result */
/** @typedef {import('../shared/protocol.js').Steps} Steps */
/** @typedef {import('../shared/protocol.js').WireImage} WireImage */

/** What a run of some images fails with where one of them cannot be read, or what reads it cannot be fetched. @type {import('../index.js').ErrorCode[]} */
const FAULTS = ['bad-image', 'network'];

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

/** @typedef {{ image: ImageSource, index: number, reading: Promise<PromiseSettledResult<WireImage>> }} Coming */

/**
 * @param {unknown} images
 * @returns {Iterable<ImageSource>}
 * @throws {InceptionError} `bad-option` for what is no list, or a single image
 */
export function imagesOf(images) {
  const isList = typeof images === 'object' && images !== null && Symbol.iterator in images && !ArrayBuffer.isView(images);
  if (!isList) throw new InceptionError('bad-option', 'classifyBatch takes an array or another iterable of images');
  return /** @type {Iterable<ImageSource>} */ (images);
}

/**
 * Classifies some images after others, and reads the next while those before run.
 * @param {Iterable<ImageSource>} images asked for the next only when it can be read
 * @param {Work} work
 * @returns {Promise<PromiseSettledResult<Result>[]>} in their order
 * @throws {InceptionError} of an image unless `settled`, with its `index`; whatever is no image's fault
 */
export async function classifyAll(images, work) {
  /** @type {PromiseSettledResult<Result>[]} */
  const outcomes = [];
  const queue = new Queue(images, work.read);
  try {
    for (queue.fill(); !queue.isEmpty; ) {
      const some = await queue.take(work.isOnGpu() ? IMAGES_AT_ONCE : 1);
      throwIfAborted(work.signal);
      queue.fill();
      for (const outcome of await classifySome(some, queue.count, work)) {
        throwIfAborted(work.signal);
        if (outcome.status === 'rejected') {
          Object.assign(outcome, { reason: withIndex(outcome.reason, outcomes.length) });
          if (!work.settled) throw outcome.reason;
        } else {
          theirs(() => work.onResult?.(outcome.value, outcomes.length));
        }
        outcomes.push(outcome);
      }
    }
  } finally {
    queue.end();
  }
  return outcomes;
}

/** Images on their way here, in their order. */
class Queue {
  /** @type {Coming[]} */
  #coming = [];
  #asked = 0;
  #isOver = false;

  /**
   * @param {Iterable<ImageSource>} images
   * @param {Work['read']} read
   */
  constructor(images, read) {
    this.read = read;
    this.iterator = images[Symbol.iterator]();
    const { length } = /** @type {{ length?: unknown }} */ (images);
    this.length = Number.isSafeInteger(length) ? Number(length) : 0;
  }

  get isEmpty() {
    return this.#coming.length === 0;
  }

  /** How many images there are, or where only asking tells, how many there have been. */
  get count() {
    return Math.max(this.length, this.#asked);
  }

  /** Begins to read as many as may be held. */
  fill() {
    while (!this.#isOver && this.#coming.length < IMAGES_AT_ONCE) {
      const { done, value: image } = theirs(() => this.iterator.next());
      if (done) this.#isOver = true;
      else this.#coming.push({ image, index: this.#asked++, reading: settledOf(this.read(image)) });
    }
  }

  /**
   * @param {number} most
   * @returns {Promise<Read[]>} the next that can be read, or one that cannot
   */
  async take(most) {
    /** @type {Read[]} */
    const taken = [];
    for (let [next] = this.#coming; next !== undefined && taken.length < most; [next] = this.#coming) {
      const outcome = await next.reading;
      if (outcome.status === 'rejected' && taken.length > 0) break;
      this.#coming.shift();
      taken.push({ image: next.image, index: next.index, outcome });
      if (outcome.status === 'rejected') break;
    }
    return taken;
  }

  /** No more are wanted. */
  end() {
    if (!this.#isOver) this.iterator.return?.();
  }
}

/** @typedef {{ image: ImageSource, index: number, outcome: PromiseSettledResult<WireImage> }} Read */

/**
 * @param {Read[]} some that can be read, or one that cannot
 * @param {number} count of all images
 * @param {Work} work
 * @returns {Promise<PromiseSettledResult<Result>[]>}
 */
async function classifySome(some, count, work) {
  const read = some.flatMap(({ outcome }) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const [first] = some;
  if (first?.outcome.status === 'rejected') return [first.outcome];
  try {
    const results = await work.run(read, overall(count, first?.index ?? 0, read.length, work));
    return results.map((value) => ({ status: 'fulfilled', value }));
  } catch (reason) {
    if (!FAULTS.includes(inceptionErrorFrom(reason).code)) throw reason;
    if (some.length === 1) return [{ status: 'rejected', reason }];
  }
  // What is wrong with one of them came to light late: each by itself tells which.
  /** @type {PromiseSettledResult<Result>[]} */
  const outcomes = [];
  for (const { image, index } of some) {
    const outcome = await settledOf(work.read(image));
    outcomes.push(...(await classifySome([{ image, index, outcome }], count, { ...work, onSteps: undefined })));
  }
  return outcomes;
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<PromiseSettledResult<T>>}
 */
async function settledOf(promise) {
  const [outcome] = await Promise.allSettled([promise]);
  return outcome;
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
