/** @typedef {import('../../index.js').Pixels} Pixels */

/**
 * Whether these are bytes of sRGB, which the engine takes as they are. What else `ImageData` may hold, wider colours or numbers of other
 * kinds, the browser converts.
 * @param {unknown} source
 * @returns {source is Pixels}
 */
export function isPixels(source) {
  const { width, height, data, colorSpace = 'srgb' } = /** @type {Partial<Pixels> & { colorSpace?: string }} */ (Object(source));
  const isBytes = data instanceof Uint8ClampedArray || data instanceof Uint8Array;
  return isBytes && colorSpace === 'srgb' && Number(width) > 0 && data.length === 4 * Number(width) * Number(height);
}
