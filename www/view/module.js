import { colorize } from '../color-map.js';
import { $, el } from '../dom.js';
import { digits, large, percent } from '../format.js';
import { t } from '../i18n.js';
import { TILES } from '../maps.js';
import { mountGrid } from './grid.js';
import { runStatus } from './run-status.js';
import { chipText } from './words.js';

/** @typedef {import('../network.js').Branch} Branch */
/** @typedef {import('../maps.js').BranchMaps} BranchMaps */

/**
 * The open module, branch by branch.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountModule(store, actions) {
  const [panel, root, facts] = [$('#moduleView'), $('#branches'), $('#moduleFacts')];
  $('#previousModule').addEventListener('click', () => actions.openNeighbour(-1));
  $('#nextModule').addEventListener('click', () => actions.openNeighbour(1));
  const openModule = (/** @type {Readonly<import('../state.js').State>} */ { model, module }) =>
    model?.network.modules.find(({ name }) => name === module) ?? null;

  store.watch(
    ({ model, module, lang }) => [model, module, lang],
    (state) => {
      const module = openModule(state);
      panel.hidden = module === null;
      if (module === null) return;
      $('#h-mod').textContent = module.name;
      const [channels, height, width] = module.shape;
      const [least, most] = module.field;
      const field = least === most ? `${least}` : `${least}–${most}`;
      facts.replaceChildren(
        `${channels} × ${height} × ${width} · ${t('rf').toLowerCase()} ${field} px`,
        el('span', { class: 'opt', text: ` · ${large(module.macs)} MACs` }),
      );
      facts.title = facts.textContent;
      $('#legend').replaceChildren(el('span', { class: 'num', text: '0' }), ramp(), el('span', { text: t('max') }), el('small', { text: t('scaleChannel') }));
    },
  );
  store.watch(
    ({ model, module, maps, picture, lang }) => [model, module, maps, picture === null, lang],
    (state) => {
      const module = openModule(state);
      if (module === null) return;
      $('#moduleEmpty').hidden = state.picture !== null;
      const columns = module.branches.map(({ channels }) => `minmax(216px, ${channels}fr)`).join(' ');
      root.style.setProperty('--columns', columns);
      const maps = new Map(state.maps?.branches.map((branch) => [branch.name, branch]));
      const sections = module.branches.map((branch) => section(branch, maps.get(branch.name) ?? null, state.picture !== null));
      root.replaceChildren(...sections.map(({ element }) => element));
      mountGrid(root, sections.map(({ grid }) => grid));
    },
  );
  store.watch(
    ({ run, picture, maps, lang }) => [run, picture, maps, lang],
    (state) => {
      const { run, picture } = state;
      root.classList.toggle('stale', run.of !== null && run.of !== picture);
      root.ariaBusy = String(run.status === 'running');
      const shown = run.purpose === 'module' ? runStatus(state, actions) : [];
      $('#moduleStatus').replaceChildren(...shown);
      $('#legend').hidden = picture === null || shown.length > 0;
    },
  );
}

function ramp() {
  const canvas = el('canvas', { width: 256, height: 1, 'aria-hidden': true });
  const image = new ImageData(256, 1);
  colorize(Float32Array.from({ length: 256 }, (_, i) => i), 255, new Uint32Array(image.data.buffer));
  canvas.getContext('2d').putImageData(image, 0, 0);
  return canvas;
}

/**
 * @param {Branch} branch
 * @param {BranchMaps | null} maps null while they are not known
 * @param {boolean} expected whether there will be maps
 */
function section(branch, maps, expected) {
  const value = (/** @type {string} */ key, /** @type {string} */ text) => el('div', {}, el('dt', { text: t(key) }), el('dd', { text }));
  const stats = el(
    'dl',
    { class: 'stats' },
    value('mean', maps ? digits(maps.mean) : '–'),
    value('max', maps ? digits(maps.max) : '–'),
    value('zeros', maps ? `${(maps.zeros * 100).toFixed(0)} %` : '–'),
  );
  const read = el('p', { class: 'read', 'aria-live': 'polite' });
  const shown = Math.min(TILES, branch.channels);
  const described = maps ? `, ${t('mean')} ${digits(maps.mean)}, ${t('max')} ${digits(maps.max)}, ${t('zeros')} ${percent(maps.zeros)} %` : '';
  const label = `${branch.name}: ${t('shown', { n: shown, total: branch.channels })}${described}`;
  const canvas = el('canvas', { 'aria-hidden': true });
  const cursor = el('div', { class: 'cursor', id: `option-${branch.index}`, role: 'option', hidden: true });
  const box = el('div', { class: 'grid', role: 'listbox', tabIndex: 0, 'aria-label': label }, canvas, cursor);
  const element = el(
    'section',
    { class: 'branch', 'aria-label': branch.label, 'data-branch': branch.name, vars: { '--c': `var(--b${branch.index})` } },
    el('header', {}, el('b', { lang: 'en', text: branch.label }), el('small', { class: 'muted num', text: `${branch.channels} ${t('channels')}` })),
    path(branch),
    ...(expected ? [stats, box, maps?.max === 0 && el('p', { class: 'note', text: t('allDead') }), read] : []),
  );
  return { element, grid: { box, canvas, cursor, read, shown, maps, resting: t('shown', { n: shown, total: branch.channels }) } };
}

/** @param {Branch} branch */
function path({ path: steps }) {
  const last = steps.length - 1;
  const chips = steps.flatMap((group, i) => {
    const joined = group.flatMap((step, k) => [k > 0 ? ' + ' : null, el('span', { class: i === last ? 'chip last' : 'chip', title: step.name, text: chipText(step) })]);
    return i > 0 ? [' → ', ...joined] : joined;
  });
  return el('div', { class: 'path' }, ...chips);
}
