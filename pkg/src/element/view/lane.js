import { colorize } from '../color-map.js';
import { el } from '../dom.js';
import { digits } from '../format.js';
import { t } from '../i18n.js';
import { averageLane } from '../lanes.js';
import { branchSwitch } from './switch.js';
import { term } from './term.js';
import { chipText } from './words.js';

/** @typedef {import('../network.js').Module} Module */
/** @typedef {import('../network.js').Step} Step */
/** @typedef {import('../lanes.js').Activity} Activity */
/** @typedef {{ element: HTMLElement, update: (state: Readonly<import('../state.js').State>) => void }} LaneView */

/**
 * One branch on a card: where it answers, its layers, its share of the module's energy.
 * @param {Module[]} modules one, or equal blocks that one card stands for
 * @param {import('../network.js').Branch} branch of the first
 * @param {string} title
 * @param {import('../controls.js').Actions} actions
 * @returns {LaneView}
 */
export function branchLane(modules, branch, title, actions) {
  const names = modules.flatMap(({ branches }) => branches.filter(({ index }) => index === branch.index).map(({ name }) => name));
  const thumbnail = el('canvas', { role: 'img' });
  const toggle = branchSwitch(title, names, actions);
  toggle.element.tabIndex = -1;
  const number = el('span', { class: 'num' });
  const share = el('span', { class: 'share' }, number, toggle.element);
  const bar = el('i');
  const element = el(
    'div',
    { class: 'lane', 'data-branch': branch.label, vars: { '--c': `var(--b${branch.index})` } },
    el('div', { class: 'lane-in' }, thumbnail, el('div', { class: 'lane-text' }, chips(branch.path), share), el('div', { class: 'energy', 'aria-hidden': true }, bar)),
  );
  const layers = branch.path.map((steps) => steps.map(chipText).join(' + ')).join(' → ');
  return {
    element,
    update: ({ activity, off }) => {
      element.dataset.state = toggle.update(off);
      const lane = averageLane(names.flatMap((name) => activity?.lanes.get(name) ?? []));
      const percent = lane && `${(lane.share * 100).toFixed(0)} %`;
      const largest = lane?.mean.reduce((max, value) => Math.max(max, value), 0) ?? 0;
      const described = lane ? `, ${t('meanActivation')}, ${t('max')} ${digits(largest)}, ${t('energy')} ${percent}` : '';
      thumbnail.setAttribute('aria-label', `${title}${described}`);
      if (lane) paintMean(thumbnail, lane, largest);
      element.classList.toggle('waiting', lane === null);
      element.title = [title, layers, percent && `${t('energy')}: ${percent} (${t('energyRule')})`, modules.length > 1 && t('average', { n: modules.length })]
        .filter(Boolean)
        .join('\n');
      number.textContent = percent ?? '';
      bar.style.setProperty('--share', percent?.replace(' ', '') ?? '0%');
    },
  };
}

/**
 * What a residual block adds to its input, and how large that is against the input: a column for each block.
 * @param {Module[]} modules
 * @returns {LaneView}
 */
export function shortcutLane(modules) {
  const [first] = /** @type {[Module]} */ (modules);
  const columns = modules.map(() => el('i'));
  const ratio = el('span', { class: 'num' });
  const word = term('Shortcut', t('shortcut'));
  word.tabIndex = -1;
  const norms = el('div', { class: 'norms', role: 'img' }, ...columns);
  const element = el(
    'div',
    { class: 'lane shortcut', vars: { '--c': 'var(--line2)' } },
    el('div', { class: 'lane-in' }, norms, el('div', { class: 'lane-text' }, chips(first.residual.map((step) => [step])), el('span', { class: 'share' }, ratio, word))),
  );
  return {
    element,
    update: ({ activity }) => {
      const ratios = modules.map(({ name }) => {
        const { residual = 0, shortcut = 0 } = activity?.norms.get(name) ?? {};
        return shortcut > 0 ? residual / shortcut : 0;
      });
      columns.forEach((column, i) => column.style.setProperty('--share', `${Math.min(1, ratios[i] ?? 0) * 100}%`));
      const range = [Math.min(...ratios), Math.max(...ratios)].map(digits);
      const text = activity && (range[0] === range[1] ? `${range[0]}` : `${range[0]}–${range[1]}`);
      ratio.textContent = text ?? '';
      element.classList.toggle('waiting', activity === null);
      const described = text ? `${t('residualNorm')}: ${text} (${t('residualRule')})` : t('residualNorm');
      element.title = described;
      norms.setAttribute('aria-label', described);
    },
  };
}

/** The scale of the thumbnails. */
export function thumbnailLegend() {
  const ramp = el('canvas', { width: 256, height: 1, 'aria-hidden': true });
  const values = Float32Array.from({ length: 256 }, (_, i) => i);
  paintMean(ramp, { width: 256, height: 1, mean: values }, 255);
  return [el('span', { text: t('meanActivation') }), ramp];
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import('../lanes.js').MeanMap} map
 * @param {number} largest of the values: the light end
 */
export function paintMean(canvas, { width, height, mean }, largest) {
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  colorize(mean, largest, new Uint32Array(image.data.buffer));
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}

/**
 * The layers one below the other; where the branch forks, its ends beside a common line.
 * @param {Step[][]} path
 */
function chips(path) {
  const last = path.length - 1;
  const groups = path.map((steps, i) => {
    const own = steps.map((step) => el('span', { class: i === last ? 'chip last' : 'chip', title: step.name, text: chipText(step) }));
    return steps.length > 1 ? el('span', { class: 'fork' }, ...own) : own[0];
  });
  return el('div', { class: 'chips' }, ...groups);
}
