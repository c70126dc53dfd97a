import { el } from '../../../pkg/dist/element/dom.js';
import { t } from '../../../pkg/dist/element/i18n.js';

const SVG = 'http://www.w3.org/2000/svg';
/** Of the drawing, in its own units. */
const [WIDTH, HEIGHT, ROOM] = [300, 74, 10];

/** From which probability on there is an answer: a slider below what the pictures' highest probabilities were. */
export class Threshold {
  /** @param {(threshold: number | null) => void} set null: as the data says */
  constructor(set) {
    this.svg = document.createElementNS(SVG, 'svg');
    for (const [name, value] of Object.entries({ viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' })) this.svg.setAttribute(name, value);
    this.line = el('i', {});
    this.slider = el('input', { type: 'range', min: 0, max: 100, on: { input: () => set(this.slider.valueAsNumber / 100) } });
    this.slider.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
      const step = { PageUp: 10, PageDown: -10 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      set(Math.max(0, Math.min(100, this.slider.valueAsNumber + step)) / 100);
    });
    this.output = el('output', { class: 'num' });
    this.title = el('h3', {});
    this.word = el('label', {});
    this.word.htmlFor = this.slider.id = 'teachThreshold';
    this.note = el('p', { class: 'muted small' });
    this.own = el('span', {});
    this.others = el('span', {});
    this.auto = el('button', { on: { click: () => set(null) } });
    this.element = el(
      'div',
      {},
      this.title,
      el('div', { class: 'thr' }, this.svg, this.line),
      el('div', { class: 'ends num' }, el('span', { text: '0' }), el('span', {}, this.own, this.others), el('span', { text: '100 %' })),
      el('div', { class: 'sl' }, this.word, this.slider, this.output),
      el('div', { class: 'line' }, this.note, this.auto),
    );
  }

  /** @param {import('../../teach/state.js').TeachReport} report @param {number | null} byHand */
  update({ ownHistogram, noneHistogram, threshold }, byHand) {
    const at = Math.round((byHand ?? threshold) * 100);
    this.title.textContent = t('noneOf');
    this.word.textContent = this.slider.ariaLabel = t('threshold');
    this.own.textContent = `■ ${t('yourPics')}`;
    this.others.textContent = `□ ${t('otherPics')}`;
    this.slider.value = String(at);
    this.slider.ariaValueText = this.output.textContent = `${at} %`;
    this.line.style.setProperty('--at', `${at}%`);
    this.note.textContent = t(byHand === null ? 'thresholdNote' : at === 0 ? 'thresholdOff' : 'thresholdHand');
    this.auto.textContent = t('autoThr');
    this.auto.hidden = byHand === null;
    this.svg.setAttribute('aria-label', `${t('threshold')} ${at} %`);
    const most = Math.log1p(Math.max(1, ...ownHistogram, ...noneHistogram));
    const bar = (/** @type {number} */ count, /** @type {number} */ x, /** @type {string} */ name) => {
      const height = (Math.log1p(count) / most) * (HEIGHT - ROOM);
      const rect = document.createElementNS(SVG, 'rect');
      for (const [key, value] of Object.entries({ x, y: HEIGHT - height, width: 6, height, class: name })) rect.setAttribute(key, String(value));
      return rect;
    };
    const bins = ownHistogram.length;
    const place = (/** @type {number} */ i) => (i / bins) * WIDTH;
    this.svg.replaceChildren(...ownHistogram.flatMap((own, i) => [...(own > 0 ? [bar(own, place(i) + 1, 'own')] : []), ...(noneHistogram[i] ? [bar(noneHistogram[i], place(i) + 8, 'other')] : [])]));
  }
}
