/** Runs of each number of threads that are measured; the fastest counts, as all else on a machine only takes time away. */
const RUNS = 2;
/** Runs before that: browsers compile code well only once it has run for a while. */
const COLD_RUNS = 1;
/** Runs with a smaller number that may come without being like those before; then the larger one is kept. */
const MOST_UNLIKE = 10;
/** What a smaller number of threads has to take at most, of the time that the larger one takes. */
const FASTER = 0.95;
/** No fewer are tried. */
const FEWEST = 2;

/**
 * Finds by the time of whole runs whether fewer threads are faster. Browsers tell of processors that are not there (Safari says four
 * or eight), and slow ones, or those that other programs use, hold up all who share a layer with them.
 */
export class ThreadTuner {
  /** Times of the number that is kept, and of the one that is tried, by the kind of run. @type {[Map<string, number[]>, Map<string, number[]>]} */
  #times = [new Map(), new Map()];
  #unlike = 0;
  #isOpen;
  #kept;
  #threads;
  #limit;

  /**
   * @param {number} threads that run at first
   * @param {(threads: number) => void} limit makes so many run
   */
  constructor(threads, limit) {
    this.#kept = threads;
    this.#threads = threads;
    this.#limit = limit;
    this.#isOpen = threads > FEWEST;
  }

  /** How many threads run now. */
  get threads() {
    return this.#threads;
  }

  /** Whether the number may still change. */
  get isOpen() {
    return this.#isOpen;
  }

  /**
   * Takes the time of a run.
   * @param {string} kind runs of other kinds take other times
   * @param {number} ms
   */
  note(kind, ms) {
    if (!this.#isOpen) return;
    const [kept, tried] = this.#times;
    if (this.#threads === this.#kept) {
      const times = added(kept, kind, ms);
      if (times.length >= COLD_RUNS + RUNS) this.#run(Math.ceil(this.#kept / 2));
      return;
    }
    const before = (kept.get(kind) ?? []).slice(COLD_RUNS);
    if (before.length < RUNS) {
      this.#unlike += 1;
      if (this.#unlike > MOST_UNLIKE) this.#close(this.#kept);
      return;
    }
    const now = added(tried, kind, ms);
    if (now.length < RUNS) return;
    if (Math.min(...now) >= FASTER * Math.min(...before)) return this.#close(this.#kept);
    if (this.#threads <= FEWEST) return this.#close(this.#threads);
    // What was tried is what the next number is held against; its runs were warm from the first on.
    this.#kept = this.#threads;
    this.#times = [new Map([[kind, [...Array(COLD_RUNS).fill(ms), ...now]]]), new Map()];
    this.#run(Math.ceil(this.#kept / 2));
  }

  /** @param {number} threads that are kept for good */
  #close(threads) {
    this.#isOpen = false;
    this.#run(threads);
  }

  /** @param {number} threads */
  #run(threads) {
    if (threads !== this.#threads) this.#limit(threads);
    this.#threads = threads;
  }
}

/**
 * @param {Map<string, number[]>} times
 * @param {string} kind
 * @param {number} ms
 * @returns {number[]} all of that kind
 */
function added(times, kind, ms) {
  const all = [...(times.get(kind) ?? []), ms];
  times.set(kind, all);
  return all;
}
