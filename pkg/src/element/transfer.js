import { isCalledPicture } from '../picture-formats.js';
import { isModelFolder, modelInFolder } from '../model-folder.js';
import { ownFiles } from './own-files.js';

const ADDRESS = /^https?:\/\/\S+$/;

/**
 * What was dropped or pasted: a model's files, pictures and folders, else the address of a picture.
 * @typedef {{ model: File[], pictures: File[], folders: FileSystemDirectoryEntry[], address: string | null }} Content
 */

/**
 * To be called while the event is dispatched: afterwards there is nothing in it.
 * @param {DataTransfer} data
 * @returns {Content}
 */
export function contentOf(data) {
  /** @type {FileSystemDirectoryEntry[]} */
  const folders = [];
  /** @type {File[]} */
  const files = [];
  for (const item of [...data.items].filter(({ kind }) => kind === 'file')) {
    const entry = item.webkitGetAsEntry?.();
    const file = item.getAsFile();
    if (entry?.isDirectory) folders.push(/** @type {FileSystemDirectoryEntry} */ (entry));
    else if (file) files.push(file);
  }
  const model = ownFiles(files);
  const others = files.filter((file) => !model.includes(file));
  const text = data.getData('text/uri-list') || data.getData('text/plain').trim();
  const isAddress = files.length + folders.length === 0 && ADDRESS.test(text);
  return { model, pictures: model.length > 0 ? others.filter(isCalledPicture) : others, folders, address: isAddress ? text : null };
}

/** @param {Content} content @returns {boolean} whether there is a picture in it, or what should be one */
export function bringsPicture({ pictures, folders, address }) {
  return pictures.length > 0 || folders.length > 0 || address !== null;
}

/**
 * @param {File[]} files
 * @returns {{ file: File | null, brought: number }} the first picture of several files, and how many there are
 */
export function firstPicture(files) {
  const called = files.filter(isCalledPicture);
  const pictures = called.length > 0 ? called : files;
  return { file: pictures[0] ?? null, brought: pictures.length };
}

/**
 * What a folder holds: a model, else pictures, of which the first by name is taken; of its first folder that has either where it has
 * none itself.
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<{ model: File[], file: File | null, brought: number }>}
 */
export async function inFolder(folder) {
  const entries = (await entriesOf(folder)).sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  const files = /** @type {FileSystemFileEntry[]} */ (entries.filter((entry) => entry.isFile));
  if (isModelFolder(files)) return { model: await modelBelow(entries, files), file: null, brought: 0 };
  const pictures = files.filter(isCalledPicture);
  const [first] = pictures;
  if (first) return { model: [], file: await fileOf(first), brought: pictures.length };
  for (const entry of entries) {
    const found = entry.isDirectory ? await inFolder(/** @type {FileSystemDirectoryEntry} */ (entry)) : null;
    if (found?.file || found?.model.length) return found;
  }
  return { model: [], file: null, brought: 0 };
}

/**
 * @param {FileSystemEntry[]} entries of a model's folder
 * @param {FileSystemFileEntry[]} files among them
 */
async function modelBelow(entries, files) {
  const below = await Promise.all(entries.filter((entry) => entry.isDirectory).map((entry) => filesBelow(/** @type {FileSystemDirectoryEntry} */ (entry))));
  return Promise.all(modelInFolder([...files, ...below.flat()]).map(fileOf));
}

/**
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<FileSystemFileEntry[]>}
 */
async function filesBelow(folder) {
  const below = (await entriesOf(folder)).map((entry) =>
    entry.isDirectory ? filesBelow(/** @type {FileSystemDirectoryEntry} */ (entry)) : [/** @type {FileSystemFileEntry} */ (entry)],
  );
  return (await Promise.all(below)).flat();
}

/** @param {FileSystemFileEntry} entry @returns {Promise<File>} */
function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/**
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<FileSystemEntry[]>} browsers answer with some at a time, and with none at the end
 */
async function entriesOf(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    const some = await new Promise((/** @type {(entries: FileSystemEntry[]) => void} */ resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

/**
 * @param {DragEvent} event
 * @returns {boolean} whether it brings something that `contentOf` reads
 */
export function carriesContent({ dataTransfer }) {
  return dataTransfer?.types.some((type) => type === 'Files' || type === 'text/uri-list') ?? false;
}
