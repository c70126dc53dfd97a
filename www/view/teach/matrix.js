import { el } from '../../../pkg/dist/element/dom.js';
import { t } from '../../../pkg/dist/element/i18n.js';

/** From how many classes on cells are small and have no numbers, and how many there is room for. */
const [DENSE, MOST] = [9, 40];

/**
 * How often which class was taken for which: rows what it is, columns what it was taken for.
 * @param {import('../../teach/state.js').TeachReport} report
 * @returns {HTMLElement[]}
 */
export function matrix({ labels, confusion, classes }) {
  const all = labels.map((_, i) => i);
  const missed = (/** @type {number} */ i) => (confusion[i] ?? []).reduce((sum, count, j) => sum + (i === j ? 0 : count), 0);
  const shown = all.length <= MOST ? all : all.sort((a, b) => missed(b) - missed(a)).slice(0, MOST);
  const isDense = shown.length >= DENSE;
  const readout = el('p', { class: 'muted small read', 'aria-live': 'polite' });
  const name = (/** @type {number} */ i) => labels[i] ?? '';

  /** @param {number} i @param {number} j */
  function cell(i, j) {
    const count = confusion[i]?.[j] ?? 0;
    const share = count / Math.max(1, (confusion[i] ?? []).reduce((sum, one) => sum + one, 0));
    const said = `${i === j ? name(i) : t('worstRow', { a: name(i), b: name(j) })}: ${count}`;
    return el('td', {
      class: [i === j && 'dia', share > 0.5 && 'inv'].filter(Boolean).join(' '),
      title: said,
      'aria-label': isDense ? said : undefined,
      tabIndex: isDense ? -1 : undefined,
      vars: { '--v': Math.round(share * 100) },
      text: isDense ? '' : count === 0 ? '·' : String(count),
      on: isDense ? { pointerenter: () => (readout.textContent = said), focus: () => (readout.textContent = said) } : undefined,
    });
  }

  const head = el('tr', {}, el('td', {}), ...shown.map((i) => el('th', { scope: 'col', title: name(i), text: name(i) })), isDense ? el('td', {}) : el('th', { scope: 'col', text: t('recall') }));
  const rows = shown.map((i) => {
    const recall = classes[i]?.recall ?? null;
    return el('tr', {}, el('th', { scope: 'row', title: name(i), text: name(i) }), ...shown.map((j) => cell(i, j)), el('td', { class: 'rec', text: recall === null ? '' : `${Math.round(recall * 100)} %` }));
  });
  const table = el('table', { class: isDense ? 'cm dense' : 'cm' }, el('caption', { class: 'unseen', text: t('confusion') }), el('thead', {}, head), el('tbody', {}, ...rows));
  if (isDense) connectArrows(table, shown.length);
  const scroll = el('div', { class: 'cm-scroll' }, table);
  if (!isDense) return [scroll];
  readout.textContent = shown.length < labels.length ? t('worstClasses', { n: shown.length }) : `↓ ${t('confRow')}   → ${t('confCol')}`;
  return [scroll, readout];
}

/** One tab stop for all cells; arrows go from cell to cell. @param {HTMLElement} table @param {number} columns */
function connectArrows(table, columns) {
  const cells = /** @type {HTMLElement[]} */ ([...table.querySelectorAll('td[aria-label]')]);
  const first = cells[0];
  if (first) first.tabIndex = 0;
  table.addEventListener('keydown', (event) => {
    const at = cells.indexOf(/** @type {HTMLElement} */ (event.target));
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    const next = cells[at + (step ?? 0)];
    if (at < 0 || step === undefined) return;
    event.preventDefault();
    if (next === undefined) return;
    for (const cell of cells) cell.tabIndex = cell === next ? 0 : -1;
    next.focus();
  });
}
