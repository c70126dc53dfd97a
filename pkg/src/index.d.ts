/// <reference lib="esnext.disposable" />

/**
 * The Inception networks: load a model, classify images, look inside. Shapes are [channels, height, width]; times are milliseconds.
 * Every call rejects with an {@link InceptionError}, or with what a function of the caller's (`onModule`, `onProgress`, `onResult`) has thrown: that ends the call.
 * @module inception-web
 */

import type { TeachOptions, Teacher } from './teacher.js';
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

/** Where the network runs. 'auto': on the GPU where the browser offers a real one, else on the CPU. 'webgpu': on any adapter, software too. */
export type Device = 'auto' | 'webgpu' | 'cpu';

/**
 * Encoded bytes or pixels. Addresses are fetched, relative ones from the page; encoded JPEG, PNG, WebP, GIF and BMP are
 * decoded by the engine (the same pixels in every browser), AVIF and others by the browser. SVG is drawn by the document, 512
 * pixels or more on its shorter side; a content security policy must allow it `img-src blob:`. In a browser, pictures of more than
 * 2^26 pixels are scaled down to 2^24. Of an animation the first frame is read. Elements, canvases, videos and bitmaps are read as
 * they are when the call is made. Transparency lies over white.
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

/**
 * What makes answers of a classifier's logits: probabilities that sum to one; one probability for each class by itself, of which a single
 * logit answers two, `1 - p` and `p`; or nothing, where the logits are values and `Prediction.probability` is such a value.
 */
export type OutputActivation = 'softmax' | 'sigmoid' | 'none';

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
   * A GPU was lost or refused its work; the call that met it goes on. `net.info` is the new one already, except during the load. Like an
   * event's listener it ends nothing with what it throws.
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
  /** Why, in English. */
  reason: string;
  /** What the GPU failed with, for example `device-lost` or `out-of-memory`. */
  code: ErrorCode;
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

/** How an image becomes the network's input: resized, cropped, then `(pixel * scale - mean) / std` in each channel. */
export interface Preprocess {
  /** Columns of the input, in pixels. */
  width: number;
  /** Rows of the input, in pixels. */
  height: number;
  /** Keep the picture's proportions and fit its shorter side, or stretch it. */
  resize: 'shortest-side' | 'stretch';
  /** Size before the crop, in pixels of the shorter side; at least `width` and `height` where there is a crop. */
  resizeTo: number;
  /** What is cut away: what is outside the centre, or nothing. */
  crop: 'center' | 'none';
  /** Which comes first. */
  order: 'resize-crop' | 'crop-resize';
  /** Interpolation; the first two equal Pillow's. */
  filter: 'bilinear' | 'bicubic' | 'bilinear-align-corners';
  /** Order of the channels in the input; `gray` is three times the luminance, as Pillow's mode `L` has it. */
  channels: 'rgb' | 'bgr' | 'gray';
  /** Factor on pixels from 0 to 255, first of all: 1/255 or 1. */
  scale: number;
  /** Subtracted after `scale`, in the order of `channels`. */
  mean: [number, number, number];
  /** Divisor after `mean`, in the order of `channels`. */
  std: [number, number, number];
  /** After all that, per picture: (x - mean) / max(std, 1 / sqrt(n)) over its n values, as FaceNet has it. */
  standardize: boolean;
}

/** What a loaded model is and how it runs. */
export interface ModelInfo {
  /** Catalog id; the network's id for a model from elsewhere. */
  id: string;
  /** Id of the network, for example 'inception-v3'. */
  network: string;
  /** Title for people, in English. */
  title: string;
  /** How many classes there are; 0 for a network without a classifier. */
  classes: number;
  /** What makes answers of the logits. */
  activation: OutputActivation;
  /** What the checkpoint does not say and was assumed: a sentence each, in English. */
  assumptions: string[];
  /**
   * Class names in the order of the classes; null where the checkpoint and the catalog have none. A model of 1000 or 1001 classes from
   * elsewhere that brings no names has ImageNet's, from the list that the package brings along.
   */
  labels: string[] | null;
  /** Trained numbers of the network, auxiliary heads included. */
  params: number;
  /** Multiply-adds for one image, auxiliary heads left out. */
  macs: number;
  /** Shape of the input, [channels, height, width]. */
  input: [number, number, number];
  /** How images become the input, with what `LoadOptions.preprocess` changed. */
  preprocess: Preprocess;
  /** Auxiliary heads of the checkpoint. Those that were never trained give no predictions and have no layers. */
  auxiliary: {
    /** Name of the head's last layer. */
    layer: string;
    /** Whether its weights mean something. */
    trained: boolean;
    /** Number of its classes: not the network's where that was given another classifier and kept this head. */
    classes: number;
  }[];
  /** Where the network runs. Another one once a lost or failing GPU has been left. */
  device: 'webgpu' | 'cpu';
  /** Why it runs there, in English. */
  deviceReason: string;
  /** The GPU's name; null on the CPU. */
  adapter: string | null;
  /** How many threads run, and why. */
  threads: {
    /** `LoadOptions.threads`. */
    requested: 'auto' | number;
    /** How many run, the engine's own included. Of three and more, with `auto`, fewer after some runs where those were faster. */
    used: number;
    /** Why that many, in English. */
    reason: string;
  };
  /** The vector instructions that the engine was built for: relaxed SIMD has a fused multiply-add. Safari, and Node.js before 22, have simd128 here. */
  simd: 'simd128' | 'relaxed';
  /** Whether the browser had the model's files, and whether it keeps them. */
  cache: {
    /** All files came from the browser's cache. */
    hit: boolean;
    /** All files are in the cache; null for a moment after the load, while they are being written. */
    kept: boolean | null;
    /** Why not, for example for lack of room, or why the next load fetches them again all the same; null where it does not. */
    reason: string | null;
  };
  /** Bytes that the weights take in memory, on the GPU where the network runs there. */
  weightBytes: number;
  /** Where the weights come from, as the model file or the catalog says. */
  source: string | null;
  /** The licence of the weights, as the model file or the catalog says. */
  license: string | null;
  /** What a taught head reads of the network. */
  backbone: {
    /** Of the body's weights, whatever file they are in; 16 hexadecimal digits. */
    digest: string;
    /** The layer whose output is the features. */
    layer: string;
    /** How many features there are. */
    length: number;
  };
  /** The taught head that answers; null: the network's own. */
  head: HeadInfo | null;
}

/** What a taught head says of its answers. */
export interface HeadInfo {
  /** Least probability of an answer, from 0 to 1; below it an image is none of the classes. Null: every image is one of them. */
  threshold: number | null;
  /** What the logits are divided by before they become probabilities. */
  temperature: number;
}

/** A layer of the network, or a whole branch of a module. */
export interface LayerInfo {
  /** Public name, TF-slim's end point for every network: 'Mixed_5b/Branch_1/Conv2d_0b_5x5'. */
  name: string;
  /** What it computes. */
  kind: 'conv' | 'max-pool' | 'avg-pool' | 'lrn' | 'concat' | 'add' | 'linear' | 'softmax' | 'sigmoid' | 'branch';
  /** The module that it belongs to; null outside of modules. */
  module: string | null;
  /** Index of the branch in that module; null outside of branches. */
  branch: number | null;
  /** Names of the layers that it reads; none where it reads the image. */
  inputs: string[];
  /** Shape of the output, [channels, height, width]. */
  shape: [number, number, number];
  /** For example '3x3/2, 96'. */
  detail: string;
  /** Height and width of the window that slides over its input; null where none does. */
  kernel: [number, number] | null;
  /** Vertical and horizontal distance between two places of that window. */
  stride: [number, number] | null;
  /** Of a residual sum, what its second input is multiplied with; null of all else. */
  scale: number | null;
  /** The auxiliary head that it belongs to, by its logits' name; null in the body. */
  head: string | null;
  /** Trained numbers. */
  params: number;
  /** Multiply-adds for one image. */
  macs: number;
  /** Which pixels of the input one position sees. Each [height, width] in pixels of the input. */
  receptiveField: {
    /** Extent. */
    size: [number, number];
    /** Distance between what neighbouring positions see. */
    stride: [number, number];
    /** First row and column that position 0 sees; negative inside the padding. */
    start: [number, number];
  };
}

/** A class and how likely it is. */
export interface Prediction {
  /** Index of the class, from 0. */
  index: number;
  /** Its name; null where the model has no names. */
  label: string | null;
  /** From 0 to 1; those of all classes sum to 1. */
  probability: number;
}

/** What a run gives beside the predictions, and how it tells and ends. */
export interface RunOptions {
  /** How many predictions at most; default 5. */
  topK?: number;
  /** Least probability of a prediction, from 0 to 1; default 0. */
  threshold?: number;
  /** Names of layers whose outputs are returned; `['all']` for every one. */
  layers?: string[];
  /** Names of layers whose statistics alone are returned, far less than their outputs; `['all']` for every one. */
  statistics?: string[];
  /** Called after each module, or layer outside of modules, with its name; on the GPU once its work is handed over. */
  onModule?: (module: string, done: number, total: number) => void;
  /** Stops the run within one module; the promise is rejected with `aborted` and the model stays usable. */
  signal?: Signal;
}

/** How several images are classified. */
export interface BatchOptions extends RunOptions {
  /** Called with each result as it comes, in order. */
  onResult?: (result: Result, index: number) => void;
  /** Default false. True: an image that cannot be read leaves the others their results, as of `Promise.allSettled`. */
  settled?: boolean;
}

/** The answer for one image. */
export interface Result {
  /** Most likely first; equal probabilities by index. */
  predictions: Prediction[];
  /**
   * Whether the image is none of a taught head's classes: no probability reaches `info.head.threshold`. False without such a head, and
   * with `topK: 0`.
   */
  isNone: boolean;
  /** What each trained auxiliary head says of the network's own classes, with the same `topK` and `threshold`. */
  auxiliary: {
    /** Name of the head's last layer. */
    layer: string;
    /** Most likely first. */
    predictions: Prediction[];
  }[];
  /** By name, the outputs that `RunOptions.layers` asked for. */
  layers: Record<string, FeatureMaps>;
  /** By name, the channels' statistics that `RunOptions.statistics` asked for. */
  statistics: Record<string, ChannelStats[]>;
  /** Milliseconds, measured in the engine, without waiting for earlier calls. */
  timing: {
    /** From encoded bytes to pixels; 0 for pixels. */
    decode: number;
    /** From pixels to the network's input. */
    preprocess: number;
    /** The network. */
    run: number;
    /** All of it, with what lies between. */
    total: number;
  };
  /** The image as it was given, in pixels; of one that was scaled down or drawn, the copy that the engine got. */
  image: {
    /** Columns. */
    width: number;
    /** Rows. */
    height: number;
    /** The part seen by the network: x, y, width, height. */
    crop: [number, number, number, number];
  };
}

/** Figures of one channel of a layer's output. */
export interface ChannelStats {
  /** Mean of all positions. */
  mean: number;
  /** Standard deviation over all positions. */
  std: number;
  /** Smallest value. */
  min: number;
  /** Largest value. */
  max: number;
  /** Share of zeros, from 0 to 1. */
  sparsity: number;
}

/** A layer's output, channel by channel, each row by row. */
export interface FeatureMaps {
  /** Name of the layer. */
  name: string;
  /** [channels, height, width]. */
  shape: [number, number, number];
  /** channels * height * width values. */
  data: Float32Array;
  /** Of each channel. */
  stats: ChannelStats[];
}

/** The kernels of the convolution that reads the picture, as they are computed with; its batch norm, where there is one, comes after them. */
export interface Filters {
  /** Name of the layer. */
  layer: string;
  /** [out, in, height, width]; the input channels are in the order of `preprocess.channels`. */
  shape: [number, number, number, number];
  /** out * in * height * width values. */
  data: Float32Array;
}

/** Class activation map: the logit that each position of the last maps alone would give, row by row; their mean is the logit. */
export interface Cam {
  /** Index of the class. */
  classIndex: number;
  /** Columns of the map. */
  width: number;
  /** Rows of the map. */
  height: number;
  /** height * width values, in units of the logit. */
  data: Float32Array;
  /** False where the head has hidden layers: then the map is the head's gradient at this image. */
  exact: boolean;
}

/** What each channel of `layer`, the last maps, adds to a class's logit; with `bias` the contributions sum to `logit`. */
export interface Contributions {
  /** Index of the class. */
  classIndex: number;
  /** Name of the layer with the last maps. */
  layer: string;
  /** One value a channel, in units of the logit. */
  contribution: Float32Array;
  /** What the logit is without any channel. */
  bias: number;
  /** The class's logit, before softmax. */
  logit: number;
  /** False where the head has hidden layers: then they are the head's gradient at this image. */
  exact: boolean;
}

/** A class's probability without one branch, and its change against the whole network. */
export interface BranchEffect {
  /** Name of the branch. */
  branch: string;
  /** The class's probability without it, from 0 to 1. */
  probability: number;
  /** That probability less the whole network's. */
  change: number;
}

/** What {@link Inception.rankBranches} switches off and asks for. */
export interface RankOptions {
  /** Default: every branch of the network. */
  branches?: string[];
  /** Default: the most likely class. */
  classIndex?: number;
  /** Stops the run at work within one module; the promise is rejected with `aborted`. */
  signal?: Signal;
  /** Called after each branch. */
  onProgress?: (done: number, total: number) => void;
}

/** How {@link Inception.profile} tells and ends. */
export interface ProfileOptions {
  /** Stops after the layer at work; the promise is rejected with `aborted`. */
  signal?: Signal;
  /** Called after each layer. */
  onProgress?: (done: number, total: number) => void;
}

/** The time of one layer that is computed. */
export interface LayerTime {
  /** Name of the layer. */
  name: string;
  /** Milliseconds: the mean over some milliseconds of repeats. */
  ms: number;
  /** Multiply-adds. */
  macs: number;
}

/** How far the GPU's layers are from the CPU's: the largest difference over the layer's largest value. `ok`: 2e-4 at most everywhere. */
export interface ParityReport {
  /** The layer with the largest error. */
  worst: {
    /** Name of the layer. */
    layer: string;
    /** Its largest difference over its largest value. */
    relativeError: number;
  };
  /** Every layer in the order of execution. */
  layers: {
    /** Name of the layer. */
    layer: string;
    /** Its largest difference over its largest value. */
    relativeError: number;
  }[];
  /** Whether no layer's error is above 2e-4. */
  ok: boolean;
}

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
   * picture cannot be read, `network` where it cannot be fetched, `unknown-layer`, `bad-option` or `aborted`.
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

/** A model in the catalog. */
export interface CatalogEntry {
  /** What {@link Inception.load} takes. */
  id: string;
  /** Title for people, in English. */
  title: string;
  /** Id of the network. */
  network: string;
  /** Address of the model file; a relative one from the folder of models. */
  url: string;
  /** Size of the file. */
  bytes: number;
  /** Of the file, in hexadecimal digits; null: it is not checked. */
  sha256: string | null;
  /** How many classes there are. */
  classes: number;
  /** Name of the list of class names in the folder of models, without '.json'; empty where the file has its own. */
  labels: string;
  /** The licence of the weights. */
  license: string;
  /** Page of the publisher. */
  source: string;
  /** Whether the file lies in the folder of models, so that nothing is fetched from elsewhere. */
  offline: boolean;
  /** Whether there are auxiliary heads, and whether they were trained. */
  auxiliary: 'trained' | 'untrained' | 'none';
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
