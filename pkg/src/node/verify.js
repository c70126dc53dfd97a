import { Engine } from '../engine/engine.js';
import { testPicture } from '../client/test-picture.js';

/** @typedef {import('../engine/model-files.js').LoadedFile} LoadedFile */

/**
 * How far the answers of two files of one model are apart, on a generated picture.
 * @param {LoadedFile[]} published
 * @param {Uint8Array} converted
 * @param {import('../index.js').CatalogEntry} entry
 * @returns {Promise<number>} largest difference of a class's probability, or of a value of the embedding where there are no classes
 */
export async function largestDifference(published, converted, entry) {
  const before = await answer(published, entry);
  const after = await answer([{ name: 'model.safetensors', bytes: converted }], entry);
  if (before.length !== after.length) return Infinity;
  return before.reduce((most, value, i) => Math.max(most, Math.abs(value - (after[i] ?? NaN))), 0);
}

/**
 * What the engine says of a model.
 * @param {LoadedFile[]} files
 * @returns {Promise<import('../index.js').ModelInfo>}
 */
export async function infoOf(files) {
  const engine = await load(files, null, null);
  const { info } = engine;
  engine.dispose();
  return info;
}

/**
 * @param {LoadedFile[]} files
 * @param {import('../index.js').CatalogEntry['network'] | null} network
 * @param {string[] | null} labels
 */
function load(files, network, labels) {
  return Engine.load({
    entry: null, files: [...files], sha256: null, cache: false, network, labels, activation: null, preprocess: null, half: false,
    device: /** @type {const} */ ('cpu'), threads: 1, modelsUrl: '', wasmUrl: null, lack: null,
  });
}

/**
 * @param {LoadedFile[]} files
 * @param {import('../index.js').CatalogEntry} entry
 * @returns {Promise<number[]>}
 */
async function answer(files, { network, classes }) {
  // Names of our own: those that the file refers to need not be here.
  const labels = classes > 0 ? Array.from({ length: classes }, (_, i) => String(i)) : null;
  const engine = await load(files, network, labels);
  try {
    const topK = engine.info.classes;
    const run = { image: testPicture(), layers: [], topK, threshold: 0, embed: topK === 0 };
    const result = await engine.run(run);
    if (result instanceof Float32Array) return [...result];
    return result.predictions.sort((a, b) => a.index - b.index).map(({ probability }) => probability);
  } finally {
    engine.dispose();
  }
}
