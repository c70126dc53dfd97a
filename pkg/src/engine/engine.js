import { Arrival } from './arrival.js';
import { IMAGES_AT_ONCE } from '../shared/images-at-once.js';
import { InceptionError, inceptionErrorFrom, throwIfAborted } from '../shared/errors.js';
import { readModelFiles } from './model-files.js';
import { modelInfo, movedInfo } from './model-info.js';
import { reasonOf } from './model-loader.js';
import { resultOf } from './results.js';
import { start } from './start.js';
import { ModelStore } from './store/model-store.js';

/** @typedef {import('../index.js').BranchEffect} BranchEffect */
/** @typedef {import('../index.js').Cam} Cam */
/** @typedef {import('../index.js').Contributions} Contributions */
/** @typedef {import('../index.js').LayerInfo} LayerInfo */
/** @typedef {import('../index.js').LayerTime} LayerTime */
/** @typedef {import('../index.js').ModelInfo} ModelInfo */
/** @typedef {import('../index.js').ParityReport} ParityReport */
/** @typedef {import('../index.js').Result} Result */
/** @typedef {import('./model-loader.js').ModelLoader} ModelLoader */
/** @typedef {import('./placed-model.js').PlacedModel} PlacedModel */
/** @typedef {import('../shared/protocol.js').EngineAnswer} EngineAnswer */
/** @typedef {import('../shared/protocol.js').EngineCall} EngineCall */
/** @typedef {import('../shared/protocol.js').LoadHooks} LoadHooks */
/** @typedef {import('../shared/protocol.js').LoadRequest} LoadRequest */
/** @typedef {import('../shared/protocol.js').RunOptions} RunOptions */
/** @typedef {import('../shared/protocol.js').RunRequest} RunRequest */
/** @typedef {import('../shared/protocol.js').Steps} Steps */
/** @typedef {import('../shared/protocol.js').WireImage} WireImage */

/** How far a layer on the GPU may be from the same on the CPU, relative to its largest value. */
const SELF_TEST_TOLERANCE = 2e-4;

/** After a load, before its files are kept: the first answer comes first. In milliseconds. */
const KEEP_AFTER = 500;

/** One model on the compiled engine, in the thread that imports this module. */
export class Engine {
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();
  #loader;
  #placed;
  #store;
  #hooks;
  /** @type {Promise<void> | null} */
  #keeping = null;

  /**
   * @param {ModelLoader} loader
   * @param {PlacedModel} placed
   * @param {ModelInfo} info
   * @param {ModelStore} store
   * @param {Pick<LoadHooks, 'onDevice' | 'onThreads' | 'onKept'>} hooks
   */
  constructor(loader, placed, info, store, hooks) {
    this.#loader = loader;
    this.#placed = placed;
    this.#store = store;
    this.#hooks = hooks;
    this.info = info;
    /** @type {LayerInfo[]} */
    this.layers = JSON.parse(placed.guard.call(() => placed.model.layers()));
  }

  /** The compiled engine's own model; another one after a change of device. */
  get model() {
    return this.#placed.model;
  }

  /**
   * Downloads, compiles and looks for a GPU side by side, then prepares layer by layer.
   * @param {LoadRequest} request
   * @param {LoadHooks} [hooks]
   * @returns {Promise<Engine>}
   * @throws {InceptionError}
   */
  static async load(request, { signal, onProgress, onDevice, onThreads, onKept, startHelpers } = {}) {
    throwIfAborted(signal);
    const stop = new AbortController();
    const onAbort = () => stop.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    const store = await ModelStore.open(request.cache);
    const arrival = new Arrival();
    const end = () => arrival.end();
    const reading = readFiles(request, store, arrival, stop.signal, onProgress);
    reading.then(() => store.hold(), () => undefined).then(end);
    const starting = start(request, arrival, stop.signal, onProgress, startHelpers);
    let isStarted = false;
    try {
      const [files, { runtime, choice, loader, begun }] = await Promise.all([reading, starting]);
      isStarted = true;
      const { placed, failure } = await loader.load(choice, files, stop.signal, onProgress, begun);
      if (!placed.isOnGpu) loader.forget();
      try {
        const info = { ...(await modelInfo(runtime, placed, request, stop.signal)), cache: store.state };
        const engine = new Engine(loader, placed, info, store, { onDevice, onThreads, onKept });
        if (info.cache.kept === null) setTimeout(() => engine.#last.then(() => engine.keep()), KEEP_AFTER);
        else await store.reject();
        if (failure !== null) engine.#report(failure);
        return engine;
      } catch (error) {
        placed.free();
        throw error;
      }
    } catch (error) {
      stop.abort();
      const leave = (/** @type {Awaited<typeof starting>} */ { runtime, loader, begun }) => {
        if (!isStarted) loader.drop(begun);
        runtime.release();
      };
      starting.then(leave, () => undefined);
      const failure = inceptionErrorFrom(error);
      await Promise.allSettled([reading]);
      await (failure.code === 'bad-weights' ? store.reject() : store.keep());
      throw failure;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /**
   * @param {EngineCall} call
   * @param {AbortSignal} [signal]
   * @param {(steps: Steps) => void} [onSteps]
   * @returns {Promise<EngineAnswer>}
   * @throws {InceptionError}
   */
  call(call, signal, onSteps) {
    switch (call.kind) {
      case 'run':
        return this.run(call, signal, onSteps);
      case 'batch':
        return this.#inTurn(() => this.#batch(call, signal, onSteps));
      case 'profile':
        return this.profile(call.image, signal, onSteps);
      case 'self-test':
        return this.selfTest(call.image, signal);
      case 'filters':
        return this.#inTurn(async () => this.#placed.guard.call(() => this.#placed.model.filters()));
      case 'cam':
        return this.#inTurn(() => this.#cam(call, signal));
      case 'contributions':
        return this.#inTurn(() => this.#contributions(call, signal));
      case 'rank':
        return this.#inTurn(() => this.#rank(call, signal, onSteps));
    }
  }

  /**
   * Runs one image; calls are worked off one after another.
   * @param {RunRequest} request
   * @param {AbortSignal} [signal] takes effect after the module at work
   * @param {(steps: Steps) => void} [onSteps] after each module
   * @returns {Promise<Result | Float32Array>} a float array where the request asks for the embedding
   * @throws {InceptionError}
   */
  run(request, signal, onSteps) {
    return this.#inTurn(() => this.#run(request, signal, onSteps));
  }

  /**
   * @param {WireImage} image
   * @param {AbortSignal} [signal] takes effect after the layer at work
   * @param {(steps: Steps) => void} [onSteps] after each layer
   * @returns {Promise<LayerTime[]>}
   * @throws {InceptionError}
   */
  profile(image, signal, onSteps) {
    return this.#inTurn(async () => {
      throwIfAborted(signal);
      this.#take(image, false);
      return this.#compute(() => this.#placed.profile(signal, onSteps), signal);
    });
  }

  /**
   * Runs the image on the GPU and on the CPU.
   * @param {WireImage} image
   * @param {AbortSignal} [signal]
   * @returns {Promise<ParityReport>}
   * @throws {InceptionError} `no-webgpu` where the model is on the CPU
   */
  selfTest(image, signal) {
    return this.#inTurn(() => this.#selfTest(image, signal));
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
    this.info = { ...this.info, cache };
    this.#hooks.onKept?.(cache);
  }

  /** Gives the model's memory back once the run at work has ended. */
  dispose() {
    this.#last = this.#last.then(() => {
      this.#placed.free();
      this.#loader.forget();
      this.#loader.runtime.release();
    });
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  #inTurn(work) {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /**
   * @param {RunRequest} request
   * @param {AbortSignal} [signal]
   * @param {(steps: Steps) => void} [onSteps]
   * @returns {Promise<Result | Float32Array>}
   */
  async #run({ image, embed, ...options }, signal, onSteps) {
    if (!embed) return /** @type {Result} */ ((await this.#together([image], options, signal, onSteps))[0]);
    throwIfAborted(signal);
    this.#take(image, false);
    return this.#compute(async () => {
      await this.#placed.run([], signal);
      return this.#placed.guard.call(() => this.#placed.model.embedding());
    }, signal);
  }

  /**
   * @param {Extract<EngineCall, { kind: 'batch' }>} call
   * @param {AbortSignal} [signal]
   * @param {(steps: Steps) => void} [onSteps]
   * @returns {Promise<Result[]>}
   */
  async #batch({ images, ...options }, signal, onSteps) {
    /** @type {Result[]} */
    const results = [];
    while (results.length < images.length) {
      const atOnce = this.#placed.isOnGpu ? IMAGES_AT_ONCE : 1;
      const some = images.slice(results.length, results.length + atOnce);
      const runs = Math.ceil(images.length / atOnce);
      const run = Math.floor(results.length / atOnce);
      const onStep = onSteps && ((/** @type {Steps} */ steps) => onSteps({ ...steps, done: run * steps.total + steps.done, total: runs * steps.total }));
      results.push(...(await this.#together(some, options, signal, onStep)));
    }
    return results;
  }

  /**
   * One run of several images.
   * @param {WireImage[]} images
   * @param {RunOptions} options
   * @param {AbortSignal} [signal]
   * @param {(steps: Steps) => void} [onSteps]
   * @returns {Promise<Result[]>}
   */
  async #together(images, options, signal, onSteps) {
    throwIfAborted(signal);
    if (options.topK > 0 && this.info.classes === 0) {
      throw new InceptionError('unsupported', 'this checkpoint has no classifier: ask for features or an embedding');
    }
    const { layers, statistics = [], off = [] } = options;
    const taken = images.map((image, i) => this.#take(image, i > 0));
    const names = this.layers.map(({ name }) => name);
    return this.#compute(async () => {
      const started = performance.now();
      await this.#placed.run([...layers, ...statistics], signal, images.map(() => off), onSteps);
      const run = performance.now() - started;
      this.#noteThreads();
      return taken.map(({ image, decode, preprocess }, i) => {
        const reading = performance.now();
        const read = resultOf(this.#placed, i, options, this.info, names);
        const total = decode + preprocess + run + performance.now() - reading;
        return { ...read, image, timing: { decode, preprocess, run, total } };
      });
    }, signal);
  }

  /**
   * @param {WireImage} image
   * @param {boolean} more whether it joins those that have been taken for the next run
   * @returns {Pick<Result, 'image'> & { decode: number, preprocess: number }} times in milliseconds
   */
  #take(image, more) {
    const started = performance.now();
    const [width = 0, height = 0] = this.#placed.take(image);
    const decoded = performance.now();
    const crop = /** @type {Result['image']['crop']} */ (Array.from(this.#placed.preprocess(more)));
    return { image: { width, height, crop }, decode: decoded - started, preprocess: performance.now() - decoded };
  }

  /**
   * @param {WireImage} image
   * @param {AbortSignal} [signal]
   * @returns {Promise<ParityReport>}
   */
  async #selfTest(image, signal) {
    throwIfAborted(signal);
    const { device, deviceReason } = this.info;
    if (device === 'cpu') {
      throw new InceptionError('no-webgpu', `the network runs on the CPU (${deviceReason}), so there is no GPU to compare with it`);
    }
    this.#take(image, false);
    const twin = await this.#loader.loadOnCpu('self-test', signal);
    try {
      twin.adopt(this.#placed);
      await twin.run(['all'], signal);
      this.#placed.adopt(twin);
      const layers = await this.#compute(async () => {
        await this.#placed.run(['all'], signal);
        return this.#placed.compare(twin);
      }, signal);
      if (!this.#placed.isOnGpu) throw new InceptionError('device-lost', `there is no GPU any more: ${this.info.deviceReason}`);
      const worst = layers.reduce((a, b) => (b.relativeError > a.relativeError ? b : a));
      return { worst, layers, ok: worst.relativeError <= SELF_TEST_TOLERANCE };
    } finally {
      twin.free();
    }
  }

  /**
   * @param {{ image: WireImage, classIndex: number, off: string[] }} call
   * @param {AbortSignal} [signal]
   * @returns {Promise<Cam>}
   */
  #cam({ image, classIndex, off }, signal) {
    return this.#ofClass(image, signal, async ({ guard, model }) => {
      await this.#placed.run([guard.call(() => model.last_maps()) ?? ''], signal, [off]);
      return { classIndex, ...guard.call(() => model.cam(classIndex)) };
    });
  }

  /**
   * @param {{ image: WireImage, classIndex: number, off: string[] }} call
   * @param {AbortSignal} [signal]
   * @returns {Promise<Contributions>}
   */
  #contributions({ image, classIndex, off }, signal) {
    return this.#ofClass(image, signal, async ({ guard, model }) => {
      await this.#placed.run([], signal, [off]);
      return { classIndex, ...guard.call(() => model.contributions(classIndex)) };
    });
  }

  /**
   * @param {Extract<EngineCall, { kind: 'rank' }>} call
   * @param {AbortSignal} [signal]
   * @param {(steps: Steps) => void} [onSteps]
   * @returns {Promise<BranchEffect[]>}
   */
  #rank({ image, branches, classIndex }, signal, onSteps) {
    const names = branches ?? this.layers.filter(({ kind }) => kind === 'branch').map(({ name }) => name);
    return this.#ofClass(image, signal, async ({ guard, model, isOnGpu }) => {
      await this.#placed.run([], signal);
      const whole = guard.call(() => model.predictions());
      const index = classIndex ?? whole.indexOf(Math.max(...whole));
      const before = whole[index];
      if (before === undefined) throw new InceptionError('bad-option', `class ${index} of a classifier with ${whole.length}`);
      const total = names.length;
      onSteps?.({ done: 0, total });
      /** @type {BranchEffect[]} */
      const effects = [];
      for (const some of groupsOf(names, isOnGpu ? IMAGES_AT_ONCE : 1)) {
        await this.#placed.run([], signal, some.map((name) => [name]));
        for (const [image, branch] of some.entries()) {
          const probability = guard.call(() => model.predictions(image))[index] ?? 0;
          effects.push({ branch, probability, change: probability - before });
        }
        onSteps?.({ done: effects.length, total });
      }
      return effects.sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
    });
  }

  /**
   * @template T
   * @param {WireImage} image
   * @param {AbortSignal | undefined} signal
   * @param {(placed: PlacedModel) => Promise<T>} work on the preprocessed picture
   * @returns {Promise<T>}
   * @throws {InceptionError} `unsupported` without a classifier
   */
  async #ofClass(image, signal, work) {
    throwIfAborted(signal);
    if (this.info.classes === 0) throw new InceptionError('unsupported', 'this checkpoint has no classifier');
    this.#take(image, false);
    return this.#compute(() => work(this.#placed), signal);
  }

  /**
   * Does the work on the model, and again with the same picture on another device where the GPU fails. A lost GPU is opened
   * again once.
   * @template T
   * @param {() => Promise<T>} work runs the preprocessed picture and reads what comes out
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<T>}
   */
  async #compute(work, signal) {
    for (let losses = 0; ; ) {
      try {
        return await work();
      } catch (error) {
        const failure = this.#placed.isOnGpu ? this.#loader.gpuFailureFrom(error) : null;
        const isLost = failure?.code === 'device-lost';
        if (failure === null || (!isLost && this.#loader.request.device === 'webgpu')) throw error;
        if (isLost) losses += 1;
        await this.#move(failure, isLost && losses === 1, signal);
      }
    }
  }

  /**
   * @param {InceptionError} failure of the GPU
   * @param {boolean} again whether to try a GPU once more before the CPU
   * @param {AbortSignal | undefined} signal
   */
  async #move(failure, again, signal) {
    const reason = reasonOf(failure);
    const next = (again ? await this.#loader.loadOnNewGpu(reason, signal) : null) ?? (await this.#loader.loadOnCpu(reason, signal));
    try {
      next.adopt(this.#placed);
    } catch (error) {
      next.free();
      throw error;
    }
    this.#placed.free();
    this.#placed = next;
    if (!next.isOnGpu) this.#loader.forget();
    this.info = movedInfo(this.info, next);
    this.#report(failure);
  }

  /** Tells where the runs so far have led to another number of threads. */
  #noteThreads() {
    const { tuner, threads } = this.#loader.runtime;
    if (tuner === null || tuner.isOpen || tuner.threads === threads.used) return;
    Object.assign(threads, { used: tuner.threads, reason: `${threads.reason}; ${tuner.threads} threads were faster` });
    this.info = { ...this.info, threads: { ...this.info.threads, ...threads } };
    this.#hooks.onThreads?.(this.info.threads);
  }

  /** @param {InceptionError} failure of the GPU that the model has left */
  #report(failure) {
    const { info } = this;
    this.#hooks.onDevice?.({ change: { from: 'webgpu', to: info.device, reason: reasonOf(failure), code: failure.code }, info });
  }
}

/**
 * @template T
 * @param {T[]} items
 * @param {number} size
 * @returns {T[][]}
 */
function groupsOf(items, size) {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/**
 * @param {LoadRequest} request
 * @param {ModelStore} store
 * @param {Arrival} arrival
 * @param {AbortSignal} signal
 * @param {LoadHooks['onProgress']} onProgress
 */
function readFiles({ entry, files, sha256 }, store, arrival, signal, onProgress) {
  const listed = files.length === 1 ? (entry?.bytes ?? 0) : 0;
  const onBytes = (/** @type {number} */ loaded, /** @type {number | null} */ total) =>
    onProgress?.({ stage: 'download', loaded, total: total ?? (listed > 0 && listed >= loaded ? listed : null) });
  return readModelFiles(files, { store, sha256, signal, onBytes, arrival });
}
