import { usualMacs } from '../../pkg/dist/shared/network-macs.js';

/** Multiply-adds a second: of one thread, of a GPU, and of software that plays one. */
const [THREAD, GPU, SOFTWARE_GPU] = [20e9, 300e9, 1.5e9];
/** What an answer of a GPU takes in any case, in seconds. */
const GPU_WAIT = 0.005;
/** In seconds: a load without its weights; how long a run is repeated before it is counted; all runs of a row at most; a tuning. */
const LOAD = 0.7;
export const WARM_UP = 0.5;
export const ALL_RUNS = 15;
export const TUNING = 20;
/** At least so many runs come before those that are counted, and are counted. */
export const [FEWEST_WARM, FEWEST_RUNS] = [2, 5];
/** Times that a layer is run to be timed, on average. */
const PROFILE_RUNS = 4;

/**
 * How many runs of a row are counted.
 * @param {number} seconds that one takes
 * @param {number} most
 */
export function runsOf(seconds, most) {
  return Math.min(most, Math.max(FEWEST_RUNS, Math.floor(ALL_RUNS / seconds)));
}

/**
 * @param {import('./subjects.js').Subject} subject
 * @param {import('./places.js').Place} place
 * @param {{ software: boolean, most: number, known: number | null }} about whether software plays the GPU; runs at most; how many milliseconds a
 *   run took the last time
 * @returns {number} about how long the row takes, in seconds
 */
export function expected({ network }, { device, threads, tuned }, { software, most, known }) {
  const rate = device === 'cpu' ? THREAD * threads ** 0.8 : software ? SOFTWARE_GPU : GPU;
  const run = known === null ? usualMacs(network) / rate + (device === 'cpu' ? 0 : GPU_WAIT) : known / 1000;
  return LOAD + (tuned ? TUNING : 0) + Math.max(WARM_UP, FEWEST_WARM * run) + runsOf(run, most) * run + PROFILE_RUNS * run;
}

/** How far a measurement is, and how long the rest of it takes, by what has been seen of its pace. */
export class Pace {
  #total;
  #done = 0;
  #began = performance.now();
  #pausedAt = 0;

  /** @param {number[]} rows how long each is expected to take, in seconds */
  constructor(rows) {
    this.rows = rows;
    this.#total = rows.reduce((sum, row) => sum + row, 0);
  }

  /**
   * @param {number} row its index
   * @param {number} fraction of it, from 0 to 1
   * @returns {{ fraction: number, left: number }} of the whole; in seconds
   */
  at(row, fraction) {
    const done = this.rows.slice(0, row).reduce((sum, each) => sum + each, 0) + (this.rows[row] ?? 0) * fraction;
    this.#done = Math.max(this.#done, done);
    const share = this.#done / this.#total;
    const elapsed = (performance.now() - this.#began) / 1000;
    // The first rows say little of the pace: the more is done, the more it counts.
    const pace = 1 - share + share * (elapsed / Math.max(this.#done, 1e-3));
    return { fraction: share, left: (this.#total - this.#done) * pace };
  }

  /** Stops the clock, or lets it go on. @param {boolean} paused */
  pause(paused) {
    const now = performance.now();
    if (paused) this.#pausedAt = now;
    else this.#began += now - this.#pausedAt;
  }
}
