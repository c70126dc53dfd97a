import { InceptionError, throwIfAborted } from './errors.js';

/** The endings of a compressed file's name. */
const ENDING = /\.(gz|gzip)$/i;

/**
 * @param {Uint8Array} bytes
 * @returns {boolean} whether a file begins as gzip does (RFC 1952, section 2.3.1)
 */
function isGzip(bytes) {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/**
 * A file as it was before gzip; any other as it is.
 * @param {import('./model-files.js').LoadedFile} file
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<import('./model-files.js').LoadedFile>}
 * @throws {InceptionError} `bad-weights` for a damaged one, `out-of-memory`, `aborted`
 */
export async function gunzipped(file, signal) {
  const { name, bytes } = file;
  if (!isGzip(bytes)) return file;
  if (typeof DecompressionStream === 'undefined') throw new InceptionError('unsupported', `${name} is compressed, which this browser cannot undo`);
  /** @type {Uint8Array[]} */
  const parts = [];
  try {
    const stream = new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)]).stream().pipeThrough(new DecompressionStream('gzip'));
    for (const reader = stream.getReader(); ; ) {
      const { done, value } = await reader.read();
      throwIfAborted(signal);
      if (done) break;
      parts.push(value);
    }
    return { name: name.replace(ENDING, ''), bytes: joined(parts) };
  } catch (cause) {
    if (cause instanceof InceptionError) throw cause;
    if (cause instanceof RangeError) throw new InceptionError('out-of-memory', `what ${name} holds`, { cause });
    throw new InceptionError('bad-weights', `${name} is compressed and damaged or cut short`, { cause });
  }
}

/**
 * The parts one after another, each given back as soon as it is copied.
 * @param {Uint8Array[]} parts emptied
 * @returns {Uint8Array}
 */
function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
