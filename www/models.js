import { failureFrom } from '../pkg/dist/element/questions.js';
import { firstChoice, readCatalog, titleOf, withReachability } from './catalog.js';
import { NOT_TESTED } from './state.js';

/** @typedef {import('./state.js').Choice} Choice */
/** @typedef {import('../pkg/dist/index.js').DeviceChange} DeviceChange */
/** @typedef {import('../pkg/dist/index.js').Inception} Net */

/** Loads the models that the page shows, gives them back, and compares their devices. */
export class Models {
  /** @type {Net | null} */
  #net = null;
  #loading = new AbortController();

  /**
   * @param {import('./state.js').Store} store
   * @param {typeof import('../pkg/dist/index.js').Inception} Inception
   * @param {import('../pkg/dist/element/index.js').InceptionInspector} inspector shows the model in use
   */
  constructor(store, Inception, inspector) {
    this.store = store;
    this.Inception = Inception;
    this.inspector = inspector;
  }

  /**
   * Reads the catalog, loads a first model, and finds out meanwhile which others can be reached.
   * @param {string | null} preferred id of the model in the page's address
   */
  async start(preferred) {
    const { store } = this;
    const catalog = await readCatalog(this.Inception);
    store.set({ catalog });
    this.#readKept();
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
        onKept: () => this.#readKept(net),
        onProgress: (progress) => {
          if (!signal.aborted) store.set({ loading: { choice, title, progress, failure: null } });
        },
      });
      if (signal.aborted) return net.dispose();
      this.#use(net, { choice, asked: device }, moved);
    } catch (error) {
      if (signal.aborted) return;
      this.#readKept();
      store.set({ loading: { choice, title, progress: null, failure: failureFrom(error, this.#subject(choice, title)) } });
    }
  }

  cancelLoad() {
    this.#loading.abort();
    this.store.set({ loading: null });
  }

  /** Removes the models that the browser keeps; the one in use stays in memory. */
  async clearKept() {
    await this.Inception.cache.clear();
    await this.#readKept();
  }

  /** Runs the picture that is shown, or a generated one, on the GPU and on the CPU. */
  async selfTest() {
    const { store } = this;
    const net = this.#net;
    if (net === null || store.state.selfTest.status === 'running') return;
    store.set({ selfTest: { ...NOT_TESTED, status: 'running' } });
    try {
      const { worst, ok } = await net.selfTest(this.inspector.picture?.blob);
      if (net !== this.#net) return;
      store.set({ selfTest: { status: 'done', result: { layer: worst.layer, error: worst.relativeError, ok }, failure: null } });
    } catch (error) {
      if (net !== this.#net) return;
      store.set({ selfTest: { status: 'failed', result: null, failure: failureFrom(error, store.state.model?.info.title ?? '') } });
    }
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
    const previous = this.#net;
    this.#net = net;
    this.store.set({ loading: null, model: { choice, asked, info: net.info }, moved, selfTest: NOT_TESTED });
    this.inspector.net = net;
    previous?.dispose();
    this.#readKept();
  }

  /** @param {Net | null} [net] whose files have been kept or refused */
  async #readKept(net = null) {
    const { model } = this.store.state;
    if (net !== null && net === this.#net && model !== null) this.store.set({ model: { ...model, info: net.info } });
    this.store.set({ kept: await this.Inception.cache.list() });
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
