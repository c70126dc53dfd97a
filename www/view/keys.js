import { $, el, isField } from '../../pkg/dist/element/dom.js';
import { t } from '../../pkg/dist/element/i18n.js';

/** Where keys act, which, and the strings that say what they do. @type {[where: string, [keys: string[], does: string][]][]} */
const KEYS = [
  [
    'keysAnywhere',
    [
      [['[', ']'], 'keyModules'],
      [['1', '…', '6'], 'keySwitch'],
      [['0'], 'reset'],
      [['R'], 'run'],
      [['+', '−'], 'keyZoom'],
      [['F'], 'keyFit'],
      [['T'], 'keyTheme'],
      [['V'], 'keyViews'],
      [['?'], 'keyList'],
    ],
  ],
  [
    'keysMap',
    [
      [['←', '→'], 'keyCards'],
      [['↑', '↓'], 'keyLanes'],
      [['Enter'], 'keyOpen'],
      [['Space'], 'keyToggle'],
    ],
  ],
  [
    'keysGrid',
    [
      [['←', '→', '↑', '↓'], 'keyChannels'],
      [['Home', 'End'], 'keyEnds'],
      [['Shift', '+', '←', '→', '↑', '↓'], 'keyCursor'],
      [['Enter'], 'keyPin'],
      [['O'], 'open'],
      [['P'], 'keyPause'],
      [['Esc'], 'release'],
    ],
  ],
  [
    'keysLarge',
    [
      [['←', '→'], 'keyNeighbour'],
      [['G'], 'goTo'],
      [['L'], 'keyLooks'],
      [['Esc'], 'backGrid'],
    ],
  ],
  ['keysWhy', [[['[', ']'], 'keyWhy']]],
  [
    'keysTeach',
    [
      [['←', '→', '↑', '↓'], 'keyPictures'],
      [['Space'], 'keySelect'],
      [['Shift', '+', '←', '→', '↑', '↓'], 'keySelectMore'],
      [['Enter'], 'openPic'],
      [['Delete'], 'keyDelete'],
      [['M'], 'keyMove'],
      [['Ctrl', '+', 'Z'], 'keyUndo'],
    ],
  ],
];
/** Between keys, and not keys. */
const SIGNS = new Set(['…', '+']);

/**
 * The list of keys, which `?` opens.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountKeys(store, actions) {
  /** @type {HTMLDialogElement} */
  const dialog = $('#keys');
  const open = () => {
    store.show(fill);
    dialog.showModal();
  };
  $('#openKeys').addEventListener('click', open);
  dialog.addEventListener('click', ({ target }) => {
    if (target === dialog) dialog.close();
  });
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.composedPath()[0])) return;
    if (event.key !== '?' && event.key !== '？') return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else if (!event.composedPath().some((target) => target instanceof HTMLDialogElement)) open();
  });

  function fill() {
    const close = () => dialog.close();
    const again = () => {
      close();
      actions.showTour();
    };
    dialog.replaceChildren(
      el('div', { class: 'row' }, el('h2', { id: 'h-keys', text: t('keys') }), el('button', { class: 'icon small', 'aria-label': t('close'), text: '×', on: { click: close } })),
      el('div', { class: 'key-lists' }, ...KEYS.map(([where, rows]) => el('section', {}, el('h3', { text: t(where) }), el('dl', {}, ...rows.map(([keys, does]) => row(keys, t(does))))))),
      el('button', { id: 'tourAgain', text: t('tourAgain'), on: { click: again } }),
    );
  }
}

/**
 * @param {string[]} keys
 * @param {string} does
 */
function row(keys, does) {
  const caps = keys.map((key, i) => (SIGNS.has(key) && i > 0 ? el('span', { text: key }) : el('kbd', { text: key })));
  return el('div', {}, el('dt', {}, ...caps), el('dd', { text: does }));
}
