import { el } from '../../../pkg/dist/element/dom.js';
import { t } from '../../../pkg/dist/element/i18n.js';

const CAMERA = 'M2 7.5a1.5 1.5 0 0 1 1.5-1.5h3l1.3-2.5h4.4L13.5 6h3A1.5 1.5 0 0 1 18 7.5v8a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 2 15.5zM13 11.5a3 3 0 1 1-6 0 3 3 0 0 1 6 0z';

/** A button that takes frames of the camera while it is held. */
export class Hold {
  /** @param {() => void} start @param {() => void} stop */
  constructor(start, stop) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    for (const [name, value] of Object.entries({ viewBox: '0 0 20 20', width: '15', height: '15', fill: 'none', stroke: 'currentColor', 'stroke-width': '1.6', 'aria-hidden': 'true' })) svg.setAttribute(name, value);
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', CAMERA);
    svg.append(path);
    this.words = el('span', {});
    this.element = el('button', { class: 'hold', 'aria-pressed': false }, svg, this.words);
    let isHeld = false;
    const begin = () => {
      if (isHeld) return;
      isHeld = true;
      start();
    };
    const end = () => {
      if (!isHeld) return;
      isHeld = false;
      stop();
    };
    const { element } = this;
    element.addEventListener('pointerdown', (/** @type {PointerEvent} */ event) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      begin();
    });
    for (const type of ['pointerup', 'pointercancel', 'lostpointercapture', 'blur']) element.addEventListener(type, end);
    element.addEventListener('contextmenu', (/** @type {Event} */ event) => isHeld && event.preventDefault());
    element.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== ' ' && event.key !== 'Enter') return;
      event.preventDefault();
      begin();
    });
    element.addEventListener('keyup', end);
  }

  /** @param {number | null} count of frames; null: it is not held */
  update(count) {
    this.element.ariaPressed = String(count !== null);
    this.words.textContent = count === null ? t('hold') : t('holding', { n: count });
  }
}
