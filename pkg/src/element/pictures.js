/** @typedef {import('./state.js').Picture} Picture */

/** Width of the copy that is shown; the engine gets the file itself. */
const PREVIEW_WIDTH = 768;

/**
 * @param {import('../index.js').ImageSource} source
 * @param {string} [name]
 * @returns {Promise<Picture>}
 * @throws {Error} with a `code`, `network` or `bad-image`
 */
export async function pictureOf(source, name) {
  if (typeof source === 'string' || source instanceof URL) {
    const picture = await pictureFromUrl(String(source));
    return { ...picture, name: name ?? picture.name };
  }
  return pictureFrom(await blobOf(source), name ?? (source instanceof File ? source.name : ''));
}

/** @param {Exclude<import('../index.js').ImageSource, string | URL>} source */
async function blobOf(source) {
  if (source instanceof Blob) return source;
  if (source instanceof ArrayBuffer || source instanceof Uint8Array) return new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (source)]);
  try {
    const bitmap = await createImageBitmap(source, { premultiplyAlpha: 'none' });
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    return await canvas.convertToBlob({ type: 'image/png' });
  } catch (cause) {
    throw Object.assign(new Error(String(cause), { cause }), { code: 'bad-image' });
  }
}

/**
 * @param {Blob} blob
 * @param {string} name
 * @returns {Promise<Picture>}
 */
export async function pictureFrom(blob, name) {
  return { name, blob, preview: await previewOf(blob) };
}

/**
 * @param {string} url
 * @returns {Promise<Picture>}
 * @throws {Error} with `code` `network` and the address as `message`
 */
export async function pictureFromUrl(url) {
  const address = new URL(url, document.baseURI);
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(String(response.status));
    const name = address.protocol.startsWith('http') ? decodeURIComponent(address.pathname.split('/').at(-1) || address.host) : '';
    return await pictureFrom(await response.blob(), name);
  } catch (cause) {
    throw Object.assign(new Error(address.href, { cause }), { code: 'network' });
  }
}

/** @param {Blob} blob */
async function previewOf(blob) {
  try {
    return await createImageBitmap(blob, { resizeWidth: PREVIEW_WIDTH, resizeQuality: 'high' });
  } catch {
    return null;
  }
}

/**
 * The part of the picture that the network sees, stretched to the square as the network gets it.
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} preview
 * @param {{ width: number, height: number, crop: [number, number, number, number] } | null} seen from the result; without, the central square
 */
export function drawSeen(canvas, preview, seen) {
  const side = Math.min(preview.width, preview.height);
  let area = [(preview.width - side) / 2, (preview.height - side) / 2, side, side];
  if (seen) {
    const scale = [preview.width / seen.width, preview.height / seen.height];
    area = seen.crop.map((value, i) => value * (scale[i % 2] ?? 1));
  }
  const [x = 0, y = 0, width = side, height = side] = area;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.imageSmoothingQuality = 'high';
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(preview, x, y, width, height, 0, 0, canvas.width, canvas.height);
}
