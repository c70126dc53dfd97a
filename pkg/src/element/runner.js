import { NOTHING_KEPT, asked, keptFrom, withFormer } from './kept.js';
import { withOthers } from './lanes.js';
import { branchMapsFrom } from './maps.js';
import { canOpen, moduleNamed, networkOf } from './network.js';
import { imageOf, pictureBrought, pictureFailureFrom } from './pictures.js';
import { Questions, failureFrom, sameBranches } from './questions.js';
import { Reasons } from './reasons.js';
import { nothingRead, withoutModel } from './state.js';
import { awaited, existing, isClass, isSame, lookFrom, opened, pinned, settingsFrom } from './view-of.js';

/** @typedef {import('../index.js').Inception} Net */
/** @typedef {import('./kept.js').Kept} Kept */
/** @typedef {import('./state.js').Failure} Failure */
/** @typedef {import('./state.js').Model} Model */
/** @typedef {import('./state.js').ModuleMaps} ModuleMaps */
/** @typedef {import('./state.js').Picture} Picture */

/** Classes in an answer. */
export const ANSWERS = 5;

/** Runs pictures on the network and puts what comes back into the store; with its questions and reasons, the one place that calls a network. */
export class Runner {
  /** @type {Net | null} */
  #net = null;
  #running = new AbortController();
  #switching = new AbortController();
  /** The last run with nothing off. @type {Kept} */
  #whole = NOTHING_KEPT;
  /** The last run: with branches off where some are. @type {Kept} */
  #shown = NOTHING_KEPT;
  #questions;
  #reasons;
  /** What was shown before the picture that is. @type {Picture | null} */
  #former = null;
  /** Pictures that were asked for. */
  #asked = 0;

  /**
   * @param {import('./state.js').Store} store
   * @param {(model: File[]) => boolean} giveModel is given a model that came where pictures do, and says whether it is taken
   */
  constructor(store, giveModel) {
    this.store = store;
    this.giveModel = giveModel;
    this.#questions = new Questions(store);
    this.#reasons = new Reasons(store, () => this.#net);
  }

  get net() {
    return this.#net;
  }

  /**
   * Shows another network, and runs the picture on it. It stays its owner's.
   * @param {Net | null} net
   */
  use(net) {
    const { store } = this;
    this.#running.abort();
    this.#switching.abort();
    this.#questions.stop();
    this.#reasons.stop();
    this.#net = net;
    this.#questions.net = net;
    this.#whole = this.#shown = NOTHING_KEPT;
    if (net === null) return store.set({ model: null, ...withoutModel() });
    const network = networkOf(net.layers);
    const module = canOpen(network, store.state.module) ? store.state.module : (network.modules[0]?.name ?? null);
    const model = { info: net.info, network, layers: new Map(net.layers.map((layer) => [layer.name, layer])) };
    const place = pinned(existing(store.state.pin, model.layers), network, module);
    const isFirst = store.state.model === null;
    const asked = isFirst ? awaited({ ...store.state, ...place }, model) : {};
    const inner = new Map([...(isFirst ? opened([...store.state.inner.values()], network, module) : []), ...place.inner]);
    store.set({ model, ...withoutModel(), ...place, ...asked, inner, module });
    this.run();
  }

  /**
   * Shows the picture that was asked for last.
   * @param {import('./index.js').PictureSource} source
   * @param {string} [name]
   */
  async showSource(source, name) {
    const mine = ++this.#asked;
    try {
      const picture = await pictureBrought(source, name, this.giveModel);
      if (mine === this.#asked && picture !== null) this.show({ source, ...picture });
    } catch (error) {
      if (mine === this.#asked) this.store.set({ pictureFailure: pictureFailureFrom(error) });
    }
  }

  /** @param {Picture} picture the next to be run, now or when a model is ready */
  show(picture) {
    this.#questions.stopExplaining();
    this.#reasons.stop();
    if (!this.store.state.live) this.#former = this.store.state.picture;
    this.store.set({ picture, pictureFailure: null, live: false });
    this.run();
  }

  /** @param {string} module or stem or head; its maps are those of the last run */
  open(module) {
    const { model } = this.store.state;
    this.store.set({ module, maps: model && this.#mapsOf(model, module), pin: null, ...nothingRead() });
    this.explain();
  }

  /**
   * Changes at once what is looked at, as far as the network has it.
   * @param {Partial<import('./index.js').InspectorView>} view
   */
  lookAt(view) {
    const { store } = this;
    const { model, module, look } = store.state;
    const changes = { look: lookFrom(view, look), ...settingsFrom(view, store.state), ...this.#opened(view.layer) };
    if (model !== null && !isClass(changes.chosen, model.info)) changes.chosen = null;
    const pin = isSame(view.pin, store.state.pin) ? undefined : view.pin;
    if (pin === undefined) store.set(changes);
    else if (model === null) store.set({ ...changes, pin });
    else store.set({ ...changes, spot: null, large: false, ...pinned(existing(pin, model.layers), model.network, changes.module ?? module) });
    if (view.large !== undefined) store.set({ large: view.large && store.state.pin !== null });
    if (view.inner !== undefined) this.#lookInto(view.inner);
    if (pin !== undefined || view.inner !== undefined) this.#runInner();
    if (view.off !== undefined) this.#switchTo(new Set(view.off));
    this.explain();
  }

  /** @param {string[]} names of layers that are to be shown instead of the ends of their branches; that of the pinned value is, whatever they are */
  #lookInto(names) {
    const { model, module, pin, inner } = this.store.state;
    const asked = model === null ? new Map(names.map((name) => [name, name])) : opened([...names, ...(pin === null ? [] : [pin.layer])], model.network, module);
    const isSameAsNow = asked.size === inner.size && [...asked].every(([branch, layer]) => inner.get(branch) === layer);
    if (!isSameAsNow) this.store.set({ inner: asked });
  }

  /**
   * @param {string | null | undefined} name
   * @returns {Partial<import('./state.js').State>} the opening of that module, the stem or the head; nothing where it is open or the network has none
   */
  #opened(name) {
    const { model, module } = this.store.state;
    if (name === undefined || name === module) return {};
    if (model === null) return { module: name };
    if (!canOpen(model.network, name)) return {};
    return { module: name, maps: this.#mapsOf(model, name), pin: null, ...nothingRead() };
  }

  /** Runs the picture that is shown, keeping every branch, so that any module can be opened afterwards. */
  async run() {
    const { store } = this;
    this.followHead();
    const { picture, model } = store.state;
    if (this.#net === null || picture === null || model === null || store.state.live) return;
    this.#running.abort();
    this.#switching.abort();
    this.#questions.stopRanking();
    const { signal } = (this.#running = new AbortController());
    const topK = model.info.classes > 0 ? ANSWERS : 0;
    const moved = store.state.moved?.to === 'webgpu' ? null : store.state.moved;
    store.set({ run: { ...store.state.run, status: 'running', purpose: 'answer', failure: null }, ranking: null, moved, passed: null });
    try {
      const options = { ...asked(model), topK, signal, onModule: this.#passing(signal) };
      const { layers, statistics, ...result } = await this.#net.classify(imageOf(picture), options);
      if (signal.aborted) return;
      this.#followDevice();
      const innerMaps = store.state.run.of === picture ? store.state.innerMaps : new Map();
      this.#whole = keptFrom(model, { layers, statistics });
      store.set({ run: { status: 'done', purpose: 'answer', result, of: picture, failure: null }, shift: null, innerMaps, ...this.#show(model, this.#whole) });
      if (store.state.off.size > 0) this.#switch();
      else this.#runInner();
      this.explain();
    } catch (error) {
      if (!signal.aborted) this.#failed(failureFrom(error, model.info.title));
    }
  }

  /**
   * Shows a frame of a video with its answer and the open module.
   * @param {Picture} frame
   * @param {import('../index.js').Result} result
   * @param {Model} part of the model, which was kept
   */
  showFrame(frame, { layers, statistics, ...result }, part) {
    const { store } = this;
    const { inner, off } = store.state;
    this.#followDevice();
    const innerMaps = new Map([...inner.values()].flatMap((name) => (layers[name] ? [[name, branchMapsFrom(layers[name])]] : [])));
    this.#whole = withFormer(keptFrom(part, { layers, statistics }), this.#shown, off);
    const run = { status: /** @type {const} */ ('done'), purpose: /** @type {const} */ ('answer'), result, of: frame, failure: null };
    const shown = { ...this.#show(part, this.#whole), activity: withOthers(this.#whole.activity, store.state.activity) };
    store.set({ picture: frame, pictureFailure: null, run, shift: null, ranking: null, explanation: null, innerMaps, ...shown });
  }

  cancelRun() {
    if (this.store.state.run.status !== 'running') return;
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
    this.#switchTo(off);
  }

  /** @param {ReadonlySet<string>} wanted what the network does not have is left out, once there is one */
  #switchTo(wanted) {
    const { state } = this.store;
    const off = state.model === null ? wanted : awaited({ ...state, off: wanted }, state.model).off;
    if (sameBranches(off, state.off)) return;
    this.#questions.stopExplaining();
    this.store.set({ off });
    this.#switch();
  }

  /** Runs the picture with the branches off that are to be, and shows that run; a run at work does so when it ends. */
  async #switch() {
    const { store } = this;
    const { off, model, picture, run, shift } = store.state;
    if (this.#net === null || picture === null || model === null || run.of !== picture || store.state.live || (run.status === 'running' && run.purpose === 'answer')) return;
    this.#switching.abort();
    if (off.size === 0) {
      store.set({ shift: null, innerMaps: new Map(), ...this.#show(model, this.#whole) });
      this.explain();
      this.#runInner();
      return;
    }
    this.#questions.stopRanking();
    const { signal } = (this.#switching = new AbortController());
    store.set({ shift: { status: 'running', off, result: shift?.result ?? null, failure: null }, passed: null });
    try {
      const options = { ...asked(model), off: [...off], topK: model.info.classes, signal, onModule: this.#passing(signal) };
      const { layers, statistics, ...result } = await this.#net.ablate(imageOf(picture), options);
      if (signal.aborted) return;
      this.#followDevice();
      const kept = withFormer(keptFrom(model, { layers, statistics }), this.#whole, off);
      store.set({ shift: { status: 'done', off, result, failure: null }, innerMaps: new Map(), ...this.#show(model, kept) });
      this.explain();
      this.#runInner();
    } catch (error) {
      if (signal.aborted) return;
      store.set({ shift: { status: 'failed', off, result: shift?.result ?? null, failure: failureFrom(error, model.info.title) } });
      this.explain();
    }
  }

  /** After a run that gave nothing: what is off may have changed meanwhile, and a run with branches off was stopped for it. */
  #keepSwitched() {
    const { off, shift } = this.store.state;
    if (off.size > 0 || shift !== null) this.#switch();
  }

  rank() {
    return this.#questions.rank();
  }

  cancelRanking() {
    this.#questions.stopRanking();
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

  /** Runs the picture once more for each opened layer whose maps are not known; those inside a branch that is off are those with nothing off. */
  async #runInner() {
    const { store } = this;
    const { inner, innerMaps, run, picture, model, off } = store.state;
    const [branch, layer] = [...inner].find(([, name]) => !innerMaps.has(name)) ?? [];
    if (this.#net === null || layer === undefined || picture === null || model === null || run.of !== picture || store.state.live) return;
    this.#running.abort();
    const { signal } = (this.#running = new AbortController());
    store.set({ run: { ...run, status: 'running', purpose: 'module', failure: null } });
    try {
      const { layers } = await this.#net.ablate(imageOf(picture), { off: off.has(branch ?? '') ? [] : [...off], layers: [layer], topK: 0, signal });
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

  explain() {
    return this.#questions.explain();
  }

  /** Finds anew what explains the answer. */
  findReason() {
    this.#reasons.again();
  }

  stopReason() {
    this.#reasons.stop();
  }

  measure() {
    return this.#questions.measure();
  }

  cancelMeasuring() {
    this.#questions.stopMeasuring();
  }

  /**
   * @param {AbortSignal} signal of a run
   * @returns {NonNullable<import('../index.js').RunOptions['onModule']>} notes each module of it
   */
  #passing(signal) {
    /** @type {ReadonlySet<string>} */
    let modules = new Set();
    return (module, done, total) => {
      modules = new Set(modules).add(module);
      if (!signal.aborted) this.store.set({ passed: { modules, done, total } });
    };
  }

  /** Where `useHead` was called, the classes are others: what was said of the former ones is out of date. */
  followHead() {
    const { store } = this;
    const { model, run } = store.state;
    const net = this.#net;
    if (net === null || model === null || net.info.head === model.info.head) return;
    this.#questions.stop();
    this.#reasons.stop();
    const layers = new Map(net.layers.map((layer) => [layer.name, layer]));
    const before = { run: { ...run, of: null }, shift: null, ranking: null, chosen: null, explanation: null, reason: null, times: null };
    store.set({ model: { info: net.info, network: networkOf(net.layers), layers }, ...before });
  }

  /** Where the model is on another device, what was measured on the one before is out of date. */
  #followDevice() {
    const { model } = this.store.state;
    const info = this.#net?.info;
    if (model === null || info === undefined) return;
    const isMoved = info.device !== model.info.device || info.deviceReason !== model.info.deviceReason;
    if (isMoved) this.store.set({ model: { ...model, info }, times: info.device === model.info.device ? this.store.state.times : null });
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
    const module = moduleNamed(network, name);
    const { layers, former } = this.#shown;
    const kept = module?.branches.flatMap((branch) => layers[branch.name] ?? []) ?? [];
    if (!module || kept.length === 0) return null;
    const before = module.branches.flatMap((branch) => {
      const found = former.get(branch.name);
      return found ? [/** @type {const} */ ([branch.name, { maps: branchMapsFrom(found.maps), share: found.share }])] : [];
    });
    return { module: module.name, branches: kept.map(branchMapsFrom), former: new Map(before) };
  }

  /** A picture that cannot be read gives way to the one before it, which is run where it was not. @param {Failure} failure */
  #failed(failure) {
    const { store } = this;
    const { run } = store.state;
    if (failure.code !== 'bad-image') {
      store.set({ run: { ...run, status: 'failed', failure } });
    } else {
      const former = this.#former ?? run.of;
      const status = run.result === null ? 'idle' : 'done';
      this.#former = run.of;
      store.set({ picture: former, pictureFailure: failure, run: { ...run, status } });
      if (former !== run.of) return this.run();
    }
    this.#keepSwitched();
  }
}
