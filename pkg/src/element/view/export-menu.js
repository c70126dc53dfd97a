import { $, el, rove } from '../dom.js';
import { t } from '../i18n.js';
import { openModule } from '../shown.js';

/**
 * What can be saved of the open module: each branch's maps as a picture and as an array, the statistics of all as a table.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 */
export function mountExportMenu(store, actions, shadow) {
  const [root, toggle, menu] = [$('#export', shadow), $('#exportToggle', shadow), $('#exportMenu', shadow)];

  /** @param {boolean} open */
  function show(open) {
    menu.hidden = !open;
    toggle.ariaExpanded = String(open);
    if (!open) return;
    store.show((state) => menu.replaceChildren(...groups(state)));
    $('[role=menuitem]', menu).focus();
  }
  toggle.addEventListener('click', () => show(menu.hidden));
  rove(menu, '[role=menuitem]');
  menu.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    show(false);
    toggle.focus();
  });
  root.addEventListener('focusout', (/** @type {FocusEvent} */ { relatedTarget }) => {
    if (!(relatedTarget instanceof Node && root.contains(relatedTarget))) show(false);
  });

  /**
   * @param {string} text
   * @param {string} label
   * @param {() => void} act
   */
  function item(text, label, act) {
    const choose = () => {
      show(false);
      toggle.focus();
      act();
    };
    return el('button', { role: 'menuitem', tabIndex: -1, 'aria-label': label, text: `${text} ↓`, on: { click: choose } });
  }

  /** @param {Readonly<import('../state.js').State>} state */
  function groups(state) {
    const module = openModule(state);
    const branches = (module?.branches ?? []).map(({ name, label, index }) =>
      el(
        'div',
        { class: 'group', role: 'group', 'aria-label': name, vars: { '--c': `var(--b${index})` } },
        el('span', { lang: 'en' }, el('i', { class: 'key', 'aria-hidden': true }), label),
        item(t('savePng'), `${name}: ${t('save')} ${t('savePng')}`, () => actions.saveGrid(index)),
        item(t('saveNpy'), `${name}: ${t('save')} ${t('saveNpy')}`, () => actions.saveMaps(index)),
      ),
    );
    const table = item(t('saveCsv'), `${t('saveCsvHint')}: ${t('save')} ${t('saveCsv')}`, actions.saveStatistics);
    return [...branches, el('div', { class: 'group', role: 'group', 'aria-label': t('saveCsvHint') }, el('span', { text: t('saveCsvHint') }), table)];
  }

  store.watch(
    ({ maps, module, lang }) => [maps === null, module, lang],
    ({ maps }) => {
      toggle.disabled = maps === null;
      toggle.textContent = `${t('exportAs')} ▾`;
      menu.ariaLabel = t('exportAs');
      if (!menu.hidden) show(false);
    },
  );
}
