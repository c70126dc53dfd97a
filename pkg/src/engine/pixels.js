import { InceptionError } from '../shared/errors.js';
import { platform } from '../shared/platform.js';

/**
 * Reads a bitmap back and closes it.
 * @param {ImageBitmap} bitmap
 * @returns {{ width: number, height: number, rgba: Uint8ClampedArray }}
 * @throws {InceptionError} `bad-image` where the bitmap came from another origin; `unsupported` without a canvas
 */
export function pixelsOf(bitmap) {
  const { width, height } = bitmap;
  try {
    if (typeof OffscreenCanvas !== 'function') {
      throw new InceptionError('unsupported', `${platform.name} has no OffscreenCanvas to read the picture with`);
    }
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    if (context === null) throw new InceptionError('out-of-memory', `a canvas of ${width} x ${height} pixels`);
    context.drawImage(bitmap, 0, 0);
    return { width, height, rgba: context.getImageData(0, 0, width, height).data };
  } catch (cause) {
    if (cause instanceof InceptionError) throw cause;
    throw new InceptionError('bad-image', `its pixels may not be read (${cause})`, { cause });
  } finally {
    bitmap.close();
  }
}
