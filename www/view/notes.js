import { $ } from '../../pkg/dist/element/dom.js';
import { megabytes } from '../../pkg/dist/element/format.js';
import { t } from '../../pkg/dist/element/i18n.js';
import { note } from '../../pkg/dist/element/view/parts.js';
import { changeText } from '../../pkg/dist/element/view/device-words.js';
import { entryTitle } from './titles.js';

/**
 * What the page says in the answer panel: what became of the GPU, and a model that suits everyday pictures.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountNotes(store, actions) {
  store.watch(
    ({ moved, lang }) => [moved, lang],
    (state) => $('#deviceNote').replaceChildren(...deviceNote(state, actions)),
  );
  store.watch(
    ({ model, catalog, lang }) => [model, catalog, lang],
    (state) => $('#offer').replaceChildren(...offer(state, actions)),
  );
}

/**
 * What became of the GPU, and another try.
 * @param {Readonly<import('../state.js').State>} state
 * @param {import('../controls.js').Actions} actions
 * @returns {HTMLElement[]}
 */
function deviceNote({ moved, device }, actions) {
  if (moved === null) return [];
  const again = moved.to === 'cpu' ? { text: t('retry'), act: () => actions.setDevice(device) } : null;
  return [note('warn', changeText(moved), again)];
}

/**
 * The general model that can be had, where the one in use comes with the page and knows few classes.
 * @param {Readonly<import('../state.js').State>} state
 * @param {import('../controls.js').Actions} actions
 * @returns {HTMLElement[]}
 */
function offer({ model, catalog }, actions) {
  const general = catalog.entries.find((entry) => !entry.offline && entry.reachable);
  const inUse = catalog.entries.find(({ id }) => model?.choice.kind === 'catalog' && id === model.choice.id);
  if (!general || !inUse?.offline) return [];
  const text = t('offer', { title: entryTitle(general.id, general.title), size: megabytes(general.bytes) });
  return [note('plain', text, { text: t('loadModel'), act: () => actions.loadModel(general.id) })];
}
