import { InceptionError } from '../../shared/errors.js';

/**
 * Whether a bitmap has come from another origin that did not say that it may be read; workers are not sent such ones.
 * @param {ImageBitmap} bitmap
 */
export function isTainted(bitmap) {
  if (typeof OffscreenCanvas !== 'function') return false;
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  context?.drawImage(bitmap, 0, 0, 1, 1, 0, 0, 1, 1);
  try {
    context?.getImageData(0, 0, 1, 1);
    return false;
  } catch {
    return true;
  }
}

/** @param {unknown} source whose pixels may not be read */
export function taintedError(source) {
  return new InceptionError(
    'bad-image',
    `${describe(source)} shows a picture of another origin, whose pixels may not be read: set crossOrigin = 'anonymous' before its address, and let its server allow it (CORS)`,
  );
}

/** @param {unknown} source @returns {string} what it is, for a sentence */
export function describe(source) {
  return source === null || typeof source !== 'object' ? String(source) : `this ${source.constructor?.name ?? 'object'}`;
}
