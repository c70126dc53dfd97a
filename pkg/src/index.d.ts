/// <reference lib="esnext.disposable" />

/**
 * The Inception networks: load a model, classify images, look inside. Shapes are [channels, height, width]; times are milliseconds.
 * Every call rejects with an {@link InceptionError}, or with what a function of the caller's (`onModule`, `onProgress`, `onResult`) has thrown: that ends the call.
 * @module inception-web
 */

import type { Drawn, DreamOptions, DreamTarget, GradCam, GradCamOptions, GradientOptions, Gradients, Grown, Saliency, SaliencyOptions, Target, VisualizeOptions } from './gradients.js';
import type { CatalogEntry, LayerInfo, ModelInfo, OutputActivation, Preprocess } from './model.js';
import type { BatchOptions, BranchEffect, Cam, Contributions, FeatureMaps, Filters, LayerTime, ParityReport, ProfileOptions, RankOptions, Result, RunOptions, TuneOptions, Tuned } from './results.js';
import type { TeachOptions, Teacher } from './teacher.js';
export type { ClassTarget, Drawn, DreamOptions, DreamTarget, GradCam, GradCamOptions, Gradient, GradientOptions, Gradients, Grown, LayerTarget, Saliency, SaliencyOptions, Target, VisualizeOptions } from './gradients.js';
export type { CatalogEntry, HeadInfo, LayerInfo, ModelInfo, OutputActivation, Preprocess } from './model.js';
export type { BatchOptions, BranchEffect, Cam, ChannelStats, Contributions, FeatureMaps, Filters, LayerTime, ParityReport, Prediction, ProfileOptions, RankOptions, Result, RunOptions, TuneOptions, Tuned } from './results.js';
export type { AddAllOptions, AddAllResult, Example, ExampleOptions, GivenImage, HeldOut, Label, TeachOptions, Teacher, TeachReport, TrainOptions } from './teacher.js';

/** A class that the project's other types declare, as those of browsers, workers or Node.js do; `never` where they do not. */
export type Global<Name extends string> = typeof globalThis extends {
  [name in Name]: {
    /** What the class makes. */
    prototype: infer Instance;
  };
} ? Instance : never;

/** An address. */
export type Address = string | Global<'URL'>;

/** An `AbortSignal`. */
export type Signal = Global<'AbortSignal'>;

/**
 * Where the network runs. 'auto': where it is faster, as measured, if the browser offers a real GPU, else on the CPU. 'webgpu': on any
 * adapter, software too. Only 'auto' measures, and moves for the sake of speed.
 */
export type Device = 'auto' | 'webgpu' | 'cpu';

/**
 * Encoded bytes or pixels. Addresses are fetched, relative ones from the page; encoded JPEG, PNG, WebP, GIF and BMP are
 * decoded by the engine (the same pixels in every browser), which fetches what decodes the last three when it is given one; AVIF
 * and others by the browser. SVG is drawn by the document, 512 pixels or more on its shorter side; a content security policy must
 * allow it `img-src blob:`. In a browser, pictures of more than 2^26 pixels are scaled down to 2^24. Of an animation the first frame
 * is read. Elements, canvases, videos and bitmaps are read as they are when the call is made. Transparency lies over white.
 */
export type ImageSource = string | ArrayBuffer | Uint8Array | Pixels
  | Global<'URL'> | Global<'Blob'> | Global<'ImageData'> | Global<'ImageBitmap'> | Global<'HTMLImageElement'> | Global<'HTMLCanvasElement'>
  | Global<'OffscreenCanvas'> | Global<'HTMLVideoElement'> | Global<'VideoFrame'>;

/** Pixels of sRGB as `ImageData` has them, for places that do not have that: four bytes each, red, green, blue and opacity, row by row. */
export interface Pixels {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** 4 * width * height bytes. */
  readonly data: Uint8ClampedArray | Uint8Array;
}

/**
 * Catalog id, entry of a catalog (which is then not fetched again), address of a weights file, the bytes, one file, or the files of a TF.js
 * layers folder. A string with a slash, a colon or the ending of a weights file is an address. The address of a TF.js `model.json` brings its
 * shards too.
 */
export type ModelSource = string | CatalogEntry | ArrayBuffer | Uint8Array | Global<'URL'> | Global<'Blob'> | (Global<'File'> | Global<'URL'> | string)[];

/** Where the package's files are, for {@link Inception.configure} and for each load. Without a word of it they are beside its scripts. */
export interface Settings {
  /** The folder that `npx inception-web assets` wrote: the worker's script with the `wasm` files beside it. */
  assetsUrl?: Address | undefined;
  /** Folder of `catalog.json`, of relative catalog addresses and of lists of class names; default 'models/' beside the page. */
  modelsUrl?: Address | undefined;
  /** Folder of the package's `wasm` files; default beside the package's scripts. */
  wasmUrl?: Address | undefined;
  /**
   * Address of the package's `worker.js`, where it is not beside its other scripts. It may be on another origin that allows it (CORS).
   * Node.js has a script of its own.
   */
  workerUrl?: Address | undefined;
}

/** A taught head's file: its address, its bytes, or the file. */
export type HeadSource = Address | ArrayBuffer | Uint8Array | Global<'Blob'>;

/** How {@link Inception.load} loads a model and where the network runs; all of it may be left out. */
export interface LoadOptions extends Settings {
  /** Default 'auto'. 'webgpu' rejects with `no-webgpu` where there is no adapter, and with the GPU's own error where it fails. */
  device?: Device;
  /**
   * Default false: weights are computed with as they are, and stored on the GPU as f16 where the checkpoint is f16. True: they are
   * rounded to f16, on the CPU as well, so that every checkpoint takes half the GPU's memory.
   */
  halfWeights?: boolean;
  /** Default 'auto': one a logical processor, at most 8; always 1 in a page that is not cross-origin isolated. */
  threads?: 'auto' | number;
  /**
   * Default: the engine runs in a worker, in Node.js in a thread that no process waits for once its calls are answered. Where there are
   * none, or none can be started from another origin's script or from a bundle for Node.js, it runs in this thread; `info.threads.reason`
   * says why. True: in a worker or not at all. False: in this thread, with one thread; after `dispose` of the last network here the
   * engine's memory goes with the next garbage collection. With `inception-web/in-thread` it always does so, save in Node.js,
   * where that is the package itself.
   */
  worker?: boolean;
  /** Id of the network, for checkpoints whose keys fit several. */
  network?: string;
  /** Class names in the order of the classes; as many as there are classes. */
  labels?: string[];
  /** What makes answers of the logits, over what the checkpoint says or, where it says nothing, its `info.assumptions`. */
  activation?: OutputActivation;
  /** What differs from the checkpoint's own preprocessing. */
  preprocess?: Partial<Preprocess>;
  /**
   * Default true: model files are kept in the browser's cache (checked against a digest at each load) and taken from there, and a download
   * that broke off goes on where it ended. Loads of one file at the same time have one download between them. Files without a known SHA-256 are compared with the server's first, where it answers.
   * Lists of models and of class names are kept for times without a connection.
   */
  cache?: boolean;
  /**
   * A head that was taught on this model: it answers with that one's classes. Rejects with `bad-option` where it was taught on another
   * model, and names both. Not with `shared`.
   */
  head?: HeadSource;
  /** SHA-256 of the model file in hexadecimal digits; another one is refused with `integrity`. */
  sha256?: string;
  /**
   * Default false: each load makes a model of its own. True: loads of the same addresses with the same options have one between them, as
   * components of a page want that are drawn twice. Each disposes of its own; the last gives the memory back. Bytes and files are loaded each by itself.
   */
  shared?: boolean;
  /** Stops the load; the promise is rejected with `aborted`. */
  signal?: Signal;
  /** Downloads and compilation go on side by side, then layers are prepared. */
  onProgress?: (p: Progress) => void;
  /**
   * A GPU was lost or refused its work, and the call that met it goes on; or, between two calls, the network went to the other device, which
   * is faster. `net.info` is the new one already, except during the load. Like an event's listener it ends nothing with what it throws.
   */
  onDevice?: (e: DeviceChange) => void;
  /**
   * Soon after the load, where files were fetched: they are in the browser's cache or refused. The first answer does not wait for
   * that. `net.info.cache` is the new one already. Like an event's listener it ends nothing with what it throws.
   */
  onKept?: (cache: ModelInfo['cache']) => void;
  /** `useHead` has put another head in force, or with null the model's own again; `net.info` is the new one already. Not for `head` of the load. */
  onHead?: (head: ModelInfo['head']) => void;
}

/** A network's move to another device. From WebGPU to WebGPU: a lost GPU was opened again. */
export interface DeviceChange {
  /** Where the network ran. */
  from: 'webgpu' | 'cpu';
  /** Where it runs from now on. */
  to: 'webgpu' | 'cpu';
  /** Why, in English: of a move for the sake of speed the figures, as in `ModelInfo.deviceReason`. */
  reason: string;
  /** What the GPU failed with, for example `device-lost` or `out-of-memory`; null: nothing failed, the other device is faster. */
  code: ErrorCode | null;
}

/** How far a stage of the load is. */
export interface Progress {
  /**
   * Bytes of the model, of which none are reported where it was given as bytes; the engine, 0 or 1; layers with weights, and on the GPU one
   * more for its pipelines. The last report is of 'prepare', with `loaded` equal to `total`; the first layers may be prepared during the download.
   */
  stage: 'download' | 'compile' | 'prepare';
  /** How much of `total` is done, in what the stage counts. */
  loaded: number;
  /** Null where neither the server nor the catalog says how many bytes will come, as of files that a server compresses; the last report has it. */
  total: number | null;
}

/**
 * For `onProgress`: one figure for all stages. What it makes calls `onFraction` whenever the figure rises, to 1 at the end; a download of
 * unknown length is guessed.
 */
export function fraction(onFraction: (fraction: number) => void): (progress: Progress) => void;

/** A file that the browser keeps. */
export interface KeptFile {
  /** Where it came from. */
  url: string;
  /** Its size, or of a download that broke off what there is of it. */
  bytes: number;
}

/** A loaded model. Calls are worked off one after another. */
export class Inception {
  private constructor();
  /**
   * Downloads, compiles and prepares a model. Rejects with `network` or `integrity` where the files cannot be had, with `bad-weights`,
   * `unknown-model` or `bad-option` where they are not a network or do not suit the options, with `no-webgpu`, `out-of-memory` or
   * `unsupported` where it cannot run here, with `aborted` by its signal.
   */
  static load(model: ModelSource, options?: LoadOptions): Promise<Inception>;
  /**
   * Fetches all that a load with these options takes into the browser's cache, checks that it is a model, and gives the memory back. The next
   * load waits for no download, with or without a connection. Resolves to what came of it; rejects as `load` does.
   */
  static preload(model: ModelSource, options?: LoadOptions): Promise<ModelInfo['cache']>;
  /**
   * Says once for all loads of this page where the package's files are; a load's own options come first. Relative addresses are from where
   * the page, or Node.js, is now. Throws `bad-option`.
   */
  static configure(settings: Settings): void;
  /** What `catalog.json` in the folder of models lists; the default folder is 'models/' beside the page. Rejects with `network`. */
  static catalog(options?: { modelsUrl?: Address }): Promise<CatalogEntry[]>;
  /**
   * The files that the browser keeps for this origin: models, their lists, and the beginnings of downloads that broke off. Where the
   * browser refuses to keep files there are none.
   */
  static cache: {
    /** Sum of the files' sizes, in bytes. */
    size(): Promise<number>;
    /** Every file. */
    list(): Promise<KeptFile[]>;
    /** Removes the file of one address, by default all. */
    clear(url?: Address): Promise<void>;
  };
  /** What the model is and where it runs. Replaced by a new object when the device changes. */
  readonly info: ModelInfo;
  /** Every layer with a public name, in the order of execution. */
  readonly layers: LayerInfo[];
  /**
   * The classes of an image, and of the layers that the options name the outputs or statistics. Rejects with `bad-image` where the
   * picture cannot be read, `network` where it, or what decodes it, cannot be fetched, `unknown-layer`, `bad-option` or `aborted`.
   */
  classify(image: ImageSource, options?: RunOptions): Promise<Result>;
  /**
   * Results in the order of the images, of a list of files too; on a GPU several images at once, on the CPU one after another. Only a few
   * are asked for ahead and held in memory, so a generator need not have them all. The first that cannot be read rejects the call with an error that has its `index`; with `settled`
   * each image has an outcome of its own. `timing.run` is that of all images that ran together.
   */
  classifyBatch(images: Iterable<ImageSource>, options: BatchOptions & { settled: true }): Promise<PromiseSettledResult<Result>[]>;
  classifyBatch(images: Iterable<ImageSource>, options?: BatchOptions): Promise<Result[]>;
  /** The output of one layer, with statistics. Rejects with `unknown-layer` where there is none of that name. */
  features(image: ImageSource, layer: string, options?: { signal?: Signal }): Promise<FeatureMaps>;
  /** Pooled features before the classifier, or the face embedding of unit length; one value a channel. */
  embed(image: ImageSource, options?: { signal?: Signal }): Promise<Float32Array>;
  /** What the first convolution looks for: the only weights that can be seen as small pictures, since they read one. */
  filters(): Promise<Filters>;
  /**
   * Where the network sees a class. `off` names branches, or other layers, to switch off; default none. Rejects with `bad-option`
   * where there is no such class, `unsupported` where there is no classifier.
   */
  cam(image: ImageSource, classIndex: number, options?: { off?: string[]; signal?: Signal }): Promise<Cam>;
  /**
   * In which channels the network sees a class. `off` names branches, or other layers, to switch off; default none. Rejects with
   * `bad-option` where there is no such class, `unsupported` where there is no classifier.
   */
  contributions(image: ImageSource, classIndex: number, options?: { off?: string[]; signal?: Signal }): Promise<Contributions>;
  /** Runs without the branches, or other layers, that `off` names: their output is zeros. */
  ablate(image: ImageSource, options: RunOptions & { off: string[] }): Promise<Result>;
  /** Switches each branch off in turn; the largest change first. */
  rankBranches(image: ImageSource, options?: RankOptions): Promise<BranchEffect[]>;
  /** The time of every layer that is computed, in order. */
  profile(image: ImageSource, options?: ProfileOptions): Promise<LayerTime[]>;
  /**
   * How a number that the network makes changes with each value of the picture, or of layers: of a class, a channel, a position. Computed
   * where the network runs; the first time, the weights are read again from the browser's cache, or fetched again where they are not there.
   */
  gradient(image: ImageSource, options: GradientOptions): Promise<Gradients>;
  /** Where a layer speaks for a class; of any layer before the logits, by its name. */
  gradCam(image: ImageSource, classIndex: number, layer: string, options?: GradCamOptions): Promise<GradCam>;
  /** Which pixels made an answer. */
  saliency(image: ImageSource, classIndex: number, options?: SaliencyOptions): Promise<Saliency>;
  /** Grows a picture of what a class, a layer, a channel or one position looks for (Olah et al. 2017, "Feature Visualization"). */
  visualize(target: Target, options?: VisualizeOptions): Promise<Grown>;
  /** Changes a picture step by step so that a layer answers more. */
  dream(image: ImageSource, target: DreamTarget, options?: DreamOptions): Promise<Drawn>;
  /**
   * Times on this GPU how its kernels may divide their work, and takes the fastest ways from then on; answers differ by rounding only. The
   * package does so by itself when nothing has been asked for two seconds after the first answers. The browser keeps the ways for the
   * next load, unless it is loaded with `cache: false`.
   */
  tune(options?: TuneOptions): Promise<Tuned>;
  /**
   * Runs an image, or a generated one, on the GPU and on the CPU and compares every layer. The model is loaded a second time
   * meanwhile, from memory. Rejects with `no-webgpu` where the network runs on the CPU.
   */
  selfTest(image?: ImageSource): Promise<ParityReport>;
  /** Examples of one's own classes, to teach the network them: see {@link Teacher}. Rejects with `disposed`, or `network` where its script does not come. */
  teach(options?: TeachOptions): Promise<Teacher>;
  /**
   * Answers with a taught head from the next call on, or, of null, with the network's own again; `info` and `layers` are the new ones then.
   * Rejects with `bad-weights` where the file holds none, `bad-option` where it was taught on another model: nothing has changed then.
   */
  useHead(head: HeadSource | null, options?: { signal?: Signal }): Promise<void>;
  /** Whether `dispose` has been called. */
  readonly disposed: boolean;
  /** Ends the worker and gives its memory and the GPU's back; calls at work and later ones reject with `disposed`. */
  dispose(): void;
  /** The same, for `using net = await Inception.load(…)`. */
  [Symbol.dispose](): void;
}

/** What the package itself rejects with. The message says in English what was wrong and with what. Its `name` is `AbortError` where its `code` is `aborted`. */
export class InceptionError extends Error {
  /** An error of the package's kind, for code that passes errors on. */
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown });
  /** What went wrong, to act on. */
  readonly code: ErrorCode;
  /** Of `classifyBatch`: which image it is about. */
  index: number | undefined;
  /** The error behind this one, where there is one. */
  readonly cause?: unknown;
  /**
   * What to send to another thread or to write down: `structuredClone` and `postMessage` keep an error's message alone. There
   * `new InceptionError(code, message)` makes one of it again.
   */
  toJSON(): Pick<InceptionError, 'name' | 'code' | 'message'> & Partial<Pick<InceptionError, 'index'>>;
}

/**
 * Stable names of what can go wrong.
 * - `bad-weights`: the file is damaged, of an unknown format, or its tensors fit no network; the message names the tensor.
 * - `bad-image`: the picture cannot be decoded or read.
 * - `bad-option`: an argument is not one of those that are possible; the message names it.
 * - `unknown-model`: no catalog entry or network of that id; the message lists those that there are.
 * - `unknown-layer`: no layer of that name.
 * - `no-webgpu`: WebGPU was asked for and there is no adapter, or it refused.
 * - `device-lost`: the GPU was lost again after it had been opened anew.
 * - `aborted`: an `AbortSignal` said so.
 * - `disposed`: the model has been disposed of.
 * - `out-of-memory`: the model or a run does not fit in memory, or in the GPU's.
 * - `network`: a file could not be fetched, or something else came in its place.
 * - `integrity`: the model file's SHA-256 is another one.
 * - `unsupported`: this browser, or this checkpoint, cannot do that.
 * - `internal`: a fault of the package.
 */
export type ErrorCode = 'bad-weights' | 'bad-image' | 'bad-option' | 'unknown-model' | 'unknown-layer' | 'no-webgpu' | 'device-lost'
  | 'aborted' | 'disposed' | 'out-of-memory' | 'network' | 'integrity' | 'unsupported' | 'internal';
