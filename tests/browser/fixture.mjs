// Real exporters' files of tests/reference/formats with generated weights, on the engine, held against their framework's answers. Runs
// in the page and in Node.js.

import { fill } from './generator.mjs';

/** @typedef {{ file?: string, key: string, shape: number[], offset: number, stored_order?: number[] } & Record<string, any>} Row */

/** One of each format. */
export const ONE_EACH = {
  h5: 'k2_v3_second_flatten_h5',
  keras: 'k3_v3_augmented_keras',
  onnx: 'onnx_tv_v3_dynamo',
  tfjsGraph: 'tfjs_graph_v3',
  graphDef: 'tf_v3_slim_frozen_pb',
  savedModel: 'tf_v3_slim_savedmodel',
  checkpoint: 'tf_v3_slim_ckpt',
  torch: 'torch_v3_script',
};

/** @param {Uint8Array} bytes */
async function gunzipped(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * A tensor in the order of its file.
 * @param {Row} row
 */
function stored({ key, shape, stored_order: order, ...row }) {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  fill({ ...row, name: key, shape, kind: row.kind }, values);
  if (order === undefined) return values;
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const out = new Float32Array(values.length);
  let at = 0;
  const visit = (/** @type {number} */ depth, /** @type {number} */ from) => {
    if (depth === order.length) out[at++] = values[from];
    else for (let i = 0; i < shape[order[depth]]; i += 1) visit(depth + 1, from + i * strides[order[depth]]);
  };
  visit(0, 0);
  return out;
}

/**
 * A fixture's files, and what its framework answered.
 * @param {string} name
 * @param {(path: string) => Promise<Uint8Array>} read a file of tests/reference/formats
 */
export async function fixture(name, read) {
  const json = async (/** @type {string} */ file) => JSON.parse(new TextDecoder().decode(await read(`${name}/${file}`)));
  const [{ files: list, tensors, split = {} }, golden] = await Promise.all([json('fill.json'), json('golden.json')]);
  /** @type {Record<string, Uint8Array>} */
  const whole = {};
  for (const file of list) whole[file.name] = await gunzipped(await read(`${name}/${file.skeleton}`));
  for (const row of tensors) {
    const values = stored(row);
    whole[row.file ?? list[0].name].set(new Uint8Array(values.buffer), row.offset);
  }
  const files = Object.entries(whole).flatMap(([path, bytes]) => {
    const parts = split[path] ?? [[path.split('/').at(-1) ?? path, 0, bytes.length]];
    return parts.map(([part, start, length]) => ({ name: part, bytes: bytes.slice(start, start + length) }));
  });
  return { files, golden };
}

/**
 * Loads a fixture and answers its generated input, as the network takes it.
 * @param {typeof import('../../pkg/src/engine/engine.js').Engine} Engine
 * @param {string} name
 * @param {(path: string) => Promise<Uint8Array>} read
 * @param {(files: { name: string, bytes: Uint8Array }[]) => import('../../pkg/src/shared/protocol.js').ModelFile[]} [place] where the files are loaded from
 */
export async function answer(Engine, name, read, place = (files) => files) {
  const { files, golden } = await fixture(name, read);
  const engine = await Engine.load({
    entry: null, files: place(files), sha256: null, network: null, labels: null, activation: null, cache: false, preprocess: null, half: false,
    device: 'cpu', threads: 1, modelsUrl: '/models/', wasmUrl: null,
  });
  const { model, info } = engine;
  const { kind, generated_shape: shape } = golden.input;
  model.plan(['all'], '[]');
  model.begin_with(input(kind, shape, info.preprocess));
  while (model.step());
  const found = model.output('Logits', 0).data;
  const { network, activation, assumptions } = info;
  engine.dispose();
  return { network, activation, assumptions, error: errorOf(found, golden.logits_f64) };
}

/**
 * The generated input, NHWC: pixels go through the model's own preparation, which is what its file says.
 * @param {'input' | 'pixel'} kind
 * @param {number[]} shape NCHW
 * @param {{ scale: number, mean: number[], std: number[] }} preprocess
 */
function input(kind, shape, { scale, mean, std }) {
  const [, channels = 3, height = 1, width = 1] = shape;
  const planes = new Float32Array(channels * height * width);
  fill({ name: 'input', kind: 'input', shape }, planes);
  const pixels = height * width;
  return planes.map((_, i) => {
    const c = i % channels;
    const value = planes[c * pixels + Math.floor(i / channels)];
    // The top byte of the stream, where the input is a picture.
    return kind === 'pixel' ? (Math.floor((value + 1) * 128) * scale - mean[c]) / std[c] : value;
  });
}

/**
 * @param {Float32Array} found
 * @param {number[]} wanted
 * @returns {number} the largest difference, of the spread of the logits; of a single one, by itself
 */
function errorOf(found, wanted) {
  if (found.length !== wanted.length) return Infinity;
  const mean = wanted.reduce((a, b) => a + b, 0) / wanted.length;
  const spread = wanted.length > 1 ? Math.sqrt(wanted.reduce((sum, v) => sum + (v - mean) ** 2, 0) / wanted.length) : 1;
  return wanted.reduce((most, v, i) => Math.max(most, Math.abs(v - found[i])), 0) / spread;
}
