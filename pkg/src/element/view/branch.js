import { el } from '../dom.js';
import { digits, percent, points } from '../format.js';
import { t } from '../i18n.js';
import { histogramOf } from '../maps.js';
import { AtlasBar } from './atlas-bar.js';
import { Grid } from './grid.js';
import { showPath } from './path.js';
import { branchSwitch } from './switch.js';
import { term } from './term.js';
import { className } from './words.js';

/** @typedef {import('../network.js').Branch} Branch */
/** @typedef {import('../maps.js').BranchMaps} BranchMaps */

/** Statistics whose names are explained. @type {Record<string, Parameters<typeof term>[0] | undefined>} */
const TERMS = { energyShort: 'Energy', zeros: 'Zeros', dead: 'Dead' };
/** Bars of a histogram. */
const BARS = 24;

/** One branch of the open module: its path, statistics, histogram and grid. */
export class BranchView {
  #isOff = false;
  #isLive = false;
  #pause = () => {};
  /** Whether what the channels look for is shown. */
  #looks = false;
  /** @type {BranchMaps | null} */
  #maps = null;

  /**
   * @param {Branch} branch
   * @param {import('../controls.js').Actions} actions
   */
  constructor(branch, actions) {
    this.branch = branch;
    const pause = () => this.#pause();
    this.grid = new Grid(branch.index, { read: actions.read, pin: actions.pin, open: actions.openLarge, pause });
    this.bar = new AtlasBar(actions);
    this.effect = el('span', { class: 'effect num' });
    this.toggle = branchSwitch(branch.name, [branch.name], actions);
    this.path = el('div', { class: 'path', role: 'group', 'aria-label': `${branch.label}, ${t('layers')}` });
    this.stats = el('dl', { class: 'stats' });
    this.bars = Array.from({ length: BARS }, () => el('i'));
    this.tick = el('u', { hidden: true });
    this.histogram = el('div', { class: 'histogram', role: 'img' }, ...this.bars, this.tick);
    this.axis = el('div', { class: 'axis num', 'aria-hidden': true, title: `${t('hist')}: ${t('histLog')}` });
    this.distribution = el('div', { class: 'distribution' }, this.histogram, this.axis);
    this.note = el('p', { class: 'grid-note', hidden: true });
    this.maps = el('div', { class: 'maps' }, this.grid.box, this.note);
    this.read = el('p', { class: 'read' });
    this.element = el(
      'section',
      { class: 'branch', 'aria-label': branch.label, 'data-branch': branch.name, vars: { '--c': `var(--b${branch.index})` } },
      el('header', {}, el('b', { lang: 'en', text: branch.label }), el('span', { class: 'grow' }), this.effect, this.toggle.element),
      this.path,
      this.stats,
      this.distribution,
      this.bar.element,
      this.maps,
      this.read,
    );
    this.actions = actions;
  }

  /**
   * Whether the branch is on, and what switching it off would change, where that is known.
   * @param {Readonly<import('../state.js').State>} state
   */
  showSwitch({ off, ranking, live }) {
    this.#isLive = live;
    this.element.dataset.state = this.toggle.update(off);
    this.#isOff = off.has(this.branch.name);
    this.#showNote();
    const found = ranking?.effects.find((effect) => effect.branch === this.branch.name);
    this.effect.textContent = found ? `${t('ifOff')} ${points(found.change)} ${t('points')}` : '';
    this.effect.title = found && ranking ? `${className(ranking.of)}, ${t('ifOff')}` : '';
  }

  /**
   * @param {object} shown
   * @param {import('../../index.js').LayerInfo} shown.layer the branch's end or a layer inside
   * @param {BranchMaps | null} shown.maps null while they are not known
   * @param {number[] | null} shown.order of the channels
   * @param {import('./grid.js').Pictures | null} shown.atlas
   * @param {Readonly<import('../state.js').State> | null} shown.looks what says how far the pictures of what it looks for are; null: the maps are shown
   * @param {number | null} shown.limit the value at the end of the branch's scale; null: of each channel
   * @param {number | null} shown.share of the module's energy
   * @param {boolean} shown.expected whether there will be maps
   */
  show({ layer, maps, order, atlas, looks, limit, share, expected }) {
    const { name } = this.branch;
    const channels = layer.shape[0];
    this.#maps = expected ? maps : null;
    showPath(this.path, this.branch, layer.name, this.actions);
    for (const part of [this.stats, this.distribution, this.read]) part.hidden = !expected || looks !== null;
    this.maps.hidden = !expected;
    this.bar.element.hidden = !expected || looks === null;
    if (looks !== null) this.bar.show(looks, layer.name, channels);
    this.#pause = () => looks && this.actions.toggleAtlas(layer.name);
    this.#looks = looks !== null;
    const facts = maps ? [`${t('mean')} ${digits(maps.mean)}`, `${t('max')} ${digits(maps.max)}`, `${t('zeros')} ${percent(maps.zeros)} %`] : [];
    this.stats.replaceChildren(
      value('energyShort', share === null ? '–' : `${percent(share)} %`),
      value('mean', maps ? digits(maps.mean) : '–'),
      value('max', maps ? digits(maps.max) : '–'),
      value('zeros', maps ? `${(maps.zeros * 100).toFixed(0)} %` : '–'),
    );
    this.#showHistogram(maps, layer.name, limit);
    const count = order?.length ?? channels;
    const label = [layer.name === name ? name : `${name}: ${layer.name}`, count === channels ? `${channels} ${t('channels')}` : t('shownOf', { n: count, total: channels }), ...facts].join(', ');
    this.grid.show(maps && order && atlas ? { maps, order, atlas } : null, count, label);
    this.#showNote();
    const range = limit === null ? null : `${maps?.signed ? '±' : '≥'} ${digits(limit)}`;
    this.read.textContent = [t('shownOf', { n: count, total: channels }), range].filter(Boolean).join(' · ');
  }

  /** Says why there is nothing to see, or since when what is shown is out of date. */
  #showNote() {
    const maps = this.#maps;
    const isZero = maps !== null && maps.dead === maps.channels;
    this.note.hidden = maps === null || this.#looks || !(this.#isOff || isZero);
    this.note.textContent = this.#isOff ? offText(maps, this.branch.label, this.#isLive) : isZero ? t('allDead') : '';
  }

  /**
   * @param {BranchMaps | null} maps
   * @param {string} layer
   * @param {number | null} limit
   */
  #showHistogram(maps, layer, limit) {
    const counts = maps ? histogramOf(maps, BARS) : new Uint32Array(BARS);
    const largest = Math.log1p(counts.reduce((a, b) => Math.max(a, b), 0));
    const max = maps?.max ?? 0;
    const said = [`${layer}, ${t('hist')}`, maps && `0–${digits(max)}`, limit !== null && `${t('scaleBranch')} ${digits(limit)}`];
    this.histogram.ariaLabel = said.filter(Boolean).join(', ');
    counts.forEach((count, i) => {
      const height = largest > 0 ? (Math.log1p(count) / largest) * 100 : 0;
      this.bars[i].style.setProperty('--height', `${height.toFixed(1)}%`);
    });
    const isMarked = limit !== null && max > 0;
    this.tick.hidden = !isMarked;
    if (isMarked) this.distribution.style.setProperty('--limit', `${(Math.min(1, limit / max) * 100).toFixed(1)}%`);
    const middle = isMarked ? el('span', { class: 'limit', text: digits(limit) }) : el('span', { class: 'name', text: t('hist') });
    this.axis.replaceChildren(el('span', { text: '0' }), middle, el('span', { text: maps ? digits(max) : '' }));
  }
}

/**
 * @param {BranchMaps | null} maps that are shown of a branch that is off
 * @param {string} label of the branch
 * @param {boolean} isLive whether frames of a video are shown
 * @returns {string} what they are
 */
export function offText(maps, label, isLive) {
  if (maps === null || maps.dead === maps.channels) return t('branchesOff', { b: label });
  return t(isLive ? 'switchedOffLive' : 'switchedOff');
}

/**
 * @param {string} key
 * @param {string} text
 */
function value(key, text) {
  const explained = TERMS[key];
  return el('div', {}, el('dt', {}, explained ? term(explained, t(key)) : t(key)), el('dd', { text }));
}
