import { explainedClass, wantsContributions } from './explained.js';
import { imageOf } from './pictures.js';
import { STEM } from './network.js';

/** @typedef {import('../index.js').Inception} Net */

/** What is asked about a picture beside its answer: which branch matters, where a class's logit comes from, how long each layer takes. */
export class Questions {
  /** @type {Net | null} */
  net = null;
  #ranking = new AbortController();
  #explaining = new AbortController();
  #measuring = new AbortController();

  /** @param {import('./state.js').Store} store */
  constructor(store) {
    this.store = store;
    store.watch(({ model, module }) => [model, module], () => this.#findFilters());
  }

  stop() {
    this.stopRanking();
    this.stopExplaining();
    this.stopMeasuring();
  }

  stopRanking() {
    this.#ranking.abort();
  }

  stopExplaining() {
    this.#explaining.abort();
  }

  stopMeasuring() {
    this.#measuring.abort();
  }

  /** What the first convolution looks for, where the stem is open; without it the stem's maps stand alone. */
  async #findFilters() {
    const { store, net } = this;
    if (net === null || store.state.module !== STEM || store.state.filters !== null) return;
    const filters = await net.filters().catch(() => null);
    if (net === this.net) store.set({ filters });
  }

  /** Switches each branch off in turn. */
  async rank() {
    const { store, net } = this;
    const { picture, run, model } = store.state;
    const [of] = run.result?.predictions ?? [];
    if (net === null || picture === null || model === null || of === undefined) return;
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
      const effects = await net.rankBranches(imageOf(picture), { classIndex: of.index, signal, onProgress });
      if (!signal.aborted) store.set({ ranking: { ...begun, status: 'done', effects } });
    } catch (error) {
      if (!signal.aborted) store.set({ ranking: { ...begun, status: 'failed', failure: failureFrom(error, model.info.title) } });
    }
  }

  /** Says where a class's logit comes from in the run that is shown, once there is one; what is known already is kept. */
  async explain() {
    const { store, net } = this;
    const { explanation, run, model, picture, off, shift } = store.state;
    const classIndex = explainedClass(store.state);
    const isOf = explanation !== null && explanation.of === picture && sameBranches(explanation.off, off);
    if (net === null || model === null || picture === null || run.of !== picture || shift?.status === 'running' || store.state.live) return;
    if (classIndex === null) {
      if (!isOf) store.set({ explanation: null });
      return;
    }
    const known = isOf && explanation.classIndex === classIndex && explanation.status !== 'failed' ? explanation : null;
    const isWhole = wantsContributions(store.state);
    if (known && (known.isWhole || !isWhole)) return;
    this.#explaining.abort();
    const { signal } = (this.#explaining = new AbortController());
    /** @type {import('./state.js').Explanation} */
    const about = { classIndex, of: picture, off, isWhole, status: 'running', cam: known?.cam ?? null, contributions: null, failure: null };
    signal.addEventListener('abort', () => {
      if (store.state.explanation === about) store.set({ explanation: null });
    });
    const options = { off: [...off], signal };
    store.set({ explanation: about });
    try {
      const cam = about.cam ?? (await net.cam(imageOf(picture), classIndex, options));
      const contributions = isWhole ? await net.contributions(imageOf(picture), classIndex, options) : null;
      if (!signal.aborted) store.set({ explanation: { ...about, cam, contributions, status: 'done' } });
    } catch (error) {
      if (!signal.aborted) store.set({ explanation: { ...about, status: 'failed', failure: failureFrom(error, model.info.title) } });
    }
  }

  /** Times every layer on the picture that is shown. */
  async measure() {
    const { store, net } = this;
    const { picture, model, times } = store.state;
    if (net === null || picture === null || model === null || times?.status === 'running') return;
    const { signal } = (this.#measuring = new AbortController());
    signal.addEventListener('abort', () => {
      if (store.state.times?.status === 'running') store.set({ times });
    });
    const begun = { status: /** @type {const} */ ('running'), layers: times?.layers ?? [], failure: null };
    store.set({ times: begun });
    const onProgress = (/** @type {number} */ done, /** @type {number} */ total) => {
      if (!signal.aborted) store.set({ times: { ...begun, share: done / total } });
    };
    /** @type {import('./times.js').Times} */
    let measured;
    try {
      measured = { status: 'done', layers: await net.profile(imageOf(picture), { signal, onProgress }), failure: null };
    } catch (error) {
      measured = { status: 'failed', layers: [], failure: failureFrom(error, model.info.title) };
    }
    if (!signal.aborted) store.set({ times: measured });
  }
}

/**
 * @param {ReadonlySet<string>} a
 * @param {ReadonlySet<string>} b
 */
export function sameBranches(a, b) {
  return a.size === b.size && [...a].every((branch) => b.has(branch));
}

/** A server that could not be reached, of which the browser gives the reason in brackets: not one that answered with something else. */
const UNREACHED = /^\S+ \((?!the server answered |it |more than )/;

/**
 * @param {unknown} error
 * @param {string} subject named where the error's own words would repeat the sentence around them
 * @returns {import('./state.js').Failure}
 */
export function failureFrom(error, subject) {
  const { code = 'internal', message = String(error), cause } = /** @type {{ code?: string, message?: string, cause?: { code?: string, message?: string } }} */ (error ?? {});
  // What a developer is told to do about it comes after what happened.
  const detail = ((code === 'network' && cause?.code === code && cause.message) || message).replace(/\.$/, '');
  if (code === 'network' && !UNREACHED.test(message)) return { code, detail, sentence: { key: 'notFetched' }, error };
  const namesSubject = code === 'network' || code === 'out-of-memory' || code === 'unknown-model';
  return { code, detail: namesSubject ? subject : detail, error };
}
