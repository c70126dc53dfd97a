// Large files by their paths: a browser reads one in a tenth of the time in which it is handed the bytes.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @type {string | undefined} */
let folder;
let count = 0;

process.on('exit', () => folder && rmSync(folder, { recursive: true, force: true }));

/**
 * Writes a file, which goes with this process.
 * @param {{ name: string, buffer: Uint8Array }} file
 * @returns {string} its path, which ends with its name
 */
export function onDisk({ name, buffer }) {
  folder ??= mkdtempSync(join(tmpdir(), 'inception-files-'));
  const own = join(folder, String((count += 1)));
  mkdirSync(own);
  writeFileSync(join(own, name), buffer);
  return join(own, name);
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string[]} paths
 * @returns {Promise<import('playwright-core').JSHandle<FileList>>} the files, in the page
 */
export async function filesIn(page, paths) {
  const input = await page.evaluateHandle(() => Object.assign(document.createElement('input'), { type: 'file', multiple: true }));
  await input.setInputFiles(paths);
  return input.getProperty('files');
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string[]} paths
 * @returns {Promise<import('playwright-core').JSHandle<DataTransfer>>} what a file manager drops
 */
export async function transferOf(page, paths) {
  return page.evaluateHandle((files) => {
    const data = new DataTransfer();
    for (const file of files) data.items.add(file);
    return data;
  }, await filesIn(page, paths));
}
