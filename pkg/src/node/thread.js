import { Worker } from 'node:worker_threads';

/** @typedef {import('../shared/protocol.js').EngineWorker} EngineWorker */

/**
 * A thread of Node.js on the engine's script, in the shape of a browser's worker. The process does not wait for it unless `ref` says so.
 * @returns {EngineWorker}
 */
export function openThread() {
  // Options of the process, such as `--input-type`, may forbid the script.
  const worker = new Worker(new URL('./worker.js', import.meta.url), { name: 'inception-web', execArgv: [] });
  /** @type {EngineWorker} */
  const thread = {
    onmessage: null,
    onmessageerror: null,
    onerror: null,
    postMessage: (message, transfer) => worker.postMessage(message, /** @type {import('node:worker_threads').TransferListItem[]} */ (transfer)),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    terminate() {
      Object.assign(thread, { onmessage: null, onmessageerror: null, onerror: null });
      void worker.terminate();
    },
  };
  const fail = (/** @type {string} */ message) => thread.onerror?.({ message, preventDefault: () => undefined });
  worker.on('message', (data) => thread.onmessage?.({ data }));
  worker.on('messageerror', () => thread.onmessageerror?.());
  worker.on('error', (error) => fail(error.message));
  worker.on('exit', (status) => fail(`it ended with status ${status}`));
  worker.unref();
  return thread;
}
