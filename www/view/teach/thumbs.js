import { el } from '../../../pkg/dist/element/dom.js';
import { t } from '../../../pkg/dist/element/i18n.js';
import { toast } from '../toast.js';
import { openMenu } from './menu.js';
import { THUMBNAIL } from '../../teach/thumbnails.js';
import { tile } from './tile.js';

/** @typedef {import('../../teach/state.js').Example} Example */
/** @typedef {import('../../teach/state.js').ClassName} ClassName */

/** Pictures that are shown before somebody asks for all: three rows of six. */
const SHOWN = 18;

/** The pictures of a class, the last one first: a listbox with several choices. */
export class Thumbs {
  /** @type {Map<number, HTMLElement>} */
  #tiles = new Map();
  /** @type {Set<number>} */
  #picked = new Set();
  /** The picture that has the tab stop, and the one that a range begins with. */
  #at = -1;
  #from = -1;
  #isOpen = false;
  /** @type {Example[]} */
  #examples = [];
  /** @type {ClassName} */
  #label = null;
  /** @type {readonly string[]} */
  #others = [];

  /** @param {import('../../state.js').Store} store @param {import('../../teach/teaching.js').Teaching} teaching */
  constructor(store, teaching) {
    this.store = store;
    this.teaching = teaching;
    const show = () => store.show(() => this.#draw());
    this.list = el('div', { class: 'listbox', role: 'listbox', 'aria-multiselectable': true, on: { keydown: (/** @type {KeyboardEvent} */ event) => this.#key(event) } });
    this.list.addEventListener('focusin', (/** @type {FocusEvent} */ { target }) => this.#reach(Number(/** @type {HTMLElement} */ (target).dataset.id)));
    this.more = el('button', { class: 'th more', on: { click: () => ((this.#isOpen = !this.#isOpen), show()) } });
    this.grid = el('div', { class: 'thumbs' }, this.list, this.more);
    this.count = el('span', { class: 'num', 'aria-live': 'polite' });
    this.removeButton = el('button', { on: { click: () => this.#remove() } });
    this.moveButton = el('button', { 'aria-haspopup': 'menu', 'aria-expanded': false, on: { click: () => this.#move() } });
    this.openButton = el('button', { on: { click: () => this.#open() } });
    this.bar = el('div', { class: 'picked' }, this.count, this.openButton, this.moveButton, this.removeButton);
    this.element = el('div', {}, this.grid, this.bar);
  }

  /** @param {ClassName} label @param {Example[]} examples @param {readonly string[]} labels of all classes */
  update(label, examples, labels) {
    this.#label = label;
    this.#examples = [...examples].reverse();
    this.#others = labels.filter((other) => other !== label);
    this.#draw();
  }

  #draw() {
    const there = new Set(this.#examples.map(({ id }) => id));
    const place = Math.max(0, this.#shownIds().indexOf(this.#at));
    for (const id of this.#picked) if (!there.has(id)) this.#picked.delete(id);
    const all = this.#examples;
    const shown = all.length <= SHOWN || this.#isOpen ? all : all.slice(0, SHOWN - 1);
    const hadFocus = this.list.contains(document.activeElement);
    for (const [id, element] of this.#tiles) {
      if (shown.some((example) => example.id === id)) continue;
      element.remove();
      this.#tiles.delete(id);
    }
    shown.forEach((example, i) => {
      const element = this.#tiles.get(example.id) ?? this.#tile(example);
      if (this.list.children[i] !== element) this.list.insertBefore(element, this.list.children[i] ?? null);
      element.ariaLabel = example.name || t('pictureN', { i: all.length - i });
    });
    if (!this.#tiles.has(this.#at)) this.#at = shown[Math.min(place, shown.length - 1)]?.id ?? -1;
    this.list.ariaLabel = this.#label ?? t('noneOf');
    this.grid.hidden = all.length === 0;
    this.grid.classList.toggle('all', this.#isOpen);
    this.more.hidden = all.length <= SHOWN;
    this.more.textContent = this.#isOpen ? '−' : `+${all.length - shown.length}`;
    this.more.ariaLabel = this.more.title = this.#isOpen ? t('fewerShown') : t('moreShown', { n: all.length });
    this.#mark();
    if (hadFocus && document.activeElement === document.body) this.#tiles.get(this.#at)?.focus();
  }

  /** @returns {number[]} */
  #shownIds() {
    return [...this.list.children].map((element) => Number(/** @type {HTMLElement} */ (element).dataset.id));
  }

  /** @param {Example} example */
  #tile(example) {
    const { id } = example;
    const element = tile(example, 'span', { role: 'option', tabIndex: -1, 'data-id': id, title: example.name });
    element.addEventListener('click', (event) => {
      if (event.shiftKey) this.#range(id);
      else this.#toggle(id);
      this.#focus(id);
    });
    element.addEventListener('dblclick', () => this.#show(id));
    this.#tiles.set(id, element);
    return element;
  }

  #mark() {
    for (const [id, element] of this.#tiles) {
      element.ariaSelected = String(this.#picked.has(id));
      element.tabIndex = id === this.#at ? 0 : -1;
    }
    const n = this.#picked.size;
    this.bar.hidden = n === 0;
    if (n === 0) return;
    this.count.textContent = t('selected', { n });
    this.removeButton.textContent = t('removeN', { n });
    this.moveButton.textContent = `${t('moveTo')} ▾`;
    this.openButton.textContent = t('openPic');
    this.openButton.hidden = n > 1;
  }

  /** @param {number} id of the picture that has the focus */
  #reach(id) {
    this.#at = id;
    this.store.show(() => this.#mark());
  }

  /** @param {number} id */
  #focus(id) {
    this.#reach(id);
    this.#tiles.get(id)?.focus();
  }

  /** @param {number} id */
  #toggle(id) {
    if (!this.#picked.delete(id)) this.#picked.add(id);
    this.#from = id;
  }

  /** Selects from where the range begins. @param {number} id */
  #range(id) {
    const ids = this.#shownIds();
    const [from, to] = [ids.indexOf(this.#from < 0 ? this.#at : this.#from), ids.indexOf(id)].sort((a, b) => a - b);
    for (const one of ids.slice(Math.max(0, from ?? 0), (to ?? 0) + 1)) this.#picked.add(one);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const ids = this.#shownIds();
    const at = ids.indexOf(this.#at);
    const columns = getComputedStyle(this.grid).gridTemplateColumns.split(' ').length;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - columns, ArrowDown: at + columns, Home: 0, End: ids.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      const next = ids[Math.max(0, Math.min(ids.length - 1, to))] ?? -1;
      if (event.shiftKey) {
        if (this.#picked.size === 0) this.#from = this.#at;
        this.#range(next);
      }
      return this.#focus(next);
    }
    const act = { ' ': () => (this.#toggle(this.#at), this.#focus(this.#at)), Enter: () => this.#show(this.#at), Delete: () => this.#remove(), Backspace: () => this.#remove(), m: () => this.#move() }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** @returns {number[]} those that are selected, else the one that has the focus */
  #chosen() {
    return this.#picked.size > 0 ? [...this.#picked] : this.#at < 0 ? [] : [this.#at];
  }

  #remove() {
    const ids = this.#chosen();
    if (ids.length === 0) return;
    const first = this.#shownIds().findIndex((id) => ids.includes(id));
    this.#picked.clear();
    this.teaching.edits?.remove(ids);
    this.store.show(() => toast(ids.length === 1 ? t('removedOne') : t('removed', { n: ids.length })));
    const left = this.#shownIds();
    if (left.length > 0) this.#focus(left[Math.min(first, left.length - 1)] ?? -1);
  }

  #move() {
    const ids = this.#chosen();
    if (ids.length === 0) return;
    /** @param {ClassName} to */
    const move = (to) => {
      this.#picked.clear();
      this.teaching.edits?.move(to, ids);
      this.store.show(() => toast(t('movedN', { n: ids.length })));
    };
    const anchor = this.bar.hidden ? this.#tiles.get(this.#at) : this.moveButton;
    if (anchor === undefined) return;
    this.store.show(() => {
      const items = this.#others.map((label) => ({ text: label, act: () => move(label) }));
      openMenu(anchor, t('moveTo'), this.#label === null ? items : [...items, { text: t('noneOf'), act: () => move(null) }]);
    });
  }

  #open() {
    const [id] = this.#chosen();
    if (id !== undefined) this.#show(id);
  }

  /** @param {number} id */
  #show(id) {
    showPicture(this.store, this.teaching, id);
  }
}

/**
 * Shows a picture in the inspector, and says where only its thumbnail is left.
 * @param {import('../../state.js').Store} store
 * @param {import('../../teach/teaching.js').Teaching} teaching
 * @param {number} id
 */
export async function showPicture(store, teaching, id) {
  const isThumbnail = await teaching.showPicture(id);
  if (isThumbnail) store.show(() => toast(t('thumbOnly', { n: THUMBNAIL })));
}
