import { Atlas } from './view/atlas.js';

/** @typedef {import('./maps.js').BranchMaps} BranchMaps */

/** Least side of a tile and of a single map in an exported picture, in pixels. */
const [TILE, LARGE] = [64, 512];
/** Space between tiles, in pixels. */
const GAP = 4;
/** The most characters of one part of a file's name. */
const LONGEST = 60;

/**
 * @param {Blob} blob
 * @param {string} name of the file
 */
export function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}

/**
 * A file's name from what it holds: letters, digits, hyphens and dots of each part, all else as underscores.
 * @param {string[]} parts
 * @param {string} extension
 * @returns {string} for example `chelsea_googlenet-imagenet_Mixed_3b_Branch_1_ch17.png`
 */
export function fileName(parts, extension) {
  const clean = parts.map((part) => part.replace(/[^\p{L}\p{M}\p{N}.-]+/gu, '_').slice(0, LONGEST).replace(/^[_.-]+|[_.-]+$/g, ''));
  return `${clean.filter((part) => part !== '').join('_')}.${extension}`;
}

/**
 * A NumPy array of 32-bit floats (format version 1.0).
 * @param {Float32Array} data
 * @param {number[]} shape
 * @returns {Blob}
 */
export function npy(data, shape) {
  const head = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const length = Math.ceil((10 + head.length + 1) / 64) * 64 - 10;
  const text = `${head.padEnd(length - 1)}\n`;
  const start = Uint8Array.from([0x93, ...'NUMPY'].map((c) => (typeof c === 'number' ? c : c.charCodeAt(0))).concat([1, 0, length & 255, length >> 8]));
  return new Blob([start, text, /** @type {Float32Array<ArrayBuffer>} */ (data)]);
}

/**
 * The statistics of every channel.
 * @param {BranchMaps[]} layers
 * @returns {Blob} comma-separated values with a line of names
 */
export function csv(layers) {
  const rows = layers.flatMap(({ name, stats }) => stats.map((s, c) => [name, c, s.mean, s.std, s.min, s.max, s.sparsity].join(',')));
  return new Blob([['layer,channel,mean,std,min,max,sparsity', ...rows, ''].join('\n')], { type: 'text/csv' });
}

/**
 * Channels as they are shown, each in a whole multiple of its size.
 * @param {import('./shown.js').Shown} shown
 * @param {number[]} channels
 * @returns {Promise<Blob>} a PNG
 */
export function png({ maps, palette, limit }, channels) {
  if (maps === null) throw new Error('The maps are not known.');
  const least = channels.length === 1 ? LARGE : TILE;
  const factor = Math.max(1, Math.ceil(least / Math.max(maps.width, maps.height)));
  const [width, height] = [maps.width * factor, maps.height * factor];
  const columns = Math.max(1, Math.ceil(Math.sqrt(channels.length)));
  const rows = Math.max(1, Math.ceil(channels.length / columns));
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: columns * (width + GAP) - GAP, height: rows * (height + GAP) - GAP });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const atlas = new Atlas(maps, palette, limit);
  atlas.paint(channels);
  channels.forEach((channel, k) => atlas.draw(context, channel, (k % columns) * (width + GAP), Math.floor(k / columns) * (height + GAP), width, height));
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The canvas gave no picture.'))), 'image/png'));
}
