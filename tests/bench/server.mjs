// The local server that measured pages come from, once with the headers of cross-origin isolation and once without. It compresses scripts
// and wasm as servers do, and counts what it sends.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from './networks.mjs';

/** @type {Record<string, string>} */
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.json': 'application/json', '.wasm': 'application/wasm', '.png': 'image/png' };
const COMPRESSED = new Set(['.html', '.js', '.mjs', '.json', '.wasm']);
const ISOLATION = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

/** The folders of the repository under which a path is looked for; the first that fits. @type {[string, string][]} */
const FOLDERS = [
  ['/nsfwjs-model/', 'target/xtask/nsfwjs/'],
  ['/', ''],
];

export class Servers {
  /** Bytes of answers since this was set to 0. */
  sent = 0;
  /** What is served, by path. @type {Map<string, Promise<Buffer | null>>} */
  #files = new Map();
  /** @type {import('node:http').Server[]} */
  #servers = [];
  plain = '';
  isolated = '';

  static async start() {
    const servers = new Servers();
    servers.plain = await servers.#listen({});
    servers.isolated = await servers.#listen(ISOLATION);
    return servers;
  }

  /**
   * Serves bytes that are no file.
   * @param {string} path
   * @param {Buffer} bytes
   */
  put(path, bytes) {
    this.#files.set(path, Promise.resolve(bytes));
  }

  /** @param {string} path of bytes that are not wanted any more */
  drop(path) {
    this.#files.delete(path);
  }

  stop() {
    for (const server of this.#servers) server.close();
  }

  /** @param {string} path */
  #body(path) {
    const known = this.#files.get(path) ?? read(path);
    this.#files.set(path, known);
    return known;
  }

  /** @param {Record<string, string>} headers */
  async #listen(headers) {
    const server = createServer(async (request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      const bytes = await this.#body(pathname);
      if (bytes === null) return response.writeHead(404).end();
      this.sent += bytes.length;
      const extension = extname(pathname);
      const encoding = COMPRESSED.has(extension) ? { 'content-encoding': 'gzip' } : {};
      response.writeHead(200, { 'content-type': TYPES[extension] ?? 'application/octet-stream', 'content-length': bytes.length, ...encoding, ...headers });
      return response.end(bytes);
    });
    this.#servers.push(server);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    return `http://localhost:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  }
}

/**
 * @param {string} path
 * @returns {Promise<Buffer | null>} null: there is no such file
 */
async function read(path) {
  const [prefix, folder] = FOLDERS.find(([prefix]) => path.startsWith(prefix)) ?? ['/', ''];
  const bytes = await readFile(join(ROOT, folder, path.slice(prefix.length))).catch(() => null);
  return bytes !== null && COMPRESSED.has(extname(path)) ? gzipSync(bytes, { level: 9 }) : bytes;
}
