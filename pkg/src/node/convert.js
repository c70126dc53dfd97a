import { ForeignFiles } from '../foreign-files.js';

/**
 * One of our own files from a checkpoint of any library.
 * @param {import('../model-files.js').LoadedFile[]} files
 * @param {import('../index.js').CatalogEntry} entry
 * @param {'f32' | 'f16' | 'u8' | null} dtype null: as the source stores them
 * @returns {Promise<Uint8Array>}
 * @throws {import('../errors.js').InceptionError} `bad-weights`, `unknown-model`, `out-of-memory`
 */
export async function convert(files, { network, title, labels, source, license, auxiliary }, dtype) {
  const options = { network, dtype, title, labels: labels || null, source, license, untrainedAuxiliary: auxiliary === 'untrained' };
  const foreign = await ForeignFiles.open([...files], options, null);
  try {
    const bytes = foreign.read(0, foreign.length);
    foreign.throwFailure();
    return bytes;
  } finally {
    foreign.free();
  }
}
