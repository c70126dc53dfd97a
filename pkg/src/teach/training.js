import { start } from '../engine/artefact.js';
import { Guard } from '../engine/guard.js';
import { throwIfAborted } from '../shared/errors.js';
import { Slices } from '../shared/macrotask.js';
import teachGlue from '../wasm/inception_teach.js';

/**
 * Trains a head in this thread, a small part at a time: messages and events are answered in between. The artefact's instance goes with it.
 * @param {import('../shared/protocol.js').TrainingRequest} request
 * @param {AbortSignal | undefined} signal
 * @param {((done: number) => void) | undefined} onProgress from 0 to 1
 * @returns {Promise<import('../shared/protocol.js').Trained>}
 * @throws {import('../shared/errors.js').InceptionError} `bad-option` of examples that teach nothing, `out-of-memory`, `network`, `aborted`
 */
export async function train({ features, dimensions, labels, labelCounts, classes, noneFeatures, options, wasmUrl }, signal, onProgress) {
  throwIfAborted(signal);
  const started = performance.now();
  const guard = new Guard((await start('teach', teachGlue(), wasmUrl)).glue);
  const text = JSON.stringify(options);
  const training = guard.call((glue) => new glue.Training(features, dimensions, labels, labelCounts, classes, noneFeatures, text));
  try {
    const slices = new Slices();
    for (let done = 0; done < 1; ) {
      done = guard.call(() => training.step());
      onProgress?.(done);
      if (slices.isOver) await slices.pause();
      throwIfAborted(signal);
    }
    const report = JSON.parse(guard.call(() => training.report()));
    const [weights, biases] = guard.call(() => [training.weights(), training.biases()]);
    return { report: { ...report, ms: performance.now() - started }, weights, biases };
  } finally {
    if (!guard.isBroken) training.free();
  }
}
