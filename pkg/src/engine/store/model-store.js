import { fetched } from '../../shared/download.js';
import { InceptionError, throwIfAborted } from '../../shared/errors.js';
import { checkSha256, sha256Of } from '../../shared/integrity.js';
import { ModelCache, inPieces, nameOf, versionOf } from './model-cache.js';
import { Partial } from './partial.js';
import { Transfer } from './transfer.js';

/** @typedef {import('../../index.js').ModelInfo} ModelInfo */
/** @typedef {import('./model-cache.js').Version} Version */
/** @typedef {import('./transfer.js').OnBytes} OnBytes */
/** @typedef {{ bytes: Uint8Array, type: string }} StoredFile */
/**
 * A file that is not kept yet, with its SHA-256 where that is known, and whether it was checked.
 * @typedef {{ url: string, content: Uint8Array | Blob, version: Version, sha256: string | null, isChecked: boolean, partial: Partial | null }} Fetched
 */

/** How long a server may take to say whether a kept file is still its own, in milliseconds. */
const PATIENCE = 3000;
/** What is kept all the same, and serves where its server is away. */
const UNTOLD = 'its server tells neither ETag nor date, so the next load fetches it again where it can';

/** The files of one load: from the browser's cache where they are there and whole, else from the network and then to the cache. */
export class ModelStore {
  #hits = 0;
  #files = 0;
  /** What has been fetched and is not kept yet. @type {Fetched[]} */
  #fetched = [];
  /** @type {Promise<unknown>} */
  #releasing = Promise.resolve();

  /** @param {ModelCache | string} cache or why there is none */
  constructor(cache) {
    this.cache = cache;
  }

  /** @param {boolean} isWanted */
  static async open(isWanted) {
    return new ModelStore(isWanted ? await ModelCache.open() : 'it is switched off (cache: false)');
  }

  /**
   * @param {string} url
   * @param {string | null} sha256 that the file must have
   * @param {AbortSignal | undefined} signal
   * @param {OnBytes} onBytes
   * @returns {Promise<StoredFile>}
   * @throws {InceptionError} `network`, `integrity`, `aborted`, `out-of-memory`, `unsupported`
   */
  async fetch(url, sha256, signal, onBytes) {
    this.#files += 1;
    const [found, isBegun] = await Promise.all([this.#find(url, sha256, signal), Partial.exists(url)]);
    if (found instanceof Object) return this.#hit(found, onBytes);
    if (typeof this.cache === 'string' || !/^https?:/.test(url)) return (await transfer(url, null, false, sha256, signal, onBytes)).file;
    try {
      const onWord = (/** @type {import('./partial.js').Word} */ { loaded, total }) => onBytes(loaded, total, null);
      return await Partial.use(url, signal, onWord, async (partial, hasWaited) => {
        const kept = hasWaited && typeof this.cache !== 'string' ? await this.cache.find(url) : null;
        // The other load has just fetched it: no need to ask its server.
        if (kept !== null && (sha256 === null || kept.sha256 === sha256.toLowerCase())) {
          partial?.release();
          return this.#hit(kept, onBytes);
        }
        const mayGoOn = isBegun || (hasWaited && (await Partial.exists(url)));
        const { file, version } = await transfer(url, partial, mayGoOn, sha256, signal, onBytes);
        this.#fetched.push({ url, content: file.bytes, version, sha256: sha256?.toLowerCase() ?? null, isChecked: sha256 !== null, partial });
        return file;
      });
    } catch (error) {
      const kept = found === 'doubtful' && error instanceof InceptionError && error.code === 'network' ? await this.cache.find(url) : null;
      if (kept === null) throw error;
      return this.#hit(kept, onBytes);
    }
  }

  /**
   * @param {StoredFile} kept
   * @param {OnBytes} onBytes
   */
  #hit(kept, onBytes) {
    this.#hits += 1;
    onBytes(kept.bytes.length, kept.bytes.length, kept.bytes);
    return kept;
  }

  /** All files have come, and are kept or refused later: whoever waits for one goes on waiting. */
  hold() {
    for (const { partial } of this.#fetched) partial?.goOnTelling();
  }

  /**
   * Has the browser hold what is still to be kept, where this thread did: its memory is wanted.
   * @param {{ blob: Blob }[]} copies
   * @param {{ bytes: Uint8Array }[]} files whose copies they are
   */
  release(copies, files) {
    const release = async (/** @type {Fetched} */ fetched) => {
      const { content, sha256 } = fetched;
      if (content instanceof Blob) return;
      const copy = copies[files.findIndex(({ bytes }) => bytes.buffer === content.buffer)];
      const [blob, digest] = await Promise.all([copy?.blob ?? inPieces(content), sha256 ?? sha256Of(content)]);
      Object.assign(fetched, { content: blob, sha256: digest });
    };
    this.#releasing = Promise.allSettled(this.#fetched.map(release));
  }

  /** What was fetched is not kept: the model has been refused, or not all of its files can be. */
  async reject() {
    await Promise.all(this.#fetched.splice(0).map(({ partial }) => end(partial)));
  }

  /** @returns {ModelInfo['cache']} before {@link ModelStore.keep} */
  get state() {
    const hit = this.#files > 0 && this.#hits === this.#files;
    if (this.#files === 0) return { hit, kept: false, reason: 'the model was given as bytes or files' };
    if (typeof this.cache === 'string') return { hit, kept: false, reason: this.cache };
    if (this.#hits + this.#fetched.length < this.#files) return { hit, kept: false, reason: 'only files that come over http are kept' };
    return { hit, kept: hit || null, reason: hit ? null : 'it is being written' };
  }

  /**
   * Keeps what was fetched.
   * @returns {Promise<ModelInfo['cache']>}
   */
  async keep() {
    const { cache, state } = this;
    await this.#releasing;
    if (typeof cache === 'string') return state;
    const outcomes = await Promise.all(this.#fetched.splice(0).map((fetched) => keep(cache, fetched)));
    const failure = outcomes.find((outcome) => outcome !== null) ?? null;
    return state.kept === null ? { ...state, kept: failure === null || failure === UNTOLD, reason: failure } : state;
  }

  /**
   * @param {string} url
   * @param {string | null} sha256
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<StoredFile | 'doubtful' | null>} 'doubtful' where nothing tells what is kept from what the server has: it is fetched
   * again, and what is kept serves where that fails
   */
  async #find(url, sha256, signal) {
    const { cache } = this;
    if (typeof cache === 'string') return null;
    const kept = await cache.find(url);
    throwIfAborted(signal);
    if (kept === null) return null;
    const isRight = sha256 === null ? await isCurrent(url, kept, signal) : kept.sha256 === sha256.toLowerCase();
    throwIfAborted(signal);
    if (isRight) return kept;
    if (isRight === null) return 'doubtful';
    await cache.remove(url);
    return null;
  }
}

/**
 * Fetches a file and checks it; one that was put together from two versions is fetched once more.
 * @param {string} url
 * @param {Partial | null} partial
 * @param {boolean} isBegun whether the partial download is there
 * @param {string | null} sha256
 * @param {AbortSignal | undefined} signal
 * @param {OnBytes} onBytes
 * @returns {Promise<{ file: StoredFile, version: Version }>}
 */
async function transfer(url, partial, isBegun, sha256, signal, onBytes) {
  for (let mayGoOn = isBegun; ; mayGoOn = false) {
    const { bytes, version, isResumed } = await new Transfer(url, partial, sha256 !== null, onBytes).run(mayGoOn, signal);
    try {
      if (sha256 !== null) checkSha256(url, await sha256Of(bytes), sha256);
      throwIfAborted(signal);
      return { file: { bytes, type: version.type }, version };
    } catch (error) {
      if (!(error instanceof InceptionError && error.code === 'integrity')) throw error;
      await partial?.discard();
      if (!isResumed) throw error;
    }
  }
}

/**
 * @param {ModelCache} cache
 * @param {Fetched} fetched whose partial download is no longer needed, whatever comes of it
 * @returns {Promise<string | null>} why it could not be kept, or is of little use
 */
async function keep(cache, { url, content, version, sha256, isChecked, partial }) {
  const bytes = content instanceof Blob ? content.size : content.length;
  try {
    const blob = content instanceof Blob ? content : await inPieces(content);
    const digest = sha256 ?? (await sha256Of(content instanceof Blob ? new Uint8Array(await blob.arrayBuffer()) : content));
    await cache.keep(url, blob, version, digest).catch(async () => {
      await partial?.discard();
      await cache.keep(url, blob, version, digest);
    });
    const isKnown = isChecked || version.etag !== null || version.lastModified !== null;
    return isKnown ? null : UNTOLD;
  } catch (cause) {
    const name = nameOf(cause);
    return name === 'QuotaExceededError' ? `there is no room for its ${bytes} bytes (${name})` : `the browser refuses to keep it (${name})`;
  } finally {
    await end(partial);
  }
}

/** @param {Partial | null} partial of a file that has come, and is kept or refused */
async function end(partial) {
  await partial?.discard();
  partial?.release();
}

/**
 * @param {string} url
 * @param {Version & { bytes: Uint8Array }} kept
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<boolean | null>} false where the server has another version; true where it cannot be asked; null where it says
 * neither ETag nor date, by which versions can be told from one another: sizes do not tell
 */
async function isCurrent(url, kept, signal) {
  if (globalThis.navigator?.onLine === false) return true;
  const patience = AbortSignal.timeout(PATIENCE);
  const either = AbortSignal.any?.([patience, ...(signal ? [signal] : [])]) ?? patience;
  try {
    const version = (await versionAt(url, 'HEAD', either)) ?? (await versionAt(url, 'GET', either));
    if (version === null) return true;
    const { etag, lastModified } = version;
    if (etag !== null && kept.etag !== null) return etag === kept.etag;
    if (lastModified !== null && kept.lastModified !== null) return lastModified === kept.lastModified;
    return null;
  } catch {
    return true;
  }
}

/**
 * @param {string} url
 * @param {'HEAD' | 'GET'} method some servers know only GET, of which the body is not read
 * @param {AbortSignal} signal
 * @returns {Promise<Version | null>} null where the server answers with an error
 */
async function versionAt(url, method, signal) {
  const response = await fetched(url, { method, cache: 'no-cache', signal });
  await response.body?.cancel();
  return response.ok ? versionOf(response) : null;
}
