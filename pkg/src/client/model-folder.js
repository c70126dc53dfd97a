import { PARTED_ENDINGS, WHOLE_ENDINGS } from './model-formats.js';
import { isCalledPicture } from './pictures/picture-formats.js';

export const LABELS_ENDINGS = ['txt', 'tsv', 'csv'];
export const LABELS_FILE = new RegExp(String.raw`\.(${LABELS_ENDINGS.join('|')})$`, 'i');
export const JSON_FILE = /\.json$/i;
/** Names of the files that hold all weights of their model. */
export const WHOLE_MODEL = new RegExp(String.raw`\.(${WHOLE_ENDINGS.join('|')})(\.gz)?$|^pytorch_model\.bin$`, 'i');
/** Names of the files of a model that its other files belong to. */
export const PARTED_MODEL = new RegExp(String.raw`^model\.json$|\.(${PARTED_ENDINGS.join('|')})(\.gz)?$`, 'i');
/** What timm writes beside a model: how its pictures are prepared, and its classes. */
export const CONFIG = 'config.json';
/** What a file of class names is called where others lie beside it that may be anything. */
const CALLED_LABELS = /label|class|synset|names/i;

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
  const config = files.filter(({ name }) => name === CONFIG).slice(0, 1);
  if (whole !== undefined) return [whole, ...config, ...labels];
  const hasJson = files.some(({ name }) => name.toLowerCase() === 'model.json');
  const isPart = ({ name = '' }) => !LABELS_FILE.test(name) && (hasJson || !JSON_FILE.test(name)) && !name.startsWith('.') && !isCalledPicture({ name });
  return [...files.filter(isPart), ...labels];
}
