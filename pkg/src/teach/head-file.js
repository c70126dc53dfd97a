import { absolute } from '../shared/addresses.js';
import { download } from '../shared/download.js';
import { InceptionError } from '../shared/errors.js';
import { fromSafetensors, toSafetensors } from './safetensors.js';

/** @typedef {import('../index.js').LayerInfo} LayerInfo */
/** @typedef {import('../index.js').ModelInfo} ModelInfo */
/** @typedef {import('../shared/protocol.js').HeadValues} HeadValues */

/** The head's tensors: `[logits, features]` and `[logits]`. */
const WEIGHTS = 'Logits/weights';
const BIASES = 'Logits/biases';
/** Larger weights would have sums that f32 cannot hold. */
const MOST = 1e20;

/**
 * A head's file for a model.
 * @param {Omit<HeadValues, 'layers'>} head not calibrated
 * @param {ModelInfo} info of the model
 * @returns {Uint8Array}
 */
export function toHeadFile({ labels, activation, threshold, temperature, weights, biases }, { network, title, backbone, preprocess }) {
  return toSafetensors(
    {
      network,
      title,
      backbone: backbone.digest,
      features: backbone.layer,
      preprocess: JSON.stringify(preprocess),
      labels: JSON.stringify(labels),
      activation,
      ...(threshold === null ? {} : { threshold: String(threshold) }),
      temperature: String(temperature),
    },
    { [WEIGHTS]: { shape: [biases.length, backbone.length], data: weights }, [BIASES]: { shape: [biases.length], data: biases } },
  );
}

/**
 * Reads a head's file, and holds it against a model.
 * @param {import('../index.js').HeadSource} source
 * @param {import('../shared/protocol.js').Loaded} model
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<HeadValues>}
 * @throws {InceptionError} `bad-weights` of a file that is damaged or no head, `bad-option` of a head that was taught on another model, `network`, `aborted`
 */
export async function headOf(source, { info, layers }, signal) {
  const { metadata, tensor } = fromSafetensors(await bytesOf(source, signal), 'taught head');
  if (metadata.backbone === undefined || metadata.features === undefined) throw refused('its metadata names no backbone');
  checkModel(metadata, info);
  const labels = listed(metadata.labels);
  const activation = /** @type {HeadValues['activation']} */ (metadata.activation ?? 'softmax');
  if (!['softmax', 'sigmoid', 'none'].includes(activation)) throw refused(`its activation is ${activation}`);
  const threshold = metadata.threshold === undefined ? null : number(metadata.threshold, 'threshold', (value) => value >= 0 && value <= 1);
  const temperature = number(metadata.temperature ?? '1', 'temperature', (value) => value > 0);
  const logits = activation === 'sigmoid' && labels.length === 2 && tensor(BIASES, 'F32').length === 4 ? 1 : labels.length;
  const values = (/** @type {string} */ key, /** @type {number[]} */ ...shape) => {
    const floats = new Float32Array(tensor(key, 'F32', shape).buffer);
    if (floats.length !== shape.reduce((product, size) => product * size)) throw refused(`${key} has ${floats.length} values instead of ${shape.join(' x ')}`);
    const calibrated = floats.map((value) => value / temperature);
    if (!calibrated.every((value) => Math.abs(value) < MOST)) throw refused(`${key} holds a value that no answer can be made of`);
    return calibrated;
  };
  const tensors = { weights: values(WEIGHTS, logits, info.backbone.length), biases: values(BIASES, logits) };
  return { labels, activation, threshold, temperature, ...tensors, layers: layersAfter(layers, info.backbone, logits, labels.length, activation) };
}

/**
 * The layers of a network with another head.
 * @param {LayerInfo[]} layers with any head
 * @param {ModelInfo['backbone']} backbone
 * @param {number} logits
 * @param {number} classes
 * @param {HeadValues['activation']} activation
 * @returns {LayerInfo[]}
 */
function layersAfter(layers, { layer, length }, logits, classes, activation) {
  const at = layers.findIndex(({ name }) => name === layer);
  // The network's own head goes; an embedding stays, and what is trained beside the body.
  const body = layers.filter(({ head, kind }, i) => i <= at || head !== null || kind === 'l2-norm');
  const { receptiveField } = /** @type {LayerInfo} */ (layers[at]);
  const common = { module: null, branch: null, kernel: null, stride: null, scale: null, head: null, receptiveField };
  /** @type {LayerInfo[]} */
  const taught = [
    { ...common, name: 'Logits', kind: 'linear', inputs: [layer], shape: [logits, 1, 1], detail: String(logits), params: logits * (length + 1), macs: logits * length },
  ];
  if (activation !== 'none') taught.push({ ...common, name: 'Predictions', kind: activation, inputs: ['Logits'], shape: [classes, 1, 1], detail: '', params: 0, macs: 0 });
  return [...body, ...taught];
}

/** @param {string} why */
const refused = (why) => new InceptionError('bad-weights', `the file holds no taught head: ${why}`);

/**
 * @param {Record<string, string>} metadata of a head's file
 * @param {ModelInfo} info
 */
function checkModel(metadata, info) {
  const { network, title, backbone, preprocess } = info;
  if (metadata.network !== network || metadata.backbone !== backbone.digest || metadata.features !== backbone.layer) {
    const why = metadata.network === network ? ': its weights are others, and so are its features' : '';
    throw new InceptionError('bad-option', `the head was taught on ${metadata.title ?? 'a model'} (${metadata.network}) and the model is ${title} (${network})${why}`);
  }
  let said;
  try {
    said = JSON.parse(metadata.preprocess ?? '');
  } catch {
    throw refused('it does not say how pictures are prepared');
  }
  for (const [field, own] of Object.entries(preprocess)) {
    const [wanted, found] = [said?.[field], own].map((value) => JSON.stringify(value));
    if (wanted !== found) throw new InceptionError('bad-option', `the head was taught with pictures that are prepared otherwise: ${field} is ${found}, not ${wanted}`);
  }
}

/**
 * @param {string | undefined} text
 * @returns {string[]}
 */
function listed(text) {
  try {
    const labels = JSON.parse(text ?? '');
    if (Array.isArray(labels) && labels.length > 0 && labels.every((label) => typeof label === 'string')) return labels;
  } catch {
    // Said below.
  }
  throw refused('it has no list of labels');
}

/**
 * @param {string} text
 * @param {string} field
 * @param {(value: number) => boolean} fits
 */
function number(text, field, fits) {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value) || !fits(value)) throw refused(`its ${field} is ${text}`);
  return value;
}

/**
 * @param {import('../index.js').HeadSource} source
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Uint8Array>}
 */
async function bytesOf(source, signal) {
  if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Uint8Array) return source;
  return (await download(absolute(source), signal)).bytes;
}
