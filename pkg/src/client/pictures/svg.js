import { InceptionError } from '../../shared/errors.js';

/** Shorter side of the bitmap in pixels, where the drawing does not ask for more; it has no pixels of its own. */
const SIDE = 512;
/** Longest side, for drawings that are much longer than wide. */
const LONGEST = 4096;

/**
 * Draws an SVG file on a transparent bitmap.
 * @param {Uint8Array} bytes
 * @returns {Promise<ImageBitmap>}
 * @throws {InceptionError} `bad-image`
 */
export async function drawnSvg(bytes) {
  if (typeof DOMParser !== 'function') throw new InceptionError('bad-image', 'SVG is drawn by a document, and there is none here; save it as PNG');
  const file = new DOMParser().parseFromString(new TextDecoder().decode(bytes), 'image/svg+xml');
  const root = file.documentElement;
  if (!(root instanceof SVGSVGElement) || file.querySelector('parsererror') !== null) throw new InceptionError('bad-image', 'the SVG file is damaged');
  const { width, height } = sizeOf(root);
  root.setAttribute('width', String(width));
  root.setAttribute('height', String(height));
  const address = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(file)], { type: 'image/svg+xml' }));
  try {
    const image = new Image(width, height);
    image.src = address;
    await image.decode();
    return await createImageBitmap(image, { premultiplyAlpha: 'none' });
  } catch (cause) {
    throw new InceptionError('bad-image', `this page cannot draw SVG; save it as PNG (${cause})`, { cause });
  } finally {
    URL.revokeObjectURL(address);
  }
}

/**
 * Its own size, drawn larger where that is small; without one a square, or what its view box has the proportions of.
 * @param {SVGSVGElement} root which gets a view box where it has none to be scaled by
 */
function sizeOf(root) {
  const [width, height] = [root.width, root.height].map(({ baseVal }) => (baseVal.unitType === SVGLength.SVG_LENGTHTYPE_PERCENTAGE ? 0 : baseVal.value));
  const box = root.viewBox.baseVal;
  const own = width && height ? { width, height } : box?.width > 0 && box.height > 0 ? { width: box.width, height: box.height } : { width: SIDE, height: SIDE };
  if (width && height && !root.hasAttribute('viewBox')) root.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const [short, long] = [Math.min(own.width, own.height), Math.max(own.width, own.height)];
  const scale = Math.min(Math.max(1, SIDE / short), LONGEST / long);
  return { width: Math.max(1, Math.round(own.width * scale)), height: Math.max(1, Math.round(own.height * scale)) };
}
