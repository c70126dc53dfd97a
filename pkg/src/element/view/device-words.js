import { t } from '../i18n.js';

/**
 * The package's reasons in our words: a pattern, the string, and the name of what the pattern captures.
 * @type {[RegExp, string, string?][]}
 */
const REASONS = [
  [/^as requested$/, 'whyAsked'],
  [/^the browser offers a GPU$/, 'whyGpu'],
  [/^this browser has no WebGPU$/, 'whyNoGpu'],
  [/^WebGPU needs a page/, 'whyInsecure'],
  [/^the browser offers no GPU$/, 'whyNoAdapter'],
  [/^the only GPU adapter is software \((.*)\)$/, 'whySoftware', 'adapter'],
  [/^the GPU was lost: (.*); it was opened again$/, 'whyReopened', 'reason'],
  [/^the GPU was lost: (.*)$/, 'whyLost', 'reason'],
  [/^out of GPU memory/, 'whyMemory'],
];

/**
 * @param {string} reason `deviceReason` of a model
 * @returns {string} in the user's language where it is known, else as it is
 */
export function reasonText(reason) {
  for (const [pattern, key, name] of REASONS) {
    const match = pattern.exec(reason);
    if (match) return t(key, name ? { [name]: plain(match[1] ?? '') } : {});
  }
  return reason;
}

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
