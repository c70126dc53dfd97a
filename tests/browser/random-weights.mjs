// A weights file with random values, for running a network whose trained weights are not at hand. Weights are scaled by what reaches them
// (He et al. 2015, "Delving deep into rectifiers") and batch norm is close to the identity, so that activations neither explode nor vanish.

/** @typedef {{ name: string, shape: number[], kind: string, fan_in?: number | null }} Key one line of a list in tests/reference/keys */

/** Mean of the values of each kind, and how far they are from it at most; a weight's depends on its fan-in. @type {Record<string, [number, number]>} */
const RANGES = {
  bias: [0, 0.1],
  bn_bias: [0, 0.2],
  bn_mean: [0, 0.2],
  bn_weight: [1, 0.25],
  bn_var: [1, 0.25],
};

/**
 * @param {Key} key
 * @returns {[number, number]}
 */
function rangeOf({ name, kind, fan_in: fanIn }) {
  const range = fanIn ? /** @type {[number, number]} */ ([0, Math.sqrt(6 / fanIn)]) : RANGES[kind];
  if (range === undefined) throw new Error(`${name} is of no known kind: ${kind}`);
  return range;
}

/** @param {number[]} shape */
const sizeOf = (shape) => shape.reduce((product, extent) => product * extent, 1);

/**
 * @param {Key[]} keys
 * @returns {Buffer} a safetensors file, f32; the same keys give the same bytes
 */
export function randomWeights(keys) {
  const tensors = keys.filter(({ kind }) => kind !== 'ignore');
  /** @type {Record<string, unknown>} */
  const header = {};
  let end = 0;
  for (const { name, shape } of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [end, (end += 4 * sizeOf(shape))] };
  }
  const json = JSON.stringify(header);
  const text = json.padEnd(Math.ceil(json.length / 8) * 8);
  const file = Buffer.alloc(8 + text.length + end);
  file.writeBigUInt64LE(BigInt(text.length));
  file.write(text, 8);
  let at = file.byteOffset + 8 + text.length;
  let state = 1;
  for (const key of tensors) {
    const [mean, most] = rangeOf(key);
    const values = new Float32Array(file.buffer, at, sizeOf(key.shape));
    for (let i = 0; i < values.length; i += 1) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      values[i] = mean + most * (state / 2 ** 31 - 1);
    }
    at += values.byteLength;
  }
  return file;
}
