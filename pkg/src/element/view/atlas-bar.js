import { el } from '../dom.js';
import { t } from '../i18n.js';
import { countOf } from '../looks.js';
import { advance, failureNote } from './parts.js';
import { size, timeLeft } from './words.js';

/** How far the pictures of what a branch's channels look for have come, and what makes the others. */
export class AtlasBar {
  #layer = '';

  /** @param {import('../controls.js').Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.count = el('span', { class: 'num' });
    this.toggle = el('button', { class: 'atlas-toggle', on: { click: () => actions.toggleAtlas(this.#layer) } });
    this.bar = el('div', { class: 'progress', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100 }, el('i'));
    this.kept = el('p', { class: 'muted num' });
    this.note = el('div', {});
    /** @type {HTMLElement} */
    this.element = el('div', { class: 'atlas-bar' }, el('div', { class: 'row' }, this.count, this.toggle), this.bar, this.kept, this.note);
  }

  /**
   * @param {Readonly<import('../state.js').State>} state
   * @param {string} layer
   * @param {number} channels
   */
  show(state, layer, channels) {
    this.#layer = layer;
    const { atlas, looksKept } = state;
    const mine = atlas?.layer === layer ? atlas : null;
    const { made, bytes, isOfSite } = countOf(state, layer, channels);
    const isRunning = mine?.status === 'running';
    this.count.textContent = isRunning && mine.left !== null ? t('atlasNote', { i: made, n: channels, left: timeLeft(mine.left) }) : t('atlasCount', { i: made, n: channels });
    this.toggle.textContent = t(isRunning ? 'pause' : mine?.status === 'paused' ? 'goOn' : 'atlasStart');
    this.toggle.hidden = made === channels;
    this.bar.ariaLabel = t('atlas', { b: layer });
    this.bar.hidden = made === channels;
    advance(this.element, made / channels);
    this.kept.hidden = made === 0;
    this.kept.textContent = isOfSite ? t('atlasSite') : t(looksKept ? 'atlasKept' : 'atlasMemory', { mb: size(bytes) });
    const failure = mine?.failure ?? null;
    this.note.replaceChildren(...(failure ? [failureNote(failure, { text: t('retry'), act: () => this.actions.startAtlas(layer) })] : []));
  }
}
