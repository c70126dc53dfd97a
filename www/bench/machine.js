/**
 * What the browser tells of this machine.
 *
 * @typedef {object} Machine
 * @property {Adapter | null} adapter null: the browser offers none
 * @property {number} processors logical ones
 * @property {boolean} isolated whether the page may have threads
 * @property {'simd128' | 'relaxed' | null} simd what the engine was built for; null until a model has been loaded
 * @property {string} browser
 * @property {string} userAgent
 *
 * @typedef {object} Adapter
 * @property {string} name
 * @property {Record<string, string>} info
 * @property {boolean} software whether the processor plays it
 * @property {string[]} features
 * @property {Record<string, number>} limits
 */

/** What drivers call themselves that let the processor play the GPU. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|\bwarp\b|basic render/i;
/** How browsers name themselves where they do not say it apart: the first that is found. @type {[string, RegExp][]} */
const BROWSERS = [
  ['Edge', /Edg\/(\d+)/],
  ['Firefox', /Firefox\/(\d+)/],
  ['Chromium', /Chrome\/(\d+)/],
  ['Safari', /Version\/(\d+).*Safari/],
];
/** @type {[string, RegExp][]} */
const SYSTEMS = [
  ['Android', /Android/],
  ['iOS', /iPhone|iPad/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS/],
  ['Linux', /Linux/],
];

/** @returns {Promise<Machine>} */
export async function thisMachine() {
  const { userAgent, hardwareConcurrency } = navigator;
  return { adapter: await adapter(), processors: hardwareConcurrency, isolated: crossOriginIsolated, simd: null, browser: browserIn(userAgent), userAgent };
}

/** @returns {Promise<Adapter | null>} */
async function adapter() {
  const found = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (!found) return null;
  const { vendor = '', architecture = '', device = '', description = '', isFallbackAdapter } = found.info;
  const all = [vendor, architecture, device, description];
  return {
    name: description || [vendor, architecture || device].filter(Boolean).join(' ') || 'unnamed adapter',
    info: { vendor, architecture, device, description },
    software: isFallbackAdapter === true || SOFTWARE.test(all.join(' ')),
    features: [...found.features].sort(),
    limits: limitsOf(found),
  };
}

/** @param {GPUAdapter} adapter whose limits are properties of their prototype */
function limitsOf({ limits }) {
  /** @type {Record<string, number>} */
  const told = {};
  for (const name in limits) {
    const value = limits[/** @type {keyof GPUSupportedLimits} */ (name)];
    if (typeof value === 'number') told[name] = value;
  }
  return told;
}

/** @param {string} userAgent @returns {string} for example `Chromium 140, Linux` */
function browserIn(userAgent) {
  const [browser, version] = BROWSERS.map(([name, pattern]) => [name, pattern.exec(userAgent)?.[1]]).find(([, version]) => version) ?? [];
  const system = SYSTEMS.find(([, pattern]) => pattern.test(userAgent))?.[0];
  return [browser && `${browser} ${version}`, system].filter(Boolean).join(', ') || userAgent;
}
