/** How many steps are undone at most. */
const MOST = 10;

/** What was done to the examples, to be undone. An example that is put back has another id, which steps before know by its first one. */
export class Steps {
  /** @type {(() => void)[]} */
  #steps = [];
  /** The ids of examples that were put back, by the former ones. @type {Map<number, number>} */
  #now = new Map();

  get canUndo() {
    return this.#steps.length > 0;
  }

  /** @param {() => void} undo */
  did(undo) {
    this.#steps.push(undo);
    if (this.#steps.length > MOST) this.#steps.shift();
  }

  undo() {
    this.#steps.pop()?.();
  }

  forget() {
    this.#steps = [];
    this.#now.clear();
  }

  /** @param {number} before @param {number} now */
  renamed(before, now) {
    this.#now.set(before, now);
  }

  /** @param {number} id as it was @returns {number} as it is */
  idNow(id) {
    let now = id;
    for (let next = this.#now.get(now); next !== undefined; next = this.#now.get(now)) now = next;
    return now;
  }
}
