/** @typedef {{ kind: 'hello' | 'here' | 'bye' | 'changed', from: string, backbone: string }} Said */

/** How often the others are asked whether they are there, and after what time without an answer they are not, in milliseconds. */
const [ASK, GONE] = [2000, 5000];

/** The other tabs of this origin in which the same classes are open. */
export class Tabs {
  #id = crypto.randomUUID();
  #channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('inception-teach');
  /** When each of them was heard last. @type {Map<string, number>} */
  #others = new Map();
  #asking = 0;

  /**
   * @param {string} backbone
   * @param {{ others: (are: boolean) => void, changed: () => void }} tell whether there are others; that one of them has written something
   */
  constructor(backbone, tell) {
    this.backbone = backbone;
    this.tell = tell;
    this.#channel?.addEventListener('message', ({ data }) => this.#hear(data));
    this.#say('hello');
    this.leave = this.leave.bind(this);
    addEventListener('pagehide', this.leave);
    this.#asking = setInterval(() => this.#ask(), ASK);
  }

  /** A tab that ends in a hurry says no word of it. */
  #ask() {
    if (this.#others.size === 0) return;
    for (const [id, heard] of this.#others) if (performance.now() - heard > GONE) this.#others.delete(id);
    this.tell.others(this.#others.size > 0);
    this.#say('hello');
  }

  /** What is kept has changed. */
  changed() {
    this.#say('changed');
  }

  leave() {
    clearInterval(this.#asking);
    this.#say('bye');
    removeEventListener('pagehide', this.leave);
    this.#channel?.close();
    this.#channel = null;
  }

  /** @param {Said['kind']} kind */
  #say(kind) {
    this.#channel?.postMessage(/** @type {Said} */ ({ kind, from: this.#id, backbone: this.backbone }));
  }

  /** @param {Said} said */
  #hear({ kind, from, backbone }) {
    if (backbone !== this.backbone) return;
    if (kind === 'bye') this.#others.delete(from);
    else this.#others.set(from, performance.now());
    if (kind === 'hello') this.#say('here');
    this.tell.others(this.#others.size > 0);
    if (kind === 'changed') this.tell.changed();
  }
}
