import { el } from '../dom.js';
import { digits, large } from '../format.js';
import { failureText, t } from '../i18n.js';
import { segmentsOf } from '../times.js';

/** @typedef {{ modules: import('../network.js').Module[], steps: import('../network.js').Step[] }} Part */

/** Height of the highest bar, in CSS pixels. */
const HEIGHT = 44;

/**
 * A row of bars below the map: milliseconds once they are measured, multiply-adds until then; one scale for all.
 * @param {{ part: Part | null, title: string }[]} columns null: nothing is computed there
 * @param {import('../controls.js').Actions} actions
 * @returns {{ head: HTMLElement, cells: HTMLElement[], update: (state: Readonly<import('../state.js').State>) => void }}
 */
export function timeStrip(columns, actions) {
  const [title, rule, measure] = [el('h3', {}), el('span', {}), el('button', { id: 'measure', on: { click: actions.toggleMeasuring } })];
  const head = el('div', { class: 'time-head' }, el('div', { class: 'stick' }, title, rule, measure));
  const cells = columns.map(() => el('div', { class: 'time num' }));
  return {
    head,
    cells,
    update: ({ times, run, picture }) => {
      const isMeasured = times?.status === 'done';
      const isRunning = times?.status === 'running';
      title.textContent = isMeasured ? t('time') : 'MACs';
      if (isRunning) rule.textContent = `${t('measuring')} ${((times.share ?? 0) * 100).toFixed(0)} %`;
      else rule.textContent = times?.failure ? failureText(times.failure) : t(isMeasured ? 'timeRule' : 'macsRule');
      measure.textContent = t(isRunning ? 'cancel' : 'measure');
      measure.disabled = picture === null || run.result === null;
      const byName = new Map(times?.layers.map((layer) => [layer.name, layer]));
      const all = columns.map(({ part }) => (part ? segmentsOf(part, byName) : []));
      const size = (/** @type {import('../times.js').Segment} */ segment) => (isMeasured ? segment.ms : segment.macs);
      const sums = all.map((segments) => segments.reduce((sum, segment) => sum + size(segment), 0));
      const most = Math.max(...sums, Number.MIN_VALUE);
      cells.forEach((cell, i) => {
        const [segments, sum] = [all[i] ?? [], sums[i] ?? 0];
        cell.hidden = segments.length === 0;
        const bars = segments.filter((segment) => size(segment) > 0).map((segment) => bar(segment, (size(segment) / most) * HEIGHT, isMeasured));
        const macs = segments.reduce((total, segment) => total + segment.macs, 0);
        const rate = isMeasured && sum > 0 && macs > 0 ? `${((2 * macs) / sum / 1e6).toFixed(0)} GFLOP/s` : '';
        const text = isMeasured ? digits(sum) : large(sum);
        const described = [columns[i]?.title, isMeasured ? `${text} ms` : `${text} MACs`, rate].filter(Boolean).join(', ');
        cell.title = described;
        cell.replaceChildren(el('div', { role: 'img', 'aria-label': described }, ...bars), el('b', { 'aria-hidden': true, text }), el('span', { 'aria-hidden': true, text: rate }));
      });
    },
  };
}

/**
 * @param {import('../times.js').Segment} segment
 * @param {number} height in CSS pixels
 * @param {boolean} isMeasured
 */
function bar({ branch }, height, isMeasured) {
  const color = isMeasured && branch !== null ? `var(--b${branch})` : 'var(--line2)';
  return el('i', { vars: { '--c': color, '--height': `${Math.max(0.6, height).toFixed(2)}px` } });
}
