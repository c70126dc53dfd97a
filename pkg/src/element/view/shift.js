import { $, el } from '../dom.js';
import { percent, points } from '../format.js';
import { t } from '../i18n.js';
import { shiftOf } from '../shift.js';
import { failureNote } from './parts.js';
import { className } from './words.js';

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
    ({ off, shift, run, lang }) => [off, shift, run.result, lang],
    ({ off, shift, run }) => {
      root.hidden = off.size === 0;
      root.ariaBusy = String(shift?.status === 'running');
      if (off.size === 0) return root.replaceChildren();
      const names = off.size <= NAMED ? [...off].join(', ') : t('branches', { n: off.size });
      const [now] = shift?.result?.predictions ?? [];
      const [before] = run.result?.predictions ?? [];
      const isOther = now && before && now.index !== before.index;
      const text = el('span', {}, t('shifted', { b: names }), isOther ? el('b', { text: ` → ${className(now)} ${percent(now.probability)} %` }) : null);
      const reset = el('button', { text: t('reset'), on: { click: actions.allOn } });
      root.replaceChildren(el('p', { class: 'shift row' }, text, reset), ...(shift?.failure ? [failureNote(shift.failure)] : []));
    },
  );
}

/**
 * What a class's row of the answer says beside the answer with nothing off.
 * @param {import('../shift.js').Shift | null} shift
 * @param {import('../../index.js').Prediction} prediction with nothing off
 * @returns {{ probability: number, difference: HTMLElement | null, tick: HTMLElement | null }}
 */
export function shiftedRow(shift, prediction) {
  const now = shiftOf(shift, prediction);
  if (now === null) return { probability: prediction.probability, difference: null, tick: null };
  return {
    probability: now.probability,
    difference: el('span', { class: 'difference num', text: `${points(now.change)} ${t('points')}` }),
    tick: el('u', { vars: { '--p': `${prediction.probability * 100}%` } }),
  };
}
