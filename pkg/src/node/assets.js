import { cp, mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InceptionError } from '../shared/errors.js';
import { checkWritable } from './writable.js';

/** What a page asks for by address and a bundler may not know of. */
const ASSETS = ['worker.js', 'page-engine.js', 'teach.js', 'teach-worker.js', 'wasm/inception_simd128.wasm', 'wasm/inception_simd128_threads.wasm', 'wasm/inception_relaxed.wasm', 'wasm/inception_convert.wasm', 'wasm/inception_look.wasm', 'wasm/inception_pictures.wasm', 'wasm/inception_teach.wasm', 'models/imagenet1k.txt'];
/** Models in packages of their own. */
const MODELS = ['inception-web-googlenet/googlenet-imagenet.safetensors', 'inception-web-nsfw/nsfw-inception-v3.safetensors'];

/**
 * Copies the files that pages fetch while they run, those of model packages that are installed here among them.
 * @param {string} folder made where it is not there
 * @returns {Promise<string[]>} their paths
 * @throws {InceptionError} `bad-option` where a file of that name is somebody else's
 */
export async function copyAssets(folder) {
  if (folder === '') throw new InceptionError('bad-option', '--out is empty: it takes a folder');
  await checkWritable(folder);
  const dist = fileURLToPath(new URL('..', import.meta.url));
  const { resolve: locate } = createRequire(resolve('package.json'));
  const copies = ASSETS.map((asset) => ({ from: join(dist, asset), to: join(folder, asset) }));
  for (const model of MODELS) {
    try {
      copies.push({ from: locate(model), to: join(folder, basename(model)) });
    } catch {
      // It is not installed.
    }
  }
  for (const { to } of copies) await checkOurs(to);
  for (const { from, to } of copies) {
    await mkdir(dirname(to), { recursive: true });
    await cp(from, to);
  }
  return copies.map(({ to }) => to);
}

/**
 * A script of a common name may be of the site's own.
 * @param {string} path
 * @throws {InceptionError} `bad-option`
 */
async function checkOurs(path) {
  if (!path.endsWith('.js')) return;
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null || text.includes('inception_')) return;
  throw new InceptionError('bad-option', `${path} is there and is not of this package: take a folder of its own, and say Inception.configure({ assetsUrl })`);
}
