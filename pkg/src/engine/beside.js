import { InceptionError } from '../shared/errors.js';

/** Fields of ONNX's messages on the way to the name of the file that a tensor's values lie in (onnx.proto). */
const ONNX = { graph: 7, tensors: 5, external: 13, key: 1, value: 2 };

/** @typedef {{ name: string, url: string }} Beside */

/**
 * The files that a model at an address names: the shards of a TF.js model, the values of an ONNX model.
 * @param {import('./model-files.js').LoadedFile} file
 * @param {string} url where it came from
 * @param {string} type media type
 * @returns {Beside[]} all of them beside the model or below
 * @throws {InceptionError} `bad-weights` for other places, and for what is no description of a model
 */
export function filesBeside({ name, bytes }, url, type) {
  const ending = name.toLowerCase();
  if (ending.endsWith('.onnx')) return [...dataFiles(bytes)].map((path) => fileBeside(path, path.split('/').map(encodeURIComponent).join('/'), url));
  if (ending.endsWith('.json') || type === 'application/json') return shardPaths(url, bytes).map((path) => fileBeside(path, path, url));
  return [];
}

/**
 * @param {string} path as the model names it
 * @param {string} address the same, as addresses are written
 * @param {string} url of the model
 * @returns {Beside}
 */
function fileBeside(path, address, url) {
  const name = path.split('/').at(-1) ?? '';
  try {
    const beside = new URL(address, url).href;
    if (name !== '' && !path.split('/').includes('..') && beside.startsWith(new URL('.', url).href)) return { name, url: beside };
  } catch {
    // Addresses of blobs and the like have nothing beside them.
  }
  throw new InceptionError('bad-weights', `${url} needs the file ${path}, which does not lie beside it or below: give all files of the model together`);
}

/**
 * @param {string} url
 * @param {Uint8Array} json
 * @returns {string[]}
 */
function shardPaths(url, json) {
  try {
    const { weightsManifest } = JSON.parse(new TextDecoder().decode(json));
    const paths = /** @type {{ paths: string[] }[]} */ (weightsManifest).flatMap((group) => group.paths);
    if (paths.every((path) => typeof path === 'string')) return paths;
  } catch (cause) {
    throw new InceptionError('bad-weights', `${url} is not the model.json of a TF.js model`, { cause });
  }
  throw new InceptionError('bad-weights', `${url} lists weight files that are not paths`);
}

/**
 * @param {Uint8Array} model of ONNX
 * @returns {Set<string>} the files that values of its tensors lie in, as it names them
 */
function dataFiles(model) {
  const text = (/** @type {Uint8Array[]} */ [bytes]) => new TextDecoder().decode(bytes);
  /** @type {Set<string>} */
  const names = new Set();
  for (const graph of parts(model, ONNX.graph)) {
    for (const entry of parts(graph, ONNX.tensors).flatMap((tensor) => parts(tensor, ONNX.external))) {
      if (text(parts(entry, ONNX.key)) === 'location') names.add(text(parts(entry, ONNX.value)));
    }
  }
  return names;
}

/**
 * The parts of a protocol buffer with this number, as far as it can be read: the engine says what is wrong with it.
 * @param {Uint8Array} message
 * @param {number} wanted
 * @returns {Uint8Array[]}
 */
function parts(message, wanted) {
  const found = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let unit = 1; at < message.length; unit *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte % 128) * unit;
      if (byte < 128) return value;
    }
    return NaN;
  };
  while (at < message.length) {
    const tag = varint();
    const length = [0, 8, NaN, NaN, NaN, 4][tag % 8] ?? NaN;
    if (tag % 8 === 0) varint();
    const bytes = tag % 8 === 2 ? varint() : length;
    if (!(at + bytes <= message.length)) break;
    if (tag % 8 === 2 && Math.floor(tag / 8) === wanted) found.push(message.subarray(at, at + bytes));
    at += bytes;
  }
  return found;
}
