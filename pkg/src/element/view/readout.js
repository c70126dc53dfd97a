import { $, el, isTouch } from '../dom.js';
import { digits } from '../format.js';
import { t } from '../i18n.js';
import { HEAD } from '../network.js';
import { clipped, seenFrom } from '../receptive.js';
import { readOf } from '../shown.js';
import { drawChannel, drawPatch } from './figures.js';
import { readText } from './module.js';
import { fieldSize } from './words.js';

/** Side of the two figures, in pixels of their canvases. */
const SIDE = 144;
/** How long a value is read before it is spoken, in milliseconds. */
const REST = 300;
/** Space between the bar and a tile that it makes way for, in CSS pixels. */
const CLEAR = 6;

/**
 * The bar below the grids: the channel that is read, its value, what it sees. While a channel is read it lies over the window's
 * lower end; it takes as much room as the hint that stands there otherwise, so that nothing moves.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 * @returns {(signal: AbortSignal) => void} to be called when the view comes into a document
 */
export function mountReadout(store, actions, shadow) {
  const root = $('#readout', shadow);
  const figure = () => el('canvas', { width: SIDE, height: SIDE, role: 'img' });
  const [map, patch] = [figure(), figure()];
  const hint = el('span', { class: 'muted' });
  const who = el('div', { class: 'who' });
  const facts = el('dl', {});
  const overlayText = el('span', {});
  const overlay = el('input', { type: 'range', id: 'overlay', min: 0, max: 100, on: { input: () => actions.setOverlay(overlay.valueAsNumber / 100) } });
  const open = el('button', {
    id: 'openLarge',
    on: {
      click: () => {
        const read = readOf(store.state);
        if (read) actions.openLarge(read.spot);
      },
    },
  });
  const save = el('button', { id: 'saveChannel', on: { click: actions.saveChannelPicture } });
  const release = el('button', { class: 'icon small', id: 'release', text: '×', on: { click: letGo } });
  const parts = [map, patch, who, facts, el('div', { class: 'acts' }, el('label', { class: 'field wide' }, overlayText, overlay), open, save, release)];
  const spoken = el('p', { class: 'spoken', 'aria-live': 'polite' });
  root.replaceChildren(hint, ...parts, spoken);
  root.addEventListener('focusout', (/** @type {FocusEvent} */ { relatedTarget }) => {
    if (relatedTarget instanceof Element && !root.contains(relatedTarget) && !relatedTarget.matches('.grid')) actions.read(null);
  });
  let [timer, lift] = [0, 0];

  store.watch(
    ({ spot, pin, large, maps, module, inner, innerMaps, look, run, picture, lang }) => [spot, pin, large, maps, module, inner, innerMaps, look, run.result, picture, lang],
    (state) => {
      const read = readOf(state);
      const isShown = read !== null && !(state.large && isPinned(state));
      root.dataset.state = !isShown ? 'hint' : state.pin === null ? 'read' : 'pinned';
      hint.hidden = isShown;
      hint.textContent = t(isTouch() ? 'hintTouch' : 'hint');
      root.hidden = state.picture === null || state.module === HEAD;
      for (const part of parts) part.hidden = !isShown;
      release.hidden = state.pin === null;
      clearTimeout(timer);
      if (read === null || state.model === null) {
        spoken.textContent = '';
        return;
      }
      const { spot, shown } = read;
      const { input } = state.model.info;
      const text = readText(read);
      drawChannel(map, shown, spot);
      drawPatch(patch, $('#seen', shadow) ?? patch, shown.layer, input, spot);
      map.ariaLabel = `${spot.layer}, ${text}`;
      const area = clipped(seenFrom(shown.layer.receptiveField, spot.y, spot.x), input);
      patch.ariaLabel = patch.title = `${t('patch')}: x ${area.x}…${area.x + area.width - 1}, y ${area.y}…${area.y + area.height - 1}`;
      who.style.setProperty('--c', `var(--b${shown.branch.index})`);
      who.replaceChildren(el('b', { text: `${t('channel')} ${spot.channel}` }), el('span', { lang: 'en' }, el('i', { class: 'key', 'aria-hidden': true }), spot.layer));
      facts.replaceChildren(...factsOf(read, shown.layer, input));
      overlayText.textContent = t('overlay');
      open.textContent = t('open');
      save.textContent = `${t('savePng')} ↓`;
      release.ariaLabel = release.title = t('release');
      timer = setTimeout(() => (spoken.textContent = text), REST);
      if (state.pin === null || isPinned(state)) makeWay();
    },
  );
  store.watch(
    ({ overlay }) => [overlay],
    (state) => {
      overlay.value = String(Math.round(state.overlay * 100));
    },
  );

  return (signal) => addEventListener('scroll', makeWay, { signal, capture: true, passive: true });

  /** Releases the channel; the focus goes to its grid, since the button goes. */
  function letGo() {
    const name = readOf(store.state)?.shown.branch.name;
    $(`.branch[data-branch="${name}"] .grid`, shadow)?.focus();
    actions.pin(null);
  }

  /** Raises the bar above the tile that is read, where it would lie over it. */
  function makeWay() {
    const tile = $('#branches .cursor:not([hidden])', shadow)?.getBoundingClientRect();
    const { top, bottom } = root.getBoundingClientRect();
    const isCovered = tile && tile.bottom > top + lift && tile.top < bottom + lift;
    lift = isCovered && root.dataset.state !== 'hint' ? bottom + lift - tile.top + CLEAR : 0;
    root.style.setProperty('--lift', `${lift}px`);
  }
}

/** @param {Readonly<import('../state.js').State>} state @returns {boolean} whether what is read belongs to the pinned channel */
function isPinned({ spot, pin }) {
  return pin !== null && (spot === null || (spot.layer === pin.layer && spot.channel === pin.channel));
}

/**
 * @param {{ spot: import('../state.js').Spot, maps: import('../maps.js').BranchMaps }} read
 * @param {import('../../index.js').LayerInfo} layer
 * @param {[number, number, number]} input
 */
function factsOf({ spot, maps }, { receptiveField }, input) {
  const { mean = 0, max = 0, sparsity = 0 } = maps.stats[spot.channel] ?? {};
  const value = maps.data[(spot.channel * maps.height + spot.y) * maps.width + spot.x] ?? 0;
  const item = (/** @type {string} */ name, /** @type {string} */ text, kind = 'opt') => el('div', { class: kind }, el('dt', { text: name }), el('dd', { text }));
  return [
    item(`${t('value')} (y ${spot.y}, x ${spot.x})`, digits(value), 'value'),
    item(t('mean'), digits(mean)),
    item(t('max'), digits(max)),
    item(t('zeros'), `${(sparsity * 100).toFixed(0)} %`),
    item(t('rf'), fieldSize(receptiveField, input)),
  ];
}
