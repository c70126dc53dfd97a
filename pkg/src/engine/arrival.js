import { isSafetensors } from './own-format.js';

/** Before the header of a safetensors file: its length. */
const LENGTH_BYTES = 8;

/** A file on its way here, for those who can begin with what has come of it. */
export class Arrival {
  name = '';
  /** As long as the whole file, filled as far as it has come; another array where the download began anew; null before and after. @type {Uint8Array | null} */
  bytes = null;
  loaded = 0;
  isOver = false;
  #wake = () => {};
  #end = () => {};
  /** When no more will come. @type {Promise<void>} */
  over = new Promise((resolve) => (this.#end = resolve));

  /**
   * @param {string} name
   * @param {Uint8Array} bytes
   * @param {number} loaded
   */
  update(name, bytes, loaded) {
    Object.assign(this, { name, bytes, loaded });
    this.#wake();
  }

  /** No more will come: everything is there, or it failed. */
  end() {
    this.isOver = true;
    this.bytes = null;
    this.#wake();
    this.#end();
  }

  /** @returns {Promise<void>} once more has come, or no more will */
  more() {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  /** Whether this may be a safetensors file whose header has come. */
  get hasHeader() {
    const { bytes, loaded } = this;
    if (bytes === null || loaded <= LENGTH_BYTES || !isSafetensors(bytes)) return false;
    const header = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
    return BigInt(loaded) > header + BigInt(LENGTH_BYTES);
  }
}
