import { InceptionError, throwIfAborted } from '../shared/errors.js';

/** @typedef {import('./model-files.js').LoadedFile} LoadedFile */

/** The endings of a compressed file's name. */
const ENDING = /\.(gz|gzip)$/i;
/** What a compressed file may hold: many times the largest model of the family. */
const MOST_BYTES = 2 ** 31;
/** Bytes by which a compressed file is known. */
const HEAD = 3;

/**
 * @param {Uint8Array} bytes
 * @returns {boolean} whether a file begins as gzip does (RFC 1952, section 2.3.1)
 */
function isGzip(bytes) {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/**
 * A file as it was before gzip; any other as it is.
 * @param {LoadedFile} file
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<LoadedFile>}
 * @throws {InceptionError} `bad-weights` for a damaged one, `out-of-memory`, `aborted`
 */
export async function gunzipped(file, signal) {
  const { name, bytes } = file;
  if (!isGzip(bytes)) return file;
  return unpacked(name, new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)]).stream(), signal);
}

/**
 * The same of a Blob, of which nothing but what it holds comes into memory.
 * @param {string} name
 * @param {Blob} blob
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<LoadedFile>}
 * @throws {InceptionError} as {@link gunzipped}; whatever a browser says of a file that cannot be read
 */
export async function gunzippedBlob(name, blob, signal) {
  const head = new Uint8Array(await blob.slice(0, HEAD).arrayBuffer());
  if (isGzip(head)) return unpacked(name, blob.stream(), signal);
  const bytes = new Uint8Array(await blob.arrayBuffer());
  throwIfAborted(signal);
  return { name, bytes };
}

/** A file that comes and, where it is compressed, is unpacked meanwhile. */
export class Gunzip {
  /** Bytes that have been handed on. */
  #fed = 0;
  /** @type {{ writer: WritableStreamDefaultWriter, file: Promise<LoadedFile> } | null} */
  #unpacking = null;

  /**
   * @param {string} name
   * @param {AbortSignal | undefined} signal
   */
  constructor(name, signal) {
    this.name = name;
    this.signal = signal;
  }

  /**
   * More has come, or it comes once more from the start.
   * @param {Uint8Array} bytes
   * @param {number} loaded how many of them are there
   */
  update(bytes, loaded) {
    if (loaded < this.#fed) this.drop();
    if (loaded < HEAD || !isGzip(bytes) || typeof DecompressionStream === 'undefined') return;
    this.#unpacking ??= this.#begin();
    this.#unpacking.writer.write(bytes.subarray(this.#fed, loaded)).catch(ignore);
    this.#fed = loaded;
  }

  #begin() {
    /** @type {TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>} */
    const { readable, writable } = new TransformStream();
    const file = unpacked(this.name, readable, this.signal);
    file.catch(ignore);
    return { writer: writable.getWriter(), file };
  }

  /**
   * @param {Uint8Array} bytes of the whole file
   * @returns {Promise<LoadedFile>}
   * @throws {InceptionError} as {@link gunzipped}
   */
  async finish(bytes) {
    if (this.#unpacking === null || this.#fed !== bytes.length) {
      this.drop();
      return gunzipped({ name: this.name, bytes }, this.signal);
    }
    const { writer, file } = this.#unpacking;
    writer.close().catch(ignore);
    return file;
  }

  /** What has come is not wanted. */
  drop() {
    this.#unpacking?.writer.abort().catch(ignore);
    this.#unpacking = null;
    this.#fed = 0;
  }
}

/** For what is told another way. */
function ignore() {}

/**
 * @param {string} name
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<LoadedFile>}
 */
async function unpacked(name, stream, signal) {
  if (typeof DecompressionStream === 'undefined') throw new InceptionError('unsupported', `${name} is compressed, which this browser cannot undo`);
  /** @type {Uint8Array[]} */
  const parts = [];
  let length = 0;
  try {
    for (const reader = stream.pipeThrough(new DecompressionStream('gzip')).getReader(); ; ) {
      const { done, value } = await reader.read();
      throwIfAborted(signal);
      if (done) break;
      length += value.length;
      if (length > MOST_BYTES) {
        await reader.cancel();
        throw new InceptionError('bad-weights', `${name} holds more than ${MOST_BYTES / 2 ** 30} GiB, which no model takes`);
      }
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
