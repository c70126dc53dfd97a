// What the tests in Node.js need: the built package and the repository's model.

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const MODEL = join(ROOT, 'models/googlenet-imagenet.safetensors');
/** The content filter, where it was set up. */
export const FILTER = join(ROOT, 'models/nsfw-inception-v3.safetensors');
export const VERIFY = join(ROOT, '../shared/verify');
const WASM = join(ROOT, 'pkg/dist/wasm/inception_convert.wasm');

/**
 * A test in a folder of its own, skipped where the package is not built.
 * @param {string} name
 * @param {(folder: string, t: import('node:test').TestContext) => Promise<void>} body
 */
export function nodeTest(name, body) {
  test(name, { timeout: 300_000 }, async (t) => {
    if (!existsSync(WASM)) return t.skip('the package is not built (cargo xtask build builds it)');
    const folder = await mkdtemp(join(tmpdir(), 'inception-web-'));
    try {
      await body(folder, t);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}
