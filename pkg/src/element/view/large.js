import { rampImage } from '../color-map.js';
import { $, activeElement, el, isField, observeWidth } from '../dom.js';
import { digits } from '../format.js';
import { t } from '../i18n.js';
import { readOf } from '../shown.js';
import { drawChannel, drawOverlay } from './figures.js';
import { LooksFor } from './looks-for.js';
import { chipText } from './words.js';

/** @typedef {import('../state.js').Spot} Spot */
/** @typedef {NonNullable<ReturnType<typeof readOf>>} Read */

/** Side of the figures, in pixels of their canvases. */
const SIDE = 640;
/** Up to this width of the element, in CSS pixels, the channel has the window for itself. */
const NARROW = 860;
/** Steps of the cursor: rows and columns. */
const STEPS = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] });

/**
 * The pinned channel large, above the grids: its map with the value under the pointer, the map on the picture, and what the channel looks for.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 * @returns {(signal: AbortSignal) => void} to be called when the view comes into a document
 */
export function mountLarge(store, actions, shadow) {
  const dialog = /** @type {HTMLDialogElement} */ ($('#large', shadow));
  const parts = partsOf(actions, { step, goTo: pinNumber, back });
  const looksFor = new LooksFor(actions);
  parts.figures.append(looksFor.element);
  dialog.replaceChildren(parts.head, parts.figures);
  dialog.addEventListener('close', () => dialog.open || actions.closeLarge());
  dialog.addEventListener('keydown', onKey);
  parts.map.addEventListener('pointermove', (/** @type {PointerEvent} */ event) => actions.read(under(event)));
  parts.map.addEventListener('pointerleave', () => actions.read(null));
  parts.map.addEventListener('click', (/** @type {PointerEvent} */ event) => actions.pin(under(event)));

  /** @param {import('../state.js').State} state */
  const pinned = (state) => (state.large ? readOf({ ...state, spot: null }) : null);

  store.watch(
    ({ large, spot, pin, maps, inner, innerMaps, look, explanation, run, picture, lang }) => [large, spot, pin, maps, inner, innerMaps, look, explanation, run.result, picture, lang],
    (state) => {
      const read = pinned(state);
      if (read === null || state.model === null) return shut();
      const { spot } = state;
      const at = spot?.layer === read.spot.layer && spot.channel === read.spot.channel ? { ...read, spot } : read;
      show(at, state.model.info.input);
      open();
    },
  );
  store.watch(
    ({ large, pin, maps, inner, innerMaps, drawing, drawn, lookTarget, lang }) => [large, pin, maps, inner, innerMaps, drawing, drawn, lookTarget, lang],
    (state) => {
      const read = pinned(state);
      if (read !== null) looksFor.show(state, read.spot.layer, read.spot.channel);
    },
  );

  return (signal) => observeWidth(shadow.host, fit, signal);

  /** Opens at the top of the module view or over the window; brings it into view where the keyboard or the pointer was in the element. */
  function open() {
    if (dialog.open) return;
    const wasUsed = activeElement(dialog) !== null;
    if (shadow.host.clientWidth <= NARROW) dialog.showModal();
    else dialog.open = true;
    if (!wasUsed) return;
    dialog.focus({ preventScroll: true });
    dialog.scrollIntoView({ block: 'nearest' });
  }

  /** Opens again where the window has become narrow, or no longer is. */
  function fit() {
    if (!dialog.open || dialog.matches(':modal') === shadow.host.clientWidth <= NARROW) return;
    dialog.close();
    open();
  }

  /** Closes because there is nothing to show any more; the focus stays in the module view. */
  function shut() {
    const hadFocus = dialog.contains(activeElement(dialog));
    dialog.close();
    if (hadFocus) $('.branch .grid', shadow)?.focus();
  }

  /** Back to the grid, on the same channel. */
  function back() {
    const name = pinned(store.state)?.shown.branch.name;
    actions.closeLarge();
    const grid = $(`.branch[data-branch="${name}"] .grid`, shadow);
    grid?.focus();
    $('[role=option]', grid)?.scrollIntoView({ block: 'nearest' });
  }

  /** @param {1 | -1} by in the grid's order, which has ends */
  function step(by) {
    const read = pinned(store.state);
    const order = read?.shown.order ?? [];
    const channel = read && order[order.indexOf(read.spot.channel) + by];
    if (channel != null) actions.pinChannel(channel);
  }

  function writeNumber() {
    parts.number.focus();
    parts.number.select();
  }

  /** Pins the channel whose number was written. */
  function pinNumber() {
    const read = pinned(store.state);
    if (read === null) return;
    const wanted = parts.number.valueAsNumber;
    const channel = Number.isNaN(wanted) ? read.spot.channel : Math.max(0, Math.min(read.maps.channels - 1, Math.round(wanted)));
    parts.number.value = String(channel);
    if (channel !== read.spot.channel) actions.pinChannel(channel);
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (dialog.matches(':modal')) event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== 'Escape' && isField(event.target)) return;
    if (!act(event.key, event.shiftKey)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * @param {string} key
   * @param {boolean} isShifted
   * @returns {boolean} whether it does something
   */
  function act(key, isShifted) {
    const [down, right] = STEPS[key] ?? [];
    if (key === 'Escape') back();
    else if (key.toLowerCase() === 'g') writeNumber();
    else if (key.toLowerCase() === 'l') actions.toggleLook(looksFor.aim);
    else if (isShifted && down !== undefined && right !== undefined) moveCursor(down, right);
    else if (right) step(right > 0 ? 1 : -1);
    else return false;
    return true;
  }

  /** @param {number} down @param {number} right */
  function moveCursor(down, right) {
    const read = pinned(store.state);
    if (read === null) return;
    const { spot, maps } = read;
    const within = (/** @type {number} */ at, /** @type {number} */ size) => Math.max(0, Math.min(size - 1, at));
    actions.pin({ ...spot, y: within(spot.y + down, maps.height), x: within(spot.x + right, maps.width) });
  }

  /** @param {PointerEvent} event @returns {Spot | null} the value under the pointer */
  function under({ offsetX, offsetY }) {
    const read = pinned(store.state);
    if (read === null) return null;
    const { maps, spot } = read;
    const within = (/** @type {number} */ at, /** @type {number} */ side, /** @type {number} */ size) => Math.max(0, Math.min(size - 1, Math.floor((at / side) * size)));
    return { ...spot, y: within(offsetY, parts.map.clientHeight, maps.height), x: within(offsetX, parts.map.clientWidth, maps.width) };
  }

  /**
   * @param {Read} read
   * @param {[number, number, number]} input
   */
  function show(read, input) {
    const { spot, maps, shown } = read;
    const { order, layer, branch } = shown;
    const { mean = 0, max = 0, sparsity = 0 } = maps.stats[spot.channel] ?? {};
    const value = maps.data[(spot.channel * maps.height + spot.y) * maps.width + spot.x] ?? 0;
    const facts = [`${t('mean')} ${digits(mean)}`, `${t('max')} ${digits(max)}`, `${t('zeros')} ${(sparsity * 100).toFixed(0)} %`];
    const channel = `${t('channel')} ${spot.channel}`;
    const at = order?.indexOf(spot.channel) ?? -1;
    dialog.ariaLabel = `${spot.layer}, ${channel}`;
    dialog.style.setProperty('--c', `var(--b${branch.index})`);
    parts.title.textContent = channel;
    const last = branch.path.flat().find(({ name }) => name === layer.name) ?? (branch.path.at(-1)?.length === 1 ? branch.path.at(-1)?.[0] : undefined);
    parts.layer.textContent = parts.layer.title = [layer.name, last && chipText(last)].filter(Boolean).join(' · ');
    name(parts.previous, t('prevCh'), at === 0);
    name(parts.next, t('nextCh'), at === (order?.length ?? 0) - 1);
    parts.goTo.textContent = t('goTo');
    parts.of.textContent = t('ofN', { n: maps.channels });
    parts.number.max = String(maps.channels - 1);
    parts.number.value = String(spot.channel);
    parts.back.textContent = t('backGrid');
    parts.mapTitle.textContent = t('showMaps');
    parts.size.textContent = `${maps.width} × ${maps.height}`;
    parts.png.textContent = `${t('savePng')} ↓`;
    parts.npy.textContent = `${t('saveNpy')} ↓`;
    parts.map.ariaLabel = [`${spot.layer}, ${channel}`, ...facts].join(', ');
    drawChannel(parts.map, shown, spot);
    showBar(parts.bar, shown, spot.channel);
    parts.value.replaceChildren(
      el('span', {}, `${t('value')} (y ${spot.y}, x ${spot.x}) `, el('b', { text: digits(value) })),
      ...(max === 0 && !maps.signed ? [el('span', { text: t('deadChannel') })] : facts.map((text) => el('span', { text }))),
    );
    parts.onImage.textContent = t('onImage');
    parts.opacityText.textContent = t('opacity');
    const seen = /** @type {HTMLCanvasElement | null} */ ($('#seen', shadow));
    if (seen) parts.picture.getContext('2d').drawImage(seen, 0, 0, SIDE, SIDE);
    parts.over.ariaLabel = `${spot.layer}, ${channel}, ${t('onImage')}`;
    drawOverlay(parts.over, shown, spot.channel, input);
  }
}

/**
 * What does not change: it keeps the focus when another channel is shown.
 * @param {import('../controls.js').Actions} actions
 * @param {{ step: (by: 1 | -1) => void, goTo: () => void, back: () => void }} act
 */
function partsOf(actions, { step, goTo, back }) {
  const canvas = (/** @type {Record<string, any>} */ properties) => el('canvas', { width: SIDE, height: SIDE, ...properties });
  const parts = {
    previous: el('button', { class: 'icon small', text: '‹', on: { click: () => step(-1) } }),
    title: el('span', {}),
    next: el('button', { class: 'icon small', text: '›', on: { click: () => step(1) } }),
    layer: el('span', { class: 'muted facts', lang: 'en' }),
    goTo: el('span', {}),
    number: el('input', { type: 'number', id: 'goTo', min: 0, on: { change: goTo } }),
    of: el('span', { class: 'num' }),
    back: el('button', { id: 'backGrid', on: { click: back } }),
    size: el('span', { class: 'num muted' }),
    mapTitle: el('span', {}),
    png: el('button', { on: { click: actions.saveChannelPicture } }),
    npy: el('button', { on: { click: actions.saveChannel } }),
    map: canvas({ class: 'values', role: 'img' }),
    bar: el('div', { class: 'color-bar num', role: 'img' }),
    value: el('p', { class: 'value num' }),
    onImage: el('h3', {}),
    picture: canvas({ 'aria-hidden': true }),
    over: canvas({ class: 'values', role: 'img' }),
    opacityText: el('span', {}),
  };
  const opacity = el('input', { type: 'range', id: 'largeOpacity', min: 0, max: 100, value: 100, on: { input: () => (parts.over.style.opacity = String(opacity.valueAsNumber / 100)) } });
  const head = el(
    'div',
    { class: 'panel-head' },
    parts.previous,
    el('h2', {}, el('i', { class: 'key', 'aria-hidden': true }), parts.title),
    parts.next,
    parts.layer,
    el('span', { class: 'grow' }),
    el('label', { class: 'field' }, parts.goTo, parts.number, parts.of),
    parts.back,
  );
  const figures = el(
    'div',
    { class: 'large-figures' },
    el('figure', {}, el('h3', {}, parts.mapTitle, parts.size, el('span', { class: 'grow' }), parts.png, parts.npy), el('div', { class: 'large-map' }, el('div', { class: 'square' }, parts.map), parts.bar), parts.value),
    el('figure', { class: 'on-picture' }, parts.onImage, el('div', { class: 'square' }, parts.picture, parts.over), el('label', { class: 'field' }, parts.opacityText, opacity)),
  );
  return { ...parts, head, figures };
}

/**
 * @param {HTMLElement} button
 * @param {string} text
 * @param {boolean} isEnd whether there is no further one; the button keeps the focus
 */
function name(button, text, isEnd) {
  button.ariaLabel = button.title = text;
  button.ariaDisabled = String(isEnd);
}

/**
 * What the colours mean: the upper end, the middle and the lower end.
 * @param {HTMLElement} root
 * @param {import('../shown.js').Shown} shown
 * @param {number} channel
 */
function showBar(root, { palette, limit }, channel) {
  const [high, isSigned] = [limit(channel), palette === 'diverging'];
  const ends = [high, isSigned ? 0 : high / 2, isSigned ? -high : 0];
  root.ariaLabel = t('colourBar', { m: digits(high) });
  root.replaceChildren(el('i', { vars: { '--ramp': rampImage(palette, 'up') } }), ...ends.map((value) => el('span', { text: digits(value) })));
}
