import { inceptionErrorFrom, throwIfAborted } from '../shared/errors.js';
import { Arrival } from './arrival.js';
import { BlobFile } from './blob-file.js';
import { chooseArtefact } from './choose-artefact.js';
import { chooseDevice, onCpu } from './choose-device.js';
import { compareDevices } from './compare-devices.js';
import { readModelFiles } from './model-files.js';
import { modelInfo } from './model-info.js';
import { ModelLoader } from './model-loader.js';
import { copiesOf, gpuFailureFrom, reasonOf, reload } from './reload.js';
import { pace, startRuntime, warmUp } from './runtime.js';
import { ModelStore } from './store/model-store.js';

/** @typedef {import('../index.js').LayerInfo} LayerInfo */
/** @typedef {import('../index.js').ModelInfo} ModelInfo */
/** @typedef {import('../shared/errors.js').InceptionError} InceptionError */
/** @typedef {import('../shared/protocol.js').DeviceChoice} DeviceChoice */
/** @typedef {import('../shared/protocol.js').LoadHooks} LoadHooks */
/** @typedef {import('../shared/protocol.js').LoadRequest} LoadRequest */
/** @typedef {import('../shared/protocol.js').ModelFile} ModelFile */
/** @typedef {import('./model-files.js').LoadedFile} LoadedFile */
/** @typedef {import('./placed-model.js').PlacedModel} PlacedModel */
/** @typedef {import('./runtime.js').Runtime} Runtime */

/**
 * A loaded model, and what it holds.
 * @typedef {object} Loaded
 * @property {PlacedModel} placed
 * @property {ModelInfo} info
 * @property {LayerInfo[]} layers
 * @property {InceptionError | null} failure of the GPU that it was meant for
 * @property {ModelLoader} loader whose runtime is to be released
 * @property {ModelFile[]} copies of the files, while the model is on a GPU
 * @property {import('./device-cost.js').DeviceCost | null} cost of an answer on either device, where the model may move
 * @property {ModelStore} store whose files are still to be kept where `info.cache.kept` is null
 */

/**
 * Loads a model: chooses the artefact, starts it, chooses the device, brings the files, and loads them to it. All but the first and the last
 * go on side by side.
 * @param {LoadRequest} request
 * @param {LoadHooks} hooks
 * @returns {Promise<Loaded>}
 * @throws {InceptionError}
 */
export async function load(request, { signal, onProgress, startHelpers }) {
  throwIfAborted(signal);
  const artefact = chooseArtefact(request.threads, startHelpers !== undefined, request.lack);
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  const store = await ModelStore.open(request.cache);
  const arrival = new Arrival();
  const coming = bringFiles(request, store, arrival, stop.signal, onProgress);
  coming.then(() => store.hold(), () => undefined).then(() => arrival.end());
  const running = startRuntime(artefact, request.wasmUrl, stop.signal, onProgress, startHelpers);
  const preparing = prepare(request, running, artefact.threads, arrival, stop.signal);
  try {
    const [files, { device, cost, loader }] = await Promise.all([coming, preparing]);
    const { placed, ...rest } = await place(device, files, store, loader, stop.signal, onProgress);
    try {
      const info = { ...(await modelInfo(loader.runtime, placed, request, stop.signal)), cache: store.state };
      const isMeasured = cost !== null && rest.failure === null;
      if (isMeasured) {
        cost.learn({ macs: info.macs, layers: placed.ask((model) => model.computed_layers()) });
        const isFaster = Number.isNaN(cost.of('webgpu')) || cost.faster === info.device;
        info.deviceReason = cost.reason + (isFaster ? '' : ', chosen before the network was known');
      }
      if (info.cache.kept !== null) await store.reject();
      const layers = JSON.parse(placed.ask((model) => model.layers()));
      return { placed, info, layers, ...rest, cost: isMeasured ? cost : null, loader, store };
    } catch (error) {
      placed.free();
      throw error;
    }
  } catch (error) {
    stop.abort();
    const dropped = preparing.then(({ loader }) => loader.drop(), () => undefined);
    dropped.then(() => running).then(({ release }) => release(), () => undefined);
    const failure = inceptionErrorFrom(error);
    await Promise.allSettled([coming]);
    await (failure.code === 'bad-weights' ? store.reject() : store.keep());
    throw failure;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/**
 * Brings the bytes of the model's files here.
 * @param {LoadRequest} request
 * @param {ModelStore} store
 * @param {Arrival} arrival
 * @param {AbortSignal} signal
 * @param {LoadHooks['onProgress']} onProgress
 */
function bringFiles({ entry, files, sha256 }, store, arrival, signal, onProgress) {
  const listed = files.length === 1 ? (entry?.bytes ?? 0) : 0;
  const onBytes = (/** @type {number} */ loaded, /** @type {number | null} */ total) =>
    onProgress?.({ stage: 'download', loaded, total: total ?? (listed > 0 && listed >= loaded ? listed : null) });
  return readModelFiles(files, { store, sha256, signal, onBytes, arrival });
}

/**
 * Chooses the device and has the engine ready for the files. Until they and the other threads are here, the CPU's kernels warm up, where it
 * may be the CPU, and what has come of a file is prepared.
 * @param {LoadRequest} request
 * @param {Promise<Runtime>} running
 * @param {number} threads
 * @param {Arrival} arrival
 * @param {AbortSignal} signal
 */
async function prepare(request, running, threads, arrival, signal) {
  const comparing = chooseDevice(request.device, signal, arrival.over).then(async (found) => ({ found, cost: await compareDevices(found, request, threads) }));
  const [runtime, { found, cost }] = await Promise.all([running, comparing]);
  const loader = new ModelLoader(runtime, request);
  const choose = async () => {
    if (cost !== null || found.device === 'cpu') await warmUp(runtime, () => arrival.isOver);
    if (cost !== null && cost.times.cpu === undefined) cost.partMs = await pace(runtime);
    const device = cost?.faster === 'cpu' ? onCpu(cost.reason) : found;
    if (device.device === 'cpu') await loader.begin(arrival);
    return device;
  };
  const [device] = await Promise.all([choose(), runtime.gathered]);
  return { device, cost, loader };
}

/**
 * Loads the files to the chosen device; where the choice was free, to the CPU when the GPU fails.
 * @param {DeviceChoice} device
 * @param {LoadedFile[]} files emptied
 * @param {ModelStore} store
 * @param {ModelLoader} loader
 * @param {AbortSignal} signal
 * @param {LoadHooks['onProgress']} onProgress
 * @returns {Promise<Pick<Loaded, 'placed' | 'failure' | 'copies'>>}
 */
async function place(device, files, store, loader, signal, onProgress) {
  const isOnGpu = device.device === 'webgpu';
  const copies = isOnGpu ? copiesOf(files) : [];
  const isReadAgain = BlobFile.of(copies) !== null;
  if (isReadAgain) store.release(copies, files.splice(0));
  try {
    return { placed: await loader.load(device, isReadAgain ? [...copies] : files, signal, onProgress), failure: null, copies };
  } catch (error) {
    const failure = isOnGpu && loader.request.device !== 'webgpu' ? gpuFailureFrom(error, loader) : null;
    if (failure === null) throw error;
    return { placed: await reload(loader, copies, onCpu(reasonOf(failure)), signal, onProgress), failure, copies: [] };
  }
}
