import { readFile } from 'node:fs/promises';
import { Guard } from '../guard.js';

/**
 * One of our own files from a checkpoint of any library.
 * @param {import('../model-files.js').LoadedFile[]} files
 * @param {import('../index.js').CatalogEntry} entry
 * @param {'f32' | 'f16' | 'u8' | null} dtype null: as the source stores them
 * @returns {Promise<Uint8Array>}
 * @throws {import('../errors.js').InceptionError} `bad-weights`, `unknown-model`, `out-of-memory`
 */
export async function convert(files, { network, title, labels, source, license, auxiliary }, dtype) {
  const glue = await import('../wasm/inception_convert.js');
  const wasm = await readFile(new URL('../wasm/inception_convert.wasm', import.meta.url));
  const module = await WebAssembly.compile(/** @type {Uint8Array<ArrayBuffer>} */ (wasm));
  await glue.default({ module_or_path: module });
  const guard = new Guard(glue);
  const converter = guard.call(() => new glue.Converter());
  for (const { name, bytes } of files) guard.call(() => converter.add(name, bytes));
  const untrainedAuxiliary = auxiliary === 'untrained';
  const options = { network, dtype, title, labels: labels || null, source, license, untrainedAuxiliary };
  return guard.call(() => converter.convert(JSON.stringify(options)));
}
