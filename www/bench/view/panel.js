import { el } from '../../../pkg/dist/element/dom.js';
import { t } from '../../../pkg/dist/element/i18n.js';
import { entryTitle } from '../../view/titles.js';

/**
 * @param {string} title
 * @param {(Node | null)[]} beside the title, in its line
 * @param {...Node | null | false} content
 * @returns {HTMLElement}
 */
export function panel(title, beside, ...content) {
  return el('section', { class: 'panel' }, el('div', { class: 'panel-head' }, el('h2', { text: title }), ...beside), ...content);
}

/** What pushes all that follows in a line to its end. */
export const gap = () => el('span', { class: 'grow' });

/** @param {string} text @param {() => void} act @param {string} [kind] */
export function button(text, act, kind = '') {
  return el('button', { class: kind, text, on: { click: act } });
}

/** @param {{ id: string, title: string }} model @returns {string} as the page calls it */
export function titleOf({ id, title }) {
  return entryTitle(id, title);
}

/** @param {number} seconds */
export function duration(seconds) {
  return seconds < 100 ? t('secondsLeft', { n: Math.max(1, Math.round(seconds)) }) : t('minutesLeft', { n: Math.round(seconds / 60) });
}
