import { keptFiles } from '../engine/store/kept-files.js';
import { absolute, folder } from '../shared/addresses.js';
import { InceptionError, disposedError, inceptionErrorFrom } from '../shared/errors.js';
import {
  checkedAblateOptions,
  checkedBatchOptions,
  checkedCatalogOptions,
  checkedClass,
  checkedHead,
  checkedLayer,
  checkedLoadOptions,
  checkedProfileOptions,
  checkedRankOptions,
  checkedRunOptions,
  checkedSignal,
  checkedTeachOptions,
  checkedTuneOptions,
} from '../shared/options.js';
import { checkedDream, checkedGradCam, checkedGradientOptions, checkedSaliency, checkedVisualize } from '../shared/gradient-options.js';
import { platform } from '../shared/platform.js';
import { classifyAll, imagesOf } from './batch.js';
import { fetchCatalog, modelsFolder } from './catalog.js';
import { resolveModel, withAdvice } from './model-source.js';
import { readImage } from './pictures/image-source.js';
import { lackOfPlace } from './place.js';
import { configure, lackOfPlaces, placesOf } from './settings.js';
import { openShared } from './shared-models.js';
import { testPicture } from './test-picture.js';
import { listener, withTheirs } from './theirs.js';
import { NoWorker, WorkerClient } from './worker-client.js';

/** @typedef {import('../index.js').BranchEffect} BranchEffect */
/** @typedef {import('../index.js').Cam} Cam */
/** @typedef {import('../index.js').Contributions} Contributions */
/** @typedef {import('../index.js').FeatureMaps} FeatureMaps */
/** @typedef {import('../index.js').Filters} Filters */
/** @typedef {import('../index.js').ImageSource} ImageSource */
/** @typedef {import('../index.js').LayerTime} LayerTime */
/** @typedef {import('../index.js').LoadOptions} LoadOptions */
/** @typedef {import('../index.js').ModelSource} ModelSource */
/** @typedef {import('../index.js').ParityReport} ParityReport */
/** @typedef {import('../index.js').RankOptions} RankOptions */
/** @typedef {import('../index.js').Result} Result */
/** @typedef {import('../index.js').RunOptions} RunOptions */
/** @typedef {import('../shared/protocol.js').Client} Client */
/** @typedef {import('../shared/protocol.js').Loaded} Loaded */
/** @typedef {import('../shared/protocol.js').Steps} Steps */

/**
 * A call without its image.
 * @template {import('../shared/protocol.js').EngineCall} [C=Exclude<import('../shared/protocol.js').EngineCall, { kind: 'batch' | 'filters' | 'tune' | 'use-head' | 'visualize' }>]
 * @typedef {C extends unknown ? Omit<C, 'image'> : never} Question
 */

/**
 * @param {import('./shared-models.js').Place} place
 * @returns {import('./shared-models.js').Open}
 */
function opening({ worker, workerUrl }) {
  return async (request, hooks, signal) => {
    const localClient = /** @type {() => Promise<Client>} */ (platform.localClient);
    const openIn = async (/** @type {Client} */ client, /** @type {string | null} */ lack) => ({ client, loaded: await client.load({ ...request, lack }, hooks, signal) });
    const lack = platform.lackOfWorkers();
    if (!(worker ?? lack === null)) return openIn(await localClient(), lack);
    if (lack !== null) throw new InceptionError('unsupported', `${lack}: leave worker out`);
    try {
      return await openIn(new WorkerClient(workerUrl), null);
    } catch (error) {
      // A worker that is asked for is no matter of taste.
      if (!(error instanceof NoWorker) || worker) throw error;
      return openIn(await localClient(), error.message);
    }
  };
}

/** What `using` calls at the end of a block, where the language has it. */
const DISPOSE = /** @type {{ dispose?: symbol }} */ (Symbol).dispose ?? Symbol.for('Symbol.dispose');

/** Stands for the picture of a self-test without one. */
const GENERATED = Symbol('a generated picture');

/** A loaded model; documented in `index.d.ts`. */
export class Inception {
  #client;
  #info;
  #layers;
  #place;
  #disposed = false;
  /** @type {((head: import('../index.js').ModelInfo['head']) => void) | undefined} */
  #tellHead;
  /** The last head that was given is in use. @type {Promise<unknown>} */
  #turn = Promise.resolve();
  /** All that was asked so far is answered. @type {Promise<unknown>} */
  #asked = Promise.resolve();

  /**
   * @param {import('../shared/protocol.js').OpenClient} client
   * @param {Loaded} loaded
   * @param {import('./shared-models.js').Place & { wasmUrl: string | null, isShared: boolean }} place of its engine
   */
  constructor(client, { info, layers }, place) {
    this.#client = client;
    this.#info = info;
    this.#layers = layers;
    this.#place = place;
  }

  get layers() {
    return this.#layers;
  }

  get info() {
    return this.#info;
  }

  /**
   * @param {ModelSource} source
   * @param {LoadOptions} [options]
   * @returns {Promise<Inception>}
   */
  static async load(source, options = {}) {
    const { signal, onProgress, ...checked } = checkedLoadOptions(options);
    return withTheirs(signal, (stop, safe) => Inception.#load(source, { ...checked, onProgress: safe(onProgress) }, stop), (net) => net.dispose());
  }

  /**
   * @param {ModelSource} source
   * @param {LoadOptions} options that have been checked
   * @param {AbortSignal} signal
   */
  static async #load(source, { onProgress, onDevice, onKept, onHead, ...checked }, signal) {
    const places = placesOf(checked);
    const missing = lackOfPlace() ?? lackOfPlaces(places);
    if (missing !== null) throw new InceptionError('unsupported', missing);
    const modelsUrl = modelsFolder(places.modelsUrl);
    /** @type {import('./model-source.js').ResolvedModel | null} */
    let model = null;
    try {
      model = await resolveModel(source, modelsUrl, checked.cache ?? true, signal);
      const request = {
        ...model,
        sha256: checked.sha256 ?? model.sha256,
        cache: checked.cache ?? true,
        network: checked.network ?? null,
        activation: checked.activation ?? null,
        labels: checked.labels ?? null,
        preprocess: checked.preprocess ?? null,
        device: checked.device ?? 'auto',
        half: checked.halfWeights ?? false,
        threads: checked.threads ?? 'auto',
        modelsUrl,
        wasmUrl: places.wasmUrl && folder(places.wasmUrl),
        lack: null,
      };
      /** @type {Inception | undefined} */
      let net;
      const [tellDevice, tellKept] = [listener(onDevice), listener(onKept)];
      /** @type {import('../shared/protocol.js').ClientHooks} */
      const hooks = {
        onProgress,
        onDevice: ({ change, info }) => {
          if (net !== undefined) net.#info = info;
          if (change !== null) tellDevice?.(change);
        },
        onThreads: (threads) => {
          if (net !== undefined) net.#info = { ...net.#info, threads };
        },
        onKept: (cache) => {
          if (net !== undefined) net.#info = { ...net.#info, cache };
          tellKept?.(cache);
        },
      };
      const place = { worker: checked.worker, workerUrl: places.workerUrl && absolute(places.workerUrl) };
      const open = opening(place);
      const { client, loaded } = await (checked.shared ? openShared(request, place, hooks, signal, open) : open(request, hooks, signal));
      const opened = (net = new Inception(client, loaded, { ...place, wasmUrl: request.wasmUrl, isShared: checked.shared ?? false }));
      if (checked.head !== undefined) await opened.useHead(checked.head, { signal }).catch((error) => (opened.dispose(), Promise.reject(error)));
      opened.#tellHead = listener(onHead);
      return opened;
    } catch (error) {
      const failure = inceptionErrorFrom(error);
      throw model === null ? failure : withAdvice(failure, model);
    }
  }

  /**
   * @param {ModelSource} source
   * @param {LoadOptions} [options]
   * @returns {Promise<import('../index.js').ModelInfo['cache']>}
   */
  static async preload(source, options = {}) {
    const { cache, onKept } = checkedLoadOptions(options);
    if (cache === false) throw new InceptionError('bad-option', 'preload keeps the model in the browser\'s cache, which cache: false forbids');
    const kept = new Promise((resolve) => (options = { ...options, device: 'cpu', onKept: (cache) => [resolve(cache), onKept?.(cache)] }));
    const net = await Inception.load(source, options);
    try {
      return await (net.info.cache.kept === null ? kept : net.info.cache);
    } finally {
      net.dispose();
    }
  }

  static cache = keptFiles;

  static configure = configure;

  /** @param {{ modelsUrl?: string | URL }} [options] */
  static async catalog(options = {}) {
    const { modelsUrl } = placesOf(checkedCatalogOptions(options));
    return fetchCatalog(modelsFolder(modelsUrl), undefined);
  }

  /**
   * @param {ImageSource} image
   * @param {RunOptions} [options]
   * @returns {Promise<Result>}
   */
  async classify(image, options = {}) {
    return this.#run(image, checkedRunOptions(options));
  }

  /**
   * @param {Iterable<ImageSource>} images
   * @param {import('../index.js').BatchOptions} [options]
   * @returns {Promise<any>} documented in `index.d.ts`
   */
  async classifyBatch(images, options = {}) {
    const { signal, onModule, onResult, settled, ...run } = checkedBatchOptions(options);
    const list = imagesOf(images);
    return this.#inTurn(signal, async (stop, safe, turn) => {
      const outcomes = await classifyAll(list, {
        read: (image) => readImage(image, stop),
        run: async (some, onSteps) => (await turn, /** @type {Result[]} */ (await this.#client.call({ kind: 'batch', images: some, ...run }, stop, onSteps))),
        isOnGpu: () => this.#info.device === 'webgpu',
        signal: stop,
        onSteps: safe(modulesTo(onModule)),
        onResult,
        settled,
      });
      return settled ? outcomes : outcomes.map((outcome) => outcome.status === 'fulfilled' && outcome.value);
    });
  }

  /**
   * @param {ImageSource} image
   * @param {string} layer
   * @param {{ signal?: AbortSignal }} [options]
   */
  async features(image, layer, options = {}) {
    const signal = checkedSignal(options);
    const { layers } = await this.classify(image, { layers: [checkedLayer(layer)], topK: 0, signal });
    return /** @type {FeatureMaps} */ (layers[layer]);
  }

  /**
   * @param {ImageSource} image
   * @param {{ signal?: AbortSignal }} [options]
   */
  async embed(image, options = {}) {
    const signal = checkedSignal(options);
    const run = { layers: [], topK: 0, threshold: 0 };
    return /** @type {Promise<Float32Array>} */ (this.#ask(image, { kind: 'run', embed: true, ...run }, signal));
  }

  async filters() {
    this.#check();
    try {
      return /** @type {Filters} */ (await this.#client.call({ kind: 'filters' }, undefined));
    } catch (error) {
      throw inceptionErrorFrom(error);
    }
  }

  /**
   * @param {ImageSource} image
   * @param {number} classIndex
   * @param {{ off?: string[], signal?: AbortSignal }} [options]
   */
  async cam(image, classIndex, options = {}) {
    const { signal, ...wanted } = checkedClass(classIndex, options);
    return /** @type {Promise<Cam>} */ (this.#ask(image, { kind: 'cam', ...wanted }, signal));
  }

  /**
   * @param {ImageSource} image
   * @param {number} classIndex
   * @param {{ off?: string[], signal?: AbortSignal }} [options]
   */
  async contributions(image, classIndex, options = {}) {
    const { signal, ...wanted } = checkedClass(classIndex, options);
    return /** @type {Promise<Contributions>} */ (this.#ask(image, { kind: 'contributions', ...wanted }, signal));
  }

  /**
   * @param {ImageSource} image
   * @param {RunOptions & { off: string[] }} options
   */
  async ablate(image, options) {
    return this.#run(image, checkedAblateOptions(options));
  }

  /**
   * @param {ImageSource} image
   * @param {RankOptions} [options]
   */
  async rankBranches(image, options = {}) {
    const { signal, onProgress, ...wanted } = checkedRankOptions(options);
    return /** @type {Promise<BranchEffect[]>} */ (this.#ask(image, { kind: 'rank', ...wanted }, signal, stepsTo(onProgress)));
  }

  /**
   * @param {ImageSource} image
   * @param {import('../index.js').ProfileOptions} [options]
   */
  async profile(image, options = {}) {
    const { signal, onProgress } = checkedProfileOptions(options);
    return /** @type {Promise<LayerTime[]>} */ (this.#ask(image, { kind: 'profile' }, signal, stepsTo(onProgress)));
  }

  /** @param {import('../index.js').TuneOptions} [options] */
  async tune(options = {}) {
    const { signal, onProgress, undo = false, keep = true } = checkedTuneOptions(options);
    return this.#inTurn(signal, async (stop, safe, turn) => {
      await turn;
      return /** @type {Promise<import('../index.js').Tuned>} */ (this.#client.call({ kind: 'tune', undo, keep }, stop, safe(stepsTo(onProgress))));
    });
  }

  /**
   * @param {ImageSource} image
   * @param {import('../gradients.js').GradientOptions} options
   */
  async gradient(image, options) {
    const { signal, ...wanted } = checkedGradientOptions(options);
    return /** @type {Promise<import('../gradients.js').Gradients>} */ (this.#ask(image, { kind: 'gradient', ...wanted }, signal));
  }

  /**
   * @param {ImageSource} image
   * @param {number} classIndex
   * @param {string} layer
   * @param {import('../gradients.js').GradCamOptions} [options]
   */
  async gradCam(image, classIndex, layer, options = {}) {
    const { signal, ...wanted } = checkedGradCam(classIndex, layer, options);
    return /** @type {Promise<import('../gradients.js').GradCam>} */ (this.#ask(image, { kind: 'grad-cam', ...wanted }, signal));
  }

  /**
   * @param {ImageSource} image
   * @param {number} classIndex
   * @param {import('../gradients.js').SaliencyOptions} [options]
   */
  async saliency(image, classIndex, options = {}) {
    const { signal, onProgress, ...wanted } = checkedSaliency(classIndex, options);
    return /** @type {Promise<import('../gradients.js').Saliency>} */ (this.#ask(image, { kind: 'saliency', ...wanted }, signal, stepsTo(onProgress)));
  }

  /**
   * @param {import('../gradients.js').Target} target
   * @param {import('../gradients.js').VisualizeOptions} [options]
   */
  async visualize(target, options = {}) {
    const { signal, onStep, ...wanted } = checkedVisualize(target, options);
    return this.#inTurn(signal, async (stop, safe, turn) => {
      await turn;
      return /** @type {Promise<import('../gradients.js').Grown>} */ (this.#client.call({ kind: 'visualize', ...wanted }, stop, safe(drawnTo(onStep))));
    });
  }

  /**
   * @param {ImageSource} image
   * @param {import('../gradients.js').DreamTarget} target
   * @param {import('../gradients.js').DreamOptions} [options]
   */
  async dream(image, target, options = {}) {
    const { signal, onStep, layer, branches, ...wanted } = checkedDream(target, options);
    const weights = this.#weightsOf(layer, branches);
    return /** @type {Promise<import('../gradients.js').Drawn>} */ (this.#ask(image, { kind: 'dream', layer, weights, ...wanted }, signal, drawnTo(onStep)));
  }

  /**
   * A factor for each channel of a layer.
   * @param {string} layer
   * @param {Record<string, number>} branches
   * @throws {InceptionError} `unknown-layer`; `bad-option` for what is no branch of it
   */
  #weightsOf(layer, branches) {
    const named = (/** @type {string} */ name) => this.#layers.find((layer) => layer.name === name);
    const found = named(layer);
    if (found === undefined) throw new InceptionError('unknown-layer', `there is no layer ${layer} in ${this.#info.network}; there is for example ${this.#layers[0]?.name}`);
    const parts = found.kind === 'concat' ? found.inputs : [];
    const stray = Object.keys(branches).find((name) => !parts.includes(name));
    if (stray !== undefined) throw new InceptionError('bad-option', `${stray} is no branch of ${layer}${parts.length > 0 ? `, which has ${parts.join(', ')}` : ''}`);
    if (parts.length === 0) return Array.from({ length: found.shape[0] }, () => 1);
    return parts.flatMap((part) => Array.from({ length: named(part)?.shape[0] ?? 0 }, () => branches[part] ?? 1));
  }

  /** @param {ImageSource} [image] */
  async selfTest(image) {
    return /** @type {Promise<ParityReport>} */ (this.#ask(image === undefined ? GENERATED : image, { kind: 'self-test' }, undefined));
  }

  /** @param {import('../teacher.js').TeachOptions} [options] */
  async teach(options = {}) {
    const { multiLabel = false } = checkedTeachOptions(options);
    this.#check();
    const { Teacher } = await platform.teaching();
    return new Teacher(
      {
        info: () => this.#info,
        features: (image, signal) => /** @type {Promise<Float32Array>} */ (this.#ask(image, { kind: 'taught-features' }, signal)),
        check: () => this.#check(),
        wasmUrl: this.#place.wasmUrl,
        place: this.#place,
      },
      multiLabel,
    );
  }

  /**
   * @param {import('../index.js').HeadSource | null} head
   * @param {{ signal?: AbortSignal }} [options]
   */
  async useHead(head, options = {}) {
    const signal = checkedSignal(options);
    checkedHead(head, this.#place.isShared);
    this.#check();
    const [turn, asked] = [this.#turn, this.#asked];
    const used = turn.then(async () => {
      const values = head === null ? null : await (await platform.teaching()).headOf(head, { info: this.#info, layers: this.#layers }, signal);
      await asked;
      const { info, layers } = /** @type {Loaded} */ (await this.#client.call({ kind: 'use-head', head: values }, signal));
      this.#info = info;
      this.#layers = layers;
      this.#tellHead?.(info.head);
    });
    this.#turn = used.catch(() => undefined);
    return used.catch((error) => Promise.reject(inceptionErrorFrom(error)));
  }

  #check() {
    if (this.#disposed) throw disposedError();
  }

  get disposed() {
    return this.#disposed;
  }

  dispose() {
    this.#disposed = true;
    this.#client.dispose();
  }

  [DISPOSE]() {
    this.dispose();
  }

  /**
   * @param {ImageSource} image
   * @param {ReturnType<typeof checkedRunOptions>} options
   */
  #run(image, { signal, onModule, ...run }) {
    return /** @type {Promise<Result>} */ (this.#ask(image, { kind: 'run', embed: false, ...run }, signal, modulesTo(onModule)));
  }

  /**
   * @param {ImageSource | typeof GENERATED} source
   * @param {Question} question
   * @param {AbortSignal | undefined} signal
   * @param {(steps: Steps) => void} [onSteps]
   */
  async #ask(source, question, signal, onSteps) {
    return this.#inTurn(signal, async (stop, safe, turn) => {
      const image = source === GENERATED ? testPicture() : await readImage(source, stop);
      await turn;
      return this.#client.call({ ...question, image }, stop, safe(onSteps));
    });
  }

  /**
   * A call between the head that was given last, which its `turn` waits for, and the next one.
   * @template T
   * @param {AbortSignal | undefined} signal
   * @param {(stop: AbortSignal, safe: import('./theirs.js').Safe, turn: Promise<unknown>) => Promise<T>} work
   * @returns {Promise<T>}
   */
  #inTurn(signal, work) {
    this.#check();
    const turn = this.#turn;
    const call = withTheirs(signal, (stop, safe) => work(stop, safe, turn));
    this.#asked = Promise.allSettled([this.#asked, call]).then(() => undefined);
    return call;
  }
}

// Vue's `ref` and `reactive` leave such objects as they are: behind a proxy a class does not find its private members.
Object.defineProperty(Inception.prototype, '__v_skip', { value: true });

/** @param {RunOptions['onModule']} onModule */
function modulesTo(onModule) {
  return onModule && ((/** @type {Steps} */ { layer = '', done, total }) => onModule(layer, done, total));
}

/** @param {((step: number, steps: number, picture: any) => void) | undefined} onStep */
function drawnTo(onStep) {
  return onStep && ((/** @type {Steps} */ { done, total, picture }) => onStep(done, total, picture ?? null));
}

/** @param {((done: number, total: number) => void) | undefined} onProgress */
function stepsTo(onProgress) {
  return onProgress && ((/** @type {Steps} */ { done, total }) => onProgress(done, total));
}
