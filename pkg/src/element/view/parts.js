import { el } from '../dom.js';
import { failureParts, failureText, t } from '../i18n.js';

/**
 * A line with a bar; without `fraction` the length of the work is unknown.
 * @param {string} text
 * @param {number | null} fraction
 * @param {(() => void) | null} cancel
 */
export function progress(text, fraction, cancel) {
  const percent = fraction === null ? null : Math.round(fraction * 100);
  const bar = el(
    'div',
    {
      class: fraction === null ? 'progress unknown' : 'progress',
      role: 'progressbar',
      'aria-label': text,
      'aria-valuemin': 0,
      'aria-valuemax': 100,
      'aria-valuenow': percent,
      vars: percent === null ? {} : { '--done': `${percent}%` },
    },
    el('i'),
  );
  const button = cancel && el('button', { text: t('cancel'), on: { click: cancel } });
  return el('div', {}, el('div', { class: 'row num' }, el('span', { text }), button), bar);
}

/**
 * Moves the bar of a line that is shown, without saying the line again.
 * @param {HTMLElement} root
 * @param {number} fraction
 */
export function advance(root, fraction) {
  const bar = /** @type {HTMLElement | null} */ (root.querySelector('[role=progressbar]'));
  if (bar === null) return;
  const percent = Math.round(fraction * 100);
  bar.classList.remove('unknown');
  bar.ariaValueNow = String(percent);
  bar.style.setProperty('--done', `${percent}%`);
}

/**
 * @param {'bad' | 'warn' | 'plain'} kind
 * @param {string} text
 * @param {{ text: string, act: () => void } | null} [next] the step that the note offers
 */
export function note(kind, text, next = null) {
  const button = next && el('button', { text: next.text, on: { click: next.act } });
  return el('div', { class: `note row ${kind}`, role: kind === 'bad' ? 'alert' : 'status' }, el('span', { text }), button);
}

/**
 * @param {import('../state.js').Failure} failure
 * @param {{ text: string, act: () => void } | null} [next]
 */
export function failureNote(failure, next = null) {
  const said = note('bad', failureText(failure), next);
  const parts = failureParts(failure);
  if (parts !== null) said.firstElementChild?.replaceChildren(parts.before, el('span', { class: parts.isApart ? 'detail apart' : 'detail', lang: 'en', text: failure.detail }), parts.after);
  return said;
}

/**
 * Facts on one line: those that have no room are left out whole.
 * @param {HTMLElement} root
 * @param {(Node | string)[][]} facts
 */
export function showFacts(root, facts) {
  root.replaceChildren(...facts.map((parts, i) => el('span', { class: 'fact' }, i > 0 && ' · ', ...parts)));
  root.title = root.textContent ?? '';
}
