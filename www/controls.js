import { remember, writeAddress, writeDevice } from './address.js';
import { Filming } from './camera.js';
import { compareActions } from './compare-actions.js';
import { $, isField } from './dom.js';
import { inspectActions } from './inspect.js';
import { pictureFrom, pictureFromUrl, pictureTaker } from './pictures.js';
import { carriesContent, contentOf } from './transfer.js';

/**
 * What the user can do, and the parts of it that no single view owns: drop, paste, keys.
 * @param {import('./state.js').Store} store
 * @param {import('./engine.js').Engine} engine
 * @param {import('./compare-engine.js').CompareEngine} comparison
 */
export function connectControls(store, engine, comparison) {
  const filming = new Filming(store, engine);
  /** Lets the camera stop before something that runs the picture. @param {() => void} act */
  const onStill = (act) => () => {
    filming.stop();
    act();
  };
  const show = (/** @type {import('./state.js').Picture} */ picture) => {
    filming.end();
    engine.show(picture);
  };
  const take = pictureTaker(show, (pictureFailure) => store.set({ pictureFailure }));

  const actions = {
    /** @param {Blob} blob @param {string} name */
    showPicture: (blob, name) => take(() => pictureFrom(blob, name)),
    /** @param {string} url */
    showAddress: (url) => take(() => pictureFromUrl(url)),
    /** @param {string} url @param {string} name a sample beside the page */
    showSample: (url, name) => take(async () => ({ ...(await pictureFromUrl(url)), name })),
    /** @param {string} id */
    loadModel: (id) => engine.load({ kind: 'catalog', id }),
    /** @param {File[]} files */
    loadFiles: (files) => engine.load({ kind: 'files', files }),
    retryLoad: () => {
      const { loading } = store.state;
      if (loading !== null) engine.load(loading.choice);
      else engine.start(null);
    },
    /** Loads the model again, on this device. @param {import('./address.js').Device} device */
    setDevice: (device) => {
      store.set({ device });
      writeDevice(device);
      const { loading, model } = store.state;
      const choice = loading?.choice ?? model?.choice;
      if (choice !== undefined) engine.load(choice);
    },
    /** Starts filming, or stops. */
    toggleCamera: () => (store.state.camera.status === 'off' ? filming.start() : filming.stop()),
    selfTest: onStill(() => engine.selfTest()),
    cancelLoad: () => engine.cancelLoad(),
    run: onStill(() => engine.run()),
    cancelRun: () => engine.cancelRun(),
    /** @param {string} module */
    openModule: (module) => engine.open(module),
    /** @param {1 | -1} step */
    openNeighbour: (step) => {
      const { model, module } = store.state;
      const modules = model?.network.modules ?? [];
      const at = modules.findIndex(({ name }) => name === module);
      const next = modules[(at + step + modules.length) % modules.length];
      if (next) engine.open(next.name);
    },
    /** @param {string[]} branches @param {boolean} on */
    switchBranches: (branches, on) => engine.switchBranches(branches, on),
    allOn: () => engine.switchBranches([...store.state.off], true),
    rank: onStill(() => engine.rank()),
    measure: onStill(() => engine.measure()),
    cancelRanking: () => engine.cancelRanking(),
    /** Ranks the branches, or puts the ranking away. */
    toggleRanking: () => {
      const { ranking } = store.state;
      if (ranking === null) actions.rank();
      else if (ranking.status === 'running') engine.cancelRanking();
      else store.set({ ranking: null });
    },
    /** @param {string} label */
    toggleStack: (label) => {
      const openStacks = new Set(store.state.openStacks);
      if (!openStacks.delete(label)) openStacks.add(label);
      store.set({ openStacks });
    },
    ...inspectActions(store, engine),
    ...compareActions(store, comparison),
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
      const { model, picture, address } = contentOf(data);
      if (model.length > 0) actions.loadFiles(model);
      else if (picture !== null) actions.showPicture(picture, picture.name);
      else if (address !== null) actions.showAddress(address);
    },
  };

  /** @param {number} index of a branch of the open module */
  function switchInModule(index) {
    const { model, module, off } = store.state;
    const branch = model?.network.modules.find(({ name }) => name === module)?.branches[index]?.name;
    if (branch !== undefined) actions.switchBranches([branch], off.has(branch));
  }

  connectDrop(actions.takeTransfer);
  addEventListener('paste', (event) => {
    if (event.clipboardData && !isField(event.target)) actions.takeTransfer(event.clipboardData);
  });
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target) || store.state.large) return;
    if (event.key === '[') actions.openNeighbour(-1);
    if (event.key === ']') actions.openNeighbour(1);
    if (event.key === 'r') actions.run();
    if (event.key === 't') actions.toggleTheme();
    if (event.key === '0') actions.allOn();
    if (/^[1-6]$/.test(event.key)) switchInModule(Number(event.key) - 1);
  });
  return actions;
}

/** @typedef {ReturnType<typeof connectControls>} Actions */

/** @param {(data: DataTransfer) => void} take */
function connectDrop(take) {
  const overlay = $('#drop');
  addEventListener('dragover', (event) => {
    if (!carriesContent(event)) return;
    event.preventDefault();
    overlay.hidden = false;
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) overlay.hidden = true;
  });
  addEventListener('drop', (event) => {
    overlay.hidden = true;
    if (!carriesContent(event) || event.dataTransfer === null) return;
    event.preventDefault();
    take(event.dataTransfer);
  });
}
