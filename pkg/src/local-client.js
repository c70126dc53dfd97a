import { disposedError, throwIfAborted } from './errors.js';
import { Engine } from './engine.js';

/** @typedef {import('./index.js').Progress} Progress */
/** @typedef {import('./protocol.js').Client} Client */

/**
 * The engine in this thread.
 * @implements {Client}
 */
export class LocalClient {
  /** @type {Engine | null} */
  #engine = null;
  #stop = new AbortController();

  /** @type {Client['load']} */
  async load(request, onProgress, signal) {
    const report = onProgress && ((/** @type {Progress} */ progress) => queueMicrotask(() => onProgress(progress)));
    const engine = await this.#whileAlive(signal, (both) => Engine.load(request, { signal: both, onProgress: report }));
    this.#engine = engine;
    return { info: engine.info, layers: engine.layers };
  }

  /** @type {Client['run']} */
  run(request, signal) {
    return this.#whileAlive(signal, (both) => {
      if (this.#engine === null) throw disposedError();
      return this.#engine.run(request, both);
    });
  }

  dispose() {
    this.#stop.abort();
    this.#engine?.dispose();
    this.#engine = null;
  }

  /**
   * @template T
   * @param {AbortSignal | undefined} signal
   * @param {(both: AbortSignal) => Promise<T>} work ends early when the signal says so or the client is disposed of
   * @returns {Promise<T>}
   */
  async #whileAlive(signal, work) {
    throwIfAborted(signal);
    const either = new AbortController();
    const abort = () => either.abort();
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
