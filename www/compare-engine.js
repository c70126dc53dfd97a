import { isLive } from './camera.js';
import { titleOf } from './catalog.js';
import { NOTHING_COMPARED, wantedOf } from './compare.js';
import { failureFrom, keptFrom } from './engine.js';
import { keptLayers } from './lanes.js';
import { networkOf } from './network.js';

/** @typedef {import('./compare.js').Comparison} Comparison */
/** @typedef {import('../pkg/dist/index.js').Inception} Net */

/**
 * Runs side B of a comparison: another picture in the page's model, after the page's own runs, or the page's picture in a model
 * of its own. It follows the page: whatever changes side B's picture or model runs it again.
 */
export class CompareEngine {
  /** Side B's own model. @type {Net | null} */
  #net = null;
  #loading = new AbortController();
  #running = new AbortController();
  /** What was run last, whatever came of it. @type {ReturnType<typeof wantedOf>} */
  #tried = null;

  /**
   * @param {import('./state.js').Store} store
   * @param {import('./engine.js').Engine} engine
   * @param {typeof import('../pkg/dist/index.js').Inception} Inception
   */
  constructor(store, engine, Inception) {
    this.store = store;
    this.engine = engine;
    this.Inception = Inception;
    store.watch(
      ({ model, run, shift, camera, compare }) => [model?.network, run.of, run.status, shift?.status, camera.status, compare?.kind, compare?.picture, compare?.model],
      () => this.#follow(),
    );
    store.watch(
      ({ model, module }) => [model, module],
      () => this.#set({ spot: null }),
    );
  }

  /** @param {Comparison['kind']} kind */
  open(kind) {
    const { compare } = this.store.state;
    if (compare?.kind === kind) return;
    this.#leave();
    const { picture, difference, byDifference } = compare ?? NOTHING_COMPARED;
    this.store.set({ compare: { ...NOTHING_COMPARED, kind, picture, difference, byDifference } });
  }

  /** Ends side B's runs and frees its model. */
  close() {
    this.#leave();
    this.store.set({ compare: null });
  }

  /** @param {import('./state.js').Picture} picture */
  show(picture) {
    this.open('picture');
    this.#set({ picture, pictureFailure: null });
  }

  /**
   * Loads side B's model beside the one it has, which stays until the new one is ready.
   * @param {import('./state.js').Choice} choice
   */
  async load(choice) {
    const { store } = this;
    this.open('model');
    this.#loading.abort();
    const { signal } = (this.#loading = new AbortController());
    const { device, catalog } = store.state;
    const title = titleOf(choice, catalog.entries);
    const tell = (/** @type {Pick<import('./state.js').Loading, 'progress' | 'failure'>} */ news) => {
      if (!signal.aborted) this.#set({ loading: { choice, title, ...news } });
    };
    tell({ progress: null, failure: null });
    try {
      const net = await this.Inception.load(choice.kind === 'catalog' ? choice.id : choice.files, {
        signal,
        device,
        onProgress: (progress) => tell({ progress, failure: null }),
      });
      if (signal.aborted) return net.dispose();
      this.#use(net, choice);
    } catch (error) {
      tell({ progress: null, failure: failureFrom(error, title) });
    }
  }

  cancelLoad() {
    this.#loading.abort();
    this.#set({ loading: null });
  }

  cancelRun() {
    this.#running.abort();
    this.#set({ status: 'cancelled' });
  }

  /** Runs side B once more; a model whose engine has ended is loaded again. */
  again() {
    const { compare } = this.store.state;
    const isGone = compare?.failure?.code === 'internal' || compare?.failure?.code === 'disposed';
    if (compare?.kind === 'model' && compare.model && isGone) this.load(compare.model.choice);
    else {
      this.#tried = null;
      this.#follow();
    }
  }

  /** @param {Partial<Comparison>} changes */
  #set(changes) {
    const { compare } = this.store.state;
    if (compare !== null) this.store.set({ compare: { ...compare, ...changes } });
  }

  #leave() {
    this.#loading.abort();
    this.#running.abort();
    this.#net?.dispose();
    this.#net = null;
    this.#tried = null;
  }

  /**
   * @param {Net} net
   * @param {import('./state.js').Choice} choice
   */
  #use(net, choice) {
    this.#running.abort();
    this.#net?.dispose();
    this.#net = net;
    this.#tried = null;
    const { info, layers } = net;
    const model = { choice, asked: this.store.state.device, info, network: networkOf(layers), layers: new Map(layers.map((layer) => [layer.name, layer])) };
    this.#set({ loading: null, model, module: null, outcome: null, status: 'idle', failure: null });
  }

  /** Runs side B where it is not what it is to be; in the page's model only while that has nothing else to do. */
  #follow() {
    const { state } = this.store;
    const { compare, run, shift } = state;
    const wanted = compare && wantedOf(state);
    const isBusy = run.status === 'running' || shift?.status === 'running' || isLive(state);
    if (compare === null || (isBusy && compare.kind === 'picture') || !isSame(wanted, this.#tried)) this.#stop();
    if (compare === null || wanted === null || isBusy || isSame(wanted, this.#tried)) return;
    if (isSame(wanted, compare.outcome)) this.#tried = wanted;
    else this.#run(wanted);
  }

  #stop() {
    if (this.store.state.compare?.status !== 'running') return;
    this.#running.abort();
    this.#tried = null;
    this.#set({ status: 'idle' });
  }

  /** @param {NonNullable<ReturnType<typeof wantedOf>>} wanted */
  async #run(wanted) {
    const { model, picture } = wanted;
    const net = this.store.state.compare?.kind === 'model' ? this.#net : this.engine.net;
    if (net === null) return;
    this.#tried = wanted;
    this.#running.abort();
    const { signal } = (this.#running = new AbortController());
    this.#set({ status: 'running', failure: null });
    try {
      const { modules } = model.network;
      const { layers: kept, ...answer } = await net.classify(picture.blob, { topK: model.info.classes, layers: keptLayers(modules), signal });
      if (signal.aborted) return;
      this.#set({ status: 'idle', outcome: { model, picture, answer, ...keptFrom(modules, kept) } });
    } catch (error) {
      if (signal.aborted) return;
      this.#set({ status: 'failed', failure: failureFrom(error, model.info.title) });
    }
  }
}

/**
 * @param {Pick<import('./compare.js').Outcome, 'model' | 'picture'> | null} a
 * @param {Pick<import('./compare.js').Outcome, 'model' | 'picture'> | null} b
 */
function isSame(a, b) {
  return a !== null && b !== null && a.picture === b.picture && a.model.network === b.model.network;
}
