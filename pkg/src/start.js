import { chooseDevice } from './gpu.js';
import { ModelLoader } from './model-loader.js';
import { rehearse, startRuntime } from './runtime.js';

/** @typedef {import('./arrival.js').Arrival} Arrival */
/** @typedef {import('./errors.js').InceptionError} InceptionError */
/** @typedef {import('./protocol.js').LoadHooks} LoadHooks */
/** @typedef {import('./protocol.js').LoadRequest} LoadRequest */

/**
 * Starts the compiled engine and chooses the device. Until the files and the other threads are here, the CPU's kernels rehearse and
 * what has come of a file is prepared.
 * @param {LoadRequest} request
 * @param {Arrival} arrival
 * @param {AbortSignal} signal
 * @param {LoadHooks['onProgress']} onProgress
 * @param {LoadHooks['startHelpers']} startHelpers
 * @throws {InceptionError}
 */
export async function start(request, arrival, signal, onProgress, startHelpers) {
  const [runtime, choice] = await Promise.all([
    startRuntime(request, signal, onProgress, startHelpers),
    chooseDevice(request.device, signal, arrival.over),
  ]);
  const loader = new ModelLoader(runtime, request);
  const onCpu = async () => {
    await rehearse(runtime, () => arrival.isOver);
    return loader.begin(arrival);
  };
  const [begun] = await Promise.all([choice.device === 'cpu' ? onCpu() : null, runtime.gathered]);
  return { runtime, choice, loader, begun };
}
