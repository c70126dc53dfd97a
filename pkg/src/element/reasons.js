import { imageOf } from './pictures.js';
import { failureFrom, sameBranches } from './questions.js';
import { SAMPLES, askedOf, keyOf } from './why.js';

/** @typedef {import('../index.js').Inception} Net */
/** @typedef {import('./why.js').Asked} Asked */

/**
 * What explains an answer, beside the class map.
 * @typedef {object} Reason
 * @property {Asked} asked
 * @property {import('./state.js').Picture} of
 * @property {ReadonlySet<string>} off branches that are switched off; empty where the way knows none
 * @property {'running' | 'done' | 'cancelled' | 'failed'} status
 * @property {number} done runs of the network
 * @property {number} total 0 while it is not known
 * @property {Found | null} found
 * @property {import('./state.js').Failure | null} failure
 *
 * @typedef {object} Found
 * @property {number} width
 * @property {number} height
 * @property {Float32Array} data row by row
 * @property {number} limit the value at the end of the colours
 * @property {number} sum what the values come to: of the difference, their mean
 * @property {boolean} exact whether it adds up, and is no estimate
 */

/** @type {ReadonlySet<string>} */
const NONE_OFF = new Set();
const METHODS = /** @type {const} */ ({ gradient: 'gradient', smooth: 'smoothgrad', integrated: 'integrated' });

/** Finds what explains the answer that is shown, where a way other than the class map is chosen. */
export class Reasons {
  #finding = new AbortController();

  /**
   * @param {import('./state.js').Store} store
   * @param {() => Net | null} net
   */
  constructor(store, net) {
    this.store = store;
    this.net = net;
    store.watch(
      ({ why, model, chosen, camOpacity, look, module, picture, run, off, shift, live }) => [why, model, chosen, camOpacity > 0, look.sort, module, picture, run.of, run.result, off, shift?.status, live],
      () => this.#find(),
    );
  }

  stop() {
    this.#finding.abort();
  }

  /** Finds it again after it was stopped, or failed. */
  again() {
    this.store.set({ reason: null });
    this.#find();
  }

  async #find() {
    const { store } = this;
    const { picture, run, model, live, shift, reason } = store.state;
    const net = this.net();
    const asked = askedOf(store.state);
    if (asked === null || net === null || model === null || picture === null || live || run.of !== picture) return this.#forget();
    const off = asked.kind === 'minus' ? store.state.off : NONE_OFF;
    if (asked.kind === 'minus' && shift?.status === 'running') return;
    const isKnown = reason !== null && reason.of === picture && keyOf(reason.asked) === keyOf(asked) && sameBranches(reason.off, off);
    if (isKnown) return;
    this.#finding.abort();
    const { signal } = (this.#finding = new AbortController());
    /** @type {Reason} */
    const begun = { asked, of: picture, off, status: 'running', done: 0, total: 0, found: null, failure: null };
    signal.addEventListener('abort', () => {
      const { reason } = store.state;
      if (reason?.status === 'running' && reason.asked === asked) store.set({ reason: { ...reason, status: 'cancelled' } });
    });
    store.set({ reason: begun });
    const show = (/** @type {Partial<Reason>} */ changes) => {
      if (!signal.aborted) store.set({ reason: { ...begun, ...changes } });
    };
    try {
      const found = await find(net, imageOf(picture), asked, { off: [...off], signal, onProgress: (done, total) => show({ done, total }) });
      show({ status: 'done', found });
    } catch (error) {
      show({ status: 'failed', failure: failureFrom(error, model.info.title) });
    }
  }

  #forget() {
    this.#finding.abort();
    if (this.store.state.reason !== null) this.store.set({ reason: null });
  }
}

/**
 * @param {Net} net
 * @param {import('../index.js').ImageSource} image
 * @param {Asked} asked
 * @param {{ off: string[], signal: AbortSignal, onProgress: (done: number, total: number) => void }} how
 * @returns {Promise<Found>}
 */
async function find(net, image, { kind, classIndex, layer, method, minus, head: name }, { off, signal, onProgress }) {
  const head = name ?? undefined;
  if (kind === 'gradcam') {
    const { width, height, data } = await net.gradCam(image, classIndex, layer, { head, signal });
    return { width, height, data, limit: largest(data), sum: 0, exact: false };
  }
  if (kind === 'saliency') {
    const { shape, map, scale } = await net.saliency(image, classIndex, { method: METHODS[method], samples: SAMPLES, head, signal, onProgress });
    return { width: shape[2], height: shape[1], data: map, limit: scale, sum: sumOf(map), exact: false };
  }
  const one = await net.cam(image, classIndex, { off, signal });
  const other = await net.cam(image, minus, { off, signal });
  const data = one.data.map((value, i) => value - (other.data[i] ?? 0));
  return { width: one.width, height: one.height, data, limit: largest(data), sum: sumOf(data) / data.length, exact: one.exact };
}

/** @param {Float32Array} values @returns {number} the largest amount */
function largest(values) {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** @param {Float32Array} values */
function sumOf(values) {
  return values.reduce((sum, value) => sum + value, 0);
}
