import { inceptionErrorFrom, throwIfAborted } from '../shared/errors.js';
import { Slices, macrotask } from '../shared/macrotask.js';
import { BlobFile } from './blob-file.js';
import { ForeignFiles } from './foreign-files.js';
import { readModelFiles } from './model-files.js';
import { isOfNames, isSafetensors } from './own-format.js';
import { PlacedModel } from './placed-model.js';
import { kept, tuningKey } from './store/device-times.js';

/** @typedef {import('./guard.js').Guard} Guard */
/** @typedef {import('../index.js').ErrorCode} ErrorCode */
/** @typedef {import('./model-files.js').LoadedFile} LoadedFile */
/** @typedef {import('../shared/protocol.js').DeviceChoice} DeviceChoice */
/** @typedef {import('../shared/protocol.js').GlueGpu} GlueGpu */
/** @typedef {import('../shared/protocol.js').LoadHooks} LoadHooks */
/** @typedef {import('../shared/protocol.js').LoadRequest} LoadRequest */
/** @typedef {import('../shared/protocol.js').ModelFile} ModelFile */

/**
 * A model whose file is still coming: the array that it is read from, and how many of its layers are prepared.
 * @typedef {{ bytes: Uint8Array, loader: import('../shared/protocol.js').GlueLoader, layers: number, done: number }} Begun
 */

/** Loads a model's files to a device. */
export class ModelLoader {
  /** @type {Begun | null} */
  #begun = null;

  /**
   * @param {import('./runtime.js').Runtime} runtime
   * @param {LoadRequest} request
   */
  constructor(runtime, request) {
    this.runtime = runtime;
    this.guard = runtime.guard;
    this.request = request;
  }

  /**
   * Prepares for the CPU what has come of a file, until no more comes.
   * @param {import('./arrival.js').Arrival} arrival
   */
  async begin(arrival) {
    try {
      for (; !arrival.isOver; await (this.#canGoOn(arrival) ? macrotask() : arrival.more())) {
        if (this.#begun !== null && this.#begun.bytes !== arrival.bytes) this.drop();
        if (this.#begun === null && arrival.hasHeader && arrival.bytes !== null) {
          /** @type {LoadedFile} */
          const file = { name: arrival.name, bytes: arrival.bytes };
          this.#begun = { bytes: file.bytes, ...this.#open((loader) => loader.add(file.name, file.bytes), null), done: 0 };
        } else if (this.#begun !== null && this.#canGoOn(arrival)) {
          const { loader } = this.#begun;
          this.#begun.done = this.guard.call(() => loader.advance());
        }
      }
    } catch {
      // Whatever it is, the whole file will fail of it too, and be told.
      this.drop();
    }
  }

  /** @param {import('./arrival.js').Arrival} arrival */
  #canGoOn(arrival) {
    if (this.#begun === null) return false;
    const { bytes, loader, layers, done } = this.#begun;
    return bytes === arrival.bytes && done < layers && this.guard.call(() => loader.next_end()) <= arrival.loaded;
  }

  /** What was begun is no longer wanted. */
  drop() {
    const begun = this.#begun;
    this.#begun = null;
    if (!this.guard.isBroken) begun?.loader.free();
  }

  /**
   * @param {DeviceChoice} choice
   * @param {ModelFile[]} files as they were before gzip; emptied; what was begun with them is used up
   * @param {AbortSignal | undefined} signal
   * @param {LoadHooks['onProgress']} [onProgress]
   * @returns {Promise<PlacedModel>}
   */
  async load(choice, files, signal, onProgress) {
    const { guard } = this;
    const isOnGpu = choice.device === 'webgpu';
    const gpu = isOnGpu ? await guard.callAsync((glue) => glue.open_gpu(choice.software)) : null;
    const begun = this.#takeBegun(files);
    const opening = begun !== null ? { ...begun, source: undefined } : this.#openAny(files, gpu);
    const { loader, layers, source } = await Promise.resolve(opening).catch((error) => {
      if (!guard.isBroken) gpu?.free();
      throw error;
    });
    files.splice(0);
    try {
      const total = isOnGpu ? layers + 1 : layers;
      const slices = new Slices();
      const report = async (/** @type {number} */ loaded) => {
        onProgress?.({ stage: 'prepare', loaded, total });
        if (loaded < total && !slices.isOver) return;
        await slices.pause();
        throwIfAborted(signal);
      };
      let done = begun?.done ?? 0;
      if (done > 0) await report(done);
      while (done < layers) await report((done = guard.call(() => loader.advance())));
      if (isOnGpu) {
        const tuned = this.request.cache ? await kept(tuningKey(choice.adapter)) : '';
        guard.call(() => loader.tune(tuned));
        await guard.callGpu(gpu, () => loader.warm());
        await report(total);
      }
      return new PlacedModel(guard, guard.call(() => loader.finish()), choice, isOnGpu ? null : this.runtime.tuner, gpu);
    } catch (error) {
      if (!guard.isBroken) gpu?.free();
      source?.throwFailure();
      throw error;
    } finally {
      source?.free();
      if (!guard.isBroken) loader.free();
    }
  }

  /**
   * @param {ModelFile[]} files
   * @returns {Begun | null} what was begun, where that is of these files
   */
  #takeBegun([file, ...others]) {
    if (others.length > 0 || file === undefined || !('bytes' in file) || file.bytes.buffer !== this.#begun?.bytes.buffer) this.drop();
    const begun = this.#begun;
    this.#begun = null;
    return begun;
  }

  /**
   * @param {ModelFile[]} given
   * @param {GlueGpu | null} gpu
   * @returns {Promise<{ loader: import('../shared/protocol.js').GlueLoader, layers: number, source?: BlobFile | ForeignFiles }>}
   */
  async #openAny(given, gpu) {
    const whole = () => readModelFiles(given, { store: null, sha256: null, signal: undefined, onBytes: () => undefined });
    const source = BlobFile.of(given);
    const files = source === null ? await whole() : [];
    if (source !== null || (files.length === 1 && files.every(({ bytes }) => isSafetensors(bytes)))) {
      try {
        if (source !== null) return this.#openRead(source.name, source, gpu);
        return this.#open((loader) => files.forEach(({ name, bytes }) => loader.add(name, bytes)), gpu);
      } catch (error) {
        source?.throwFailure();
        // The names may be some that only the other artefact knows; its word is the better one.
        const failure = inceptionErrorFrom(error);
        if (!isOfNames(failure) || this.guard.isBroken) throw error;
        return await this.#openForeign(source === null ? files : await whole(), gpu).catch((other) => {
          throw inceptionErrorFrom(other).code === 'network' ? failure : other;
        });
      }
    }
    return this.#openForeign(files, gpu);
  }

  /**
   * Opens the files without loading them.
   * @param {ModelFile[]} files as they were before gzip
   */
  open(files) {
    return this.#openAny(files, null);
  }

  /**
   * @param {LoadedFile[]} files
   * @param {GlueGpu | null} gpu
   */
  async #openForeign(files, gpu) {
    const { network, entry, wasmUrl } = this.request;
    const foreign = await ForeignFiles.open(files, { network, untrainedAuxiliary: entry?.auxiliary === 'untrained' }, wasmUrl);
    try {
      return this.#openRead('model', foreign, gpu);
    } catch (error) {
      foreign.free();
      foreign.throwFailure();
      throw error;
    }
  }

  /**
   * @template {BlobFile | ForeignFiles} T
   * @param {string} name
   * @param {T} source of the file, read as its tensors are wanted
   * @param {GlueGpu | null} gpu
   */
  #openRead(name, source, gpu) {
    const read = (/** @type {number} */ begin, /** @type {number} */ end) => source.read(begin, end);
    return { ...this.#open((loader) => loader.add_read(name, source.length, read), gpu), source };
  }

  /**
   * @param {(loader: import('../shared/protocol.js').GlueLoader) => void} add
   * @param {GlueGpu | null} gpu
   */
  #open(add, gpu) {
    const { guard } = this;
    const { entry, network, labels, activation, preprocess, half } = this.request;
    const untrained_auxiliary = entry?.auxiliary === 'untrained';
    const loader = guard.call((glue) => new glue.Loader());
    try {
      guard.call(() => add(loader));
      if (gpu !== null) guard.call(() => loader.use_gpu(gpu));
      return { loader, layers: guard.call(() => loader.open(JSON.stringify({ network, labels, activation, preprocess, half, untrained_auxiliary }))) };
    } catch (error) {
      if (!guard.isBroken) loader.free();
      throw error;
    }
  }
}
