import { t } from '../i18n.js';

/** How reasons begin that are what an answer takes on each device. */
const FIGURES = /^GPU \d+ ms/;

/**
 * The package's reasons in our words: a pattern, and the string, in which stands what the pattern captures.
 * @type {[RegExp, string][]}
 */
const REASONS = [
  [/^GPU (?<gpu>\d+) ms, CPU (?<cpu>\d+) ms, predicted$/, 'whyPredicted'],
  [/^GPU (?<gpu>\d+) ms, CPU (?<cpu>\d+) ms, measured$/, 'whyMeasured'],
  [/^GPU (?<gpu>\d+) ms measured, CPU (?<cpu>\d+) ms predicted$/, 'whyGpuMeasured'],
  [/^GPU (?<gpu>\d+) ms predicted, CPU (?<cpu>\d+) ms measured$/, 'whyCpuMeasured'],
  [/^as requested$/, 'whyAsked'],
  [/^the browser offers a GPU/, 'whyGpu'],
  [/^this browser has no WebGPU$/, 'whyNoGpu'],
  [/^WebGPU needs a page/, 'whyInsecure'],
  [/^the browser offers no GPU$/, 'whyNoAdapter'],
  [/^the only GPU adapter is software \((?<adapter>.*)\)$/, 'whySoftware'],
  [/^the GPU was lost: (?<reason>.*); it was opened again$/, 'whyReopened'],
  [/^the GPU was lost: (?<reason>.*)$/, 'whyLost'],
  [/^out of GPU memory/, 'whyMemory'],
];

/**
 * @param {string} reason `deviceReason` of a model
 * @returns {string} in the user's language where it is known, else as it is
 */
export function reasonText(reason) {
  for (const [pattern, key] of REASONS) {
    const match = pattern.exec(reason);
    if (match) return t(key, Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, text]) => [name, plain(text)])));
  }
  return reason;
}

/**
 * @param {string} reason `deviceReason` of a model
 * @returns {boolean} whether the device is the faster one, as far as that is known, and stands in for no other
 */
export const isByTime = (reason) => FIGURES.test(reason);

/**
 * @param {import('../../index.js').DeviceChange} change
 * @returns {string} a sentence
 */
export function changeText({ to, reason, code }) {
  const key = code !== 'device-lost' ? 'stGpuFailed' : to === 'webgpu' ? 'stReopened' : 'stLost';
  return t(key, { reason: plain(reason.replace(/^the GPU was lost: /, '')) });
}

/** @param {string} reason a browser's own words, which may be a sentence */
function plain(reason) {
  return reason.trim().replace(/\.$/, '');
}
