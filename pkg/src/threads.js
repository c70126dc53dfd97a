import { hasRelaxedSimd, hasSimd, hasThreads } from './probe.js';
import { InceptionError } from './errors.js';
import { platform } from './platform.js';

/** More threads than this bring nothing to layers of this size. */
const MOST_AUTOMATIC_THREADS = 8;
const AS_REQUESTED = 'as requested';

/**
 * @typedef {object} Choice
 * @property {'simd128' | 'relaxed'} simd the artefact
 * @property {number} threads how many to start, the engine's own included
 * @property {string} reason why that many
 */

/**
 * @param {'auto' | number} requested
 * @param {boolean} inWorker whether the engine may start helpers
 * @returns {Choice}
 * @throws {InceptionError} `unsupported`
 */
export function chooseArtefact(requested, inWorker) {
  if (typeof WebAssembly !== 'object') {
    throw new InceptionError('unsupported', `${platform.name} has no WebAssembly, or it is switched off`);
  }
  if (!hasSimd()) {
    throw new InceptionError('unsupported', `${platform.name} has no WebAssembly SIMD, which the engine needs`);
  }
  if (!platform.hasWorkers) return plain(requested, 'in Node.js the engine has one thread');
  if (!hasThreads()) return plain(requested, 'the page is not cross-origin isolated');
  if (!hasRelaxedSimd()) return plain(requested, 'this browser has no relaxed SIMD, and the engine without it has one thread');
  if (!inWorker) return { simd: 'relaxed', threads: 1, reason: 'the engine runs in the thread of the page (worker: false)' };
  if (requested !== 'auto') return { simd: 'relaxed', threads: requested, reason: AS_REQUESTED };
  const processors = globalThis.navigator?.hardwareConcurrency ?? 1;
  const threads = Math.min(processors, MOST_AUTOMATIC_THREADS);
  return { simd: 'relaxed', threads, reason: `${processors} logical processors` };
}

/**
 * @param {'auto' | number} requested
 * @param {string} reason
 * @returns {Choice}
 */
function plain(requested, reason) {
  return { simd: 'simd128', threads: 1, reason: requested === 1 ? AS_REQUESTED : reason };
}
