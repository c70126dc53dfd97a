import { bitmapOfFile, fitting } from '../client/pictures/bitmap-file.js';
import { reasonOf } from '../shared/download.js';
import { InceptionError } from '../index.js';
import { READ_FORMATS, formatOf } from '../client/pictures/picture-formats.js';
import { framesOf } from '../client/pictures/picture-frames.js';
import { isPixels } from '../client/pictures/raw-pixels.js';
import { describe, isTainted, taintedError } from '../client/pictures/tainted.js';
import { inEnglish } from './i18n.js';
import { contentOf, firstPicture, inFolder } from './transfer.js';

/** @typedef {import('./state.js').Failure} Failure */
/** @typedef {import('./state.js').Picture} Picture */
/** @typedef {import('./index.js').PictureSource} PictureSource */

/** Sides of the copy that is shown; the engine gets the file itself. */
const [SHORT_SIDE, LONG_SIDE] = [576, 4096];
/** What there is to say of a picture that came alone, still and of a size that the engine takes: nothing. */
export const ALONE = { brought: 1, frames: 1, scaled: null };

/** @param {Picture} picture @returns {Blob | ImageBitmap} what the engine is to read */
export function imageOf({ blob, scaled }) {
  return scaled?.copy ?? blob;
}

/**
 * @param {PictureSource} source
 * @param {string | undefined} name
 * @param {(model: File[]) => boolean} takeModel is given a model that lies in a folder, and says whether it takes it
 * @returns {Promise<Picture | null>} of several pictures the first; null where there is only a model, and it is taken
 * @throws {PictureRefused | Error} an Error with the `code` `bad-image` or `out-of-memory`
 */
export async function pictureBrought(source, name, takeModel) {
  return source instanceof DataTransfer ? pictureFromContent(contentOf(source), name, takeModel) : pictureOf(source, name);
}

/**
 * @param {Exclude<PictureSource, DataTransfer>} source
 * @param {string} [name]
 * @returns {Promise<Picture>} of several pictures the first
 * @throws {PictureRefused | Error} an Error with the `code` `bad-image` or `out-of-memory`
 */
export async function pictureOf(source, name) {
  if (source instanceof FileList) return pictureFromFiles([...source], name);
  if (Array.isArray(source)) return pictureFromFiles(source, name);
  if (typeof source === 'string' || source instanceof URL) {
    const picture = await pictureFromUrl(String(source));
    return { ...picture, name: name ?? picture.name };
  }
  return pictureFrom(await blobOf(source), name ?? (source instanceof File ? source.name : ''));
}

/** A picture that was not taken, and the sentence that says why. */
export class PictureRefused extends InceptionError {
  /**
   * @param {'bad-image' | 'network'} code
   * @param {string} detail
   * @param {Failure['sentence']} [sentence] instead of the code's own
   * @param {{ message?: string, cause?: unknown }} [error] message: for developers, where it is another one
   */
  constructor(code, detail, sentence, { message = sentence ? inEnglish(sentence) : detail, cause } = {}) {
    super(code, message, { cause });
    this.detail = detail;
    this.sentence = sentence;
  }
}

/**
 * @param {unknown} cause
 * @returns {Failure}
 */
export function pictureFailureFrom(cause) {
  if (cause instanceof PictureRefused) return { code: cause.code, detail: cause.detail, sentence: cause.sentence, error: cause };
  const { code, message = String(cause) } = /** @type {{ code?: unknown, message?: string }} */ (cause);
  const error = new InceptionError(/** @type {import('../index.js').ErrorCode} */ (typeof code === 'string' ? code : 'bad-image'), message, { cause });
  return { code: error.code, detail: message, error };
}

/**
 * @param {import('./transfer.js').Content} content
 * @param {string | undefined} name
 * @param {(model: File[]) => boolean} takeModel
 * @returns {Promise<Picture | null>} the first of all files, else of all folders
 */
async function pictureFromContent({ pictures, folders, address }, name, takeModel) {
  if (folders.length === 0 && address !== null) return { ...(await pictureOf(address, name)), source: address };
  const opened = await Promise.allSettled(folders.map((folder) => inFolder(folder)));
  const found = opened.map((one) => (one.status === 'fulfilled' ? one.value : { model: [], file: null, brought: 0 }));
  const model = found.find((one) => one.model.length > 0)?.model ?? null;
  const isTaken = model !== null && takeModel(model);
  const { file, brought } = pictures.length > 0 ? firstPicture(pictures) : { file: null, brought: 0 };
  const first = file ?? found.find((one) => one.file)?.file ?? null;
  if (first !== null) return { ...(await pictureFrom(first, name ?? first.name)), brought: found.reduce((sum, one) => sum + one.brought, brought) };
  if (isTaken) return null;
  throw nothingIn(folders, opened, model !== null);
}

/**
 * @param {FileSystemDirectoryEntry[]} folders
 * @param {PromiseSettledResult<unknown>[]} opened what came of each
 * @param {boolean} isModel whether one of them holds a model
 */
function nothingIn(folders, opened, isModel) {
  const failed = opened.findIndex(({ status }) => status === 'rejected');
  const { name } = folders[failed] ?? folders[0] ?? {};
  if (name === undefined) return new PictureRefused('bad-image', '', { key: 'nothingBrought' });
  const key = failed >= 0 ? 'folderUnreadable' : isModel ? 'folderOfModel' : 'folderEmpty';
  return new PictureRefused('bad-image', name, { key, values: { name } });
}

/**
 * @param {File[]} files
 * @param {string} [name]
 */
async function pictureFromFiles(files, name) {
  const { file, brought } = firstPicture(files);
  if (file === null) throw new PictureRefused('bad-image', '', { key: 'nothingBrought' });
  return { ...(await pictureFrom(file, name ?? file.name)), brought };
}

/** @param {Exclude<import('../index.js').ImageSource, string | URL>} source */
async function blobOf(source) {
  if (source instanceof Blob) return source;
  if (source instanceof ArrayBuffer || source instanceof Uint8Array) return new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (source)]);
  try {
    const drawable = isPixels(source) ? new ImageData(new Uint8ClampedArray(source.data), source.width, source.height) : source;
    const bitmap = await createImageBitmap(drawable, { premultiplyAlpha: 'none' });
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    if (!isTainted(bitmap)) return await canvas.convertToBlob({ type: 'image/png' });
  } catch (cause) {
    throw new PictureRefused('bad-image', `${describe(source)} has no picture to read (${cause})`, undefined, { cause });
  }
  return fetchedAgain(source);
}

/**
 * A picture that may not be read as it is on the page, from its address: its server may allow that to whoever asks.
 * @param {unknown} source
 * @throws {InceptionError} `bad-image`
 */
async function fetchedAgain(source) {
  const response = source instanceof HTMLImageElement ? await fetch(source.currentSrc).catch(() => null) : null;
  if (!response?.ok) throw taintedError(source);
  return response.blob();
}

/**
 * @param {Blob} blob
 * @param {string} name
 * @returns {Promise<Picture>}
 */
async function pictureFrom(blob, name) {
  const bytes = await blob.arrayBuffer().then((buffer) => new Uint8Array(buffer), () => null);
  if (bytes === null) throw new PictureRefused('bad-image', name, { key: 'fileUnreadable', values: { name } });
  const format = formatOf(bytes);
  const whole = await bitmapOfFile(bytes, format, blob.type);
  if (whole === null && format?.reader !== 'engine') throw refusal(bytes, format);
  const frames = format ? framesOf(bytes, format.name) : 1;
  const picture = { name, blob, preview: null, ...ALONE, frames };
  if (whole === null) return picture;
  const { width, height } = whole;
  const copy = await fitting(whole);
  const preview = await previewOf(copy);
  if (copy !== whole) return { ...picture, preview, scaled: { width, height, copy } };
  if (preview !== whole) whole.close();
  return { ...picture, preview };
}

/**
 * @param {Uint8Array} bytes that neither this browser nor the engine reads
 * @param {import('../client/pictures/picture-formats.js').Format | null} format
 */
function refusal(bytes, format) {
  if (bytes.length === 0) return new PictureRefused('bad-image', '', { key: 'pictureEmpty' });
  if (format) return new PictureRefused('bad-image', format.name, { key: 'formatUnread', values: { format: format.name } });
  return new PictureRefused('bad-image', '', { key: 'noPicture', values: { formats: READ_FORMATS.join(', ') } });
}

/**
 * @param {string} url
 * @returns {Promise<Picture>}
 */
async function pictureFromUrl(url) {
  if (!URL.canParse(url, document.baseURI)) throw new PictureRefused('network', url);
  const address = new URL(url, document.baseURI);
  const name = address.protocol.startsWith('http') ? decoded(address.pathname.split('/').at(-1) || address.host) : '';
  return pictureFrom(await fetched(address), name);
}

/** @param {string} name in an address @returns {string} as it is where a % in it stands for nothing */
function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/**
 * @param {URL} address
 * @throws {PictureRefused} `network` with the address
 */
async function fetched({ href }) {
  const response = await fetch(href).catch((cause) => refusedFetch(href, cause));
  const said = `${href} (the server answered ${`${response.status} ${response.statusText}`.trim()})`;
  if (!response.ok) throw new PictureRefused('network', said, { key: 'notFetched' }, { message: said });
  return response.blob().catch((cause) => refusedFetch(href, cause));
}

/**
 * @param {string} href
 * @param {unknown} cause
 * @returns {never}
 */
function refusedFetch(href, cause) {
  throw new PictureRefused('network', href, undefined, { message: `${href} (${reasonOf(cause)})`, cause });
}

/**
 * @param {ImageBitmap} whole
 * @returns {Promise<ImageBitmap>} it, or a copy of the size that is shown
 */
async function previewOf(whole) {
  const { width, height } = whole;
  const scale = Math.min(1, SHORT_SIDE / Math.min(width, height), LONG_SIDE / Math.max(width, height));
  if (scale === 1) return whole;
  const [resizeWidth = 1, resizeHeight = 1] = [width, height].map((side) => Math.max(1, Math.round(side * scale)));
  return createImageBitmap(whole, { resizeWidth, resizeHeight, resizeQuality: 'high' });
}

/** @typedef {Pick<import('../index.js').Result['image'], 'width' | 'height' | 'crop'>} Seen */

/**
 * The part of the picture that the network sees, stretched to the square as the network gets it: transparency lies over white.
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} preview
 * @param {Seen | null} seen without, the central square
 */
export function drawSeen(canvas, preview, seen) {
  const side = Math.min(preview.width, preview.height);
  const central = /** @type {Seen['crop']} */ ([(preview.width - side) / 2, (preview.height - side) / 2, side, side]);
  const [x, y, width, height] = seen ? shareSeen(seen, preview) : central;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.imageSmoothingQuality = 'high';
  context.fillStyle = 'white';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(preview, x, y, width, height, 0, 0, canvas.width, canvas.height);
}

/**
 * @param {Seen} seen
 * @param {{ width: number, height: number }} size of a copy of the picture
 * @returns {Seen['crop']} the part seen, in that size
 */
export function shareSeen({ width, height, crop: [x, y, columns, rows] }, size) {
  const [across, down] = [size.width / width, size.height / height];
  return [x * across, y * down, columns * across, rows * down];
}
