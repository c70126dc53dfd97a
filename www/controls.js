import { remember, writeDevice } from './address.js';
import { $, isField } from '../pkg/dist/element/dom.js';
import { partsOf } from '../pkg/dist/element/own-files.js';
import { bringsPicture, carriesContent, contentOf } from '../pkg/dist/element/transfer.js';
import { lookActions } from './look.js';
import { DRAWN_SAMPLE, samplePicture } from './samples.js';
import { WORKSPACES } from './state.js';
import { NOTHING_DONE, tourText, withDone } from './tour.js';

/**
 * What the user can do outside the inspector, and the parts of it that no single view owns: drop, paste, a key.
 * @param {import('./state.js').Store} store
 * @param {import('./models.js').Models} models
 * @param {import('../pkg/dist/element/index.js').InceptionInspector} inspector
 * @param {import('./camera.js').Camera} camera
 */
export function connectControls(store, models, inspector, camera) {
  /** Pictures that were asked for. */
  let asked = 0;
  const actions = {
    ...lookActions(store),
    /** @param {import('../pkg/dist/element/index.js').PictureSource} source @param {string} [name] */
    showPicture: (source, name) => {
      asked += 1;
      camera.giveWay();
      return inspector.show(source, name);
    },
    /** Shows a sample, unless another picture is asked for before it is here. @param {import('./samples.js').Sample} sample */
    showSample: async (sample) => {
      const mine = ++asked;
      camera.giveWay();
      const file = await samplePicture(sample);
      if (mine === asked) await inspector.show(file, sample.name);
    },
    /** Shows a sample as the page opens, one that the page draws where its photo cannot be had. @param {import('./samples.js').Sample} sample */
    showFirst: async (sample) => {
      const before = asked;
      await actions.showSample(sample).catch(() => (asked === before + 1 ? actions.showSample(DRAWN_SAMPLE) : undefined));
    },
    /** @param {string} id */
    loadModel: (id) => models.load({ kind: 'catalog', id }),
    /** A model's files, with or without class names, or class names alone. @param {File[]} files */
    loadFiles: (files) => {
      const { model, labels } = partsOf(files);
      if (model.length === 0 && labels !== null) models.takeLabels(labels);
      else {
        models.load({ kind: 'files', files: model, labels: labels ?? store.state.labels });
        store.set({ labels: null });
      }
    },
    /** @param {File} labels */
    takeLabels: (labels) => models.takeLabels(labels),
    /** @param {boolean} on */
    keepOwnModels: (on) => {
      remember('keep', on ? 'yes' : 'no');
      models.keepOwnModels(on);
    },
    /** @param {string} id */
    loadOwn: (id) => {
      const own = store.state.own.find((kept) => kept.id === id);
      if (own !== undefined) models.load({ kind: 'own', id, title: own.title });
    },
    /** @param {string} id */
    removeOwn: (id) => models.removeOwn(id),
    askHubs: () => models.askHubs(),
    retryLoad: () => {
      const { loading } = store.state;
      if (loading !== null) actions.setDevice(loading.device);
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
    /** Starts filming, or stops. */
    toggleCamera: () => {
      asked += 1;
      camera.toggle();
    },
    selfTest: () => {
      camera.stop();
      models.selfTest();
    },
    cancelLoad: () => models.cancelLoad(),
    clearKept: () => models.clearKept(),
    /** @param {import('./state.js').Workspace} workspace */
    setWorkspace: (workspace) => store.set({ workspace }),
    /** @param {boolean} mine whether one's own classes answer */
    answerWithMine: (mine) => store.set({ mine }),
    /** A step of the tour is done. @param {number} step */
    passStep: (step) => {
      const { tour } = store.state;
      if (tour === null || tour[step]) return;
      const next = withDone(tour, step);
      store.set({ tour: next });
      remember('tour', tourText(next));
    },
    closeTour: () => {
      store.set({ tour: null });
      remember('tour', tourText(null));
    },
    showTour: () => {
      store.set({ tour: NOTHING_DONE });
      remember('tour', tourText(NOTHING_DONE));
    },
    /** @param {DataTransfer} data */
    takeTransfer: (data) => {
      const content = contentOf(data);
      if (content.model.length > 0) actions.loadFiles(content.model);
      if (bringsPicture(content)) actions.showPicture(data);
    },
  };

  connectDrop(actions.takeTransfer);
  addEventListener('paste', (event) => {
    if (event.clipboardData && !isField(event.composedPath()[0])) actions.takeTransfer(event.clipboardData);
  });
  addEventListener('keydown', (event) => {
    const path = event.composedPath();
    if (event.ctrlKey || event.metaKey || event.altKey || isField(path[0]) || path.some((target) => target instanceof HTMLDialogElement)) return;
    if (event.key.toLowerCase() === 't') actions.toggleTheme();
    if (event.key.toLowerCase() === 'v') actions.setWorkspace(WORKSPACES[(WORKSPACES.indexOf(store.state.workspace) + 1) % WORKSPACES.length] ?? 'inspect');
  });
  return actions;
}

/** @typedef {ReturnType<typeof connectControls>} Actions */

/**
 * Takes what is dropped anywhere and not taken by the inspector.
 * @param {(data: DataTransfer) => void} take
 */
function connectDrop(take) {
  const overlay = $('#drop');
  addEventListener('dragover', (event) => {
    if (!carriesContent(event)) return;
    overlay.hidden = event.defaultPrevented;
    event.preventDefault();
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) overlay.hidden = true;
  });
  addEventListener('drop', (event) => {
    overlay.hidden = true;
    if (event.defaultPrevented || !carriesContent(event) || event.dataTransfer === null) return;
    event.preventDefault();
    take(event.dataTransfer);
  });
}
