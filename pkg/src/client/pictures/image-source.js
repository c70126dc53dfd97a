import { absolute } from '../../shared/addresses.js';
import { unlessAborted } from '../../shared/alive.js';
import { download } from '../../shared/download.js';
import { InceptionError, throwIfAborted } from '../../shared/errors.js';
import { bitmapOfFile, fitting } from './bitmap-file.js';
import { READ_FORMATS, formatOf } from './picture-formats.js';
import { isTooLarge, sizeOf } from './picture-size.js';
import { isPixels } from './raw-pixels.js';
import { describe, isTainted, taintedError } from './tainted.js';

/** @typedef {import('../../index.js').ImageSource} ImageSource */
/** @typedef {import('../../shared/protocol.js').WireImage} WireImage */

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
  if (source instanceof ArrayBuffer) return encoded(copyOf(source), '');
  if (source instanceof Uint8Array) return encoded(new Uint8Array(source), '');
  if (isPixels(source)) return { kind: 'pixels', width: source.width, height: source.height, rgba: new Uint8ClampedArray(source.data) };
  return bitmapOf(source, signal);
}

/** @param {string | URL} address */
function imageAddress(address) {
  try {
    return absolute(address);
  } catch (cause) {
    throw new InceptionError('bad-image', `'${address}' is not an address`, { cause });
  }
}

/** @param {ArrayBuffer} buffer */
function copyOf(buffer) {
  try {
    return new Uint8Array(buffer.slice(0));
  } catch (cause) {
    throw new InceptionError('bad-image', `the bytes have been handed to somebody else (${cause})`, { cause });
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
 * The engine decodes the formats that it knows, the browser the others and what is too large; what neither knows, the engine describes
 * where there is no browser.
 * @param {Uint8Array} bytes
 * @param {string} type media type
 * @returns {Promise<WireImage>}
 */
async function encoded(bytes, type) {
  const format = formatOf(bytes);
  const size = format && sizeOf(bytes, format.name);
  const isForEngine = format?.reader === 'engine' && !(size && isTooLarge(size));
  if (isForEngine || typeof createImageBitmap !== 'function') return { kind: 'encoded', bytes };
  const bitmap = await bitmapOfFile(bytes, format, type);
  if (bitmap !== null) return { kind: 'bitmap', bitmap: await fitting(bitmap) };
  if (format?.reader === 'engine') return { kind: 'encoded', bytes };
  throw new InceptionError('bad-image', refusal(bytes, format));
}

/**
 * @param {Uint8Array} bytes that this browser does not read
 * @param {import('./picture-formats.js').Format | null} format
 */
function refusal(bytes, format) {
  if (format?.reader === null) return `${format.name} is not read by this browser; save it as JPEG or PNG`;
  if (format) return `the ${format.name} file is damaged, or this browser does not read it`;
  const found = bytes.length === 0 ? 'the file is empty' : 'the file does not begin like a picture';
  return `${found}; the formats read are ${READ_FORMATS.slice(0, -1).join(', ')} and ${READ_FORMATS.at(-1)}`;
}

/**
 * @param {Exclude<ImageSource, string | URL | Blob | ArrayBuffer | Uint8Array | import('../../index.js').Pixels>} source
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<WireImage>}
 */
async function bitmapOf(source, signal) {
  if (typeof createImageBitmap !== 'function' || !isDrawable(source)) {
    throw new InceptionError('bad-image', `${describe(source)} is not an image, nor the address or the bytes of one`);
  }
  const image = isInstance(source, 'HTMLImageElement') ? /** @type {HTMLImageElement} */ (source) : null;
  try {
    if (image !== null) await unlessAborted(image.decode(), signal);
    const bitmap = await createImageBitmap(source, { premultiplyAlpha: 'none' });
    if (!isTainted(bitmap)) return { kind: 'bitmap', bitmap: await fitting(bitmap) };
    bitmap.close();
  } catch (cause) {
    if (cause instanceof InceptionError) throw cause;
    throw new InceptionError('bad-image', `${describe(source)} has no picture to read (${cause})`, { cause });
  }
  return fetchedAgain(image, source, signal);
}

/**
 * A picture that may not be read as it is on the page, from its address: its server may allow that to whoever asks.
 * @param {HTMLImageElement | null} image null: a canvas or a video, whose pictures have no address
 * @param {unknown} source
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<WireImage>}
 * @throws {InceptionError} `bad-image`, `aborted`
 */
async function fetchedAgain(image, source, signal) {
  try {
    if (image !== null) return await readAny(image.currentSrc, signal);
  } catch {
    throwIfAborted(signal);
  }
  throw taintedError(source);
}

const DRAWABLE = ['ImageData', 'HTMLImageElement', 'HTMLCanvasElement', 'OffscreenCanvas', 'HTMLVideoElement', 'VideoFrame', 'ImageBitmap'];

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
