import { $, el, rove } from '../../pkg/dist/element/dom.js';
import { large, megabytes } from '../../pkg/dist/element/format.js';
import { t } from '../../pkg/dist/element/i18n.js';
import { loadProgress } from '../../pkg/dist/element/view/loading.js';
import { failureNote, note } from '../../pkg/dist/element/view/parts.js';
import { isKept } from '../catalog.js';
import { entryTitle, modelTitle } from './titles.js';

/**
 * The model picker: its button, the list, and what the model being loaded is doing.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountPicker(store, actions) {
  const [button, menu, status, input] = [$('#model'), $('#modelMenu'), $('#modelStatus'), $('#modelFiles')];

  /** @param {boolean} open */
  function show(open) {
    menu.hidden = !open;
    button.ariaExpanded = String(open);
    if (open) ($('[aria-selected=true]', menu) ?? $('.option', menu)).focus();
  }
  button.addEventListener('click', () => show(menu.hidden));
  rove(menu, '.option');
  menu.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Escape') return;
    show(false);
    button.focus();
  });
  addEventListener('pointerdown', ({ target }) => {
    if (!menu.hidden && !(target instanceof Node && $('#models').contains(target))) show(false);
  });
  $('#models').addEventListener('focusout', (/** @type {FocusEvent} */ { relatedTarget }) => {
    if (relatedTarget instanceof Node && !$('#models').contains(relatedTarget)) show(false);
  });
  input.addEventListener('change', () => {
    if (input.files.length > 0) actions.loadFiles([...input.files]);
    input.value = '';
  });

  /** @param {import('../state.js').Entry} entry @param {string | null} current @param {boolean} kept */
  function option(entry, current, kept) {
    const offline = entry.reachable === false && !kept;
    const size = entry.bytes > 0 && !entry.offline && `${megabytes(entry.bytes)} MB`;
    const facts = [`${entry.classes} ${t('classes')}`, size, (entry.offline || kept) && t('onDisk'), entry.license];
    return el(
      'button',
      {
        class: 'option',
        role: 'option',
        'aria-selected': entry.id === current,
        'aria-disabled': offline || undefined,
        on: {
          click: () => {
            if (offline) return;
            show(false);
            button.focus();
            actions.loadModel(entry.id);
          },
        },
      },
      el('b', { text: entryTitle(entry.id, entry.title) }),
      offline && el('span', { class: 'tag', text: t('offline') }),
      el('small', { text: facts.filter(Boolean).join(' · ') }),
    );
  }

  store.watch(
    ({ catalog, kept, model, lang }) => [catalog, kept, model, lang],
    ({ catalog, kept, model }) => {
      const current = model?.choice.kind === 'catalog' ? model.choice.id : null;
      const unreachable = catalog.entries.some((entry) => entry.reachable === false && !isKept(entry, kept));
      const bytes = kept.reduce((sum, file) => sum + file.bytes, 0);
      menu.replaceChildren(
        el('div', { role: 'listbox', 'aria-label': t('model') }, ...catalog.entries.map((entry) => option(entry, current, isKept(entry, kept)))),
        el('hr'),
        el(
          'button',
          {
            class: 'option',
            id: 'ownFile',
            on: {
              click: () => {
                show(false);
                button.focus();
                input.click();
              },
            },
          },
          el('b', { text: t('ownFile') }),
          el('small', { text: t('ownFileHint') }),
        ),
        bytes > 0 ? clearButton(bytes) : '',
        current !== null && model?.info.cache.kept === false ? note('plain', t('notKept')) : '',
        unreachable ? note('plain', t('stOffline')) : '',
      );
    },
  );
  store.watch(
    ({ model, loading, lang }) => [model, loading?.title, lang],
    ({ model, loading }) => {
      const shown = model ? modelTitle(model.choice, model.info.title) : loading ? modelTitle(loading.choice, loading.title) : t('model');
      $('#modelName').textContent = shown;
      button.title = shown;
      const classes = model && model.info.classes > 0 && `${model.info.classes} ${t('classes')}`;
      $('#modelFacts').textContent = model ? [classes, `${large(model.info.params)} ${t('params')}`].filter(Boolean).join(' · ') : '';
    },
  );
  store.watch(
    ({ loading, catalog, lang }) => [loading, catalog.failure, lang],
    ({ loading, catalog }) => {
      const failure = loading?.failure ?? catalog.failure;
      status.hidden = loading === null && failure === null;
      if (status.hidden) status.replaceChildren();
      else if (failure !== null) status.replaceChildren(el('div', { class: 'failed' }, failureNote(failure, nextStep(loading)), closeButton()));
      else if (loading !== null) status.replaceChildren(loadProgress(modelTitle(loading.choice, loading.title), loading.progress, actions.cancelLoad));
    },
  );

  /** @param {number} bytes */
  function clearButton(bytes) {
    const size = megabytes(bytes);
    const texts = [el('b', { text: t('clearKept') }), el('small', { text: t('kept', { size }) })];
    return el('button', { class: 'option', id: 'clearKept', on: { click: clearKept } }, ...texts);
  }

  async function clearKept() {
    await actions.clearKept();
    $('#ownFile').focus();
  }

  /** Another file where a file failed, else another try. @param {import('../state.js').Loading | null} loading */
  function nextStep(loading) {
    if (loading?.failure?.code === 'no-webgpu') return { text: t('useAuto'), act: () => actions.setDevice('auto') };
    if (loading?.choice.kind === 'files') return { text: t('ownFile'), act: () => input.click() };
    return { text: t('retry'), act: actions.retryLoad };
  }

  function closeButton() {
    const close = () => {
      if (store.state.loading !== null) actions.cancelLoad();
      else store.set({ catalog: { ...store.state.catalog, failure: null } });
    };
    return el('button', { class: 'icon small close', 'aria-label': t('close'), text: '×', on: { click: close } });
  }
}
