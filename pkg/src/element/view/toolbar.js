import { PALETTES, rampImage } from '../color-map.js';
import { $, el } from '../dom.js';
import { digits } from '../format.js';
import { t } from '../i18n.js';
import { SCALES, SORTS, limitOf } from '../maps.js';
import { openModule, shownBranches } from '../shown.js';
import { check, radios } from './radios.js';
import { term } from './term.js';

/** What the choices are called, and the rules that the legend states. */
const SORT_NAMES = { index: 'sIndex', mean: 'sMean', max: 'sMax', sparsity: 'sSparsity', contribution: 'sContribution' };
const SCALE_NAMES = { channel: 'perChannel', branch: 'perBranch', layer: 'perLayer' };
const SHOW_NAMES = { maps: 'showMaps', looks: 'showLooks' };
const RULES = { channel: 'scaleChannel', branch: 'scaleBranch', layer: 'scaleLayer' };

/**
 * How the module view's grids are shown: order, scale, palette, tile size, and the legend that says so.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 */
export function mountToolbar(store, actions, shadow) {
  const root = $('#toolbar', shadow);
  const sort = el('select', { id: 'sort', on: { change: () => actions.setLook({ sort: sort.value }) } });
  const turn = el('button', { class: 'icon small', id: 'sortDir', text: '⇅', on: { click: () => actions.setLook({ reverse: !store.state.look.reverse }) } });
  const shows = radios('seg', /** @type {const} */ (['maps', 'looks']), actions.setShows);
  shows.id = 'shows';
  const scale = radios('seg', SCALES, (value) => actions.setLook({ scale: value }));
  const palette = radios('swatches', PALETTES, (value) => actions.setLook({ palette: value }));
  const tile = el('input', { type: 'range', id: 'tile', min: 20, max: 96, step: 4, on: { input: () => actions.setLook({ tile: tile.valueAsNumber }) } });
  const dead = el('input', { type: 'checkbox', id: 'hideDead', on: { change: () => actions.setLook({ hideDead: dead.checked }) } });
  const deadCount = el('span', { class: 'num muted' });
  const texts = Object.fromEntries(['sort', 'scale', 'map', 'tile', 'hideDead'].map((key) => [key, el('span', {})]));
  const legend = el('div', { class: 'legend', id: 'legend' });
  /** What says how maps are shown, and nothing of what channels look for. */
  const ofMaps = [
    el('div', { class: 'field' }, el('label', { class: 'field' }, texts.sort, sort), turn),
    el('div', { class: 'field' }, texts.scale, scale),
    el('div', { class: 'field' }, texts.map, palette),
    el('label', { class: 'check' }, dead, texts.hideDead),
    deadCount,
  ];
  root.replaceChildren(
    shows,
    ...ofMaps.slice(0, 3),
    el('label', { class: 'field' }, texts.tile, tile),
    ...ofMaps.slice(3),
    el('span', { class: 'grow' }),
    legend,
  );

  store.watch(
    ({ look, shows, maps, module, model, lang, explanation, inner, innerMaps, off, run, picture }) => [look, shows, maps, module, model, lang, explanation, inner, innerMaps, off, run.result, picture === null],
    (state) => {
      const { look, model, maps, off } = state;
      root.ariaLabel = t('toolbar');
      for (const [key, span] of Object.entries(texts)) span.textContent = t(key);
      const canContribute = showSorts(sort, state);
      sort.value = look.sort === 'contribution' && !canContribute ? 'index' : look.sort;
      turn.ariaLabel = turn.title = t('sortDir');
      turn.ariaPressed = String(look.reverse);
      tile.value = String(look.tile);
      dead.checked = look.hideDead;
      const shown = shownBranches(state);
      const count = shown.reduce((sum, { branch, maps }) => sum + (off.has(branch.name) ? 0 : (maps?.dead ?? 0)), 0);
      deadCount.replaceChildren(...(maps ? [term('Dead', `${count} ${t('dead')}`)] : []));
      for (const part of ofMaps) part.hidden = state.shows === 'looks';
      check(shows, state.shows, (value) => t(SHOW_NAMES[/** @type {'maps' | 'looks'} */ (value)]), t('shows'));
      check(scale, look.scale, (value) => t(SCALE_NAMES[/** @type {import('../maps.js').Scale} */ (value)]), t('scale'));
      check(palette, look.palette, (value) => t(value), t('map'));
      root.hidden = model === null || openModule(state) === null;
      showLegend(legend, state, shown);
    },
  );
}

/**
 * @param {HTMLSelectElement} select
 * @param {Readonly<import('../state.js').State>} state
 * @returns {boolean} whether contributions can be known
 */
function showSorts(select, state) {
  const { model, explanation, run } = state;
  const module = openModule(state);
  const isLast = module !== null && module === model?.network.modules.at(-1);
  const found = explanation?.contributions;
  const canContribute = isLast && (run.result?.predictions.length ?? 0) > 0 && (!found || found.layer === module.name);
  const options = SORTS.map((value) => {
    const disabled = value === 'contribution' && !canContribute;
    return el('option', { value, text: t(SORT_NAMES[value]), disabled, title: disabled ? t('contribOnly') : '' });
  });
  select.replaceChildren(...options);
  return canContribute;
}

/**
 * @param {HTMLElement} legend
 * @param {Readonly<import('../state.js').State>} state
 * @param {import('../shown.js').Shown[]} shown
 */
function showLegend(legend, { look, picture, shows }, shown) {
  const known = shown.flatMap(({ maps }) => maps ?? []);
  const isSigned = look.palette === 'diverging' || (known.length > 0 && known.every(({ signed }) => signed));
  const [first] = known;
  const limit = look.scale === 'layer' && first ? digits(limitOf(first, 0, 'layer', known)) : null;
  const end = look.scale === 'branch' ? t('perBranch').toLowerCase() : t('max');
  const high = limit ? `≥ ${limit}` : end;
  const low = isSigned ? (limit ? `≤ −${limit}` : `−${end}`) : '0';
  const ramp = el('i', { class: 'ramp', 'aria-hidden': true, vars: { '--ramp': rampImage(isSigned ? 'diverging' : look.palette) } });
  legend.replaceChildren(el('span', { class: 'num', text: low }), ramp, el('span', { class: 'num', text: high }), el('small', { text: t(RULES[look.scale]) }));
  legend.hidden = picture === null || shows === 'looks';
}
