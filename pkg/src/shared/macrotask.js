/** @type {(() => Promise<void>) | undefined} */
let next;

/** Resolves after the messages and events that wait now, without the delay of a timer. */
export const macrotask = () => (next ??= way())();

/** Long work in slices, between which messages and events are answered. */
export class Slices {
  /** Milliseconds of one. */
  static #LENGTH = 8;
  #started = performance.now();

  /** Whether it is time for what waits. */
  get isOver() {
    return performance.now() - this.#started >= Slices.#LENGTH;
  }

  async pause() {
    await macrotask();
    this.#started = performance.now();
  }
}

/** @returns {() => Promise<void>} */
function way() {
  const { setImmediate } = /** @type {{ setImmediate?: (task: () => void) => void }} */ (globalThis);
  if (setImmediate) return () => new Promise((/** @type {(value: void) => void} */ resolve) => setImmediate(resolve));
  if (typeof MessageChannel !== 'function') return () => new Promise((resolve) => setTimeout(resolve));
  /** @type {(() => void)[]} */
  const waiting = [];
  const channel = new MessageChannel();
  channel.port1.onmessage = () => waiting.shift()?.();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      channel.port2.postMessage(null);
    });
}
