import { tag } from './picture-formats.js';

/** Pixels and side of the largest picture that the engine takes; as in `crate/src/web` and `crate/src/image`. */
const [MOST_PIXELS, LONGEST_SIDE] = [2 ** 26, 65_535];
/** Those of the copy of a larger one: more than any network looks at, and what every browser's canvas holds. */
const [COPY_PIXELS, COPY_SIDE] = [2 ** 24, 2 ** 14];
/** Markers of a JPEG's frames: all of SOF0 to SOF15 but those that begin tables. */
const JPEG_FRAME = new Set([0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]);

/** @typedef {{ width: number, height: number }} Size */

/**
 * @param {Uint8Array} bytes
 * @param {string} format name of it
 * @returns {Size | null} before it is turned as its orientation says; null where the beginning does not tell
 */
export function sizeOf(bytes, format) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (format === 'PNG') return { width: view.getUint32(16), height: view.getUint32(20) };
    if (format === 'GIF') return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
    if (format === 'BMP') return bmpSize(view);
    if (format === 'WebP') return webpSize(view);
    if (format === 'JPEG') return jpegSize(view);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return null;
}

/** @param {Size} size */
export function isTooLarge({ width, height }) {
  return width * height > MOST_PIXELS || Math.max(width, height) > LONGEST_SIDE;
}

/**
 * @param {Size} size of a picture that is too large
 * @returns {Size} of its copy
 */
export function copySize({ width, height }) {
  const scale = Math.min(Math.sqrt(COPY_PIXELS / (width * height)), COPY_SIDE / Math.max(width, height));
  const [columns = 1, rows = 1] = [width, height].map((side) => Math.max(1, Math.floor(side * scale)));
  return { width: columns, height: rows };
}

/** @param {DataView} view */
function bmpSize(view) {
  const isCore = view.getUint32(14, true) === 12;
  if (isCore) return { width: view.getUint16(18, true), height: view.getUint16(20, true) };
  return { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) };
}

/** @param {DataView} view */
function webpSize(view) {
  const chunk = tag(view, 12);
  if (chunk === 'VP8 ') return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (chunk === 'VP8L') {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
  }
  return chunk === 'VP8X' ? { width: (view.getUint32(24, true) & 0xffffff) + 1, height: (view.getUint32(26, true) >>> 8) + 1 } : null;
}

/** @param {DataView} view */
function jpegSize(view) {
  for (let at = 2; ; ) {
    const marker = view.getUint8(at + 1);
    if (view.getUint8(at) !== 0xff || marker === 0xda) return null;
    if (JPEG_FRAME.has(marker)) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
}
