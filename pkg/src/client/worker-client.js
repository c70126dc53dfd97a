import { ownWorker, script } from '../assets.js';
import { InceptionError, abortedError, disposedError, throwIfAborted } from '../shared/errors.js';
import { watchFront } from '../shared/front.js';
import { missingAsset } from '../shared/missing-asset.js';
import { platform } from '../shared/platform.js';
import { Helpers } from './helpers.js';
import { addressOf, scriptOf } from './worker-script.js';

/** @typedef {import('../shared/protocol.js').Client} Client */
/** @typedef {import('../shared/protocol.js').FromEngine} FromEngine */
/** @typedef {import('../shared/protocol.js').ToEngine} ToEngine */

/** Says that no worker can be had, from a script of another origin or in Node.js: the engine may run in the thread that calls it. */
export class NoWorker extends InceptionError {}

/** How long a worker that is no longer wanted may take to put away what it has fetched, in milliseconds. */
const LAST_WORDS_MS = 2000;

/** How long a worker may take before its first word, which it has once its script has come. */
const SILENCE_MS = 60_000;

/**
 * @typedef {object} Call
 * @property {(value: any) => void} resolve
 * @property {(error: InceptionError) => void} reject
 * @property {((progress: any) => void) | undefined} onProgress of what the call reports
 */

/**
 * The engine in a worker. When the worker or one of its threads fails, every call does.
 * @implements {Client}
 */
export class WorkerClient {
  #worker;
  #helpers;
  #script;
  /** @type {Map<number, Call>} */
  #calls = new Map();
  #lastId = 0;
  /** Whether the worker's script has run: what fails later is no matter of where it comes from. */
  #hasSpoken = false;
  /** The load was aborted; what has come of its files is put away before the worker ends. */
  #isEnding = false;
  /** Ends the worker if it has no last words. @type {ReturnType<typeof setTimeout> | undefined} */
  #lastWords;
  /** Whether the files of the load are still to be put away. */
  #isKeeping = false;
  /** @type {InceptionError | null} */
  #ended = null;
  /** @type {import('../shared/protocol.js').ClientHooks} */
  #hooks = {};
  #unwatch;

  /**
   * @param {string | null} workerUrl null: the script beside this one
   * @throws {InceptionError} `unsupported`
   */
  constructor(workerUrl) {
    this.#script = scriptOf(workerUrl, 'worker.js');
    this.#worker = openWorker(this.#script);
    this.#helpers = new Helpers(
      () => openWorker(this.#script),
      (message) => this.#fail(`a thread of the engine failed (${message})`),
    );
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#unwatch = watchFront((isInFront) => this.#worker.postMessage({ type: 'front', isInFront }));
    this.#worker.onmessageerror = () => this.#fail('a message of the engine could not be read');
    this.#worker.onerror = (event) => {
      event.preventDefault();
      if (platform.openWorker !== null && !this.#hasSpoken) this.#end(new NoWorker('unsupported', `the engine's thread could not be started (${event.message})`));
      else if (event.message) this.#fail(`the engine's worker failed (${event.message})`);
      else if (this.#script?.isElsewhere && !this.#hasSpoken) this.#end(new NoWorker('unsupported', `no worker could be started from ${this.#script.url}, which is on another origin`));
      else this.#end(this.#notLoaded('did not load'));
    };
  }

  /** @param {string} what became of it */
  #notLoaded(what) {
    const url = this.#script?.url ?? '';
    return new InceptionError('network', `the engine's worker script ${url}${url && ' '}${what}: ${missingAsset(url || script)}`);
  }

  /** @type {Client['load']} */
  async load(request, hooks, signal) {
    this.#hooks = hooks;
    const silence = setTimeout(() => {
      if (!this.#hasSpoken) this.#end(this.#notLoaded(`has said nothing for ${SILENCE_MS / 1000} s, as if it were another script`));
    }, SILENCE_MS);
    try {
      const loaded = await this.#call((id) => ({ type: 'load', id, request }), [], signal, hooks.onProgress);
      this.#isKeeping = loaded.info.cache.kept === null;
      return loaded;
    } catch (error) {
      if (signal?.aborted) {
        this.#isEnding = true;
        this.#lastWords = setTimeout(() => this.dispose(), LAST_WORDS_MS);
      } else {
        this.dispose();
      }
      throw error;
    } finally {
      clearTimeout(silence);
    }
  }

  /** @type {Client['call']} */
  call(call, signal, onSteps) {
    const images = 'images' in call ? call.images : 'image' in call ? [call.image] : [];
    return this.#call((id) => ({ type: 'call', id, call, isFollowed: onSteps !== undefined }), images.map(memoryOf), signal, onSteps);
  }

  dispose() {
    this.#end(disposedError());
  }

  get hasEnded() {
    return this.#ended !== null;
  }

  /**
   * @param {(id: number) => ToEngine} message
   * @param {Transferable[]} transfer
   * @param {AbortSignal | undefined} signal
   * @param {(progress: any) => void} [onProgress]
   * @returns {Promise<any>}
   */
  async #call(message, transfer, signal, onProgress) {
    throwIfAborted(signal);
    if (this.#ended !== null) throw this.#ended;
    const id = (this.#lastId += 1);
    const onAbort = () => {
      this.#worker.postMessage({ type: 'abort', id });
      this.#calls.get(id)?.reject(abortedError(signal));
    };
    signal?.addEventListener('abort', onAbort);
    this.#worker.ref?.();
    try {
      return await new Promise((resolve, reject) => {
        this.#calls.set(id, { resolve, reject, onProgress });
        this.#worker.postMessage(message(id), transfer);
      });
    } finally {
      this.#calls.delete(id);
      if (this.#calls.size === 0) this.#worker.unref?.();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** @param {FromEngine} message */
  async #receive(message) {
    this.#hasSpoken = true;
    switch (message.type) {
      case 'loaded':
      case 'answered':
        return this.#calls.get(message.id)?.resolve(message.value);
      case 'failed':
        if (this.#isEnding) this.dispose();
        return this.#calls.get(message.id)?.reject(new InceptionError(message.error.code, message.error.message));
      case 'progress':
        return this.#calls.get(message.id)?.onProgress?.(message.progress);
      case 'moved':
        return this.#hooks.onDevice?.(message.moved);
      case 'threads':
        return this.#hooks.onThreads?.(message.threads);
      case 'kept':
        this.#isKeeping = false;
        if (this.#ended !== null) this.#worker.terminate();
        return this.#hooks.onKept?.(message.cache);
      case 'start-helpers': {
        const failure = await this.#helpers.start(message.count, message.team);
        return this.#worker.postMessage({ type: 'helpers-started', failure });
      }
    }
  }

  /** @param {string} message */
  #fail(message) {
    this.#end(new InceptionError('internal', message));
  }

  /** @param {InceptionError} error what every call from now on is answered with */
  #end(error) {
    if (this.#ended !== null) return;
    this.#ended = error;
    clearTimeout(this.#lastWords);
    this.#unwatch();
    if (this.#isKeeping && error.code === 'disposed') {
      this.#worker.postMessage({ type: 'keep' });
      setTimeout(() => this.#worker.terminate(), LAST_WORDS_MS);
    } else {
      this.#worker.terminate();
    }
    this.#helpers.stop();
    for (const call of this.#calls.values()) call.reject(error);
  }
}

/**
 * @param {import('../shared/protocol.js').WireImage} image
 * @returns {Transferable} what is handed over with it
 */
function memoryOf(image) {
  if (image.kind === 'bitmap') return image.bitmap;
  return image.kind === 'encoded' ? image.bytes.buffer : image.rgba.buffer;
}

/**
 * @param {import('./worker-script.js').Script | null} from
 * @returns {import('../shared/protocol.js').EngineWorker}
 * @throws {InceptionError} `unsupported`
 */
function openWorker(from) {
  try {
    if (platform.openWorker !== null) return platform.openWorker();
    const worker = from === null ? ownWorker() : new Worker(addressOf(from), { type: 'module', name: 'inception-web' });
    return /** @type {import('../shared/protocol.js').EngineWorker} */ (worker);
  } catch (cause) {
    throw new NoWorker('unsupported', `the engine's worker could not be started (${cause})`, { cause });
  }
}
