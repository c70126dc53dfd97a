import { PALETTES } from '../pkg/dist/element/color-map.js';
import { FIRST_LOOK, SCALES, SORTS } from '../pkg/dist/element/maps.js';

/** @typedef {import('../pkg/dist/index.js').Device} Device */
/** @typedef {import('../pkg/dist/element/index.js').InspectorView} InspectorView */

/** What a catalog's ids look like: no address is loaded that somebody else's link names. */
const ID = /^[\w.-]+$/;
/** A value in the address: layer, channel, row, column. */
const SPOT = /^(.+),(\d+),(\d+),(\d+)$/;

/**
 * The choices that the page's address carries: `?device=…#model=…&compare=…&layer=…&channel=…&sort=…&scale=…&map=…&lang=…&theme=…`.
 * @returns {{ model: string | null, lang: string | null, theme: string | null, device: Device, view: Partial<InspectorView> }}
 */
export function readAddress() {
  const values = new URLSearchParams(location.hash.slice(1));
  const asked = new URLSearchParams(location.search).get('device');
  const device = asked === 'webgpu' || asked === 'cpu' ? asked : 'auto';
  const [model = null, layer = null, lang = null, theme = null] = ['model', 'layer', 'lang', 'theme'].map((key) => values.get(key));
  const look = {
    sort: oneOf(SORTS, values.get('sort'), FIRST_LOOK.sort),
    scale: oneOf(SCALES, values.get('scale'), FIRST_LOOK.scale),
    palette: oneOf(PALETTES, values.get('map'), FIRST_LOOK.palette),
  };
  const compare = ID.exec(values.get('compare') ?? '')?.[0] ?? null;
  const [, pinned, channel, y, x] = SPOT.exec(values.get('channel') ?? '') ?? [];
  const pin = pinned === undefined ? null : { layer: pinned, channel: Number(channel), y: Number(y), x: Number(x) };
  return { model, lang, theme, device, view: { layer, pin, compare, ...look } };
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
 * @param {InspectorView} view of its look, what differs from the first one is told
 * @returns {Record<string, string | null>}
 */
export function viewInAddress({ layer, pin, sort, scale, palette, compare }) {
  const unless = (/** @type {string} */ value, /** @type {string} */ usual) => (value === usual ? null : value);
  return {
    compare,
    layer,
    channel: pin && [pin.layer, pin.channel, pin.y, pin.x].join(','),
    sort: unless(sort, FIRST_LOOK.sort),
    scale: unless(scale, FIRST_LOOK.scale),
    map: unless(palette, FIRST_LOOK.palette),
  };
}

/**
 * Replaces the choices in the address without a step in the history.
 * @param {Record<string, string | null>} choices null takes one out
 */
export function writeAddress(choices) {
  const values = new URLSearchParams(location.hash.slice(1));
  for (const [key, value] of Object.entries(choices)) {
    if (value === null) values.delete(key);
    else values.set(key, value);
  }
  const hash = values.size > 0 ? `#${values.toString().replaceAll('%2F', '/').replaceAll('%2C', ',')}` : '';
  if (hash !== location.hash) history.replaceState(history.state, '', location.pathname + location.search + hash);
}

/** @param {Device} device 'auto' needs no mention */
export function writeDevice(device) {
  const url = new URL(location.href);
  if (device === 'auto') url.searchParams.delete('device');
  else url.searchParams.set('device', device);
  history.replaceState(history.state, '', url);
}

/**
 * @param {'lang' | 'theme'} key
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
 * @param {'lang' | 'theme'} key
 * @param {string} value
 */
export function remember(key, value) {
  try {
    localStorage.setItem(`inception-${key}`, value);
  } catch {
    // Storage may be forbidden; the address still carries the choice.
  }
}
