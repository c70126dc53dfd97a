import { InceptionError, inceptionErrorFrom } from './errors.js';

/** @typedef {import('./protocol.js').Glue} Glue */

/**
 * Calls into an artefact. After a trap its memory cannot be trusted: the first trap is reported as what it was,
 * every later call is refused. One for each instance, so for all models that share it.
 */
export class Guard {
  /** @type {InceptionError | null} */
  #broken = null;

  /** @param {Glue} glue */
  constructor(glue) {
    this.glue = glue;
  }

  /**
   * @template T
   * @param {(glue: Glue) => T} work
   * @returns {T}
   * @throws {InceptionError}
   */
  call(work) {
    if (this.#broken !== null) throw this.#broken;
    try {
      return work(this.glue);
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
        this.#broken = this.#trapErrorFrom(error);
        throw this.#broken;
      }
      throw inceptionErrorFrom(error);
    }
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
