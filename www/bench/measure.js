import { Inception } from '../../pkg/dist/index.js';
import { failureFrom } from '../../pkg/dist/element/questions.js';
import { inFront } from './in-front.js';
import { FEWEST_WARM, WARM_UP, runsOf } from './pace.js';

/** @typedef {import('../../pkg/dist/index.js').DeviceChange} DeviceChange */
/** @typedef {import('../../pkg/dist/index.js').Tuned} Tuned */

/**
 * What a model does on a device. Times are milliseconds.
 *
 * @typedef {object} Answer
 * @property {string} model
 * @property {string} title
 * @property {string} network
 * @property {'published' | 'random' | 'own'} weights
 * @property {'cpu' | 'webgpu'} device
 * @property {number} threads
 * @property {Tuned | null} tuning null: the GPU's kernels were taken as they come
 * @property {boolean} tuned
 * @property {number[]} runs each of an answer, from pixels to classes, in their order
 * @property {number} discarded how many runs came before those
 * @property {LayerTime[]} layers in the order of execution
 * @property {{ code: string, detail: string } | null} failure why there is no figure
 *
 * @typedef {{ name: string, part: string, ms: number, macs: number }} LayerTime part: the branch that it belongs to, else its own name
 */

/** How much of a row is done when each of its stages begins: before tuning, warming up, running, profiling. */
const [TUNES, WARMS, RUNS, PROFILES] = [0.1, 0.15, 0.25, 0.85];
/** With tuning, which takes longest. */
const TUNED_WARMS = 0.6;

/**
 * Measures a row.
 * @param {import('./subjects.js').Subject} subject
 * @param {import('./places.js').Place} place
 * @param {object} how
 * @param {ImageData} how.picture
 * @param {number} how.most runs at most
 * @param {AbortSignal} how.signal
 * @param {(fraction: number) => void} how.onProgress
 * @param {import('./in-front.js').OnPause} how.onPause
 * @returns {Promise<{ answer: Answer, simd: 'simd128' | 'relaxed' | null }>} with a failure where it cannot be measured; rejected only with the signal's reason
 */
export async function measure(subject, place, { picture, most, signal, onProgress, onPause }) {
  const { title, weights } = subject;
  const about = { model: subject.id, title, network: subject.network ?? '', weights, device: place.device, threads: place.threads, tuned: place.tuned };
  const nothing = { tuning: null, runs: [], discarded: 0, layers: [] };
  /** Ends the row: with the whole measurement, or with its GPU. */
  const row = new AbortController();
  const stop = () => row.abort(signal.reason);
  signal.addEventListener('abort', stop);
  /** @type {DeviceChange | null} */
  let lost = null;
  const onDevice = (/** @type {DeviceChange} */ change) => {
    lost = change;
    row.abort();
  };
  /** @type {Inception | null} */
  let net = null;
  try {
    net = await Inception.load(await subject.source(), { device: place.device, threads: place.device === 'cpu' ? place.threads : 'auto', signal: row.signal, onDevice });
    const { network, threads, simd } = net.info;
    const told = { ...about, network, threads: place.device === 'cpu' ? threads.used : 1 };
    const counted = await answers(net, place, { picture, most, signal: row.signal, onProgress, onPause });
    row.signal.throwIfAborted();
    return { answer: { ...told, ...counted, failure: null }, simd };
  } catch (error) {
    signal.throwIfAborted();
    const { code, detail } = lost === null ? failureFrom(error, title) : failureOf(lost);
    return { answer: { ...about, ...nothing, failure: { code, detail } }, simd: net?.info.simd ?? null };
  } finally {
    signal.removeEventListener('abort', stop);
    net?.dispose();
  }
}

/** @param {DeviceChange} change */
function failureOf({ code, reason }) {
  return { code: code ?? 'internal', detail: reason };
}

/**
 * @param {Inception} net
 * @param {import('./places.js').Place} place
 * @param {{ picture: ImageData, most: number, signal: AbortSignal, onProgress: (fraction: number) => void, onPause: import('./in-front.js').OnPause }} how
 * @returns {Promise<Pick<Answer, 'tuning' | 'runs' | 'discarded' | 'layers'>>}
 */
async function answers(net, place, { picture, most, signal, onProgress, onPause }) {
  const warms = place.tuned ? TUNED_WARMS : WARMS;
  /** What a stage has done of itself, of the row. @param {number} from @param {number} to */
  const stage = (from, to) => (/** @type {number} */ done, /** @type {number} */ total) => onProgress(from + (to - from) * (total > 0 ? Math.min(1, done / total) : 0));
  // Another visit may have tuned it; what it found stays kept.
  if (place.device === 'webgpu') await net.tune({ undo: true, keep: false, signal });
  const tuning = place.tuned ? await inFront((turn) => net.tune({ signal: turn, onProgress: stage(TUNES, warms) }), signal, onPause) : null;
  /** @returns {Promise<number>} milliseconds of one answer */
  const run = () =>
    inFront(
      async (turn) => {
        const start = performance.now();
        await net.classify(picture, { signal: turn });
        return performance.now() - start;
      },
      signal,
      onPause,
    );

  const runsFrom = Math.max(warms, RUNS);
  let discarded = 0;
  let last = 0;
  for (let spent = 0; discarded < FEWEST_WARM || spent < WARM_UP * 1000; spent += last) {
    last = await run();
    discarded += 1;
    stage(warms, runsFrom)(spent, WARM_UP * 1000);
  }
  const n = runsOf(last / 1000, most);
  /** @type {number[]} */
  const runs = [];
  while (runs.length < n) {
    runs.push(await run());
    stage(runsFrom, PROFILES)(runs.length, n);
  }
  const times = await inFront((turn) => net.profile(picture, { signal: turn, onProgress: stage(PROFILES, 1) }), signal, onPause);
  const part = partsOf(net);
  return { tuning, runs, discarded, layers: times.map(({ name, ms, macs }) => ({ name, part: part(name), ms, macs })) };
}

/** @param {Inception} net @returns {(layer: string) => string} the branch that a layer belongs to, else the layer itself */
function partsOf({ layers }) {
  const branches = new Map(layers.flatMap(({ kind, module, branch, name }) => (kind === 'branch' ? [[`${module} ${branch}`, name]] : [])));
  const of = new Map(layers.map(({ name, module, branch }) => [name, branches.get(`${module} ${branch}`)]));
  return (layer) => of.get(layer) ?? layer;
}
