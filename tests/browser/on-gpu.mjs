// Networks on the GPU and on the CPU, for tests of what a failing GPU leaves of a run. Runs in the page.

import { Engine } from '/pkg/dist/engine/engine.js';

const MODEL = '/models/googlenet-imagenet.safetensors';
/** The network itself, on fewer pixels than it was trained for. */
export const SMALL = { width: 96, height: 96 };
export const LAYERS = ['Mixed_3b', 'Mixed_4e', 'Mixed_5c', 'Logits'];

export function picture() {
  const pixels = Uint8ClampedArray.from({ length: 4 * 96 * 96 }, (_, i) => (i * 37 + (i >> 6) * 11) % 256);
  return new ImageData(pixels, 96, 96);
}

/**
 * A model in this thread, with the package's own engine at hand.
 * @param {import('../../pkg/src/shared/protocol.js').LoadRequest} request what differs from the small network on WebGPU
 * @param {import('../../pkg/src/shared/protocol.js').LoadHooks} [hooks]
 */
export async function loadEngine(request, hooks) {
  const bytes = request.files ? null : new Uint8Array(await (await fetch(MODEL)).arrayBuffer());
  return Engine.load(
    {
      entry: null, files: [{ name: 'model', bytes }], sha256: null, cache: false, network: null, labels: null, half: false,
      preprocess: SMALL, device: 'webgpu', threads: 1, modelsUrl: `${base}models/`, wasmUrl: null, ...request,
    },
    hooks,
  );
}

/** A run's request for the engine. */
export function runRequest(layers = LAYERS) {
  const { width, height, data } = picture();
  return { image: { kind: 'pixels', width, height, rgba: data }, layers, topK: 5, threshold: 0, embed: false };
}

/** The picture's result on the CPU. */
export async function cpuResult(layers = LAYERS, preprocess = SMALL) {
  const net = await Inception.load(MODEL, { device: 'cpu', preprocess });
  const result = await net.classify(picture(), { layers });
  net.dispose();
  return result;
}

/**
 * Loads the model with these options, runs the picture, and tells what happened.
 * @param {import('../../pkg/src/index.js').LoadOptions} options
 */
export async function loadAndRun(options) {
  const events = [];
  const onDevice = (event) => events.push(event);
  const load = await outcomeOf(Inception.load(MODEL, { preprocess: SMALL, ...options, onDevice }));
  if (load.value === undefined) return { load, events };
  const net = load.value;
  const atLoad = placeOf(net.info);
  const run = await outcomeOf(net.classify(picture(), { layers: LAYERS }));
  const error = run.value && difference(run.value, await cpuResult());
  const after = placeOf(net.info);
  net.dispose();
  return { load: {}, atLoad, run: run.value ? {} : run, error, after, events };
}

/** @param {import('../../pkg/src/index.js').ModelInfo} info */
export function placeOf({ device, deviceReason, adapter }) {
  return { device, deviceReason, adapter };
}

/**
 * The largest difference of probabilities and of kept layers, relative to each layer's largest value.
 * @param {import('../../pkg/src/index.js').Result} found
 * @param {import('../../pkg/src/index.js').Result} wanted
 */
export function difference(found, wanted) {
  const byClass = (result) => result.predictions.toSorted((a, b) => a.index - b.index).map(({ probability }) => probability);
  const pairs = [[byClass(found), byClass(wanted)]];
  for (const [name, maps] of Object.entries(wanted.layers)) pairs.push([found.layers[name].data, maps.data]);
  return Math.max(
    ...pairs.map(([a, b]) => {
      let [most, size] = [a.length === b.length ? 0 : Infinity, 0];
      b.forEach((value, i) => {
        most = Math.max(most, Number.isNaN(a[i]) ? Infinity : Math.abs(a[i] - value));
        size = Math.max(size, Math.abs(value));
      });
      return most / size;
    }),
  );
}
