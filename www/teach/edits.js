import { t } from '../../pkg/dist/element/i18n.js';
import { byClass } from './state.js';
import { Steps } from './steps.js';

/** @typedef {import('./state.js').Example} Example */
/** @typedef {import('./state.js').ClassName} ClassName */

/** What is done to a teacher's classes and examples by hand, each of which can be undone. */
export class Edits {
  #steps = new Steps();

  /**
   * @param {import('../../pkg/dist/teacher.js').Teacher} teacher
   * @param {import('./reader.js').Reader} reader whose pictures are still to come
   * @param {Map<number, Blob>} files that examples came from, by their ids
   * @param {() => void} changed told after each
   */
  constructor(teacher, reader, files, changed) {
    this.teacher = teacher;
    this.reader = reader;
    this.files = files;
    this.changed = changed;
  }

  get canUndo() {
    return this.#steps.canUndo;
  }

  undo() {
    if (!this.#steps.canUndo) return;
    this.#steps.undo();
    this.changed();
  }

  /** Nothing of before can be undone any more. */
  forget() {
    this.#steps.forget();
  }

  /**
   * Examples have come, not by hand.
   * @param {number[]} ids
   * @param {Iterable<string>} [labels] classes that came with them
   */
  added(ids, labels = []) {
    const undo = () => {
      this.teacher.remove(...ids.map((id) => this.#steps.idNow(id)));
      for (const label of labels) this.#removeIfEmpty(label);
    };
    if (ids.length > 0) this.#steps.did(undo);
    this.changed();
  }

  /** @returns {string} the name of a new class */
  addClass() {
    const { labels } = this.teacher;
    let n = labels.length + 1;
    while (labels.includes(t('newClass', { n }))) n += 1;
    const label = t('newClass', { n });
    this.teacher.addLabel(label);
    this.#did(() => this.#removeIfEmpty(label));
    return label;
  }

  /**
   * Gives a class another name; where there is one of that name, its pictures go there.
   * @param {string} label
   * @param {string} to
   */
  renameClass(label, to) {
    const { teacher } = this;
    // A field that goes with its card tells of its change once more.
    if (!teacher.labels.includes(label) || to === '' || to === label) return;
    const isMerged = teacher.labels.includes(to);
    const ids = (byClass(teacher.examples).get(label) ?? []).map(({ id }) => id);
    const twins = teacher.renameLabel(label, to);
    this.reader.rename(label, to);
    this.#did(() => {
      if (!isMerged) {
        this.reader.rename(to, label);
        return teacher.labels.includes(to) && teacher.renameLabel(to, label);
      }
      teacher.addLabel(label);
      this.#moveBack(label, ids);
      this.#putBack(twins);
    });
  }

  /** @param {string} label @returns {number} how many pictures went with it */
  removeClass(label) {
    const removed = this.teacher.removeLabel(label);
    this.reader.drop(label);
    this.#did(() => {
      this.teacher.addLabel(label);
      this.#putBack(removed);
    });
    return removed.length;
  }

  /** @param {number[]} ids */
  remove(ids) {
    const removed = this.teacher.remove(...ids);
    if (removed.length > 0) this.#did(() => this.#putBack(removed));
  }

  /** @param {ClassName} label @param {number[]} ids */
  move(label, ids) {
    const before = byClass(this.teacher.examples.filter(({ id }) => ids.includes(id)));
    const twins = this.teacher.move(label, ...ids);
    this.#did(() => {
      for (const [former, examples] of before) this.#moveBack(former, examples.map(({ id }) => id));
      this.#putBack(twins);
    });
  }

  /** @param {() => void} undo */
  #did(undo) {
    this.#steps.did(undo);
    this.changed();
  }

  /** @param {string} label */
  #removeIfEmpty(label) {
    const { teacher } = this;
    if (teacher.labels.includes(label) && !byClass(teacher.examples).has(label)) teacher.removeLabel(label);
  }

  /** @param {ClassName} label @param {number[]} ids as they were */
  #moveBack(label, ids) {
    const there = new Set(this.teacher.examples.map(({ id }) => id));
    const now = ids.map((id) => this.#steps.idNow(id)).filter((id) => there.has(id));
    if (now.length > 0) this.teacher.move(label, ...now);
  }

  /** @param {Example[]} removed */
  #putBack(removed) {
    for (const given of removed) {
      const [example] = this.teacher.put([given]);
      if (example === undefined) continue;
      this.#steps.renamed(given.id, example.id);
      const file = this.files.get(given.id);
      if (file) this.files.set(example.id, file);
    }
  }
}
