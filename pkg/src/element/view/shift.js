import { $, el } from '../dom.js';
import { answerRows } from '../folded.js';
import { answered, barOf, digits, points } from '../format.js';
import { t } from '../i18n.js';
import { shiftOf } from '../shift.js';
import { failureNote } from './parts.js';
import { rowName } from './words.js';

/** Branches that are named one by one. */
const NAMED = 3;

/**
 * What is off, what the answer is then, and the way back.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 */
export function mountShift(store, actions, shadow) {
  const root = $('#shift', shadow);
  store.watch(
    ({ off, shift, run, model, lang }) => [off, shift, run.result, model, lang],
    ({ off, shift, run, model }) => {
      root.hidden = off.size === 0;
      root.ariaBusy = String(shift?.status === 'running');
      if (off.size === 0) return root.replaceChildren();
      const names = off.size <= NAMED ? [...off].join(', ') : t('branches', { n: off.size });
      const firstOf = (/** @type {import('../state.js').Answer | null | undefined} */ answer) => (model && answer ? answerRows(model.info, answer.predictions)[0] : undefined);
      const [now, before] = [firstOf(shift?.result), firstOf(run.result)];
      const isOther = now && before && rowName(now) !== rowName(before);
      const text = el('span', {}, t('shifted', { b: names }), isOther ? el('b', { text: ` → ${rowName(now)} ${answered(now.probability, now.isValue)}` }) : null);
      const reset = el('button', { text: t('reset'), on: { click: actions.allOn } });
      root.replaceChildren(el('p', { class: 'shift row' }, text, reset), ...(shift?.failure ? [failureNote(shift.failure)] : []));
    },
  );
}

/**
 * What a row of the answer says beside the answer with nothing off.
 * @param {import('../shift.js').Shift | null} shift
 * @param {import('../folded.js').AnswerRow} row with nothing off
 * @returns {{ probability: number, difference: HTMLElement | null, tick: HTMLElement | null }}
 */
export function shiftedRow(shift, { predictions, probability, isValue }) {
  const now = shiftOf(shift, predictions);
  if (now === null) return { probability, difference: null, tick: null };
  return {
    probability: now.probability,
    difference: el('span', { class: 'difference num', text: isValue ? `${now.change > 0 ? '+' : ''}${digits(now.change)}` : `${points(now.change)} ${t('points')}` }),
    tick: el('u', { vars: { '--p': barOf(probability, isValue) } }),
  };
}
