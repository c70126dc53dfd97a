/** @typedef {import('./state.js').Picture} Picture */

/** Width of the copy that the page shows; the engine gets the file itself. */
const PREVIEW_WIDTH = 768;

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
    const name = decodeURIComponent(address.pathname.split('/').at(-1) || address.host);
    return await pictureFrom(await response.blob(), name);
  } catch (cause) {
    throw Object.assign(new Error(address.href, { cause }), { code: 'network' });
  }
}

/**
 * Reads pictures; one that was asked for before the last is dropped.
 * @param {(picture: Picture) => void} show
 * @param {(failure: import('./state.js').Failure) => void} fail
 * @returns {(read: () => Promise<Picture>) => Promise<void>}
 */
export function pictureTaker(show, fail) {
  let latest = 0;
  return async (read) => {
    const mine = ++latest;
    try {
      const picture = await read();
      if (mine === latest) show(picture);
    } catch (error) {
      const { code = 'bad-image', message = '' } = /** @type {{ code?: string, message?: string }} */ (error);
      if (mine === latest) fail({ code, detail: message });
    }
  };
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
