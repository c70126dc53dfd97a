/**
 * Milliseconds that answers took on a device, and of how many multiply-adds they were.
 * @typedef {{ macs?: number, cpu?: number, webgpu?: number }} Times
 */

/** Of the browser's caches, the one that knows how fast devices are; the number changes when entries do. */
export const DEVICE_TIMES = 'inception-web-devices-1';

/**
 * @param {string} key an address
 * @returns {Promise<Times>} empty where nothing is known
 */
export async function keptTimes(key) {
  try {
    const times = await (await (await caches.open(DEVICE_TIMES)).match(key))?.json();
    return Object.values(times).every((value) => value > 0) ? times : {};
  } catch {
    return {};
  }
}

/**
 * Never rejects: where the browser keeps nothing, the next load measures again.
 * @param {string} key
 * @param {Times} times
 */
export async function keepTimes(key, times) {
  try {
    await (await caches.open(DEVICE_TIMES)).put(key, new Response(JSON.stringify(times)));
  } catch {
    // As said.
  }
}
