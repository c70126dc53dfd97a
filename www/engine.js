import { activityOf, keptLayers } from './lanes.js';
import { branchMapsFrom } from './maps.js';
import { networkOf } from './network.js';
import { NOT_TESTED } from './state.js';
import { firstChoice, readCatalog, titleOf, withReachability } from './catalog.js';

/** @typedef {import('./state.js').Choice} Choice */
/** @typedef {import('./state.js').Failure} Failure */
/** @typedef {import('../pkg/dist/index.js').FeatureMaps} FeatureMaps */
/** @typedef {import('../pkg/dist/index.js').DeviceChange} DeviceChange */
/** @typedef {import('./state.js').Model} Model */
/** @typedef {import('./state.js').ModuleMaps} ModuleMaps */
/** @typedef {import('./state.js').Picture} Picture */
/** @typedef {import('../pkg/dist/index.js').Inception} Net */

/** Classes in an answer. */
const ANSWERS = 5;

/** The one place that calls the engine: loads models, runs pictures, and puts what comes back into the store. */
export class Engine {
  /** @type {Net | null} */
  #net = null;
  #loading = new AbortController();
  #running = new AbortController();
  /** Every branch's output in the last run. @type {Record<string, FeatureMaps>} */
  #kept = {};

  /**
   * @param {import('./state.js').Store} store
   * @param {typeof import('../pkg/dist/index.js').Inception} Inception
   */
  constructor(store, Inception) {
    this.store = store;
    this.Inception = Inception;
  }

  /**
   * Reads the catalog, loads a first model, and finds out meanwhile which others can be reached.
   * @param {string | null} preferred id of the model in the page's address
   */
  async start(preferred) {
    const { store } = this;
    const catalog = await readCatalog(this.Inception);
    store.set({ catalog });
    const first = firstChoice(catalog.entries, preferred);
    if (first !== null) this.load(first);
    store.set({ catalog: { ...catalog, entries: await withReachability(catalog.entries) } });
  }

  /**
   * Loads a model beside the one in use, which stays until the new one is ready.
   * @param {Choice} choice
   */
  async load(choice) {
    const { store } = this;
    this.#loading.abort();
    const { signal } = (this.#loading = new AbortController());
    const { device } = store.state;
    /** @type {Net | null} */
    let net = null;
    /** @type {DeviceChange | null} */
    let moved = null;
    const title = titleOf(choice, store.state.catalog.entries);
    store.set({ loading: { choice, title, progress: null, failure: null } });
    try {
      net = await this.Inception.load(choice.kind === 'catalog' ? choice.id : choice.files, {
        signal,
        device,
        onDevice: (change) => {
          moved = change;
          if (net !== null && net === this.#net) this.#moved(net, change);
        },
        onProgress: (progress) => {
          if (!signal.aborted) store.set({ loading: { choice, title, progress, failure: null } });
        },
      });
      if (signal.aborted) return net.dispose();
      this.#use(net, { choice, asked: device }, moved);
    } catch (error) {
      if (signal.aborted) return;
      store.set({ loading: { choice, title, progress: null, failure: failureFrom(error, this.#subject(choice, title)) } });
    }
  }

  cancelLoad() {
    this.#loading.abort();
    this.store.set({ loading: null });
  }

  /** @param {Picture} picture the next to be run, now or when a model is ready */
  show(picture) {
    this.store.set({ picture, pictureFailure: null });
    this.run();
  }

  /** @param {string} module its maps are those of the last run */
  open(module) {
    const { model } = this.store.state;
    this.store.set({ module, maps: model && this.#mapsOf(model, module) });
  }

  /** Runs the picture that is shown, keeping every branch, so that any module can be opened afterwards. */
  async run() {
    const { store } = this;
    const { picture, model } = store.state;
    if (this.#net === null || picture === null || model === null) return;
    this.#running.abort();
    const { signal } = (this.#running = new AbortController());
    const topK = model.info.classes > 0 ? ANSWERS : 0;
    const moved = store.state.moved?.to === 'webgpu' ? null : store.state.moved;
    store.set({ run: { ...store.state.run, status: 'running', purpose: 'answer', failure: null }, moved });
    try {
      const { layers, ...result } = await this.#net.classify(picture.blob, { topK, layers: keptLayers(model.network.modules), signal });
      if (signal.aborted) return;
      const activity = this.#keep(model, layers);
      const maps = this.#mapsOf(model, store.state.module);
      store.set({ run: { status: 'done', purpose: 'answer', result, of: picture, failure: null }, activity, maps });
    } catch (error) {
      if (!signal.aborted) this.#failed(failureFrom(error, model.info.title));
    }
  }

  cancelRun() {
    this.#running.abort();
    this.store.set({ run: { ...this.store.state.run, status: 'cancelled' } });
  }

  /** Runs the picture that is shown, or a generated one, on the GPU and on the CPU. */
  async selfTest() {
    const { store } = this;
    const net = this.#net;
    if (net === null || store.state.selfTest.status === 'running') return;
    store.set({ selfTest: { ...NOT_TESTED, status: 'running' } });
    try {
      const { worst, ok } = await net.selfTest(store.state.picture?.blob);
      if (net !== this.#net) return;
      store.set({ selfTest: { status: 'done', result: { layer: worst.layer, error: worst.relativeError, ok }, failure: null } });
    } catch (error) {
      if (net !== this.#net) return;
      store.set({ selfTest: { status: 'failed', result: null, failure: failureFrom(error, store.state.model?.info.title ?? '') } });
    }
  }

  /**
   * Takes over what a run kept: the branches whole, of all else only what the map shows.
   * @param {Model} model
   * @param {Record<string, FeatureMaps>} layers
   */
  #keep({ network: { modules } }, layers) {
    const branches = modules.flatMap((module) => module.branches.map(({ name }) => name));
    this.#kept = Object.fromEntries(branches.flatMap((name) => (layers[name] ? [[name, layers[name]]] : [])));
    return activityOf(modules, layers);
  }

  /**
   * @param {Model} model
   * @param {string | null} name
   * @returns {ModuleMaps | null} null before a run
   */
  #mapsOf({ network }, name) {
    const module = network.modules.find((candidate) => candidate.name === name);
    const kept = module?.branches.flatMap((branch) => this.#kept[branch.name] ?? []) ?? [];
    return module && kept.length > 0 ? { module: module.name, branches: kept.map(branchMapsFrom) } : null;
  }

  /**
   * @param {Net} net
   * @param {DeviceChange} change
   */
  #moved({ info }, change) {
    const { model, selfTest } = this.store.state;
    if (model === null) return;
    const kept = selfTest.status === 'running' ? selfTest : NOT_TESTED;
    this.store.set({ model: { ...model, info }, moved: change, selfTest: kept });
  }

  /**
   * @param {Net} net
   * @param {Pick<import('./state.js').Model, 'choice' | 'asked'>} how it was loaded
   * @param {DeviceChange | null} moved what happened meanwhile
   */
  #use(net, { choice, asked }, moved) {
    const { store } = this;
    this.#running.abort();
    this.#net?.dispose();
    this.#net = net;
    this.#kept = {};
    const network = networkOf(net.layers);
    const { modules } = network;
    const module = (modules.find(({ name }) => name === store.state.module) ?? modules[0])?.name ?? null;
    store.set({
      loading: null,
      model: { choice, asked, info: net.info, network },
      moved,
      selfTest: NOT_TESTED,
      module,
      maps: null,
      activity: null,
      openStacks: new Set(),
      run: { status: 'idle', purpose: 'answer', result: null, of: null, failure: null },
    });
    this.run();
  }

  /** A picture that cannot be read gives way to the one before it. @param {Failure} failure */
  #failed(failure) {
    const { store } = this;
    const { run } = store.state;
    if (failure.code !== 'bad-image') {
      store.set({ run: { ...run, status: 'failed', failure } });
      return;
    }
    const status = run.result === null ? 'idle' : 'done';
    store.set({ picture: run.of, pictureFailure: failure, run: { ...run, status } });
  }

  /**
   * What a sentence about this model names: the host, the id.
   * @param {Choice} choice
   * @param {string} title
   */
  #subject(choice, title) {
    return choice.kind === 'catalog' && !this.store.state.catalog.entries.some(({ id }) => id === choice.id) ? choice.id : title;
  }
}

/**
 * @param {unknown} error
 * @param {string} subject named where the error's own words would repeat the sentence around them
 * @returns {Failure}
 */
function failureFrom(error, subject) {
  const { code = 'internal', message = String(error) } = /** @type {{ code?: string, message?: string }} */ (error ?? {});
  const namesSubject = code === 'network' || code === 'out-of-memory' || code === 'unknown-model';
  return { code, detail: namesSubject ? subject : message.replace(/\.$/, '') };
}
