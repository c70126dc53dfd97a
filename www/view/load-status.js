import { $, el } from '../../pkg/dist/element/dom.js';
import { t } from '../../pkg/dist/element/i18n.js';
import { loadProgress } from '../../pkg/dist/element/view/loading.js';
import { failureNote, note } from '../../pkg/dist/element/view/parts.js';
import { modelTitle } from './titles.js';

/**
 * Below the picker: how far the model being loaded is, what went wrong, which own model is gone or removed, which model there is not, which class names wait for a model.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {{ files: HTMLInputElement, labels: HTMLInputElement }} inputs
 */
export function mountLoadStatus(store, actions, inputs) {
  const status = $('#modelStatus');
  store.watch(
    ({ loading, catalog, lost, removed, unknown, labels, lang }) => [loading, catalog.failure, lost, removed, unknown, labels, lang],
    ({ loading, catalog, lost, removed, unknown, labels }) => {
      const failure = loading?.failure ?? catalog.failure;
      const chooseFile = { text: t('pickOwn'), act: () => inputs.files.click() };
      status.hidden = [loading, failure, lost, removed, unknown, labels].every((one) => one === null);
      if (status.hidden) status.replaceChildren();
      else if (failure !== null) status.replaceChildren(closable(failureNote(failure, nextStep(loading))));
      else if (loading !== null) status.replaceChildren(loadProgress(modelTitle(loading.choice, loading.title), loading.progress, actions.cancelLoad));
      else if (lost !== null) status.replaceChildren(closable(note('warn', t(lost.why, { title: lost.title }), chooseFile)));
      else if (removed !== null) status.replaceChildren(closable(note('plain', t('ownInUse', { title: removed }))));
      else if (unknown !== null) status.replaceChildren(closable(failureNote({ code: 'unknown-model', detail: unknown })));
      else if (labels !== null) status.replaceChildren(closable(note('plain', t('labelsWait', { file: labels.name }), chooseFile)));
    },
  );

  /** Another file where a file failed, else another try. @param {import('../state.js').Loading | null} loading */
  function nextStep(loading) {
    const { failure = null, choice = null } = loading ?? {};
    if (failure?.code === 'no-webgpu') return { text: t('useAuto'), act: () => actions.setDevice('auto') };
    if (failure?.code === 'bad-labels') return { text: t('pickLabels'), act: () => inputs.labels.click() };
    if (choice?.kind === 'files' && failure?.code !== 'network') return { text: t('pickOwn'), act: () => inputs.files.click() };
    return { text: t('retry'), act: actions.retryLoad };
  }

  /** @param {HTMLElement} said */
  function closable(said) {
    const close = () => {
      if (store.state.loading !== null) actions.cancelLoad();
      else store.set({ lost: null, removed: null, unknown: null, labels: null, catalog: { ...store.state.catalog, failure: null } });
    };
    return el('div', { class: 'failed' }, said, el('button', { class: 'icon small close', 'aria-label': t('close'), text: '×', on: { click: close } }));
  }
}
