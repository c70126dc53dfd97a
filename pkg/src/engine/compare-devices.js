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
  const names = files.map((file) => ('url' in file ? file.url : `${file.name} ${'blob' in file ? file.blob.size : file.bytes.length}`));
  const about = JSON.stringify([adapter, navigator.userAgent, threads, names, network, preprocess, half]);
  const key = cache ? `https://devices.invalid/?${encodeURIComponent(about)}` : null;
  const times = key === null ? {} : await keptTimes(key);
  const work = { macs: multiplyAdds([entry?.network, network, names].join()), layers: LAYERS };
  return new DeviceCost(work, threads, times.webgpu === undefined ? await probeGpu(gpu) : '', times, key);
}

/**
 * @param {string} names
 * @returns {number} about as many as networks that are called so have; the model's own are known once it is loaded
 */
function multiplyAdds(names) {
  if (/v4|resnet.?v2/i.test(names)) return 13e9;
  return /googlenet|v[12]/i.test(names) ? 1.6e9 : 5.7e9;
}
