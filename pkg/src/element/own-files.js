import { InceptionError } from '../index.js';
import { MODEL_ENDINGS } from '../client/model-formats.js';
import { CONFIG, JSON_FILE, LABELS_ENDINGS, LABELS_FILE, PARTED_MODEL, WHOLE_MODEL } from '../client/model-folder.js';
import { isCalledPicture } from '../client/pictures/picture-formats.js';
import { labelsFrom } from './labels-file.js';

/** Names of a model's files; shards of TF.js may have no ending, those of TensorFlow's checkpoints have a number behind theirs. */
const MODEL_FILE = new RegExp(String.raw`\.(${MODEL_ENDINGS.join('|')})$|shard\d+of\d+|\.data-\d+-of-\d+$`, 'i');

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
 * Which of a model's files are class names: by their ending, or JSON beside a model that is no TF.js model.
 * @param {File[]} files
 * @returns {{ model: File[], labels: File | null }}
 */
export function partsOf(files) {
  const hasOther = files.some(({ name }) => !JSON_FILE.test(name) && (WHOLE_MODEL.test(name) || PARTED_MODEL.test(name)));
  const labels = files.find(({ name }) => LABELS_FILE.test(name) || (hasOther && JSON_FILE.test(name) && name !== CONFIG)) ?? null;
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
