import { isCalledPicture } from '../../pkg/dist/client/pictures/picture-formats.js';

/** @typedef {{ file: File, label: string | null }} Found a picture, and the folder that it is the class of; null: it lay loose */

/** How deep folders are looked into, and at how many entries. */
const [DEEPEST, MOST_ENTRIES] = [12, 50_000];

/**
 * What is dropped: to be called while the event is dispatched.
 * @param {DataTransfer} data
 * @returns {{ files: File[], folders: FileSystemDirectoryEntry[] }}
 */
export function droppedIn(data) {
  /** @type {ReturnType<typeof droppedIn>} */
  const found = { files: [], folders: [] };
  for (const item of [...data.items].filter(({ kind }) => kind === 'file')) {
    const entry = item.webkitGetAsEntry?.();
    const file = item.getAsFile();
    if (entry?.isDirectory) found.folders.push(/** @type {FileSystemDirectoryEntry} */ (entry));
    else if (file) found.files.push(file);
  }
  return found;
}

/**
 * The pictures of a folder: each folder inside it is a class, and so is the folder itself for those that lie in it.
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<Found[]>}
 */
export async function picturesIn(folder) {
  /** @type {Found[]} */
  const found = [];
  let left = MOST_ENTRIES;
  /** @param {FileSystemDirectoryEntry} inner @param {string} label @param {number} depth */
  const look = async (inner, label, depth) => {
    for (const entry of await entriesOf(inner)) {
      if ((left -= 1) < 0 || isHidden(entry.name)) continue;
      if (entry.isDirectory && depth < DEEPEST) await look(/** @type {FileSystemDirectoryEntry} */ (entry), depth === 0 ? entry.name : label, depth + 1);
      else if (entry.isFile && isCalledPicture(entry)) found.push({ file: await fileOf(/** @type {FileSystemFileEntry} */ (entry)), label });
    }
  };
  await look(folder, folder.name, 0);
  return found;
}

/**
 * The same of a folder that was chosen in a dialog.
 * @param {File[]} files with their paths
 * @returns {Found[]}
 */
export function picturesOf(files) {
  return files
    .filter((file) => isCalledPicture(file) && !file.webkitRelativePath.split('/').some(isHidden))
    .map((file) => {
      const folders = file.webkitRelativePath.split('/').slice(0, -1);
      return { file, label: folders[1] ?? folders[0] ?? null };
    })
    .sort((a, b) => a.file.webkitRelativePath.localeCompare(b.file.webkitRelativePath, undefined, { numeric: true }));
}

/** @param {string} name */
function isHidden(name) {
  return name.startsWith('.') || name === '__MACOSX';
}

/**
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<FileSystemEntry[]>} by name; browsers answer with some at a time, and with none at the end
 */
async function entriesOf(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    const some = await new Promise((/** @type {(entries: FileSystemEntry[]) => void} */ resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
    all.push(...some);
  }
}

/** @param {FileSystemFileEntry} entry @returns {Promise<File>} */
function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
