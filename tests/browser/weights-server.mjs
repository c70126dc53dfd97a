// A server that misbehaves with model files, and serves the repository otherwise. It counts what it sends.

import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { MODEL, ROOT } from './harness.mjs';

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.json': 'application/json',
  '.wasm': 'application/wasm', '.svg': 'image/svg+xml',
};

/** Where a download breaks off: in the third segment of a kept part. */
export const CUT = 5_000_001;

/**
 * @typedef {object} Sent one request for a model
 * @property {string} method
 * @property {string | undefined} range
 * @property {number} status
 * @property {number} bytes of the body that were written
 */

/** A server whose model files answer as `behaviour` says at that moment. */
export class WeightsServer {
  /** @type {Sent[]} */
  sent = [];
  /** @type {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse, sent: Sent) => void} */
  behaviour = whole;
  etag = '"1"';
  /** Broken off by a request for `/break`. @type {import('node:http').ServerResponse | undefined} */
  held;

  constructor() {
    this.bytes = readFileSync(join(ROOT, MODEL));
    this.sha256 = createHash('sha256').update(this.bytes).digest('hex');
    this.server = createServer((request, response) => this.#answer(request, response));
  }

  /** @returns {Promise<string>} address */
  async start() {
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', () => resolve(undefined)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.server.address());
    return `http://localhost:${port}/`;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Bytes of models sent since the last call. */
  count() {
    return this.sent.splice(0).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  #answer(request, response) {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    response.setHeader('cache-control', 'no-store');
    if (pathname === '/break') {
      this.held?.destroy();
      return void response.writeHead(204).end();
    }
    if (!pathname.startsWith('/weights/')) return this.#answerFile(pathname, response);
    const { method = 'GET', headers } = request;
    /** @type {Sent} */
    const sent = { method, range: headers.range, status: 0, bytes: 0 };
    this.sent.push(sent);
    response.on('close', () => (sent.status = response.statusCode));
    this.behaviour.call(this, request, response, sent);
  }

  /**
   * @param {string} pathname
   * @param {import('node:http').ServerResponse} response
   */
  #answerFile(pathname, response) {
    const file = join(ROOT, pathname);
    if (pathname.includes('..') || !statSync(file, { throwIfNoEntry: false })?.isFile()) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  }
}

/**
 * Sends bytes and counts them.
 * @param {import('node:http').ServerResponse} response
 * @param {Sent} sent
 * @param {Buffer} bytes
 * @param {() => void} then
 */
export function send(response, sent, bytes, then) {
  sent.bytes += bytes.length;
  response.write(bytes, then);
}

/**
 * What a good server does: validators, ranges, conditions.
 * @this {WeightsServer}
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {Sent} sent
 */
export function whole({ method, headers }, response, sent) {
  const { bytes, etag } = this;
  const from = headers.range && [undefined, etag].includes(/** @type {string | undefined} */ (headers['if-range'])) ? Number(/\d+/.exec(headers.range)?.[0]) : 0;
  const part = bytes.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, {
    etag,
    'content-type': 'application/octet-stream',
    'content-length': part.length,
    ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
  });
  if (method === 'HEAD') return void response.end();
  send(response, sent, part, () => response.end());
}

/**
 * Sends the first bytes and breaks the connection off once the client asks for `/break`, unless the request is for the rest.
 * @param {{ ranges?: boolean, headers?: Record<string, string | number> }} [options] false: it knows no ranges
 */
export function cutting({ ranges = true, headers = {} } = {}) {
  return /** @type {WeightsServer['behaviour']} */ (
    function (request, response, sent) {
      if (ranges && request.headers.range) return whole.call(this, request, response, sent);
      response.writeHead(200, { ...(ranges ? { etag: this.etag } : {}), 'content-length': this.bytes.length, ...headers });
      this.held = response;
      send(response, sent, this.bytes.subarray(0, CUT), () => undefined);
    }
  );
}
