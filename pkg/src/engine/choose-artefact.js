import { InceptionError } from '../shared/errors.js';
import { platform } from '../shared/platform.js';
import { hasRelaxedSimd, hasSharedMemory, hasSimd, lackOfThreads } from './probe.js';

/** More threads than this bring nothing to layers of this size. */
const MOST_AUTOMATIC_THREADS = 8;
const AS_REQUESTED = 'as requested';

/**
 * @typedef {object} Choice
 * @property {import('../shared/protocol.js').ArtefactName} artefact
 * @property {number} threads how many to start, the engine's own included
 * @property {string} reason why that many
 * @property {boolean} mayBeFewer where that turns out to be faster
 */

/**
 * @param {'auto' | number} requested
 * @param {boolean} inWorker whether the engine may start helpers
 * @param {string | null} lackOfWorkers why the engine is in no worker though one would be usual
 * @returns {Choice}
 * @throws {InceptionError} `unsupported`
 */
export function chooseArtefact(requested, inWorker, lackOfWorkers) {
  if (typeof WebAssembly !== 'object') {
    throw new InceptionError('unsupported', `${platform.name} has no WebAssembly, or it is switched off`);
  }
  if (!hasSimd()) {
    throw new InceptionError('unsupported', `${platform.name} has no WebAssembly SIMD, which the engine needs`);
  }
  const lack = lackOfWorkers ?? lackOfThreads();
  const simd = hasRelaxedSimd() && hasSharedMemory() ? 'relaxed' : 'simd128';
  if (lack !== null) return one(simd, requested, lack);
  if (!inWorker) return one(simd, 'auto', 'the engine runs in the thread that calls it (worker: false)');
  if (requested === 1) return one(simd, requested, AS_REQUESTED);
  const artefact = simd === 'relaxed' ? simd : 'simd128_threads';
  if (requested !== 'auto') return { artefact, threads: requested, reason: AS_REQUESTED, mayBeFewer: false };
  const processors = platform.processors();
  const threads = Math.min(processors, MOST_AUTOMATIC_THREADS);
  return { artefact, threads, reason: `${processors} logical processors`, mayBeFewer: true };
}

/**
 * @param {'simd128' | 'relaxed'} artefact
 * @param {'auto' | number} requested
 * @param {string} reason
 * @returns {Choice}
 */
function one(artefact, requested, reason) {
  return { artefact, threads: 1, reason: requested === 1 ? AS_REQUESTED : reason, mayBeFewer: false };
}
