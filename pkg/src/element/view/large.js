import { $, el } from '../dom.js';
import { digits } from '../format.js';
import { t } from '../i18n.js';
import { peakOf } from '../maps.js';
import { clipped, seenFrom } from '../receptive.js';
import { readOf } from '../shown.js';
import { drawChannel, drawOverlay, drawPatch } from './figures.js';

/** Side of the figures, in pixels of their canvases. */
const SIDE = 640;

/**
 * The pinned channel large: its map, the map over the picture, and the part of the picture that excites it most.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 */
export function mountLarge(store, actions, shadow) {
  const dialog = /** @type {HTMLDialogElement} */ ($('#large', shadow));
  dialog.addEventListener('close', actions.closeLarge);
  dialog.addEventListener('click', ({ target }) => {
    if (target === dialog) dialog.close();
  });
  store.watch(
    ({ large, pin, maps, innerMaps, look, lang }) => [large, pin, maps, innerMaps, look, lang],
    (state) => {
      const read = state.large ? readOf({ ...state, spot: null }) : null;
      if (read === null || state.model === null) {
        if (dialog.open) dialog.close();
        return;
      }
      show(read, state.model.info.input);
      if (!dialog.open) dialog.showModal();
    },
  );

  /**
   * @param {NonNullable<ReturnType<typeof readOf>>} read
   * @param {[number, number, number]} input
   */
  function show({ spot, maps, shown }, input) {
    const canvas = (/** @type {string} */ label) => el('canvas', { width: SIDE, height: SIDE, role: 'img', 'aria-label': label });
    const { mean = 0, max = 0, sparsity = 0 } = maps.stats[spot.channel] ?? {};
    const peak = peakOf(maps, spot.channel);
    const best = { ...spot, y: peak.y, x: peak.x };
    const area = clipped(seenFrom(shown.layer.receptiveField, best.y, best.x), input);
    const name = `${spot.layer} · ${t('channel')} ${spot.channel}`;
    const facts = `${maps.width} × ${maps.height} · ${t('mean')} ${digits(mean)} · ${t('max')} ${digits(max)} · ${t('zeros')} ${(sparsity * 100).toFixed(0)} %`;
    const patchText = max > 0 ? `${t('bestPatch')}: ${digits(peak.value)} (y ${best.y}, x ${best.x}) · x ${area.x}…${area.x + area.width - 1}, y ${area.y}…${area.y + area.height - 1}` : t('deadChannel');
    const seen = /** @type {HTMLCanvasElement | null} */ ($('#seen', shadow));
    const [map, picture, over, patch] = [canvas(`${name}: ${facts}`), canvas(t('image')), canvas(`${name}, ${t('overlay')}`), canvas(patchText)];
    drawChannel(map, shown, best);
    if (seen) picture.getContext('2d').drawImage(seen, 0, 0, SIDE, SIDE);
    drawOverlay(over, shown, spot.channel, input);
    over.style.opacity = '0.6';
    if (seen && max > 0) drawPatch(patch, seen, shown.layer, input, best);
    const opacity = el('input', { type: 'range', id: 'largeOpacity', min: 0, max: 100, value: 60, on: { input: () => (over.style.opacity = String(opacity.valueAsNumber / 100)) } });
    const figure = (/** @type {Node} */ content, /** @type {string} */ caption) => el('figure', {}, content, el('figcaption', { class: 'num', text: caption }));
    dialog.ariaLabel = name;
    dialog.style.setProperty('--c', `var(--b${shown.branch.index})`);
    dialog.replaceChildren(
      el(
        'div',
        { class: 'panel-head' },
        el('h2', { lang: 'en' }, el('i', { class: 'key', 'aria-hidden': true }), name),
        el('span', { class: 'grow' }),
        el('button', { text: `${t('savePng')} ↓`, on: { click: actions.saveChannelPicture } }),
        el('button', { text: `${t('saveNpy')} ↓`, on: { click: actions.saveChannel } }),
        el('button', { class: 'icon small', 'aria-label': t('close'), text: '×', on: { click: () => dialog.close() } }),
      ),
      el('div', { class: 'trio' }, figure(map, facts), figure(el('div', { class: 'photo' }, picture, over), t('overlay')), figure(patch, patchText)),
      el('label', { class: 'field' }, t('opacity'), opacity),
    );
  }
}
