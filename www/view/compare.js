import { $, el, rove, setTabStop } from '../dom.js';
import { t } from '../i18n.js';
import { carriesContent } from '../transfer.js';
import { mountCompareLook } from './compare-look.js';
import { mountPairs } from './compare-pairs.js';
import { mountCompareReadout } from './compare-readout.js';
import { mountCompareSides } from './compare-sides.js';
import { mountCompareSource } from './compare-source.js';

const KINDS = /** @type {const} */ ({ picture: 'otherPicture', model: 'otherModel' });

/**
 * The comparison below the module view: another picture in the same model, or the same picture in another model.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountCompare(store, actions) {
  const [panel, toggle] = [$('#compare'), $('#compareToggle')];
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

  let isMounted = false;
  store.watch(
    ({ compare, lang }) => [compare === null, compare?.kind, lang],
    ({ compare }) => {
      panel.hidden = compare === null;
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
      if (compare === null || isMounted) return;
      isMounted = true;
      panel.replaceChildren(el('div', { class: 'panel-head' }, title, kinds, el('span', { class: 'grow' }), close), source, look, sides, pairs, readout);
      mountCompareSource(source, store, actions);
      mountCompareLook(look, store, actions);
      mountCompareSides(sides, store, actions);
      mountPairs(pairs, store, actions);
      mountCompareReadout(readout, store);
    },
  );
}

/**
 * What is dropped on the panel goes to side B, not to the page.
 * @param {HTMLElement} panel
 * @param {(data: DataTransfer) => void} take
 */
function takeDrops(panel, take) {
  panel.addEventListener('dragover', (event) => {
    if (!carriesContent(event)) return;
    event.preventDefault();
    event.stopPropagation();
    $('#drop').hidden = true;
    panel.classList.add('dropping');
  });
  panel.addEventListener('dragleave', ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && panel.contains(relatedTarget))) panel.classList.remove('dropping');
  });
  panel.addEventListener('drop', (event) => {
    panel.classList.remove('dropping');
    if (!carriesContent(event) || event.dataTransfer === null) return;
    event.preventDefault();
    event.stopPropagation();
    take(event.dataTransfer);
  });
}
