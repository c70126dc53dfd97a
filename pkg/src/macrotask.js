const { setImmediate } = /** @type {{ setImmediate?: (task: () => void) => void }} */ (globalThis);

/** Resolves after the messages and events that wait now, without the delay of a timer. */
export const macrotask = setImmediate ? () => new Promise((/** @type {(value: void) => void} */ resolve) => setImmediate(resolve)) : byMessage();

/** @returns {() => Promise<void>} */
function byMessage() {
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
