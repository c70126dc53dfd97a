import { t } from '../../pkg/dist/element/i18n.js';

/** More threads than this bring nothing to layers of this size; the engine takes no more by itself. */
const MOST_THREADS = 8;

/**
 * Where a model is measured.
 *
 * @typedef {object} Place
 * @property {'one' | 'threads' | 'gpu' | 'tuned'} id
 * @property {'cpu' | 'webgpu'} device
 * @property {number} threads of the CPU
 * @property {boolean} tuned whether the GPU's tiles are tried out first
 */

/**
 * @param {number} processors
 * @returns {Place[]} in the order in which they are measured
 */
export function placesOn(processors) {
  const threads = Math.min(processors, MOST_THREADS);
  /** @type {Place[]} */
  const onCpu = [{ id: 'one', device: 'cpu', threads: 1, tuned: false }];
  if (threads > 1) onCpu.push({ id: 'threads', device: 'cpu', threads, tuned: false });
  return [...onCpu, { id: 'gpu', device: 'webgpu', threads: 1, tuned: false }, { id: 'tuned', device: 'webgpu', threads: 1, tuned: true }];
}

/**
 * @param {Place} place
 * @param {import('./machine.js').Machine} machine
 * @returns {string | null} the key of the sentence that says why nothing can be measured there
 */
export function lackAt(place, { adapter, isolated }) {
  if (place.id === 'threads' && !isolated) return 'bNoThreads';
  if (place.device === 'webgpu' && adapter === null) return 'bNoGpu';
  // Kernels are timed by the GPU's own clock; those of an adapter that the processor plays are always the same.
  return place.tuned && (adapter?.software || !adapter?.features.includes('timestamp-query')) ? 'bNoTune' : null;
}

/** @param {Pick<Place, 'device' | 'threads' | 'tuned'>} place @param {typeof t} [say] in the page's language, or another */
export function placeName({ device, threads, tuned }, say = t) {
  if (device === 'webgpu') return say(tuned ? 'bGpuTuned' : 'bGpu');
  return threads === 1 ? say('bThread') : say('bThreads', { n: threads });
}
