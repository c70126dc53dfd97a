// A weights file with random values, for measuring a network whose trained weights are not at hand.

/**
 * @param {{ name: string, shape: number[] }[]} tensors
 * @returns {Buffer} a safetensors file, f32
 */
export function randomWeights(tensors) {
  /** @type {Record<string, unknown>} */
  const header = {};
  let end = 0;
  for (const { name, shape } of tensors) {
    const start = end;
    end += 4 * shape.reduce((product, extent) => product * extent, 1);
    header[name] = { dtype: 'F32', shape, data_offsets: [start, end] };
  }
  const json = JSON.stringify(header);
  const text = json.padEnd(Math.ceil(json.length / 8) * 8);
  const file = Buffer.alloc(8 + text.length + end);
  file.writeBigUInt64LE(BigInt(text.length));
  file.write(text, 8);
  let state = 1;
  for (let at = 8 + text.length; at < file.length; at += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    file.writeFloatLE((state / 2 ** 32 - 0.5) / 16, at);
  }
  return file;
}
