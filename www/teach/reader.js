import { byClass } from './state.js';
import { thumbnailOf } from './thumbnails.js';

/** @typedef {import('./state.js').Example} Example */
/** @typedef {import('./state.js').ClassName} ClassName */
/** @typedef {{ image: File, label: ClassName, name: string, isDropped?: boolean }} Item the label may become another while it is read */

/** Pictures that are at work at once: one is decoded while the network runs on another. */
const LANES = 2;
/** How often it is told how far it has come, and that it is time to write, in milliseconds. */
const [BETWEEN_TOLD, BETWEEN_WRITTEN] = [150, 2000];

/** Reads pictures one after another, and tells how far it is. */
export class Reader {
  /** @type {Item[]} */
  #queue = [];
  /** @type {Set<Item>} */
  #atWork = new Set();
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
    for (const item of items) this.#queue.push(item);
    this.#batch.total += items.length;
    if (!isAtWork) this.#work();
  }

  /** What was read stays. @returns {number} how many pictures are left */
  cancel() {
    const { total, done } = this.#batch;
    this.#queue = [];
    this.#cancel.abort();
    return total - done;
  }

  /** The pictures of a class that are still to be read go to another. @param {string} label @param {string} to */
  rename(label, to) {
    for (const item of this.#of(label)) item.label = to;
  }

  /** The pictures of a class are not wanted any more. @param {string} label */
  drop(label) {
    for (const item of this.#of(label)) item.isDropped = true;
  }

  /** @param {string} label */
  #of(label) {
    return [...this.#queue, ...this.#atWork].filter((item) => item.label === label);
  }

  async #work() {
    const { signal } = (this.#cancel = new AbortController());
    const batch = this.#batch;
    batch.began = batch.written = performance.now();
    batch.last = this.teacher.examples.reduce((last, { id }) => Math.max(last, id), 0);
    this.#tell(true);
    await Promise.all(Array.from({ length: LANES }, () => this.#lane(signal)));
    this.#batch = nothing();
    this.tell.done(batch);
  }

  /** @param {AbortSignal} signal */
  async #lane(signal) {
    for (let item = this.#queue.shift(); item !== undefined && !signal.aborted; item = this.#queue.shift()) {
      this.#atWork.add(item);
      await this.#read(item, signal);
      this.#atWork.delete(item);
      if (!signal.aborted) this.#batch.done += 1;
      this.#tell(false);
    }
  }

  /** @param {Item} item @param {AbortSignal} signal */
  async #read(item, signal) {
    const { teacher } = this;
    const { image, name } = item;
    const batch = this.#batch;
    try {
      const thumbnail = await thumbnailOf(image);
      if (item.isDropped) return;
      const { label } = item;
      const example = await teacher.add(image, label, { name, thumbnail, signal });
      if (example.id <= batch.last || batch.ids.includes(example.id)) {
        batch.twice += 1;
        return;
      }
      if (item.isDropped) teacher.remove(example.id);
      else if (item.label !== label) teacher.move(item.label, example.id);
      if (item.isDropped || item.label !== label) this.#forgetIfEmpty(label);
      if (item.isDropped) return;
      batch.ids.push(example.id);
      this.tell.added(example, image);
    } catch (error) {
      const { code = '', message = String(error) } = /** @type {{ code?: string, message?: string }} */ (error);
      if (!signal.aborted && code !== 'disposed') batch.skipped.push({ name, reason: message });
    }
  }

  /** A class that went while one of its pictures was read has come back with that. @param {ClassName} label */
  #forgetIfEmpty(label) {
    const { teacher } = this;
    if (label !== null && teacher.labels.includes(label) && !byClass(teacher.examples).has(label)) teacher.removeLabel(label);
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
