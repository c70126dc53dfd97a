import { PALETTES } from '../pkg/dist/element/color-map.js';
import { FIRST_LOOK, SCALES, SORTS } from '../pkg/dist/element/maps.js';
import { FIRST_SETTINGS } from '../pkg/dist/element/state.js';
import { isWhy } from '../pkg/dist/element/why.js';
import { SAMPLES } from './samples.js';
import { WORKSPACES } from './state.js';

/** @typedef {import('../pkg/dist/index.js').Device} Device */
/** @typedef {import('../pkg/dist/element/index.js').InspectorView} InspectorView */
/** @typedef {import('./samples.js').Sample} Sample */

/** @typedef {'lang' | 'theme' | 'tour' | 'keep'} Remembered */

/** What a catalog's ids look like: no address is loaded that somebody else's link names. */
const ID = /^[\w.-]+$/;
/** A value in the address: layer, channel, row, column. */
const SPOT = /^(.+),(\d+),(\d+),(\d+)$/;
/** Sides that a tile may have, in CSS pixels; the zoom that a map may have. */
const [TILES, ZOOMS] = [/** @type {const} */ ([20, 96]), /** @type {const} */ ([0.25, 4])];
/** Browsers allow a hundred changes of the address in half a minute: so many at once, and so many a millisecond afterwards. */
const [AT_ONCE, RATE] = [12, 0.0028];

/**
 * The choices that the page's address carries, `?device=…` and behind the `#`: `view` (teach or dream), `mine` (one's own classes answer), `model`, `photo` (a sample), `layer`, `inner` (layers that are
 * shown instead of the ends of their branches), `channel` (a value: layer, channel, row, column), `open` (that channel large), `off` (branches),
 * `cam` (the class map's opacity in percent), `why` (how the answer is explained), `shows` (looks: what channels look for), `class` (index), `sort`, `reverse`, `scale`, `map` (colours), `tile`, `dead` (hidden), `compare`
 * (a model), `module2` (of that model), `photo2` (a sample), `nodiff` (the difference is not shown), `bydiff` (channels that differ most come
 * first), `times`, `whole` (picture), `zoom`, `lang`, `theme`. What is not in it, or makes no sense, is as it is at first.
 * @returns {{ model: string | null, sample: Sample | null, lang: string | null, theme: string | null, device: Device, workspace: import('./state.js').Workspace, mine: boolean, view: Partial<InspectorView> }}
 */
export function readAddress() {
  const values = new URLSearchParams(location.hash.slice(1));
  const asked = new URLSearchParams(location.search).get('device');
  const device = asked === 'webgpu' || asked === 'cpu' ? asked : 'auto';
  const [model = null, layer = null, lang = null, theme = null] = ['model', 'layer', 'lang', 'theme'].map((key) => values.get(key));
  const is = (/** @type {string} */ key) => values.get(key) === '1';
  const look = {
    sort: oneOf(SORTS, values.get('sort'), FIRST_LOOK.sort),
    reverse: is('reverse'),
    scale: oneOf(SCALES, values.get('scale'), FIRST_LOOK.scale),
    palette: oneOf(PALETTES, values.get('map'), FIRST_LOOK.palette),
    hideDead: is('dead'),
    tile: within(TILES, values.get('tile'), FIRST_LOOK.tile),
  };
  const settings = {
    camOpacity: within([0, 100], values.get('cam'), FIRST_SETTINGS.camOpacity * 100) / 100,
    why: whyIn(values.get('why')),
    shows: values.get('shows') === 'looks' ? /** @type {const} */ ('looks') : FIRST_SETTINGS.shows,
    explain: /^\d{1,6}$/.test(values.get('class') ?? '') ? Number(values.get('class')) : null,
    off: listIn(values.get('off')),
    times: is('times'),
    whole: is('whole'),
    zoom: within(ZOOMS, values.get('zoom'), FIRST_SETTINGS.zoom),
  };
  const compare = ID.exec(values.get('compare') ?? '')?.[0] ?? null;
  const otherPicture = sampleOf(values.get('photo2'))?.name ?? null;
  const [, pinned, channel, y, x] = SPOT.exec(values.get('channel') ?? '') ?? [];
  const pin = pinned === undefined ? null : { layer: pinned, channel: Number(channel), y: Number(y), x: Number(x) };
  const sides = { compare, otherPicture, compareModule: values.get('module2'), difference: !is('nodiff'), byDifference: is('bydiff') };
  const view = { layer, inner: listIn(values.get('inner')), pin, large: is('open'), ...sides, ...look, ...settings };
  const workspace = oneOf(WORKSPACES, values.get('view'), 'inspect');
  return { model, sample: sampleOf(values.get('photo')), lang, theme, device, workspace, mine: is('mine'), view };
}

/** @param {string | null} value */
function whyIn(value) {
  return isWhy(value) ? value : FIRST_SETTINGS.why;
}

/** @param {string | null} value names with commas between them */
function listIn(value) {
  return (value ?? '').split(',').filter(Boolean);
}

/** @param {string | null} id */
function sampleOf(id) {
  return SAMPLES.find((sample) => sample.id === id) ?? null;
}

/**
 * @template {string} T
 * @param {T[]} known
 * @param {string | null} value
 * @param {T} otherwise
 * @returns {T}
 */
function oneOf(known, value, otherwise) {
  return known.find((one) => one === value) ?? otherwise;
}

/**
 * @param {readonly [number, number]} range
 * @param {string | null} value
 * @param {number} otherwise
 */
function within([least, most], value, otherwise) {
  const number = Number(value ?? NaN);
  return value !== '' && number >= least && number <= most ? number : otherwise;
}

/**
 * @param {InspectorView} view what differs from what it is at first is told
 * @param {string | null} firstLayer the one that is open at first
 * @returns {Record<string, string | null>}
 */
export function viewInAddress(view, firstLayer) {
  const { layer, inner, pin, large, sort, reverse, scale, palette, hideDead, tile, off, explain, camOpacity, why, shows, times, whole, zoom, compare, otherPicture } = view;
  const unless = (/** @type {string | number | null} */ usual, /** @type {string | number | null} */ value) => (value === usual ? null : String(value));
  const flag = (/** @type {boolean} */ value) => (value ? '1' : null);
  const listOf = (/** @type {string[]} */ names) => (names.length > 0 ? names.join(',') : null);
  return {
    layer: unless(firstLayer, layer),
    inner: listOf(inner.filter((name) => name !== pin?.layer)),
    channel: pin && [pin.layer, pin.channel, pin.y, pin.x].join(','),
    open: flag(large && pin !== null),
    off: listOf(off),
    cam: unless(FIRST_SETTINGS.camOpacity * 100, Math.round(camOpacity * 100)),
    why: unless(FIRST_SETTINGS.why, why),
    shows: unless(FIRST_SETTINGS.shows, shows),
    class: unless(null, explain),
    sort: unless(FIRST_LOOK.sort, sort),
    reverse: flag(reverse),
    scale: unless(FIRST_LOOK.scale, scale),
    map: unless(FIRST_LOOK.palette, palette),
    tile: unless(FIRST_LOOK.tile, tile),
    dead: flag(hideDead),
    compare,
    module2: compare && view.compareModule,
    nodiff: flag(!view.difference),
    bydiff: flag(view.byDifference),
    photo2: SAMPLES.find(({ name }) => name === otherPicture)?.id ?? null,
    times: flag(times),
    whole: flag(whole),
    zoom: unless(FIRST_SETTINGS.zoom, Number(zoom.toFixed(2))),
  };
}

/** Choices that are to come into the address together. @type {Map<string, string | null>} */
const changed = new Map();
let isWaiting = false;
/** How many changes are allowed now, as of a time. */
const allowed = { changes: AT_ONCE, at: 0 };

/**
 * Replaces the choices in the address without a step in the history: at once, or a little later where that has been done often.
 * @param {Record<string, string | null>} choices null takes one out
 */
export function writeAddress(choices) {
  for (const [key, value] of Object.entries(choices)) changed.set(key, value);
  if (isWaiting) return;
  const now = performance.now();
  Object.assign(allowed, { changes: Math.min(AT_ONCE, allowed.changes + (now - allowed.at) * RATE), at: now });
  if (allowed.changes >= 1) return replace();
  isWaiting = true;
  setTimeout(replace, (1 - allowed.changes) / RATE);
}

/** @returns {string} the page's address with every choice in it */
export function addressOfView() {
  if (isWaiting) replace();
  return location.href;
}

/**
 * @param {string} page of this site
 * @param {{ search?: string, view?: string | null }} [changes] what is to be another than in this page's address
 * @returns {string} its address with the choices of this one's, so that a way there and back changes nothing
 */
export function besideThis(page, { search, view } = {}) {
  const here = new URL(addressOfView());
  const values = new URLSearchParams(here.hash.slice(1));
  if (view === null) values.delete('view');
  else if (view !== undefined) values.set('view', view);
  return page + (search ?? here.search) + hashOf(values);
}

/** Leaves the address to whoever has changed it. */
export function dropChanges() {
  changed.clear();
}

function replace() {
  isWaiting = false;
  const values = new URLSearchParams(location.hash.slice(1));
  for (const [key, value] of changed) {
    if (value === null) values.delete(key);
    else values.set(key, value);
  }
  changed.clear();
  const hash = hashOf(values);
  if (hash === location.hash) return;
  allowed.changes -= 1;
  history.replaceState(history.state, '', location.pathname + location.search + hash);
}

/** @param {URLSearchParams} values */
function hashOf(values) {
  return values.size > 0 ? `#${values.toString().replaceAll('%2F', '/').replaceAll('%2C', ',').replaceAll('%3A', ':')}` : '';
}

/** @param {Device} device 'auto' needs no mention */
export function writeDevice(device) {
  const url = new URL(location.href);
  if (device === 'auto') url.searchParams.delete('device');
  else url.searchParams.set('device', device);
  history.replaceState(history.state, '', url);
}

/**
 * @param {Remembered} key
 * @returns {string | null} the choice remembered on this computer
 */
export function remembered(key) {
  try {
    return localStorage.getItem(`inception-${key}`);
  } catch {
    return null;
  }
}

/**
 * @param {Remembered} key
 * @param {string} value
 */
export function remember(key, value) {
  try {
    localStorage.setItem(`inception-${key}`, value);
  } catch {
    // Storage may be forbidden; the address still carries the choice.
  }
}
