/**
 * Milliseconds that answers took on a device, and of how many multiply-adds they were.
 * @typedef {{ macs?: number, cpu?: number, webgpu?: number }} Times
 */

/** Of the browser's caches, the one that knows how fast devices are and which kernels; the number changes when entries do. */
export const DEVICE_TIMES = 'inception-web-devices-1';

/**
 * @param {string} key an address
 * @returns {Promise<Times>} empty where nothing is known
 */
export async function keptTimes(key) {
  try {
    const times = JSON.parse(await kept(key));
    return Object.values(times).every((value) => value > 0) ? times : {};
  } catch {
    return {};
  }
}

/**
 * @param {string} key an address
 * @returns {Promise<string>} empty where nothing is known
 */
export async function kept(key) {
  try {
    return (await (await (await caches.open(DEVICE_TIMES)).match(key))?.text()) ?? '';
  } catch {
    return '';
  }
}

/**
 * Never rejects: where the browser keeps nothing, the next load measures again.
 * @param {string} key
 * @param {string} text
 */
export async function keep(key, text) {
  try {
    await (await caches.open(DEVICE_TIMES)).put(key, new Response(text));
  } catch {
    // As said.
  }
}

/**
 * Where it is kept which ways of a GPU's kernels are the fastest: of every network, as kernels are known by their sizes and weights.
 * @param {string | null} adapter
 * @returns {string} an address
 */
export const tuningKey = (adapter) => `https://devices.invalid/ways?${encodeURIComponent([adapter, globalThis.navigator?.userAgent].join())}`;
