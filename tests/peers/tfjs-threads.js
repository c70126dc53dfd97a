const { tf } = /** @type {any} */ (globalThis);

/**
 * Starts TF.js's wasm backend with so many threads. It takes no more than half of what the browser says that the machine has, because
 * two often share a core; so that a machine with two processors gets two, the page says that it has twice as many as are asked for.
 * @param {number} threads
 */
export async function useWasm(threads) {
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: 2 * threads });
  tf.wasm.setWasmPaths('/tests/peers/node_modules/@tensorflow/tfjs-backend-wasm/dist/');
  tf.wasm.setThreadsCount(threads);
  await tf.setBackend('wasm');
}
