import { el, rove } from '../../../pkg/dist/element/dom.js';
import { t } from '../../../pkg/dist/element/i18n.js';
import { inMs } from '../figures.js';
import { byModel, fastestOn, measuredIn, partTimes, slowestFirst } from '../report.js';
import { button, gap, panel, titleOf } from './panel.js';

/** Layers that are shown before somebody asks for all. */
const FIRST = 16;

/**
 * The time of each branch, and of each layer outside of them, on the fastest place of each device.
 * @param {import('../state.js').Store} store
 * @param {import('../report.js').Report} report
 * @returns {HTMLElement | null} null where nothing was measured
 */
export function layersPanel(store, report) {
  const { order, allLayers, layersOf } = store.state;
  const models = byModel({ ...report, answers: measuredIn(report) });
  const rows = models.find(([answer]) => answer?.model === layersOf) ?? models[0];
  if (rows === undefined) return null;
  const shown = [fastestOn(rows, 'cpu'), fastestOn(rows, 'webgpu')].filter((answer) => answer !== undefined);
  const parts = partTimes(shown.map(({ layers }) => layers));
  if (order === 'slowest') parts.sort(slowestFirst);
  const list = allLayers ? parts : parts.slice(0, FIRST);
  const longest = Math.max(...parts.flatMap(({ ms }) => ms.map((each) => each ?? 0)));
  const names = shown.map(({ device }) => t(device === 'cpu' ? 'bCpu' : 'bGpuShort'));
  const kinds = shown.map(({ device }) => (device === 'cpu' ? 'bar' : 'bar gpu'));
  const bar = (/** @type {number} */ i, /** @type {string} */ share) => el('i', { class: kinds[i], vars: { '--share': share } });

  const legend = el('td', { class: 'legend', 'aria-hidden': true }, ...names.map((name, i) => el('span', {}, bar(i, '18px'), name)));
  const head = el('tr', {}, el('th', { scope: 'col' }, el('span', { class: 'spoken', text: t('bLayer') })), legend, ...names.map((name) => el('th', { scope: 'col', class: 'r', text: `${name} ms` })));
  const lines = list.map(({ part, ms }) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row', title: part, lang: 'en', text: part }),
      el('td', { class: 'bars', 'aria-hidden': true }, ...ms.map((each, i) => each !== null && bar(i, `${(each / longest) * 100}%`))),
      ...ms.map((each) => el('td', { class: 'r', text: each === null ? '–' : inMs(each) })),
    ),
  );
  const sums = shown.map(({ layers }) => el('td', { class: 'r' }, el('b', { text: inMs(layers.reduce((sum, { ms }) => sum + ms, 0)) })));
  const table = el('table', { class: 'layers num', 'aria-label': t('bLayers') }, el('thead', {}, head), el('tbody', {}, ...lines), el('tfoot', {}, el('tr', {}, el('th', { scope: 'row', colSpan: 2, text: t('bSum') }), ...sums)));
  const more = parts.length > FIRST && button(allLayers ? t('bFewer') : t('bPlus', { n: parts.length - FIRST }), () => store.set({ allLayers: !allLayers }));
  if (more) Object.assign(more, { id: 'moreLayers', ariaExpanded: String(allLayers) });
  return panel(t('bLayers'), [gap(), orderChoice(store)], models.length > 1 && modelChoice(store, models, rows), table, more);
}

/** @param {import('../state.js').Store} store */
function orderChoice(store) {
  const { order } = store.state;
  const option = (/** @type {typeof order} */ value, /** @type {string} */ text) =>
    el('button', { role: 'radio', text, 'aria-checked': value === order, tabIndex: value === order ? 0 : -1, on: { click: () => store.set({ order: value }) } });
  const group = el('div', { id: 'layerOrder', class: 'seg', role: 'radiogroup', 'aria-label': t('sort') }, option('network', t('bSortNet')), option('slowest', t('bSortSlow')));
  rove(group, '[role=radio]', { choose: true });
  return group;
}

/**
 * @param {import('../state.js').Store} store
 * @param {import('../report.js').Answer[][]} models
 * @param {import('../report.js').Answer[]} chosen
 */
function modelChoice(store, models, chosen) {
  const options = models.flatMap(([answer]) => (answer ? [el('option', { value: answer.model, text: titleOf({ id: answer.model, title: answer.title }) })] : []));
  const select = el('select', { id: 'layersOf', 'aria-label': t('model'), on: { change: () => store.set({ layersOf: select.value }) } }, ...options);
  select.value = chosen[0]?.model ?? '';
  return select;
}
