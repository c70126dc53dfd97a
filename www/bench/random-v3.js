/** Input channels of the stem, and classes of the head. */
const [COLORS, CLASSES] = [3, 1000];

/** The stem's convolutions, as a branch's are written below: letter, kernel and output channels of each. */
const STEM = '1a_3x3:32 2a_3x3:32 2b_3x3:64 3b_1x1:80 4a_3x3:192';

/** The kinds of modules by size of the maps. In a branch `|` parts convolutions that read the same maps; one without any is a pool. */
const of35 = (/** @type {number} */ pool) => ['0a_1x1:64', '0a_1x1:48 0b_5x5:64', '0a_1x1:64 0b_3x3:96 0c_3x3:96', `0b_1x1:${pool}`];
const of17 = (/** @type {number} */ c) => [
  '0a_1x1:192',
  `0a_1x1:${c} 0b_1x7:${c} 0c_7x1:192`,
  `0a_1x1:${c} 0b_7x1:${c} 0c_1x7:${c} 0d_7x1:${c} 0e_1x7:192`,
  '0b_1x1:192',
];
const OF_8 = ['0a_1x1:320', '0a_1x1:384 0b_1x3:384|0c_3x1:384', '0a_1x1:448 0b_3x3:384 0c_1x3:384|0d_3x1:384', '0b_1x1:192'];

/** @type {[module: string, branches: string[]][]} */
const MODULES = [
  ['5b', of35(32)],
  ['5c', of35(64)],
  ['5d', of35(64)],
  ['6a', ['1a_3x3:384', '0a_1x1:64 0b_3x3:96 1a_3x3:96', '']],
  ['6b', of17(128)],
  ['6c', of17(160)],
  ['6d', of17(160)],
  ['6e', of17(192)],
  ['7a', ['0a_1x1:192 1a_3x3:320', '0a_1x1:192 0b_1x7:192 0c_7x1:192 1a_3x3:192', '']],
  ['7b', OF_8],
  ['7c', OF_8],
];

/** @typedef {{ name: string, shape: [outputs: number, inputs: number, ...kernel: number[]] }} Layer */
/** @typedef {{ name: string, shape: number[], values: Float32Array<ArrayBuffer> }} Tensor */

/**
 * @returns {Layer[]} the layers of Inception-v3 that have weights (Szegedy et al. 2015, table 1): the convolutions module by module, then the head
 */
export function layersOfV3() {
  /** @type {Layer[]} */
  const layers = [];
  /** Takes up a branch. @param {string} prefix @param {string} branch @param {number} inputs @returns {number} its output channels */
  const add = (prefix, branch, inputs) => {
    let channels = inputs;
    for (const step of branch.split(' ').filter(Boolean)) {
      const sides = step.split('|').map((side) => side.split(':'));
      for (const [name = '', outputs] of sides) {
        const kernel = (name.split('_')[1] ?? '').split('x').map(Number);
        layers.push({ name: `${prefix}Conv2d_${name}`, shape: [Number(outputs), channels, ...kernel] });
      }
      channels = sides.reduce((sum, [, outputs]) => sum + Number(outputs), 0);
    }
    return channels;
  };
  let channels = add('', STEM, COLORS);
  for (const [module, branches] of MODULES) {
    const inputs = channels;
    channels = branches.reduce((sum, branch, i) => sum + add(`Mixed_${module}/Branch_${i}/`, branch, inputs), 0);
  }
  return [...layers, { name: 'Logits', shape: [CLASSES, channels] }];
}

/**
 * Inception-v3 with random weights as a file of our own layout, 95 MB: it takes as long as one that was trained. Weights are scaled by how many
 * values they sum up (He et al. 2015, "Delving deep into rectifiers"), so that activations neither vanish nor overflow; batch norm changes nothing.
 * The same each time.
 * @returns {File} safetensors
 */
export function randomInceptionV3() {
  const random = numbers();
  const tensors = layersOfV3().flatMap(({ name, shape }) => {
    const [outputs, ...rest] = shape;
    const inputs = rest.reduce((product, extent) => product * extent, 1);
    const weights = new Float32Array(outputs * inputs);
    const most = Math.sqrt(6 / inputs);
    for (let i = 0; i < weights.length; i++) weights[i] = most * random();
    const zeros = new Float32Array(outputs);
    const ones = new Float32Array(outputs).fill(1);
    const others = rest.length === 1 ? { biases: zeros } : { gamma: ones, beta: zeros, mean: zeros, variance: ones };
    return [{ name: `${name}/weights`, shape, values: weights }, ...Object.entries(others).map(([parameter, values]) => ({ name: `${name}/${parameter}`, shape: [outputs], values }))];
  });
  return new File(safetensors({ network: 'inception-v3', title: 'Inception-v3' }, tensors), 'inception-v3-random.safetensors');
}

/** A small generator (Knuth's linear congruences). @returns {() => number} from -1 to 1, evenly */
function numbers() {
  let state = 1;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) | 0) / 2 ** 31;
}

/**
 * @param {Record<string, string>} metadata
 * @param {Tensor[]} tensors
 * @returns {BlobPart[]} a file, f32
 */
function safetensors(metadata, tensors) {
  let end = 0;
  const entries = tensors.map(({ name, shape, values }) => [name, { dtype: 'F32', shape, data_offsets: [end, (end += values.byteLength)] }]);
  const json = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) });
  const header = new TextEncoder().encode(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(header.length), true);
  return [length.buffer, header, ...tensors.map(({ values }) => values)];
}
