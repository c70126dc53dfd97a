import { inceptionErrorFrom } from '../shared/errors.js';
import { readModelFiles } from './model-files.js';

/** @typedef {import('../index.js').ErrorCode} ErrorCode */
/** @typedef {import('../shared/errors.js').InceptionError} InceptionError */
/** @typedef {import('../shared/protocol.js').ModelFile} ModelFile */
/** @typedef {import('./model-loader.js').ModelLoader} ModelLoader */
/** @typedef {import('./placed-model.js').PlacedModel} PlacedModel */

/** What a GPU fails with; other codes speak of the model or the call. @type {ErrorCode[]} */
const GPU_FAILURES = ['no-webgpu', 'device-lost', 'out-of-memory', 'unsupported', 'internal'];

/**
 * @param {unknown} error
 * @param {ModelLoader} loader
 * @returns {InceptionError | null} null where another device would not help
 */
export function gpuFailureFrom(error, { guard }) {
  const failure = inceptionErrorFrom(error);
  return GPU_FAILURES.includes(failure.code) && !guard.isBroken ? failure : null;
}

/**
 * @param {Error} failure
 * @returns {string} its first line: a compiler's messages go on with the source
 */
export function reasonOf({ message }) {
  return message.trimStart().split('\n', 1)[0] ?? '';
}

/**
 * @param {import('./model-files.js').LoadedFile[]} files of a model on a GPU
 * @returns {{ name: string, blob: Blob }[]} copies, with which it is loaded again
 */
export function copiesOf(files) {
  return files.map(({ name, bytes }) => ({ name, blob: new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)]) }));
}

/**
 * Copies for a model whose files are at hand: given by the caller, or in the browser's cache.
 * @param {import('../shared/protocol.js').LoadRequest} request
 * @param {import('./store/model-store.js').ModelStore} store
 * @returns {Promise<ModelFile[]>}
 * @throws {Error} where one would have to be fetched
 */
export async function cachedCopies({ files, sha256 }, { cache }) {
  const fetch = async (/** @type {string} */ url) => {
    const kept = typeof cache === 'string' ? null : await cache.find(url);
    if (kept === null) throw new Error(`${url} is not kept`);
    return kept;
  };
  return copiesOf(await readModelFiles(files, { store: { fetch }, sha256, signal: undefined, onBytes: () => undefined }));
}

/**
 * Copies for a model whose files are fetched once more, and kept if they may be.
 * @param {import('../shared/protocol.js').LoadRequest} request
 * @param {import('./store/model-store.js').ModelStore} store
 * @param {AbortSignal | undefined} signal
 */
export async function fetchedCopies({ files, sha256 }, store, signal) {
  const copies = copiesOf(await readModelFiles(files, { store, sha256, signal, onBytes: () => undefined }));
  await store.keep();
  return copies;
}

/**
 * Loads a model to another device, without fetching its files again.
 * @param {ModelLoader} loader
 * @param {ModelFile[]} copies
 * @param {import('../shared/protocol.js').DeviceChoice} choice
 * @param {AbortSignal} [signal]
 * @param {import('../shared/protocol.js').LoadHooks['onProgress']} [onProgress]
 * @returns {Promise<PlacedModel>}
 */
export function reload(loader, copies, choice, signal, onProgress) {
  return loader.load(choice, [...copies], signal, onProgress);
}
