import { inEnglish } from '../../pkg/dist/element/i18n.js';
import { median, inMs, quantile, rate, slowing } from './figures.js';
import { placeName } from './places.js';

/** @typedef {import('./measure.js').Answer} Answer */

/**
 * What was measured, as it is kept on this computer and saved as JSON.
 *
 * @typedef {object} Report
 * @property {'inception-bench'} format
 * @property {1} version
 * @property {string} measured when, in ISO 8601
 * @property {boolean} complete whether nothing was left out
 * @property {{ width: number, height: number }} picture that was classified, in pixels
 * @property {import('./machine.js').Machine} machine
 * @property {Answer[]} answers in the order in which they were measured
 *
 * @typedef {object} Comparison
 * @property {Answer} fast the fastest of a model
 * @property {Answer} slow the fastest of its other device, else its slowest
 * @property {number} times how often as fast
 */

/** Where the last report is kept. */
const KEPT = 'inception-bench';
/** Layers of a table to paste, the slowest. */
const LAYERS = 10;
/** Limits that decide what runs, and how fast. @type {[name: string, isBytes: boolean][]} */
const LIMITS = [
  ['maxBufferSize', true],
  ['maxStorageBufferBindingSize', true],
  ['maxComputeWorkgroupStorageSize', true],
  ['maxComputeInvocationsPerWorkgroup', false],
];

/** Features that computing can use; the file has all. */
const FEATURES = ['shader-f16', 'subgroups', 'timestamp-query'];

/** @param {Answer} answer that has runs @returns {{ ms: number, from: number, to: number }} median, and between what the middle half lies */
export function spread({ runs }) {
  return { ms: median(runs), from: quantile(runs, 0.25), to: quantile(runs, 0.75) };
}

/** @param {Report} report @returns {Answer[]} those with a figure */
export function measuredIn({ answers }) {
  return answers.filter(({ failure }) => failure === null);
}

/** @param {Report} report @returns {number | null} by how many per cent the machine has slowed down; null: it has not */
export function slowedBy(report) {
  const found = measuredIn(report).flatMap(({ runs }) => slowing(runs) ?? []);
  return found.length > 0 ? Math.max(...found) : null;
}

/** @param {Report} report @returns {Answer[][]} its rows model by model */
export function byModel({ answers }) {
  return [...new Set(answers.map(({ model }) => model))].map((id) => answers.filter(({ model }) => model === id));
}

/**
 * @param {Answer[]} rows of one model
 * @param {'cpu' | 'webgpu'} device
 * @returns {Answer | undefined} the fastest
 */
export function fastestOn(rows, device) {
  return fastest(rows.filter((row) => row.device === device));
}

/** @param {Answer[]} rows */
function fastest(rows) {
  return rows.filter(({ failure }) => failure === null).sort((a, b) => median(a.runs) - median(b.runs))[0];
}

/**
 * @param {Report} report
 * @returns {Comparison | null} of the first model that was measured on both devices, else on two places of one
 */
export function comparison(report) {
  const models = byModel({ ...report, answers: measuredIn(report) }).filter((rows) => rows.length > 1);
  const both = models.find((rows) => fastestOn(rows, 'cpu') && fastestOn(rows, 'webgpu'));
  const rows = both ?? models[0] ?? [];
  const fast = fastest(rows);
  const slow = both ? fastestOn(rows, fast?.device === 'cpu' ? 'webgpu' : 'cpu') : rows.findLast((row) => row !== fast);
  if (fast === undefined || slow === undefined) return null;
  return { fast, slow, times: median(slow.runs) / median(fast.runs) };
}

/** @param {import('./machine.js').Adapter} adapter @returns {string[]} for people, in English */
export function limitsText({ limits }) {
  return LIMITS.flatMap(([name, isBytes]) => (limits[name] === undefined ? [] : [`${name} ${isBytes ? binary(limits[name]) : limits[name]}`]));
}

/** @param {import('./machine.js').Adapter} adapter @returns {string} those that computing can use */
export function featuresText({ features }) {
  return FEATURES.filter((feature) => features.includes(feature)).join(', ') || '–';
}

/** @param {number} bytes */
function binary(bytes) {
  const [size, unit] = /** @type {[number, string][]} */ ([[2 ** 30, 'GiB'], [2 ** 20, 'MiB'], [2 ** 10, 'KiB']]).find(([size]) => bytes >= size) ?? [1, 'bytes'];
  return `${Number((bytes / size).toFixed(1))} ${unit}`;
}

/** What the engine was built for; another name is that of a processor's instructions, natively. @type {Record<string, string>} */
const SIMD = { relaxed: 'relaxed SIMD', simd128: 'SIMD' };

/** @param {import('./machine.js').Machine} machine @returns {string} for people, in English */
export function simdText({ simd }) {
  return simd === null ? 'SIMD' : (SIMD[simd] ?? simd);
}

/** @param {string} key @param {Record<string, any>} [values] */
const english = (key, values) => inEnglish({ key, values });

/**
 * @param {Report} report
 * @returns {string} in English, whatever the page speaks: what the table shows, the machine, and the slowest layers of each model
 */
export function markdownOf(report) {
  const rows = report.answers.map((answer) => {
    const place = placeName(answer, english);
    if (answer.failure !== null) return row([cell(modelText(answer)), place, '–', cell(answer.failure.detail), '–', 0]);
    const { ms, from, to } = spread(answer);
    return row([cell(modelText(answer)), place, inMs(ms), `${inMs(from)}–${inMs(to)}`, rate(ms), answer.runs.length]);
  });
  const slowed = slowedBy(report);
  const notes = [
    `From ${report.picture.width} x ${report.picture.height} pixels to classes. ${english('bNotCounted')}`,
    ...(slowed === null ? [] : [english('bThrottle', { p: slowed })]),
    ...(report.complete ? [] : ['Cancelled before all was measured.']),
  ];
  return [
    row(['Model', 'Device', 'ms (median)', 'middle half', 'pictures / s', 'runs']),
    '|---|---|--:|--:|--:|--:|',
    ...rows,
    '',
    ...notes,
    '',
    ...machineLines(report),
    ...byModel({ ...report, answers: measuredIn(report) }).flatMap(layerLines),
    '',
  ].join('\n');
}

/** @param {Report} report */
function machineLines({ measured, machine }) {
  const { adapter, processors, isolated, browser } = machine;
  const about = adapter === null ? english('bNoGpu') : `${adapter.name}${adapter.software ? ` (${english('bSoftware')})` : ''}`;
  return [
    `- ${english('bAdapter')}: ${about}`,
    `- CPU: ${english('bProcessors', { n: processors, simd: simdText(machine) })}${isolated ? '' : ', page not isolated'}`,
    `- ${english('bBrowser')}: ${browser}`,
    ...(adapter === null ? [] : [`- ${english('bFeatures')}: ${featuresText(adapter)}`, `- ${english('bLimits')}: ${limitsText(adapter).join(', ')}`]),
    `- Measured: ${measured.slice(0, 10)}`,
  ];
}

/** @param {Answer[]} rows of one model @returns {string[]} a table of its slowest layers */
function layerLines(rows) {
  const shown = [fastestOn(rows, 'cpu'), fastestOn(rows, 'webgpu')].filter((answer) => answer !== undefined);
  const [first] = shown;
  if (first === undefined) return [];
  const layers = partTimes(shown.map(({ layers }) => layers)).sort(slowestFirst).slice(0, LAYERS);
  return [
    '',
    row([`Slowest of ${cell(modelText(first))}`, ...shown.map((answer) => `${placeName(answer, english)}, ms`)]),
    row(['---', ...shown.map(() => '--:')]),
    ...layers.map(({ part, ms }) => row([part, ...ms.map((each) => (each === null ? '–' : inMs(each)))])),
  ];
}

/** By the slowest of their answers. @param {{ ms: (number | null)[] }} a @param {{ ms: (number | null)[] }} b */
export const slowestFirst = (a, b) => Math.max(...b.ms.map(Number)) - Math.max(...a.ms.map(Number));

/**
 * @param {import('./measure.js').LayerTime[][]} answers times of the same network's layers
 * @returns {{ part: string, ms: (number | null)[] }[]} the time of each branch, and of each layer outside of them, in each answer; null where one has none
 */
export function partTimes(answers) {
  const sums = answers.map((layers) => {
    /** @type {Map<string, number>} */
    const sum = new Map();
    for (const { part, ms } of layers) sum.set(part, (sum.get(part) ?? 0) + ms);
    return sum;
  });
  const parts = new Set(sums.flatMap((sum) => [...sum.keys()]));
  return [...parts].map((part) => ({ part, ms: sums.map((sum) => sum.get(part) ?? null) }));
}

/** @param {Answer} answer @returns {string} in English */
function modelText({ title, weights }) {
  return weights === 'random' ? `${title} (${english('bRandom')})` : title;
}

/** @param {(string | number)[]} cells */
const row = (cells) => `| ${cells.join(' | ')} |`;

/** @param {string} text what would end a cell stays in it */
const cell = (text) => text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replace(/\s+/g, ' ');

/** @param {Report} report @returns {Blob} with every run and every layer */
export function jsonOf(report) {
  const answers = report.answers.map((answer) => {
    if (answer.failure !== null) return answer;
    const { ms, from, to } = spread(answer);
    return { ...answer, median: ms, middleHalf: [from, to], picturesPerSecond: 1000 / ms };
  });
  return new Blob([JSON.stringify({ ...report, slowedBy: slowedBy(report), answers }, null, 2)], { type: 'application/json' });
}

/** Keeps it on this computer, where that is allowed. @param {Report} report */
export function keepReport(report) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(report));
  } catch {
    // Storage may be forbidden or full; the report can still be saved.
  }
}

/** @returns {Report | null} the one that is kept; null where there is none that this version wrote */
export function keptReport() {
  try {
    const report = JSON.parse(localStorage.getItem(KEPT) ?? 'null');
    return isReport(report) ? report : null;
  } catch {
    return null;
  }
}

/** @param {any} report what this origin's storage holds @returns {report is Report} */
function isReport(report) {
  const isAnswer = (/** @type {Answer} */ { title, runs, layers, failure }) =>
    typeof title === 'string' && (failure === null ? runs.length > 0 && runs.every(Number.isFinite) : typeof failure.detail === 'string') && layers.every(({ part, ms }) => typeof part === 'string' && Number.isFinite(ms));
  const isAdapter = (/** @type {import('./machine.js').Adapter | null} */ adapter) => adapter === null || (typeof adapter.name === 'string' && Array.isArray(adapter.features) && typeof adapter.limits === 'object');
  if (report?.format !== 'inception-bench' || report.version !== 1 || Number.isNaN(Date.parse(report.measured))) return false;
  return report.answers.length > 0 && report.answers.every(isAnswer) && typeof report.machine.browser === 'string' && isAdapter(report.machine.adapter) && report.picture.width > 0;
}
