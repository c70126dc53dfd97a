import { failureFrom } from '../pkg/dist/element/questions.js';
import { namesIn } from '../pkg/dist/element/own-files.js';
import { loadFailure } from '../pkg/dist/element/server.js';
import { firstChoice, readCatalog, titleOf, unknownIn, withReachability } from './catalog.js';
import { writeDevice } from './address.js';
import { keepOwn, listOwn, ownInUse, readOwn, rememberOwn, removeOwn } from './own-models.js';
import { samplePicture, sampleShown, samplesFor } from './samples.js';
import { NOT_TESTED } from './state.js';

/** @typedef {import('./state.js').Choice} Choice */
/** @typedef {import('../pkg/dist/index.js').DeviceChange} DeviceChange */
/** @typedef {import('../pkg/dist/index.js').Inception} Net */

/** Loads the models that the page shows, gives them back, and compares their devices. */
export class Models {
  /** @type {Net | null} */
  #net = null;
  #loading = new AbortController();
  /** @type {() => void} */
  #begin = () => undefined;
  /** Until the inspector is there a model that is ready waits. @type {Promise<void>} */
  #begun = new Promise((resolve) => (this.#begin = resolve));

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

  /** Shows what is loaded from now on: the inspector is there. */
  begin() {
    this.#begin();
  }

  /**
   * Reads the catalog and begins to load a first model: the address's, else the own one that this tab had, else one that needs no
   * connection.
   * @returns {Promise<void>} when the engine has begun to work on it
   * @param {string | null} preferred id of the model in the page's address
   */
  async start(preferred) {
    const { store } = this;
    const listing = listOwn();
    const catalog = await readCatalog(this.Inception);
    store.set({ catalog });
    this.#readKept();
    const had = preferred === null ? ownInUse() : null;
    const kept = had && (await listing).find(({ id }) => id === had.id);
    const first = kept ? /** @type {Choice} */ ({ kind: 'own', id: kept.id, title: kept.title }) : firstChoice(catalog.entries, preferred);
    listing.then((own) => store.set({ own }));
    if (first !== null) await new Promise((resolve) => this.load(first, () => resolve(null)));
    if (had && !kept) store.set({ lost: { title: had.title, why: had.isRemoved ? 'ownRemoved' : had.id === null ? 'ownLost' : 'ownGone' } });
    store.set({ unknown: unknownIn(catalog.entries, preferred) });
  }

  /** Finds out which of the catalog's files are there: only when somebody wants to see the list. */
  async askHubs() {
    const { store } = this;
    const { catalog, kept } = store.state;
    if (catalog.asking) return;
    store.set({ catalog: { ...catalog, asking: true } });
    store.set({ catalog: { ...catalog, entries: await withReachability(catalog.entries, kept), asking: false } });
  }

  /**
   * Loads the model of an address that the page is given while it is open, unless that is in use.
   * @param {string | null} preferred its id; null: the page's own
   */
  async follow(preferred) {
    const { catalog, model } = this.store.state;
    const choice = firstChoice(catalog.entries, preferred);
    const isInUse = choice?.kind === 'catalog' && model?.choice.kind === 'catalog' && model.choice.id === choice.id;
    if (choice !== null && !isInUse) await this.load(choice);
    this.store.set({ unknown: unknownIn(catalog.entries, preferred) });
  }

  /**
   * Loads a model beside the one in use, which stays until the new one is ready.
   * @param {Choice} choice
   * @param {() => void} [onBegin] is called when the engine works on it, or will not
   */
  async load(choice, onBegin = () => {}) {
    const { store } = this;
    this.#loading.abort();
    const { signal } = (this.#loading = new AbortController());
    const { device } = store.state;
    /** @type {Net | null} */
    let net = null;
    /** @type {DeviceChange | null} */
    let moved = null;
    const title = titleOf(choice, store.state.catalog.entries);
    store.set({ lost: null, removed: null, unknown: null, loading: { choice, title, device, progress: null, failure: null } });
    try {
      const { source, labels } = await sourceOf(choice, store.state.catalog.entries);
      net = await this.Inception.load(source, {
        labels,
        signal,
        device,
        onDevice: (change) => {
          moved = change;
          if (net !== null && net === this.#net) this.#moved(net, change);
        },
        onKept: () => this.#readKept(net),
        onProgress: (progress) => {
          onBegin();
          if (!signal.aborted) store.set({ loading: { choice, title, device, progress, failure: null } });
        },
      });
      await this.#begun;
      if (!signal.aborted) await this.#suitPicture(net.info);
      if (signal.aborted) return net.dispose();
      this.#use(net, { choice, asked: device }, moved);
    } catch (error) {
      onBegin();
      if (signal.aborted) return;
      this.#readKept();
      const failure = error instanceof Gone ? error.failure : await loadFailure(failureFrom(error, this.#subject(choice, title)), choice.kind !== 'catalog');
      if (signal.aborted) return;
      if (error instanceof Gone) store.set({ own: await listOwn() });
      const isOfLabels = failure.code === 'bad-option' && choice.kind === 'files' && choice.labels !== null;
      store.set({ loading: { choice, title, device, progress: null, failure: isOfLabels ? { ...failure, code: 'bad-labels' } : failure } });
      this.#restoreDevice();
    }
  }

  /**
   * Gives class names to the own model in use, or to the next one.
   * @param {File} labels
   */
  async takeLabels(labels) {
    const { loading, model } = this.store.state;
    const hasFailed = loading !== null && loading.failure !== null && loading.failure.code !== 'bad-labels';
    const own = await filesOf((hasFailed ? model : (loading ?? model))?.choice);
    if (own === null) this.store.set({ labels, loading: hasFailed ? null : loading });
    else this.load({ kind: 'files', files: own.files, labels });
  }

  /** @param {boolean} keepOwn whether own models that come are kept, and the one in use */
  keepOwnModels(keepOwn) {
    this.store.set({ keepOwn });
    if (keepOwn) this.#keep();
  }

  /**
   * Removes an own model that the browser keeps; one in use stays in memory.
   * @param {string} id
   */
  async removeOwn(id) {
    const { store } = this;
    const files = await readOwn(id);
    await removeOwn(id);
    const own = await listOwn();
    const { model } = store.state;
    const isInUse = model?.choice.kind === 'own' && model.choice.id === id && files !== null;
    if (!isInUse) return store.set({ own });
    const title = titleOf(model.choice, []);
    rememberOwn({ id: null, title, isRemoved: true });
    store.set({ own, removed: title, model: { ...model, choice: { kind: 'files', ...files } } });
  }

  cancelLoad() {
    this.#loading.abort();
    this.store.set({ loading: null });
    this.#restoreDevice();
  }

  /** The device that the model in use was to run on is the chosen one again: another was chosen for nothing. */
  #restoreDevice() {
    const { device, model } = this.store.state;
    if (model === null || device === model.asked) return;
    this.store.set({ device: model.asked });
    writeDevice(model.asked);
  }

  /** Removes the models that the browser keeps; the one in use stays in memory. */
  async clearKept() {
    await this.Inception.cache.clear();
    await this.#readKept();
    this.askHubs();
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

  /** Shows another sample where the one that is shown does not suit a model. @param {import('../pkg/dist/index.js').ModelInfo} info */
  async #suitPicture(info) {
    const { inspector } = this;
    const shown = sampleShown(inspector.picture?.source);
    if (shown === null || samplesFor(info).includes(shown)) return;
    for (const other of samplesFor(info)) {
      const picture = await samplePicture(other).catch(() => null);
      if (picture !== null) return await inspector.show(picture, other.name);
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
    this.store.set({ model: { ...model, info }, moved: change.code === null ? null : change, selfTest: kept });
  }

  /** After some answers the reason for the device is what they took. */
  followReason() {
    const { model } = this.store.state;
    const info = this.#net?.info;
    if (model !== null && info !== undefined && info.deviceReason !== model.info.deviceReason) this.store.set({ model: { ...model, info } });
  }

  /**
   * @param {Net} net
   * @param {Pick<import('./state.js').Model, 'choice' | 'asked'>} how it was loaded
   * @param {DeviceChange | null} moved what happened meanwhile
   */
  #use(net, { choice, asked }, moved) {
    const previous = this.#net;
    this.#net = net;
    this.store.set({ loading: null, ownRefused: false, model: { choice, asked, info: net.info }, moved, selfTest: NOT_TESTED });
    this.inspector.netTitle = choice.kind === 'catalog' ? null : titleOf(choice, []);
    this.inspector.net = net;
    previous?.dispose();
    this.#readKept();
    if (choice.kind === 'catalog') rememberOwn(null);
    else rememberOwn({ id: choice.kind === 'own' ? choice.id : null, title: titleOf(choice, []) });
    if (this.store.state.keepOwn) this.#keep();
  }

  /** Keeps the own model in use, if it is not kept. */
  async #keep() {
    const { store } = this;
    const { model } = store.state;
    if (model?.choice.kind !== 'files') return;
    const title = titleOf(model.choice, []);
    const own = await keepOwn(model.choice, { title, classes: model.info.classes, params: model.info.params });
    // The list first: else the model would be in it neither as a file nor as what is kept, until the list is read.
    store.set({ own: await listOwn(), ownRefused: own === null });
    if (own !== null && store.state.model?.choice === model.choice) {
      rememberOwn({ id: own.id, title });
      store.set({ removed: null, model: { ...store.state.model, choice: { kind: 'own', id: own.id, title } } });
    }
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

/** An own model that is kept no more: another tab has removed it, or the browser. */
class Gone extends Error {
  /** @param {string} title */
  constructor(title) {
    super(title);
    /** @type {import('./state.js').Failure} */
    this.failure = { code: 'network', detail: title, sentence: { key: 'ownGone', values: { title } } };
  }
}

/**
 * @param {Choice} choice
 * @param {import('./state.js').Entry[]} entries of the catalog
 * @returns {Promise<{ source: import('../pkg/dist/index.js').ModelSource, labels?: string[] }>} as `Inception.load` takes it
 * @throws {Gone | Error} an Error with the `code` `bad-option` where class names cannot be read
 */
async function sourceOf(choice, entries) {
  if (choice.kind === 'catalog') return { source: entries.find(({ id }) => id === choice.id) ?? choice.id };
  const own = await filesOf(choice);
  if (own === null) throw new Gone(titleOf(choice, []));
  return { source: own.files, labels: await namesIn(own.labels) };
}

/**
 * @param {Choice | undefined} choice
 * @returns {Promise<import('./own-models.js').OwnFiles | null>} null where it is no own model, or not kept any more
 */
async function filesOf(choice) {
  if (choice === undefined || choice.kind === 'catalog') return null;
  return choice.kind === 'files' ? choice : readOwn(choice.id);
}
