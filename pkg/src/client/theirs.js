import { inceptionErrorFrom } from '../shared/errors.js';

/** What a function of the caller's has thrown, which is no fault of this package. */
class Thrown {
  /** @param {unknown} error */
  constructor(error) {
    this.error = error;
  }
}

/**
 * @template T
 * @param {() => T} call of a function of the caller's, within {@link withTheirs}
 * @returns {T}
 * @throws {Thrown}
 */
export function theirs(call) {
  try {
    return call();
  } catch (error) {
    throw new Thrown(error);
  }
}

/**
 * A function of the caller's as a call may use it: it never throws.
 * @typedef {<A extends unknown[]>(callback: ((...args: A) => unknown) | undefined) => ((...args: A) => void) | undefined} Safe
 */

/**
 * A call with functions of the caller's. What one of them throws ends the call, which is rejected with it.
 * @template T
 * @param {AbortSignal | undefined} signal the caller's
 * @param {(signal: AbortSignal, safe: Safe) => Promise<T>} work ends early when the signal says so
 * @param {(value: T) => void} [undo] what came of the work although one of them threw
 * @returns {Promise<T>}
 * @throws {unknown} what one of them has thrown, else an InceptionError
 */
export async function withTheirs(signal, work, undo) {
  const stop = new AbortController();
  /** @type {Thrown[]} */
  const thrown = [];
  /** @type {Safe} */
  const safe = (callback) =>
    callback &&
    ((...args) => {
      if (thrown.length > 0) return;
      try {
        callback(...args);
      } catch (error) {
        thrown.push(new Thrown(error));
        stop.abort();
      }
    });
  const abort = () => stop.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  try {
    const value = await work(stop.signal, safe);
    if (thrown.length === 0) return value;
    undo?.(value);
  } catch (error) {
    if (thrown.length === 0) throw error instanceof Thrown ? error.error : inceptionErrorFrom(error);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  throw thrown[0]?.error;
}

/**
 * A function of the caller's that no call waits for, such as a listener of an event: what it throws is an uncaught error of the caller's.
 * @template {unknown[]} A
 * @param {((...args: A) => unknown) | undefined} callback
 * @returns {((...args: A) => void) | undefined} which never throws
 */
export function listener(callback) {
  return (
    callback &&
    ((...args) => {
      try {
        callback(...args);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    })
  );
}
