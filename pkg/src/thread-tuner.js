/** Runs of each number of threads that are measured; the fastest counts, as all else on a machine only takes time away. */
const RUNS = 2;
/** Runs before that: browsers compile code well only once it has run for a while. */
const COLD_RUNS = 1;
/** What a smaller number of threads has to take at most, of the time that the larger one takes. */
const FASTER = 0.95;
/** No fewer are tried. */
const FEWEST = 2;

/**
 * Finds by the time of whole runs whether fewer threads are faster. Browsers tell of processors that are not there (Safari says four
 * or eight), and slow ones, or those that other programs use, hold up all who share a layer with them.
 */
export class ThreadTuner {
  /** What the runs that are compared have in common. */
  #kind = '';
  #cold = COLD_RUNS;
  /** @type {number[]} */
  #times = [];
  /** Of the number that is kept: its fastest run. @type {number | null} */
  #fastest = null;
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
    if (!this.isOpen) return;
    if (kind !== this.#kind) return this.#begin(kind);
    if (this.#cold > 0) return void (this.#cold -= 1);
    this.#times.push(ms);
    if (this.#times.length < RUNS) return;
    const fastest = Math.min(...this.#times);
    this.#times = [];
    if (this.#fastest === null || fastest < FASTER * this.#fastest) {
      this.#fastest = fastest;
      this.#kept = this.#threads;
      this.#isOpen = this.#threads > FEWEST;
    } else {
      this.#isOpen = false;
    }
    this.#run(this.#isOpen ? Math.ceil(this.#kept / 2) : this.#kept);
  }

  /** @param {string} kind measured from now on */
  #begin(kind) {
    this.#kind = kind;
    this.#cold = COLD_RUNS - 1;
    this.#times = [];
    this.#fastest = null;
    this.#run(this.#kept);
  }

  /** @param {number} threads */
  #run(threads) {
    if (threads !== this.#threads) this.#limit(threads);
    this.#threads = threads;
  }
}
