import { InceptionError, throwIfAborted } from '../shared/errors.js';
import { macrotask } from '../shared/macrotask.js';
import { Guard } from './guard.js';
import { ThreadTuner } from './thread-tuner.js';
import { startArtefact } from './wasm.js';

/** @typedef {import('../index.js').ModelInfo} ModelInfo */
/** @typedef {import('../shared/protocol.js').LoadHooks} LoadHooks */

/** Runs by which the CPU is measured, of one or two milliseconds each. */
const PACE_RUNS = 4;

/**
 * An artefact that runs in this thread, shared by all models loaded here. Its threads are certain once `gathered` resolves. Each
 * {@link startRuntime} wants one `release`: after the last the artefact goes, and its memory with it.
 * @typedef {{ guard: Guard, simd: ModelInfo['simd'], threads: { used: number, reason: string }, tuner: ThreadTuner | null, gathered: Promise<void>, warmed: number, release: () => void }} Runtime
 */

/** With how many loads and models need each. @type {Map<import('../shared/protocol.js').ArtefactName, { starting: Promise<Omit<Runtime, 'release'>>, users: number }>} */
const runtimes = new Map();

/**
 * Compiles and starts the chosen artefact, unless it runs already.
 * @param {import('./choose-artefact.js').Choice} choice
 * @param {string | null} wasmUrl
 * @param {AbortSignal} signal
 * @param {LoadHooks['onProgress']} onProgress
 * @param {LoadHooks['startHelpers']} startHelpers
 * @returns {Promise<Runtime>}
 */
export async function startRuntime(choice, wasmUrl, signal, onProgress, startHelpers) {
  onProgress?.({ stage: 'compile', loaded: 0, total: 1 });
  const shared = runtimes.get(choice.artefact) ?? { starting: start(choice, wasmUrl, startHelpers), users: 0 };
  runtimes.set(choice.artefact, shared);
  shared.users += 1;
  const release = () => {
    shared.users -= 1;
    if (shared.users === 0 && runtimes.get(choice.artefact) === shared) runtimes.delete(choice.artefact);
  };
  try {
    const runtime = Object.assign(await shared.starting, { release });
    throwIfAborted(signal);
    onProgress?.({ stage: 'compile', loaded: 1, total: 1 });
    return runtime;
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Runs the kernels on small inputs: browsers compile them well only once they have run for a while, which may just as well be
 * while the weights are still on their way.
 * @param {Runtime} runtime
 * @param {() => boolean} isOver whether there is something better to do
 */
export async function warmUp(runtime, isOver) {
  const { guard } = runtime;
  for (const parts = guard.call((glue) => glue.warm_up_parts()); runtime.warmed < parts && !isOver(); await macrotask()) {
    guard.call((glue) => glue.warm_up(runtime.warmed));
    runtime.warmed += 1;
  }
}

/**
 * Measures the CPU by the last part of the warm-up.
 * @param {Runtime} runtime
 * @returns {Promise<number>} milliseconds of the fastest of some runs: all else on a machine only takes time away
 */
export async function pace({ guard }) {
  let best = Infinity;
  for (let run = 0; run < PACE_RUNS; run++) {
    await macrotask();
    const started = performance.now();
    guard.call((glue) => glue.warm_up(glue.warm_up_parts() - 1));
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

/**
 * @param {import('./choose-artefact.js').Choice} choice
 * @param {string | null} wasmUrl
 * @param {LoadHooks['startHelpers']} startHelpers
 * @returns {Promise<Omit<Runtime, 'release'>>}
 */
async function start(choice, wasmUrl, startHelpers) {
  const { glue, module, memory, file, artefact } = await startSome(choice, wasmUrl);
  const guard = new Guard(glue, file);
  const threads = { used: choice.threads, reason: choice.reason };
  /** @type {Omit<Runtime, 'release'>} */
  const runtime = { guard, simd: artefact === 'relaxed' ? 'relaxed' : 'simd128', threads, tuner: null, gathered: Promise.resolve(), warmed: 0 };
  const gather = async () => {
    if (choice.threads === 1 || startHelpers === undefined) return;
    try {
      await startHelpers(choice.threads - 1, { artefact, module, memory });
      guard.call(() => glue.init_threads?.(choice.threads));
      if (choice.mayBeFewer) runtime.tuner = new ThreadTuner(choice.threads, (most) => guard.call(() => glue.limit_threads?.(most)));
    } catch (failure) {
      threads.used = 1;
      threads.reason = failure instanceof Error ? failure.message : String(failure);
    }
  };
  return Object.assign(runtime, { gathered: gather() });
}

/**
 * Where a browser does not give the room that memory for threads takes at once, one thread makes do with the artefact that asks for it bit by bit.
 * @param {import('./choose-artefact.js').Choice} choice
 * @param {string | null} wasmUrl
 */
async function startSome({ artefact, threads }, wasmUrl) {
  try {
    return { artefact, ...(await startArtefact(artefact, wasmUrl)) };
  } catch (failure) {
    if (artefact !== 'relaxed' || threads > 1 || !(failure instanceof InceptionError) || failure.code !== 'out-of-memory') throw failure;
    return { artefact: /** @type {const} */ ('simd128'), ...(await startArtefact('simd128', wasmUrl)) };
  }
}
