import { allocated, bodyLength, fetched, looksLikeHtml, reasonOf, throwUnlessOk } from '../../shared/download.js';
import { InceptionError, throwIfAborted } from '../../shared/errors.js';
import { versionOf } from './model-cache.js';
import { Watch } from './watch.js';

/** @typedef {import('./model-cache.js').Version} Version */
/** @typedef {import('./partial.js').Partial} Partial */
/** @typedef {(loaded: number, total: number | null, bytes: Uint8Array | null) => void} OnBytes with the array that is being filled; null while another load fetches the file */

const FIRST_CAPACITY = 1 << 20;
/** A server that sends nothing for so long has stalled, in milliseconds. */
const PATIENCE = 30_000;
/** Requests for one file before the load fails. */
const MOST_TRIES = 4;
/** Before the second request; the third waits twice as long. In milliseconds. */
const PAUSE = 500;

/** The bytes stopped coming; another request may go on from there. */
class BrokenOff extends InceptionError {}

/** One file on its way here, over as many requests as it takes. */
export class Transfer {
  #bytes = new Uint8Array(0);
  #loaded = 0;
  /** @type {number | null} */
  #total = null;
  /** @type {Version} */
  #version = { type: '', etag: null, lastModified: null };
  #isResumable = true;

  /**
   * @param {string} url
   * @param {Partial | null} partial what an earlier load left, and where this one leaves what it has
   * @param {boolean} isChecked whether the whole is checked against a known digest, so that its parts may come from anywhere
   * @param {OnBytes} onBytes
   */
  constructor(url, partial, isChecked, onBytes) {
    this.url = url;
    this.partial = partial;
    this.isChecked = isChecked;
    this.onBytes = onBytes;
  }

  /**
   * @param {boolean} mayGoOn where an earlier load ended
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<{ bytes: Uint8Array, version: Version, isResumed: boolean }>}
   * @throws {InceptionError} `network`, `aborted`, `out-of-memory`
   */
  async run(mayGoOn, signal) {
    if (mayGoOn) await this.#takeUp();
    const isResumed = this.#loaded > 0;
    for (let tries = 1; this.#loaded !== this.#total; tries += 1) {
      const before = this.#loaded;
      try {
        await this.#receive(signal);
      } catch (error) {
        await this.partial?.flush(this.#bytes.subarray(0, this.#loaded));
        throwIfAborted(signal);
        const mayGoOn = error instanceof BrokenOff && this.#loaded > 0 && this.#loaded !== before;
        if (!mayGoOn || tries === MOST_TRIES) throw error;
        await pause(tries * PAUSE, signal);
      }
    }
    return { bytes: this.#bytes.subarray(0, this.#loaded), version: this.#version, isResumed };
  }

  /** Takes up what an earlier load left, where it can be told to be of the same file. */
  async #takeUp() {
    const kept = await this.partial?.read();
    if (!kept) return;
    const { about, segments } = kept;
    const length = segments.reduce((sum, { length }) => sum + length, 0);
    if (!this.#canGoOn(about) || (about.total !== null && length > about.total)) return;
    this.#begin(about, about.total);
    for (const segment of segments) this.#append(segment);
    this.partial?.goOn(length);
  }

  /**
   * One request, for what is missing.
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<void>}
   */
  async #receive(signal) {
    if (!this.#isResumable) this.#loaded = 0;
    const watch = new Watch(PATIENCE, signal);
    try {
      const response = await fetched(this.url, { headers: this.#rangeHeaders(), signal: watch.signal });
      if (this.#loaded > 0 && !this.#isRest(response)) {
        if (response.status !== 206 && response.status !== 416) throwUnlessOk(response, this.url);
        this.#loaded = 0;
        this.#total = null;
        if (response.status !== 200) {
          await response.body?.cancel();
          return await this.#receive(signal);
        }
      }
      throwUnlessOk(response, this.url);
      if (this.#loaded === 0) this.#start(response);
      await this.#read(response, watch);
    } catch (error) {
      throw watch.hasStalled ? this.#brokenOff(`nothing came for ${PATIENCE / 1000} s`, error) : error;
    } finally {
      watch.end();
    }
  }

  /** @returns {Record<string, string>} */
  #rangeHeaders() {
    if (this.#loaded === 0) return {};
    const range = { range: `bytes=${this.#loaded}-` };
    const { etag, lastModified } = this.#version;
    const validator = etag?.startsWith('"') ? etag : lastModified;
    // To other origins the header would need a permission of its own; there the answer's validators are compared.
    const isOwn = new URL(this.url).origin === globalThis.location?.origin;
    return isOwn && validator !== null && !this.isChecked ? { ...range, 'if-range': validator } : range;
  }

  /**
   * @param {Response} response
   * @returns {boolean} whether it goes on where this transfer stands
   */
  #isRest(response) {
    if (response.status !== 206) return false;
    const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
    const begins = range ? Number(range[1]) : this.#loaded;
    const total = range ? Number(range[2]) : this.#loaded + (bodyLength(response) ?? NaN);
    const { etag, lastModified } = versionOf(response);
    const isSame = (/** @type {string | null} */ a, /** @type {string | null} */ b) => a === null || b === null || a === b;
    return (
      begins === this.#loaded &&
      total === (this.#total ?? total) &&
      isSame(etag, this.#version.etag) &&
      isSame(lastModified, this.#version.lastModified)
    );
  }

  /** @param {Response} response to a request for the whole */
  #start(response) {
    const version = versionOf(response);
    if (response.status !== 200) throw new InceptionError('network', `${this.url} (the server answered ${response.status})`);
    if (version.type === 'text/html') throw webPageError(this.url);
    this.#isResumable = !response.headers.has('content-encoding') && this.#canGoOn(version);
    this.#begin(version, bodyLength(response));
    if (this.#isResumable) this.partial?.begin({ ...version, url: this.url, total: this.#total });
  }

  /**
   * @param {Version} version
   * @param {number | null} total
   */
  #begin({ type, etag, lastModified }, total) {
    this.#version = { type, etag, lastModified };
    this.#total = total;
    this.#loaded = 0;
    this.#bytes = allocated(total ?? FIRST_CAPACITY, this.url);
    this.onBytes(0, total, this.#bytes);
  }

  /**
   * @param {Response} response
   * @param {Watch} watch
   */
  async #read(response, watch) {
    const reader = response.body?.getReader();
    try {
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        watch.rest();
        if (this.#loaded === 0 && looksLikeHtml(part.value)) throw webPageError(this.url);
        this.#append(part.value);
        if (this.#isResumable) this.partial?.advance(this.#bytes.subarray(0, this.#loaded));
      }
    } catch (cause) {
      if (cause instanceof InceptionError) throw cause;
      throw this.#brokenOff(reasonOf(cause), cause);
    }
    this.#total ??= this.#loaded;
    if (this.#loaded < this.#total) throw this.#brokenOff(`of ${this.#total}`, undefined);
  }

  /** @param {Uint8Array} part */
  #append(part) {
    const end = this.#loaded + part.length;
    if (this.#total !== null && end > this.#total) {
      throw new InceptionError('network', `${this.url} (more than the ${this.#total} bytes that the server announced)`);
    }
    if (end > this.#bytes.length) {
      const larger = allocated(Math.max(2 * this.#bytes.length, end), this.url);
      larger.set(this.#bytes.subarray(0, this.#loaded));
      this.#bytes = larger;
    }
    this.#bytes.set(part, this.#loaded);
    this.#loaded = end;
    this.onBytes(end, this.#total, this.#bytes);
    this.partial?.tell(end, this.#total);
  }

  /** @param {Version} version */
  #canGoOn({ etag, lastModified }) {
    return this.isChecked || etag !== null || lastModified !== null;
  }

  /**
   * @param {string} reason
   * @param {unknown} cause
   */
  #brokenOff(reason, cause) {
    return new BrokenOff('network', `${this.url} (the download broke off after ${this.#loaded} bytes: ${reason})`, { cause });
  }
}

/** @param {string} url */
function webPageError(url) {
  return new InceptionError('network', `${url} (it answered with a web page where a model file was expected)`);
}

/**
 * @param {number} ms
 * @param {AbortSignal | undefined} signal
 */
async function pause(ms, signal) {
  await new Promise((resolve) => setTimeout(resolve, ms));
  throwIfAborted(signal);
}
