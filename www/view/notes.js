import { $, el } from '../../pkg/dist/element/dom.js';
import { t } from '../../pkg/dist/element/i18n.js';
import { note } from '../../pkg/dist/element/view/parts.js';
import { changeText } from '../../pkg/dist/element/view/device-words.js';

/**
 * What the page says in the answer panel: what became of the GPU, and what the model's file leaves open.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountNotes(store, actions) {
  store.watch(
    ({ moved, model, lang }) => [moved, model?.info, lang],
    (state) => $('#deviceNote').replaceChildren(...deviceNote(state, actions), ...assumptions(state)),
  );
}

/**
 * What was assumed of an own model, in the engine's words, folded; what a model of the catalog leaves open its publisher has told.
 * @param {Readonly<import('../state.js').State>} state
 * @returns {HTMLElement[]}
 */
function assumptions({ model }) {
  if (model === null || model.choice.kind === 'catalog' || model.info.assumptions.length === 0) return [];
  const { assumptions } = model.info;
  const list = el('ul', { lang: 'en' }, ...assumptions.map((text) => el('li', { text })));
  return [el('details', { class: 'note plain', id: 'assumed' }, el('summary', { text: t('assumed', { n: assumptions.length }) }), list)];
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
