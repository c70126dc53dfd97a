import { el } from '../dom.js';
import { digits } from '../format.js';
import { t } from '../i18n.js';
import { STEPS, TARGETS, keyOf, stagesOf } from '../looks.js';
import { advance, failureNote } from './parts.js';
import { check, radios } from './radios.js';
import { timeLeft } from './words.js';

/** @typedef {Readonly<import('../state.js').State>} State */
/** @typedef {import('../looks.js').Aim} Aim */
/** @typedef {import('../looks.js').Drawn} Drawn */
/** @typedef {import('../looks.js').Work} Work */

const TARGET_NAMES = { channel: 'oneChannel', position: 'onePos', branch: 'wholeBranch' };
/** Pixels of a picture's canvas, and of a small one that shows how it grew. */
const [SIDE, SMALL] = [128, 64];
const STILL = '(prefers-reduced-motion: reduce)';

/** What the channel that is shown large looks for: a picture that grows. */
export class LooksFor {
  /** @type {Aim} */
  #aim = { layer: '', channel: 0, target: 'channel' };
  /** What the canvas shows. @type {unknown} */
  #shown = null;
  /** What the film shows. @type {unknown[]} */
  #film = [];

  /** @param {import('../controls.js').Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.title = el('span', {});
    this.targets = radios('seg', TARGETS, actions.setLookTarget);
    this.canvas = el('canvas', { id: 'lookPicture', width: SIDE, height: SIDE, role: 'img' });
    this.begin = el('button', { class: 'primary', id: 'lookStart', on: { click: () => actions.startLook(this.#aim) } });
    this.bar = el('div', { class: 'progress', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100 }, el('i'));
    this.step = el('span', { class: 'num' });
    this.end = el('button', { id: 'lookStop', on: { click: () => actions.stopLook() } });
    this.work = el('div', { class: 'look-work' }, this.bar, el('div', { class: 'row' }, this.step, this.end));
    this.said = el('p', { class: 'num', role: 'status' });
    this.further = button('goOn', () => actions.startLook(this.#aim));
    this.another = button('again', () => actions.againLook(this.#aim));
    this.longer = button('longer', () => actions.longerLook(this.#aim));
    this.keep = button('savePicture', () => actions.saveLook(this.#aim));
    this.after = el('div', { class: 'look-after' }, this.further, this.another, this.longer, this.keep);
    this.note = el('div', {});
    this.film = el('ol', { class: 'look-film' });
    const picture = el('div', { class: 'square' }, this.canvas, this.begin);
    /** @type {HTMLElement} */
    this.element = el('figure', { class: 'looks-for' }, el('h3', {}, this.title, el('span', { class: 'grow' }), this.targets), picture, this.work, this.said, this.after, this.note, this.film);
  }

  get aim() {
    return this.#aim;
  }

  /**
   * @param {State} state
   * @param {string} layer
   * @param {number} channel
   */
  show(state, layer, channel) {
    const { drawing, drawn, lookTarget } = state;
    const aim = (this.#aim = { layer, channel, target: lookTarget });
    const known = drawn.get(keyOf(aim)) ?? null;
    const work = drawing !== null && keyOf(drawing.aim) === keyOf(aim) ? drawing : null;
    const isAtWork = work !== null && work.status !== 'failed';
    // What goes on from a picture that was stopped, or further than a whole one, is not seen before it has come as far.
    const isBehind = known !== null && work !== null && known.seed === work.seed && known.done > work.done;
    const what = lookTarget === 'branch' ? layer : `${t('channel')} ${channel}${lookTarget === 'position' ? `, ${t('onePos')}` : ''}`;
    this.title.textContent = t('looksFor');
    check(this.targets, lookTarget, (value) => t(TARGET_NAMES[/** @type {import('../looks.js').Target} */ (value)]), t('target'));
    this.canvas.ariaLabel = `${t('looksFor')}, ${what}`;
    this.begin.textContent = t('lfStart');
    this.begin.hidden = known !== null || work !== null;
    this.#draw(isBehind ? known : (work ?? known));
    this.#showWork(isAtWork ? work : null);
    this.#showEnd(isAtWork ? null : known, work?.failure ?? null, isAtWork);
    this.#showFilm(isBehind ? known : (work ?? known));
  }

  /** @param {Work | Drawn | null} one */
  #draw(one) {
    const picture = one === null ? null : 'bitmap' in one ? one.bitmap : one.picture;
    const isStill = one !== null && 'status' in one && matchMedia(STILL).matches && !stagesOf(one.steps).includes(one.done) && this.#shown !== null;
    if (picture === this.#shown || isStill) return;
    this.#shown = picture;
    const context = this.canvas.getContext('2d');
    this.canvas.hidden = one === null;
    if (picture === null) {
      context.fillStyle = '#808080';
      return context.fillRect(0, 0, SIDE, SIDE);
    }
    Object.assign(this.canvas, { width: picture.width, height: picture.height });
    if (picture instanceof ImageData) context.putImageData(picture, 0, 0);
    else context.drawImage(picture, 0, 0);
  }

  /** @param {Work | null} work */
  #showWork(work) {
    const hadFocus = this.work.contains(/** @type {ShadowRoot} */ (this.element.getRootNode()).activeElement);
    this.work.hidden = work === null;
    if (work === null && hadFocus) (this.#shown === null ? this.begin : this.another).focus();
    if (work === null) return;
    const { done, steps, left, status } = work;
    this.end.textContent = t('stop');
    this.step.textContent = status === 'waiting' ? t('lfWaits') : left === null ? t('lfBegin') : t('lfRun', { i: done, n: steps, left: timeLeft(left) });
    this.bar.ariaLabel = t('looksFor');
    this.bar.setAttribute('aria-valuetext', this.step.textContent);
    advance(this.work, done / steps);
  }

  /**
   * What became of it.
   * @param {Drawn | null} known
   * @param {import('../state.js').Failure | null} failure
   * @param {boolean} isAtWork
   */
  #showEnd(known, failure, isAtWork) {
    this.after.hidden = known === null;
    const text = known === null ? (isAtWork ? t('lfBegin') : '') : endOf(known);
    if (this.said.textContent !== text) this.said.textContent = text;
    this.said.classList.toggle('quiet', isAtWork);
    this.note.replaceChildren(...(failure ? [failureNote(failure, { text: t('retry'), act: () => this.actions.startLook(this.#aim) })] : []));
    if (known === null) return;
    const isWhole = known.done >= known.steps;
    if (isWhole && known.value === 0 && failure === null) this.note.replaceChildren(el('p', { class: 'muted', text: t('lfSilentNote') }));
    this.further.hidden = isWhole;
    this.longer.hidden = !isWhole || known.made === 0;
    for (const [part, key] of /** @type {const} */ ([[this.further, 'goOn'], [this.another, 'again'], [this.longer, 'longer'], [this.keep, 'savePicture']])) part.textContent = t(key, { n: STEPS });
  }

  /** @param {Work | Drawn | null} one */
  #showFilm(one) {
    const film = one?.film ?? [];
    this.film.hidden = one === null || (film.length === 0 && 'bitmap' in one);
    this.film.ariaLabel = t('growth');
    if (one === null || (film === this.#film && this.film.childElementCount > 0)) return;
    this.#film = film;
    const isWhole = 'bitmap' in one && one.done >= one.steps;
    const stages = isWhole ? film.map(({ step }) => step) : stagesOf(one.steps);
    const start = el('li', { class: 'start' }, el('i', { 'aria-hidden': true }), el('span', { class: 'num', text: '0' }));
    const items = stages.map((step, i) => {
      const stage = film[i];
      const canvas = stage && el('canvas', { width: SMALL, height: SMALL, 'aria-hidden': true });
      if (stage) drawSmall(canvas, stage.picture);
      return el('li', { class: stage ? '' : 'wait' }, canvas ?? el('i', { 'aria-hidden': true }), el('span', { class: 'num', text: String(stage?.step ?? step) }));
    });
    this.film.replaceChildren(start, ...items);
  }
}

/** @param {Drawn} drawn */
function endOf({ done, steps, value }) {
  if (done < steps) return t('lfStopped', { i: done, n: steps });
  return value === 0 ? t('lfSilent', { n: steps }) : Number.isNaN(value) ? '' : t('lfDone', { n: steps, a: digits(value) });
}

/** @param {string} key @param {() => void} click */
function button(key, click) {
  return el('button', { 'data-act': key, on: { click } });
}

/** @param {HTMLCanvasElement} canvas @param {ImageData | Blob} picture */
async function drawSmall(canvas, picture) {
  const bitmap = await createImageBitmap(picture);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, SMALL, SMALL);
  bitmap.close();
}
