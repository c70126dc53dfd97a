import { InceptionError, inceptionErrorFrom, throwIfAborted } from '../shared/errors.js';
import { checkedAddAllOptions, checkedBytes, checkedExample, checkedIterable, checkedLabel, checkedName, checkedTaughtOptions, checkedTrainOptions } from '../shared/options.js';
import { theirs, withTheirs } from '../client/theirs.js';
import { toHeadFile } from './head-file.js';
import { fromSafetensors, toSafetensors } from './safetensors.js';
import { train } from './trainer.js';

/** @typedef {import('../index.js').ImageSource} ImageSource */
/** @typedef {import('../index.js').ModelInfo} ModelInfo */
/** @typedef {import('../teacher.js').Example} Example */
/** @typedef {import('../teacher.js').Label} Label */
/** @typedef {import('../teacher.js').TeachReport} TeachReport */
/** An example as it is given. @typedef {Pick<Example, 'label' | 'name' | 'thumbnail' | 'features'>} Given */

/** What `format` of a saved file's metadata says. */
const FORMAT = 'inception-examples-1';

/** Examples of one's own classes; documented in `teacher.d.ts`. */
export class Teacher {
  #asks;
  #lastId = 0;
  /** @type {string[]} */
  #labels = [];
  /** @type {Map<number, Example>} */
  #examples = new Map();
  /** Ids by what the features and the label are. @type {Map<string, number>} */
  #known = new Map();
  /** @type {TeachReport | null} */
  #report = null;
  /** The head that was trained last. @type {{ labels: string[], trained: import('../shared/protocol.js').Trained } | null} */
  #taught = null;
  /** @type {Promise<unknown>} */
  #training = Promise.resolve();

  /**
   * @param {import('../shared/protocol.js').TeachAsks} asks
   * @param {boolean} multiLabel
   */
  constructor(asks, multiLabel) {
    this.#asks = asks;
    /** @readonly */
    this.multiLabel = multiLabel;
  }

  get labels() {
    return Object.freeze([...this.#labels]);
  }

  get examples() {
    return Object.freeze([...this.#examples.values()]);
  }

  get report() {
    return this.#report;
  }

  /** @param {string} label */
  addLabel(label) {
    checkedName(label);
    if (!this.#labels.includes(label)) this.#labels.push(label);
  }

  /**
   * @param {string} label
   * @param {string} to
   * @returns {Example[]}
   */
  renameLabel(label, to) {
    checkedName(to);
    const at = this.#labels.indexOf(label);
    if (at < 0) throw new InceptionError('bad-option', `there is no class '${label}'`);
    if (label === to) return [];
    if (this.#labels.includes(to)) this.#labels.splice(at, 1);
    else this.#labels[at] = to;
    const renamed = (/** @type {Label} */ of) => (Array.isArray(of) ? [...new Set(of.map((one) => (one === label ? to : one)))] : of === label ? to : of);
    return this.#relabel(this.examples.filter((example) => namesOf(example.label).includes(label)), renamed);
  }

  /** @param {string} label */
  removeLabel(label) {
    const of = this.examples.filter((example) => namesOf(example.label).includes(label));
    const only = of.filter((example) => namesOf(example.label).length === 1);
    const removed = this.remove(...only.map(({ id }) => id));
    removed.push(...this.#relabel(of.filter((example) => !only.includes(example)), (names) => namesOf(names).filter((name) => name !== label)));
    this.#labels = this.#labels.filter((name) => name !== label);
    return removed;
  }

  /**
   * @param {ImageSource} image
   * @param {Label} label
   * @param {import('../teacher.js').ExampleOptions} [options]
   */
  async add(image, label, options = {}) {
    const { name = '', thumbnail = null, signal } = checkedExample(options);
    checkedLabel(label, this.multiLabel);
    const features = await this.#asks.features(image, signal);
    return this.#take({ label, name, thumbnail, features }).example;
  }

  /**
   * @param {Iterable<{ image: ImageSource, label: Label, name?: string, thumbnail?: Uint8Array | null }>} images
   * @param {import('../teacher.js').AddAllOptions} [options]
   * @returns {Promise<import('../teacher.js').AddAllResult>}
   */
  async addAll(images, options = {}) {
    const { onProgress, signal } = checkedAddAllOptions(options);
    checkedIterable(images, 'images');
    const total = Array.isArray(images) ? images.length : null;
    return withTheirs(signal, async (stop, safe) => {
      const tell = safe(onProgress);
      /** @type {import('../teacher.js').AddAllResult} */
      const result = { added: [], duplicates: 0, failed: [] };
      let index = 0;
      const iterator = theirs(() => images[Symbol.iterator]());
      for (let next = theirs(() => iterator.next()); !next.done; next = theirs(() => iterator.next())) {
        throwIfAborted(stop);
        const { image, label, name = '', thumbnail = null } = next.value ?? {};
        try {
          checkedLabel(label, this.multiLabel);
          checkedExample({ name, thumbnail });
          const features = await this.#asks.features(image, stop);
          const { example, isNew } = this.#take({ label, name, thumbnail, features });
          if (isNew) result.added.push(example);
          else result.duplicates += 1;
        } catch (cause) {
          const error = inceptionErrorFrom(cause);
          // What stops one stops all, but for the image's own faults.
          if (!['bad-image', 'network', 'bad-option'].includes(error.code)) throw error;
          result.failed.push({ index, name: String(name), error });
        }
        index += 1;
        tell?.(index, total);
      }
      return result;
    });
  }

  /** @param {Iterable<Given>} examples */
  put(examples) {
    const all = [...checkedIterable(examples, 'examples')];
    for (const { label, features, name = '', thumbnail = null } of all.map((given) => given ?? {})) {
      checkedLabel(label, this.multiLabel);
      checkedExample({ name, thumbnail });
      const { length } = this.#asks.info().backbone;
      if (!(features instanceof Float32Array) || features.length !== length) {
        throw new InceptionError('bad-option', `features must be ${length} values of a Float32Array`);
      }
    }
    return all.map((given) => this.#take(given)).filter(({ isNew }) => isNew).map(({ example }) => example);
  }

  /** @param {number[]} ids */
  remove(...ids) {
    const removed = ids.flatMap((id) => this.#examples.get(id) ?? []);
    for (const example of removed) {
      this.#examples.delete(example.id);
      this.#known.delete(keyOf(example));
    }
    if (removed.length > 0) this.#report = null;
    return removed;
  }

  /**
   * @param {Label} label
   * @param {number[]} ids
   * @returns {Example[]}
   */
  move(label, ...ids) {
    checkedLabel(label, this.multiLabel);
    return this.#relabel(ids.flatMap((id) => this.#examples.get(id) ?? []), () => label);
  }

  /** @param {import('../teacher.js').TrainOptions} [options] */
  async train(options = {}) {
    const { signal, onProgress, ...rest } = checkedTrainOptions(options);
    return withTheirs(signal, (stop, safe) => {
      const turn = this.#training.then(() => this.#train({ ...rest, multiLabel: this.multiLabel }, stop, safe(onProgress)));
      this.#training = turn.catch(() => undefined);
      return turn;
    });
  }

  /**
   * @param {import('../shared/protocol.js').TrainingOptions} options
   * @param {AbortSignal} signal
   * @param {((fraction: number) => void) | undefined} onProgress
   * @returns {Promise<TeachReport>}
   */
  async #train(options, signal, onProgress) {
    throwIfAborted(signal);
    this.#asks.check();
    const all = this.examples;
    const own = all.filter(({ label }) => label !== null);
    const classes = this.#labels.filter((name) => own.some(({ label }) => namesOf(label).includes(name)));
    if (classes.length < 2) throw new InceptionError('bad-option', `two classes with examples are needed to learn a difference, and there ${classes.length === 1 ? 'is one' : 'are none'}`);
    const dimensions = this.#asks.info().backbone.length;
    const indices = new Map(classes.map((name, i) => [name, i]));
    const labels = own.map(({ label }) => namesOf(label).map((name) => indices.get(name) ?? 0));
    const trained = await train(
      {
        features: joined(own, dimensions),
        dimensions,
        labels: Uint32Array.from(labels.flat()),
        labelCounts: Uint32Array.from(labels, ({ length }) => length),
        classes: classes.length,
        noneFeatures: joined(all.filter(({ label }) => label === null), dimensions),
        options,
        wasmUrl: this.#asks.wasmUrl,
      },
      this.#asks.place,
      signal,
      onProgress,
    );
    this.#asks.check();
    this.#taught = { labels: classes, trained };
    const isAsItWas = all.length === this.#examples.size && all.every((example) => this.#examples.get(example.id) === example);
    const told = { ...trained.report, labels: classes, ids: own.map(({ id }) => id) };
    if (isAsItWas) this.#report = told;
    return told;
  }

  /** @param {{ threshold?: number | null }} [options] */
  async head(options = {}) {
    const { threshold } = checkedTaughtOptions(options);
    if (this.#taught === null) throw new InceptionError('bad-option', 'no head has been trained yet: call train first');
    const { labels, trained: { report, weights, biases } } = this.#taught;
    const activation = this.multiLabel ? 'sigmoid' : 'softmax';
    const head = { labels, activation, threshold: threshold === undefined ? report.threshold : threshold, temperature: report.temperature, weights, biases };
    return toHeadFile(/** @type {Parameters<typeof toHeadFile>[0]} */ (head), this.#asks.info());
  }

  /** @param {{ threshold?: number | null }} [options] */
  save(options = {}) {
    const { threshold = null } = checkedTaughtOptions(options);
    const all = this.examples;
    const { network, title, backbone, preprocess } = this.#asks.info();
    const thumbnails = all.map(({ thumbnail }) => thumbnail ?? new Uint8Array());
    const whole = new Uint8Array(thumbnails.reduce((sum, { length }) => sum + length, 0));
    let end = 0;
    for (const thumbnail of thumbnails) {
      whole.set(thumbnail, end);
      end += thumbnail.length;
    }
    const examples = all.map(({ label, name, thumbnail }) => ({ label, name, thumbnail: thumbnail?.length ?? null }));
    return toSafetensors(
      {
        format: FORMAT,
        network,
        title,
        backbone: JSON.stringify(backbone),
        preprocess: JSON.stringify(preprocess),
        labels: JSON.stringify(this.#labels),
        examples: JSON.stringify(examples),
        ...(threshold === null ? {} : { threshold: String(threshold) }),
      },
      {
        features: { shape: [all.length, backbone.length], data: joined(all, backbone.length) },
        thumbnails: { shape: [whole.length], data: whole },
      },
    );
  }

  /** @param {Uint8Array | ArrayBuffer} file */
  restore(file) {
    const { metadata, tensor } = fromSafetensors(checkedBytes(file), 'examples');
    const own = this.#asks.info();
    if (metadata.format !== FORMAT) throw new InceptionError('bad-weights', 'the file holds no examples: it was not saved by a teacher');
    const { backbone, labels, examples } = parsed(metadata);
    if (backbone.digest !== own.backbone.digest || metadata.preprocess !== JSON.stringify(own.preprocess)) {
      const same = backbone.digest === own.backbone.digest ? ', whose pictures are prepared otherwise' : '';
      throw new InceptionError('bad-option', `these examples are of ${metadata.title} (${metadata.network}), and the model is ${own.title} (${own.network})${same}`);
    }
    const several = this.multiLabel ? undefined : examples.find(({ label }) => Array.isArray(label) && label.length !== 1);
    if (several) throw new InceptionError('bad-option', `these examples may have several labels, as ${JSON.stringify(several.label)}: open them with \`teach({ multiLabel: true })\``);
    const features = new Float32Array(tensor('features', 'F32').buffer);
    const thumbnails = tensor('thumbnails', 'U8');
    const { length } = backbone;
    const bytes = examples.reduce((sum, { thumbnail }) => sum + (thumbnail ?? 0), 0);
    if (features.length !== examples.length * length || thumbnails.length !== bytes) throw new InceptionError('bad-weights', 'the file holds no examples: its parts do not fit each other');
    let end = 0;
    const given = examples.map(({ label, name, thumbnail }, i) => ({
      label: this.multiLabel || !Array.isArray(label) ? label : /** @type {string} */ (label[0]),
      name,
      thumbnail: thumbnail === null ? null : thumbnails.slice(end, (end += thumbnail)),
      features: features.slice(i * length, (i + 1) * length),
    }));
    for (const label of labels) this.addLabel(label);
    return this.put(given);
  }

  /**
   * @param {Given} given
   * @returns {{ example: Example, isNew: boolean }}
   */
  #take({ label, name = '', thumbnail = null, features }) {
    const own = Array.isArray(label) ? [...new Set(label)] : label;
    const key = keyOf({ label: own, features });
    const known = this.#examples.get(this.#known.get(key) ?? 0);
    if (known !== undefined && same(known.features, features)) return { example: known, isNew: false };
    for (const one of namesOf(own)) this.addLabel(one);
    const example = Object.freeze({ id: (this.#lastId += 1), label: own, name, thumbnail, features });
    this.#examples.set(example.id, example);
    this.#known.set(key, example.id);
    this.#report = null;
    return { example, isNew: true };
  }

  /**
   * @param {readonly Example[]} examples
   * @param {(label: Label) => Label} change
   * @returns {Example[]} those that are there already with their other label: they are removed
   */
  #relabel(examples, change) {
    const removed = [];
    for (const example of examples) {
      const label = change(example.label);
      for (const one of namesOf(label)) this.addLabel(one);
      this.#known.delete(keyOf(example));
      const moved = Object.freeze({ ...example, label });
      const key = keyOf(moved);
      const twin = this.#examples.get(this.#known.get(key) ?? 0);
      if (twin !== undefined && twin.id !== example.id && same(twin.features, example.features)) {
        this.#examples.delete(example.id);
        removed.push(example);
        continue;
      }
      this.#examples.set(example.id, moved);
      this.#known.set(key, example.id);
    }
    if (examples.length > 0) this.#report = null;
    return removed;
  }
}

// Vue's `ref` and `reactive` leave such objects as they are: behind a proxy a class does not find its private members.
Object.defineProperty(Teacher.prototype, '__v_skip', { value: true });

/** @param {Label} label */
function namesOf(label) {
  return label === null ? [] : Array.isArray(label) ? label : [label];
}

/**
 * @param {readonly Pick<Example, 'features'>[]} examples
 * @param {number} dimensions
 */
function joined(examples, dimensions) {
  const all = new Float32Array(examples.length * dimensions);
  for (const [i, { features }] of examples.entries()) all.set(features, i * dimensions);
  return all;
}

/**
 * The same for the same features and label, and hardly ever for others (FNV-1a over the words of the features).
 * @param {Pick<Example, 'label' | 'features'>} example
 */
function keyOf({ label, features }) {
  let hash = 0x811c9dc5;
  for (const word of new Uint32Array(features.buffer, features.byteOffset, features.length)) hash = Math.imul(hash ^ word, 0x01000193);
  return `${hash} ${JSON.stringify(Array.isArray(label) ? [...label].sort() : label)}`;
}

/**
 * @param {Float32Array} a
 * @param {Float32Array} b
 */
function same(a, b) {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/**
 * @param {Record<string, string>} metadata
 * @returns {{ backbone: ModelInfo['backbone'], labels: string[], examples: { label: Label, name: string, thumbnail: number | null }[] }}
 * @throws {InceptionError} `bad-weights`
 */
function parsed({ backbone, labels, examples }) {
  try {
    const all = { backbone: JSON.parse(backbone ?? ''), labels: JSON.parse(labels ?? ''), examples: JSON.parse(examples ?? '') };
    const isLength = (/** @type {unknown} */ v) => v === null || (Number.isInteger(v) && Number(v) >= 0);
    const isWhole =
      all.labels.every((/** @type {unknown} */ v) => typeof v === 'string') &&
      all.examples.every((/** @type {any} */ v) => typeof v.name === 'string' && isLength(v.thumbnail) && (v.label === null || namesOf(v.label).every((name) => typeof name === 'string')));
    if (isWhole) return all;
  } catch {
    // Said below.
  }
  throw new InceptionError('bad-weights', 'the file holds no examples: its description cannot be read');
}
