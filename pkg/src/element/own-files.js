import { InceptionError } from '../index.js';
import { MODEL_ENDINGS } from '../model-formats.js';
import { isCalledPicture } from '../picture-formats.js';
import { labelsFrom } from './labels-file.js';

const LABELS_ENDINGS = ['txt', 'tsv', 'csv'];
/** Names of a model's files; shards of TF.js may have no ending, those of TensorFlow's checkpoints have a number behind theirs. */
const MODEL_FILE = new RegExp(String.raw`\.(${MODEL_ENDINGS.join('|')})$|shard\d+of\d+|\.data-\d+-of-\d+$`, 'i');
const LABELS_FILE = new RegExp(String.raw`\.(${LABELS_ENDINGS.join('|')})$`, 'i');
const JSON_FILE = /\.json$/i;
/** Names of the files that hold all weights of their model. */
const WHOLE_MODEL = /\.(safetensors|pth?|ckpt|h5|hdf5|keras)(\.gz)?$|^pytorch_model\.bin$/i;
/** Names of the files of a model that its other files belong to. */
const PARTED_MODEL = /^model\.json$|\.(onnx|pb|index|caffemodel)(\.gz)?$/i;
/** What a file of class names is called where others lie beside it that may be anything. */
const CALLED_LABELS = /label|class|synset|names/i;

/** What a file dialog offers as a model's files. */
export const MODEL_ACCEPT = acceptOf([...MODEL_ENDINGS, 'data-00000-of-00001', ...LABELS_ENDINGS]);
/** What a file dialog offers as class names. */
export const LABELS_ACCEPT = acceptOf([...LABELS_ENDINGS, 'json']);

/** @param {string[]} endings */
function acceptOf(endings) {
  return endings.map((ending) => `.${ending}`).join();
}

/**
 * @param {File[]} files
 * @returns {File[]} those that belong to a model, its class names among them; the files beside a graph may be called anything
 */
export function ownFiles(files) {
  const isParted = files.some(({ name }) => PARTED_MODEL.test(name));
  return files.filter((file) => MODEL_FILE.test(file.name) || LABELS_FILE.test(file.name) || (isParted && !isCalledPicture(file)));
}

/**
 * @param {{ name: string }[]} entries of a folder
 * @returns {boolean} whether it is a model's
 */
export function isModelFolder(entries) {
  return entries.some(({ name }) => WHOLE_MODEL.test(name) || PARTED_MODEL.test(name));
}

/**
 * What is a model's of all that lies in its folder: one whole file, else everything that may be a part; and its class names.
 * @template {{ name: string }} T
 * @param {T[]} files in the folder and below it, those of the folder itself first
 * @returns {T[]}
 */
export function modelInFolder(files) {
  const labels = files.filter(({ name }) => LABELS_FILE.test(name) && CALLED_LABELS.test(name)).slice(0, 1);
  const whole = files.find(({ name }) => WHOLE_MODEL.test(name));
  if (whole !== undefined) return [whole, ...labels];
  const hasJson = files.some(({ name }) => name.toLowerCase() === 'model.json');
  const isPart = ({ name = '' }) => !LABELS_FILE.test(name) && (hasJson || !JSON_FILE.test(name)) && !name.startsWith('.') && !isCalledPicture({ name });
  return [...files.filter(isPart), ...labels];
}

/**
 * Which of a model's files are class names: by their ending, or JSON beside a model that is no TF.js model.
 * @param {File[]} files
 * @returns {{ model: File[], labels: File | null }}
 */
export function partsOf(files) {
  const hasOther = files.some(({ name }) => !JSON_FILE.test(name) && (WHOLE_MODEL.test(name) || PARTED_MODEL.test(name)));
  const labels = files.find(({ name }) => LABELS_FILE.test(name) || (hasOther && JSON_FILE.test(name))) ?? null;
  return { model: files.filter((file) => file !== labels), labels };
}

/**
 * @param {File[]} files of a model
 * @returns {string} the name of the one that stands for it
 */
export function ownTitle(files) {
  const stands = [/^saved_model\.pb$/i, WHOLE_MODEL, PARTED_MODEL, JSON_FILE];
  return stands.flatMap((names) => files.find(({ name }) => names.test(name)) ?? [])[0]?.name ?? files[0]?.name ?? '';
}

/**
 * @param {File | null} file of class names
 * @returns {Promise<string[] | undefined>} as `Inception.load` takes them
 * @throws {InceptionError} `bad-option` where the file cannot be read
 */
export async function namesIn(file) {
  if (file === null) return undefined;
  try {
    return labelsFrom(await file.text());
  } catch (cause) {
    throw new InceptionError('bad-option', `${file.name}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
