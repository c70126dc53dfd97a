import { chooseDevice, onCpu } from './choose-device.js';
import { movedInfo } from './model-info.js';
import { gpuFailureFrom, reasonOf, reload } from './reload.js';

/** @typedef {import('../index.js').Result} Result */
/** @typedef {import('../shared/errors.js').InceptionError} InceptionError */
/** @typedef {import('../shared/protocol.js').LoadHooks} LoadHooks */
/** @typedef {import('../shared/protocol.js').WireImage} WireImage */
/** @typedef {import('./placed-model.js').PlacedModel} PlacedModel */
/** @typedef {import('./taught-head.js').TaughtHead} TaughtHead */

/** A loaded model that goes to another device when its GPU fails, and on with the call at work. */
export class MovingModel {
  #loader;
  #copies;
  #hooks;
  #own;
  #ownLayers;

  /**
   * @param {import('./load.js').Loaded} loaded
   * @param {Pick<LoadHooks, 'onDevice' | 'onThreads'>} hooks
   */
  constructor({ placed, info, layers, failure, loader, copies }, hooks) {
    this.placed = placed;
    this.info = info;
    this.layers = layers;
    /** The taught head that answers. @type {TaughtHead | null} */
    this.head = null;
    this.#own = { classes: info.classes, activation: info.activation, labels: info.labels };
    this.#ownLayers = layers;
    this.#loader = loader;
    this.#copies = copies;
    this.#hooks = hooks;
    if (failure !== null) this.#report(failure);
  }

  /**
   * @param {WireImage} image
   * @param {boolean} more whether it joins those that have been taken for the next run
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<Pick<Result, 'image'> & { decode: number, preprocess: number }>} times in milliseconds
   */
  async take(image, more, signal) {
    const started = performance.now();
    const [width = 0, height = 0] = await this.placed.take(image, this.#loader.request.wasmUrl, signal);
    const decoded = performance.now();
    const crop = /** @type {Result['image']['crop']} */ (Array.from(this.placed.preprocess(more)));
    return { image: { width, height, crop }, decode: decoded - started, preprocess: performance.now() - decoded };
  }

  /**
   * Does the work on the model, and again with the same picture on another device where the GPU fails. A lost GPU is opened
   * again once.
   * @template T
   * @param {(placed: PlacedModel) => Promise<T>} work runs the preprocessed picture and reads what comes out
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<T>}
   */
  async compute(work, signal) {
    for (let losses = 0; ; ) {
      try {
        return await work(this.placed);
      } catch (error) {
        const failure = this.placed.isOnGpu ? gpuFailureFrom(error, this.#loader) : null;
        const isLost = failure?.code === 'device-lost';
        if (failure === null || (!isLost && this.#loader.request.device === 'webgpu')) throw error;
        if (isLost) losses += 1;
        await this.#move(failure, isLost && losses === 1, signal);
      }
    }
  }

  /**
   * The same model on the CPU, while this one is on a GPU; to be freed.
   * @param {string} reason
   * @param {AbortSignal | undefined} signal
   */
  loadOnCpu(reason, signal) {
    return reload(this.#loader, this.#copies, onCpu(reason), signal);
  }

  /**
   * Answers with a taught head from now on.
   * @param {TaughtHead | null} head null: the network's own
   */
  useHead(head) {
    this.head = head;
    this.info = { ...this.info, ...(head?.info ?? { ...this.#own, head: null }) };
    this.layers = head?.layers ?? this.#ownLayers;
  }

  /** Names of the network's own classes, whichever head answers. */
  get ownLabels() {
    return this.#own.labels;
  }

  /** The layers that a run keeps for an answer. */
  get read() {
    return this.head === null ? [] : [this.info.backbone.layer];
  }

  /**
   * The probability of every class.
   * @param {PlacedModel} placed after a run that kept what is {@link read}
   * @param {number} image its place in the run
   * @returns {Float32Array}
   */
  answer(placed, image) {
    const { head } = this;
    return head === null ? placed.ask((model) => model.predictions(image)) : head.answer(placed.ask((model) => model.taught_features(image)));
  }

  /** Tells where the runs so far have led to another number of threads. */
  noteThreads() {
    const { tuner, threads } = this.#loader.runtime;
    if (tuner === null || tuner.isOpen || tuner.threads === threads.used) return;
    Object.assign(threads, { used: tuner.threads, reason: `${threads.reason}; ${tuner.threads} threads were faster` });
    this.info = { ...this.info, threads: { ...this.info.threads, ...threads } };
    this.#hooks.onThreads?.(this.info.threads);
  }

  free() {
    this.placed.free();
    this.#copies = [];
    this.#loader.runtime.release();
  }

  /**
   * @param {InceptionError} failure of the GPU
   * @param {boolean} again whether to try a GPU once more before the CPU
   * @param {AbortSignal | undefined} signal
   */
  async #move(failure, again, signal) {
    const reason = reasonOf(failure);
    const next = (again ? await this.#onNewGpu(reason, signal) : null) ?? (await this.loadOnCpu(reason, signal));
    try {
      next.adopt(this.placed);
    } catch (error) {
      next.free();
      throw error;
    }
    this.placed.free();
    this.placed = next;
    if (!next.isOnGpu) this.#copies = [];
    this.info = movedInfo(this.info, next);
    this.#report(failure);
  }

  /**
   * @param {string} reason
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<PlacedModel | null>} null where there is no GPU or it fails
   */
  async #onNewGpu(reason, signal) {
    try {
      const choice = await chooseDevice(this.#loader.request.device, signal);
      if (choice.device === 'cpu') return null;
      return await reload(this.#loader, this.#copies, { ...choice, deviceReason: `${reason}; it was opened again` }, signal);
    } catch (error) {
      if (gpuFailureFrom(error, this.#loader) === null) throw error;
      return null;
    }
  }

  /** @param {InceptionError} failure of the GPU that the model has left */
  #report(failure) {
    const { info } = this;
    this.#hooks.onDevice?.({ change: { from: 'webgpu', to: info.device, reason: reasonOf(failure), code: failure.code }, info });
  }
}
