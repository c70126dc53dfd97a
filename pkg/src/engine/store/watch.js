/** Ends what is waited for when the caller says so, or when nothing has come for a while. */
export class Watch {
  #controller = new AbortController();
  #timer = 0;
  hasStalled = false;

  /**
   * @param {number} patience in milliseconds
   * @param {AbortSignal | undefined} signal
   */
  constructor(patience, signal) {
    this.patience = patience;
    this.outer = signal;
    this.outer?.addEventListener('abort', this.#abort);
    if (signal?.aborted) this.#abort();
    this.rest();
  }

  get signal() {
    return this.#controller.signal;
  }

  #abort = () => this.#controller.abort();

  /** Something came: waits anew. */
  rest() {
    clearTimeout(this.#timer);
    const stall = () => {
      this.hasStalled = true;
      this.#abort();
    };
    this.#timer = /** @type {number} */ (/** @type {unknown} */ (setTimeout(stall, this.patience)));
  }

  end() {
    clearTimeout(this.#timer);
    this.outer?.removeEventListener('abort', this.#abort);
  }
}
