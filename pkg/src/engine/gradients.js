import { unlessAborted } from '../shared/alive.js';
import { InceptionError, throwIfAborted } from '../shared/errors.js';
import { Slices } from '../shared/macrotask.js';
import { badOption } from '../shared/options.js';
import { Guard } from './guard.js';
import { startArtefact } from './wasm.js';

/** @typedef {import('../gradients.js').Gradients} Gradients */
/** @typedef {import('../gradients.js').GradCam} GradCam */
/** @typedef {import('../gradients.js').Saliency} Saliency */
/** @typedef {import('../gradients.js').Drawn} Drawn */
/** @typedef {import('../gradients.js').Grown} Grown */
/** @typedef {import('../shared/protocol.js').EngineCall} EngineCall */
/** @typedef {import('../shared/protocol.js').GlueAim} GlueAim */
/** @typedef {import('../shared/protocol.js').GlueModel} GlueModel */
/** @typedef {import('../shared/protocol.js').Steps} Steps */
/** @typedef {import('../gradients.js').Target} Target */
/** @typedef {import('../shared/protocol.js').LookGlue} LookGlue */
/** @typedef {(glue: import('../shared/protocol.js').Glue) => GlueAim} Aimed */
/** Calls into the artefact. @typedef {<T>(work: () => T) => T} Look */
/** @typedef {import('./moving-model.js').MovingModel} MovingModel */
/** @typedef {import('./placed-model.js').PlacedModel} PlacedModel */
/** @typedef {((steps: Steps) => void) | undefined} OnSteps */

/** Pictures are sent while they grow, so many steps apart at most. */
const SHOWN_EVERY = 4;

/**
 * Runs and reverse passes where the model is, by the model itself where it reads pictures of that size, else by another one with the same
 * weights. Where a GPU fails they go on on another device.
 */
class Reverse {
  #moving;
  #size;
  #signal;
  /** What the passes are of. @type {{ of: string, at: string[] }} */
  #asked = { of: '', at: [] };
  /** Where that is planned. @type {{ placed: PlacedModel, model: GlueModel } | null} */
  #ready = null;

  /**
   * @param {MovingModel} moving
   * @param {[height: number, width: number]} size
   * @param {AbortSignal | undefined} signal
   */
  constructor(moving, size, signal) {
    this.#moving = moving;
    this.#size = size;
    this.#signal = signal;
  }

  /**
   * Reads what came of a pass.
   * @template T
   * @param {(model: GlueModel) => T} work
   * @returns {T}
   */
  ask(work) {
    const { placed } = this.#moving;
    return placed.ask((model) => work(this.#ready?.model ?? model));
  }

  /**
   * Says what the next passes are of, and has the weights ready.
   * @param {string} of
   * @param {string[]} at
   */
  async plan(of, at) {
    this.#asked = { of, at };
    this.#ready = null;
    await this.#moving.compute((placed) => this.#planned(placed), this.#signal);
  }

  /**
   * @param {PlacedModel} placed
   * @returns {Promise<GlueModel>}
   */
  async #planned(placed) {
    if (this.#ready?.placed === placed) return this.#ready.model;
    const model = await this.#moving.reversing(this.#size, this.#signal);
    const { of, at } = this.#asked;
    placed.ask(() => model.plan_gradients(of, at, [of, ...at.filter((layer) => layer !== 'input')]));
    const slices = new Slices();
    while (placed.ask(() => model.prepare_reverse()) > 0) {
      if (!slices.isOver) continue;
      await slices.pause();
      throwIfAborted(this.#signal);
    }
    this.#ready = { placed, model };
    return model;
  }

  /**
   * A run, and the reverse pass of a number that it makes.
   * @param {Aimed} aimed
   * @param {(model: GlueModel) => unknown} [begin] by default with the preprocessed picture
   * @param {boolean} [wakes] whether the ReLU at the end of the number's own layer lets everything through, so that a channel that does not answer can
   * @returns {Promise<number>} the number
   */
  pass(aimed, begin = (model) => model.begin(), wakes = false) {
    return this.#moving.compute(async (placed) => {
      const model = await this.#planned(placed);
      const { guard, gpu, isOnGpu, isLong } = placed;
      const slices = new Slices();
      const all = async (/** @type {() => string | undefined} */ step, /** @type {() => Promise<void>} */ complete) => {
        while (placed.ask(step) !== undefined) {
          throwIfAborted(this.#signal);
          if (isOnGpu ? !isLong : !slices.isOver) continue;
          if (isOnGpu) await guard.callGpu(gpu, () => model.settled());
          await slices.pause();
          throwIfAborted(this.#signal);
        }
        if (isOnGpu) await guard.callGpu(gpu, complete);
        throwIfAborted(this.#signal);
      };
      placed.ask(() => begin(model));
      await all(() => model.step(), () => model.complete());
      const value = guard.call((glue) => {
        const aim = aimed(glue);
        try {
          return model.begin_reverse(this.#asked.of, aim, wakes);
        } finally {
          aim.free();
        }
      });
      await all(() => model.step_reverse(), () => model.complete());
      return value ?? NaN;
    }, this.#signal);
  }
}

/**
 * @param {Target} target
 * @param {MovingModel} model
 * @returns {{ of: string, aimed: Aimed }} the layer whose values make the number, and how
 */
function aimOf(target, { info, head, layers }) {
  if ('layer' in target) {
    const { layer, channel, position, sum = false } = target;
    return {
      of: layer,
      aimed: ({ Aim }) => {
        if (channel === undefined) return Aim.all(sum);
        return position === undefined ? Aim.channel(channel, sum) : Aim.position(channel, ...position);
      },
    };
  }
  const { classIndex, minus, head: name } = target;
  const auxiliary = name === undefined ? null : headNamed(name, info);
  const { classes } = auxiliary ?? info;
  const wanted = [classIndex, ...(minus === undefined ? [] : [minus])];
  for (const index of wanted) if (index >= classes) throw new InceptionError('bad-option', `class ${index} of a classifier with ${classes}`);
  if (auxiliary === null && head !== null) {
    const [first, second] = wanted.map((index) => head.ofClass(index).weights);
    const { layer } = info.backbone;
    const [, height = 1, width = 1] = layers.find(({ name }) => name === layer)?.shape ?? [];
    const pixels = height * width;
    const factor = (/** @type {number} */ channel) => ((first?.[channel] ?? 0) - (second?.[channel] ?? 0)) / pixels;
    const factors = Float32Array.from({ length: (first?.length ?? 0) * pixels }, (_, i) => factor(Math.floor(i / pixels)));
    return { of: layer, aimed: ({ Aim }) => Aim.weighted(factors) };
  }
  const of = auxiliary?.layer ?? 'Logits';
  const logits = layers.find(({ name }) => name === of)?.shape[0] ?? classes;
  const factors = new Float32Array(logits);
  // Of two classes that one logit answers, the first is its negative.
  const add = (/** @type {number} */ index, /** @type {number} */ by) => {
    if (logits < classes) factors[0] = (factors[0] ?? 0) + (index === 0 ? -by : by);
    else factors[index] = (factors[index] ?? 0) + by;
  };
  add(classIndex, 1);
  if (minus !== undefined) add(minus, -1);
  return { of, aimed: ({ Aim }) => Aim.weighted(factors) };
}

/**
 * @param {string} name
 * @param {import('../index.js').ModelInfo} info
 * @returns {import('../index.js').ModelInfo['auxiliary'][number]}
 * @throws {InceptionError} `bad-option`
 */
function headNamed(name, { auxiliary }) {
  const trained = auxiliary.filter(({ trained }) => trained);
  const found = trained.find(({ layer }) => layer === name);
  if (found) return found;
  if (trained.length === 0) throw new InceptionError('bad-option', `head is '${name}', but there are no trained auxiliary heads`);
  throw badOption('head', name, trained.map(({ layer }) => layer).join(' or '));
}

/**
 * @param {string} of a layer
 * @param {string} at a layer that there is
 * @param {import('../index.js').LayerInfo[]} layers in order of execution
 * @throws {InceptionError} `bad-option` where the one does not read what the other makes
 */
function checkDepends(of, at, layers) {
  const read = new Set([of]);
  for (const { name, inputs } of [...layers].reverse()) if (read.has(name)) inputs.forEach((input) => read.add(input));
  if (!read.has(at) && layers.some(({ name }) => name === at)) throw new InceptionError('bad-option', `${of} does not depend on ${at}`);
}

/**
 * @param {MovingModel} of
 * @param {Extract<EngineCall, { kind: 'gradient' }>} call
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Gradients>}
 */
export async function gradient(of, { image, target, at }, signal) {
  const { of: layer, aimed } = aimOf(target, of);
  const reverse = await reverseOf(of, image, signal);
  await reverse.plan(layer, at);
  const value = await reverse.pass(aimed);
  const read = (/** @type {string} */ name) => {
    const { shape, data } = reverse.ask((model) => model.gradient(name));
    return { name, shape: /** @type {[number, number, number]} */ ([...shape]), data };
  };
  return { value, at: Object.fromEntries(at.map((name) => [name, read(name)])) };
}

/**
 * @param {MovingModel} of
 * @param {Extract<EngineCall, { kind: 'grad-cam' }>} call
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<GradCam>}
 */
export async function gradCam(of, { image, target, layer }, signal) {
  const { of: from, aimed } = aimOf(target, of);
  checkDepends(from, layer, of.layers);
  const reverse = await reverseOf(of, image, signal);
  await reverse.plan(from, [layer]);
  await reverse.pass(aimed);
  const map = reverse.ask((model) => model.grad_cam(layer));
  return { layer, ...target, ...map };
}

/**
 * @param {MovingModel} of
 * @param {Extract<EngineCall, { kind: 'saliency' }>} call
 * @param {AbortSignal | undefined} signal
 * @param {OnSteps} onSteps
 * @returns {Promise<Saliency>}
 */
export async function saliency(of, { image, target, options }, signal, onSteps) {
  const { of: from, aimed } = aimOf(target, of);
  const reverse = await reverseOf(of, image, signal);
  await reverse.plan(from, ['input']);
  const [channels, height, width] = of.info.input;
  const input = reverse.ask((model) => model.input_values());
  const make = (/** @type {LookGlue} */ glue) => new glue.Saliency(JSON.stringify(of.info.preprocess), height, width, input, JSON.stringify(options));
  return looking(of, make, signal, async (look, runs) => {
    const total = look(() => runs.runs());
    for (let done = 0; done < total; done += 1) {
      const next = look(() => runs.input(done));
      await reverse.pass(aimed, (model) => model.begin_with(next));
      const { data } = reverse.ask((model) => model.gradient('input'));
      look(() => runs.take(data));
      onSteps?.({ done: done + 1, total });
    }
    return { ...target, method: options.method, shape: /** @type {[number, number, number]} */ ([channels, height, width]), ...look(() => runs.finish()) };
  });
}

/**
 * @param {MovingModel} of
 * @param {Extract<EngineCall, { kind: 'visualize' }>} call
 * @param {AbortSignal | undefined} signal
 * @param {OnSteps} onSteps
 * @returns {Promise<Grown>}
 */
export async function visualize(of, { target, size, steps, options, from: before }, signal, onSteps) {
  const { of: from, aimed } = aimOf(target, of);
  throwIfAborted(signal);
  const what = `${of.info.backbone.digest} ${of.head === null ? '' : 'taught '}${JSON.stringify(target, Object.keys(target).sort())}`;
  if (before !== null && before.of !== what) throw new InceptionError('bad-option', 'from is a picture of another target, or of another model');
  const reverse = new Reverse(of, [size, size], signal);
  await reverse.plan(from, ['input']);
  const { seed, transforms, learningRate } = options;
  const preprocess = JSON.stringify(of.info.preprocess);
  const make = (/** @type {LookGlue} */ { Visualization }) => {
    if (before === null) return new Visualization(preprocess, size, seed, transforms, learningRate);
    return Visualization.resume(preprocess, size, transforms, learningRate, before.state);
  };
  return looking(of, make, signal, async (look, growing) => {
    const drawn = (/** @type {number} */ value) => ({ width: size, height: size, value, pixels: look(() => growing.picture()), state: look(() => growing.state()), of: what });
    let value = before?.value ?? 0;
    for (let done = 1; done <= steps; done += 1) {
      value = await step(reverse, aimed, look, growing, look(() => growing.wakes(value)));
      const isShown = done % SHOWN_EVERY === 0 || done === 1 || done === steps;
      onSteps?.({ done, total: steps, ...(isShown ? { picture: drawn(value) } : {}) });
      throwIfAborted(signal);
    }
    return drawn(value);
  });
}

/**
 * @param {MovingModel} of
 * @param {Extract<EngineCall, { kind: 'dream' }>} call
 * @param {AbortSignal | undefined} signal
 * @param {OnSteps} onSteps
 * @returns {Promise<Drawn>}
 */
export async function dream(of, { image, layer, weights, options }, signal, onSteps) {
  throwIfAborted(signal);
  await of.decode(image, signal);
  const { width, height, pixels } = of.placed.ask((model) => model.shrunk(options.size));
  const make = (/** @type {LookGlue} */ glue) => new glue.Dream(JSON.stringify(of.info.preprocess), width, height, pixels, JSON.stringify(options));
  const factors = Float32Array.from(weights);
  return looking(of, make, signal, async (look, dreaming) => {
    const drawn = () => ({ width, height, value, pixels: look(() => dreaming.picture()) });
    let [value, size] = [NaN, ''];
    /** @type {Reverse | null} */
    let reverse = null;
    for (let at = look(() => dreaming.at()); at !== undefined; at = look(() => dreaming.at())) {
      const [rows = 0, columns = 0, done = 0, total = 0] = at;
      if (reverse === null || size !== `${rows}x${columns}`) {
        size = `${rows}x${columns}`;
        reverse = new Reverse(of, [rows, columns], signal);
        await reverse.plan(layer, ['input']);
      }
      value = await step(reverse, ({ Aim }) => Aim.squares(factors), look, dreaming, false);
      onSteps?.({ done: done + 1, total, picture: drawn() });
      throwIfAborted(signal);
    }
    return drawn();
  });
}

/**
 * A step of a picture by the gradient at it.
 * @param {Reverse} reverse
 * @param {Aimed} aimed
 * @param {Look} look
 * @param {{ input(): Float32Array, step(gradient: Float32Array): void }} picture
 * @param {boolean} wakes
 * @returns {Promise<number>} the number before the step
 */
async function step(reverse, aimed, look, picture, wakes) {
  const input = look(() => picture.input());
  const value = await reverse.pass(aimed, (model) => model.begin_with(input), wakes);
  const { data } = reverse.ask((model) => model.gradient('input'));
  look(() => picture.step(data));
  return value;
}

/**
 * Fetches what makes pictures by gradients, and has it make one, in an instance that goes with it.
 * @template {{ free(): void }} P
 * @template T
 * @param {MovingModel} of
 * @param {(glue: LookGlue) => P} make
 * @param {AbortSignal | undefined} signal
 * @param {(look: Look, picture: P) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function looking(of, make, signal, work) {
  const guard = new Guard((await unlessAborted(startArtefact('look', of.wasmUrl), signal)).glue);
  const picture = guard.call(make);
  try {
    return await work((of) => guard.call(of), picture);
  } finally {
    if (!guard.isBroken) picture.free();
  }
}

/**
 * Passes on a picture, which the model takes.
 * @param {MovingModel} of
 * @param {import('../shared/protocol.js').WireImage} image
 * @param {AbortSignal | undefined} signal
 */
async function reverseOf(of, image, signal) {
  throwIfAborted(signal);
  await of.take(image, false, signal);
  const [, height = 0, width = 0] = of.info.input;
  return new Reverse(of, [height, width], signal);
}
