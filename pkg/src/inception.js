import { absolute, folder } from './addresses.js';
import { fetchCatalog, modelsFolder } from './catalog.js';
import { InceptionError, disposedError, inceptionErrorFrom } from './errors.js';
import { readImage } from './image-source.js';
import { LocalClient } from './local-client.js';
import { resolveModel } from './model-source.js';
import { checkedLoadOptions, checkedRunOptions } from './options.js';
import { testPicture } from './test-picture.js';
import { WorkerClient } from './worker-client.js';

/** @typedef {import('./index.js').FeatureMaps} FeatureMaps */
/** @typedef {import('./index.js').ImageSource} ImageSource */
/** @typedef {import('./index.js').LoadOptions} LoadOptions */
/** @typedef {import('./index.js').ModelSource} ModelSource */
/** @typedef {import('./index.js').Result} Result */
/** @typedef {import('./index.js').RunOptions} RunOptions */
/** @typedef {import('./protocol.js').Client} Client */
/** @typedef {import('./protocol.js').Loaded} Loaded */

/** A loaded model; documented in `index.d.ts`. */
export class Inception {
  #client;
  #info;
  #disposed = false;

  /**
   * @param {Client} client
   * @param {Loaded} loaded
   */
  constructor(client, { info, layers }) {
    this.#client = client;
    this.#info = info;
    /** @readonly */
    this.layers = layers;
  }

  get info() {
    return this.#info;
  }

  /**
   * @param {ModelSource} source
   * @param {LoadOptions} [options]
   * @returns {Promise<Inception>}
   */
  static async load(source, options = {}) {
    const { signal, onProgress, onDevice, ...checked } = checkedLoadOptions(options);
    const modelsUrl = modelsFolder(checked.modelsUrl);
    try {
      const model = await resolveModel(source, modelsUrl, signal);
      const request = {
        ...model,
        sha256: checked.sha256 ?? model.sha256,
        network: checked.network ?? null,
        labels: checked.labels ?? null,
        preprocess: checked.preprocess ?? null,
        device: checked.device ?? 'auto',
        half: checked.halfWeights ?? false,
        threads: checked.threads ?? 'auto',
        modelsUrl,
        wasmUrl: checked.wasmUrl === undefined ? null : folder(checked.wasmUrl),
      };
      const workerUrl = checked.workerUrl === undefined ? null : absolute(checked.workerUrl);
      const client = checked.worker === false ? new LocalClient() : new WorkerClient(workerUrl);
      /** @type {Inception | undefined} */
      let net;
      /** @type {import('./protocol.js').ClientHooks} */
      const hooks = {
        onProgress,
        onDevice: ({ change, info }) => {
          if (net !== undefined) net.#info = info;
          onDevice?.(change);
        },
      };
      return (net = new Inception(client, await client.load(request, hooks, signal)));
    } catch (error) {
      throw inceptionErrorFrom(error);
    }
  }

  /** @param {{ modelsUrl?: string | URL }} [options] */
  static async catalog({ modelsUrl } = {}) {
    return fetchCatalog(modelsFolder(modelsUrl), undefined);
  }

  /**
   * @param {ImageSource} image
   * @param {RunOptions} [options]
   * @returns {Promise<Result>}
   */
  async classify(image, options = {}) {
    const result = await this.#run(image, checkedRunOptions(options), false);
    return /** @type {Result} */ (result);
  }

  /**
   * @param {ImageSource[]} images
   * @param {RunOptions} [options]
   */
  async classifyBatch(images, options = {}) {
    const results = [];
    for (const image of images) results.push(await this.classify(image, options));
    return results;
  }

  /**
   * @param {ImageSource} image
   * @param {string} layer
   * @param {{ signal?: AbortSignal }} [options]
   */
  async features(image, layer, { signal } = {}) {
    if (layer === 'all') throw new InceptionError('bad-option', "features takes one layer; classify with layers: ['all'] keeps all");
    const { layers } = await this.classify(image, { layers: [layer], topK: 0, signal });
    return /** @type {FeatureMaps} */ (layers[layer]);
  }

  /**
   * @param {ImageSource} image
   * @param {{ signal?: AbortSignal }} [options]
   */
  async embed(image, { signal } = {}) {
    const embedding = await this.#run(image, checkedRunOptions({ signal }), true);
    return /** @type {Float32Array} */ (embedding);
  }

  /** @param {ImageSource} image */
  async profile(image) {
    return this.#call(async () => this.#client.profile(await readImage(image, undefined)));
  }

  /** @param {ImageSource} [image] */
  async selfTest(image) {
    return this.#call(async () => this.#client.selfTest(image === undefined ? testPicture() : await readImage(image, undefined)));
  }

  dispose() {
    this.#disposed = true;
    this.#client.dispose();
  }

  /**
   * @param {ImageSource} source
   * @param {ReturnType<typeof checkedRunOptions>} options
   * @param {boolean} embed
   */
  async #run(source, { signal, ...options }, embed) {
    return this.#call(async () => {
      const image = await readImage(source, signal);
      return this.#client.run({ image, embed, ...options }, signal);
    });
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async #call(work) {
    if (this.#disposed) throw disposedError();
    try {
      return await work();
    } catch (error) {
      throw inceptionErrorFrom(error);
    }
  }
}
