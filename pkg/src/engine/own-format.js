/** @typedef {import('../shared/errors.js').InceptionError} InceptionError */

/**
 * @param {Uint8Array} bytes its beginning at least
 * @param {number} [length] of the whole
 * @returns {boolean} whether a file that begins so may be a safetensors file
 */
export function isSafetensors({ buffer, byteOffset, byteLength }, length = byteLength) {
  if (byteLength < 9) return false;
  const view = new DataView(buffer, byteOffset, byteLength);
  return view.getBigUint64(0, true) <= BigInt(length - 8) && view.getUint8(8) === 0x7b;
}

/**
 * @param {InceptionError} failure of the engine, of a file that looks like its own
 * @returns {boolean} whether another reader may make something of it
 */
export function isOfNames({ code }) {
  return code === 'bad-weights' || code === 'unsupported';
}
