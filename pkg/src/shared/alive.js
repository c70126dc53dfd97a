import { abortedError, disposedError, throwIfAborted } from './errors.js';

/** Work that ends early when what it belongs to is disposed of. */
export class Alive {
  #stop = new AbortController();

  end() {
    this.#stop.abort();
  }

  /**
   * @template T
   * @param {AbortSignal | undefined} signal
   * @param {(either: AbortSignal) => Promise<T>} work ends early when the signal says so or this has ended
   * @returns {Promise<T>}
   * @throws {InceptionError} `aborted`, `disposed`, or what the work rejects with
   */
  async run(signal, work) {
    throwIfAborted(signal);
    const either = new AbortController();
    const abort = () => either.abort();
    if (this.#stop.signal.aborted) abort();
    signal?.addEventListener('abort', abort);
    this.#stop.signal.addEventListener('abort', abort);
    try {
      return await work(either.signal);
    } catch (error) {
      throwIfAborted(signal);
      throw this.#stop.signal.aborted ? disposedError() : error;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#stop.signal.removeEventListener('abort', abort);
    }
  }
}

/**
 * @template T
 * @param {Promise<T>} work that goes on all the same
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<T>}
 * @throws {InceptionError} `aborted` as soon as the signal says so
 */
export function unlessAborted(work, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortedError(signal));
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
    work.then(resolve, reject).finally(() => signal?.removeEventListener('abort', abort));
  });
}
