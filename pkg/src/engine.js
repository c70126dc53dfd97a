import { InceptionError, inceptionErrorFrom, throwIfAborted } from './errors.js';
import { chooseDevice } from './gpu.js';
import { checkSha256 } from './integrity.js';
import { readModelFiles } from './model-files.js';
import { modelInfo, movedInfo } from './model-info.js';
import { ModelLoader, reasonOf } from './model-loader.js';
import { topPredictions } from './predictions.js';
import { startRuntime } from './runtime.js';

/** @typedef {import('./index.js').FeatureMaps} FeatureMaps */
/** @typedef {import('./index.js').LayerInfo} LayerInfo */
/** @typedef {import('./index.js').LayerTime} LayerTime */
/** @typedef {import('./index.js').ModelInfo} ModelInfo */
/** @typedef {import('./index.js').ParityReport} ParityReport */
/** @typedef {import('./index.js').Result} Result */
/** @typedef {import('./placed-model.js').PlacedModel} PlacedModel */
/** @typedef {import('./protocol.js').LoadHooks} LoadHooks */
/** @typedef {import('./protocol.js').LoadRequest} LoadRequest */
/** @typedef {import('./protocol.js').RunRequest} RunRequest */
/** @typedef {import('./protocol.js').WireImage} WireImage */

/** How far a layer on the GPU may be from the same on the CPU, relative to its largest value. */
const SELF_TEST_TOLERANCE = 2e-4;

/** One model on the compiled engine, in the thread that imports this module. */
export class Engine {
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();
  #loader;
  #placed;
  #onDevice;

  /**
   * @param {ModelLoader} loader
   * @param {PlacedModel} placed
   * @param {ModelInfo} info
   * @param {LoadHooks['onDevice']} onDevice
   */
  constructor(loader, placed, info, onDevice) {
    this.#loader = loader;
    this.#placed = placed;
    this.#onDevice = onDevice;
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
  static async load(request, { signal, onProgress, onDevice, startHelpers } = {}) {
    const stop = new AbortController();
    const onAbort = () => stop.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    try {
      throwIfAborted(signal);
      const [files, runtime, choice] = await Promise.all([
        readFiles(request, stop.signal, onProgress),
        startRuntime(request, stop.signal, onProgress, startHelpers),
        chooseDevice(request.device, stop.signal),
      ]);
      const loader = new ModelLoader(runtime.guard, request);
      const { placed, failure } = await loader.load(choice, files, stop.signal, onProgress);
      if (!placed.isOnGpu) loader.forget();
      try {
        const info = await modelInfo(runtime, placed, request, stop.signal);
        const engine = new Engine(loader, placed, info, onDevice);
        if (failure !== null) engine.#report(failure);
        return engine;
      } catch (error) {
        placed.free();
        throw error;
      }
    } catch (error) {
      stop.abort();
      throw inceptionErrorFrom(error);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /**
   * Runs one image; calls are worked off one after another.
   * @param {RunRequest} request
   * @param {AbortSignal} [signal] takes effect after the module at work
   * @returns {Promise<Result | Float32Array>} a float array where the request asks for the embedding
   * @throws {InceptionError}
   */
  run(request, signal) {
    return this.#inTurn(() => this.#run(request, signal));
  }

  /**
   * @param {WireImage} image
   * @param {AbortSignal} [signal]
   * @returns {Promise<LayerTime[]>}
   * @throws {InceptionError}
   */
  profile(image, signal) {
    return this.#inTurn(async () => {
      this.#takeWhole(image);
      return this.#compute(() => this.#placed.profile(), signal);
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

  /** Gives the model's memory back once the run at work has ended. */
  dispose() {
    this.#last = this.#last.then(() => {
      this.#placed.free();
      this.#loader.forget();
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
   * @returns {Promise<Result | Float32Array>}
   */
  async #run({ image, layers, topK, threshold, embed }, signal) {
    throwIfAborted(signal);
    const hasPredictions = !embed && topK > 0;
    if (hasPredictions && this.info.classes === 0) {
      throw new InceptionError('unsupported', 'this checkpoint has no classifier: ask for features or an embedding');
    }
    const started = performance.now();
    const [width = 0, height = 0] = this.#placed.take(image);
    const decoded = performance.now();
    const crop = this.#placed.preprocess();
    const preprocessed = performance.now();
    return this.#compute(async () => {
      await this.#placed.run(layers, signal);
      const ran = performance.now();
      const { guard, model } = this.#placed;
      if (embed) return guard.call(() => model.embedding());
      const top = (/** @type {Float32Array} */ probabilities) =>
        topPredictions(probabilities, this.info.labels, topK, threshold);
      return {
        predictions: hasPredictions ? top(guard.call(() => model.predictions())) : [],
        auxiliary: guard
          .call(() => model.auxiliary())
          .map(({ layer, probabilities }) => ({ layer, predictions: top(probabilities) })),
        layers: this.#kept(layers),
        image: { width, height, crop: /** @type {Result['image']['crop']} */ (Array.from(crop)) },
        timing: {
          decode: decoded - started,
          preprocess: preprocessed - decoded,
          run: ran - preprocessed,
          total: performance.now() - started,
        },
      };
    }, signal);
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
    this.#takeWhole(image);
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

  /** @param {WireImage} image */
  #takeWhole(image) {
    this.#placed.take(image);
    this.#placed.preprocess();
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

  /** @param {InceptionError} failure of the GPU that the model has left */
  #report(failure) {
    const { info } = this;
    this.#onDevice?.({ change: { from: 'webgpu', to: info.device, reason: reasonOf(failure), code: failure.code }, info });
  }

  /**
   * @param {string[]} names
   * @returns {Record<string, FeatureMaps>}
   */
  #kept(names) {
    const wanted = names.includes('all') ? this.layers.map((layer) => layer.name) : names;
    return Object.fromEntries(wanted.map((name) => [name, this.#maps(name)]));
  }

  /**
   * @param {string} name
   * @returns {FeatureMaps}
   */
  #maps(name) {
    const { guard, model } = this.#placed;
    const { shape, data, stats } = guard.call(() => model.output(name));
    const [channels = 0, height = 0, width = 0] = shape;
    return {
      name,
      shape: [channels, height, width],
      data,
      stats: Array.from({ length: channels }, (_, c) => {
        const [mean = 0, std = 0, min = 0, max = 0, sparsity = 0] = stats.subarray(5 * c);
        return { mean, std, min, max, sparsity };
      }),
    };
  }
}

/**
 * @param {LoadRequest} request
 * @param {AbortSignal} signal
 * @param {LoadHooks['onProgress']} onProgress
 */
async function readFiles(request, signal, onProgress) {
  const files = await readModelFiles(request.files, signal, (loaded, total) =>
    onProgress?.({ stage: 'download', loaded, total }),
  );
  if (request.sha256 !== null) await checkSha256(files, request.sha256);
  throwIfAborted(signal);
  return files;
}
