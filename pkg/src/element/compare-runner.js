import { Inception } from '../index.js';
import { NOTHING_COMPARED, alternativeId, comparedHow, comparedModel, comparedPicture, wantedOf } from './compare.js';
import { asked, keptFrom } from './kept.js';
import { networkOf } from './network.js';
import { namesIn, ownTitle, partsOf } from './own-files.js';
import { imageOf, pictureBrought, pictureFailureFrom } from './pictures.js';
import { failureFrom } from './questions.js';
import { loadFailure } from './server.js';

/** @typedef {import('./compare.js').Choice} Choice */
/** @typedef {import('./compare.js').Comparison} Comparison */
/** @typedef {import('./state.js').Model} Model */
/** @typedef {import('./index.js').PictureSource} PictureSource */
/** @typedef {PictureSource | Promise<PictureSource>} Source a picture that is here, or on its way */

/**
 * Runs side B of a comparison: another picture in the inspector's network, after the inspector's own runs, or the inspector's picture
 * in a model of its own. It follows the inspector: whatever changes side B's picture or model runs it again.
 */
export class CompareRunner {
  /** Side B's own model. @type {Inception | null} */
  #net = null;
  #loading = new AbortController();
  #running = new AbortController();
  /** What is to be loaded as soon as the inspector has a network and is in a document. @type {Choice | null} */
  #waiting = null;
  #isConnected = false;
  /** What was run last, whatever came of it. @type {ReturnType<typeof wantedOf>} */
  #tried = null;
  /** Pictures that were asked for. */
  #asked = 0;

  /**
   * @param {import('./state.js').Store} store
   * @param {import('./runner.js').Runner} runner
   * @param {() => Pick<import('../index.js').LoadOptions, 'device' | 'modelsUrl'>} options for a model
   */
  constructor(store, runner, options) {
    this.store = store;
    this.runner = runner;
    this.options = options;
    store.watch(
      ({ model, run, shift, live, compare }) => [model?.network, run.of, run.status, shift?.status, live, compare?.kind, compare?.picture, compare?.model],
      () => this.#follow(),
    );
    store.watch(
      ({ model, module }) => [model, module],
      () => this.#set({ spot: null }),
    );
    store.watch(
      ({ alternatives, compare }) => [alternatives.pictures, compare?.awaited],
      () => this.#showAwaited(),
    );
  }

  connect() {
    this.#isConnected = true;
    this.#fetch();
  }

  /** Frees side B's model, to be loaded again when the inspector comes back. */
  disconnect() {
    this.#isConnected = false;
    const { compare } = this.store.state;
    const choice = compare?.kind === 'model' ? (compare.loading ?? compare).choice : null;
    if (choice === null) return;
    this.#leave();
    this.#set({ model: null, choice: null, outcome: null, status: 'idle', failure: null });
    this.load(choice);
  }

  /** @param {Comparison['kind']} kind */
  open(kind) {
    const { compare } = this.store.state;
    if (compare?.kind === kind) return;
    this.#leave();
    const { picture, alternative, difference, byDifference } = compare ?? NOTHING_COMPARED;
    this.store.set({ compare: { ...NOTHING_COMPARED, kind, picture, alternative, difference, byDifference } });
  }

  /** Ends side B's runs and frees its model. */
  close() {
    this.#leave();
    this.store.set({ compare: null });
  }

  /**
   * Compares with that model, or with the alternative picture of that id, as soon as there is one, and shows the sides as it says.
   * @param {Partial<import('./index.js').InspectorView>} view null ends such a comparison
   */
  lookAt({ compare: model, otherPicture: id, ...how }) {
    this.#compareWith(model, id);
    const { compareModule: module, difference, byDifference } = { ...comparedHow(this.store.state), ...how };
    const { compare } = this.store.state;
    const isThere = !compare?.model || compare.model.network.modules.some(({ name }) => name === module);
    this.#set(compare?.kind === 'model' ? { module: isThere ? module : null } : { difference, byDifference });
  }

  /**
   * @param {string | null | undefined} model
   * @param {string | null | undefined} id of an alternative picture
   */
  #compareWith(model, id) {
    const [comparedTo, comparedWith] = [comparedModel(this.store.state), comparedPicture(this.store.state)];
    if ((model === null && comparedTo !== null) || (id === null && comparedWith !== null)) this.close();
    if (model) return model === comparedTo ? undefined : this.load(model);
    if (!id || id === comparedWith) return;
    this.open('picture');
    this.#set({ awaited: id });
  }

  #showAwaited() {
    const { alternatives, compare } = this.store.state;
    const found = alternatives.pictures.find((picture) => alternativeId(picture) === compare?.awaited);
    if (found) this.showSource(found.image, found.name, { alternative: alternativeId(found), isAwaited: true });
  }

  /**
   * Shows the picture that was asked for last, whichever is here first.
   * @param {Source} wanted
   * @param {string} [name]
   * @param {{ alternative?: string | null, isAwaited?: boolean }} [which] of the alternatives it is, and whether it was asked for as such
   */
  async showSource(wanted, name, { alternative = null, isAwaited = false } = {}) {
    this.open('picture');
    const mine = ++this.#asked;
    this.#set({ awaited: isAwaited ? alternative : null });
    try {
      const source = wanted instanceof Promise ? await wanted : wanted;
      const picture = await pictureBrought(source, name, (model) => this.#takeModel(mine, model));
      if (mine === this.#asked && picture !== null) this.#set({ picture: { source, ...picture }, alternative, awaited: null, pictureFailure: null });
    } catch (error) {
      if (mine === this.#asked) this.#set({ awaited: null, pictureFailure: pictureFailureFrom(error) });
    }
  }

  /**
   * @param {number} mine number of the request that brought it
   * @param {File[]} model
   */
  #takeModel(mine, model) {
    if (mine !== this.#asked) return false;
    this.load(model);
    return true;
  }

  /**
   * Loads side B's model beside the one it has, which stays until the new one is ready.
   * @param {Choice} choice
   */
  load(choice) {
    this.open('model');
    this.#loading.abort();
    this.#waiting = choice;
    this.#set({ loading: { choice, title: this.#titleOf(choice), progress: null, failure: null } });
    this.#fetch();
  }

  cancelLoad() {
    this.#loading.abort();
    this.#waiting = null;
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
    if (compare?.kind === 'model' && compare.choice !== null && isGone) this.load(compare.choice);
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
    this.#asked += 1;
    this.#waiting = null;
    this.#loading.abort();
    this.#running.abort();
    this.#net?.dispose();
    this.#net = null;
    this.#tried = null;
  }

  /** @param {Choice} choice */
  #titleOf(choice) {
    if (typeof choice === 'string') return this.store.state.alternatives.models.find(({ id }) => id === choice)?.title ?? choice;
    return ownTitle(partsOf(choice).model);
  }

  async #fetch() {
    const choice = this.#waiting;
    if (choice === null || !this.#isConnected || this.store.state.model === null) return;
    this.#waiting = null;
    const { signal } = (this.#loading = new AbortController());
    const title = this.#titleOf(choice);
    const tell = (/** @type {Partial<import('./state.js').Loading>} */ news) => {
      if (!signal.aborted) this.#set({ loading: { choice, title, progress: null, failure: null, ...news } });
    };
    try {
      const options = { ...this.options(), signal, onProgress: (/** @type {import('../index.js').Progress} */ progress) => tell({ progress }) };
      const net = typeof choice === 'string' ? await Inception.load(choice, options) : await loadFiles(choice, options);
      if (signal.aborted) return net.dispose();
      this.#use(net, choice);
    } catch (error) {
      if (!signal.aborted) tell({ failure: await loadFailure(failureFrom(error, title), typeof choice !== 'string') });
    }
  }

  /**
   * @param {Inception} net
   * @param {Choice} choice
   */
  #use(net, choice) {
    this.#running.abort();
    this.#net?.dispose();
    this.#net = net;
    this.#tried = null;
    const { info, layers } = net;
    const model = { info, network: networkOf(layers), layers: new Map(layers.map((layer) => [layer.name, layer])) };
    const { model: former = null, module = null } = this.store.state.compare ?? {};
    const asked = former === null ? model.network.modules.find(({ name }) => name === module) : undefined;
    this.#set({ loading: null, model, choice, module: asked?.name ?? null, outcome: null, status: 'idle', failure: null });
  }

  /** Runs side B where it is not what it is to be; in the inspector's network only while that has nothing else to do. */
  #follow() {
    this.#fetch();
    const { state } = this.store;
    const { compare, run, shift, live } = state;
    const wanted = compare && wantedOf(state);
    const isBusy = run.status === 'running' || shift?.status === 'running' || live;
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
    const net = this.store.state.compare?.kind === 'model' ? this.#net : this.runner.net;
    if (net === null) return;
    this.#tried = wanted;
    this.#running.abort();
    const { signal } = (this.#running = new AbortController());
    this.#set({ status: 'running', failure: null });
    try {
      const { layers, statistics, ...answer } = await net.classify(imageOf(picture), { ...asked(model), topK: model.info.classes, signal });
      if (signal.aborted) return;
      this.#set({ status: 'idle', outcome: { model, picture, answer, ...keptFrom(model, { layers, statistics }) } });
    } catch (error) {
      if (signal.aborted) return;
      this.#set({ status: 'failed', failure: failureFrom(error, model.info.title) });
    }
  }
}

/**
 * @param {File[]} files of a model, its class names among them
 * @param {import('../index.js').LoadOptions} options
 */
async function loadFiles(files, options) {
  const { model, labels } = partsOf(files);
  return Inception.load(model, { ...options, labels: await namesIn(labels) });
}

/**
 * @param {{ model: Model, picture: import('./state.js').Picture } | null} a
 * @param {{ model: Model, picture: import('./state.js').Picture } | null} b
 */
function isSame(a, b) {
  return a !== null && b !== null && a.picture === b.picture && a.model.network === b.model.network;
}
