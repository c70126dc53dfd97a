import { el } from '../../../pkg/dist/element/dom.js';
import { percent } from '../../../pkg/dist/element/format.js';
import { t } from '../../../pkg/dist/element/i18n.js';
import { worstOf } from '../../teach/findings.js';
import { isMany } from '../../teach/state.js';
import { matrix } from './matrix.js';
import { Threshold } from './threshold.js';
import { showPicture } from './thumbs.js';
import { tile } from './tile.js';
import { number } from './words.js';

/** Pictures that are listed. */
const LISTED = 4;

/** What came of the last training. */
export class Result {
  /** @type {import('../../teach/state.js').TeachReport | null} */
  #drawn = null;
  #lang = '';
  #isMany = false;

  /** @param {import('../../state.js').Store} store @param {import('../../teach/teaching.js').Teaching} teaching */
  constructor(store, teaching) {
    this.store = store;
    this.teaching = teaching;
    this.threshold = new Threshold((threshold) => teaching.setThreshold(threshold));
    this.accuracy = el('div', {});
    this.confusion = el('div', {});
    this.worst = el('div', {});
    this.element = el('div', { class: 'result' }, this.accuracy, this.confusion, this.worst, this.threshold.element);
  }

  /** @param {import('../../teach/state.js').Teach} teach @param {string} lang */
  update(teach, lang) {
    const { report, isTraining, threshold, examples } = teach;
    this.element.hidden = report === null;
    if (report === null) return (this.#drawn = null);
    this.element.classList.toggle('stale', isTraining);
    this.element.ariaBusy = String(isTraining);
    this.threshold.update(report, threshold);
    const many = isMany(teach);
    if (report === this.#drawn && lang === this.#lang && many === this.#isMany) return;
    [this.#drawn, this.#lang, this.#isMany] = [report, lang, many];
    this.accuracy.replaceChildren(...accuracyOf(report));
    this.confusion.replaceChildren(...(report.judged > 0 ? [el('h3', {}, t('confusion'), many ? null : el('small', { class: 'muted', text: `↓ ${t('confRow')}  → ${t('confCol')}` })), ...matrix(report)] : []));
    const worst = worstOf(report, examples, LISTED);
    const hasMistakes = worst.some(({ truth, taken }) => truth !== taken);
    this.worst.replaceChildren(
      el('h3', { text: t('worst') }),
      hasMistakes || worst.length === 0 ? '' : el('p', { class: 'small ink2', text: t('noMistakes') }),
      el('div', { class: 'worst' }, ...worst.map((judged) => this.#judged(judged, report.labels))),
    );
  }

  /** @param {import('../../teach/findings.js').Judged} judged @param {readonly string[]} labels */
  #judged({ example, truth, taken, probability }, labels) {
    const [is, as] = [labels[truth] ?? '', labels[taken] ?? ''];
    const text = truth === taken ? is : t('worstRow', { a: is, b: as });
    return el('button', { title: t('openPic'), on: { click: () => showPicture(this.store, this.teaching, example.id) } }, tile(example, 'i'), el('span', { text }), el('span', { class: 'num', text: `${percent(probability)} %` }));
  }
}

/** @param {import('../../teach/state.js').TeachReport} report */
function accuracyOf({ accuracy, judged, folds, ms }) {
  const title = el('h3', { text: t('accuracy') });
  const time = el('p', { class: 'small muted num', text: t('trainedIn', { ms: ms < 10 ? ms.toFixed(1) : Math.round(ms) }) });
  if (accuracy === null) return [title, el('p', { class: 'small ink2', text: t('oneFold') }), time];
  const right = Math.round(accuracy * judged);
  return [title, el('div', { class: 'huge', text: `${percent(accuracy)} %` }), el('p', { class: 'small ink2 num', text: t('cvNote', { k: folds, r: number(right), n: number(judged) }) }), time];
}
