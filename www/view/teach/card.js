import { el } from '../../../pkg/dist/element/dom.js';
import { t } from '../../../pkg/dist/element/i18n.js';
import { ACCEPTED_PICTURES } from '../../../pkg/dist/client/pictures/picture-formats.js';
import { takeDrops } from './drop.js';
import { Hold } from './hold.js';
import { Thumbs } from './thumbs.js';
import { pictureCount } from './words.js';

/** @typedef {import('../../teach/state.js').ClassName} ClassName */

/** A class: its name, its pictures, and the ways to bring more. */
export class Card {
  /**
   * @param {ClassName} label null: pictures of none of the classes
   * @param {import('../../state.js').Store} store
   * @param {import('../../teach/teaching.js').Teaching} teaching
   * @param {(to: string) => void} renamed
   */
  constructor(label, store, teaching, renamed) {
    this.label = label;
    this.thumbs = new Thumbs(store, teaching);
    this.hold = new Hold(
      () => teaching.capture(label),
      () => teaching.stopCapture(),
    );
    this.count = el('span', { class: 'num count' });
    this.about = el('p', { class: 'muted small' });
    this.remove = el('button', { class: 'icon small', text: '×', on: { click: () => label !== null && teaching.edits?.removeClass(label) } });
    this.file = el('input', { type: 'file', multiple: true, hidden: true, accept: ACCEPTED_PICTURES, on: { change: () => this.#take(teaching) } });
    this.add = el('button', { class: 'add', text: '+', on: { click: () => this.file.click() } });
    this.name = label === null ? el('h3', { class: 'name' }) : nameField(label, renamed);
    this.element = el(
      'section',
      { class: 'class', 'data-class': label ?? '' },
      el('div', { class: 'line' }, this.name, this.count, label === null ? null : this.remove),
      this.thumbs.element,
      label === null ? this.about : null,
      el('div', { class: 'line' }, this.hold.element, this.add, this.file),
    );
    this.element.classList.toggle('none', label === null);
    takeDrops(this.element, (dropped) => teaching.addDropped(dropped, label));
  }

  /** @param {import('../../teach/teaching.js').Teaching} teaching */
  #take(teaching) {
    teaching.addFiles(this.label, [...this.file.files]);
    this.file.value = '';
  }

  /**
   * @param {import('../../teach/state.js').Example[]} examples of the class
   * @param {readonly string[]} labels of all classes
   * @param {import('../../teach/state.js').Teach['capturing']} capturing
   */
  update(examples, labels, capturing) {
    const { label } = this;
    const title = label ?? t('noneOf');
    this.count.textContent = pictureCount(examples.length);
    this.element.ariaLabel = `${title}, ${this.count.textContent}`;
    if (label === null) this.name.textContent = title;
    else this.name.ariaLabel = t('className');
    this.about.textContent = t('dropNone');
    this.about.hidden = examples.length > 0;
    this.remove.ariaLabel = this.remove.title = `${t('removeClass')}: ${title}`;
    this.add.ariaLabel = this.add.title = `${t('addFiles')}: ${title}`;
    this.thumbs.update(label, examples, labels);
    const count = capturing !== null && capturing.label === label ? capturing.count : null;
    this.hold.update(count);
    this.element.classList.toggle('capturing', count !== null);
  }
}

/**
 * The name of a class, which may be edited where it stands.
 * @param {string} label
 * @param {(to: string) => void} renamed
 */
export function nameField(label, renamed) {
  const field = el('input', { class: 'name', value: label, spellcheck: false, autocomplete: 'off' });
  const take = () => {
    const to = field.value.trim();
    if (to === '' || to === label) field.value = label;
    else renamed(to);
  };
  field.addEventListener('change', take);
  field.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter') take();
    if (event.key !== 'Escape') return;
    field.value = label;
    field.blur();
  });
  return field;
}
