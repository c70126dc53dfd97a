import { InceptionError } from '../../shared/errors.js';
import { copySize, isTooLarge } from './picture-size.js';
import { drawnSvg } from './svg.js';

/**
 * What the browser makes of a picture file, upright.
 * @param {Uint8Array} bytes
 * @param {import('./picture-formats.js').Format | null} format
 * @param {string} type media type, where the format is not known
 * @returns {Promise<ImageBitmap | null>} null where it cannot read it
 * @throws {import('../../shared/errors.js').InceptionError} `bad-image` for an SVG that cannot be drawn
 */
export async function bitmapOfFile(bytes, format, type) {
  if (format?.reader === 'document') return drawnSvg(bytes);
  const file = new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)], { type: format?.type ?? type });
  return createImageBitmap(file, { premultiplyAlpha: 'none' }).catch(() => null);
}

/**
 * @param {ImageBitmap} bitmap
 * @returns {Promise<ImageBitmap>} it, or a smaller copy of what is too large for the engine, and is closed then
 * @throws {InceptionError} `out-of-memory`
 */
export async function fitting(bitmap) {
  if (!isTooLarge(bitmap)) return bitmap;
  const { width, height } = copySize(bitmap);
  try {
    return await createImageBitmap(bitmap, { premultiplyAlpha: 'none', resizeWidth: width, resizeHeight: height, resizeQuality: 'high' });
  } catch (cause) {
    throw new InceptionError('out-of-memory', `a picture of ${bitmap.width} x ${bitmap.height} pixels`, { cause });
  } finally {
    bitmap.close();
  }
}
