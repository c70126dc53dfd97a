import { disposedError, throwIfAborted } from './errors.js';
import { Engine } from './engine.js';

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
  async load(request, { onProgress, onDevice, onKept }, signal) {
    const hooks = { onProgress: later(onProgress), onDevice: later(onDevice), onKept: later(onKept) };
    const engine = await this.#whileAlive(signal, (both) => Engine.load(request, { signal: both, ...hooks }));
    this.#engine = engine;
    return { info: engine.info, layers: engine.layers };
  }

  /** @type {Client['call']} */
  call(call, signal, onSteps) {
    return this.#whileAlive(signal, (both) => this.#loaded().call(call, both, later(onSteps)));
  }

  dispose() {
    this.#stop.abort();
    this.#engine?.dispose();
    this.#engine = null;
  }

  #loaded() {
    if (this.#engine === null) throw disposedError();
    return this.#engine;
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

/**
 * The caller's function, out of the way of the engine: what it throws does not end the call at work.
 * @template T
 * @param {((value: T) => void) | undefined} hook
 */
function later(hook) {
  return hook && ((/** @type {T} */ value) => queueMicrotask(() => hook(value)));
}
