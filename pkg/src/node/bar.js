const WIDTH = 30;

/** A bar in bytes on a terminal; on anything else nothing. */
export class Bar {
  /** @param {NodeJS.WriteStream} stream */
  constructor(stream) {
    this.stream = stream;
    this.isOpen = false;
  }

  /**
   * @param {number} loaded bytes
   * @param {number | null} total
   */
  show(loaded, total) {
    if (!this.stream.isTTY) return;
    const full = total ? Math.round((WIDTH * loaded) / total) : 0;
    const amounts = `${(loaded / 1e6).toFixed(1)}${total ? ` of ${(total / 1e6).toFixed(1)}` : ''} MB`;
    this.stream.write(`\r[${'#'.repeat(full)}${' '.repeat(WIDTH - full)}] ${amounts}${loaded === total ? '\n' : ''}`);
    this.isOpen = loaded !== total;
  }

  /** What is written next has a line of its own. */
  end() {
    if (this.isOpen) this.stream.write('\n');
    this.isOpen = false;
  }
}
