import { ForeignFiles } from '../engine/foreign-files.js';

/**
 * One of our own files from a checkpoint of any library.
 * @param {import('../engine/model-files.js').LoadedFile[]} files
 * @param {import('../index.js').CatalogEntry} entry
 * @param {'f32' | 'f16' | 'u8' | null} dtype null: as the source stores them
 * @returns {Promise<Uint8Array>}
 * @throws {import('../shared/errors.js').InceptionError} `bad-weights`, `unknown-model`, `out-of-memory`
 */
export async function convert(files, entry, dtype) {
  const foreign = await open(files, entry, dtype);
  try {
    const bytes = foreign.read(0, foreign.length);
    foreign.throwFailure();
    return bytes;
  } finally {
    foreign.free();
  }
}

/**
 * Bytes of the file that keeps the weights as the source stores them.
 * @param {import('../engine/model-files.js').LoadedFile[]} files
 * @param {import('../index.js').CatalogEntry} entry
 */
export async function convertedLength(files, entry) {
  const foreign = await open(files, entry, null);
  foreign.free();
  return foreign.length;
}

/**
 * @param {import('../engine/model-files.js').LoadedFile[]} files
 * @param {import('../index.js').CatalogEntry} entry
 * @param {'f32' | 'f16' | 'u8' | null} dtype
 */
function open(files, { network, title, labels, source, license, auxiliary }, dtype) {
  const options = { network, dtype, title, labels: labels || null, source, license, untrainedAuxiliary: auxiliary === 'untrained' };
  return ForeignFiles.open([...files], options, null);
}
