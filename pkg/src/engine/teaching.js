import { InceptionError, throwIfAborted } from '../shared/errors.js';
import { Slices } from '../shared/macrotask.js';
import { Guard } from './guard.js';
import { startArtefact } from './wasm.js';

/** @typedef {import('../index.js').ModelInfo} ModelInfo */
/** @typedef {import('../shared/protocol.js').EngineCall} EngineCall */
/** @typedef {import('../shared/protocol.js').GlueTraining} GlueTraining */
/** @typedef {import('../shared/protocol.js').Steps} Steps */
/** @typedef {import('../shared/protocol.js').TeachGlue} TeachGlue */

/** The training of heads, in an instance of the teaching artefact that is made for each and holds the last one that ended. */
export class Teaching {
  /** @type {{ guard: Guard<TeachGlue>, training: GlueTraining } | null} */
  #last = null;

  /**
   * Trains a head, a small part at a time: messages are answered and other calls run in between.
   * @param {Extract<EngineCall, { kind: 'train' }>} examples
   * @param {string | null} wasmUrl
   * @param {AbortSignal | undefined} signal
   * @param {((steps: Steps) => void) | undefined} onSteps
   * @returns {Promise<import('../shared/protocol.js').EngineReport>}
   * @throws {InceptionError} `bad-option` of examples that teach nothing, `out-of-memory`, `network`, `aborted`
   */
  async train({ features, dimensions, labels, labelCounts, classes, noneFeatures, options }, wasmUrl, signal, onSteps) {
    throwIfAborted(signal);
    const started = performance.now();
    const guard = new Guard((await startArtefact('teach', wasmUrl)).glue);
    const text = JSON.stringify(options);
    const training = guard.call((glue) => new glue.Training(features, dimensions, labels, labelCounts, classes, noneFeatures, text));
    try {
      const slices = new Slices();
      for (let done = 0; done < 1; ) {
        done = guard.call(() => training.step());
        onSteps?.({ done, total: 1 });
        if (slices.isOver) await slices.pause();
        throwIfAborted(signal);
      }
      const report = JSON.parse(guard.call(() => training.report()));
      this.free();
      this.#last = { guard, training };
      return { ...report, ms: performance.now() - started };
    } catch (error) {
      if (!guard.isBroken) training.free();
      throw error;
    }
  }

  /**
   * The file of the head that was trained last.
   * @param {Extract<EngineCall, { kind: 'taught' }>} call
   * @param {ModelInfo} info of the model
   * @returns {Uint8Array}
   * @throws {InceptionError} `bad-option`
   */
  head({ labels, threshold }, { network, title, backbone, preprocess }) {
    if (this.#last === null) throw new InceptionError('bad-option', 'no head has been trained yet');
    const { guard, training } = this.#last;
    const model = JSON.stringify({ network, title, backbone, preprocess });
    return guard.call(() => training.head(model, labels, threshold === undefined, threshold ?? undefined));
  }

  /** Gives the memory of the last training back. */
  free() {
    if (this.#last !== null && !this.#last.guard.isBroken) this.#last.training.free();
    this.#last = null;
  }
}
