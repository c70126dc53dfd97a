import { thumbnailOf } from './thumbnails.js';

/** @typedef {import('./state.js').Example} Example */
/** @typedef {{ image: File, label: import('./state.js').ClassName, name: string }} Item */

/** Pictures that are at work at once: one is decoded while the network runs on another. */
const LANES = 2;
/** How often it is told how far it has come, and that it is time to write, in milliseconds. */
const [BETWEEN_TOLD, BETWEEN_WRITTEN] = [150, 2000];

/** Reads pictures one after another, and tells how far it is. */
export class Reader {
  /** @type {Item[]} */
  #queue = [];
  #cancel = new AbortController();
  #batch = nothing();

  /**
   * @param {import('../../pkg/dist/teacher.js').Teacher} teacher
   * @param {object} tell
   * @param {(reading: import('./state.js').Reading, isTimeToWrite: boolean) => void} tell.progress
   * @param {(example: Example, source: Blob) => void} tell.added
   * @param {(outcome: { ids: number[], skipped: import('./state.js').Skipped[], twice: number }) => void} tell.done when nothing is left to read
   */
  constructor(teacher, tell) {
    this.teacher = teacher;
    this.tell = tell;
  }

  /** @param {Item[]} items */
  add(items) {
    if (items.length === 0) return;
    const isAtWork = this.#batch.total > 0;
    this.#queue.push(...items);
    this.#batch.total += items.length;
    if (!isAtWork) this.#work();
  }

  /** What was read stays. */
  cancel() {
    this.#queue = [];
    this.#cancel.abort();
  }

  async #work() {
    const { signal } = (this.#cancel = new AbortController());
    const batch = this.#batch;
    batch.last = this.teacher.examples.reduce((last, { id }) => Math.max(last, id), 0);
    this.#tell(true);
    await Promise.all(Array.from({ length: LANES }, () => this.#lane(signal)));
    this.#batch = nothing();
    this.tell.done(batch);
  }

  /** @param {AbortSignal} signal */
  async #lane(signal) {
    for (let item = this.#queue.shift(); item !== undefined && !signal.aborted; item = this.#queue.shift()) {
      await this.#read(item, signal);
      if (!signal.aborted) this.#batch.done += 1;
      this.#tell(false);
    }
  }

  /** @param {Item} item @param {AbortSignal} signal */
  async #read({ image, label, name }, signal) {
    const { teacher } = this;
    const batch = this.#batch;
    try {
      const thumbnail = await thumbnailOf(image);
      const example = await teacher.add(image, label, { name, thumbnail, signal });
      if (example.id <= batch.last || batch.ids.includes(example.id)) {
        batch.twice += 1;
        return;
      }
      batch.ids.push(example.id);
      this.tell.added(example, image);
    } catch (error) {
      const { code = '', message = String(error) } = /** @type {{ code?: string, message?: string }} */ (error);
      if (!signal.aborted && code !== 'disposed') batch.skipped.push({ name, reason: message });
    }
  }

  /** @param {boolean} isFirst */
  #tell(isFirst) {
    const batch = this.#batch;
    const now = performance.now();
    if (!isFirst && now - batch.told < BETWEEN_TOLD) return;
    batch.told = now;
    const isTimeToWrite = now - batch.written > BETWEEN_WRITTEN;
    if (isTimeToWrite) batch.written = now;
    const seconds = (now - batch.began) / 1000;
    this.tell.progress({ done: batch.done, total: batch.total, rate: batch.done > 1 && seconds > 1 ? batch.done / seconds : null }, isTimeToWrite);
  }
}

function nothing() {
  const now = performance.now();
  return {
    total: 0,
    done: 0,
    ids: /** @type {number[]} */ ([]),
    /** The largest id of an example that was there before. */
    last: 0,
    skipped: /** @type {import('./state.js').Skipped[]} */ ([]),
    twice: 0,
    began: now,
    told: 0,
    written: now,
  };
}
