// What a page fetches for one `Inception.load` and one answer, beside its own file and the model's.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { MODEL, pageTest } from './harness.mjs';

const MOST_FILES = 5;
const MOST_BYTES = 400_000;

for (const isolated of [false, true]) {
  pageTest(`one load takes at most ${MOST_FILES} files and ${MOST_BYTES} bytes, compressed, on ${isolated ? 'an isolated' : 'a plain'} page`, { isolated }, async (page, address) => {
    const other = await page.context().newPage();
    /** @type {Map<string, Promise<number>>} */
    const fetched = new Map();
    other.on('response', (response) => {
      const { pathname } = new URL(response.url());
      fetched.set(pathname, response.body().then((body) => execFileSync('gzip', ['-9'], { input: body, maxBuffer: 1 << 26 }).length));
    });
    await other.goto(new URL('/tests/browser/blank.html', address).href);
    await other.waitForFunction(() => 'Inception' in globalThis);
    await other.evaluate(async (model) => {
      const net = await Inception.load(model, { cache: false });
      await net.classify(new ImageData(8, 8));
    }, `/${MODEL}`);
    for (const own of ['/tests/browser/blank.html', `/${MODEL}`]) assert.ok(fetched.delete(own), `${own} is seen`);
    const files = await Promise.all([...fetched].map(async ([path, bytes]) => /** @type {const} */ ([path, await bytes])));
    const told = files.map(([path, bytes]) => `${path}: ${bytes}`).join(', ');
    for (const needed of ['worker.js', '.wasm', 'index.js']) assert.ok(files.some(([path]) => path.endsWith(needed)), `${needed} is seen: ${told}`);
    assert.ok(files.length <= MOST_FILES, told);
    assert.ok(files.reduce((sum, [, bytes]) => sum + bytes, 0) <= MOST_BYTES, told);
    await other.close();
  });
}
