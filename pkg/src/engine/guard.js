import { InceptionError, inceptionErrorFrom } from '../shared/errors.js';
import { nudged } from './nudged.js';

/** @typedef {import('../shared/protocol.js').Glue} Glue */

/** How long a GPU may be silent, in milliseconds: much longer than any module takes, also where the processor plays it. */
const SILENCE_MS = 120_000;

/**
 * Calls into an artefact. After a trap its memory cannot be trusted: the first trap is reported as what it was,
 * every later call is refused. One for each instance, so for all models that share it.
 * @template {Pick<Glue, 'take_panic'>} [G=Glue]
 */
export class Guard {
  /** @type {InceptionError | null} */
  #broken = null;
  #file;

  /**
   * @param {G} glue
   * @param {string | null} [file] how a trap's stack ends the address of the artefact; null: as that of any module
   */
  constructor(glue, file = null) {
    this.glue = glue;
    this.#file = file;
  }

  /**
   * @template T
   * @param {(glue: G) => T} work
   * @returns {T}
   * @throws {InceptionError}
   */
  call(work) {
    if (this.#broken !== null) throw this.#broken;
    try {
      return work(this.glue);
    } catch (error) {
      throw this.#failureFrom(error);
    }
  }

  /**
   * The same for a call that answers later. A trap after its first wait comes as an uncaught error of this thread, and the
   * call itself would never end.
   * @template T
   * @param {(glue: G) => Promise<T>} work
   * @returns {Promise<T>}
   * @throws {InceptionError}
   */
  async callAsync(work) {
    if (this.#broken !== null) throw this.#broken;
    const listening = new AbortController();
    try {
      return await Promise.race([work(this.glue), uncaughtTrap(this.#file, listening.signal)]);
    } catch (error) {
      throw this.#failureFrom(error);
    } finally {
      listening.abort();
    }
  }

  /**
   * The same for a call that waits for a GPU. One that is silent for long is given up: the call ends as on a GPU that was lost.
   * @template T
   * @param {import('../shared/protocol.js').GlueGpu | null} gpu
   * @param {(glue: G) => Promise<T>} work
   * @returns {Promise<T>}
   * @throws {InceptionError}
   */
  async callGpu(gpu, work) {
    const timer = setTimeout(() => gpu?.lose(), SILENCE_MS);
    try {
      return await nudged(() => gpu?.nudge(), this.callAsync(work));
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param {unknown} error */
  #failureFrom(error) {
    if (!(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) return inceptionErrorFrom(error);
    return (this.#broken = this.#trapErrorFrom(error));
  }

  /**
   * A trap at an `unreachable` without a panic, or with this panic, is Rust's answer to a refused allocation.
   * @param {Error} trap
   */
  #trapErrorFrom(trap) {
    let panic;
    try {
      panic = this.glue.take_panic();
    } catch {
      panic = undefined;
    }
    const refused = panic === undefined ? /unreachable|allocation failed/i.test(trap.message) : panic.includes('memory allocation of');
    return refused
      ? new InceptionError('out-of-memory', 'the engine', { cause: trap })
      : new InceptionError('internal', panic ?? trap.message, { cause: trap });
  }

  get isBroken() {
    return this.#broken !== null;
  }
}

/**
 * Rejects with the first trap that nobody catches, which is then taken for reported. In the page's own thread it may be another library's.
 * @param {string | null} file of the artefact
 * @param {AbortSignal} signal ends the watch
 * @returns {Promise<never>}
 */
function uncaughtTrap(file, signal) {
  return new Promise((_, reject) => {
    const take = (/** @type {Event} */ event, /** @type {unknown} */ error) => {
      if (!(error instanceof WebAssembly.RuntimeError) || isOfAnother(error, file)) return;
      event.preventDefault();
      reject(error);
    };
    const onError = (/** @type {Event} */ event) => take(event, /** @type {ErrorEvent} */ (event).error);
    const onRejection = (/** @type {Event} */ event) => take(event, /** @type {PromiseRejectionEvent} */ (event).reason);
    globalThis.addEventListener?.('error', onError, { signal });
    globalThis.addEventListener?.('unhandledrejection', onRejection, { signal });
  });
}

/**
 * @param {Error} trap
 * @param {string | null} file of the artefact
 * @returns {boolean} whether its stack has the addresses of modules, and none of them is the artefact's
 */
function isOfAnother({ stack = '' }, file) {
  const addresses = stack.match(/[^\s(@]+(?=:wasm-function\[)/g) ?? [];
  // A response may come from an address with a query: a signature, or a digest for caches.
  return file !== null && addresses.length > 0 && !addresses.some((address) => address.replace(/[?#].*/, '').endsWith(`/${file}`));
}
