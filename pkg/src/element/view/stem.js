import { $, el, observeWidth } from '../dom.js';
import { large } from '../format.js';
import { t } from '../i18n.js';
import { STEM } from '../network.js';
import { openPart, readOf, shownBranches } from '../shown.js';
import { Atlas } from './atlas.js';
import { FilteredAtlas, filterPictures } from './filters.js';
import { Grid } from './grid.js';
import { readText } from './module.js';
import { showPath } from './path.js';

/** @typedef {import('../shown.js').Shown} Shown */

/** Least side of a tile in CSS pixels: a filter has its corner of it. */
const TILE = 64;

/**
 * The stem, opened: all channels of its first convolution, each with its filter, and those of its other layers in their place.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 * @returns {(signal: AbortSignal) => void} to be called when the view comes into a document
 */
export function mountStem(store, actions, shadow) {
  const root = $('#stem', shadow);
  const name = el('b', { lang: 'en' });
  const lesson = el('span', { class: 'lesson' });
  const path = el('div', { class: 'path', role: 'group' });
  const grid = new Grid(STEM, { read: actions.read, pin: actions.pin, open: actions.openLarge });
  const note = el('p', { class: 'note' });
  root.replaceChildren(el('section', { class: 'stem-view' }, el('header', {}, name, lesson), path, grid.box, note));
  const layout = () => grid.layout(grid.fit(Math.max(TILE, store.state.look.tile)));
  /** @type {{ key: unknown[], atlas: Atlas | null }} */
  let drawn = { key: [], atlas: null };

  store.watch(
    (state) => [state.model, state.module, state.maps, state.inner, state.innerMaps, state.look, state.filters, state.theme, state.lang, state.picture === null],
    (state) => {
      const { model, filters, picture } = state;
      const part = state.module === STEM ? openPart(state) : null;
      const [shown] = part ? shownBranches(state) : [];
      root.hidden = part === null || shown === undefined;
      if (model === null || shown === undefined) return;
      const { layer, maps, branch } = shown;
      const [channels] = layer.shape;
      const own = filters?.layer === layer.name ? filters : null;
      showHead(layer);
      name.textContent = layer.name;
      lesson.textContent = layer.name === branch.name ? t('stemLesson', { n: channels }) : '';
      path.ariaLabel = `${t('stem')}, ${t('layers')}`;
      showPath(path, branch, layer.name, actions);
      const key = [maps, shown.palette, own, state.theme];
      if (key.some((value, i) => value !== drawn.key[i])) drawn = { key, atlas: atlasOf(shown, own, model.info.preprocess.channels) };
      grid.show(maps && shown.order && drawn.atlas ? { maps, order: shown.order, atlas: drawn.atlas } : null, channels, `${layer.name}: ${channels} ${t('channels')}`);
      grid.box.hidden = picture === null;
      note.hidden = own === null || picture === null;
      if (own) note.textContent = `${t('filters')}: ${t('filterNote', { h: own.shape[2], w: own.shape[3], c: own.shape[1] })}`;
      layout();
    },
  );
  store.watch(
    (state) => [state.spot, state.pin, state.model, state.module, state.maps, state.inner, state.innerMaps, state.look, state.lang],
    (state) => {
      const read = state.module === STEM ? readOf(state) : null;
      const pinned = state.pin !== null && state.pin.layer === read?.spot.layer && state.pin.channel === read.spot.channel;
      grid.mark(read?.spot ?? null, pinned, read ? readText(read) : '');
    },
  );
  store.watch(
    ({ pin }) => [pin],
    ({ spot }) => {
      if (spot === null) grid.reveal();
    },
  );
  return (signal) => observeWidth(root, layout, signal);

  /** @param {import('../../index.js').LayerInfo} layer */
  function showHead({ shape, macs }) {
    const facts = $('#moduleFacts', shadow);
    $('#h-mod', shadow).textContent = t('stem');
    facts.textContent = facts.title = [shape.join(' × '), macs > 0 && `${large(macs)} MACs`].filter(Boolean).join(' · ');
  }

  /**
   * @param {Shown} shown
   * @param {import('../../index.js').Filters | null} filters of that layer
   * @param {'rgb' | 'bgr' | 'gray'} order
   */
  function atlasOf({ maps, palette, limit }, filters, order) {
    if (maps === null) return null;
    if (filters === null) return new Atlas(maps, palette, limit);
    return new FilteredAtlas(maps, palette, limit, filterPictures(filters, order), getComputedStyle(root).getPropertyValue('--surface'));
  }
}
