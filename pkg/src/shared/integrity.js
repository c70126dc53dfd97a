import { InceptionError } from './errors.js';

/**
 * @param {Uint8Array} bytes
 * @returns {Promise<string>} in hexadecimal digits
 * @throws {InceptionError} `unsupported` outside secure contexts
 */
export async function sha256Of(bytes) {
  if (globalThis.crypto?.subtle === undefined) {
    throw new InceptionError('unsupported', 'a checksum can be checked only on pages served over https or from localhost');
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', /** @type {Uint8Array<ArrayBuffer>} */ (bytes)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * @param {string} name of the file
 * @param {string} found its SHA-256
 * @param {string | null} expected in hexadecimal digits of any case; null: anything
 * @throws {InceptionError} `integrity`
 */
export function checkSha256(name, found, expected) {
  if (expected === null || found === expected.toLowerCase()) return;
  throw new InceptionError('integrity', `${name} has the SHA-256 ${found}, not the expected ${expected.toLowerCase()}`);
}
