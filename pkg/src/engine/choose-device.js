import { InceptionError, throwIfAborted } from '../shared/errors.js';
import { platform } from '../shared/platform.js';

/** @typedef {import('../index.js').Device} Device */
/** @typedef {import('../shared/protocol.js').DeviceChoice} DeviceChoice */
/** A GPU that may be measured before it is taken. @typedef {DeviceChoice & { gpu?: GPUAdapter }} Found */

/** When to ask for an adapter, in milliseconds: a GPU process that starts again has none at first. Nobody waits for that alone. */
const ASK_AT = [0, 100, 400];

/** What the drivers that let the processor play the GPU call themselves. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|\bwarp\b|basic render/i;

/**
 * Chooses where a network may run. To be called in the thread of the engine.
 * @param {Device} requested 'auto' finds an adapter that is a GPU, 'webgpu' any adapter
 * @param {AbortSignal | undefined} signal
 * @param {Promise<unknown>} [ready] when there is nothing else to wait for: 'auto' then takes what there is
 * @returns {Promise<Found>} `gpu`: on which nothing has been opened, where the choice is free
 * @throws {InceptionError} `no-webgpu` where it is asked for and there is none; `aborted`
 */
export async function chooseDevice(requested, signal, ready) {
  if (requested === 'cpu') return onCpu('as requested');
  const found = await findAdapter(signal, requested === 'auto' ? ready : undefined);
  if (typeof found === 'string') {
    if (requested === 'webgpu') throw new InceptionError('no-webgpu', found);
    return onCpu(found);
  }
  const adapter = nameOf(found.info);
  const software = isSoftware(found);
  if (requested === 'webgpu') return { device: 'webgpu', deviceReason: 'as requested', adapter, software };
  if (software) return onCpu(`the only GPU adapter is software (${adapter})`);
  return { device: 'webgpu', deviceReason: 'the browser offers a GPU', adapter, software, gpu: found };
}

/**
 * @param {string} deviceReason
 * @returns {DeviceChoice}
 */
export function onCpu(deviceReason) {
  return { device: 'cpu', deviceReason, adapter: null, software: false };
}

/**
 * @param {AbortSignal | undefined} signal
 * @param {Promise<unknown>} [ready] ends the waiting, though not before the first answer
 * @returns {Promise<GPUAdapter | string>} the adapter, or why there is none
 */
async function findAdapter(signal, ready = new Promise(() => undefined)) {
  const gpu = globalThis.navigator?.gpu;
  if (gpu === undefined) {
    return globalThis.isSecureContext === false ? 'WebGPU needs a page served over https or from localhost' : `${platform.name} has no WebGPU`;
  }
  let waited = 0;
  let isReady = false;
  const isOver = ready.then(() => (isReady = true));
  for (const at of ASK_AT) {
    if (at > waited) await Promise.race([isOver, new Promise((resolve) => setTimeout(resolve, at - waited))]);
    if (isReady && at > 0) break;
    waited = at;
    throwIfAborted(signal);
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
    if (adapter !== null) return adapter;
  }
  return 'the browser offers no GPU';
}

/** @param {GPUAdapter} adapter */
function isSoftware({ info }) {
  const { vendor, architecture, device, description, isFallbackAdapter } = info;
  return isFallbackAdapter === true || SOFTWARE.test([vendor, architecture, device, description].join(' '));
}

/** @param {GPUAdapterInfo} info of which browsers leave out what they like */
function nameOf({ vendor, architecture, device, description }) {
  return description || [vendor, architecture || device].filter(Boolean).join(' ') || 'unnamed adapter';
}
