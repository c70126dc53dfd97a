import { $, el } from '../../../pkg/dist/element/dom.js';
import { save } from '../../../pkg/dist/element/export.js';
import { t } from '../../../pkg/dist/element/i18n.js';
import { note } from '../../../pkg/dist/element/view/parts.js';
import { besideThis } from '../../address.js';
import { toast } from '../../view/toast.js';
import { placeName } from '../places.js';
import { comparison, jsonOf, markdownOf, measuredIn, slowedBy } from '../report.js';
import { layersPanel } from './layers.js';
import { machinePanel } from './machine.js';
import { button, gap, panel, titleOf } from './panel.js';
import { rowsTable } from './rows.js';

/**
 * What was measured, to read, to paste and to save.
 * @param {import('../state.js').Store} store
 * @param {import('../bench.js').Bench} bench
 * @param {HTMLElement} root
 */
export function mountReport(store, bench, root) {
  const layers = el('div', { class: 'stack' });

  store.watch(
    ({ phase, report, lang }) => [phase, report, lang],
    ({ phase, report, lang }) => {
      if (phase !== 'report' || report === null) return root.replaceChildren();
      const markdown = markdownOf(report);
      const text = el('pre', { class: 'code', id: 'markdown', tabIndex: 0, role: 'region', 'aria-label': 'Markdown', lang: 'en', text: markdown });
      const copy = () => copyText(store, markdown, text);
      const again = button(t('bAgain'), () => bench.again());
      again.id = 'again';
      const saveJson = button(t('bJson'), () => save(jsonOf(report), `inception-bench-${report.measured.slice(0, 10)}.json`));
      const about = el('span', { class: 'about muted num', text: [runsText(report), new Date(report.measured).toLocaleDateString(lang === 'zh' ? 'zh-Hans' : 'en', { dateStyle: 'medium' })].filter(Boolean).join(' · ') });
      const slowed = slowedBy(report);
      root.replaceChildren(
        panel(
          t('bSummary'),
          [about, gap(), button(t('bCopy'), copy, 'primary'), saveJson, again],
          !report.complete && note('plain', t('bCancelled')),
          rowsTable(report.answers),
          el('p', { class: 'foot-note muted', text: t('bNotCounted') }),
          slowed !== null && note('warn', t('bThrottle', { p: slowed })),
          fasterNote(report),
        ),
        el('div', { class: 'halves wide-halves' }, layers, el('div', { class: 'stack' }, machinePanel(report.machine), panel('Markdown', [gap(), button(t('bCopy'), copy)], text))),
      );
    },
  );
  store.watch(
    ({ phase, report, order, allLayers, layersOf, lang }) => [phase, report, order, allLayers, layersOf, lang],
    ({ phase, report }) => {
      const focused = layers.contains(document.activeElement) ? document.activeElement?.closest('[id]')?.id : undefined;
      const shown = phase === 'report' && report !== null ? layersPanel(store, report) : null;
      layers.replaceChildren(...(shown ? [shown] : []));
      const target = focused ? $(`#${focused}`, layers) : null;
      (target?.querySelector('[aria-checked=true]') ?? target)?.focus();
    },
  );
}

/** @param {import('../report.js').Report} report @returns {string} how many runs a figure is made of */
function runsText(report) {
  const counts = measuredIn(report).map(({ runs }) => runs.length);
  if (counts.length === 0) return '';
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? t('bMedian', { n: most }) : t('bMedianRange', { least, most });
}

/** @param {import('../report.js').Report} report @returns {HTMLElement | null} which device is the fastest, and the way to use it */
function fasterNote(report) {
  const found = comparison(report);
  if (found === null) return null;
  const { fast, slow, times } = found;
  const text = t('bFaster', { a: placeName(fast), b: placeName(slow), x: times.toFixed(1) });
  const isOneOfMany = new Set(measuredIn(report).map(({ model }) => model)).size > 1;
  const said = isOneOfMany ? t('bOfModel', { m: titleOf({ id: fast.model, title: fast.title }), text }) : text;
  const use = () => location.assign(besideThis('index.html', { search: `?device=${fast.device}` }));
  return note('plain', said, fast.device === slow.device ? null : { text: t('bUse'), act: use });
}

/**
 * @param {import('../state.js').Store} store
 * @param {string} text
 * @param {HTMLElement} shown where it stands, to be copied by hand
 */
async function copyText(store, text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    store.show(() => toast(t('bCopied')));
  } catch {
    getSelection()?.selectAllChildren(shown);
    shown.focus();
    store.show(() => toast(t('notCopied')));
  }
}

