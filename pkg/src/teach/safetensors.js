import { InceptionError } from '../shared/errors.js';

/** Bytes of the header's length. */
const LENGTH = 8;

/**
 * A file of safetensors.
 * @param {Record<string, string>} metadata
 * @param {Record<string, { shape: number[], data: Float32Array | Uint8Array }>} tensors floats first
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function toSafetensors(metadata, tensors) {
  /** @type {Record<string, object>} */
  const header = { __metadata__: metadata };
  let end = 0;
  for (const [key, { shape, data }] of Object.entries(tensors)) {
    const offsets = [end, (end += data.byteLength)];
    header[key] = { dtype: data instanceof Float32Array ? 'F32' : 'U8', shape, data_offsets: offsets };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = Math.ceil((LENGTH + text.length) / LENGTH) * LENGTH;
  const file = new Uint8Array(start + end).fill(0x20, LENGTH, start);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - LENGTH), true);
  file.set(text, LENGTH);
  let at = start;
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/**
 * @param {Uint8Array} file
 * @param {string} what it is to hold, for errors
 * @returns {{ metadata: Record<string, string>, tensor: (key: string, dtype: 'F32' | 'U8', shape?: number[]) => Uint8Array }} `tensor` gives the bytes of one
 * @throws {InceptionError} `bad-weights`
 */
export function fromSafetensors(file, what) {
  const refused = (/** @type {string} */ why) => new InceptionError('bad-weights', `the file holds no ${what}: ${why}`);
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const length = file.length < LENGTH ? Infinity : Number(view.getBigUint64(0, true));
  if (length > file.length - LENGTH) throw refused('it is cut short, or no safetensors file');
  let header;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(LENGTH, LENGTH + length)));
  } catch (cause) {
    throw refused(`its header cannot be read (${cause})`);
  }
  const tensor = (/** @type {string} */ key, /** @type {'F32' | 'U8'} */ dtype, /** @type {number[] | undefined} */ shape) => {
    const { dtype: found, shape: own, data_offsets: [begin, end] = [-1, -1] } = header?.[key] ?? {};
    const start = LENGTH + length;
    const fits = found === dtype && Number.isInteger(begin) && Number.isInteger(end) && 0 <= begin && begin <= end && start + end <= file.length;
    if (!fits) throw refused(`${key} is missing or cut short`);
    if (shape && String(own) !== String(shape)) throw refused(`${key} is [${own}] instead of [${shape}]`);
    return file.slice(start + begin, start + end);
  };
  return { metadata: { ...header?.__metadata__ }, tensor };
}
