// Our engine beside nsfwjs on TF.js's wasm backend, with the same weights and the same photo, in one Chromium:
// node tests/peers/bench.mjs [--runs N] [--photo FILE]
// Cold: a fresh browser profile on a local server that compresses scripts and wasm as servers do; until the first answer, and bytes sent.
// Warm: the median of N answers, the two taking turns.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { launch } from '../browser/chromium.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.json': 'application/json', '.wasm': 'application/wasm', '.png': 'image/png' };
const COMPRESSED = new Set(['.html', '.js', '.mjs', '.json', '.wasm']);
/** How far two answers to the same pixels may be apart. */
const TOLERANCE = 1e-4;
const COLD_VISITS = 5;

const { values } = parseArgs({ options: { runs: { type: 'string', default: '10' }, photo: { type: 'string' } } });
const runs = Number(values.runs);
const photo = values.photo ?? join(ROOT, '../shared/verify/photos/chelsea_299.png');

const sent = { bytes: 0 };
/** @type {Map<string, Promise<Buffer>>} */
const files = new Map();

/** @param {string} path */
function body(path) {
  const file = path === '/photo.png' ? photo : path.startsWith('/nsfwjs-model/') ? join(ROOT, 'target/xtask/nsfwjs', path.slice(14)) : join(ROOT, path);
  const known = files.get(path) ?? readFile(file).then((bytes) => (COMPRESSED.has(extname(file)) ? gzipSync(bytes, { level: 9 }) : bytes));
  files.set(path, known);
  return known;
}

/** @param {boolean} isolated */
async function serve(isolated) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const bytes = await body(pathname).catch(() => null);
    if (bytes === null) return response.writeHead(404).end();
    sent.bytes += bytes.length;
    const extension = extname(pathname);
    response.writeHead(200, {
      'content-type': TYPES[extension] ?? 'application/octet-stream',
      'content-length': bytes.length,
      ...(COMPRESSED.has(extension) ? { 'content-encoding': 'gzip' } : {}),
      ...(isolated ? { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' } : {}),
    });
    return response.end(bytes);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  return { address: `http://localhost:${server.address().port}`, stop: () => server.close() };
}

/** @param {number[]} list */
const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1] ?? NaN;

/**
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 */
async function visit(browser, url) {
  sent.bytes = 0;
  const page = await (await browser.newContext()).newPage();
  page.on('pageerror', (error) => console.error(String(error)));
  await page.goto(url);
  await page.waitForFunction(() => 'subject' in globalThis, undefined, { timeout: 120_000 });
  const { first, firstAt, facts } = await page.evaluate(() => ({ ...globalThis.subject, answer: undefined }));
  return { page, first, firstAt, facts, bytes: sent.bytes };
}

const PAGES = { 'inception-web': 'inception.html', 'nsfwjs on TF.js wasm': 'nsfwjs.html' };
const browser = await launch();
const servers = { plain: await serve(false), isolated: await serve(true) };
try {
  console.log(`${'Inception-v3 of nsfwjs'.padEnd(22)} threads  sent MB  first answer ms  warm ms   (medians of ${COLD_VISITS} visits and ${runs} runs)`);
  for (const [threads, server] of [[1, servers.plain], [2, servers.isolated]]) {
    const subjects = Object.entries(PAGES).map(([name, page]) => ({ name, url: `${server.address}/tests/peers/${page}?threads=${threads}`, cold: [], warm: [] }));
    for (let i = 0; i < COLD_VISITS; i += 1) {
      for (const subject of subjects) {
        const { page, first, firstAt, facts, bytes } = await visit(browser, subject.url);
        subject.cold.push(firstAt);
        Object.assign(subject, { first, facts, bytes });
        if (i + 1 < COLD_VISITS) await page.context().close();
        else subject.page = page;
      }
    }
    for (let i = 0; i < runs; i += 1) {
      for (const subject of subjects) {
        subject.warm.push(await subject.page.evaluate(async () => {
          const start = performance.now();
          await globalThis.subject.answer();
          return performance.now() - start;
        }));
      }
    }
    const [ours, theirs] = subjects;
    for (const [name, probability] of theirs.first) {
      const own = ours.first.find(([label]) => label === name)?.[1];
      assert.ok(Math.abs(own - probability) <= TOLERANCE, `${name}: ${own} here, ${probability} there`);
    }
    for (const { name, facts, bytes, cold, warm, page } of subjects) {
      console.log(`${name.padEnd(22)} ${String(threads).padStart(7)}  ${(bytes / 1e6).toFixed(2).padStart(7)}  ${median(cold).toFixed(0).padStart(15)}  ${median(warm).toFixed(0).padStart(7)}   ${facts}`);
      await page.context().close();
    }
    console.log(`${'ratio'.padEnd(22)} ${''.padStart(7)}  ${(theirs.bytes / ours.bytes).toFixed(2).padStart(7)}  ${(median(theirs.cold) / median(ours.cold)).toFixed(2).padStart(15)}  ${(median(theirs.warm) / median(ours.warm)).toFixed(2).padStart(7)}`);
  }
} finally {
  await browser.close();
  for (const server of Object.values(servers)) server.stop();
}
