import { inceptionErrorFrom } from '../shared/errors.js';
import { train } from './training.js';

/**
 * Makes of this worker one that trains a head, which its first message is about. Whoever does not want it any more ends the worker.
 * @param {{ postMessage(message: import('../shared/protocol.js').FromTraining): void, onmessage: ((event: { data: import('../shared/protocol.js').TrainingRequest }) => void) | null }} scope of its messages
 */
export function serve(scope) {
  scope.onmessage = async ({ data }) => {
    try {
      const trained = await train(data, undefined, (done) => scope.postMessage({ type: 'progress', done }));
      scope.postMessage({ type: 'trained', trained });
    } catch (cause) {
      const { code, message } = inceptionErrorFrom(cause);
      scope.postMessage({ type: 'failed', error: { code, message } });
    }
  };
  scope.postMessage({ type: 'progress', done: 0 });
}
