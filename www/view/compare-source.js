import { moduleB } from '../compare.js';
import { el } from '../dom.js';
import { t } from '../i18n.js';
import { failureNote } from './parts.js';
import { loadProgress } from './picker.js';
import { mountSamples } from './picture.js';
import { entryTitle } from './words.js';

/**
 * Where side B comes from: samples and files, or models and the module of the chosen one.
 * @param {HTMLElement} root
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountCompareSource(root, store, actions) {
  const samples = el('div', { class: 'samples', role: 'radiogroup' });
  const upload = fileButton('image/*', false, ([file]) => file && actions.comparePicture(file, file.name));
  const pictures = el('div', { class: 'ways', id: 'comparePictures' }, samples, upload.button, upload.input);
  const models = el('div', { class: 'ways', id: 'compareModels', role: 'group' });
  const own = fileButton('.safetensors,.json,.bin', true, (files) => actions.compareFiles(files));
  const select = el('select', { id: 'compareModule', on: { change: () => actions.compareModule(select.value) } });
  const selectText = el('span', {});
  const field = el('label', { class: 'field' }, selectText, select);
  const status = el('div', { id: 'compareStatus', 'aria-live': 'polite' });
  root.replaceChildren(pictures, models, field, own.input, status);
  mountSamples(samples, store, { showSample: actions.compareSample, showPicture: actions.comparePicture }, ({ compare }) => compare?.picture ?? null);

  store.watch(
    ({ compare, catalog, lang }) => [compare?.kind, compare?.loading?.choice, compare?.model, catalog, lang],
    ({ compare, catalog }) => {
      pictures.hidden = compare?.kind !== 'picture';
      models.hidden = compare?.kind !== 'model';
      samples.ariaLabel = t('samples');
      upload.button.textContent = t('upload');
      own.button.textContent = t('ownFile');
      own.button.title = t('ownFileHint');
      models.ariaLabel = t('otherModel');
      const choice = (compare?.loading ?? compare?.model)?.choice;
      const chosen = choice?.kind === 'catalog' ? choice.id : null;
      own.button.ariaPressed = String(choice?.kind === 'files');
      const focused = models.contains(document.activeElement) ? [...models.children].indexOf(/** @type {any} */ (document.activeElement)) : -1;
      models.replaceChildren(...catalog.entries.map((entry) => modelButton(entry, entry.id === chosen, actions)), own.button);
      models.children[focused]?.focus();
    },
  );
  store.watch(
    ({ compare, model, module, lang }) => [compare?.kind, compare?.model, compare?.module, model, module, lang],
    (state) => {
      const others = state.compare?.kind === 'model' ? (state.compare.model?.network.modules ?? []) : [];
      field.hidden = others.length === 0;
      selectText.textContent = t('moduleOfB');
      select.replaceChildren(...others.map(({ name }) => el('option', { value: name, text: name, lang: 'en' })));
      select.value = moduleB(state)?.name ?? '';
    },
  );
  store.watch(
    ({ compare, lang }) => [compare?.loading, compare?.pictureFailure, lang],
    ({ compare }) => {
      const { loading = null, pictureFailure = null } = compare ?? {};
      if (loading?.failure) status.replaceChildren(failureNote(loading.failure, nextStep(loading)));
      else if (loading) status.replaceChildren(loadProgress(loading, actions.cancelCompareLoad));
      else status.replaceChildren(...(pictureFailure ? [failureNote(pictureFailure)] : []));
    },
  );

  /** Another file where a file failed, else another try. @param {import('../state.js').Loading} loading */
  function nextStep({ choice }) {
    if (choice.kind === 'files') return { text: t('ownFile'), act: () => own.input.click() };
    return { text: t('retry'), act: actions.retryCompareLoad };
  }
}

/**
 * @param {import('../state.js').Entry} entry
 * @param {boolean} isChosen
 * @param {import('../controls.js').Actions} actions
 */
function modelButton({ id, title, reachable }, isChosen, actions) {
  const tag = reachable === false && el('span', { class: 'tag', text: t('offline') });
  return el('button', { 'aria-pressed': isChosen, disabled: reachable === false, on: { click: () => actions.compareModel(id) } }, entryTitle(id, title), tag);
}

/**
 * A button that asks for files.
 * @param {string} accept
 * @param {boolean} multiple
 * @param {(files: File[]) => void} take
 */
function fileButton(accept, multiple, take) {
  const input = el('input', { type: 'file', accept, multiple, hidden: true });
  input.addEventListener('change', () => {
    const files = [...input.files];
    if (files.length > 0) take(files);
    input.value = '';
  });
  return { input, button: el('button', { on: { click: () => input.click() } }) };
}
