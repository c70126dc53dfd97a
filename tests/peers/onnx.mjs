// A network of ours as an ONNX file with the same weights, as an exporter would write it after folding: batch norm and residual scales are in
// the convolutions' weights and biases.

import { model, node, tensor, value } from './onnx-format.mjs';
import { tensorsOf } from './tensors.mjs';

/** @typedef {import('../../pkg/src/index.js').LayerInfo} LayerInfo */
/** @typedef {import('./onnx-format.mjs').Message} Message */
/** @typedef {[number, number]} Pair height and width */

/** What every network here adds to the variance. */
const EPSILON = 1e-3;
const RESIDUAL = /^input \+ ([\d.]+) x residual$/;

/** Name of the graph's input, [1, channels, height, width], normalised. */
const INPUT = 'input';
/** Name of the graph's output, [1, classes]. */
const OUTPUT = 'Predictions';

/**
 * @param {string} network
 * @param {Buffer} weights one of our own files
 * @param {LayerInfo[]} layers of the loaded model
 * @param {[number, number, number]} input channels, height, width
 * @returns {Buffer}
 * @throws where a layer has no counterpart here
 */
export function onnxFile(network, weights, layers, input) {
  const graph = new Graph(tensorsOf(weights), layers, input);
  for (const layer of layers) graph.add(layer);
  const classes = graph.layer(OUTPUT).shape[0];
  return model({
    name: network,
    nodes: graph.nodes,
    initializers: graph.initializers,
    input: value(INPUT, [1, ...input]),
    output: value(OUTPUT, [1, classes]),
  });
}

/**
 * Kernel, stride and padding of a convolution or pool. What the list of layers does not say follows from receptive fields and shapes.
 * @param {LayerInfo} layer
 * @param {Pick<LayerInfo, 'shape' | 'receptiveField'>} from what it reads
 * @returns {{ kernel_shape: Pair, strides: Pair, pads: number[] }} pads: top, left, bottom, right
 */
function windowOf({ name, detail, shape, receptiveField: field }, from) {
  const [, height, width] = detail.match(/^(\d+)x(\d+)/) ?? [];
  const axis = (/** @type {0 | 1} */ i) => {
    const kernel = Number(i === 0 ? height : width);
    const stride = field.stride[i] / from.receptiveField.stride[i];
    const before = (from.receptiveField.start[i] - field.start[i]) / from.receptiveField.stride[i];
    const [size, out] = [from.shape[i + 1], shape[i + 1]];
    const symmetric = Math.floor((size + 2 * before - kernel) / stride) + 1 === out;
    const after = symmetric ? before : (out - 1) * stride + kernel - size - before;
    if (![kernel, stride, before, after].every((number) => Number.isInteger(number) && number >= 0)) throw new Error(`${name} has no window: ${detail}`);
    return { kernel, stride, before, after };
  };
  const [y, x] = [axis(0), axis(1)];
  return { kernel_shape: [y.kernel, x.kernel], strides: [y.stride, x.stride], pads: [y.before, x.before, y.after, x.after] };
}

class Graph {
  /** @type {Message[]} */
  nodes = [];
  /** @type {Message[]} */
  initializers = [];
  #tensors;
  #layers;
  #image;
  /** Names of values by the layers that are other names for them. @type {Map<string, string>} */
  #aliases = new Map();
  /** Scales of the sums by the convolutions that compute their residuals. */
  #scales;
  /** Linear layers that give logits. */
  #logits;

  /**
   * @param {ReturnType<typeof tensorsOf>} tensors
   * @param {LayerInfo[]} layers
   * @param {[number, number, number]} input
   */
  constructor(tensors, layers, input) {
    this.#tensors = tensors;
    this.#layers = new Map(layers.map((layer) => [layer.name, layer]));
    this.#image = { shape: input, receptiveField: { size: /** @type {Pair} */ ([1, 1]), stride: /** @type {Pair} */ ([1, 1]), start: /** @type {Pair} */ ([0, 0]) } };
    this.#scales = new Map(layers.flatMap(({ detail, inputs }) => {
      const scale = detail.match(RESIDUAL)?.[1];
      return scale === undefined ? [] : [[inputs[1], Number(scale)]];
    }));
    this.#logits = new Set(layers.filter(({ kind }) => kind === 'softmax').flatMap(({ inputs }) => inputs));
  }

  /** @param {string} name */
  layer(name) {
    const layer = this.#layers.get(name);
    if (layer === undefined) throw new Error(`there is no layer ${name}`);
    return layer;
  }

  /** @param {LayerInfo} layer */
  add(layer) {
    const { name, kind, detail, inputs } = layer;
    const from = inputs.length === 0 ? [INPUT] : inputs.map((input) => this.#aliases.get(input) ?? input);
    const read = inputs[0] === undefined ? this.#image : this.layer(inputs[0]);
    switch (kind) {
      case 'conv': {
        const relu = !this.#scales.has(name);
        this.#push('Conv', [from[0], ...this.#folded(name)], name, relu, windowOf(layer, read));
        return;
      }
      case 'max-pool':
        return this.#push('MaxPool', from, name, false, windowOf(layer, read));
      case 'avg-pool':
        if (detail !== 'global') return this.#push('AveragePool', from, name, false, { ...windowOf(layer, read), count_include_pad: 0 });
        this.#push('GlobalAveragePool', from, `${name}/mean`, false);
        return this.#push('Flatten', [`${name}/mean`], name, false, { axis: 1 });
      case 'branch':
      case 'concat':
        if (from.length > 1) return this.#push('Concat', from, name, false, { axis: 1 });
        this.#aliases.set(name, from[0]);
        return;
      case 'add':
        if (RESIDUAL.test(detail)) return this.#push('Add', from, name, false);
        if (detail === 'relu') return this.#push('Relu', from, name, false);
        this.#aliases.set(name, from[0]);
        return;
      case 'linear':
        return this.#push('Gemm', [from[0], ...this.#stored(name, 'weights', 'biases')], name, !this.#logits.has(name), { transB: 1 });
      case 'softmax':
        return this.#push('Softmax', from, name, false, { axis: 1 });
      default:
        throw new Error(`${name} (${kind}) has no counterpart here`);
    }
  }

  /**
   * @param {string} type
   * @param {string[]} inputs
   * @param {string} output
   * @param {boolean} relu whether one follows
   * @param {Record<string, number | number[]>} [attributes]
   */
  #push(type, inputs, output, relu, attributes) {
    const linear = relu ? `${output}/linear` : output;
    this.nodes.push(node(type, inputs, linear, attributes));
    if (relu) this.nodes.push(node('Relu', [linear], output));
  }

  /**
   * @param {string} layer
   * @param {string} param
   */
  #tensor(layer, param) {
    const found = this.#tensors(`${layer}/${param}`);
    if (found === undefined) throw new Error(`there are no ${param} of ${layer}`);
    return found;
  }

  /**
   * @param {string} name
   * @param {number[]} shape
   * @param {Float32Array} values
   */
  #initialize(name, shape, values) {
    this.initializers.push(tensor(name, shape, values));
    return name;
  }

  /**
   * @param {string} layer
   * @param {string[]} params
   * @returns {string[]} names of initializers
   */
  #stored(layer, ...params) {
    return params.map((param) => {
      const { shape, values } = this.#tensor(layer, param);
      return this.#initialize(`${layer}/${param}`, shape, values);
    });
  }

  /**
   * Weights and bias with batch norm and the residual's scale folded into them, computed in f64.
   * @param {string} layer
   * @returns {string[]} names of initializers
   */
  #folded(layer) {
    const { shape, values } = this.#tensor(layer, 'weights');
    const outputs = shape[0];
    const [biases, variance] = ['biases', 'variance'].map((param) => this.#tensors(`${layer}/${param}`)?.values);
    const residual = this.#scales.get(layer) ?? 1;
    const factors = new Float64Array(outputs).fill(residual);
    const shifts = Float64Array.from(factors, (_, o) => biases?.[o] ?? 0);
    if (variance !== undefined) {
      const gamma = this.#tensors(`${layer}/gamma`)?.values;
      const [mean, beta] = ['mean', 'beta'].map((param) => this.#tensor(layer, param).values);
      for (let o = 0; o < outputs; o += 1) {
        const factor = (gamma?.[o] ?? 1) / Math.sqrt(variance[o] + EPSILON);
        shifts[o] = (shifts[o] - mean[o]) * factor + beta[o];
        factors[o] *= factor;
      }
    }
    const each = values.length / outputs;
    return [
      this.#initialize(`${layer}/weights`, shape, values.map((weight, i) => weight * factors[Math.floor(i / each)])),
      this.#initialize(`${layer}/biases`, [outputs], Float32Array.from(shifts, (shift) => shift * residual)),
    ];
  }
}
