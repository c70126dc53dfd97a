import { throwIfAborted } from '../shared/errors.js';
import { Slices, macrotask } from '../shared/macrotask.js';
import { pixelsOf } from './pixels.js';
import { decodeRare } from './rare-pictures.js';

/** @typedef {import('../shared/errors.js').InceptionError} InceptionError */
/** @typedef {import('./guard.js').Guard} Guard */
/** @typedef {import('../index.js').LayerTime} LayerTime */
/** @typedef {import('../index.js').ParityReport} ParityReport */
/** @typedef {import('../shared/protocol.js').GlueModel} GlueModel */
/** @typedef {import('../shared/protocol.js').DeviceChoice} DeviceChoice */
/** @typedef {import('../shared/protocol.js').WireImage} WireImage */

/**
 * A run for which the GPU needs less, in milliseconds, is submitted whole: no abort is worth the waits between its modules. Browsers look
 * every 100 ms, at the slowest, for what a GPU has done; shorter times cannot be told from one another.
 */
const LONG_RUN = 250;
/** After so many ways what has been found is taken, and kept: a visit may end before all have been timed. */
const AT_ONCE = 64;

/** A model on its device: one picture in, one run, and what came out. */
export class PlacedModel {
  /** Runs so far, of which the first takes longer than others. */
  runs = 0;
  /** Milliseconds of the fastest answer to a picture, the wait for a GPU included; infinite: none has been measured. */
  fastest = Infinity;
  /** Milliseconds that the GPU needs for a picture, as far as is known. */
  #perImage;
  /** Milliseconds of the ways of the GPU's kernels that have been timed so far. @type {number[]} */
  #ways = [];
  /** Runs since that was measured. */
  #since = 0;

  /**
   * @param {Guard} guard
   * @param {GlueModel} model
   * @param {DeviceChoice} choice
   * @param {import('./thread-tuner.js').ThreadTuner | null} tuner told of the time of runs on the CPU
   * @param {import('../shared/protocol.js').GlueGpu | null} gpu that it is on
   */
  constructor(guard, model, { device, deviceReason, adapter, software }, tuner, gpu) {
    this.guard = guard;
    this.gpu = gpu;
    this.model = model;
    this.tuner = tuner;
    this.place = { device, deviceReason, adapter };
    this.#perImage = software ? Infinity : 0;
  }

  get isOnGpu() {
    return this.place.device === 'webgpu';
  }

  /** Whether the GPU needs so long for a picture that an abort is worth the waits between modules. */
  get isLong() {
    return this.#perImage >= LONG_RUN;
  }

  /**
   * Calls the compiled engine.
   * @template T
   * @param {(model: GlueModel) => T} work
   * @returns {T}
   * @throws {InceptionError}
   */
  ask(work) {
    return this.guard.call(() => work(this.model));
  }

  /**
   * Takes the next picture.
   * @param {WireImage} image
   * @param {string | null} wasmUrl for a picture that the engine does not decode itself
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<Uint32Array>} width and height
   */
  async take(image, wasmUrl, signal) {
    if (image.kind === 'encoded') {
      const size = this.ask((model) => model.decode(image.bytes));
      if (size) return size;
      const picture = await decodeRare(image.bytes, wasmUrl, signal);
      return this.ask((model) => model.set_rgb(...picture));
    }
    const { width, height, rgba } = image.kind === 'bitmap' ? pixelsOf(image.bitmap) : image;
    return this.ask((model) => model.set_pixels(width, height, rgba));
  }

  /**
   * @param {boolean} more whether the picture joins those before it in the next run
   * @returns {Uint32Array} x, y, width and height of the part that the network sees
   */
  preprocess(more) {
    return this.ask((model) => model.preprocess(more));
  }

  /** @param {PlacedModel} other of the same file, which gives its preprocessed picture to this model */
  adopt(other) {
    this.ask((model) => model.adopt(other.model));
  }

  /**
   * Runs the pictures to the end, answering messages between modules.
   * @param {string[]} layers to keep
   * @param {AbortSignal} [signal]
   * @param {string[][]} [off] for each image of the run the layers that are zeros; a single picture stands for every image
   * @param {(steps: import('../shared/protocol.js').Steps) => void} [onSteps] after each module
   */
  async run(layers, signal, off = [], onSteps) {
    const begun = performance.now();
    const { guard, model, isOnGpu } = this;
    const images = Math.max(1, off.length);
    const isWhole = isOnGpu && this.#isShort(images);
    this.#plan(layers, off);
    const total = this.ask((model) => model.begin());
    const slices = new Slices();
    let ms = 0;
    for (let done = 1; ; done++) {
      const started = performance.now();
      const layer = this.ask((model) => model.step());
      ms += performance.now() - started;
      if (layer === undefined) break;
      onSteps?.({ done, total, layer });
      throwIfAborted(signal);
      if (isOnGpu ? isWhole : done < total && !slices.isOver) continue;
      if (isOnGpu) await guard.callGpu(this.gpu, () => model.settled());
      await slices.pause();
      throwIfAborted(signal);
    }
    if (isOnGpu) await guard.callGpu(this.gpu, () => model.complete());
    else this.tuner?.note(`${layers.length} layers kept, ${off.map((names) => names.length)} off`, ms);
    if (isOnGpu && !isWhole) this.#since += 1;
    else if (this.runs > 0) this.#measure(isOnGpu ? (this.ask((model) => model.device_ms()) ?? 0) : ms, performance.now() - begun, off);
    this.runs += 1;
  }

  /**
   * Whether a run is submitted whole: where it is predicted to be short, and again after the more runs the longer it is, to measure it.
   * @param {number} images
   */
  #isShort(images) {
    const runs = (this.#perImage * images) / LONG_RUN;
    return runs < 1 || this.#since >= Math.floor(runs);
  }

  /**
   * Notes what a whole run took.
   * @param {number} device milliseconds at work; of a GPU never what waits take, which is the browser's own time
   * @param {number} run milliseconds from its beginning to its end
   * @param {string[][]} off with branches off it computes less than an answer
   */
  #measure(device, run, off) {
    [this.#perImage, this.#since] = [device / Math.max(1, off.length), 0];
    if (off.every((names) => names.length === 0)) this.fastest = Math.min(this.fastest, this.#perImage + run - device);
  }

  /**
   * @param {string[]} layers to keep
   * @param {string[][]} off
   */
  #plan(layers, off) {
    this.ask((model) => model.plan(layers, JSON.stringify(off)));
  }

  /**
   * Measures every layer on the picture, one after another.
   * @param {AbortSignal} [signal] takes effect after the layer at work
   * @param {(steps: import('../shared/protocol.js').Steps) => void} [onSteps] after each layer
   * @returns {Promise<LayerTime[]>}
   */
  async profile(signal, onSteps) {
    const { guard, model } = this;
    this.#plan([], []);
    this.ask((model) => model.begin());
    const total = this.ask((model) => model.computed_layers());
    /** @type {LayerTime[]} */
    const times = [];
    for (;;) {
      /** @type {LayerTime | null} */
      const time = JSON.parse(await guard.callGpu(this.gpu, () => model.time(times.length)));
      if (time === null) return times;
      times.push(time);
      onSteps?.({ done: times.length, total });
      await macrotask();
      throwIfAborted(signal);
    }
  }

  /**
   * Times every way of the GPU's kernels that has not been timed, one after another, and takes the fastest for the runs from then on. What an
   * abort leaves undone goes on another time.
   * @param {AbortSignal} [signal] takes effect after the way at work
   * @param {(steps: import('../shared/protocol.js').Steps) => void} [onSteps] after each way
   * @param {() => Promise<void>} [onTaken] now and then, and at the end: what has been found so far is in force
   * @returns {Promise<import('../index.js').Tuned>}
   */
  async tune(signal, onSteps, onTaken) {
    const { guard, model } = this;
    const times = this.#ways;
    this.#plan([], []);
    const total = this.ask((model) => model.ways());
    let changed = 0;
    for (let left = total; left > 0; ) {
      while (times.length < left) {
        times.push(await guard.callGpu(this.gpu, () => model.time_way(times.length)));
        onSteps?.({ done: total - left + times.length, total });
        await macrotask();
        throwIfAborted(signal);
        if (times.length % AT_ONCE === 0) break;
      }
      const isWhole = times.length === left;
      // Kinds of kernels all of whose ways have been timed are no longer among those that are left.
      changed += this.ask((model) => model.take_ways(Float64Array.from(times)));
      const after = isWhole ? 0 : this.ask((model) => model.ways());
      times.splice(0, left - after);
      left = after;
      await onTaken?.();
    }
    return { tried: total, changed };
  }

  /** Goes back to the usual ways. */
  untune() {
    this.#ways = [];
    this.ask((model) => model.untune());
  }

  /**
   * @param {PlacedModel} other like this one after a run that kept every layer
   * @returns {ParityReport['layers']}
   */
  compare(other) {
    /** @type {{ layer: string, relativeError: number | null }[]} JSON has no infinity */
    const layers = JSON.parse(this.ask((model) => model.compare(other.model)));
    return layers.map(({ layer, relativeError }) => ({ layer, relativeError: relativeError ?? Infinity }));
  }

  /** Gives the memory back, here and on the GPU. */
  free() {
    if (this.guard.isBroken) return;
    this.model.free();
    this.gpu?.free();
  }
}
