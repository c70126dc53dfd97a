import { el } from '../../../pkg/dist/element/dom.js';
import { t } from '../../../pkg/dist/element/i18n.js';
import { placeName } from '../places.js';
import { slowedBy } from '../report.js';
import { note } from '../../../pkg/dist/element/view/parts.js';
import { button, duration, gap, panel, titleOf } from './panel.js';
import { rowsTable } from './rows.js';

/**
 * How far the measurement is, and the rows that are there already.
 * @param {import('../state.js').Store} store
 * @param {import('../bench.js').Bench} bench
 * @param {HTMLElement} root
 */
export function mountRunning(store, bench, root) {
  const bar = el('div', { class: 'progress', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100 }, el('i'));
  const left = el('span');
  const heads = el('div');
  const rows = el('div');

  store.watch(
    ({ phase, lang }) => [phase === 'running', lang],
    ({ phase }) => {
      if (phase !== 'running') return root.replaceChildren();
      bar.ariaLabel = t('bTitle');
      const cancel = button(t('cancel'), () => bench.cancel());
      cancel.id = 'cancel';
      const head = panel('', [gap(), cancel], bar, el('p', { class: 'under num' }, left, el('span', { text: t('bKeep') })));
      heads.replaceChildren(head);
      root.replaceChildren(heads, rows);
    },
  );
  store.watch(
    ({ course, paused, lang }) => [course, paused, lang],
    ({ course, paused }) => {
      if (course === null) return;
      const { i, n, subject, place, fraction } = course;
      const title = t('bRun', { m: titleOf(subject), d: placeName(place) });
      const heading = heads.querySelector('h2');
      if (heading && heading.textContent !== title) heading.textContent = title;
      const percent = Math.floor(fraction * 100);
      const words = paused ? t('bHidden') : t('bLeft', { i, n, t: duration(course.left) });
      left.textContent = words;
      bar.ariaValueNow = String(percent);
      bar.ariaValueText = words;
      bar.style.setProperty('--done', `${percent}%`);
    },
  );
  store.watch(
    ({ phase, report, lang }) => [phase, report, lang],
    ({ phase, report }) => {
      if (phase !== 'running' || report === null) return rows.replaceChildren();
      const slowed = slowedBy(report);
      rows.replaceChildren(panel(t('bSummary'), [], rowsTable(report.answers), slowed !== null && note('warn', t('bThrottle', { p: slowed }))));
    },
  );
}
