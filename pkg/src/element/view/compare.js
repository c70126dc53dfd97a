import { $, el, rove, setTabStop } from '../dom.js';
import { t } from '../i18n.js';
import { openModule } from '../shown.js';
import { mountCompareLook } from './compare-look.js';
import { mountPairs } from './compare-pairs.js';
import { mountCompareReadout } from './compare-readout.js';
import { mountCompareSides } from './compare-sides.js';
import { mountCompareSource } from './compare-source.js';
import { takeDrops } from './drops.js';

const KINDS = /** @type {const} */ ({ picture: 'otherPicture', model: 'otherModel' });

/**
 * The comparison below the module view: another picture in the same model, or the same picture in another model.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 * @returns {(signal: AbortSignal) => void} to be called when the view comes into a document
 */
export function mountCompare(store, actions, shadow) {
  const [panel, toggle] = [$('#compare', shadow), $('#compareToggle', shadow)];
  const title = el('h2', { id: 'h-compare' });
  const kinds = el('div', { class: 'seg', id: 'compareKind', role: 'radiogroup' });
  const close = el('button', { class: 'icon small', id: 'compareClose', text: '×' });
  const [source, look, sides, pairs, readout] = ['source', 'toolbar', 'sides', 'pairs', 'readout'].map((name) => el('div', { class: name }));
  kinds.append(...Object.keys(KINDS).map((kind) => el('button', { role: 'radio', 'data-kind': kind, on: { click: () => actions.compareWith(/** @type {keyof typeof KINDS} */ (kind)) } })));
  rove(kinds, '[role=radio]', { choose: true });
  toggle.addEventListener('click', () => {
    if (store.state.compare !== null) return leave();
    actions.compareWith('picture');
    panel.scrollIntoView({ block: 'start' });
    $('[aria-checked=true]', kinds)?.focus({ preventScroll: true });
  });
  close.addEventListener('click', leave);
  takeDrops(panel, actions.compareTransfer);

  function leave() {
    actions.closeCompare();
    toggle.focus();
  }

  /** What came into a document before it was mounted is connected then. @type {AbortSignal | null} */
  let connection = null;
  /** @type {((signal: AbortSignal) => void) | null} */
  let connectPairs = null;
  store.watch(
    (state) => [state.compare === null, state.compare?.kind, openModule(state) === null, state.lang],
    (state) => {
      const { compare } = state;
      panel.hidden = compare === null || openModule(state) === null;
      toggle.ariaExpanded = String(compare !== null);
      title.textContent = t('compare');
      kinds.ariaLabel = t('compareWith');
      close.ariaLabel = close.title = t('close');
      for (const button of kinds.children) {
        const kind = /** @type {keyof typeof KINDS} */ (button.dataset.kind);
        button.textContent = t(KINDS[kind]);
        button.ariaChecked = String(kind === compare?.kind);
      }
      setTabStop(kinds, '[role=radio]');
      if (compare === null || connectPairs !== null) return;
      panel.replaceChildren(el('div', { class: 'panel-head' }, title, kinds, el('span', { class: 'grow' }), close), source, look, sides, pairs, readout);
      mountCompareSource(source, store, actions);
      mountCompareLook(look, store, actions);
      mountCompareSides(sides, store, actions);
      connectPairs = mountPairs(pairs, store, actions);
      if (connection !== null && !connection.aborted) connectPairs(connection);
      mountCompareReadout(readout, store);
    },
  );
  return (signal) => {
    connection = signal;
    connectPairs?.(signal);
  };
}
