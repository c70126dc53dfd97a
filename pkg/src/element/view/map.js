import { $, activeElement, el, observeSize, setTabStop } from '../dom.js';
import { large, milliseconds } from '../format.js';
import { t } from '../i18n.js';
import { shownAnswer } from '../shift.js';
import { HEAD, STEM, stemThumbnails } from '../network.js';
import { remembered } from '../state.js';
import { foldButton, moduleCard, stackCard } from './card.js';
import { thumbnailLegend } from './lane.js';
import { moveInMap } from './map-keys.js';
import { showFacts } from './parts.js';
import { term } from './term.js';
import { headTile, layersBetween, stemTile } from './tile.js';
import { timeStrip } from './times.js';
import { className } from './words.js';
import { mountZoom } from './zoom.js';

/** @typedef {Readonly<import('../state.js').State>} State */
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
  const [map, scroll, run, times] = [$('#map', shadow), $('#mapScroll', shadow), $('#run', shadow), $('#times', shadow)];
  /** What the map is made of: columns, and the strip of times below them. @type {(state: State) => { columns: Column[], strip: ReturnType<typeof timeStrip> }} */
  const partsOf = remembered(({ model, openStacks }) => {
    const columns = model === null ? [] : columnsOf(model.network, openStacks, actions, model.info.network);
    return { columns, strip: timeStrip(columns, actions) };
  });
  const fade = () => showMore(scroll);
  moveInMap(map);
  run.addEventListener('click', actions.run);
  times.addEventListener('click', actions.toggleTimes);
  scroll.addEventListener('scroll', fade, { passive: true });
  const listenToKeys = mountZoom(store, actions, shadow, () => measure(partsOf(store.state).columns));

  store.follow((state) => layOut(map, partsOf(state)));
  store.follow((state) => {
    for (const { lanes, tile } of partsOf(state).columns) for (const part of [...lanes, tile]) part?.update(state);
  });
  store.follow((state) => partsOf(state).strip.update(state));
  store.follow((state) => {
    partsOf(state);
    showAuxiliary(map, state);
  });
  store.follow((state) => {
    partsOf(state);
    showRun(map, state);
  });
  store.follow((state) => {
    partsOf(state);
    mark(map, state.module);
    reveal(scroll);
    fade();
  });
  store.follow((state) => showNetwork($('#networkFacts', shadow), state));
  store.follow((state) => showLegend($('#mapLegend', shadow), state));
  store.follow(({ timesOpen }) => {
    map.classList.toggle('timed', timesOpen);
    times.ariaExpanded = String(timesOpen);
    times.textContent = t(timesOpen ? 'hideTimes' : 'showTimes');
  });
  store.follow(({ picture, model }) => (run.disabled = picture === null || model === null));
  store.watch(({ zoom }) => [zoom], fade);
  return (signal) => {
    observeSize(scroll, fade, signal);
    listenToKeys(signal);
  };
}

/**
 * @param {HTMLElement} facts
 * @param {State} state
 */
function showNetwork(facts, { model, run: { result } }) {
  if (model === null) return facts.replaceChildren();
  const { info, network } = model;
  showFacts(facts, [
    [term('Module', t('modulesN', { n: network.modules.length }))],
    [`${large(info.macs)} `, term('Macs')],
    [`${network.convolutions} ${t('convs')}`],
    [`${large(info.params)} ${t('params')}`],
    ...(result ? [[milliseconds(result.timing.run)]] : []),
  ]);
}

/**
 * @param {HTMLElement} legend
 * @param {State} state
 */
function showLegend(legend, { activity }) {
  legend.replaceChildren(...thumbnailLegend());
  legend.title = t('scaleThumbnail');
  legend.hidden = activity === null;
}

/**
 * What each auxiliary head says, below the module that it reads.
 * @param {HTMLElement} map
 * @param {State} state
 */
function showAuxiliary(map, state) {
  const result = shownAnswer(state);
  for (const old of map.querySelectorAll('.aux')) old.remove();
  for (const { head, after } of state.model?.network.auxiliary ?? []) {
    const card = /** @type {HTMLElement | null} */ (map.querySelector(`[data-modules~="${after}"]`));
    const [likeliest] = result?.auxiliary.find(({ layer }) => layer === head)?.predictions ?? [];
    if (card) map.append(auxiliary(head, likeliest ?? null, card.style.getPropertyValue('--column')));
  }
}

/** Says whether there is more of the map on either side. @param {HTMLElement} scroll */
function showMore(scroll) {
  scroll.dataset.more = String(scroll.scrollLeft + scroll.clientWidth < scroll.scrollWidth - 4);
  scroll.dataset.less = String(scroll.scrollLeft > 4);
}

/**
 * Marks each card as waiting, running or done; without a run all are done.
 * @param {HTMLElement} map
 * @param {State} state
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
 * Puts the columns side by side under headings for the size of their outputs. The focus stays.
 * @param {HTMLElement} map
 * @param {{ columns: Column[], strip: ReturnType<typeof timeStrip> }} parts
 */
function layOut(map, { columns, strip }) {
  const focused = map.contains(activeElement(map)) ? nameOf(activeElement(map)) : null;
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
  const reachable = /** @type {NodeListOf<HTMLElement>} */ (map.querySelectorAll('button, input'));
  if (focused !== null) [...reachable].find((button) => nameOf(button) === focused)?.focus();
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
