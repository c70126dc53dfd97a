import { el } from '../dom.js';
import { t } from '../i18n.js';
import { Atlas } from './atlas.js';
import { Grid } from './grid.js';

/** One side's maps of a branch, with their statistics. */
export class PairCell {
  count = 0;
  /** @type {{ maps: import('../maps.js').BranchMaps, palette: string, limit: number, atlas: Atlas } | null} */
  #kept = null;

  /**
   * @param {string} side
   * @param {number} index of the branch
   * @param {import('./grid.js').Handlers} handlers
   */
  constructor(side, index, handlers) {
    this.side = side;
    this.grid = new Grid(`${side.replace(' − ', '-')}-${index}`, handlers);
    this.channels = el('small', { class: 'muted num' });
    this.stats = el('dl', { class: 'stats' });
    this.missing = el('p', { class: 'muted', hidden: true });
    this.note = el('p', { class: 'grid-note', hidden: true });
    this.maps = el('div', { class: 'maps' }, this.grid.box, this.note);
    this.element = el('div', { class: 'cell', 'data-side': side }, el('div', { class: 'cell-head' }, el('b', { class: 'letter', text: side }), this.channels), this.stats, this.maps, this.missing);
  }

  /**
   * @param {import('../compare.js').Cell | null} cell
   * @param {import('../color-map.js').Palette} palette
   * @param {number} limit
   * @param {[string, string][]} facts
   * @param {string} missing what is said where there is no such branch
   * @param {string | null} off what is said where it is switched off
   */
  show(cell, palette, limit, facts, missing, off = null) {
    for (const part of [this.channels, this.stats, this.maps]) part.hidden = cell === null;
    this.element.dataset.state = off === null ? 'on' : 'off';
    this.note.hidden = off === null;
    this.note.textContent = off;
    this.missing.hidden = cell !== null;
    this.missing.textContent = missing;
    this.stats.replaceChildren(...facts.map(([name, text]) => el('div', {}, el('dt', { text: name }), el('dd', { text }))));
    const { maps = null, order = null, branch } = cell ?? {};
    const total = branch?.channels ?? 0;
    this.count = order?.length ?? total;
    this.channels.textContent = this.count === total ? `${total} ${t('channels')}` : t('shownOf', { n: this.count, total });
    const content = maps && order ? { maps, order, atlas: this.#atlas(maps, palette, limit) } : null;
    const said = content ? facts.map((fact) => fact.join(' ')) : [];
    this.grid.show(content, this.count, [`${this.side}: ${branch?.name ?? ''}`, this.channels.textContent, ...said, ...(off === null ? [] : [off])].join(', '));
  }

  /**
   * @param {import('../maps.js').BranchMaps} maps
   * @param {import('../color-map.js').Palette} palette
   * @param {number} limit
   */
  #atlas(maps, palette, limit) {
    const kept = this.#kept;
    if (kept?.maps === maps && kept.palette === palette && kept.limit === limit) return kept.atlas;
    this.#kept = { maps, palette, limit, atlas: new Atlas(maps, palette, () => limit) };
    return this.#kept.atlas;
  }
}
