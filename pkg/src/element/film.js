import { ANSWERS } from './runner.js';
import { asked } from './kept.js';
import { ALONE } from './pictures.js';
import { openPart } from './shown.js';

/**
 * A video that is classified frame after frame, while the frames between are dropped.
 *
 * @typedef {import('./state.js').Picture} Picture
 */

/** Over how long frames are counted, in milliseconds; at least the last two count. */
const COUNTED = 1500;

/** Plays a video on the network until it is stopped, another picture is shown or a frame cannot be classified. */
export class Film {
  #playing = new AbortController();
  /** The frame that is shown. @type {Picture | null} */
  #last = null;

  /**
   * @param {import('./state.js').Store} store
   * @param {import('./runner.js').Runner} runner
   * @param {(rate: number | null) => void} tell of each classified frame
   */
  constructor(store, runner, tell) {
    this.store = store;
    this.runner = runner;
    this.tell = tell;
    store.watch(
      ({ live }) => [live],
      ({ live }) => live || this.#leave(),
    );
  }

  /**
   * @param {HTMLVideoElement} video
   * @param {string} name of its frames
   */
  play(video, name) {
    this.#playing.abort();
    const { signal } = (this.#playing = new AbortController());
    this.store.set({ live: true });
    this.#classify(video, name, signal);
  }

  /** Stops; the last frame stays as the picture and is run in full, which also tells why a frame could not be. */
  stop() {
    if (!this.store.state.live) return;
    const last = this.#last;
    this.store.set({ live: false });
    if (last !== null) this.runner.show(last);
    else this.runner.run();
  }

  #leave() {
    this.#playing.abort();
    this.#last = null;
  }

  /**
   * @param {HTMLVideoElement} video
   * @param {string} name
   * @param {AbortSignal} signal
   */
  async #classify(video, name, signal) {
    const rate = new Rate();
    for (await nextFrame(video, signal); !signal.aborted; await nextFrame(video, signal)) {
      const bitmap = await frameOf(video);
      if (bitmap === null) continue;
      const frame = { name, blob: bitmap, preview: bitmap, ...ALONE };
      const outcome = await this.#run(frame, signal);
      if (outcome === 'dropped') bitmap.close();
      else {
        this.#last?.preview?.close();
        this.#last = frame;
      }
      if (outcome === 'failed') return this.stop();
      if (outcome === 'classified') this.tell(rate.count(performance.now()));
    }
  }

  /**
   * Runs a frame with the branches off that are to be, and shows it with its answer and the open module.
   * @param {Picture} frame
   * @param {AbortSignal} signal
   * @returns {Promise<'classified' | 'shown' | 'dropped' | 'failed'>} shown: there is no model yet
   */
  async #run(frame, signal) {
    const { store, runner } = this;
    const { net } = runner;
    runner.followHead();
    const { model, off, inner } = store.state;
    const open = openPart(store.state);
    runner.cancelRanking();
    if (net === null || model === null) {
      store.set({ picture: frame, pictureFailure: null });
      return 'shown';
    }
    const topK = model.info.classes > 0 ? ANSWERS : 0;
    try {
      const modules = model.network.modules.filter((module) => module === open);
      const stem = open === model.network.stem ? open : null;
      const part = { ...model, network: { ...model.network, modules, stem } };
      const { layers, statistics } = asked(part);
      const result = await net.ablate(frame.blob, { off: [...off], topK, layers: [...layers, ...inner.values()], statistics, signal });
      if (signal.aborted || net !== runner.net) return 'dropped';
      runner.showFrame(frame, result, part);
      return 'classified';
    } catch {
      return signal.aborted || net !== runner.net ? 'dropped' : 'failed';
    }
  }
}

/** Counts events: how many a second there were lately. */
export class Rate {
  /** @type {number[]} */
  #times = [];

  /**
   * @param {number} now milliseconds
   * @returns {number | null} null for a first event
   */
  count(now) {
    const times = this.#times;
    times.push(now);
    while (times.length > 2 && now - (times[0] ?? now) > COUNTED) times.shift();
    const [first = now] = times;
    return times.length > 1 && now > first ? ((times.length - 1) * 1000) / (now - first) : null;
  }
}

/**
 * @param {HTMLVideoElement} video
 * @returns {Promise<ImageBitmap | null>} null where there is nothing to see
 */
async function frameOf(video) {
  try {
    return await createImageBitmap(video);
  } catch {
    return null;
  }
}

/**
 * Waits for a frame that was not there yet.
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} signal ends the wait
 * @returns {Promise<void>}
 */
function nextFrame(video, signal) {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done);
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(done);
    else requestAnimationFrame(done);
  });
}
