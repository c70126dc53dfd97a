import { el } from '../dom.js';
import { digits, percent, points } from '../format.js';
import { t } from '../i18n.js';
import { histogramOf } from '../maps.js';
import { Grid } from './grid.js';
import { showPath } from './path.js';
import { branchSwitch } from './switch.js';
import { className } from './words.js';

/** @typedef {import('../network.js').Branch} Branch */
/** @typedef {import('../maps.js').BranchMaps} BranchMaps */

/** Bars of a histogram. */
const BARS = 24;

/** One branch of the open module: its path, statistics, histogram and grid. */
export class BranchView {
  /**
   * @param {Branch} branch
   * @param {import('../controls.js').Actions} actions
   */
  constructor(branch, actions) {
    this.branch = branch;
    this.grid = new Grid(branch.index, { read: actions.read, pin: actions.pin, open: actions.openLarge });
    this.count = el('small', { class: 'muted num' });
    this.effect = el('span', { class: 'effect num' });
    this.toggle = branchSwitch(branch.name, [branch.name], actions);
    this.path = el('div', { class: 'path', role: 'group', 'aria-label': `${branch.label}, ${t('layers')}` });
    this.stats = el('dl', { class: 'stats' });
    this.bars = Array.from({ length: BARS }, () => el('i'));
    this.histogram = el('div', { class: 'histogram', role: 'img', title: t('hist') }, ...this.bars);
    this.note = el('p', { class: 'note', hidden: true });
    this.read = el('p', { class: 'read' });
    this.exports = el(
      'div',
      { class: 'exports' },
      this.#button('savePng', () => actions.saveGrid(branch.index)),
      this.#button('saveNpy', () => actions.saveMaps(branch.index)),
    );
    this.figures = el('div', { class: 'figures' }, this.stats, this.histogram);
    this.foot = el('div', { class: 'branch-foot' }, this.read, this.exports);
    this.element = el(
      'section',
      { class: 'branch', 'aria-label': branch.label, 'data-branch': branch.name, vars: { '--c': `var(--b${branch.index})` } },
      el('header', {}, el('b', { lang: 'en', text: branch.label }), this.count, el('span', { class: 'grow' }), this.effect, this.toggle.element),
      this.path,
      this.figures,
      this.grid.box,
      this.note,
      this.foot,
    );
    this.actions = actions;
  }

  /**
   * @param {string} key
   * @param {() => void} act
   */
  #button(key, act) {
    return el('button', { text: `${t(key)} ↓`, 'aria-label': `${this.branch.name}: ${t('save')} ${t(key)}`, on: { click: act } });
  }

  /**
   * Whether the branch is on, and what switching it off would change, where that is known.
   * @param {Readonly<import('../state.js').State>} state
   */
  showSwitch({ off, ranking }) {
    this.element.dataset.state = this.toggle.update(off);
    const found = ranking?.effects.find((effect) => effect.branch === this.branch.name);
    this.effect.textContent = found ? `${t('ifOff')} ${points(found.change)} ${t('points')}` : '';
    this.effect.title = found && ranking ? `${className(ranking.of)}, ${t('ifOff')}` : '';
  }

  /**
   * @param {object} shown
   * @param {import('../../index.js').LayerInfo} shown.layer the branch's end or a layer inside
   * @param {BranchMaps | null} shown.maps null while they are not known
   * @param {number[] | null} shown.order of the channels
   * @param {import('./atlas.js').Atlas | null} shown.atlas
   * @param {number | null} shown.limit the value at the end of the branch's scale; null: of each channel
   * @param {number | null} shown.energy the branch's share of the module's
   * @param {boolean} shown.expected whether there will be maps
   */
  show({ layer, maps, order, atlas, limit, energy, expected }) {
    const { name } = this.branch;
    const channels = layer.shape[0];
    this.count.textContent = `${channels} ${t('channels')}`;
    showPath(this.path, this.branch, layer.name, this.actions);
    for (const part of [this.figures, this.grid.box, this.foot]) part.hidden = !expected;
    const facts = maps ? [`${t('mean')} ${digits(maps.mean)}`, `${t('max')} ${digits(maps.max)}`, `${t('zeros')} ${percent(maps.zeros)} %`] : [];
    this.stats.replaceChildren(
      value('mean', maps ? digits(maps.mean) : '–'),
      value('max', maps ? digits(maps.max) : '–'),
      value('zeros', maps ? `${(maps.zeros * 100).toFixed(0)} %` : '–'),
      value('dead', maps ? String(maps.dead) : '–'),
      value('energyShort', energy === null ? '–' : `${(energy * 100).toFixed(0)} %`),
    );
    this.#showHistogram(maps, layer.name);
    const count = order?.length ?? channels;
    const label = [layer.name === name ? name : `${name}: ${layer.name}`, count === channels ? `${channels} ${t('channels')}` : t('shownOf', { n: count, total: channels }), ...facts].join(', ');
    this.grid.show(maps && order && atlas ? { maps, order, atlas } : null, count, label);
    this.note.hidden = !expected || maps === null || maps.dead < channels;
    this.note.textContent = t('allDead');
    const range = limit === null ? null : `${maps?.signed ? '±' : '≥'} ${digits(limit)}`;
    this.read.textContent = [t('shownOf', { n: count, total: channels }), range].filter(Boolean).join(' · ');
    this.exports.hidden = maps === null;
  }

  /**
   * @param {BranchMaps | null} maps
   * @param {string} layer
   */
  #showHistogram(maps, layer) {
    const counts = maps ? histogramOf(maps, BARS) : new Uint32Array(BARS);
    const largest = Math.log1p(counts.reduce((a, b) => Math.max(a, b), 0));
    this.histogram.ariaLabel = `${layer}, ${t('hist')}${maps ? `, 0–${digits(maps.max)}` : ''}`;
    counts.forEach((count, i) => {
      const height = largest > 0 ? (Math.log1p(count) / largest) * 100 : 0;
      this.bars[i].style.setProperty('--height', `${height.toFixed(1)}%`);
    });
  }
}

/**
 * @param {string} key
 * @param {string} text
 */
function value(key, text) {
  return el('div', {}, el('dt', { text: t(key) }), el('dd', { text }));
}
