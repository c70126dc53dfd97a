import { Inception, InceptionError } from '../index.js';
import { failureFrom } from './questions.js';
import { loadFailure } from './server.js';

/** The model that an element loads because its attribute `model` says so. */
export class OwnModel {
  /** @type {Inception | null} */
  #net = null;
  #loading = new AbortController();
  /** @type {() => void} */
  #again = () => undefined;

  /**
   * @param {import('./state.js').Store} store
   * @param {import('./runner.js').Runner} runner
   */
  constructor(store, runner) {
    this.store = store;
    this.runner = runner;
  }

  /**
   * Loads a model beside the one in use, which stays until the new one is ready.
   * @param {string} model catalog id or address
   * @param {Pick<import('../index.js').LoadOptions, 'device' | 'modelsUrl'>} options
   */
  async load(model, options) {
    this.#again = () => this.load(model, options);
    this.#loading.abort();
    const { signal } = (this.#loading = new AbortController());
    /** @param {Partial<import('./state.js').Loading>} changes */
    const show = (changes) => {
      if (!signal.aborted) this.store.set({ loading: { title: model, progress: null, failure: null, ...changes } });
    };
    /** @type {Inception | null} */
    let net = null;
    /** @type {import('../index.js').DeviceChange | null} */
    let moved = null;
    const onDevice = (/** @type {import('../index.js').DeviceChange} */ change) => {
      if (change.code === null) return;
      moved = change;
      if (net !== null && net === this.#net) this.store.set({ moved });
    };
    show({});
    try {
      net = await Inception.load(model, { ...options, signal, onDevice, onHead: () => this.runner.followHead(), onProgress: (progress) => show({ progress }) });
      if (signal.aborted) return net.dispose();
      this.store.set({ loading: null, moved });
      this.#use(net);
    } catch (error) {
      if (!signal.aborted) show({ failure: await loadFailure(failureFrom(error, model), false) });
    }
  }

  /** Whether what is shown is of the attribute. */
  get isInUse() {
    return this.#net !== null && this.#net === this.runner.net;
  }

  /** Says that a model that was given cannot be shown. @param {string} title */
  refuse(title) {
    const failure = failureFrom(new InceptionError('disposed', `${title} has been disposed of: give the inspector one that is loaded`), title);
    this.store.set({ loading: { title, progress: null, failure } });
  }

  /** Takes back what {@link OwnModel.refuse} has said. */
  unsay() {
    if (this.store.state.loading?.failure?.code === 'disposed') this.store.set({ loading: null });
  }

  retry() {
    this.#again();
  }

  cancel() {
    this.#loading.abort();
    this.store.set({ loading: null });
  }

  /** Gives back what was loaded. */
  dispose() {
    this.cancel();
    this.store.set({ moved: null });
    this.#use(null);
  }

  /** @param {Inception | null} net */
  #use(net) {
    const previous = this.#net;
    this.#net = net;
    if (net !== null || (previous !== null && previous === this.runner.net)) this.runner.use(net);
    previous?.dispose();
  }
}
