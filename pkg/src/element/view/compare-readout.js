import { comparedOf } from '../compared.js';
import { el, isTouch } from '../dom.js';
import { digits } from '../format.js';
import { t } from '../i18n.js';
import { drawChannel } from './figures.js';
import { readText } from './compare-pairs.js';

/** Side of the figures, in pixels of their canvases. */
const SIDE = 144;

/**
 * The bar below the comparison: one channel on both sides, and its values.
 * @param {HTMLElement} root
 * @param {import('../state.js').Store} store
 */
export function mountCompareReadout(root, store) {
  const [mapA, mapB] = ['A', 'B'].map(() => el('canvas', { width: SIDE, height: SIDE, role: 'img' }));
  const hint = el('span', { class: 'muted' });
  const who = el('div', { class: 'who' });
  const facts = el('dl', {});
  root.replaceChildren(hint, mapA, mapB, who, facts);
  store.watch(
    (state) => [comparedKey(state), state.compare?.spot, state.spot, state.pin, state.look, state.lang],
    (state) => {
      const read = comparedOf(state);
      const isShown = state.compare !== null && (state.maps !== null || state.compare.outcome !== null);
      root.hidden = !isShown;
      root.dataset.state = read === null ? 'hint' : 'read';
      hint.hidden = read !== null;
      hint.textContent = t(isTouch() ? 'hintTouch' : 'hint');
      for (const part of [mapA, mapB, who, facts]) part.hidden = read === null;
      if (read === null) return;
      const text = readText(read);
      draw(mapA, 'A', read.a, read.pair, text);
      draw(mapB, 'B', read.b, read.pair, text);
      const layers = new Set([read.pair.a, read.pair.b].flatMap((cell) => cell?.branch.name ?? []));
      who.style.setProperty('--c', `var(--b${read.pair.index})`);
      who.replaceChildren(el('b', { text: `${t('channel')} ${read.channel}` }), el('span', { lang: 'en' }, el('i', { class: 'key', 'aria-hidden': true }), [...layers].join(' · ')));
      facts.replaceChildren(...valuesOf(read));
    },
  );
}

/** @param {Readonly<import('../state.js').State>} state */
function comparedKey({ compare, maps }) {
  return compare?.outcome ?? maps;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {string} side
 * @param {import('../compared.js').Place | null} place
 * @param {import('../compare.js').Pair} pair
 * @param {string} text
 */
function draw(canvas, side, place, { palette, limits }, text) {
  canvas.hidden = place === null;
  if (place === null) return;
  canvas.ariaLabel = `${side}: ${place.maps.name}, ${text}`;
  drawChannel(canvas, { maps: place.maps, palette, limit: () => (side === 'A' ? limits.a : limits.b) }, place);
}

/** @param {import('../compared.js').Reading} read */
function valuesOf({ channel, a, b, change }) {
  const item = (/** @type {string} */ name, /** @type {string} */ text, kind = 'value') => el('div', { class: kind }, el('dt', { text: name }), el('dd', { text }));
  const value = (/** @type {string} */ side, /** @type {import('../compared.js').Place | null} */ place) => item(place ? `${side} (y ${place.y}, x ${place.x})` : side, place ? digits(place.value) : '–');
  const means = [a, b].map((place) => (place ? digits(place.maps.stats[channel]?.mean ?? 0) : '–')).join(' · ');
  return [value('A', a), value('B', b), change === null ? '' : item('B − A', `${change > 0 ? '+' : ''}${digits(change)}`), item(`${t('mean')} A · B`, means, 'opt')];
}
