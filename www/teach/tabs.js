/** @typedef {{ kind: 'hello' | 'here' | 'bye' | 'changed', from: string, backbone: string }} Said */

/** The other tabs of this origin in which the same classes are open. */
export class Tabs {
  #id = crypto.randomUUID();
  #channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('inception-teach');
  /** @type {Set<string>} */
  #others = new Set();

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
  }

  /** What is kept has changed. */
  changed() {
    this.#say('changed');
  }

  leave() {
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
    else this.#others.add(from);
    if (kind === 'hello') this.#say('here');
    this.tell.others(this.#others.size > 0);
    if (kind === 'changed') this.tell.changed();
  }
}
