import { usualMacs } from '../shared/network-macs.js';
import { DeviceCost } from './device-cost.js';
import { probeGpu } from './probe-gpu.js';
import { keptTimes } from './store/device-times.js';

/** @typedef {import('../shared/protocol.js').LoadRequest} LoadRequest */

/** Layers that most networks compute. */
const LAYERS = 110;

/**
 * Measures the GPU, unless it is known what an answer takes there.
 * @param {import('./choose-device.js').Found} found
 * @param {LoadRequest} request
 * @param {number} threads of the CPU
 * @returns {Promise<DeviceCost | null>} null where there is no choice
 */
export async function compareDevices({ gpu, adapter }, { entry, files, network, preprocess, half, cache }, threads) {
  if (gpu === undefined) return null;
  const sized = (/** @type {string} */ _, /** @type {{ byteLength?: number, size?: number } | null} */ value) => value?.byteLength ?? value?.size ?? value;
  const about = JSON.stringify([entry?.network, network, files, preprocess, half], sized);
  const key = cache ? `https://devices.invalid/?${encodeURIComponent([adapter, navigator.userAgent, threads, about].join())}` : null;
  const times = key === null ? {} : await keptTimes(key);
  return new DeviceCost({ macs: usualMacs(entry?.network ?? network), layers: LAYERS }, threads, times.webgpu === undefined ? await probeGpu(gpu) : '', times, key);
}
