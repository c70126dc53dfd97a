import { colorize } from '../color-map.js';

/** Opacity for a share of the largest value, up to 1. */
const OPAQUE = 1.25;

/**
 * A class activation map over the whole input: interpolated between the middles of what its positions see, the negative part left out,
 * clear at zero and opaque from four fifths of its largest value on.
 * @param {import('../../index.js').Cam} cam
 * @param {import('../receptive.js').Area} place of the map on the input
 * @param {[number, number, number]} input
 * @returns {ImageData} as large as the input
 */
export function camPixels({ width, height, data }, place, [, rows, columns]) {
  const max = data.reduce((a, b) => Math.max(a, b), 0);
  const image = new ImageData(columns, rows);
  if (max === 0) return image;
  const levels = new Float32Array(rows * columns);
  const across = axis(columns, place.x, place.width / width, width);
  const down = axis(rows, place.y, place.height / height, height);
  down.forEach(([top, bottom, v], y) => {
    across.forEach(([left, right, u], x) => {
      const at = (/** @type {number} */ row, /** @type {number} */ column) => data[row * width + column] ?? 0;
      const upper = at(top, left) * (1 - u) + at(top, right) * u;
      const lower = at(bottom, left) * (1 - u) + at(bottom, right) * u;
      levels[y * columns + x] = Math.max(0, upper * (1 - v) + lower * v) / max;
    });
  });
  colorize(levels, 1, new Uint32Array(image.data.buffer), 'magma', -0.19);
  levels.forEach((level, i) => {
    image.data[4 * i + 3] = Math.min(255, Math.round(level * OPAQUE * 255));
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
