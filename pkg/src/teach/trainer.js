import { ownTeachWorker } from '../assets.js';
import { InceptionError, abortedError, throwIfAborted } from '../shared/errors.js';
import { platform } from '../shared/platform.js';
import { addressOf, scriptOf } from '../client/worker-script.js';
import { train as trainHere } from './training.js';

/** @typedef {import('../shared/protocol.js').FromTraining} FromTraining */
/** @typedef {import('../shared/protocol.js').Trained} Trained */
/** @typedef {import('../shared/protocol.js').TrainingRequest} TrainingRequest */

/** How long the worker may take before its first word, which it has once its script has come, in milliseconds. */
const SILENCE_MS = 10_000;

/**
 * Trains a head in a worker that is made for it; in this thread where there is none.
 * @param {TrainingRequest} request
 * @param {{ worker: boolean | undefined, workerUrl: string | null }} place of the network's engine
 * @param {AbortSignal} signal
 * @param {((done: number) => void) | undefined} onProgress from 0 to 1
 * @returns {Promise<Trained>}
 * @throws {InceptionError}
 */
export async function train(request, { worker, workerUrl }, signal, onProgress) {
  const opened = worker === false || platform.openWorker !== null || platform.lackOfWorkers() !== null ? null : open(workerUrl);
  const trained = opened && (await inWorker(opened, request, signal, onProgress));
  return trained ?? trainHere(request, signal, onProgress);
}

/**
 * @param {string | null} workerUrl of the engine's script, which its own lies beside
 * @returns {Worker | null}
 */
function open(workerUrl) {
  try {
    const script = scriptOf(workerUrl?.replace(/[^/]*$/, 'teach-worker.js') ?? null, 'teach-worker.js');
    return script === null ? ownTeachWorker() : new Worker(addressOf(script), { type: 'module', name: 'inception-web teach' });
  } catch {
    return null;
  }
}

/**
 * @param {Worker} worker ended afterwards
 * @param {TrainingRequest} request
 * @param {AbortSignal} signal
 * @param {((done: number) => void) | undefined} onProgress
 * @returns {Promise<Trained | null>} null where its script does not come
 */
async function inWorker(worker, request, signal, onProgress) {
  throwIfAborted(signal);
  let hasSpoken = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silence;
  const abort = new AbortController();
  try {
    return await new Promise((resolve, reject) => {
      silence = setTimeout(() => hasSpoken || resolve(null), SILENCE_MS);
      signal.addEventListener('abort', () => reject(abortedError(signal)), { signal: abort.signal });
      worker.onerror = (event) => {
        event.preventDefault();
        if (hasSpoken) reject(new InceptionError('internal', `the worker that trains failed (${event.message})`));
        else resolve(null);
      };
      worker.onmessage = (/** @type {MessageEvent<FromTraining>} */ { data }) => {
        // What it says first is that its script has come.
        if (!hasSpoken) worker.postMessage(request);
        hasSpoken = true;
        if (data.type === 'progress') onProgress?.(data.done);
        else if (data.type === 'trained') resolve(data.trained);
        else reject(new InceptionError(data.error.code, data.error.message));
      };
    });
  } finally {
    clearTimeout(silence);
    abort.abort();
    worker.terminate();
  }
}
