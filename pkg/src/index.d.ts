// Shapes are [channels, height, width]; times are milliseconds.

/** Where the network runs. 'auto': on the GPU where the browser offers a real one, else on the CPU. 'webgpu': on any adapter, software too. */
export type Device = 'auto' | 'webgpu' | 'cpu';

/**
 * Encoded bytes or pixels. Addresses are fetched, relative ones from the page; encoded JPEG, PNG, WebP, GIF and BMP are
 * decoded by the engine (the same pixels in every browser), other formats by the browser. Elements, canvases, videos and
 * bitmaps are read as they are when the call is made. Transparency lies over white.
 */
export type ImageSource = string | URL | Blob | ArrayBuffer | Uint8Array | ImageData | ImageBitmap
  | HTMLImageElement | HTMLCanvasElement | OffscreenCanvas | HTMLVideoElement | VideoFrame;

/**
 * Catalog id, address of a weights file, the bytes, one file, or the files of a TF.js layers folder. A string with a slash,
 * a colon or the ending of a weights file is an address. The address of a TF.js `model.json` brings its shards too.
 */
export type ModelSource = string | URL | ArrayBuffer | Uint8Array | Blob | File[];

export interface LoadOptions {
  /** Default 'auto'. 'webgpu' rejects with `no-webgpu` where there is no adapter, and with the GPU's own error where it fails. */
  device?: Device;
  /**
   * Default false: weights are computed with as they are, and stored on the GPU as f16 where the checkpoint is f16. True: they are
   * rounded to f16, on the CPU as well, so that every checkpoint takes half the GPU's memory.
   */
  halfWeights?: boolean;
  /** Default 'auto': one a logical processor, at most 8; always 1 where the page is not cross-origin isolated. */
  threads?: 'auto' | number;
  /** Default true: the engine runs in a worker. False, and always in Node.js: in this thread, with one thread. */
  worker?: boolean;
  /** Id of the network, for checkpoints whose keys fit several. */
  network?: string;
  /** Class names in the order of the classes; as many as there are classes. */
  labels?: string[];
  /** What differs from the checkpoint's own preprocessing. */
  preprocess?: Partial<Preprocess>;
  /** Folder of `catalog.json`, of relative catalog addresses and of lists of class names; default 'models/' beside the page. */
  modelsUrl?: string | URL;
  /** Folder of `inception_simd128.wasm` and `inception_relaxed.wasm`; default beside the package's scripts. */
  wasmUrl?: string | URL;
  /** Address of the package's `worker.js`, where it is not beside its other scripts. */
  workerUrl?: string | URL;
  /**
   * Default true: model files are kept in the browser's cache (checked against a digest at each load) and taken from there, and a download
   * that broke off goes on where it ended. Files without a known SHA-256 are compared with the server's first, where it answers.
   */
  cache?: boolean;
  /** SHA-256 of the model file in hexadecimal digits; another one is refused with `integrity`. */
  sha256?: string;
  /** Stops the load; the promise is rejected with `aborted`. */
  signal?: AbortSignal;
  /** Downloads and compilation go on side by side, then layers are prepared. */
  onProgress?: (p: Progress) => void;
  /** A GPU was lost or refused its work; the call that met it goes on. `net.info` is the new one already, except during the load. */
  onDevice?: (e: DeviceChange) => void;
}

/** From WebGPU to WebGPU: a lost GPU was opened again. */
export interface DeviceChange {
  from: 'webgpu' | 'cpu'; to: 'webgpu' | 'cpu'; reason: string;
  /** What the GPU failed with, for example `device-lost` or `out-of-memory`. */
  code: ErrorCode;
}

export interface Progress {
  /** Bytes of the model; the engine, 0 or 1; layers with weights, and on the GPU one more for its pipelines. */
  stage: 'download' | 'compile' | 'prepare';
  loaded: number;
  /** Null while the server has not said how many bytes will come. */
  total: number | null;
}

/** How an image becomes the network's input. */
export interface Preprocess {
  width: number; height: number;
  resize: 'shortest-side' | 'stretch'; resizeTo: number; crop: 'center' | 'none'; order: 'resize-crop' | 'crop-resize';
  filter: 'bilinear' | 'bicubic' | 'bilinear-align-corners';
  channels: 'rgb' | 'bgr'; scale: number; mean: [number, number, number]; std: [number, number, number]; standardize: boolean;
}

export interface ModelInfo {
  /** Catalog id; the network's id for a model from elsewhere. */
  id: string;
  network: string; title: string; classes: number; labels: string[] | null;
  params: number; macs: number; input: [number, number, number]; preprocess: Preprocess;
  auxiliary: { layer: string; trained: boolean }[];
  /** Where the network runs and why; the GPU's name. Another one once a lost or failing GPU has been left. */
  device: 'webgpu' | 'cpu'; deviceReason: string; adapter: string | null;
  threads: { requested: 'auto' | number; used: number; reason: string }; simd: 'simd128' | 'relaxed';
  /**
   * Whether all files came from the browser's cache, and whether they are kept there now; else why not, for example for lack of room.
   */
  cache: { hit: boolean; kept: boolean; reason: string | null };
  weightBytes: number; source: string | null; license: string | null;
}

export interface LayerInfo {
  name: string; kind: 'conv' | 'max-pool' | 'avg-pool' | 'lrn' | 'concat' | 'add' | 'linear' | 'softmax' | 'branch';
  module: string | null; branch: number | null; inputs: string[]; shape: [number, number, number];
  /** For example '3x3/2, 96'. */
  detail: string;
  params: number; macs: number;
  /** Each [height, width] in pixels of the input. */
  receptiveField: { size: [number, number]; stride: [number, number]; start: [number, number] };
}

export interface Prediction { index: number; label: string | null; probability: number }

export interface RunOptions {
  /** How many predictions at most; default 5. */
  topK?: number;
  /** Least probability of a prediction, from 0 to 1; default 0. */
  threshold?: number;
  /** Names of layers whose outputs are returned; 'all' for every one. */
  layers?: string[];
  /** Names of layers whose statistics alone are returned, far less than their outputs; 'all' for every one. */
  statistics?: string[];
  /** Called after each module, or layer outside of modules, with its name; on the GPU once its work is handed over. */
  onModule?: (module: string, done: number, total: number) => void;
  /** Stops the run within one module; the promise is rejected with `aborted` and the model stays usable. */
  signal?: AbortSignal;
}

export interface Result {
  /** Most likely first; equal probabilities by index. */
  predictions: Prediction[];
  auxiliary: { layer: string; predictions: Prediction[] }[];
  layers: Record<string, FeatureMaps>;
  statistics: Record<string, ChannelStats[]>;
  /** Measured in the engine, without waiting for earlier calls. */
  timing: { decode: number; preprocess: number; run: number; total: number };
  /** `crop` is the part seen by the network: x, y, width, height. */
  image: { width: number; height: number; crop: [number, number, number, number] };
}

/** Of one channel; `sparsity` is the share of zeros. */
export interface ChannelStats { mean: number; std: number; min: number; max: number; sparsity: number }

/** A layer's output, channel by channel, each row by row. */
export interface FeatureMaps { name: string; shape: [number, number, number]; data: Float32Array; stats: ChannelStats[] }

/** Class activation map: the logit that each position of the last maps alone would give, row by row; their mean is the logit. */
export interface Cam {
  classIndex: number; width: number; height: number; data: Float32Array;
  /** False where the head has hidden layers: then the map is the head's gradient at this image. */
  exact: boolean;
}

/** What each channel of `layer`, the last maps, adds to a class's logit; with `bias` the contributions sum to `logit`. */
export interface Contributions {
  classIndex: number; layer: string; contribution: Float32Array; bias: number; logit: number;
  /** False where the head has hidden layers: then they are the head's gradient at this image. */
  exact: boolean;
}

/** A class's probability without one branch, and its change against the whole network. */
export interface BranchEffect { branch: string; probability: number; change: number }

export interface RankOptions {
  /** Default: every branch of the network. */
  branches?: string[];
  /** Default: the most likely class. */
  classIndex?: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

export interface ProfileOptions {
  /** Stops after the layer at work; the promise is rejected with `aborted`. */
  signal?: AbortSignal;
  /** Called after each layer. */
  onProgress?: (done: number, total: number) => void;
}

/** Of one layer that is computed: `ms` is its mean over some milliseconds of repeats. */
export interface LayerTime { name: string; ms: number; macs: number }

/** How far the GPU's layers are from the CPU's: the largest difference over the layer's largest value. `ok`: 2e-4 at most everywhere. */
export interface ParityReport {
  worst: { layer: string; relativeError: number };
  layers: { layer: string; relativeError: number }[];
  ok: boolean;
}

/** A loaded model. Calls are worked off one after another; each rejects with an `InceptionError`. */
export class Inception {
  private constructor();
  /** Downloads, compiles and prepares a model. */
  static load(model: ModelSource, options?: LoadOptions): Promise<Inception>;
  /** What `catalog.json` in the folder of models lists. */
  static catalog(options?: { modelsUrl?: string | URL }): Promise<CatalogEntry[]>;
  /**
   * The files that the browser keeps for this origin: models, their lists, and the beginnings of downloads that broke off. Sizes in bytes.
   * `clear` removes the file of one address, by default all. Where the browser refuses to keep files there are none.
   */
  static cache: { size(): Promise<number>; list(): Promise<{ url: string; bytes: number }[]>; clear(url?: string | URL): Promise<void> };
  /** Replaced by a new object when the device changes. */
  readonly info: ModelInfo;
  /** In the order of execution. */
  readonly layers: LayerInfo[];
  classify(image: ImageSource, options?: RunOptions): Promise<Result>;
  /** Results in the order of the images; on a GPU several images at once, on the CPU one after another. One that cannot be read rejects the call. */
  classifyBatch(images: ImageSource[], options?: RunOptions): Promise<Result[]>;
  /** The output of one layer. */
  features(image: ImageSource, layer: string, options?: { signal?: AbortSignal }): Promise<FeatureMaps>;
  /** Pooled features before the classifier, or the face embedding. */
  embed(image: ImageSource, options?: { signal?: AbortSignal }): Promise<Float32Array>;
  /** With the branches, or other layers, that `off` names switched off; default none. */
  cam(image: ImageSource, classIndex: number, options?: { off?: string[]; signal?: AbortSignal }): Promise<Cam>;
  /** With the branches, or other layers, that `off` names switched off; default none. */
  contributions(image: ImageSource, classIndex: number, options?: { off?: string[]; signal?: AbortSignal }): Promise<Contributions>;
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
  /** Ends the worker and gives its memory and the GPU's back; calls at work and later ones reject with `disposed`. */
  dispose(): void;
}

export interface CatalogEntry {
  id: string; title: string; network: string; url: string; bytes: number; sha256: string | null;
  classes: number; labels: string; license: string; source: string; offline: boolean; auxiliary: 'trained' | 'untrained' | 'none';
}

/** What everything here rejects with. */
export class InceptionError extends Error {
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown });
  readonly code: ErrorCode;
  readonly cause?: unknown;
}

export type ErrorCode = 'bad-weights' | 'bad-image' | 'bad-option' | 'unknown-model' | 'unknown-layer' | 'no-webgpu' | 'device-lost'
  | 'aborted' | 'disposed' | 'out-of-memory' | 'network' | 'integrity' | 'unsupported' | 'internal';
