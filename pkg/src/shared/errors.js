/** @typedef {import('../index.js').ErrorCode} ErrorCode */

/** What errors of the package have, whichever of its scripts made them. */
const BRAND = Symbol.for('inception-web error');

/**
 * What the package rejects with: a stable `code` to act on, and a message that says with what. Like the engine's own,
 * messages complete a sentence that the code begins ("Not enough memory for …", "Could not reach …").
 */
export class InceptionError extends Error {
  /**
   * @param {ErrorCode} code
   * @param {string} message
   * @param {{ cause?: unknown }} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    // What is aborted is called as browsers call it, so that code for their own promises knows it.
    this.name = code === 'aborted' ? 'AbortError' : 'InceptionError';
    /** @readonly */
    this.code = code;
    /** Of a batch: which image it was about. @type {number | undefined} */
    this.index = undefined;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /**
   * The package comes in several scripts, each of which has this class: an error of one is one of all.
   * @override
   * @param {unknown} value
   */
  static [Symbol.hasInstance](value) {
    return this === InceptionError ? Object(value)[BRAND] === true : Function.prototype[Symbol.hasInstance].call(this, value);
  }

  /** What is to be sent on: `structuredClone` and `postMessage` leave an error's own properties behind. */
  toJSON() {
    const { name, code, message, index } = this;
    return index === undefined ? { name, code, message } : { name, code, message, index };
  }
}

/** @type {Record<ErrorCode, true>} */
const CODES = {
  'bad-weights': true,
  'bad-image': true,
  'bad-option': true,
  'unknown-model': true,
  'unknown-layer': true,
  'no-webgpu': true,
  'device-lost': true,
  aborted: true,
  disposed: true,
  'out-of-memory': true,
  network: true,
  integrity: true,
  unsupported: true,
  internal: true,
};

/**
 * The engine throws plain errors that carry a code; fetch throws AbortErrors. All else is internal.
 * @param {unknown} error
 * @returns {InceptionError}
 */
export function inceptionErrorFrom(error) {
  if (error instanceof InceptionError) return error;
  const { name, code, message } = /** @type {{ name?: unknown, code?: unknown, message?: unknown }} */ (
    Object(error)
  );
  const sentence = typeof message === 'string' && message !== '' ? message : String(error);
  if (typeof code === 'string' && Object.hasOwn(CODES, code)) {
    return new InceptionError(/** @type {ErrorCode} */ (code), sentence);
  }
  if (name === 'AbortError') return new InceptionError('aborted', 'the call was aborted', { cause: error });
  return new InceptionError('internal', sentence, { cause: error });
}

/**
 * @param {AbortSignal | undefined} signal
 * @returns {InceptionError}
 */
export function abortedError(signal) {
  return new InceptionError('aborted', 'the call was aborted', { cause: signal?.reason });
}

/**
 * @param {AbortSignal | undefined} signal
 * @throws {InceptionError} `aborted`
 */
export function throwIfAborted(signal) {
  if (signal?.aborted) throw abortedError(signal);
}

/** @returns {InceptionError} */
export function disposedError() {
  return new InceptionError('disposed', 'the model has been disposed of');
}
