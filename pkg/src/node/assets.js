import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a page asks for by address and a bundler may not know of. */
const ASSETS = ['worker.js', 'page-engine.js', 'wasm/inception_simd128.wasm', 'wasm/inception_simd128_threads.wasm', 'wasm/inception_relaxed.wasm', 'wasm/inception_convert.wasm', 'models/imagenet1k.json'];

/**
 * Copies the files that pages fetch while they run.
 * @param {string} folder made where it is not there
 * @returns {Promise<string[]>} their paths
 */
export async function copyAssets(folder) {
  const dist = fileURLToPath(new URL('..', import.meta.url));
  const copied = ASSETS.map((asset) => join(folder, asset));
  for (const [i, path] of copied.entries()) {
    await mkdir(dirname(path), { recursive: true });
    await cp(join(dist, ASSETS[i] ?? ''), path);
  }
  return copied;
}
