// Files and folders as a file manager drops or pastes them.

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {{ name: string, type?: string, bytes: Uint8Array }} Brought */

/**
 * Drops several files, and folders: their files by their paths in them.
 * @param {Page} page
 * @param {Brought[]} files
 * @param {{ folders?: Record<string, Brought[] | null>, target?: string, event?: 'drop' | 'paste' }} [options] null: the folder cannot be read
 */
export async function bring(page, files, { folders = {}, target = 'body', event = 'drop' } = {}) {
  // A typed array is sent whole; Node.js's own kind of it would be sent number by number.
  const wire = (/** @type {Brought[]} */ all) => all.map(({ name, type = '', bytes }) => ({ name, type, bytes: new Uint8Array(bytes) }));
  const given = { files: wire(files), folders: Object.entries(folders).map(([name, inside]) => ({ name, inside: inside && wire(inside) })) };
  await page.evaluate(
    ({ given, target, event }) => {
      const fileOf = ({ name, type, bytes }) => new File([bytes], name, { type });
      const data = new DataTransfer();
      for (const file of given.files) data.items.add(fileOf(file));
      for (const { name } of given.folders) data.items.add(new File([], name));
      DataTransferItem.prototype.webkitGetAsEntry = function () {
        const { name } = this.getAsFile();
        const folder = given.folders.find((one) => one.name === name);
        return folder ? entryOf(name, folder.inside) : null;
      };
      const inner = (files) => {
        const below = Map.groupBy(files.filter(({ name }) => name.includes('/')), ({ name }) => name.split('/')[0]);
        const folders = [...below].map(([name, all]) => entryOf(name, all.map((file) => ({ ...file, name: file.name.slice(name.length + 1) }))));
        const own = files.filter(({ name }) => !name.includes('/'));
        return [...folders, ...own.map((file) => ({ name: file.name, isFile: true, isDirectory: false, file: (resolve) => resolve(fileOf(file)) }))];
      };
      const entryOf = (name, inside) => ({
        name,
        isFile: false,
        isDirectory: true,
        createReader: () => {
          const entries = inner(inside ?? []);
          return {
            readEntries: (resolve, reject) => (inside === null ? reject(new DOMException('no', 'NotFoundError')) : resolve(entries.splice(0, 2))),
          };
        },
      });
      const on = globalThis.inside(target) ?? document.querySelector(target);
      const options = { bubbles: true, composed: true, cancelable: true };
      if (event === 'drop') on.dispatchEvent(new DragEvent('drop', { ...options, dataTransfer: data }));
      else on.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: data }));
    },
    { given, target, event },
  );
}
