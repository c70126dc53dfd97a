import { $, activeElement, el, observeSize, setTabStop } from '../dom.js';
import { large, milliseconds } from '../format.js';
import { t } from '../i18n.js';
import { shownAnswer } from '../shift.js';
import { HEAD, STEM, stemThumbnails } from '../network.js';
import { foldButton, moduleCard, stackCard } from './card.js';
import { thumbnailLegend } from './lane.js';
import { moveInMap } from './map-keys.js';
import { showFacts } from './parts.js';
import { term } from './term.js';
import { headTile, layersBetween, stemTile } from './tile.js';
import { timeStrip } from './times.js';
import { className } from './words.js';
import { mountZoom } from './zoom.js';

/** @typedef {import('../network.js').Module} Module */
/** @typedef {import('./lane.js').LaneView} LaneView */

/**
 * @typedef {object} Column
 * @property {HTMLElement} element
 * @property {LaneView[]} lanes
 * @property {import('./tile.js').TileView | null} tile of the stem or the head
 * @property {keyof typeof WIDTHS} kind
 * @property {Module | null} module also for a stack
 * @property {import('./times.js').Part | null} part null: nothing is computed there
 * @property {string} title
 */

const CARD = '.card > button, .fold, .end > button';
/** Space between columns, in CSS pixels. */
const GAP = 5;
/** Widths of columns where the map fits, and where it is zoomed. `room` is what they take beside modules then, in CSS pixels. */
const WIDTHS = {
  stem: { fit: 'minmax(var(--least-end), 0.72fr)', wide: '88px', room: 88 },
  head: { fit: 'minmax(var(--least-end), 0.78fr)', wide: '92px', room: 92 },
  module: { fit: 'minmax(var(--least), 1fr)', wide: 'minmax(var(--column-width), 1fr)', room: 0 },
  stack: { fit: 'minmax(calc(var(--least) + 8px), 1.1fr)', wide: 'minmax(calc(var(--column-width) + 8px), 1fr)', room: 8 },
  between: { fit: 'clamp(36px, 36px + (100cqi - 1366px) * 0.07, 64px)', wide: '64px', room: 64 },
  fold: { fit: '28px', wide: '28px', room: 28 },
};
/** Modules from which on columns may be so narrow that the map scrolls before they get narrower. */
const MANY = 14;

/**
 * The network panel: facts, and every module as a card in order of depth.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 * @returns {(signal: AbortSignal) => void} to be called when the map comes into a document
 */
export function mountMap(store, actions, shadow) {
  const [map, scroll, facts, run, times] = [$('#map', shadow), $('#mapScroll', shadow), $('#networkFacts', shadow), $('#run', shadow), $('#times', shadow)];
  const legend = $('#mapLegend', shadow);
  /** @type {Column[]} */
  let columns = [];
  let strip = timeStrip([], actions);
  moveInMap(map);
  run.addEventListener('click', actions.run);
  times.addEventListener('click', actions.toggleTimes);
  const fade = () => {
    scroll.dataset.more = String(scroll.scrollLeft + scroll.clientWidth < scroll.scrollWidth - 4);
    scroll.dataset.less = String(scroll.scrollLeft > 4);
  };
  scroll.addEventListener('scroll', fade, { passive: true });
  const listenToKeys = mountZoom(store, actions, shadow, () => measure(columns));

  store.watch(
    ({ model, run: { result }, lang }) => [model, result, lang],
    ({ model, run: { result } }) => {
      if (model === null) return facts.replaceChildren();
      const { info, network } = model;
      showFacts(facts, [
        [term('Module', t('modulesN', { n: network.modules.length }))],
        [`${large(info.macs)} `, term('Macs')],
        [`${network.convolutions} ${t('convs')}`],
        [`${large(info.params)} ${t('params')}`],
        ...(result ? [[milliseconds(result.timing.run)]] : []),
      ]);
    },
  );
  store.watch(
    ({ model, openStacks, lang }) => [model, openStacks, lang],
    ({ model, openStacks, module }) => {
      const focused = map.contains(activeElement(map)) ? nameOf(activeElement(map)) : null;
      columns = model === null ? [] : columnsOf(model.network, openStacks, actions, model.info.network);
      strip = timeStrip(columns, actions);
      layOut(map, columns, strip);
      legend.replaceChildren(...thumbnailLegend());
      legend.title = t('scaleThumbnail');
      mark(map, module);
      if (focused !== null) [...map.querySelectorAll('button, input')].find((button) => nameOf(button) === focused)?.focus();
      reveal(scroll);
      fade();
    },
  );
  store.watch(
    ({ model, openStacks, activity, off, lang }) => [model, openStacks, activity, off, lang],
    (state) => {
      for (const { lanes } of columns) for (const lane of lanes) lane.update(state);
      legend.hidden = state.activity === null;
    },
  );
  store.watch(
    ({ model, openStacks, times, run, picture, lang }) => [model, openStacks, times, run.result, picture, lang],
    (state) => strip.update(state),
  );
  store.watch(
    (state) => [state.model, state.openStacks, state.activity, state.explanation, state.picture, shownAnswer(state), state.lang],
    (state) => {
      for (const { tile } of columns) tile?.update(state);
    },
  );
  store.watch(
    (state) => [state.model, state.openStacks, shownAnswer(state), state.lang],
    (state) => {
      const { model } = state;
      const result = shownAnswer(state);
      for (const old of map.querySelectorAll('.aux')) old.remove();
      for (const { head, after } of model?.network.auxiliary ?? []) {
        const card = map.querySelector(`[data-modules~="${after}"]`);
        const [likeliest] = result?.auxiliary.find(({ layer }) => layer === head)?.predictions ?? [];
        if (card) map.append(auxiliary(head, likeliest ?? null, card.style.getPropertyValue('--column')));
      }
    },
  );
  store.watch(
    ({ timesOpen, lang }) => [timesOpen, lang],
    ({ timesOpen }) => {
      map.classList.toggle('timed', timesOpen);
      times.ariaExpanded = String(timesOpen);
      times.textContent = t(timesOpen ? 'hideTimes' : 'showTimes');
    },
  );
  store.watch(({ zoom }) => [zoom], fade);
  store.watch(
    ({ module }) => [module],
    ({ module }) => {
      mark(map, module);
      reveal(scroll);
    },
  );
  store.watch(
    ({ picture, model }) => [picture, model],
    ({ picture, model }) => {
      run.disabled = picture === null || model === null;
    },
  );
  store.watch(
    ({ run: { status, purpose, result }, shift, passed, model, openStacks, lang }) => [status, purpose, result, shift, passed, model, openStacks, lang],
    (state) => showRun(map, state),
  );
  return (signal) => {
    observeSize(scroll, fade, signal);
    listenToKeys(signal);
  };
}

/**
 * Marks each card as waiting, running or done; without a run all are done.
 * @param {HTMLElement} map
 * @param {Readonly<import('../state.js').State>} state
 */
function showRun(map, { run, shift, passed, model }) {
  const isRunning = (run.status === 'running' && run.purpose === 'answer') || shift?.status === 'running';
  const isPassed = (/** @type {string} */ name) => passed?.modules.has(name) ?? false;
  const names = model?.network.modules.map(({ name }) => name) ?? [];
  const next = names.find((name, i) => !isPassed(name) && isPassed(names[i - 1] ?? ''));
  map.dataset.first = String(run.result === null);
  for (const card of /** @type {NodeListOf<HTMLElement>} */ (map.querySelectorAll('.card'))) {
    const own = card.dataset.modules?.split(' ') ?? [];
    const isAtWork = own.some((name) => name === next);
    card.dataset.run = !isRunning || own.every(isPassed) ? 'done' : isAtWork ? 'running' : 'waiting';
  }
}

/**
 * Scrolls the map, and only it, as far as the open module's card needs.
 * @param {HTMLElement} scroll
 */
function reveal(scroll) {
  const card = scroll.querySelector('[data-on=true]')?.getBoundingClientRect();
  const view = scroll.getBoundingClientRect();
  if (!card) return;
  if (card.left < view.left) scroll.scrollLeft += card.left - view.left - view.width / 3;
  if (card.right > view.right) scroll.scrollLeft += card.right - view.right + view.width / 3;
}

/** @param {Element | null} button */
function nameOf(button) {
  return button?.getAttribute('aria-label') ?? button?.textContent ?? null;
}

/**
 * @param {Column[]} columns
 * @returns {{ modules: number, rest: number }} how many are modules', and what all else takes where the map is zoomed, in CSS pixels
 */
function measure(columns) {
  const rest = columns.reduce((sum, { kind }) => sum + WIDTHS[kind].room + GAP, -GAP);
  return { modules: columns.filter(({ kind }) => kind === 'module' || kind === 'stack').length, rest };
}

/**
 * @param {import('../network.js').Network} network
 * @param {ReadonlySet<string>} openStacks
 * @param {import('../controls.js').Actions} actions
 * @param {string} id of the network
 * @returns {Column[]}
 */
function columnsOf(network, openStacks, actions, id) {
  /** @type {(module: Module) => Column} */
  const single = (module) => ({
    ...moduleCard(module, () => actions.openModule(module.name), actions, id),
    tile: null,
    kind: 'module',
    module,
    part: { modules: [module], steps: [] },
    title: module.name,
  });
  /** @type {(steps: import('../network.js').Step[], kind: 'stem' | 'head' | 'between') => Column} */
  const outside = (steps, kind) => {
    const tile = kind === 'between' ? null : kind === 'stem' ? stemTile(steps, stemThumbnails(network), () => actions.openModule(STEM)) : headTile(steps, () => actions.openModule(HEAD));
    return { element: tile?.element ?? layersBetween(steps), lanes: [], tile, kind, module: null, part: { modules: [], steps }, title: kind === 'between' ? '' : t(kind) };
  };
  /** @type {(stack: import('../network.js').Stack) => Column[]} */
  const stacked = (stack) => {
    const { label, modules } = stack;
    const [first = null] = modules;
    const toggle = () => actions.toggleStack(label);
    if (openStacks.has(label)) return [{ element: foldButton(stack, toggle), lanes: [], tile: null, kind: 'fold', module: first, part: null, title: '' }, ...modules.map(single)];
    return [{ ...stackCard(stack, toggle, actions), tile: null, kind: 'stack', module: first, part: { modules, steps: [] }, title: label }];
  };
  return network.parts.flatMap((part, at) => {
    if (part.kind === 'module') return [single(part.module)];
    if (part.kind === 'stack') return stacked(part);
    return [outside(part.steps, at === 0 ? 'stem' : at === network.parts.length - 1 ? 'head' : 'between')];
  });
}

/**
 * Puts the columns side by side under headings for the size of their outputs.
 * @param {HTMLElement} map
 * @param {Column[]} columns
 * @param {ReturnType<typeof timeStrip>} strip
 */
function layOut(map, columns, strip) {
  for (const size of /** @type {const} */ (['fit', 'wide'])) map.style.setProperty(`--${size}`, columns.map(({ kind }) => WIDTHS[kind][size]).join(' '));
  map.style.setProperty('--gap', `${GAP}px`);
  map.classList.toggle('long', columns.length > MANY);
  map.style.setProperty('--rows', String(1 + Math.max(0, ...columns.map(({ lanes }) => lanes.length))));
  const place = (/** @type {HTMLElement} */ element, /** @type {string} */ column) => {
    element.style.setProperty('--column', column);
    return element;
  };
  const cells = columns.map(({ element }, i) => place(element, `${i + 1}`));
  const headings = [];
  for (let from = 0; from < columns.length; ) {
    const heading = headingOf(columns, from);
    let to = from + 1;
    while (to < columns.length && heading.name !== '' && headingOf(columns, to).name === heading.name) to++;
    const { name, rest } = heading;
    if (name) headings.push(place(el('div', { class: 'stage' }, el('b', {}, name === t('stem') ? term('Stem', name) : name), el('span', { text: rest })), `${from + 1} / ${to + 1}`));
    from = to;
  }
  if (columns.length === 0) return map.replaceChildren();
  const times = strip.cells.map((cell, i) => place(cell, `${i + 1}`));
  map.replaceChildren(...headings, ...cells, strip.head, ...times);
}

/**
 * @param {Column[]} columns
 * @param {number} at
 * @returns {{ name: string, rest: string }} empty for what stands between modules
 */
function headingOf(columns, at) {
  const module = columns[at]?.module;
  if (module && module.role !== 'stem') return { name: `${module.shape[1]} × ${module.shape[2]}`, rest: `${t('stride')} ${module.stride}` };
  if (at === 0 || module) return { name: t('stem'), rest: '' };
  return { name: at === columns.length - 1 ? t('head') : '', rest: '' };
}

/**
 * @param {HTMLElement} map
 * @param {string | null} module
 */
function mark(map, module) {
  for (const column of /** @type {NodeListOf<HTMLElement>} */ (map.querySelectorAll('.card, .end[data-place]'))) {
    const on = module !== null && (column.dataset.modules?.split(' ') ?? [column.dataset.place]).includes(module);
    column.dataset.on = String(on);
    if (!column.classList.contains('stack')) /** @type {HTMLElement} */ (column.firstElementChild).ariaPressed = String(on);
  }
  setTabStop(map, CARD);
}

/**
 * @param {string} layer
 * @param {import('../../index.js').Prediction | null} best null where the head has said nothing
 * @param {string} column
 */
function auxiliary(layer, best, column) {
  const answer = best && el('span', { lang: 'en' }, el('b', { text: className(best) }), ` ${(best.probability * 100).toFixed(0)} %`);
  return el('div', { class: 'aux', vars: { '--column': column } }, el('span', { lang: 'en', text: layer }), answer);
}
