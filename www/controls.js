import { remember, writeAddress, writeDevice } from './address.js';
import { $, isField } from '../pkg/dist/element/dom.js';

/** Names of files that belong to a model; all others are taken for pictures. */
const MODEL_FILE = /\.(safetensors|json|bin|pth?)$|shard\d+of\d+/i;
const ADDRESS = /^https?:\/\/\S+$/;

/**
 * What the user can do outside the inspector, and the parts of it that no single view owns: drop, paste, a key.
 * @param {import('./state.js').Store} store
 * @param {import('./models.js').Models} models
 * @param {import('../pkg/dist/element/index.js').InceptionInspector} inspector
 */
export function connectControls(store, models, inspector) {
  const actions = {
    /** @param {Blob} blob @param {string} name */
    showPicture: (blob, name) => inspector.show(blob, name),
    /** @param {string} url @param {string} [name] */
    showAddress: (url, name) => inspector.show(url, name),
    /** @param {string} id */
    loadModel: (id) => models.load({ kind: 'catalog', id }),
    /** @param {File[]} files */
    loadFiles: (files) => models.load({ kind: 'files', files }),
    retryLoad: () => {
      const { loading } = store.state;
      if (loading !== null) models.load(loading.choice);
      else models.start(null);
    },
    /** Loads the model again, on this device. @param {import('./state.js').Device} device */
    setDevice: (device) => {
      store.set({ device });
      writeDevice(device);
      const { loading, model } = store.state;
      const choice = loading?.choice ?? model?.choice;
      if (choice !== undefined) models.load(choice);
    },
    selfTest: () => models.selfTest(),
    cancelLoad: () => models.cancelLoad(),
    /** @param {'en' | 'zh'} lang */
    setLanguage: (lang) => {
      store.set({ lang });
      remember('lang', lang);
      writeAddress({ lang });
    },
    toggleTheme: () => {
      const theme = store.state.theme === 'dark' ? 'light' : 'dark';
      store.set({ theme });
      remember('theme', theme);
      writeAddress({ theme });
    },
    /** @param {DataTransfer} data */
    takeTransfer: (data) => {
      const files = [...data.files];
      const text = data.getData('text/uri-list') || data.getData('text/plain').trim();
      if (files.length > 0) takeFiles(files);
      else if (ADDRESS.test(text)) actions.showAddress(text);
    },
  };

  /** @param {File[]} files */
  function takeFiles(files) {
    const model = files.filter((file) => MODEL_FILE.test(file.name));
    const picture = files.find((file) => file.type.startsWith('image/')) ?? files[0];
    if (model.length > 0) actions.loadFiles(model);
    else if (picture) actions.showPicture(picture, picture.name);
  }

  connectDrop(actions.takeTransfer);
  addEventListener('paste', (event) => {
    if (event.clipboardData && !isField(event.composedPath()[0])) actions.takeTransfer(event.clipboardData);
  });
  addEventListener('keydown', (event) => {
    const path = event.composedPath();
    if (event.ctrlKey || event.metaKey || event.altKey || isField(path[0]) || path.some((target) => target instanceof HTMLDialogElement)) return;
    if (event.key === 't') actions.toggleTheme();
  });
  return actions;
}

/** @typedef {ReturnType<typeof connectControls>} Actions */

/**
 * Takes what is dropped anywhere, on the inspector too.
 * @param {(data: DataTransfer) => void} take
 */
function connectDrop(take) {
  const overlay = $('#drop');
  const carries = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.some((type) => type === 'Files' || type === 'text/uri-list');
  addEventListener('dragover', (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    overlay.hidden = false;
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) overlay.hidden = true;
  });
  const drop = (/** @type {DragEvent} */ event) => {
    overlay.hidden = true;
    if (!carries(event) || event.dataTransfer === null) return;
    event.preventDefault();
    take(event.dataTransfer);
  };
  addEventListener('drop', drop, { capture: true });
}
