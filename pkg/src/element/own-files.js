import { InceptionError } from '../index.js';
import { labelsFrom } from './labels-file.js';

const MODEL_ENDINGS = ['safetensors', 'pth', 'pt', 'json', 'bin'];
const LABELS_ENDINGS = ['txt', 'tsv', 'csv'];
/** Names of a model's files; TF.js's shards may have no ending. */
const MODEL_FILE = new RegExp(String.raw`\.(${MODEL_ENDINGS.join('|')})$|shard\d+of\d+`, 'i');
const LABELS_FILE = new RegExp(String.raw`\.(${LABELS_ENDINGS.join('|')})$`, 'i');
const JSON_FILE = /\.json$/i;
/** Names of the files whose weights are all in one. */
const WHOLE_MODEL = /\.(safetensors|pth?)$/i;

/** What a file dialog offers as a model's files. */
export const MODEL_ACCEPT = acceptOf([...MODEL_ENDINGS, ...LABELS_ENDINGS]);
/** What a file dialog offers as class names. */
export const LABELS_ACCEPT = acceptOf([...LABELS_ENDINGS, 'json']);

/** @param {string[]} endings */
function acceptOf(endings) {
  return endings.map((ending) => `.${ending}`).join();
}

/**
 * @param {File[]} files
 * @returns {File[]} those that belong to a model, its class names among them
 */
export function ownFiles(files) {
  return files.filter(({ name }) => MODEL_FILE.test(name) || LABELS_FILE.test(name));
}

/**
 * Which of a model's files are class names: by their ending, or JSON beside a model that is whole without it.
 * @param {File[]} files
 * @returns {{ model: File[], labels: File | null }}
 */
export function partsOf(files) {
  const isWhole = files.some(({ name }) => WHOLE_MODEL.test(name));
  const labels = files.find(({ name }) => LABELS_FILE.test(name) || (isWhole && JSON_FILE.test(name))) ?? null;
  return { model: files.filter((file) => file !== labels), labels };
}

/**
 * @param {File[]} files of a model
 * @returns {string} the name of the one that stands for it
 */
export function ownTitle(files) {
  return (files.find(({ name }) => JSON_FILE.test(name)) ?? files[0])?.name ?? '';
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
