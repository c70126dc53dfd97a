/** @typedef {import('../pkg/dist/index.js').Device} Device */

/**
 * The choices that the page's address carries: `?device=…#model=…&layer=…&lang=…&theme=…`.
 * @returns {{ model: string | null, layer: string | null, lang: string | null, theme: string | null, device: Device }}
 */
export function readAddress() {
  const values = new URLSearchParams(location.hash.slice(1));
  const asked = new URLSearchParams(location.search).get('device');
  const device = asked === 'webgpu' || asked === 'cpu' ? asked : 'auto';
  const [model = null, layer = null, lang = null, theme = null] = ['model', 'layer', 'lang', 'theme'].map((key) => values.get(key));
  return { model, layer, lang, theme, device };
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
  const hash = values.size > 0 ? `#${values.toString().replaceAll('%2F', '/')}` : '';
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
