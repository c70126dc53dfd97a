import { load } from './load.js';
import { MovingModel } from './moving-model.js';
import { answer } from './answers.js';

/** @typedef {import('../index.js').Result} Result */
/** @typedef {import('../shared/protocol.js').EngineAnswer} EngineAnswer */
/** @typedef {import('../shared/protocol.js').EngineCall} EngineCall */
/** @typedef {import('../shared/protocol.js').LoadHooks} LoadHooks */
/** @typedef {import('../shared/protocol.js').LoadRequest} LoadRequest */
/** @typedef {import('../shared/protocol.js').RunRequest} RunRequest */
/** @typedef {import('../shared/protocol.js').Steps} Steps */

/** After a load, before its files are kept: the first answer comes first. In milliseconds. */
const KEEP_AFTER = 500;

/** How long nothing has been asked before a GPU's kernels are tuned, in milliseconds. */
const TUNE_AFTER = 2000;

/** One model on the compiled engine, in the thread that imports this module. Its calls are worked off one after another. */
export class Engine {
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();
  #model;
  #store;
  #hooks;
  /** Ends with the next call, or when the page is hidden. */
  #rest = new AbortController();
  #isInFront = true;
  /** @type {Promise<void> | null} */
  #keeping = null;

  /**
   * @param {import('./load.js').Loaded} loaded
   * @param {Pick<LoadHooks, 'onDevice' | 'onThreads' | 'onKept'>} hooks
   */
  constructor(loaded, hooks) {
    this.#model = new MovingModel(loaded, { ...hooks, keep: () => this.keep() });
    this.#store = loaded.store;
    this.#hooks = hooks;
    if (this.info.cache.kept === null) setTimeout(() => this.#last.then(() => this.keep()), KEEP_AFTER);
  }

  get info() {
    return this.#model.info;
  }

  get layers() {
    return this.#model.layers;
  }

  /** The compiled engine's own model; another one after a change of device. */
  get model() {
    return this.#model.placed.model;
  }

  /**
   * @param {LoadRequest} request
   * @param {LoadHooks} [hooks]
   * @returns {Promise<Engine>}
   * @throws {InceptionError}
   */
  static async load(request, hooks = {}) {
    return new Engine(await load(request, hooks), hooks);
  }

  /**
   * @param {EngineCall} call
   * @param {AbortSignal} [signal] takes effect after the module, or layer, at work
   * @param {(steps: Steps) => void} [onSteps] after each step of the call
   * @returns {Promise<EngineAnswer>}
   * @throws {InceptionError}
   */
  call(call, signal, onSteps) {
    this.#rest.abort();
    const turn = this.#last.then(() => answer(this.#model, call, signal, onSteps));
    const last = turn.catch(() => undefined).then(() => this.#model.reconsider());
    this.#last = last;
    last.then(() => this.#restAfter(last));
    return turn;
  }

  /** @param {boolean} isInFront whether the page can be seen: what nobody has asked for waits until then */
  show(isInFront) {
    this.#isInFront = isInFront;
    if (!isInFront) this.#rest.abort();
    else this.#last.then(() => this.#restAfter(this.#last));
  }

  /**
   * While nobody asks for anything, a GPU's kernels are tuned. What fails then is told by the next call.
   * @param {Promise<unknown>} last call
   */
  #restAfter(last) {
    if (this.#last !== last || !this.#isInFront || !this.#model.mayTune) return;
    this.#rest.abort();
    const { signal } = (this.#rest = new AbortController());
    setTimeout(() => {
      if (!signal.aborted) this.#last = last.then(() => this.#model.tune(signal)).catch(() => undefined);
    }, TUNE_AFTER);
  }

  /**
   * Runs one image.
   * @param {RunRequest} request
   * @param {AbortSignal} [signal] takes effect after the module at work
   * @param {(steps: Steps) => void} [onSteps] after each module
   * @returns {Promise<Result | Float32Array>} a float array where the request asks for the embedding
   * @throws {InceptionError}
   */
  run(request, signal, onSteps) {
    return /** @type {Promise<Result | Float32Array>} */ (this.call({ kind: 'run', ...request }, signal, onSteps));
  }

  /**
   * Puts what was fetched into the browser's cache, if that has not been done.
   * @returns {Promise<void>}
   */
  keep() {
    return (this.#keeping ??= this.#keep());
  }

  async #keep() {
    if (this.info.cache.kept !== null) return;
    const cache = await this.#store.keep();
    this.#model.info = { ...this.info, cache };
    this.#hooks.onKept?.(cache);
  }

  /** Gives the model's memory back once the run at work has ended. */
  dispose() {
    this.#rest.abort();
    this.#last = this.#last.then(() => this.#model.free());
  }
}
