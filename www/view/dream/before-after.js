import { el } from '../../../pkg/dist/element/dom.js';
import { t } from '../../../pkg/dist/element/i18n.js';

/** Two pictures on one place; a line, which can be moved, parts them. */
export class BeforeAfter {
  constructor() {
    this.before = el('canvas', { role: 'img' });
    this.after = el('canvas', { role: 'img' });
    this.cut = el('div', { class: 'cut' }, this.after);
    this.slider = el('input', { type: 'range', id: 'dreamCut', min: 0, max: 100, value: 50, on: { input: () => this.#move() } });
    this.names = [el('small', { class: 'of-before', 'aria-hidden': true }), el('small', { class: 'of-after', 'aria-hidden': true })];
    this.line = el('div', { class: 'line', 'aria-hidden': true });
    /** @type {HTMLElement} */
    this.element = el('div', { class: 'before-after' }, this.before, this.cut, this.line, ...this.names, this.slider);
    this.#move();
  }

  #move() {
    this.element.style.setProperty('--cut', `${this.slider.value}%`);
    this.slider.ariaValueText = `${this.slider.value} %`;
  }

  /**
   * @param {ImageBitmap | null} before
   * @param {ImageData | null} after
   */
  show(before, after) {
    const { width, height } = after ?? before ?? { width: 1, height: 1 };
    this.element.style.setProperty('--ratio', `${width} / ${height}`);
    [this.before.ariaLabel, this.after.ariaLabel] = [t('before'), t('after')];
    this.slider.ariaLabel = t('compareSlider');
    this.names.forEach((name, i) => (name.textContent = t(i === 0 ? 'before' : 'after')));
    if (before !== null && (this.before.width !== width || this.#shown !== before)) {
      this.#shown = before;
      Object.assign(this.before, { width, height });
      this.before.getContext('2d').drawImage(before, 0, 0, width, height);
    }
    for (const part of [this.cut, this.line, this.slider, ...this.names]) part.hidden = after === null;
    if (after === null) return;
    if (this.after.width !== width || this.after.height !== height) Object.assign(this.after, { width, height });
    this.after.getContext('2d').putImageData(after, 0, 0);
  }

  /** The picture on the left. @type {ImageBitmap | null} */
  #shown = null;
}
