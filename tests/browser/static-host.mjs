// A static host as there are many: it knows no headers of isolation, and the site lies in a folder of it.

import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const FOLDER = '/some/folder/';
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.wasm': 'application/wasm', '.png': 'image/png', '.jpg': 'image/jpeg', '.svg': 'image/svg+xml' };

/** Pictures are compressed already. */
const COMPRESSIBLE = /\.(html|js|css|json|wasm|svg|safetensors)$/;

export class Host extends EventEmitter {
  /** Bytes of each file that was sent whole, as it was sent. @type {Map<string, number>} */
  sent = new Map();
  /** Whether files are compressed. */
  compresses = false;
  /** Path and query of every request. @type {string[]} */
  requests = [];
  /** What was sent to `/reports`; each is told by the event 'report'. @type {string[]} */
  reports = [];
  /** Whether connections break. */
  isDown = false;
  /** Answers a request in place of the site where it returns true. @type {(path: string, response: import('node:http').ServerResponse) => boolean | Promise<boolean>} */
  instead = () => false;

  /**
   * @param {string} root the site's files
   * @param {Record<string, string>} headers of every answer
   */
  constructor(root, headers) {
    super();
    this.root = root;
    this.headers = headers;
    this.server = createServer((request, response) => this.#answer(request, response));
  }

  /** @returns {Promise<string>} the site's address */
  async start() {
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', () => resolve(null)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.server.address());
    return `http://localhost:${port}${FOLDER}`;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async #answer(request, response) {
    if (this.isDown) return response.destroy();
    const url = request.url ?? '/';
    if (url === '/reports') {
      for await (const part of request.setEncoding('utf8')) this.reports.push(part);
      this.emit('report');
      return response.writeHead(204).end();
    }
    this.requests.push(url);
    const { pathname } = new URL(url, 'http://localhost');
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    if (await this.instead(path, response)) return;
    const bytes = path.startsWith(FOLDER) ? await readFile(join(this.root, path.slice(FOLDER.length))).catch(() => null) : null;
    if (bytes === null) return response.writeHead(404, this.headers).end();
    const headers = { ...this.headers, 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' };
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (first === undefined) return this.#send(path, response, headers, this.compresses && COMPRESSIBLE.test(path) ? gzipSync(bytes) : bytes, bytes);
    response.writeHead(206, { ...headers, 'content-range': `bytes ${first}-${last}/${bytes.length}` });
    response.end(bytes.subarray(Number(first), Number(last) + 1));
  }

  /**
   * @param {string} path
   * @param {import('node:http').ServerResponse} response
   * @param {Record<string, string>} headers
   * @param {Buffer} body
   * @param {Buffer} bytes what the body is, compressed or not
   */
  #send(path, response, headers, body, bytes) {
    this.sent.set(path, body.length);
    response.writeHead(200, body === bytes ? headers : { ...headers, 'content-encoding': 'gzip' }).end(body);
  }
}
