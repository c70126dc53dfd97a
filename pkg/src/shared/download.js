import { InceptionError, throwIfAborted } from './errors.js';
import { platform } from './platform.js';

/**
 * @typedef {object} Download
 * @property {Uint8Array} bytes
 * @property {string} type media type, lower case, without parameters
 */

/**
 * @param {string} url
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Response>}
 * @throws {InceptionError} `network` that names the address; `aborted`
 */
export async function request(url, signal) {
  const response = await fetched(url, { signal });
  throwUnlessOk(response, url);
  return response;
}

/**
 * @param {string} url
 * @param {RequestInit} init
 * @returns {Promise<Response>} whatever its status
 * @throws {InceptionError} `network` that names the address; `aborted`
 */
export async function fetched(url, init) {
  try {
    if (platform.readFile !== null && url.startsWith('file:')) return await responseOf(platform.readFile(url));
    return await fetch(url, init);
  } catch (cause) {
    throwIfAborted(init.signal ?? undefined);
    if (platform.readFile === null && url.startsWith('file:')) throw new InceptionError('unsupported', `${url} is not served over http; in tests let packages resolve with the condition 'node' (Jest: customExportConditions)`, { cause });
    throw new InceptionError('network', `${url} (${reasonOf(cause)})`, { cause });
  }
}

/** @param {Promise<{ bytes: Uint8Array, type: string }>} reading */
async function responseOf(reading) {
  const { bytes, type } = await reading;
  const headers = { 'content-type': type, 'content-length': String(bytes.length) };
  return new Response(/** @type {Uint8Array<ArrayBuffer>} */ (bytes), { headers });
}

/**
 * @param {Response} response
 * @param {string} url
 * @throws {InceptionError} `network` with the status
 */
export function throwUnlessOk(response, url) {
  if (response.ok) return;
  const status = `${response.status} ${response.statusText}`.trim();
  throw new InceptionError('network', `${url} (the server answered ${status})`);
}

/**
 * A file at once: a picture, a list. Models come through the store.
 * @param {string} url
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Download>}
 * @throws {InceptionError} `network`, `aborted`
 */
export async function download(url, signal) {
  const response = await request(url, signal);
  try {
    return { bytes: new Uint8Array(await response.arrayBuffer()), type: mediaType(response) };
  } catch (cause) {
    throwIfAborted(signal);
    throw new InceptionError('network', `${url} (the download broke off: ${reasonOf(cause)})`, { cause });
  }
}

/**
 * @param {Response} response
 * @returns {string}
 */
export function mediaType(response) {
  const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
  return type.trim().toLowerCase();
}

/**
 * @param {Uint8Array} bytes
 * @returns {boolean} whether this is a web page, as servers send for addresses that they do not know
 */
export function looksLikeHtml(bytes) {
  const start = new TextDecoder().decode(bytes.slice(0, 256)).trimStart().toLowerCase();
  return start.startsWith('<!doctype html') || start.startsWith('<html');
}

/**
 * @param {Response} response
 * @returns {number | null} bytes of its body, where the server says so
 */
export function bodyLength(response) {
  const length = Number(response.headers.get('content-length') ?? NaN);
  return response.headers.has('content-encoding') || !Number.isSafeInteger(length) ? null : length;
}

/**
 * @param {number} length
 * @param {string} url
 * @throws {InceptionError} `out-of-memory`
 */
export function allocated(length, url) {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new InceptionError('out-of-memory', `the ${length} bytes of ${url}`, { cause });
  }
}

/**
 * @param {unknown} cause
 * @returns {string} what a sentence in brackets says of it
 */
export function reasonOf(cause) {
  if (!(cause instanceof Error)) return String(cause).replace(/\.$/, '');
  // In Node.js what `fetch` fails with says nothing itself.
  const { message = '', code = '' } = /** @type {{ message?: string, code?: string }} */ (cause.message === 'fetch failed' ? (cause.cause ?? {}) : {});
  const why = message || code;
  return why === '' ? cause.message.replace(/\.$/, '') : `${cause.message}: ${why}`;
}
