// The generator of tests/reference, bit for bit: weights and inputs that need not be stored. Runs in the page.

const GOLDEN_RATIO = 0x9e3779b97f4a7c15n;
const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x00000100000001b3n;

/** @param {string} name */
function fnv1a64(name) {
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(name)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  return hash;
}

/**
 * High half of a product of two unsigned 32-bit numbers.
 * @param {number} a
 * @param {number} b
 */
function highProduct(a, b) {
  const [a0, a1, b0, b1] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const cross = a0 * b1 + (middle & 0xffff);
  return (a1 * b1 + Math.floor(middle / 65536) + Math.floor(cross / 65536)) >>> 0;
}

/**
 * The outputs of splitmix64 as numbers in [-1, 1), one a call; 64-bit words are pairs of 32-bit halves.
 * @param {string} name
 */
function signedUnits(name) {
  const seed = fnv1a64(name);
  let low = Number(seed & 0xffffffffn);
  let high = Number(seed >> 32n);
  const stepLow = Number(GOLDEN_RATIO & 0xffffffffn);
  const stepHigh = Number(GOLDEN_RATIO >> 32n);
  return () => {
    const sum = low + stepLow;
    high = (high + stepHigh + (sum > 0xffffffff ? 1 : 0)) >>> 0;
    low = sum >>> 0;
    const l1 = (low ^ ((low >>> 30) | (high << 2))) >>> 0;
    const h1 = (high ^ (high >>> 30)) >>> 0;
    const l2 = Math.imul(l1, 0x1ce4e5b9) >>> 0;
    const h2 = (highProduct(l1, 0x1ce4e5b9) + Math.imul(h1, 0x1ce4e5b9) + Math.imul(l1, 0xbf58476d)) >>> 0;
    const l3 = (l2 ^ ((l2 >>> 27) | (h2 << 5))) >>> 0;
    const h3 = (h2 ^ (h2 >>> 27)) >>> 0;
    const top = (highProduct(l3, 0x133111eb) + Math.imul(h3, 0x133111eb) + Math.imul(l3, 0x94d049bb)) >>> 0;
    return (top >>> 8) / 8388608 - 1;
  };
}

/** @typedef {{ name: string, shape: number[], kind: string, fan_in?: number, in_channels?: number, in_stride?: number, gain?: number, bitsum?: string }} Key */

/**
 * @param {Key} key
 * @param {Float32Array} out
 */
export function fill(key, out) {
  const next = signedUnits(key.name);
  const tenth = Math.fround(0.1);
  const fifth = Math.fround(0.2);
  if (key.kind === 'conv_weight' || key.kind === 'linear_weight') {
    const { fan_in: fanIn = 1, in_channels: channels = 1, in_stride: stride = 1, gain = 1 } = key;
    const bound = Math.fround(gain * Math.sqrt(6 / fanIn));
    for (let i = 0; i < out.length; i += 1) {
      const value = next() * bound;
      out[i] = (Math.floor(i / stride) % channels) % 2 === 1 ? -out[i - stride] : value;
    }
    return;
  }
  /** @type {Record<string, (s: number) => number>} */
  const rules = {
    bias: (s) => s * tenth,
    bn_bias: (s) => s * fifth,
    bn_mean: (s) => s * fifth,
    bn_weight: (s) => s * 0.5 + 1,
    bn_var: (s) => s * 0.5 + 1,
    input: (s) => s,
  };
  const rule = rules[key.kind];
  for (let i = 0; i < out.length; i += 1) out[i] = rule(next());
}

/** @param {Float32Array} values */
function bitsum(values) {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let total = 0n;
  for (let start = 0; start < bits.length; start += 1 << 20) {
    let part = 0;
    for (const word of bits.subarray(start, start + (1 << 20))) part += word;
    total += BigInt(part);
  }
  return `0x${BigInt.asUintN(64, total).toString(16).padStart(16, '0')}`;
}

/**
 * @param {Key} key
 * @param {Float32Array} values
 */
function verify(key, values) {
  const found = bitsum(values);
  if (found !== key.bitsum) throw new Error(`the generator is wrong: ${key.name} has the bit sum ${found}, not ${key.bitsum}`);
}

/**
 * A safetensors file with the generated weights of a key list.
 * @param {Key[]} keys
 * @returns {Uint8Array}
 */
export function generateWeights(keys) {
  const tensors = keys.filter((key) => key.kind !== 'ignore');
  const count = (/** @type {Key} */ key) => key.shape.reduce((a, b) => a * b, 1);
  /** @type {Record<string, unknown>} */
  const entries = {};
  let end = 0;
  for (const key of tensors) {
    entries[key.name] = { dtype: 'F32', shape: key.shape, data_offsets: [end, (end += 4 * count(key))] };
  }
  const text = JSON.stringify(entries);
  const header = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const file = new Uint8Array(8 + header.length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  let offset = 8 + header.length;
  for (const key of tensors) {
    const values = new Float32Array(file.buffer, offset, count(key));
    fill(key, values);
    verify(key, values);
    offset += values.byteLength;
  }
  return file;
}

/**
 * The generated input of a golden file, NHWC.
 * @param {Key & { scale: number }} input the golden file's `input`
 * @returns {Float32Array}
 */
export function generateInput(input) {
  const [, channels, height, width] = input.shape;
  const planes = new Float32Array(channels * height * width);
  fill({ ...input, name: 'input' }, planes);
  for (let i = 0; i < planes.length; i += 1) planes[i] *= input.scale;
  verify(input, planes);
  const pixels = height * width;
  return planes.map((_, i) => planes[(i % channels) * pixels + Math.floor(i / channels)]);
}
