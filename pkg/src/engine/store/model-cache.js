import { mediaType } from '../../shared/download.js';
import { sha256Of } from '../../shared/integrity.js';
import { macrotask } from '../../shared/macrotask.js';

/** Of the browser's caches, the one that holds models; the number changes when entries do. */
const NAME = 'inception-web-models-1';
/** Headers of an entry that the server did not send. */
const DIGEST = 'x-inception-sha256';
/** Bytes that are copied for the cache at once. */
const PIECE = 1 << 20;

/**
 * What a server says of a version of a file, to tell it from another.
 * @typedef {{ type: string, etag: string | null, lastModified: string | null }} Version
 */

/** @typedef {Version & { bytes: Uint8Array, sha256: string }} Kept */

/** Files of models in the browser's Cache API, each with its digest. Nothing here rejects but `keep`: what is refused is absent. */
export class ModelCache {
  /** @param {Cache} cache */
  constructor(cache) {
    this.cache = cache;
  }

  /** @returns {Promise<ModelCache | string>} the reason where the browser has or allows none */
  static async open() {
    try {
      // Without an origin, as in a sandboxed frame, already the word is refused.
      if (typeof caches === 'undefined') return 'there is no cache here: pages have one over https and from localhost';
      return new ModelCache(await caches.open(NAME));
    } catch (cause) {
      return `the browser refuses to keep files (${nameOf(cause)})`;
    }
  }

  /**
   * @param {string} url
   * @returns {Promise<Kept | null>} null where there is none; one that is damaged is removed
   */
  async find(url) {
    try {
      const response = await this.cache.match(url);
      if (response === undefined) return null;
      const bytes = new Uint8Array(await response.arrayBuffer());
      const sha256 = response.headers.get(DIGEST);
      if (sha256 !== null && bytes.length === lengthOf(response) && (await sha256Of(bytes)) === sha256) {
        return { bytes, sha256, ...versionOf(response) };
      }
    } catch {
      // Read errors are damage too.
    }
    await this.remove(url);
    return null;
  }

  /**
   * @param {string} url
   * @param {Blob} content
   * @param {Version} version
   * @param {string} sha256 of the content
   * @throws a DOMException, `QuotaExceededError` where there is no room
   */
  async keep(url, content, { type, etag, lastModified }, sha256) {
    const headers = new Headers({ 'content-length': String(content.size), [DIGEST]: sha256 });
    if (type !== '') headers.set('content-type', type);
    if (etag !== null) headers.set('etag', etag);
    if (lastModified !== null) headers.set('last-modified', lastModified);
    await this.cache.put(url, new Response(content, { headers }));
  }

  /** @param {string} url */
  async remove(url) {
    await this.cache.delete(url).catch(() => false);
  }

  async clear() {
    const requests = await this.cache.keys().catch(() => []);
    await Promise.all(requests.map(({ url }) => this.remove(url)));
  }

  /** @returns {Promise<{ url: string, bytes: number }[]>} */
  async list() {
    const requests = await this.cache.keys().catch(() => []);
    return Promise.all(
      requests.map(async (request) => {
        const response = await this.cache.match(request).catch(() => undefined);
        return { url: request.url, bytes: response === undefined ? 0 : lengthOf(response) };
      }),
    );
  }
}

/**
 * Copies bytes piece by piece out of this thread's memory, between which other work of this thread goes on: whole, a large file holds it up for seconds.
 * @param {Uint8Array} bytes
 * @returns {Promise<Blob>}
 */
export async function inPieces(bytes) {
  const pieces = [];
  for (let at = 0; at < bytes.length; at += PIECE) {
    pieces.push(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes.subarray(at, at + PIECE))]));
    await macrotask();
  }
  return new Blob(pieces);
}

/**
 * @param {Response} response
 * @returns {Version}
 */
export function versionOf(response) {
  const { headers } = response;
  return { type: mediaType(response), etag: headers.get('etag'), lastModified: headers.get('last-modified') };
}

/** @param {Response} response of the cache */
function lengthOf({ headers }) {
  return Number(headers.get('content-length'));
}

/** @param {unknown} cause */
export function nameOf(cause) {
  return cause instanceof Error ? cause.name : String(cause);
}
