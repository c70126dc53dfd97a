/** Side of the picture in pixels, more than most networks take. */
const SIDE = 320;

/**
 * A picture for the self-test, the same every time: smooth gradients with a fine texture over them.
 * @returns {import('../shared/protocol.js').WireImage}
 */
export function testPicture() {
  const rgba = new Uint8ClampedArray(4 * SIDE * SIDE);
  let state = 1;
  for (let at = 0; at < rgba.length; at += 4) {
    const x = ((at / 4) % SIDE) / SIDE;
    const y = Math.floor(at / 4 / SIDE) / SIDE;
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const texture = 48 * (state / 2 ** 32 - 0.5) + 24 * Math.sin(90 * x) * Math.cos(70 * y);
    rgba[at] = 40 + 170 * x + texture;
    rgba[at + 1] = 210 - 150 * y + texture;
    rgba[at + 2] = 128 + 100 * Math.sin(3 * (x + y)) + texture;
    rgba[at + 3] = 255;
  }
  return { kind: 'pixels', width: SIDE, height: SIDE, rgba };
}
