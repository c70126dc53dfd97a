import { absolute } from './addresses.js';
import { download } from './download.js';
import { InceptionError, throwIfAborted } from './errors.js';

/** @typedef {import('./index.js').ImageSource} ImageSource */
/** @typedef {import('./protocol.js').WireImage} WireImage */

/**
 * Takes the image as it is now: later changes of a canvas or a video do not matter, and its memory belongs to the caller.
 * @param {ImageSource} source
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<WireImage>}
 * @throws {InceptionError} `bad-image`, `network`, `aborted`
 */
export async function readImage(source, signal) {
  throwIfAborted(signal);
  const read = await readAny(source, signal);
  throwIfAborted(signal);
  return read;
}

/**
 * @param {ImageSource} source
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<WireImage>}
 */
async function readAny(source, signal) {
  if (typeof source === 'string' || source instanceof URL) {
    const { bytes, type } = await download(imageAddress(source), signal);
    return encoded(bytes, type);
  }
  if (source instanceof Blob) return encoded(await blobBytes(source), source.type);
  if (source instanceof ArrayBuffer) return encoded(new Uint8Array(source.slice(0)), '');
  if (source instanceof Uint8Array) return encoded(source.slice(), '');
  if (typeof ImageData === 'function' && source instanceof ImageData) {
    const rgba = new Uint8ClampedArray(source.data);
    return { kind: 'pixels', width: source.width, height: source.height, rgba };
  }
  return bitmapOf(source);
}

/** @param {string | URL} address */
function imageAddress(address) {
  try {
    return absolute(address);
  } catch (cause) {
    throw new InceptionError('bad-image', `'${address}' is not an address`, { cause });
  }
}

/** @param {Blob} blob */
async function blobBytes(blob) {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw new InceptionError('bad-image', `the file could not be read (${cause})`, { cause });
  }
}

/**
 * The engine decodes the formats that it knows, the browser the others; what neither knows, the engine describes.
 * @param {Uint8Array} bytes
 * @param {string} type media type
 * @returns {Promise<WireImage>}
 */
async function encoded(bytes, type) {
  if (!isDecodedByEngine(bytes) && typeof createImageBitmap === 'function') {
    const blob = new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)], { type });
    const bitmap = await createImageBitmap(blob, { premultiplyAlpha: 'none' }).catch(() => null);
    if (bitmap !== null) return { kind: 'bitmap', bitmap };
  }
  return { kind: 'encoded', bytes };
}

/**
 * @param {Uint8Array} bytes
 * @returns {boolean} whether these are the first bytes of a JPEG, PNG, WebP, GIF or BMP file
 */
export function isDecodedByEngine(bytes) {
  const start = String.fromCharCode(...bytes.subarray(0, 12));
  return (
    start.startsWith('\xff\xd8\xff') ||
    start.startsWith('\x89PNG\r\n\x1a\n') ||
    /^RIFF[^]{4}WEBP/.test(start) ||
    start.startsWith('GIF8') ||
    start.startsWith('BM')
  );
}

/**
 * @param {Exclude<ImageSource, string | URL | Blob | ArrayBuffer | Uint8Array>} source
 * @returns {Promise<WireImage>}
 */
async function bitmapOf(source) {
  if (typeof createImageBitmap !== 'function' || !isDrawable(source)) {
    throw new InceptionError('bad-image', `${describe(source)} is not an image, nor the address or the bytes of one`);
  }
  try {
    if (isInstance(source, 'HTMLImageElement')) await /** @type {HTMLImageElement} */ (source).decode();
    return { kind: 'bitmap', bitmap: await createImageBitmap(source, { premultiplyAlpha: 'none' }) };
  } catch (cause) {
    throw new InceptionError('bad-image', `${describe(source)} has no picture to read (${cause})`, { cause });
  }
}

const DRAWABLE = ['HTMLImageElement', 'HTMLCanvasElement', 'OffscreenCanvas', 'HTMLVideoElement', 'VideoFrame', 'ImageBitmap'];

/** @param {unknown} source */
const isDrawable = (source) => DRAWABLE.some((name) => isInstance(source, name));

/**
 * @param {unknown} value
 * @param {string} name of a class that some contexts lack
 */
function isInstance(value, name) {
  const type = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (globalThis))[name];
  return typeof type === 'function' && value instanceof type;
}

/** @param {unknown} source */
function describe(source) {
  return source === null || typeof source !== 'object' ? String(source) : `this ${source.constructor?.name ?? 'object'}`;
}
