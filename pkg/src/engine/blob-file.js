import { InceptionError } from '../shared/errors.js';
import { isSafetensors } from './own-format.js';

/** @typedef {import('../shared/protocol.js').ModelFile} ModelFile */

/** Only workers have it. @type {(new () => { readAsArrayBuffer(blob: Blob): ArrayBuffer }) | undefined} */
const FileReaderSync = /** @type {any} */ (globalThis).FileReaderSync;
/** Bytes that are read at once, and kept for those who ask for what follows. */
const PIECE = 1 << 20;
/** Pieces that are kept: a layer's tensors may lie in several places. */
const PIECES = 4;

/**
 * A safetensors file that the browser holds outside this thread's memory, read piece by piece where it is wanted: so a model on its way to a
 * GPU takes no more here than its largest tensor.
 */
export class BlobFile {
  /** What reading failed of. @type {InceptionError | null} */
  failure = null;
  #reader;
  /** The last one used first. @type {{ begin: number, bytes: Uint8Array }[]} */
  #pieces = [];

  /**
   * @param {string} name
   * @param {Blob} blob
   * @param {{ readAsArrayBuffer(blob: Blob): ArrayBuffer }} reader
   */
  constructor(name, blob, reader) {
    this.#reader = reader;
    this.name = name;
    this.blob = blob;
    /** Bytes of the file. */
    this.length = blob.size;
  }

  /**
   * @param {ModelFile[]} files
   * @returns {BlobFile | null} null where they are not one such file that the browser holds, or this thread cannot wait for a piece: only
   * workers can
   */
  static of([file, ...others]) {
    if (file === undefined || !('blob' in file) || others.length > 0 || FileReaderSync === undefined) return null;
    const found = new BlobFile(file.name, file.blob, new FileReaderSync());
    return isSafetensors(found.read(0, Math.min(9, found.length)), found.length) ? found : null;
  }

  /**
   * @param {number} begin
   * @param {number} end
   * @returns {Uint8Array} nothing where it fails; `failure` says of what
   */
  read(begin, end) {
    try {
      const known = this.#pieces.findIndex((piece) => begin >= piece.begin && end <= piece.begin + piece.bytes.length);
      const [piece = this.#readPiece(begin, end)] = known < 0 ? [] : this.#pieces.splice(known, 1);
      this.#pieces = [piece, ...this.#pieces].slice(0, PIECES);
      return piece.bytes.subarray(begin - piece.begin, end - piece.begin);
    } catch (cause) {
      this.failure = new InceptionError('bad-weights', `${this.name} could not be read (${cause})`, { cause });
      return new Uint8Array();
    }
  }

  /**
   * @param {number} begin
   * @param {number} end
   */
  #readPiece(begin, end) {
    return { begin, bytes: new Uint8Array(this.#reader.readAsArrayBuffer(this.blob.slice(begin, Math.max(end, begin + PIECE)))) };
  }

  /** @throws {InceptionError} what reading failed of */
  throwFailure() {
    if (this.failure !== null) throw this.failure;
  }

  free() {
    this.#pieces = [];
  }
}
