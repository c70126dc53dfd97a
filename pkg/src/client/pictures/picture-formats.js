/**
 * Formats of picture files: how they begin, and who reads them.
 *
 * @typedef {'engine' | 'browser' | 'document' | null} Reader engine: the same pixels everywhere; browser: as bitmaps; document: drawn by
 *   the page; null: not every browser reads it, and no page should ask for it
 * @typedef {{ name: string, type: string, endings: string[], reader: Reader, begins: (start: string) => boolean }} Format
 */

/** How much of a file says what it is: an SVG may begin with a comment. */
const START = 4096;
const BRANDS = /^[^]{4}ftyp((?:[^]{4})+)/;

/** @type {Format[]} */
const FORMATS = [
  { name: 'JPEG', type: 'image/jpeg', endings: ['jpg', 'jpeg', 'jfif'], reader: 'engine', begins: (start) => start.startsWith('\xff\xd8\xff') },
  { name: 'PNG', type: 'image/png', endings: ['png', 'apng'], reader: 'engine', begins: (start) => start.startsWith('\x89PNG\r\n\x1a\n') },
  { name: 'WebP', type: 'image/webp', endings: ['webp'], reader: 'engine', begins: (start) => /^RIFF[^]{4}WEBP/.test(start) },
  { name: 'GIF', type: 'image/gif', endings: ['gif'], reader: 'engine', begins: (start) => start.startsWith('GIF8') },
  { name: 'BMP', type: 'image/bmp', endings: ['bmp'], reader: 'engine', begins: (start) => start.startsWith('BM') },
  { name: 'AVIF', type: 'image/avif', endings: ['avif'], reader: 'browser', begins: (start) => hasBrand(start, 'avif', 'avis') },
  { name: 'SVG', type: 'image/svg+xml', endings: ['svg'], reader: 'document', begins: isSvg },
  { name: 'HEIC', type: 'image/heic', endings: ['heic', 'heif'], reader: null, begins: (start) => hasBrand(start, 'heic', 'heix', 'hevc', 'heim', 'mif1', 'msf1') },
  { name: 'JPEG XL', type: 'image/jxl', endings: ['jxl'], reader: null, begins: (start) => /^(?:\xff\x0a|\0\0\0\x0cJXL )/.test(start) },
  { name: 'TIFF', type: 'image/tiff', endings: ['tif', 'tiff'], reader: null, begins: (start) => /^(?:II\*\0|MM\0\*)/.test(start) },
];
const READ = FORMATS.filter(({ reader }) => reader !== null);

/** What a file dialog is to offer, for the attribute `accept`. */
export const ACCEPTED_PICTURES = READ.map(({ type }) => type).join();
/** Names of the formats that a page reads. */
export const READ_FORMATS = READ.map(({ name }) => name);

/**
 * @param {Uint8Array} bytes of a file, from its beginning
 * @returns {Format | null} null where they are no picture that is known here
 */
export function formatOf(bytes) {
  const start = String.fromCharCode(...bytes.subarray(0, START));
  return FORMATS.find(({ begins }) => begins(start)) ?? null;
}

/**
 * @param {{ name: string, type?: string }} file
 * @returns {boolean} whether it is called a picture
 */
export function isCalledPicture({ name, type = '' }) {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return type.startsWith('image/') || FORMATS.some(({ endings }) => endings.includes(ending));
}

/** @param {string} start of a file: after comments, the declaration and the document type comes the root */
function isSvg(start) {
  const rest = start.replace(/^\xef\xbb\xbf/, '').replace(/<\?[^]*?\?>|<!--[^]*?-->|<!DOCTYPE[^>[]*(?:\[[^\]]*\]\s*)?>/gi, '');
  return /^\s*<(?:\w+:)?svg[\s>]/.test(rest);
}

/**
 * @param {string} start of an ISO media file
 * @param {...string} names of its brand, or of one that it is compatible with
 */
function hasBrand(start, ...names) {
  const brands = BRANDS.exec(start.slice(0, 64))?.[1]?.match(/[^]{4}/g) ?? [];
  return brands.some((brand) => names.includes(brand));
}

/**
 * Four characters of a file; a RangeError beyond its end.
 * @param {DataView} view
 * @param {number} at
 */
export function tag(view, at) {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}
