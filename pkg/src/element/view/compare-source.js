import { ACCEPTED_PICTURES } from '../../client/pictures/picture-formats.js';
import { moduleB } from '../compare.js';
import { activeElement, el } from '../dom.js';
import { megabytes } from '../format.js';
import { t } from '../i18n.js';
import { MODEL_ACCEPT } from '../own-files.js';
import { mountAlternativePictures } from './compare-pictures.js';
import { leftOut } from './left-out.js';
import { loadProgress } from './loading.js';
import { failureNote } from './parts.js';

/**
 * Where side B comes from: pictures and files, or models and the module of the chosen one.
 * @param {HTMLElement} root
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountCompareSource(root, store, actions) {
  const samples = el('div', { class: 'samples', role: 'radiogroup' });
  const upload = fileButton(ACCEPTED_PICTURES, (files) => actions.comparePicture(files));
  const pictures = el('div', { class: 'ways', id: 'comparePictures' }, samples, upload.button, upload.input);
  const models = el('div', { class: 'ways', id: 'compareModels', role: 'group' });
  const own = fileButton(MODEL_ACCEPT, (files) => actions.compareModel(files));
  const select = el('select', { id: 'compareModule', on: { change: () => actions.compareModule(select.value) } });
  const selectText = el('span', {});
  const field = el('label', { class: 'field' }, selectText, select);
  const status = el('div', { id: 'compareStatus', 'aria-live': 'polite' });
  root.replaceChildren(pictures, models, field, own.input, status);
  mountAlternativePictures(samples, store, actions);

  store.watch(
    ({ compare, alternatives, lang }) => [compare?.kind, compare?.loading?.choice, compare?.model, alternatives.models, lang],
    ({ compare, alternatives }) => {
      pictures.hidden = compare?.kind !== 'picture';
      models.hidden = compare?.kind !== 'model';
      upload.button.textContent = t('upload');
      own.button.textContent = t('ownFile');
      own.button.title = t('ownFileHint');
      models.ariaLabel = t('otherModel');
      const choice = (compare?.loading ?? compare)?.choice ?? null;
      own.button.ariaPressed = String(Array.isArray(choice));
      const focused = [...models.children].indexOf(activeElement(models));
      models.replaceChildren(...alternatives.models.map((model) => modelButton(model, model.id === choice, actions)), own.button);
      models.children[focused]?.focus();
    },
  );
  store.watch(
    ({ compare, model, module, lang }) => [compare?.kind, compare?.model, compare?.module, model, module, lang],
    (state) => {
      const others = state.compare?.kind === 'model' ? (state.compare.model?.network.modules ?? []) : [];
      field.hidden = others.length === 0;
      selectText.textContent = t('moduleOfB');
      select.replaceChildren(...others.map(({ name, shape: [, height, width] }) => el('option', { value: name, text: `${name}, ${height} × ${width}`, lang: 'en' })));
      select.value = moduleB(state)?.name ?? '';
    },
  );
  store.watch(
    ({ compare, lang }) => [compare?.kind, compare?.loading, compare?.picture, compare?.pictureFailure, lang],
    ({ compare }) => {
      const { kind, loading = null, picture = null, pictureFailure = null } = compare ?? {};
      if (loading?.failure) status.replaceChildren(failureNote(loading.failure, nextStep(loading)));
      else if (loading) status.replaceChildren(loadProgress(loading.title, loading.progress, actions.cancelCompareLoad));
      else status.replaceChildren(...(pictureFailure ? [failureNote(pictureFailure)] : []), ...leftOut(kind === 'picture' ? picture : null));
    },
  );

  /** Another file where a file failed, else another try. @param {{ choice: import('../compare.js').Choice }} loading */
  function nextStep({ choice }) {
    if (Array.isArray(choice)) return { text: t('ownFile'), act: () => own.input.click() };
    return { text: t('retry'), act: actions.retryCompareLoad };
  }
}

/**
 * @param {import('../index.js').AlternativeModel} model
 * @param {boolean} isChosen
 * @param {import('../controls.js').Actions} actions
 */
function modelButton({ id, title, bytes = 0, reachable = null }, isChosen, actions) {
  const size = reachable !== false && bytes > 0 && el('small', { class: 'muted num', text: `${megabytes(bytes)} MB` });
  const tag = reachable === false && el('span', { class: 'tag', text: t('offline') });
  return el('button', { 'aria-pressed': isChosen, disabled: reachable === false, on: { click: () => actions.compareModel(id) } }, title, size, tag);
}

/**
 * A button that asks for files.
 * @param {string} accept
 * @param {(files: File[]) => void} take
 */
function fileButton(accept, take) {
  const input = el('input', { type: 'file', accept, multiple: true, hidden: true });
  input.addEventListener('change', () => {
    const files = [...input.files];
    if (files.length > 0) take(files);
    input.value = '';
  });
  return { input, button: el('button', { on: { click: () => input.click() } }) };
}
