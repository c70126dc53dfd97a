// The tensors of one of our own weights files.

/** @typedef {{ shape: number[], values: Float32Array }} Tensor */

/**
 * @param {Buffer} file safetensors; f32, or bytes with scale and minimum in the metadata
 * @returns {(key: string) => Tensor | undefined}
 */
export function tensorsOf(file) {
  const start = 8 + Number(file.readBigUInt64LE());
  const header = JSON.parse(file.toString('utf8', 8, start));
  return (key) => {
    const entry = header[key];
    if (entry === undefined) return undefined;
    const { dtype, shape, data_offsets: [from, to] } = entry;
    const bytes = file.subarray(start + from, start + to);
    if (dtype === 'F32') return { shape, values: new Float32Array(Uint8Array.from(bytes).buffer) };
    if (dtype !== 'U8') throw new Error(`${key} is ${dtype}; f32 and u8 are read here`);
    const { scale, min } = JSON.parse(header.__metadata__[`quant:${key}`]);
    return { shape, values: Float32Array.from(bytes, (code) => code * scale + min) };
  };
}
