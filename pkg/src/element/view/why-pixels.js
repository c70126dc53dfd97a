import { colorize } from '../color-map.js';

/** Opacity for a share of the largest value, up to 1. */
const OPAQUE = 1.25;
/** Where a single pixel is to be seen: how opaque zero is, and how much faster than its share a value is. */
const [VEIL, FAST, SIGNED] = [0.27, 1.6, 3];

/** @typedef {{ width: number, height: number, data: Float32Array }} ValueMap */

/**
 * A small map over the whole input: interpolated between the middles of what its positions see, clear at zero and opaque from four fifths of its
 * largest value on.
 * @param {ValueMap} map
 * @param {import('../receptive.js').Area} place of the map on the input
 * @param {[number, number, number]} input
 * @param {boolean} [isSigned] false: the negative part is left out
 * @returns {ImageData} as large as the input
 */
export function smoothPixels({ width, height, data }, place, [, rows, columns], isSigned = false) {
  const max = data.reduce((a, b) => Math.max(a, isSigned ? Math.abs(b) : b), 0);
  const image = new ImageData(columns, rows);
  if (max === 0) return image;
  const levels = new Float32Array(rows * columns);
  const across = axis(columns, place.x, place.width / width, width);
  const down = axis(rows, place.y, place.height / height, height);
  const least = isSigned ? -1 : 0;
  down.forEach(([top, bottom, v], y) => {
    across.forEach(([left, right, u], x) => {
      const at = (/** @type {number} */ row, /** @type {number} */ column) => data[row * width + column] ?? 0;
      const upper = at(top, left) * (1 - u) + at(top, right) * u;
      const lower = at(bottom, left) * (1 - u) + at(bottom, right) * u;
      levels[y * columns + x] = Math.max(least, (upper * (1 - v) + lower * v) / max);
    });
  });
  const [palette, low] = isSigned ? /** @type {const} */ (['diverging', -1]) : /** @type {const} */ (['magma', -0.19]);
  return coloured(image, levels, palette, low, (level) => Math.abs(level) * OPAQUE);
}

/**
 * A map with a value for every pixel of the input, each as it is.
 * @param {ValueMap} map
 * @param {number} limit the amount at the end of the colours; what is larger is clipped
 * @param {boolean} isSigned
 * @returns {ImageData} as large as the map
 */
export function singlePixels({ width, height, data }, limit, isSigned) {
  const image = new ImageData(width, height);
  if (limit === 0) return image;
  const levels = data.map((value) => Math.max(-1, Math.min(1, value / limit)));
  return isSigned ? coloured(image, levels, 'diverging', -1, (level) => Math.abs(level) * SIGNED) : coloured(image, levels, 'magma', 0, (level) => VEIL + level * FAST);
}

/**
 * @param {ImageData} image
 * @param {Float32Array} levels up to 1
 * @param {import('../color-map.js').Palette} palette
 * @param {number} low the level of its lower end
 * @param {(level: number) => number} opacity
 */
function coloured(image, levels, palette, low, opacity) {
  colorize(levels, 1, new Uint32Array(image.data.buffer), palette, low);
  levels.forEach((level, i) => {
    image.data[4 * i + 3] = Math.min(255, Math.round(opacity(level) * 255));
  });
  return image;
}

/**
 * For every pixel of an axis the two positions beside it and the weight of the second.
 * @param {number} size
 * @param {number} start of the map
 * @param {number} step between positions
 * @param {number} count of positions
 * @returns {[number, number, number][]}
 */
function axis(size, start, step, count) {
  return Array.from({ length: size }, (_, i) => {
    const at = Math.max(0, Math.min(count - 1, (i + 0.5 - start) / step - 0.5));
    const low = Math.min(count - 1, Math.floor(at));
    return [low, Math.min(count - 1, low + 1), at - low];
  });
}
