import { chooseDevice, onCpu } from './choose-device.js';
import { movedInfo } from './model-info.js';
import { Slices } from '../shared/macrotask.js';
import { throwIfAborted } from '../shared/errors.js';
import { cachedCopies, fetchedCopies, gpuFailureFrom, reasonOf, reload } from './reload.js';
import { keep, kept, tuningKey } from './store/device-times.js';

/** @typedef {import('../index.js').Result} Result */
/** @typedef {import('../shared/errors.js').InceptionError} InceptionError */
/** @typedef {import('../shared/protocol.js').LoadHooks} LoadHooks */
/** @typedef {import('../shared/protocol.js').WireImage} WireImage */
/** @typedef {import('./placed-model.js').PlacedModel} PlacedModel */
/** @typedef {import('./taught-head.js').TaughtHead} TaughtHead */

/** Runs on a device before they count: the first, which takes longer, and three more. */
const ENOUGH = 4;

/** A loaded model that goes to another device when its GPU fails, and on with the call at work; once also where another is clearly faster. */
export class MovingModel {
  #loader;
  #copies;
  #store;
  /** Null: it does not move for the sake of speed, or no more. */
  #cost;
  #hasMoved = false;
  /** The model whose kernels have been tuned. @type {PlacedModel | null} */
  #tuned = null;
  /** Where weights are read again. @type {{ free(): void } | null} */
  #source = null;
  /** Another model with the same weights, and the size of its pictures. @type {{ size: string, model: import('../shared/protocol.js').GlueModel } | null} */
  #other = null;
  #hooks;
  #own;
  #ownLayers;

  /**
   * @param {import('./load.js').Loaded} loaded
   * @param {Pick<LoadHooks, 'onDevice' | 'onThreads'> & { keep: () => Promise<void> }} hooks keep: has what was fetched kept, if that has not been done
   */
  constructor({ placed, info, layers, failure, cost, loader, copies, store }, hooks) {
    this.placed = placed;
    this.info = info;
    this.layers = layers;
    /** The taught head that answers. @type {TaughtHead | null} */
    this.head = null;
    this.#own = { classes: info.classes, activation: info.activation, labels: info.labels };
    this.#ownLayers = layers;
    this.#loader = loader;
    this.#copies = copies;
    this.#store = store;
    this.#cost = cost;
    this.#hooks = hooks;
    if (failure !== null) this.#report('webgpu', reasonOf(failure), failure.code);
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
   * @param {AbortSignal} [signal]
   */
  loadOnCpu(reason, signal) {
    return reload(this.#loader, this.#copies, onCpu(reason), signal);
  }

  /** Where the artefacts are. */
  get wasmUrl() {
    return this.#loader.request.wasmUrl;
  }

  /**
   * @param {WireImage} image to be the next picture, without being preprocessed
   * @param {AbortSignal | undefined} signal
   */
  decode(image, signal) {
    return this.placed.take(image, this.#loader.request.wasmUrl, signal);
  }

  /**
   * A model that reads its weights again: this one, or another on the same device where pictures have another size. The last one that was
   * made stays until another is.
   * @param {[height: number, width: number]} size
   * @param {AbortSignal | undefined} signal
   */
  async reversing([height, width], signal) {
    const { placed } = this;
    const { guard, gpu, isOnGpu, model } = placed;
    if (!placed.ask((model) => model.has_source())) await this.#openSource(signal);
    const [, ownHeight, ownWidth] = this.info.input;
    if (height === ownHeight && width === ownWidth) return model;
    const size = `${height}x${width}`;
    if (this.#other?.size === size) return this.#other.model;
    this.#forgetOther();
    const loader = placed.ask((model) => model.again(height, width));
    try {
      const slices = new Slices();
      for (let done = 0, total = guard.call(() => loader.total()); done < total; ) {
        done = guard.call(() => loader.advance());
        if (!slices.isOver) continue;
        await slices.pause();
        throwIfAborted(signal);
      }
      if (isOnGpu) await guard.callGpu(gpu, () => loader.warm());
      this.#other = { size, model: guard.call(() => loader.finish()) };
      return this.#other.model;
    } finally {
      if (!guard.isBroken) loader.free();
    }
  }

  /** @param {AbortSignal | undefined} signal */
  async #openSource(signal) {
    const { request } = this.#loader;
    // Until then the load holds the files that it has fetched: whoever wants them waits.
    if (this.#copies.length === 0) await this.#hooks.keep();
    const files = this.#copies.length > 0 ? this.#copies : await cachedCopies(request, this.#store).catch(() => fetchedCopies(request, this.#store, signal));
    const { loader, source } = await this.#loader.open(files);
    this.#source = source ?? null;
    this.placed.ask((model) => model.adopt_source(loader));
  }

  #forgetSource() {
    this.#forgetOther();
    this.#source?.free();
    this.#source = null;
  }

  #forgetOther() {
    if (!this.placed.guard.isBroken) this.#other?.model.free();
    this.#other = null;
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

  /**
   * To be called between two calls. After some answers what they took replaces what was predicted, and is kept for the next load. Where the
   * other device is clearly faster, the model moves there: once, and not back. Never rejects: a move that fails is none.
   */
  async reconsider() {
    const { placed } = this;
    const cost = this.#cost;
    if (cost === null || placed.runs < ENOUGH || placed.fastest === Infinity) return;
    const { device } = placed.place;
    cost.times = { ...cost.times, [device]: placed.fastest };
    const better = this.#hasMoved ? null : cost.better(device);
    const next = better && (await this.#onFaster(better, cost.reason).catch(() => null));
    this.#hasMoved = true;
    if (next) {
      this.#use(next);
      this.#report(device, cost.reason, null);
    } else {
      this.#cost = null;
      this.info = { ...this.info, deviceReason: cost.reason };
      this.#hooks.onDevice?.({ change: null, info: this.info });
    }
    if (!this.placed.isOnGpu) this.#copies = [];
    if (cost.key !== null) await keep(cost.key, JSON.stringify(cost.times));
  }

  /** Whether the GPU has answered often enough for its kernels to be tuned, and they have not been. */
  get mayTune() {
    const { placed } = this;
    return placed.isOnGpu && placed.runs >= ENOUGH && this.#tuned !== placed;
  }

  /**
   * Finds the fastest ways of the GPU's kernels, and keeps them for the next load.
   * @param {AbortSignal} [signal] takes effect after the way at work
   * @param {(steps: import('../shared/protocol.js').Steps) => void} [onSteps] after each way
   * @param {boolean} [isKept] whether the next load knows them
   * @returns {Promise<import('../index.js').Tuned>}
   */
  async tune(signal, onSteps, isKept = true) {
    const { placed } = this;
    const tuned = await placed.tune(signal, onSteps, isKept ? () => this.#keepTuning() : undefined);
    this.#tuned = placed;
    return tuned;
  }

  /**
   * Goes back to the usual ways of the GPU's kernels, until somebody asks for another tuning.
   * @param {boolean} isForgotten whether the next load does so, too
   */
  async untune(isForgotten) {
    this.placed.untune();
    this.#tuned = this.placed;
    if (isForgotten && this.placed.isOnGpu && this.#loader.request.cache) await keep(this.#tuningKey, '');
    return { tried: 0, changed: 0 };
  }

  get #tuningKey() {
    return tuningKey(this.placed.place.adapter);
  }

  /** Beside the ways that models which were tuned meanwhile have kept. */
  async #keepTuning() {
    if (!this.#loader.request.cache) return;
    const own = this.placed.ask((model) => model.tuned());
    const ways = [await kept(this.#tuningKey), own].flatMap((text) => text.split(';').filter((way) => way !== ''));
    await keep(this.#tuningKey, [...new Map(ways.map((way) => [way.split('=')[0], way])).values()].join(';'));
  }

  free() {
    this.#forgetSource();
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
    const next = (again ? await this.#onNewGpu(`${reason}; it was opened again`, signal) : null) ?? (await this.loadOnCpu(reason, signal));
    try {
      next.adopt(this.placed);
    } catch (error) {
      next.free();
      throw error;
    }
    this.#cost = null;
    this.#use(next);
    this.#report('webgpu', reason, failure.code);
  }

  /**
   * @param {'webgpu' | 'cpu'} device
   * @param {string} reason
   * @returns {Promise<PlacedModel | null>} null where there is no GPU or it fails
   * @throws {InceptionError} also where the file would have to be fetched again
   */
  async #onFaster(device, reason) {
    if (device === 'cpu') return this.loadOnCpu(reason);
    this.#copies = await cachedCopies(this.#loader.request, this.#store);
    return this.#onNewGpu(reason);
  }

  /**
   * @param {string} deviceReason
   * @param {AbortSignal} [signal]
   * @returns {Promise<PlacedModel | null>} null where there is no GPU or it fails
   */
  async #onNewGpu(deviceReason, signal) {
    try {
      const choice = await chooseDevice(this.#loader.request.device, signal);
      if (choice.device === 'cpu') return null;
      return await reload(this.#loader, this.#copies, { ...choice, deviceReason }, signal);
    } catch (error) {
      if (gpuFailureFrom(error, this.#loader) === null) throw error;
      return null;
    }
  }

  /** @param {PlacedModel} next from now on, instead of the one before */
  #use(next) {
    this.#forgetSource();
    this.placed.free();
    this.placed = next;
    if (!next.isOnGpu) this.#copies = [];
    this.info = movedInfo(this.info, next);
  }

  /**
   * @param {'webgpu' | 'cpu'} from where the network ran
   * @param {string} reason
   * @param {InceptionError['code'] | null} code
   */
  #report(from, reason, code) {
    const { info } = this;
    this.#hooks.onDevice?.({ change: { from, to: info.device, reason, code }, info });
  }
}
