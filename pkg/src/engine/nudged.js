/** Firefox looks every 100 ms for what a GPU has finished, and whenever something is submitted to it. */
const LOOKS_SELDOM = /Firefox\//.test(globalThis.navigator?.userAgent ?? '');

/**
 * Waits for a GPU. Where the browser looks seldom whether it has finished, nothing is submitted again and again meanwhile: an answer comes in
 * one or two milliseconds instead of 100.
 * @template T
 * @param {() => void} nudge submits nothing to it
 * @param {Promise<T>} waiting
 * @returns {Promise<T>}
 */
export async function nudged(nudge, waiting) {
  if (!LOOKS_SELDOM) return waiting;
  const timer = setInterval(() => {
    try {
      nudge();
    } catch {
      // It was given back, or its engine ended; what waits for it hears of that.
      clearInterval(timer);
    }
  }, 1);
  try {
    return await waiting;
  } finally {
    clearInterval(timer);
  }
}
