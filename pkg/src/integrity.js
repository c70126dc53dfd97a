import { InceptionError } from './errors.js';

/**
 * @param {{ name: string, bytes: Uint8Array }[]} files
 * @param {string} expected SHA-256 in hexadecimal digits
 * @throws {InceptionError} `integrity`; `bad-option` for a model of several files; `unsupported` outside secure contexts
 */
export async function checkSha256(files, expected) {
  const [file] = files;
  if (file === undefined || files.length > 1) {
    throw new InceptionError('bad-option', `sha256 is for a single file, but this model has ${files.length}`);
  }
  if (globalThis.crypto?.subtle === undefined) {
    throw new InceptionError('unsupported', 'a checksum can be checked only on pages served over https or from localhost');
  }
  const bytes = /** @type {Uint8Array<ArrayBuffer>} */ (file.bytes);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (found !== expected.toLowerCase()) {
    throw new InceptionError('integrity', `${file.name} has the SHA-256 ${found}, not the expected ${expected.toLowerCase()}`);
  }
}
