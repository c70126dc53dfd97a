import { $, rove } from '../../pkg/dist/element/dom.js';
import { large } from '../../pkg/dist/element/format.js';
import { t } from '../../pkg/dist/element/i18n.js';
import { LABELS_ACCEPT, MODEL_ACCEPT } from '../../pkg/dist/element/own-files.js';
import { mountLoadStatus } from './load-status.js';
import { modelList } from './model-list.js';
import { modelTitle, usualData } from './titles.js';
import { keepWithin } from './within.js';

/**
 * The model picker: its button and the list that it opens, which asks the hubs then and not before.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountPicker(store, actions) {
  const [root, button, menu] = [$('#models'), $('#model'), $('#modelMenu')];
  const inputs = mountInputs(actions);
  /** @param {boolean} open */
  function show(open) {
    menu.hidden = !open;
    button.ariaExpanded = String(open);
    if (!open) return;
    keepWithin(menu, root);
    const first = currentIn(menu);
    stopAt(menu, first);
    first?.focus();
    actions.askHubs();
  }
  /** Closes the list, then acts. @param {() => void} act */
  const after = (act) => () => {
    show(false);
    button.focus();
    act();
  };
  button.addEventListener('click', () => show(menu.hidden));
  listenToKeys(menu, after(() => undefined));
  closeOutside(root, menu, () => show(false));

  const choices = {
    loadModel: (/** @type {string} */ id) => after(() => actions.loadModel(id))(),
    loadOwn: (/** @type {string} */ id) => after(() => actions.loadOwn(id))(),
    removeOwn: actions.removeOwn,
    chooseFiles: after(() => inputs.files.click()),
    chooseLabels: after(() => inputs.labels.click()),
    keepOwnModels: actions.keepOwnModels,
    clearKept: actions.clearKept,
  };
  store.follow((state) => drawAgain(menu, modelList(state, choices)));
  store.follow((state) => showChosen(button, state));
  mountLoadStatus(store, actions, inputs);
}

/**
 * The inputs for files of a model and of class names.
 * @param {import('../controls.js').Actions} actions
 */
function mountInputs(actions) {
  const [files, labels] = [$('#modelFiles'), $('#labelsFile')];
  Object.assign(files, { accept: MODEL_ACCEPT });
  Object.assign(labels, { accept: LABELS_ACCEPT });
  files.addEventListener('change', () => {
    if (files.files.length > 0) actions.loadFiles([...files.files]);
    files.value = '';
  });
  labels.addEventListener('change', () => {
    if (labels.files.length > 0) actions.takeLabels(labels.files[0]);
    labels.value = '';
  });
  return { files, labels };
}

/**
 * @param {HTMLElement} menu
 * @param {() => void} leave
 */
function listenToKeys(menu, leave) {
  rove(menu, '.option');
  menu.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Escape') leave();
    else if (event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.stopPropagation();
      goTo(menu, event.key);
    }
  });
}

/**
 * @param {HTMLElement} root the button and the list
 * @param {HTMLElement} menu
 * @param {() => void} close
 */
function closeOutside(root, menu, close) {
  addEventListener('pointerdown', ({ target }) => {
    if (!menu.hidden && !(target instanceof Node && root.contains(target))) close();
  });
  root.addEventListener('focusout', (/** @type {FocusEvent} */ { relatedTarget }) => {
    if (relatedTarget instanceof Node && !root.contains(relatedTarget)) close();
  });
}

/**
 * What is drawn again while a user is in the list keeps the focus and the place that Tab comes back to.
 * @param {HTMLElement} menu
 * @param {(Node | string)[]} list
 */
function drawAgain(menu, list) {
  const focused = menu.contains(document.activeElement) ? document.activeElement?.id : null;
  const stop = $('.option[tabindex="0"]', menu)?.id;
  const top = menu.scrollTop;
  menu.replaceChildren(...list);
  if (!menu.hidden) stopAt(menu, document.getElementById(stop ?? ''));
  if (focused !== null) (document.getElementById(focused ?? '') ?? currentIn(menu))?.focus();
  menu.scrollTop = top;
}

/** @param {HTMLElement} menu */
const currentIn = (menu) => $('[aria-selected=true]', menu) ?? $('.option', menu) ?? $('button', menu);

/**
 * @param {HTMLElement} button
 * @param {Readonly<import('../state.js').State>} state
 */
function showChosen(button, { model, loading, catalog }) {
  const shown = model ? modelTitle(model.choice, model.info.title) : loading ? modelTitle(loading.choice, loading.title) : t('model');
  $('#modelName').textContent = shown;
  button.title = shown;
  $('#modelFacts').textContent = model ? facts(model, catalog.entries).join(' · ') : '';
}

/**
 * @param {import('../state.js').Model} model
 * @param {import('../state.js').Entry[]} entries
 * @returns {string[]}
 */
function facts({ choice, info }, entries) {
  const entry = entries.find(({ id }) => choice.kind === 'catalog' && id === choice.id);
  const of = entry ? usualData(entry) : info.title;
  const size = info.classes > 0 ? t('classesN', { n: info.classes }) : `${large(info.params)} ${t('params')}`;
  return of ? [of, size] : [size];
}

/**
 * Moves the focus to the next model whose title begins with a letter.
 * @param {HTMLElement} menu
 * @param {string} letter
 */
function goTo(menu, letter) {
  const options = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll('.option')]);
  const at = options.findIndex((option) => option === document.activeElement);
  const inTurn = [...options.slice(at + 1), ...options.slice(0, at + 1)];
  const next = inTurn.find((option) => option.textContent?.toLowerCase().startsWith(letter.toLowerCase()));
  if (next === undefined) return;
  stopAt(menu, next);
  next.focus();
}

/**
 * Makes an option the one that Tab reaches.
 * @param {HTMLElement} menu
 * @param {Element | null} stop what is no option leaves the list as it is
 */
function stopAt(menu, stop) {
  if (!stop?.matches('.option')) return;
  for (const option of /** @type {NodeListOf<HTMLElement>} */ (menu.querySelectorAll('.option'))) option.tabIndex = option === stop ? 0 : -1;
}
