import { el } from '../../../pkg/dist/element/dom.js';
import { t } from '../../../pkg/dist/element/i18n.js';
import { megabytes } from '../../../pkg/dist/element/format.js';
import { failureNote, note } from '../../../pkg/dist/element/view/parts.js';
import { TUNING } from '../pace.js';
import { lackAt, placeName, placesOn } from '../places.js';
import { machinePanel } from './machine.js';
import { button, duration, panel, titleOf } from './panel.js';

/** @typedef {import('../subjects.js').Subject} Subject */

/**
 * What is to be measured, on which devices, and about how long that takes.
 * @param {import('../state.js').Store} store
 * @param {import('../bench.js').Bench} bench
 * @param {HTMLElement} root
 */
export function mountBefore(store, bench, root) {
  const takes = el('span', { class: 'ink2 num', role: 'status' });
  /** @type {HTMLButtonElement} */
  const start = el('button', { id: 'start', class: 'primary', on: { click: () => bench.start() } });

  store.watch(
    ({ phase, subjects, machine, failure, cancelled, report, lang }) => [phase, subjects, machine, failure, cancelled, report, lang],
    ({ phase, subjects, machine, failure, cancelled, report, models, places }) => {
      if (phase !== 'before' || machine === null) return root.replaceChildren();
      start.textContent = t('bStart');
      const modelBoxes = subjects.map((subject) => box(titleOf(subject), noteOn(subject), models.has(subject.id), null, (on) => store.set({ models: changed(store.state.models, subject.id, on) })));
      const placeBoxes = placesOn(machine.processors).map((place) => {
        const lack = lackAt(place, machine);
        const software = place.device === 'webgpu' && machine.adapter?.software ? t('bSoftware') : null;
        const more = place.tuned ? t('bTuneTakes', { t: duration(TUNING) }) : software;
        return box(placeName(place), lack === null ? more : t(lack), places.has(place.id), lack, (on) => store.set({ places: changed(store.state.places, place.id, on) }));
      });
      root.replaceChildren(
        ...(cancelled ? [note('plain', t('bCancelledNone'))] : []),
        ...(failure === null ? [] : [failureNote(failure)]),
        el('div', { class: 'halves' }, boxes(t('bWhat'), modelBoxes), boxes(t('bOn'), placeBoxes)),
        machinePanel(machine),
        el('div', { class: 'start' }, start, takes, el('span', { class: 'muted', text: t('bKeep') }), report && button(t('bSummary'), () => store.set({ phase: 'report' }))),
      );
    },
  );
  store.watch(
    ({ models, places, machine, subjects, lang, runs }) => [models, places, machine, subjects, lang, runs],
    () => {
      const seconds = bench.rows().reduce((sum, row) => sum + row.seconds, 0);
      start.disabled = seconds === 0;
      takes.textContent = seconds === 0 ? t('bNothing') : t('bTakes', { t: duration(seconds) });
    },
  );
}

/** @param {Subject} subject @returns {string} what is to be known of it */
function noteOn({ weights, download }) {
  if (weights === 'random') return t('bRandom');
  return download === null ? t('pickOffline') : `${megabytes(download)} MB`;
}

/** @param {string} title @param {HTMLElement[]} labels */
function boxes(title, labels) {
  const group = panel(title, [], el('div', { class: 'checks' }, ...labels));
  group.setAttribute('role', 'group');
  group.ariaLabel = title;
  return group;
}

/**
 * @param {string} title
 * @param {string | null} beside
 * @param {boolean} checked
 * @param {string | null} lack why it cannot be chosen
 * @param {(on: boolean) => void} choose
 * @returns {HTMLElement}
 */
function box(title, beside, checked, lack, choose) {
  const input = el('input', { type: 'checkbox', checked: checked && lack === null, disabled: lack !== null, on: { change: () => choose(input.checked) } });
  return el('label', {}, input, el('span', { text: title }), beside === null ? null : el('small', { text: beside }));
}

/**
 * @param {ReadonlySet<string>} chosen
 * @param {string} id
 * @param {boolean} on
 */
function changed(chosen, id, on) {
  const next = new Set(chosen);
  if (on) next.add(id);
  else next.delete(id);
  return next;
}
