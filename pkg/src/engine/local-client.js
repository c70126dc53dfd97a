import { Alive } from '../shared/alive.js';
import { disposedError } from '../shared/errors.js';
import { watchFront } from '../shared/front.js';
import { Engine } from './engine.js';

/** @typedef {import('../shared/protocol.js').Client} Client */

/**
 * The engine in this thread.
 * @implements {Client}
 */
export class LocalClient {
  /** @type {Engine | null} */
  #engine = null;
  #alive = new Alive();
  #unwatch = () => {};

  /** @type {Client['load']} */
  async load(request, { onProgress, onDevice, onKept }, signal) {
    const hooks = { onProgress: later(onProgress), onDevice: later(onDevice), onKept: later(onKept) };
    const engine = await this.#alive.run(signal, (both) => Engine.load(request, { signal: both, ...hooks }));
    this.#engine = engine;
    // Who keeps this client once it is disposed of does not keep the engine.
    this.#unwatch = watchFront((isInFront) => this.#engine?.show(isInFront));
    return { info: engine.info, layers: engine.layers };
  }

  /** @type {Client['call']} */
  call(call, signal, onSteps) {
    return this.#alive.run(signal, (both) => this.#loaded().call(call, both, later(onSteps)));
  }

  dispose() {
    this.#alive.end();
    this.#unwatch();
    this.#engine?.dispose();
    this.#engine = null;
  }

  get hasEnded() {
    return this.#engine === null;
  }

  #loaded() {
    if (this.#engine === null) throw disposedError();
    return this.#engine;
  }
}

/**
 * The caller's function, out of the way of the engine's work.
 * @template T
 * @param {((value: T) => void) | undefined} hook
 */
function later(hook) {
  return hook && ((/** @type {T} */ value) => queueMicrotask(() => hook(value)));
}
