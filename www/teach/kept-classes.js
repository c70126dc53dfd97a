import { answerOf, endOf } from '../../pkg/dist/element/database.js';

/** The origin's database of classes, for each backbone. */
const NAME = 'inception-teach';
const [EXAMPLES, CLASSES] = ['examples', 'classes'];

/** @typedef {import('./state.js').Example} Example */
/** @typedef {Pick<Example, 'label' | 'name' | 'thumbnail' | 'features'> & { key: number }} Kept */
/** @typedef {{ labels: string[], threshold: number | null }} About */

/** The classes of one backbone, as this origin keeps them: features, labels, names and thumbnails. */
export class KeptClasses {
  /** Under which key an example is kept, by its id. @type {Map<number, number>} */
  #keys = new Map();
  /** With which label, by key. @type {Map<number, string>} */
  #labels = new Map();
  #about = '';
  /** Keys of what is kept twice. @type {number[]} */
  #surplus = [];

  /** @param {IDBDatabase} database @param {string} backbone */
  constructor(database, backbone) {
    this.database = database;
    this.backbone = backbone;
    // A later version of the page, in another tab, or whoever clears the browser's data.
    database.onversionchange = () => database.close();
  }

  /**
   * @param {string} backbone
   * @returns {Promise<KeptClasses>}
   * @throws {unknown} where the browser keeps nothing
   */
  static async open(backbone) {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(EXAMPLES, { autoIncrement: true }).createIndex('backbone', 'backbone');
      request.result.createObjectStore(CLASSES);
    };
    return new KeptClasses(/** @type {IDBDatabase} */ (await answerOf(request)), backbone);
  }

  close() {
    this.database.close();
  }

  /** @returns {Promise<About & { examples: Kept[] }>} in the order in which they came */
  async read() {
    const transaction = this.database.transaction([EXAMPLES, CLASSES]);
    const index = transaction.objectStore(EXAMPLES).index('backbone');
    const [records, keys, about] = await Promise.all([
      answerOf(index.getAll(this.backbone)),
      answerOf(index.getAllKeys(this.backbone)),
      answerOf(transaction.objectStore(CLASSES).get(this.backbone)),
    ]);
    const examples = records.map((/** @type {Kept} */ record, /** @type {number} */ i) => ({ ...record, key: keys[i] }));
    return { labels: [], threshold: null, ...about, examples };
  }

  /** An example is kept under this key. @param {Example} example @param {number} key */
  know({ id, label }, key) {
    this.#keys.set(id, key);
    this.#labels.set(key, JSON.stringify(label));
  }

  /** What is under this key is not needed, and goes with the next changes. @param {number} key */
  remove(key) {
    this.#surplus.push(key);
  }

  /** @param {number} id of an example @returns {number | undefined} */
  keyOf(id) {
    return this.#keys.get(id);
  }

  /** An example is kept no more. @param {number} id */
  forget(id) {
    const key = this.#keys.get(id);
    this.#keys.delete(id);
    if (key !== undefined) this.#labels.delete(key);
  }

  /** An example that is kept has this label. @param {number} id @param {import('../../pkg/dist/teacher.js').Label} label */
  relabel(id, label) {
    this.#labels.set(this.#keys.get(id) ?? -1, JSON.stringify(label));
  }

  /**
   * Writes what has changed since the last time, all of it or nothing.
   * @param {About} about
   * @param {readonly Example[]} examples
   * @returns {Promise<boolean>} whether there was something to write
   * @throws {unknown} a DOMException, with the name `QuotaExceededError` where there is no room
   */
  async write(about, examples) {
    const ids = new Set(examples.map(({ id }) => id));
    const gone = [...this.#keys].filter(([id]) => !ids.has(id));
    const fresh = examples.filter(({ id }) => !this.#keys.has(id));
    const moved = examples.filter(({ id, label }) => this.#keys.has(id) && this.#labels.get(this.#keys.get(id) ?? -1) !== JSON.stringify(label));
    const text = JSON.stringify(about);
    if (gone.length + fresh.length + moved.length === 0 && text === this.#about) return false;
    const transaction = this.database.transaction([EXAMPLES, CLASSES], 'readwrite');
    const done = endOf(transaction);
    const store = transaction.objectStore(EXAMPLES);
    for (const key of [...gone.map(([, kept]) => kept), ...this.#surplus]) store.delete(key);
    const requests = fresh.map(({ label, name, thumbnail, features }) => store.add({ backbone: this.backbone, label, name, thumbnail, features }));
    for (const { id, label } of moved) {
      const key = /** @type {number} */ (this.#keys.get(id));
      const request = store.get(key);
      request.onsuccess = () => request.result && store.put({ ...request.result, label }, key);
    }
    const classes = transaction.objectStore(CLASSES);
    if (about.labels.length === 0 && examples.length === 0) classes.delete(this.backbone);
    else classes.put(about, this.backbone);
    await done;
    this.#surplus = [];
    for (const [id] of gone) this.forget(id);
    for (const [i, example] of fresh.entries()) this.know(example, /** @type {number} */ (requests[i]?.result));
    for (const { id, label } of moved) this.relabel(id, label);
    this.#about = text;
    return true;
  }
}
