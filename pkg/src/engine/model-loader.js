import { inceptionErrorFrom, throwIfAborted } from '../shared/errors.js';
import { ForeignFiles } from './foreign-files.js';
import { chooseDevice, onCpu } from './choose-device.js';
import { Slices, macrotask } from '../shared/macrotask.js';
import { readModelFiles } from './model-files.js';
import { isOfNames, isSafetensors } from './own-format.js';
import { PlacedModel } from './placed-model.js';

/** @typedef {import('./guard.js').Guard} Guard */
/** @typedef {import('../index.js').ErrorCode} ErrorCode */
/** @typedef {import('./model-files.js').LoadedFile} LoadedFile */
/** @typedef {import('../shared/protocol.js').DeviceChoice} DeviceChoice */
/** @typedef {import('../shared/protocol.js').GlueGpu} GlueGpu */
/** @typedef {import('../shared/protocol.js').LoadHooks} LoadHooks */
/** @typedef {import('../shared/protocol.js').LoadRequest} LoadRequest */
/** @typedef {import('../shared/protocol.js').ModelFile} ModelFile */

/**
 * A model that has been loaded, and the failure of the GPU that it was meant for.
 * @typedef {{ placed: PlacedModel, failure: import('../shared/errors.js').InceptionError | null }} Loading
 */

/**
 * A model whose file is still coming: the array that it is read from, and how many of its layers are prepared.
 * @typedef {{ bytes: Uint8Array, loader: import('../shared/protocol.js').GlueLoader, layers: number, done: number }} Begun
 */

/** What a GPU fails with; other codes speak of the model or the call. @type {ErrorCode[]} */
const GPU_FAILURES = ['no-webgpu', 'device-lost', 'out-of-memory', 'unsupported', 'internal'];

/**
 * @param {Error} failure
 * @returns {string} its first line: a compiler's messages go on with the source
 */
export function reasonOf({ message }) {
  return message.trimStart().split('\n', 1)[0] ?? '';
}

/** Loads a model's files to a device, and again to another one without fetching them again. */
export class ModelLoader {
  /** Copies of the files, while the model is on a GPU. @type {ModelFile[]} */
  #stored = [];

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
   * @returns {Promise<Begun | null>} null where nothing can be done before the end
   */
  async begin(arrival) {
    /** @type {Begun | null} */
    let begun = null;
    try {
      for (; !arrival.isOver; await (begun !== null && this.#canGoOn(begun, arrival) ? macrotask() : arrival.more())) {
        if (begun !== null && begun.bytes !== arrival.bytes) {
          this.drop(begun);
          begun = null;
        }
        if (begun === null && arrival.hasHeader && arrival.bytes !== null) {
          /** @type {LoadedFile} */
          const file = { name: arrival.name, bytes: arrival.bytes };
          begun = { bytes: file.bytes, ...this.#open((loader) => loader.add(file.name, file.bytes), null), done: 0 };
        } else if (begun !== null && this.#canGoOn(begun, arrival)) {
          const { loader } = begun;
          begun.done = this.guard.call(() => loader.advance());
        }
      }
    } catch {
      // Whatever it is, the whole file will fail of it too, and be told.
      this.drop(begun);
      begun = null;
    }
    return begun;
  }

  /**
   * @param {Begun} begun
   * @param {import('./arrival.js').Arrival} arrival
   */
  #canGoOn({ bytes, loader, layers, done }, arrival) {
    return bytes === arrival.bytes && done < layers && this.guard.call(() => loader.next_end()) <= arrival.loaded;
  }

  /** @param {Begun | null} begun and no longer wanted */
  drop(begun) {
    if (!this.guard.isBroken) begun?.loader.free();
  }

  /**
   * Loads to the chosen device; where the choice was free, to the CPU when the GPU fails.
   * @param {DeviceChoice} choice
   * @param {LoadedFile[]} files emptied
   * @param {AbortSignal} signal
   * @param {LoadHooks['onProgress']} onProgress
   * @param {Begun | null} begun with these files, for the CPU; used up
   * @returns {Promise<Loading>}
   */
  async load(choice, files, signal, onProgress, begun) {
    if (choice.device === 'cpu') return { placed: await this.#prepare(choice, files, signal, onProgress, begun), failure: null };
    this.#stored = files.map(({ name, bytes }) => ({ name, blob: new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)]) }));
    try {
      return { placed: await this.#prepare(choice, files, signal, onProgress), failure: null };
    } catch (error) {
      const failure = this.gpuFailureFrom(error);
      if (failure === null || this.request.device === 'webgpu') throw error;
      return { placed: await this.loadOnCpu(reasonOf(failure), signal, onProgress), failure };
    }
  }

  /**
   * Opens a GPU again and loads to it.
   * @param {string} reason
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<PlacedModel | null>} null where there is none or it fails
   */
  async loadOnNewGpu(reason, signal) {
    try {
      const choice = await chooseDevice(this.request.device, signal);
      if (choice.device === 'cpu') return null;
      return await this.#prepare({ ...choice, deviceReason: `${reason}; it was opened again` }, await this.#files(signal), signal);
    } catch (error) {
      if (this.gpuFailureFrom(error) === null) throw error;
      return null;
    }
  }

  /**
   * Loads to the CPU from the copies.
   * @param {string} reason
   * @param {AbortSignal | undefined} signal
   * @param {LoadHooks['onProgress']} [onProgress]
   */
  async loadOnCpu(reason, signal, onProgress) {
    return this.#prepare(onCpu(reason), await this.#files(signal), signal, onProgress);
  }

  /** Forgets the copies: the model is on the CPU and stays there. */
  forget() {
    this.#stored = [];
  }

  /**
   * @param {unknown} error
   * @returns {import('../shared/errors.js').InceptionError | null} null where another device would not help
   */
  gpuFailureFrom(error) {
    const failure = inceptionErrorFrom(error);
    return GPU_FAILURES.includes(failure.code) && !this.guard.isBroken ? failure : null;
  }

  /** @param {AbortSignal | undefined} signal */
  #files(signal) {
    return readModelFiles(this.#stored, { store: null, sha256: null, signal, onBytes: () => undefined });
  }

  /**
   * @param {DeviceChoice} choice
   * @param {LoadedFile[]} files
   * @param {AbortSignal | undefined} signal
   * @param {LoadHooks['onProgress']} [onProgress]
   * @param {Begun | null} [begun]
   */
  async #prepare(choice, files, signal, onProgress, begun = null) {
    const { guard } = this;
    const isOnGpu = choice.device === 'webgpu';
    const gpu = isOnGpu ? await guard.callAsync((glue) => glue.open_gpu(choice.software)) : null;
    const isBegun = begun !== null && files.length === 1 && files[0]?.bytes.buffer === begun.bytes.buffer;
    if (!isBegun) this.drop(begun);
    const { loader, layers, foreign } = isBegun ? { ...begun, foreign: undefined } : await this.#openAny(files, gpu);
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
      let done = isBegun ? begun.done : 0;
      if (done > 0) await report(done);
      while (done < layers) await report((done = guard.call(() => loader.advance())));
      if (isOnGpu) {
        await guard.callAsync(() => loader.warm());
        await report(total);
      }
      return new PlacedModel(guard, guard.call(() => loader.finish()), choice, isOnGpu ? null : this.runtime.tuner);
    } catch (error) {
      foreign?.throwFailure();
      throw error;
    } finally {
      foreign?.free();
      if (!guard.isBroken) {
        loader.free();
        gpu?.free();
      }
    }
  }

  /**
   * @param {LoadedFile[]} files
   * @param {GlueGpu | null} gpu
   * @returns {Promise<{ loader: import('../shared/protocol.js').GlueLoader, layers: number, foreign?: import('./foreign-files.js').ForeignFiles }>}
   */
  async #openAny(files, gpu) {
    if (files.length === 1 && files.every(({ bytes }) => isSafetensors(bytes))) {
      try {
        return this.#open((loader) => files.forEach(({ name, bytes }) => loader.add(name, bytes)), gpu);
      } catch (error) {
        // The names may be some that only the other artefact knows; its word is the better one.
        const failure = inceptionErrorFrom(error);
        if (!isOfNames(failure) || this.guard.isBroken) throw error;
        return await this.#openForeign(files, gpu).catch((other) => {
          throw inceptionErrorFrom(other).code === 'network' ? failure : other;
        });
      }
    }
    return this.#openForeign(files, gpu);
  }

  /**
   * @param {LoadedFile[]} files
   * @param {GlueGpu | null} gpu
   */
  async #openForeign(files, gpu) {
    const { network, entry, wasmUrl } = this.request;
    const foreign = await ForeignFiles.open(files, { network, untrainedAuxiliary: entry?.auxiliary === 'untrained' }, wasmUrl);
    try {
      const read = (/** @type {number} */ begin, /** @type {number} */ end) => foreign.read(begin, end);
      return { ...this.#open((loader) => loader.add_converted('model', foreign.length, read), gpu), foreign };
    } catch (error) {
      foreign.free();
      foreign.throwFailure();
      throw error;
    }
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
