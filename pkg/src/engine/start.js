import { chooseDevice } from './choose-device.js';
import { ModelLoader } from './model-loader.js';
import { rehearse, startRuntime } from './runtime.js';

/** @typedef {import('./arrival.js').Arrival} Arrival */
/** @typedef {import('../shared/errors.js').InceptionError} InceptionError */
/** @typedef {import('../shared/protocol.js').LoadHooks} LoadHooks */
/** @typedef {import('../shared/protocol.js').LoadRequest} LoadRequest */

/**
 * Starts the compiled engine and chooses the device. Until the files and the other threads are here, the CPU's kernels rehearse and
 * what has come of a file is prepared.
 * @param {LoadRequest} request
 * @param {Arrival} arrival
 * @param {AbortSignal} signal
 * @param {LoadHooks['onProgress']} onProgress
 * @param {LoadHooks['startHelpers']} startHelpers
 * @returns what is to be released as `runtime` says
 * @throws {InceptionError}
 */
export async function start(request, arrival, signal, onProgress, startHelpers) {
  const running = startRuntime(request, signal, onProgress, startHelpers);
  try {
    const [runtime, choice] = await Promise.all([running, chooseDevice(request.device, signal, arrival.over)]);
    const loader = new ModelLoader(runtime, request);
    const onCpu = async () => {
      await rehearse(runtime, () => arrival.isOver);
      return loader.begin(arrival);
    };
    const [begun] = await Promise.all([choice.device === 'cpu' ? onCpu() : null, runtime.gathered]);
    return { runtime, choice, loader, begun };
  } catch (error) {
    running.then(({ release }) => release(), () => undefined);
    throw error;
  }
}
