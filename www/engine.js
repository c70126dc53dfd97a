import { isLive } from './camera.js';
import { activityOf, keptLayers } from './lanes.js';
import { branchMapsFrom } from './maps.js';
import { networkOf } from './network.js';
import { openModule } from './shown.js';
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

/** Every branch's output in a run, and what the map shows of it. @typedef {{ layers: Record<string, FeatureMaps>, activity: import('./lanes.js').Activity | null }} Kept */

/** @type {Kept} */
const NOTHING_KEPT = { layers: {}, activity: null };
/** Classes in an answer. */
const ANSWERS = 5;
/** What another module begins with. */
const NOTHING_READ = { inner: new Map(), innerMaps: new Map(), spot: null, pin: null, large: false };

/** The one place that calls the engine: loads models, runs pictures, and puts what comes back into the store. */
export class Engine {
  /** @type {Net | null} */
  #net = null;
  #loading = new AbortController();
  #running = new AbortController();
  #switching = new AbortController();
  #ranking = new AbortController();
  /** The last run with nothing off. @type {Kept} */
  #whole = NOTHING_KEPT;
  /** The last run: with branches off where some are. @type {Kept} */
  #shown = NOTHING_KEPT;
  #explaining = new AbortController();

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

  /** The model in use, for runs beside those of the page. */
  get net() {
    return this.#net;
  }

  /** @param {Picture} picture the next to be run, now or when a model is ready */
  show(picture) {
    this.#explaining.abort();
    this.store.set({ picture, pictureFailure: null });
    this.run();
  }

  /** @param {string} module its maps are those of the last run */
  open(module) {
    const { model } = this.store.state;
    this.store.set({ module, maps: model && this.#mapsOf(model, module), ...NOTHING_READ });
  }

  /** Runs the picture that is shown, keeping every branch, so that any module can be opened afterwards. */
  async run() {
    const { store } = this;
    const { picture, model } = store.state;
    if (this.#net === null || picture === null || model === null || isLive(store.state)) return;
    this.#running.abort();
    this.#switching.abort();
    this.#ranking.abort();
    const { signal } = (this.#running = new AbortController());
    const topK = model.info.classes > 0 ? ANSWERS : 0;
    const moved = store.state.moved?.to === 'webgpu' ? null : store.state.moved;
    store.set({ run: { ...store.state.run, status: 'running', purpose: 'answer', failure: null }, ranking: null, moved });
    try {
      const { layers, ...result } = await this.#net.classify(picture.blob, { topK, layers: keptLayers(model.network.modules), signal });
      if (signal.aborted) return;
      const innerMaps = store.state.run.of === picture ? store.state.innerMaps : new Map();
      this.#whole = keptFrom(model.network.modules, layers);
      store.set({ run: { status: 'done', purpose: 'answer', result, of: picture, failure: null }, shift: null, innerMaps, ...this.#show(model, this.#whole) });
      this.#switch();
      this.explain();
    } catch (error) {
      if (!signal.aborted) this.#failed(failureFrom(error, model.info.title));
    }
  }

  /**
   * Runs a frame of the camera, with the branches off that are off, and shows it with its answer and the open module.
   * @param {Picture} frame
   * @param {AbortSignal} signal
   * @returns {Promise<'classified' | 'shown' | 'dropped' | 'failed'>} shown: there is no model yet
   */
  async runFrame(frame, signal) {
    const { store } = this;
    const net = this.#net;
    const { model, off, inner } = store.state;
    const module = openModule(store.state);
    this.#ranking.abort();
    if (net === null || model === null || module === null) {
      store.set({ picture: frame, pictureFailure: null });
      return 'shown';
    }
    const topK = model.info.classes > 0 ? ANSWERS : 0;
    try {
      const wanted = [...keptLayers([module]), ...inner.values()];
      const { layers, ...result } = await net.ablate(frame.blob, { off: [...off], topK, layers: wanted, signal });
      if (signal.aborted || net !== this.#net) return 'dropped';
      const innerMaps = new Map([...inner.values()].flatMap((name) => (layers[name] ? [[name, branchMapsFrom(layers[name])]] : [])));
      this.#whole = keptFrom([module], layers);
      const run = { status: /** @type {const} */ ('done'), purpose: /** @type {const} */ ('answer'), result, of: frame, failure: null };
      store.set({ picture: frame, pictureFailure: null, run, shift: null, ranking: null, explanation: null, innerMaps, ...this.#show(model, this.#whole) });
      return 'classified';
    } catch {
      return signal.aborted || net !== this.#net ? 'dropped' : 'failed';
    }
  }

  cancelRun() {
    this.#running.abort();
    this.store.set({ run: { ...this.store.state.run, status: 'cancelled' } });
    this.#keepSwitched();
  }

  /**
   * @param {string[]} branches
   * @param {boolean} on
   */
  switchBranches(branches, on) {
    const off = new Set(this.store.state.off);
    for (const branch of branches) {
      if (on) off.delete(branch);
      else off.add(branch);
    }
    this.store.set({ off });
    this.#switch();
  }

  /** Runs the picture with the branches off that are to be, and shows that run; a run at work does so when it ends. */
  async #switch() {
    const { store } = this;
    const { off, model, picture, run, shift } = store.state;
    if (this.#net === null || picture === null || model === null || run.of !== picture || isLive(store.state) || (run.status === 'running' && run.purpose === 'answer')) return;
    this.#switching.abort();
    if (off.size === 0) {
      store.set({ shift: null, innerMaps: new Map(), ...this.#show(model, this.#whole) });
      this.#runInner();
      return;
    }
    this.#ranking.abort();
    const { signal } = (this.#switching = new AbortController());
    store.set({ shift: { status: 'running', off, result: shift?.result ?? null, failure: null } });
    try {
      const options = { off: [...off], topK: model.info.classes, layers: keptLayers(model.network.modules), signal };
      const { layers, ...result } = await this.#net.ablate(picture.blob, options);
      if (signal.aborted) return;
      store.set({ shift: { status: 'done', off, result, failure: null }, innerMaps: new Map(), ...this.#show(model, keptFrom(model.network.modules, layers)) });
      this.#runInner();
    } catch (error) {
      if (signal.aborted) return;
      store.set({ shift: { status: 'failed', off, result: shift?.result ?? null, failure: failureFrom(error, model.info.title) } });
    }
  }

  /** After a run that gave nothing: what is off may have changed meanwhile, and a run with branches off was stopped for it. */
  #keepSwitched() {
    const { off, shift } = this.store.state;
    if (off.size > 0 || shift !== null) this.#switch();
  }

  /** Switches each branch off in turn. */
  async rank() {
    const { store } = this;
    const { picture, run, model } = store.state;
    const [of] = run.result?.predictions ?? [];
    if (this.#net === null || picture === null || model === null || of === undefined) return;
    this.#ranking.abort();
    const { signal } = (this.#ranking = new AbortController());
    signal.addEventListener('abort', () => {
      if (store.state.ranking?.status === 'running') store.set({ ranking: { ...store.state.ranking, status: 'cancelled' } });
    });
    /** @type {import('./shift.js').Ranking} */
    const begun = { status: 'running', of, done: 0, total: 0, effects: [], failure: null };
    store.set({ ranking: begun });
    const onProgress = (/** @type {number} */ done, /** @type {number} */ total) => {
      if (!signal.aborted) store.set({ ranking: { ...begun, done, total } });
    };
    try {
      const effects = await this.#net.rankBranches(picture.blob, { classIndex: of.index, signal, onProgress });
      if (!signal.aborted) store.set({ ranking: { ...begun, status: 'done', effects } });
    } catch (error) {
      if (!signal.aborted) store.set({ ranking: { ...begun, status: 'failed', failure: failureFrom(error, model.info.title) } });
    }
  }

  cancelRanking() {
    this.#ranking.abort();
  }

  /**
   * Shows a layer inside a branch of the open module instead of the branch's end.
   * @param {string} branch
   * @param {string | null} layer null: its end
   */
  openInner(branch, layer) {
    const { store } = this;
    const inner = new Map(store.state.inner);
    if (layer === null) inner.delete(branch);
    else inner.set(branch, layer);
    store.set({ inner, spot: null, pin: null, large: false });
    this.#runInner();
  }

  /** Runs the picture once more for each opened layer whose maps are not known. */
  async #runInner() {
    const { store } = this;
    const { inner, innerMaps, run, picture, model, off } = store.state;
    const layer = [...inner.values()].find((name) => !innerMaps.has(name));
    if (this.#net === null || layer === undefined || picture === null || model === null || run.of !== picture || isLive(store.state)) return;
    this.#running.abort();
    const { signal } = (this.#running = new AbortController());
    store.set({ run: { ...run, status: 'running', purpose: 'module', failure: null } });
    try {
      const { layers } = await this.#net.ablate(picture.blob, { off: [...off], layers: [layer], topK: 0, signal });
      const maps = layers[layer];
      if (signal.aborted || maps === undefined) return;
      store.set({ run: { ...store.state.run, status: 'done' } });
      if (store.state.off !== off) return;
      store.set({ innerMaps: new Map(store.state.innerMaps).set(layer, branchMapsFrom(maps)) });
      this.#runInner();
    } catch (error) {
      if (!signal.aborted) this.#failed(failureFrom(error, model.info.title));
    }
  }

  /** Says where the chosen class's logit comes from, once there is a result; what is known already is kept. */
  async explain() {
    const { store } = this;
    const { explanation, run, model, picture, look } = store.state;
    const isSorted = look.sort === 'contribution';
    const classIndex = store.state.chosen ?? (isSorted ? (run.result?.predictions[0]?.index ?? null) : null);
    const net = this.#net;
    if (net === null || model === null || picture === null || classIndex === null || run.of !== picture || isLive(store.state)) return;
    if (explanation?.classIndex === classIndex && explanation.of === picture && explanation.status !== 'failed') return;
    this.#explaining.abort();
    const { signal } = (this.#explaining = new AbortController());
    const about = { classIndex, of: picture, cam: null, contributions: null, failure: null };
    store.set({ chosen: classIndex, explanation: { ...about, status: 'running' } });
    try {
      const cam = await net.cam(picture.blob, classIndex, { signal });
      const contributions = await net.contributions(picture.blob, classIndex, { signal });
      if (!signal.aborted) store.set({ explanation: { ...about, cam, contributions, status: 'done' } });
    } catch (error) {
      if (!signal.aborted) store.set({ explanation: { ...about, status: 'failed', failure: failureFrom(error, model.info.title) } });
    }
  }

  /** Times every layer on the picture that is shown. */
  async measure() {
    const { store } = this;
    const net = this.#net;
    const { picture, model, times } = store.state;
    if (net === null || picture === null || model === null || times?.status === 'running') return;
    store.set({ times: { status: 'running', layers: times?.layers ?? [], failure: null } });
    /** @type {import('./times.js').Times} */
    let measured;
    try {
      measured = { status: 'done', layers: await net.profile(picture.blob), failure: null };
    } catch (error) {
      measured = { status: 'failed', layers: [], failure: failureFrom(error, model.info.title) };
    }
    if (net === this.#net) store.set({ times: measured });
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
   * @param {Model} model
   * @param {Kept} kept what the map and the open module show from now on
   */
  #show(model, kept) {
    this.#shown = kept;
    return { activity: kept.activity, maps: this.#mapsOf(model, this.store.state.module) };
  }

  /**
   * @param {Model} model
   * @param {string | null} name
   * @returns {ModuleMaps | null} null before a run
   */
  #mapsOf({ network }, name) {
    const module = network.modules.find((candidate) => candidate.name === name);
    const kept = module?.branches.flatMap((branch) => this.#shown.layers[branch.name] ?? []) ?? [];
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
    this.store.set({ model: { ...model, info }, moved: change, selfTest: kept, times: null });
  }

  /**
   * @param {Net} net
   * @param {Pick<import('./state.js').Model, 'choice' | 'asked'>} how it was loaded
   * @param {DeviceChange | null} moved what happened meanwhile
   */
  #use(net, { choice, asked }, moved) {
    const { store } = this;
    this.#running.abort();
    this.#switching.abort();
    this.#ranking.abort();
    this.#explaining.abort();
    this.#net?.dispose();
    this.#net = net;
    this.#whole = this.#shown = NOTHING_KEPT;
    const network = networkOf(net.layers);
    const { modules } = network;
    const module = (modules.find(({ name }) => name === store.state.module) ?? modules[0])?.name ?? null;
    store.set({
      loading: null,
      model: { choice, asked, info: net.info, network, layers: new Map(net.layers.map((layer) => [layer.name, layer])) },
      ...NOTHING_READ,
      ...pinned(store.state.pin, net.layers, module),
      chosen: null,
      explanation: null,
      moved,
      selfTest: NOT_TESTED,
      module,
      maps: null,
      activity: null,
      off: new Set(),
      shift: null,
      ranking: null,
      times: null,
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
    } else {
      const status = run.result === null ? 'idle' : 'done';
      store.set({ picture: run.of, pictureFailure: failure, run: { ...run, status } });
    }
    this.#keepSwitched();
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
 * Takes over what a run kept: the branches whole, of all else only what the map shows.
 * @param {import('./network.js').Module[]} modules that ran
 * @param {Record<string, FeatureMaps>} layers
 * @returns {Kept}
 */
export function keptFrom(modules, layers) {
  const names = new Set(modules.flatMap((module) => module.branches.map(({ name }) => name)));
  return { layers: Object.fromEntries(Object.entries(layers).filter(([name]) => names.has(name))), activity: activityOf(modules, layers) };
}

/**
 * A pinned value that the open module has stays so, and what it is of is shown.
 * @param {import('./state.js').Spot | null} pin
 * @param {import('../pkg/dist/index.js').LayerInfo[]} layers
 * @param {string | null} module
 * @returns {Pick<import('./state.js').State, 'pin' | 'inner'>}
 */
function pinned(pin, layers, module) {
  const layer = layers.find(({ name }) => name === pin?.layer);
  const branch = layers.find((other) => other.kind === 'branch' && other.module === module && other.branch === layer?.branch);
  if (layer?.module !== module || branch === undefined) return { pin: null, inner: new Map() };
  return { pin, inner: layer === branch ? new Map() : new Map([[branch.name, layer.name]]) };
}

/**
 * @param {unknown} error
 * @param {string} subject named where the error's own words would repeat the sentence around them
 * @returns {Failure}
 */
export function failureFrom(error, subject) {
  const { code = 'internal', message = String(error) } = /** @type {{ code?: string, message?: string }} */ (error ?? {});
  const namesSubject = code === 'network' || code === 'out-of-memory' || code === 'unknown-model';
  return { code, detail: namesSubject ? subject : message.replace(/\.$/, '') };
}
