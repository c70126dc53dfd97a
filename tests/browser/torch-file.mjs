// A safetensors file of f32 and i64 tensors as torch.save would write its state dict: a zip archive of stored entries. Runs in the page.

const text = new TextEncoder();

/** @param {number} value @param {number} length in bytes */
const little = (value, length) => Array.from({ length }, (_, i) => Math.floor(value / 256 ** i) % 256);

/** A text as a pickle holds it. @param {string} value */
const quoted = (value) => [...text.encode('X'), ...little(text.encode(value).length, 4), ...text.encode(value)];

/** @param {string} path of a global */
const named = (path) => [...text.encode(`c${path.replace(/\.(?=[^.]*$)/, '\n')}\n`)];

/** @param {number[]} values */
const tuple = (values) => [0x28, ...values.flatMap((value) => [0x4a, ...little(value, 4)]), 0x74];

/**
 * @param {string} key of the storage
 * @param {{ dtype: string, shape: number[] }} tensor
 */
function pickled(key, { dtype, shape }) {
  const length = shape.reduce((product, side) => product * side, 1);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));
  const kind = named(dtype === 'I64' ? 'torch.LongStorage' : 'torch.FloatStorage');
  const storage = [0x28, ...quoted('storage'), ...kind, ...quoted(key), ...quoted('cpu'), 0x4a, ...little(length, 4), 0x74, 0x51];
  const rest = [0x4b, 0, ...tuple(shape), ...tuple(strides), 0x89, ...named('collections.OrderedDict'), 0x29, 0x52];
  return [...named('torch._utils._rebuild_tensor_v2'), 0x28, ...storage, ...rest, 0x74, 0x52];
}

/**
 * @param {{ name: string, bytes: Uint8Array }[]} entries
 * @returns {Blob} an archive
 */
function zip(entries) {
  const parts = [];
  const directory = [];
  let at = 0;
  for (const { name, bytes } of entries) {
    const title = text.encode(name);
    const sizes = [...little(bytes.length, 4), ...little(bytes.length, 4), ...little(title.length, 2)];
    const local = Uint8Array.from([0x50, 0x4b, 3, 4, ...Array(14).fill(0), ...sizes, 0, 0, ...title]);
    directory.push(0x50, 0x4b, 1, 2, ...Array(16).fill(0), ...sizes, ...Array(12).fill(0), ...little(at, 4), ...title);
    parts.push(local, bytes);
    at += local.length + bytes.length;
  }
  const end = [0x50, 0x4b, 5, 6, ...Array(8).fill(0), ...little(directory.length, 4), ...little(at, 4), 0, 0];
  return new Blob([...parts, Uint8Array.from(directory), Uint8Array.from(end)]);
}

/**
 * @param {Uint8Array} safetensors
 * @returns {Blob}
 */
export function torchFile(safetensors) {
  const length = Number(new DataView(safetensors.buffer, safetensors.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(safetensors.subarray(8, 8 + length)));
  const tensors = Object.entries(header).filter(([key]) => key !== '__metadata__');
  const state = [0x80, 2, ...named('collections.OrderedDict'), 0x29, 0x52, 0x28];
  const storages = tensors.map(([key, tensor], i) => {
    for (const byte of [...quoted(key), ...pickled(String(i), tensor)]) state.push(byte);
    const [begin, end] = tensor.data_offsets;
    return { name: `archive/data/${i}`, bytes: safetensors.subarray(8 + length + begin, 8 + length + end) };
  });
  state.push(0x75, 0x2e);
  return zip([{ name: 'archive/data.pkl', bytes: Uint8Array.from(state) }, ...storages, { name: 'archive/version', bytes: text.encode('3\n') }]);
}
