import { InceptionError } from '../shared/errors.js';
import { Guard } from './guard.js';
import { startArtefact } from './wasm.js';

/** @typedef {import('../index.js').LayerInfo} LayerInfo */
/** @typedef {import('../index.js').ModelInfo} ModelInfo */
/** @typedef {import('../shared/protocol.js').TeachGlue} TeachGlue */

/** What of a network's layers a head has of its own. */
const LOGITS = 'Logits';
const PREDICTIONS = 'Predictions';

/** A classifier that was taught on a network's features, in an instance of the teaching artefact that goes with it. */
export class TaughtHead {
  #guard;
  #head;

  /**
   * @param {Guard<TeachGlue>} guard
   * @param {import('../shared/protocol.js').GlueHead} head
   */
  constructor(guard, head) {
    this.#guard = guard;
    this.#head = head;
    /** What it decides of a model's. @type {Pick<ModelInfo, 'classes' | 'activation' | 'labels' | 'head'>} */
    this.info = JSON.parse(guard.call(() => head.info()));
    /** Number of its logits: one may answer two classes. */
    this.logits = guard.call(() => head.logits_count());
  }

  /**
   * Fetches what reads heads, and reads one.
   * @param {Uint8Array} file
   * @param {ModelInfo} info of the model that it is to go with
   * @param {string | null} wasmUrl
   * @returns {Promise<TaughtHead>}
   * @throws {InceptionError} `network`, `bad-weights`, `bad-option`, `out-of-memory`
   */
  static async open(file, { network, title, backbone, preprocess }, wasmUrl) {
    const guard = new Guard((await startArtefact('teach', wasmUrl)).glue);
    const model = JSON.stringify({ network, title, backbone, preprocess });
    return new TaughtHead(guard, guard.call((glue) => new glue.Head(file, model)));
  }

  /**
   * @param {Float32Array} features of an image
   * @returns {Float32Array} the probability of every class
   */
  answer(features) {
    return this.#guard.call(() => this.#head.answer(features));
  }

  /**
   * @param {number} classIndex
   * @returns {{ weights: Float32Array, bias: number }} of its logit
   * @throws {InceptionError} `bad-option`
   */
  ofClass(classIndex) {
    const row = this.#guard.call(() => this.#head.of_class(classIndex));
    if (row === undefined) throw new InceptionError('bad-option', `class ${classIndex} of a classifier with ${this.info.classes}`);
    return { weights: row.subarray(0, -1), bias: row[row.length - 1] ?? 0 };
  }

  /**
   * @param {string} layer
   * @returns {boolean} whether its output is the head's, not the network's
   */
  has(layer) {
    return layer === LOGITS || layer === PREDICTIONS;
  }

  /**
   * @param {string} layer that it has
   * @param {Float32Array} features of an image
   * @returns {Float32Array}
   */
  output(layer, features) {
    return layer === PREDICTIONS ? this.answer(features) : this.#guard.call(() => this.#head.logits(features));
  }

  /**
   * The layers of a network that answers with this head.
   * @param {LayerInfo[]} own of the network with its own head
   * @param {ModelInfo['backbone']} backbone
   * @returns {LayerInfo[]}
   */
  layersAfter(own, { layer, length }) {
    const at = own.findIndex(({ name }) => name === layer);
    // A network's own head goes; an embedding stays, and what is trained beside the body.
    const body = own.filter(({ head, kind }, i) => i <= at || head !== null || kind === 'lrn');
    const { classes, activation } = this.info;
    const { logits } = this;
    const { receptiveField } = /** @type {LayerInfo} */ (own[at]);
    const common = { module: null, branch: null, kernel: null, stride: null, scale: null, head: null, receptiveField };
    /** @type {LayerInfo[]} */
    const taught = [
      { ...common, name: LOGITS, kind: 'linear', inputs: [layer], shape: [logits, 1, 1], detail: String(logits), params: logits * (length + 1), macs: logits * length },
    ];
    if (activation !== 'none') {
      const kind = activation;
      taught.push({ ...common, name: PREDICTIONS, kind, inputs: [LOGITS], shape: [classes, 1, 1], detail: '', params: 0, macs: 0 });
    }
    return [...body, ...taught];
  }

  /** Gives its memory back. */
  free() {
    if (!this.#guard.isBroken) this.#head.free();
  }
}
