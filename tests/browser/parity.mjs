// Runs a generated network and its gradients on the engine and measures them against its golden files, in the page or, with two threads, in
// a worker.

import { Engine } from '/pkg/dist/engine/engine.js';
import { generateInput, generateWeights } from './generator.mjs';

const REFERENCE = '/tests/reference';

/** @param {string} path */
const json = async (path) => (await fetch(`${REFERENCE}/${path}`)).json();

/**
 * @param {string} source
 * @param {'cpu' | 'webgpu'} device
 * @param {import('../../pkg/src/shared/protocol.js').LoadHooks['startHelpers']} [startHelpers] in a worker: for two threads
 * @returns {Promise<{ simd: string, device: string, threads: number, endpoints: { name: string, error: number }[], vectors: { name: string, error: number }[],
 *   gradients: { name: string, norm: number, samples: number }[] }>}
 *   errors of end points relative to their largest value, of logits and embeddings to their spread, of gradients' norms to the norm, of their samples to the
 *   root mean square
 */
export async function compare(source, device, startHelpers) {
  const golden = await json(`golden/${source}.json`);
  const engine = await Engine.load({
    entry: null,
    files: [{ name: `${source}.safetensors`, bytes: generateWeights(await json(`keys/${source}.json`)) }],
    sha256: null,
    network: null,
    labels: null,
    cache: false,
    preprocess: null,
    half: false,
    device,
    threads: startHelpers === undefined ? 'auto' : 2,
    modelsUrl: '/models/',
    wasmUrl: null,
  }, { startHelpers });
  const { model, info } = engine;
  model.plan(['all'], '[]');
  model.begin_with(generateInput(golden.input));
  while (model.step()) if (device === 'webgpu') await model.settled();
  if (device === 'webgpu') await model.complete();
  const endpoints = golden.endpoints.map((endpoint) => ({
    name: endpoint.name,
    error: endpointError(endpoint, model.output(endpoint.name).data),
  }));
  const vectors = [{ name: 'Logits', error: vectorError(model.output('Logits').data, golden.logits_f64) }];
  for (const [name, head] of Object.entries(golden.aux ?? {})) {
    vectors.push({ name: `${name} (logits)`, error: vectorError(model.output(name).data, head.logits_f64) });
  }
  if (golden.embedding) vectors.push({ name: 'Embedding', error: vectorError(model.embedding(), golden.embedding.values_f64) });
  return { simd: info.simd, device: info.device, threads: info.threads.used, endpoints, vectors, gradients: await gradients(engine, golden, source) };
}

/**
 * @param {Engine} engine
 * @param {{ input: object, endpoints: { name: string, index: number[] }[] }} golden
 * @param {string} source
 */
async function gradients(engine, golden, source) {
  const { target, input, endpoints } = await json(`gradients/${source}.json`);
  const rows = [{ ...input, name: 'input' }, ...endpoints.map((row) => ({ ...row, index: golden.endpoints.find(({ name }) => name === row.name)?.index }))];
  const { model } = engine;
  model.begin = () => model.begin_with(generateInput(golden.input));
  const image = { kind: 'pixels', width: 1, height: 1, rgba: new Uint8ClampedArray(4) };
  const { at } = await engine.call({ kind: 'gradient', image, target: { classIndex: target.class }, at: rows.map(({ name }) => name) });
  return rows.map(({ name, l2, index, value }) => {
    const { data } = at[name];
    const norm = Math.sqrt(data.reduce((sum, v) => sum + v * v, 0));
    const square = index.reduce((sum, at, k) => sum + (data[at] - value[k]) ** 2, 0) / value.length;
    return { name, norm: Math.abs(norm / l2 - 1), samples: Math.sqrt(square) / (l2 / Math.sqrt(data.length)) };
  });
}

/**
 * @param {{ min: number, max: number, mean: number, index: number[], value: number[] }} endpoint
 * @param {Float32Array} data
 */
function endpointError({ min, max, mean, index, value }, data) {
  const found = { min: Infinity, max: -Infinity, sum: 0 };
  for (const v of data) {
    found.min = Math.min(found.min, v);
    found.max = Math.max(found.max, v);
    found.sum += v;
  }
  const errors = [found.min - min, found.max - max, found.sum / data.length - mean];
  index.forEach((at, k) => errors.push(data[at] - value[k]));
  return largest(errors) / Math.max(Math.abs(min), Math.abs(max));
}

/**
 * @param {Float32Array} found
 * @param {number[]} wanted
 */
function vectorError(found, wanted) {
  if (found.length !== wanted.length) return Infinity;
  const mean = wanted.reduce((sum, v) => sum + v, 0) / wanted.length;
  const spread = Math.sqrt(wanted.reduce((sum, v) => sum + (v - mean) ** 2, 0) / wanted.length);
  return largest(wanted.map((v, i) => found[i] - v)) / spread;
}

/** @param {number[]} errors */
function largest(errors) {
  return errors.reduce((worst, error) => (Number.isNaN(error) ? Infinity : Math.max(worst, Math.abs(error))), 0);
}
