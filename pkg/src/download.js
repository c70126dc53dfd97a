import { InceptionError, throwIfAborted } from './errors.js';

const FIRST_CAPACITY = 1 << 20;

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
  let response;
  try {
    response = await fetch(url, { signal });
  } catch (cause) {
    throwIfAborted(signal);
    throw new InceptionError('network', `${url} (${reasonOf(cause)})`, { cause });
  }
  if (!response.ok) {
    const status = `${response.status} ${response.statusText}`.trim();
    throw new InceptionError('network', `${url} (the server answered ${status})`);
  }
  return response;
}

/**
 * @param {string} url
 * @param {AbortSignal | undefined} signal
 * @param {(loaded: number, total: number | null) => void} [onBytes]
 * @returns {Promise<Download>}
 * @throws {InceptionError} `network`, `aborted`, `out-of-memory`
 */
export async function download(url, signal, onBytes) {
  const response = await request(url, signal);
  const total = bodyLength(response);
  onBytes?.(0, total);
  let bytes = allocated(total ?? FIRST_CAPACITY, url);
  let loaded = 0;
  try {
    const reader = response.body?.getReader();
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      if (loaded + part.value.length > bytes.length) {
        const larger = allocated(Math.max(2 * bytes.length, loaded + part.value.length), url);
        larger.set(bytes.subarray(0, loaded));
        bytes = larger;
      }
      bytes.set(part.value, loaded);
      loaded += part.value.length;
      onBytes?.(loaded, total);
    }
  } catch (cause) {
    throwIfAborted(signal);
    if (cause instanceof InceptionError) throw cause;
    const message = `${url} (the download broke off after ${loaded} bytes: ${reasonOf(cause)})`;
    throw new InceptionError('network', message, { cause });
  }
  return { bytes: bytes.subarray(0, loaded), type: mediaType(response) };
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

/** @param {Response} response */
function bodyLength(response) {
  const length = Number(response.headers.get('content-length') ?? NaN);
  return response.headers.has('content-encoding') || !Number.isSafeInteger(length) ? null : length;
}

/**
 * @param {number} length
 * @param {string} url
 */
function allocated(length, url) {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new InceptionError('out-of-memory', `the ${length} bytes of ${url}`, { cause });
  }
}

/** @param {unknown} cause */
function reasonOf(cause) {
  return (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
}
