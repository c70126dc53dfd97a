import { throwIfAborted } from './errors.js';
import { Slices, macrotask } from './macrotask.js';
import { pixelsOf } from './pixels.js';

/** @typedef {import('./guard.js').Guard} Guard */
/** @typedef {import('./index.js').LayerTime} LayerTime */
/** @typedef {import('./index.js').ParityReport} ParityReport */
/** @typedef {import('./protocol.js').GlueModel} GlueModel */
/** @typedef {import('./protocol.js').Place} Place */
/** @typedef {import('./protocol.js').WireImage} WireImage */

/** A run on the GPU that takes less, in milliseconds, is submitted whole: no abort is worth the waits between its modules. */
const SHORT_RUN = 50;

/** A model on its device: one picture in, one run, and what came out. */
export class PlacedModel {
  #lastRun = Infinity;

  /**
   * @param {Guard} guard
   * @param {GlueModel} model
   * @param {Place} place
   */
  constructor(guard, model, { device, deviceReason, adapter }) {
    this.guard = guard;
    this.model = model;
    this.place = { device, deviceReason, adapter };
  }

  get isOnGpu() {
    return this.place.device === 'webgpu';
  }

  /**
   * Takes the next picture.
   * @param {WireImage} image
   * @returns {Uint32Array} width and height
   */
  take(image) {
    const { guard, model } = this;
    if (image.kind === 'encoded') return guard.call(() => model.decode(image.bytes));
    const { width, height, rgba } = image.kind === 'bitmap' ? pixelsOf(image.bitmap) : image;
    return guard.call(() => model.set_pixels(width, height, rgba));
  }

  /**
   * @param {boolean} more whether the picture joins those before it in the next run
   * @returns {Uint32Array} x, y, width and height of the part that the network sees
   */
  preprocess(more) {
    return this.guard.call(() => this.model.preprocess(more));
  }

  /** @param {PlacedModel} other of the same file, which gives its preprocessed picture to this model */
  adopt(other) {
    this.guard.call(() => this.model.adopt(other.model));
  }

  /**
   * Runs the pictures to the end, answering messages between modules.
   * @param {string[]} layers to keep
   * @param {AbortSignal} [signal]
   * @param {string[][]} [off] for each image of the run the layers that are zeros; a single picture stands for every image
   * @param {(steps: import('./protocol.js').Steps) => void} [onSteps] after each module
   */
  async run(layers, signal, off = [], onSteps) {
    const { guard, model, isOnGpu } = this;
    const isShort = this.#lastRun < SHORT_RUN;
    const started = performance.now();
    this.#plan(layers, off);
    const total = guard.call(() => model.begin());
    const slices = new Slices();
    for (let done = 1; ; done++) {
      const layer = guard.call(() => model.step());
      if (layer === undefined) break;
      onSteps?.({ done, total, layer });
      throwIfAborted(signal);
      if (isOnGpu ? isShort : done < total && !slices.isOver) continue;
      if (isOnGpu) await guard.callAsync(() => model.settled());
      await slices.pause();
      throwIfAborted(signal);
    }
    if (!isOnGpu) return;
    await guard.callAsync(() => model.complete());
    this.#lastRun = performance.now() - started;
  }

  /**
   * @param {string[]} layers to keep
   * @param {string[][]} off
   */
  #plan(layers, off) {
    this.guard.call(() => this.model.keep(layers));
    this.guard.call(() => this.model.switch_off(JSON.stringify(off)));
  }

  /**
   * Measures every layer on the picture, one after another.
   * @param {AbortSignal} [signal] takes effect after the layer at work
   * @param {(steps: import('./protocol.js').Steps) => void} [onSteps] after each layer
   * @returns {Promise<LayerTime[]>}
   */
  async profile(signal, onSteps) {
    const { guard, model } = this;
    this.#plan([], []);
    guard.call(() => model.begin());
    const total = guard.call(() => model.computed_layers());
    /** @type {LayerTime[]} */
    const times = [];
    for (;;) {
      /** @type {LayerTime | null} */
      const time = JSON.parse(await guard.callAsync(() => model.time(times.length)));
      if (time === null) return times;
      times.push(time);
      onSteps?.({ done: times.length, total });
      await macrotask();
      throwIfAborted(signal);
    }
  }

  /**
   * @param {PlacedModel} other like this one after a run that kept every layer
   * @returns {ParityReport['layers']}
   */
  compare(other) {
    /** @type {{ layer: string, relativeError: number | null }[]} JSON has no infinity */
    const layers = JSON.parse(this.guard.call(() => this.model.compare(other.model)));
    return layers.map(({ layer, relativeError }) => ({ layer, relativeError: relativeError ?? Infinity }));
  }

  /** Gives the memory back, here and on the GPU. */
  free() {
    if (!this.guard.isBroken) this.model.free();
  }
}
