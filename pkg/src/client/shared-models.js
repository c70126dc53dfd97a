import { Alive, unlessAborted } from '../shared/alive.js';

/** @typedef {import('../shared/protocol.js').Client} Client */
/** @typedef {import('../shared/protocol.js').ClientHooks} ClientHooks */
/** @typedef {import('../shared/protocol.js').Loaded} Loaded */
/** @typedef {import('../shared/protocol.js').LoadRequest} LoadRequest */
/** @typedef {import('../shared/protocol.js').OpenClient} OpenClient */
/** @typedef {{ client: Client, loaded: Loaded }} Opened */
/** Where the engine is to run. @typedef {{ worker: boolean | undefined, workerUrl: string | null }} Place */
/** @typedef {(request: LoadRequest, hooks: ClientHooks, signal: AbortSignal | undefined) => Promise<Opened>} Open */

/** Models that several loads asked for, by their requests. @type {Map<string, SharedModel>} */
const models = new Map();

/**
 * A model that is open already for the same request, or else opened. What comes as bytes or files cannot be told from others: it is opened
 * each time.
 * @param {LoadRequest} request
 * @param {Place} place
 * @param {ClientHooks} hooks
 * @param {AbortSignal | undefined} signal
 * @param {Open} open
 * @returns {Promise<{ client: OpenClient, loaded: Loaded }>} with a client of its own
 * @throws {InceptionError}
 */
export async function openShared(request, place, hooks, signal, open) {
  if (!request.files.every((file) => 'url' in file)) return open(request, hooks, signal);
  const key = JSON.stringify([request, place]);
  let model = models.get(key);
  if (model === undefined || model.hasEnded) models.set(key, (model = new SharedModel(key, (own, stop) => open(request, own, stop))));
  const client = new SharedClient(model, hooks);
  try {
    return { client, loaded: await client.loaded(signal) };
  } catch (error) {
    client.dispose();
    throw error;
  }
}

/** A model with several owners; the last of them takes it along. */
class SharedModel {
  #stop = new AbortController();
  /** @type {Opened | null} */
  #opened = null;
  /** @type {Set<ClientHooks>} */
  owners = new Set();

  /**
   * @param {string} key
   * @param {(hooks: ClientHooks, signal: AbortSignal) => Promise<Opened>} open
   */
  constructor(key, open) {
    this.key = key;
    const tell = (/** @type {(hooks: ClientHooks) => void} */ one) => this.owners.forEach(one);
    const news = (/** @type {Partial<import('../index.js').ModelInfo>} */ some) => {
      if (this.#opened !== null) this.#opened.loaded.info = { ...this.#opened.loaded.info, ...some };
    };
    /** @type {ClientHooks} */
    const hooks = {
      onProgress: (progress) => {
        this.last = progress;
        tell(({ onProgress }) => onProgress?.(progress));
      },
      onDevice: (moved) => {
        news(moved.info);
        tell(({ onDevice }) => onDevice?.(moved));
      },
      onThreads: (threads) => {
        news({ threads });
        tell(({ onThreads }) => onThreads?.(threads));
      },
      onKept: (cache) => {
        news({ cache });
        tell(({ onKept }) => onKept?.(cache));
      },
    };
    /** What a latecomer is told. @type {import('../index.js').Progress | null} */
    this.last = null;
    this.opening = open(hooks, this.#stop.signal).then((opened) => (this.#opened = opened));
    this.opening.catch(() => this.#forget());
  }

  /** Whether it failed meanwhile, as a worker does that runs out of memory. */
  get hasEnded() {
    return this.#opened?.client.hasEnded ?? false;
  }

  /** @param {ClientHooks} hooks of an owner */
  leave(hooks) {
    if (!this.owners.delete(hooks) || this.owners.size > 0) return;
    this.#forget();
    this.#stop.abort();
    this.#opened?.client.dispose();
  }

  #forget() {
    if (models.get(this.key) === this) models.delete(this.key);
  }
}

/**
 * One owner's part of a model.
 * @implements {OpenClient}
 */
class SharedClient {
  #alive = new Alive();
  #model;
  #hooks;

  /**
   * @param {SharedModel} model
   * @param {ClientHooks} hooks
   */
  constructor(model, hooks) {
    this.#model = model;
    this.#hooks = { ...hooks };
    model.owners.add(this.#hooks);
    if (model.last !== null) hooks.onProgress?.(model.last);
  }

  /** @param {AbortSignal | undefined} signal */
  async loaded(signal) {
    const { loaded } = await this.#alive.run(signal, (either) => unlessAborted(this.#model.opening, either));
    return loaded;
  }

  /** @type {OpenClient['call']} */
  call(call, signal, onSteps) {
    return this.#alive.run(signal, async (either) => {
      const { client } = await this.#model.opening;
      return client.call(call, either, onSteps);
    });
  }

  dispose() {
    this.#alive.end();
    this.#model.leave(this.#hooks);
  }
}
