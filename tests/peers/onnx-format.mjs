// The parts of ONNX's protocol buffers (onnx.proto, IR version 8) that a convolutional network needs, as bytes.

/** @typedef {Buffer[]} Message its fields, one after another */

const VARINT = 0;
const LENGTH_DELIMITED = 2;
/** TensorProto.DataType.FLOAT. */
const FLOAT = 1;
/** AttributeProto.AttributeType. */
const [INT, INTS] = [2, 7];

const IR_VERSION = 8;
const OPSET = 17;

/** @param {number} value not negative */
function varint(value) {
  const bytes = [];
  for (; value > 0x7f; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80);
  return Buffer.from([...bytes, value]);
}

/** @param {number} field @param {number} value @returns {Message} */
const int = (field, value) => [varint(field * 8 + VARINT), varint(value)];

/** @param {number} field @param {Message | string | Buffer} content @returns {Message} */
function nested(field, content) {
  const parts = Array.isArray(content) ? content : [Buffer.from(content)];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [varint(field * 8 + LENGTH_DELIMITED), varint(length), ...parts];
}

/**
 * @param {string} name
 * @param {number[]} dims
 * @param {Float32Array} values
 * @returns {Message} a TensorProto
 */
export function tensor(name, dims, values) {
  const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return [...dims.flatMap((dim) => int(1, dim)), ...int(2, FLOAT), ...nested(8, name), ...nested(9, [raw])];
}

/**
 * @param {string} type of the operator
 * @param {string[]} inputs
 * @param {string} output also the node's name
 * @param {Record<string, number | number[]>} [attributes]
 * @returns {Message} a NodeProto
 */
export function node(type, inputs, output, attributes = {}) {
  const attribute = (/** @type {[string, number | number[]]} */ [name, value]) => [
    ...nested(1, name),
    ...(Array.isArray(value) ? value.flatMap((one) => int(8, one)) : int(3, value)),
    ...int(20, Array.isArray(value) ? INTS : INT),
  ];
  return [
    ...inputs.flatMap((input) => nested(1, input)),
    ...nested(2, output),
    ...nested(3, output),
    ...nested(4, type),
    ...Object.entries(attributes).flatMap((entry) => nested(5, attribute(entry))),
  ];
}

/**
 * @param {string} name
 * @param {number[]} dims
 * @returns {Message} a ValueInfoProto of f32
 */
export function value(name, dims) {
  const shape = dims.flatMap((dim) => nested(1, int(1, dim)));
  return [...nested(1, name), ...nested(2, nested(1, [...int(1, FLOAT), ...nested(2, shape)]))];
}

/**
 * @param {{ name: string, nodes: Message[], initializers: Message[], input: Message, output: Message }} graph
 * @returns {Buffer} a ModelProto
 */
export function model({ name, nodes, initializers, input, output }) {
  const graph = [
    ...nodes.flatMap((message) => nested(1, message)),
    ...nested(2, name),
    ...initializers.flatMap((message) => nested(5, message)),
    ...nested(11, input),
    ...nested(12, output),
  ];
  const opset = [...nested(1, ''), ...int(2, OPSET)];
  return Buffer.concat([...int(1, IR_VERSION), ...nested(2, 'inception-web'), ...nested(7, graph), ...nested(8, opset)]);
}
