import { HEAD, STEM } from './network.js';

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
      const effects = await net.rankBranches(picture.blob, { classIndex: of.index, signal, onProgress });
      if (!signal.aborted) store.set({ ranking: { ...begun, status: 'done', effects } });
    } catch (error) {
      if (!signal.aborted) store.set({ ranking: { ...begun, status: 'failed', failure: failureFrom(error, model.info.title) } });
    }
  }

  /** Says where the chosen class's logit comes from in the run that is shown, once there is one; what is known already is kept. */
  async explain() {
    const { store, net } = this;
    const { explanation, run, model, picture, look, module, off } = store.state;
    const isWanted = look.sort === 'contribution' || module === HEAD;
    const classIndex = store.state.chosen ?? (isWanted ? (run.result?.predictions[0]?.index ?? null) : null);
    if (net === null || model === null || picture === null || classIndex === null || run.of !== picture || store.state.live) return;
    const isSame = explanation?.classIndex === classIndex && explanation.of === picture && sameBranches(explanation.off, off);
    if (isSame && explanation.status !== 'failed') return;
    this.#explaining.abort();
    const { signal } = (this.#explaining = new AbortController());
    const about = { classIndex, of: picture, off, cam: null, contributions: null, failure: null };
    const options = { off: [...off], signal };
    store.set({ chosen: classIndex, explanation: { ...about, status: 'running' } });
    try {
      const cam = await net.cam(picture.blob, classIndex, options);
      const contributions = await net.contributions(picture.blob, classIndex, options);
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
      measured = { status: 'done', layers: await net.profile(picture.blob, { signal, onProgress }), failure: null };
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
function sameBranches(a, b) {
  return a.size === b.size && [...a].every((branch) => b.has(branch));
}

/**
 * @param {unknown} error
 * @param {string} subject named where the error's own words would repeat the sentence around them
 * @returns {import('./state.js').Failure}
 */
export function failureFrom(error, subject) {
  const { code = 'internal', message = String(error) } = /** @type {{ code?: string, message?: string }} */ (error ?? {});
  const namesSubject = code === 'network' || code === 'out-of-memory' || code === 'unknown-model';
  return { code, detail: namesSubject ? subject : message.replace(/\.$/, '') };
}
