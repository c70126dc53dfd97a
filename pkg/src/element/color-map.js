/** @typedef {'viridis' | 'magma' | 'grey' | 'diverging'} Palette */

/**
 * Control points, from the lowest value to the highest: viridis and magma by S. van der Walt and N. Smith (CC0).
 * @type {Record<Palette, string>}
 */
export const POINTS = {
  viridis: '440154 482878 3e4989 31688e 26828e 1f9e89 35b779 6ece58 b5de2b fde725',
  magma: '000004 180f3d 440f76 721f81 9e2f7f cd4071 f1605d fd9668 feca8d fcfdbf',
  grey: '000000 ffffff',
  diverging: '08407e 2f79b5 86b9d9 d8e6ef f5f4f1 f6dcc3 eda56b cc6417 7f3300',
};

export const PALETTES = /** @type {Palette[]} */ (Object.keys(POINTS));

/** Each palette as 256 little-endian RGBA words. */
const tables = /** @type {Record<Palette, Uint32Array>} */ (
  Object.fromEntries(Object.entries(POINTS).map(([name, points]) => [name, tableFrom(points)]))
);

/** @param {string} hexes */
function tableFrom(hexes) {
  const points = hexes.split(' ').map((hex) => [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)));
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const place = i * (points.length - 1);
    const low = Math.min(points.length - 2, Math.floor(place / 255));
    const part = place - low * 255;
    const [r, g, b] = [0, 1, 2].map((c) => {
      const [from, to] = [points[low]?.[c] ?? 0, points[low + 1]?.[c] ?? 0];
      return Math.floor((from * (255 - part) + to * part + 127) / 255);
    });
    return ((255 << 24) | (Number(b) << 16) | (Number(g) << 8) | Number(r)) >>> 0;
  });
}

/**
 * Colours `values` from `low` to `max`, each by the nearest of the levels; what lies outside is clipped. Where there is no range, every value gets the colour of zero.
 * @param {Float32Array} values
 * @param {number} max
 * @param {Uint32Array} pixels RGBA words, as many as values
 * @param {Palette} [palette]
 * @param {number} [low]
 */
export function colorize(values, max, pixels, palette = 'magma', low = 0) {
  const table = tables[palette];
  const scale = max > low ? 255 / (max - low) : 0;
  const base = max > low || palette !== 'diverging' ? 0.5 : 128;
  for (let i = 0; i < values.length; i++) {
    const level = Math.max(0, Math.min(255, Math.floor(((values[i] ?? 0) - low) * scale + base)));
    pixels[i] = table[level] ?? 0;
  }
}

/**
 * @param {Palette} palette
 * @param {'right' | 'up'} [to] where its upper end lies
 * @returns {string} the palette as a CSS image
 */
export function rampImage(palette, to = 'right') {
  const stops = Array.from({ length: 17 }, (_, i) => {
    const word = tables[palette][Math.round((i / 16) * 255)] ?? 0;
    return `rgb(${word & 255} ${(word >> 8) & 255} ${(word >> 16) & 255})`;
  });
  return `linear-gradient(${to === 'up' ? 0 : 90}deg, ${stops.join(', ')})`;
}
