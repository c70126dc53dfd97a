import { InceptionError, throwIfAborted } from '../shared/errors.js';
import { IMAGES_AT_ONCE } from '../shared/images-at-once.js';
import { dream, gradCam, gradient, saliency, visualize } from './gradients.js';
import { resultOf } from './results.js';
import { TaughtHead } from './taught-head.js';

/** @typedef {import('../index.js').BranchEffect} BranchEffect */
/** @typedef {import('../index.js').Cam} Cam */
/** @typedef {import('../index.js').Contributions} Contributions */
/** @typedef {import('../index.js').ParityReport} ParityReport */
/** @typedef {import('../index.js').Result} Result */
/** @typedef {import('../shared/protocol.js').EngineAnswer} EngineAnswer */
/** @typedef {import('../shared/protocol.js').EngineCall} EngineCall */
/** @typedef {import('../shared/protocol.js').RunOptions} RunOptions */
/** @typedef {import('../shared/protocol.js').Steps} Steps */
/** @typedef {import('../shared/protocol.js').WireImage} WireImage */
/** @typedef {import('./moving-model.js').MovingModel} MovingModel */
/** @typedef {import('./placed-model.js').PlacedModel} PlacedModel */
/** @typedef {((steps: Steps) => void) | undefined} OnSteps */

/** How far a layer on the GPU may be from the same on the CPU, relative to its largest value. */
const SELF_TEST_TOLERANCE = 2e-4;

/**
 * What a loaded model says to a call.
 * @param {MovingModel} model
 * @param {EngineCall} call
 * @param {AbortSignal | undefined} signal takes effect after the module, or layer, at work
 * @param {OnSteps} onSteps
 * @returns {Promise<EngineAnswer>}
 * @throws {InceptionError}
 */
export async function answer(model, call, signal, onSteps) {
  switch (call.kind) {
    case 'run':
      return call.embed ? embedding(model, call.image, signal) : /** @type {Result} */ ((await together(model, [call.image], call, signal, onSteps))[0]);
    case 'batch':
      return batch(model, call, signal, onSteps);
    case 'profile':
      return ofPicture(model, call.image, signal, (placed) => placed.profile(signal, onSteps));
    case 'self-test':
      return selfTest(model, call.image, signal);
    case 'tune':
      return call.undo ? model.untune(call.keep) : model.compute(() => model.tune(signal, onSteps, call.keep), signal);
    case 'filters':
      return model.placed.ask((compiled) => compiled.filters());
    case 'use-head':
      return useHead(model, call.head);
    case 'taught-features':
      return taughtFeatures(model, call.image, signal);
    case 'cam':
      return cam(model, call, signal);
    case 'contributions':
      return contributions(model, call, signal);
    case 'rank':
      return rank(model, call, signal, onSteps);
    case 'gradient':
      return gradient(model, call, signal);
    case 'grad-cam':
      return gradCam(model, call, signal);
    case 'saliency':
      return saliency(model, call, signal, onSteps);
    case 'visualize':
      return visualize(model, call, signal, onSteps);
    case 'dream':
      return dream(model, call, signal, onSteps);
  }
}

/**
 * @param {MovingModel} model
 * @param {WireImage} image
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Float32Array>}
 */
function embedding(model, image, signal) {
  return ofPicture(model, image, signal, async (placed) => {
    await placed.run([], signal);
    return placed.ask((model) => model.embedding());
  });
}

/**
 * @param {MovingModel} model
 * @param {WireImage} image
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Float32Array>}
 */
function taughtFeatures(model, image, signal) {
  return ofPicture(model, image, signal, async (placed) => {
    await placed.run([model.info.backbone.layer], signal);
    return placed.ask((model) => model.taught_features(0));
  });
}

/**
 * @param {MovingModel} model
 * @param {import('../shared/protocol.js').HeadValues | null} head
 * @returns {import('../shared/protocol.js').Loaded}
 */
function useHead(model, head) {
  model.useHead(head && new TaughtHead(head));
  return { info: model.info, layers: model.layers };
}

/**
 * @param {MovingModel} model
 * @param {{ images: WireImage[] } & RunOptions} call
 * @param {AbortSignal | undefined} signal
 * @param {OnSteps} onSteps
 * @returns {Promise<Result[]>}
 */
async function batch(model, { images, ...options }, signal, onSteps) {
  /** @type {Result[]} */
  const results = [];
  while (results.length < images.length) {
    const atOnce = model.placed.isOnGpu ? IMAGES_AT_ONCE : 1;
    const some = images.slice(results.length, results.length + atOnce);
    const runs = Math.ceil(images.length / atOnce);
    const run = Math.floor(results.length / atOnce);
    const onStep = onSteps && ((/** @type {Steps} */ steps) => onSteps({ ...steps, done: run * steps.total + steps.done, total: runs * steps.total }));
    results.push(...(await together(model, some, options, signal, onStep)));
  }
  return results;
}

/**
 * One run of several images.
 * @param {MovingModel} model
 * @param {WireImage[]} images
 * @param {RunOptions} options
 * @param {AbortSignal | undefined} signal
 * @param {OnSteps} onSteps
 * @returns {Promise<Result[]>}
 */
async function together(model, images, options, signal, onSteps) {
  throwIfAborted(signal);
  if (options.topK > 0 && model.info.classes === 0) {
    throw new InceptionError('unsupported', 'this checkpoint has no classifier: ask for features or an embedding');
  }
  const { layers, statistics = [], off = [] } = options;
  /** @type {Awaited<ReturnType<MovingModel['take']>>[]} */
  const taken = [];
  for (const image of images) taken.push(await model.take(image, taken.length > 0, signal));
  const names = model.layers.map(({ name }) => name);
  return model.compute(async (placed) => {
    const started = performance.now();
    const kept = [...layers, ...statistics].filter((name) => !model.head?.has(name));
    await placed.run([...kept, ...model.read], signal, images.map(() => off), onSteps);
    const run = performance.now() - started;
    model.noteThreads();
    return taken.map(({ image, decode, preprocess }, i) => {
      const reading = performance.now();
      const read = resultOf(placed, i, options, model, names);
      const total = decode + preprocess + run + performance.now() - reading;
      return { ...read, image, timing: { decode, preprocess, run, total } };
    });
  }, signal);
}

/**
 * Runs the image on the GPU and on the CPU.
 * @param {MovingModel} model
 * @param {WireImage} image
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<ParityReport>}
 * @throws {InceptionError} `no-webgpu` where the model is on the CPU
 */
async function selfTest(model, image, signal) {
  throwIfAborted(signal);
  const { device, deviceReason } = model.info;
  if (device === 'cpu') {
    throw new InceptionError('no-webgpu', `the network runs on the CPU (${deviceReason}), so there is no GPU to compare with it`);
  }
  await model.take(image, false, signal);
  const other = await model.loadOnCpu('self-test', signal);
  try {
    other.adopt(model.placed);
    await other.run(['all'], signal);
    model.placed.adopt(other);
    const layers = await model.compute(async (placed) => {
      await placed.run(['all'], signal);
      return placed.compare(other);
    }, signal);
    if (!model.placed.isOnGpu) throw new InceptionError('device-lost', `there is no GPU any more: ${model.info.deviceReason}`);
    const worst = layers.reduce((a, b) => (b.relativeError > a.relativeError ? b : a));
    return { worst, layers, ok: worst.relativeError <= SELF_TEST_TOLERANCE };
  } finally {
    other.free();
  }
}

/**
 * Has the engine tell of a class of the head that answers.
 * @param {MovingModel} of
 * @param {PlacedModel} placed
 * @param {number} classIndex
 */
function aim({ head }, placed, classIndex) {
  const { weights, bias } = head?.ofClass(classIndex) ?? { weights: new Float32Array(), bias: 0 };
  placed.ask((model) => model.aim(weights, bias));
}

/**
 * @param {MovingModel} of
 * @param {{ image: WireImage, classIndex: number, off: string[] }} call
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Cam>}
 */
function cam(of, { image, classIndex, off }, signal) {
  return ofClass(of, image, signal, async (placed) => {
    aim(of, placed, classIndex);
    await placed.run([placed.ask((model) => model.last_maps()) ?? ''], signal, [off]);
    return { classIndex, ...placed.ask((model) => model.cam(classIndex)) };
  });
}

/**
 * @param {MovingModel} of
 * @param {{ image: WireImage, classIndex: number, off: string[] }} call
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Contributions>}
 */
function contributions(of, { image, classIndex, off }, signal) {
  return ofClass(of, image, signal, async (placed) => {
    aim(of, placed, classIndex);
    await placed.run([], signal, [off]);
    return { classIndex, ...placed.ask((model) => model.contributions(classIndex)) };
  });
}

/**
 * @param {MovingModel} of
 * @param {Extract<EngineCall, { kind: 'rank' }>} call
 * @param {AbortSignal | undefined} signal
 * @param {OnSteps} onSteps
 * @returns {Promise<BranchEffect[]>}
 */
function rank(of, { image, branches, classIndex }, signal, onSteps) {
  const names = branches ?? of.layers.filter(({ kind }) => kind === 'branch').map(({ name }) => name);
  return ofClass(of, image, signal, async (placed) => {
    await placed.run(of.read, signal);
    const whole = of.answer(placed, 0);
    const index = classIndex ?? whole.indexOf(whole.reduce((a, b) => Math.max(a, b)));
    const before = whole[index];
    if (before === undefined) throw new InceptionError('bad-option', `class ${index} of a classifier with ${whole.length}`);
    const total = names.length;
    onSteps?.({ done: 0, total });
    /** @type {BranchEffect[]} */
    const effects = [];
    for (const some of groupsOf(names, placed.isOnGpu ? IMAGES_AT_ONCE : 1)) {
      await placed.run(of.read, signal, some.map((name) => [name]));
      for (const [image, branch] of some.entries()) {
        const probability = of.answer(placed, image)[index] ?? 0;
        effects.push({ branch, probability, change: probability - before });
      }
      onSteps?.({ done: effects.length, total });
    }
    return effects.sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  });
}

/**
 * @template T
 * @param {MovingModel} model
 * @param {WireImage} image
 * @param {AbortSignal | undefined} signal
 * @param {(placed: PlacedModel) => Promise<T>} work on the preprocessed picture
 * @returns {Promise<T>}
 */
async function ofPicture(model, image, signal, work) {
  throwIfAborted(signal);
  await model.take(image, false, signal);
  return model.compute(work, signal);
}

/**
 * The same about a class.
 * @type {typeof ofPicture}
 * @throws {InceptionError} `unsupported` without a classifier
 */
async function ofClass(model, image, signal, work) {
  throwIfAborted(signal);
  if (model.info.classes === 0) throw new InceptionError('unsupported', 'this checkpoint has no classifier');
  return ofPicture(model, image, signal, work);
}

/**
 * @template T
 * @param {T[]} items
 * @param {number} size
 * @returns {T[][]}
 */
function groupsOf(items, size) {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
