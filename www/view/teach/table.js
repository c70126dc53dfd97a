import { el } from '../../../pkg/dist/element/dom.js';
import { t } from '../../../pkg/dist/element/i18n.js';
import { ACCEPTED_PICTURES } from '../../../pkg/dist/client/pictures/picture-formats.js';
import { byClass } from '../../teach/state.js';
import { nameField } from './card.js';
import { takeDrops } from './drop.js';
import { openMenu } from './menu.js';
import { tile } from './tile.js';
import { number, titleOf } from './words.js';

/** @typedef {import('../../teach/state.js').ClassName} ClassName */
/** @typedef {import('../../teach/state.js').Example} Example */
/** @typedef {{ label: ClassName, examples: Example[], recall: number | null }} Row */

/** Height of a row in pixels, rows beyond those that are seen, thumbnails in a row. */
const [HEIGHT, AROUND, THUMBNAILS] = [40, 4, 9];
const SORTS = /** @type {const} */ (['sWorst', 'sName', 'sCount']);

/** Many classes: a row each, of which only those that are seen are there. */
export class Table {
  /** @type {Row[]} */
  #rows = [];
  /** @type {Map<ClassName, { element: HTMLElement, of: Row, at: number }>} */
  #drawn = new Map();
  #largest = 1;

  /**
   * @param {import('../../state.js').Store} store
   * @param {import('../../teach/teaching.js').Teaching} teaching
   * @param {{ renamed: (label: string, to: string) => void, opened: (label: ClassName) => void }} act opened: its pictures are to be shown
   */
  constructor(store, teaching, act) {
    this.store = store;
    this.teaching = teaching;
    this.act = act;
    const again = () => store.show(() => this.#arrange());
    this.search = el('input', { class: 'search', type: 'search', on: { input: again } });
    this.sort = el('select', { on: { change: again } }, ...SORTS.map((value) => el('option', { value })));
    this.sortWord = el('span', {});
    this.head = el('div', { class: 'r hd', role: 'row', 'aria-rowindex': 1 });
    this.body = el('div', { class: 'rows', role: 'rowgroup' });
    this.element = el('div', { class: 'ctable', role: 'table', tabIndex: 0, on: { scroll: again } }, el('div', { role: 'rowgroup' }, this.head), this.body);
    this.tools = el('div', { class: 'tools' }, this.search, el('label', {}, this.sortWord, this.sort));
    this.file = el('input', { type: 'file', multiple: true, hidden: true, accept: ACCEPTED_PICTURES });
    this.tools.append(this.file);
  }

  /** @param {import('../../teach/state.js').Teach} teach */
  update({ labels, examples, report }) {
    const pictures = byClass(examples);
    const recalls = new Map(report?.labels.map((label, i) => [label, report.classes[i]?.recall ?? null]));
    const rows = labels.map((label) => ({ label, examples: pictures.get(label) ?? [], recall: recalls.get(label) ?? null }));
    const none = pictures.get(null);
    this.#rows = none ? [...rows, { label: null, examples: none, recall: null }] : rows;
    this.#largest = Math.max(1, ...this.#rows.map((row) => row.examples.length));
    this.search.placeholder = this.search.ariaLabel = t('searchClass');
    this.sortWord.textContent = t('classSort');
    for (const option of this.sort.options) option.textContent = t(option.value);
    this.element.ariaLabel = t('teachTitle');
    const cells = /** @type {const} */ ([[t('className'), ''], [t('sCount'), ''], ['', 'opt2'], [t('recall'), ''], ['', 'opt2'], ['', '']]);
    this.head.replaceChildren(...cells.map(([text, name]) => el('span', { role: text ? 'columnheader' : 'cell', class: name, text })));
    this.#arrange();
  }

  /** @returns {Row[]} those that are sought, in their order */
  #wanted() {
    const sought = this.search.value.trim().toLowerCase();
    const found = this.#rows.filter(({ label }) => titleOf(label).toLowerCase().includes(sought));
    const by = this.sort.value;
    const collator = new Intl.Collator(document.documentElement.lang || 'en', { numeric: true });
    return found.sort((a, b) => {
      if (by === 'sCount') return b.examples.length - a.examples.length;
      const byName = collator.compare(titleOf(a.label), titleOf(b.label));
      return by === 'sName' ? byName : (a.recall ?? 2) - (b.recall ?? 2) || byName;
    });
  }

  #arrange() {
    const rows = this.#wanted();
    this.element.ariaRowCount = String(rows.length + 1);
    this.body.style.setProperty('--height', `${rows.length * HEIGHT}px`);
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / HEIGHT) - AROUND);
    const seen = rows.slice(first, Math.ceil((scrollTop + Math.max(clientHeight, 430)) / HEIGHT) + AROUND);
    const focused = document.activeElement;
    const kept = new Map(seen.map((row, i) => [row.label, { row, at: first + i }]));
    for (const [label, { element, of }] of this.#drawn) {
      const now = kept.get(label)?.row;
      const isSame = now !== undefined && now.recall === of.recall && now.examples.length === of.examples.length && now.examples.every((example, i) => example === of.examples[i]);
      if (isSame || (now !== undefined && element.contains(focused))) continue;
      element.remove();
      this.#drawn.delete(label);
    }
    for (const [label, { row, at }] of kept) {
      const element = this.#drawn.get(label)?.element ?? this.#row(row);
      element.style.setProperty('--at', `${at * HEIGHT}px`);
      element.setAttribute('aria-rowindex', String(at + 2));
      if (!element.isConnected) this.body.append(element);
      this.#drawn.set(label, { element, of: row, at });
    }
    // Tab goes from row to row as they are seen.
    const order = [...this.#drawn.values()].sort((a, b) => a.at - b.at).map(({ element }) => element);
    order.forEach((element, i) => {
      if (this.body.children[i] !== element && !element.contains(focused)) this.body.insertBefore(element, this.body.children[i] ?? null);
    });
  }

  /** @param {Row} row */
  #row({ label, examples, recall }) {
    const title = titleOf(label);
    const menu = el('button', { text: '⋯', title: t('menuOf', { c: title }), 'aria-label': t('menuOf', { c: title }), 'aria-haspopup': 'menu', 'aria-expanded': false });
    menu.addEventListener('click', () =>
      this.store.show(() => {
        const items = [{ text: t('showPictures'), act: () => this.act.opened(label) }];
        if (label !== null) items.push({ text: t('removeClass'), act: () => this.teaching.edits?.removeClass(label) });
        openMenu(menu, t('menuOf', { c: title }), items);
      }),
    );
    const add = el('button', { text: '+', title: t('addFiles'), 'aria-label': `${t('addFiles')}: ${title}`, on: { click: () => this.#choose(label) } });
    const share = examples.length / this.#largest;
    const element = el(
      'div',
      { class: 'r', role: 'row' },
      el('span', { role: 'cell' }, label === null ? el('b', { text: title }) : named(label, (to) => this.act.renamed(label, to))),
      el('span', { role: 'cell', class: 'num', text: number(examples.length) }),
      el('span', { role: 'cell', class: 'opt2' }, el('span', { class: 'part', vars: { '--p': `${share * 100}%` } }, el('i'))),
      el('span', { role: 'cell', class: 'num', text: recall === null ? '' : `${Math.round(recall * 100)} %` }),
      el('span', { role: 'cell', class: 'mini opt2' }, ...examples.slice(-THUMBNAILS).reverse().map((example) => tile(example, 'i'))),
      el('span', { role: 'cell', class: 'line' }, add, menu),
    );
    takeDrops(element, (dropped) => this.teaching.addDropped(dropped, label));
    return element;
  }

  /** @param {ClassName} label */
  #choose(label) {
    this.file.onchange = () => {
      this.teaching.addFiles(label, [...this.file.files]);
      this.file.value = '';
    };
    this.file.click();
  }
}

/** @param {string} label @param {(to: string) => void} renamed */
function named(label, renamed) {
  const field = nameField(label, renamed);
  field.ariaLabel = t('className');
  return field;
}
