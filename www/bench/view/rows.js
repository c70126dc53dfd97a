import { el } from '../../../pkg/dist/element/dom.js';
import { failureParts, failureText, t } from '../../../pkg/dist/element/i18n.js';
import { inMs, rate } from '../figures.js';
import { placeName } from '../places.js';
import { spread } from '../report.js';
import { titleOf } from './panel.js';

/**
 * What was measured, a row each: the bar is the median's share of the longest.
 * @param {import('../report.js').Answer[]} answers
 * @returns {HTMLElement}
 */
export function rowsTable(answers) {
  const longest = Math.max(...answers.map((answer) => (answer.failure === null ? spread(answer).ms : 0)));
  const head = (/** @type {string} */ text, kind = '') => el('th', { scope: 'col', class: kind, text });
  return el(
    'div',
    { class: 'wide' },
    el(
      'table',
      { class: 'rows num', 'aria-label': t('bSummary') },
      el('thead', {}, el('tr', {}, head(t('model')), head(t('bOn')), el('td', { class: 'more' }), head('ms', 'r'), head(t('bSpread'), 'r more'), head(t('bRate'), 'r more'))),
      el('tbody', {}, ...answers.map((answer) => rowOf(answer, longest))),
    ),
  );
}

/**
 * @param {import('../report.js').Answer} answer
 * @param {number} longest median, in milliseconds
 */
function rowOf(answer, longest) {
  const { model, title, weights, device, failure } = answer;
  const random = weights === 'random' ? el('small', { text: t('bRandom') }) : null;
  const name = el('th', { scope: 'row' }, el('b', { text: titleOf({ id: model, title }) }), random);
  const where = el('td', { text: placeName(answer) });
  if (failure !== null) return el('tr', {}, name, where, el('td', { class: 'failure', colSpan: 4 }, reason(failure)));
  const { ms, from, to } = spread(answer);
  const bar = el('i', { class: device === 'webgpu' ? 'bar gpu' : 'bar', 'aria-hidden': true, vars: { '--share': `${(ms / longest) * 100}%` } });
  return el(
    'tr',
    {},
    name,
    where,
    el('td', { class: 'more' }, bar),
    el('td', { class: 'r' }, el('b', { text: inMs(ms) })),
    el('td', { class: 'r more muted', text: `${inMs(from)}–${inMs(to)}` }),
    el('td', { class: 'r more', text: rate(ms) }),
  );
}

/** @param {NonNullable<import('../report.js').Answer['failure']>} failure @returns {HTMLElement} why there is no figure; what the engine says of it is English */
function reason(failure) {
  const parts = failureParts(failure);
  if (parts === null) return el('span', { text: failureText(failure) });
  return el('span', {}, parts.before, el('span', { lang: 'en', text: failure.detail }), parts.after);
}
