import { fetchLabels } from './catalog.js';
import { InceptionError, inceptionErrorFrom, throwIfAborted } from './errors.js';
import { Guard } from './guard.js';
import { checkSha256 } from './integrity.js';
import { macrotask } from './macrotask.js';
import { readModelFiles } from './model-files.js';
import { pixelsOf } from './pixels.js';
import { topPredictions } from './predictions.js';
import { chooseArtefact } from './threads.js';
import { startArtefact } from './wasm.js';

/** @typedef {import('./index.js').ModelInfo} ModelInfo */
/** @typedef {import('./index.js').LayerInfo} LayerInfo */
/** @typedef {import('./index.js').FeatureMaps} FeatureMaps */
/** @typedef {import('./index.js').Result} Result */
/** @typedef {import('./protocol.js').GlueModel} GlueModel */
/** @typedef {import('./protocol.js').LoadRequest} LoadRequest */
/** @typedef {import('./protocol.js').LoadHooks} LoadHooks */
/** @typedef {import('./protocol.js').RunRequest} RunRequest */
/** @typedef {import('./protocol.js').WireImage} WireImage */

/**
 * An artefact that runs in this thread, shared by all models loaded here.
 * @typedef {{ guard: Guard, simd: ModelInfo['simd'], threads: { used: number, reason: string } }} Runtime
 */

/** The name of the classes before the first that has a label. */
const BACKGROUND = 'background';

/** @type {Partial<Record<ModelInfo['simd'], Promise<Runtime>>>} */
const runtimes = {};

/** One model on the compiled engine, in the thread that imports this module. */
export class Engine {
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /**
   * @param {Guard} guard
   * @param {GlueModel} model
   * @param {ModelInfo} info
   * @param {LayerInfo[]} layers
   */
  constructor(guard, model, info, layers) {
    this.guard = guard;
    this.model = model;
    this.info = info;
    this.layers = layers;
  }

  /**
   * Downloads and compiles side by side, then prepares layer by layer.
   * @param {LoadRequest} request
   * @param {LoadHooks} [hooks]
   * @returns {Promise<Engine>}
   * @throws {InceptionError}
   */
  static async load(request, { signal, onProgress, startHelpers } = {}) {
    const stop = new AbortController();
    const onAbort = () => stop.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    try {
      throwIfAborted(signal);
      const [files, runtime] = await Promise.all([
        readFiles(request, stop.signal, onProgress),
        start(request, stop.signal, onProgress, startHelpers),
      ]);
      const model = await prepare(runtime.guard, files, request, stop.signal, onProgress);
      return await describe(runtime, model, request, stop.signal);
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
    const run = this.#last.then(() => this.#run(request, signal));
    this.#last = run.catch(() => undefined);
    return run;
  }

  /**
   * @param {RunRequest} request
   * @param {AbortSignal} [signal]
   * @returns {Promise<Result | Float32Array>}
   */
  async #run({ image, layers, topK, threshold, embed }, signal) {
    throwIfAborted(signal);
    const { guard, model } = this;
    const hasPredictions = !embed && topK > 0;
    if (hasPredictions && this.info.classes === 0) {
      throw new InceptionError('unsupported', 'this checkpoint has no classifier: ask for features or an embedding');
    }
    const started = performance.now();
    guard.call(() => model.keep(layers));
    const [width = 0, height = 0] = this.#take(image);
    const decoded = performance.now();
    const crop = guard.call(() => model.preprocess());
    const preprocessed = performance.now();
    guard.call(() => model.begin());
    await this.#finish(signal);
    const ran = performance.now();
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
  }

  /**
   * Hands the image to the engine.
   * @param {WireImage} image
   * @returns {Uint32Array} width and height
   */
  #take(image) {
    const { guard, model } = this;
    if (image.kind === 'encoded') return guard.call(() => model.decode(image.bytes));
    const { width, height, rgba } = image.kind === 'bitmap' ? pixelsOf(image.bitmap) : image;
    return guard.call(() => model.set_pixels(width, height, rgba));
  }

  /**
   * Steps to the end, answering messages after each module.
   * @param {AbortSignal} [signal]
   */
  async #finish(signal) {
    while (this.guard.call(() => this.model.step())) {
      await macrotask();
      throwIfAborted(signal);
    }
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
    const { shape, data, stats } = this.guard.call(() => this.model.output(name));
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

  /** Gives the model's memory back once the run at work has ended. */
  dispose() {
    this.#last = this.#last.then(() => {
      if (!this.guard.isBroken) this.model.free();
    });
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

/**
 * @param {LoadRequest} request
 * @param {AbortSignal} signal
 * @param {LoadHooks['onProgress']} onProgress
 * @param {LoadHooks['startHelpers']} startHelpers
 * @returns {Promise<Runtime>}
 */
async function start(request, signal, onProgress, startHelpers) {
  const choice = chooseArtefact(request.threads, startHelpers !== undefined);
  onProgress?.({ stage: 'compile', loaded: 0, total: 1 });
  const starting = (runtimes[choice.simd] ??= startRuntime(choice, request.wasmUrl, startHelpers));
  starting.catch(() => delete runtimes[choice.simd]);
  const runtime = await starting;
  throwIfAborted(signal);
  onProgress?.({ stage: 'compile', loaded: 1, total: 1 });
  return runtime;
}

/**
 * @param {import('./threads.js').Choice} choice
 * @param {string | null} wasmUrl
 * @param {LoadHooks['startHelpers']} startHelpers
 * @returns {Promise<Runtime>}
 */
async function startRuntime(choice, wasmUrl, startHelpers) {
  const { glue, module, memory } = await startArtefact(choice.simd, wasmUrl);
  const guard = new Guard(glue);
  const threads = { used: choice.threads, reason: choice.reason };
  if (choice.threads > 1 && startHelpers !== undefined) {
    await startHelpers(choice.threads - 1, module, memory).catch((failure) => {
      threads.used = 1;
      threads.reason = failure.message;
    });
  }
  guard.call(() => glue.init_threads?.(threads.used));
  return { guard, simd: choice.simd, threads };
}

/**
 * @param {Guard} guard
 * @param {{ name: string, bytes: Uint8Array }[]} files
 * @param {LoadRequest} request
 * @param {AbortSignal} signal
 * @param {LoadHooks['onProgress']} onProgress
 */
async function prepare(guard, files, request, signal, onProgress) {
  const { network, labels, preprocess } = request;
  const loader = guard.call((glue) => new glue.Loader());
  try {
    for (const { name, bytes } of files.splice(0)) guard.call(() => loader.add(name, bytes));
    const total = guard.call(() => loader.open(JSON.stringify({ network, labels, preprocess })));
    for (let done = 0; done < total; ) {
      done = guard.call(() => loader.advance());
      onProgress?.({ stage: 'prepare', loaded: done, total });
      await macrotask();
      throwIfAborted(signal);
    }
    return guard.call(() => loader.finish());
  } finally {
    if (!guard.isBroken) loader.free();
  }
}

/**
 * @param {Runtime} runtime
 * @param {GlueModel} model
 * @param {LoadRequest} request
 * @param {AbortSignal} signal
 */
async function describe({ guard, simd, threads }, model, request, signal) {
  /** @type {import('./protocol.js').EngineInfo} */
  const own = JSON.parse(guard.call(() => model.info()));
  const { labelsName, classOffset, ...shown } = own;
  /** @type {ModelInfo} */
  const info = {
    ...shown,
    id: request.id ?? own.network,
    labels: await labelsOf(shown, labelsName ?? request.labelsName, classOffset, request.modelsUrl, signal),
    device: 'cpu',
    deviceReason: request.device === 'cpu' ? 'as requested' : 'this version has no WebGPU backend',
    adapter: null,
    threads: { requested: request.threads, ...threads },
    simd,
  };
  const layers = JSON.parse(guard.call(() => model.layers()));
  return new Engine(guard, model, info, layers);
}

/**
 * Class names, one a class: the checkpoint's own, or the list that it or the catalog names.
 * @param {{ labels: string[] | null, classes: number }} own
 * @param {string | null} name of the list
 * @param {number} offset classes before the first that has a label
 * @param {string} models the folder of the lists
 * @param {AbortSignal} signal
 * @returns {Promise<string[] | null>}
 */
async function labelsOf({ labels, classes }, name, offset, models, signal) {
  const names = labels ?? (name && classes > 0 ? await fetchLabels(name, models, signal) : null);
  if (names === null || names.length === classes) return names;
  if (names.length + offset === classes) return [...Array(offset).fill(BACKGROUND), ...names];
  throw new InceptionError('bad-option', `${names.length} labels for ${classes} classes`);
}
