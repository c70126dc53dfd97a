import { isCalledPicture } from '../client/pictures/picture-formats.js';
import { isModelFolder, modelInFolder } from '../client/model-folder.js';
import { ownFiles } from './own-files.js';

const ADDRESS = /^https?:\/\/\S+$/;
/** How deep a dropped folder is looked into, and at how many entries: somebody may drop a whole disk. */
const [DEEPEST, MOST_ENTRIES] = [12, 20_000];

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
 * What a folder holds: a model, else pictures, of which the first by name is taken, its own before those in its folders. All of them
 * are counted, those in its folders too; a model in one of these counts where the folder has no pictures itself.
 * @param {FileSystemDirectoryEntry} folder
 * @param {{ depth: number, entries: number }} [left] how far it is looked into
 * @returns {Promise<{ model: File[], file: File | null, brought: number }>}
 */
export async function inFolder(folder, left = { depth: DEEPEST, entries: MOST_ENTRIES }) {
  const entries = (await entriesOf(folder)).sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  const files = /** @type {FileSystemFileEntry[]} */ (entries.filter((entry) => entry.isFile));
  if (isModelFolder(files)) return { model: await modelBelow(entries, files), file: null, brought: 0 };
  left.entries -= entries.length;
  const pictures = files.filter(isCalledPicture);
  const folders = /** @type {FileSystemDirectoryEntry[]} */ (left.depth > 0 ? entries.filter((entry) => entry.isDirectory) : []);
  const below = await inFolders(folders, left);
  const [first] = pictures;
  if (below.failure !== null && first === undefined && below.found.every(isEmpty)) throw below.failure;
  return {
    model: first ? [] : (below.found.find(({ model }) => model.length > 0)?.model ?? []),
    file: first ? await fileOf(first) : (below.found.find(({ file }) => file !== null)?.file ?? null),
    brought: below.found.reduce((sum, { brought }) => sum + brought, pictures.length),
  };
}

/**
 * @param {FileSystemDirectoryEntry[]} folders
 * @param {{ depth: number, entries: number }} left
 */
async function inFolders(folders, left) {
  /** @type {Awaited<ReturnType<typeof inFolder>>[]} */
  const found = [];
  /** Of a folder that cannot be read; others may have what is sought. @type {unknown} */
  let failure = null;
  left.depth -= 1;
  for (const folder of folders) {
    if (left.entries <= 0) break;
    await inFolder(folder, left).then(
      (one) => found.push(one),
      (error) => (failure = error),
    );
  }
  left.depth += 1;
  return { found, failure };
}

/** @param {{ model: File[], file: File | null }} found */
function isEmpty({ model, file }) {
  return model.length === 0 && file === null;
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
