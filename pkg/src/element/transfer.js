import { ownFiles } from './own-files.js';

const ADDRESS = /^https?:\/\/\S+$/;

/**
 * What was dropped or pasted: a model's files, else a picture, else the address of one.
 * @param {DataTransfer} data
 * @returns {{ model: File[], picture: File | null, address: string | null }}
 */
export function contentOf(data) {
  const files = [...data.files];
  const model = ownFiles(files);
  const picture = files.find((file) => file.type.startsWith('image/')) ?? files[0] ?? null;
  const text = data.getData('text/uri-list') || data.getData('text/plain').trim();
  return { model, picture: model.length > 0 ? null : picture, address: files.length === 0 && ADDRESS.test(text) ? text : null };
}

/**
 * @param {DragEvent} event
 * @returns {boolean} whether it brings something that `contentOf` reads
 */
export function carriesContent({ dataTransfer }) {
  return dataTransfer?.types.some((type) => type === 'Files' || type === 'text/uri-list') ?? false;
}
