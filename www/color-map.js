/** Control points of magma (S. van der Walt, N. Smith, CC0), dark to light. */
const MAGMA = ['000004', '180f3d', '440f76', '721f81', '9e2f7f', 'cd4071', 'f1605d', 'fd9668', 'feca8d', 'fcfdbf'];

/** @type {[number, number, number][]} */
const points = MAGMA.map((hex) => [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16))).map(
  ([r = 0, g = 0, b = 0]) => [r, g, b],
);

/** Magma as 256 little-endian RGBA words. */
const table = Uint32Array.from({ length: 256 }, (_, i) => {
  const at = (i / 255) * (points.length - 1);
  const low = Math.min(points.length - 2, Math.floor(at));
  const [r, g, b] = [0, 1, 2].map((c) => {
    const [from, to] = [points[low]?.[c] ?? 0, points[low + 1]?.[c] ?? 0];
    return Math.round(from + (to - from) * (at - low));
  });
  return ((255 << 24) | (Number(b) << 16) | (Number(g) << 8) | Number(r)) >>> 0;
});

/**
 * Colours `values` from 0 (dark) to `max` (light); what lies outside is clipped.
 * @param {Float32Array} values
 * @param {number} max
 * @param {Uint32Array} pixels RGBA words, as many as values
 */
export function colorize(values, max, pixels) {
  const scale = max > 0 ? 255 / max : 0;
  for (let i = 0; i < values.length; i++) {
    const level = Math.max(0, Math.min(255, Math.floor((values[i] ?? 0) * scale)));
    pixels[i] = table[level] ?? 0;
  }
}
