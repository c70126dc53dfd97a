/** @typedef {import('../index.js').LayerInfo['receptiveField']} ReceptiveField */

/**
 * A rectangle in pixels of the network's input.
 * @typedef {{ x: number, y: number, width: number, height: number }} Area
 */

/**
 * The pixels that one position sees, those in the padding included.
 * @param {ReceptiveField} field
 * @param {number} y
 * @param {number} x
 * @returns {Area}
 */
export function seenFrom({ size, stride, start }, y, x) {
  return { x: start[1] + x * stride[1], y: start[0] + y * stride[0], width: size[1], height: size[0] };
}

/**
 * @param {Area} area
 * @param {[number, number, number]} input channels, height and width
 * @returns {Area} what of it lies in the input
 */
export function clipped({ x, y, width, height }, [, rows, columns]) {
  const [left, top] = [Math.max(0, x), Math.max(0, y)];
  return { x: left, y: top, width: Math.max(0, Math.min(columns, x + width) - left), height: Math.max(0, Math.min(rows, y + height) - top) };
}

/**
 * Where a whole map lies on the input: each value is a square as wide as the stride, on the middle of what it sees.
 * @param {ReceptiveField} field
 * @param {{ height: number, width: number }} map
 * @returns {Area}
 */
export function placeOf({ size, stride, start }, { height, width }) {
  return {
    x: start[1] + (size[1] - stride[1]) / 2,
    y: start[0] + (size[0] - stride[0]) / 2,
    width: width * stride[1],
    height: height * stride[0],
  };
}
