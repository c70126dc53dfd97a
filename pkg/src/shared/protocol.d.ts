// What passes between the page's side and the engine's side, and the engine's compiled surface.

import type {
  BranchEffect, Cam, CatalogEntry, Contributions, Device, DeviceChange, ErrorCode, FeatureMaps, Filters, HeadSource, ImageSource, LayerInfo, LayerTime, ModelInfo, OutputActivation, ParityReport,
  Preprocess, Prediction, Progress, Result, Tuned,
} from '../index.js';
import type { ClassTarget, Drawn, DreamOptions, GradCam, Gradients, Grown, Saliency, SaliencyOptions, Target } from '../gradients.js';
import type { Teacher, TeachReport } from '../teacher.js';

/** One file of a model: where it is, or its bytes. */
export type ModelFile = { name: string } & ({ url: string } | { blob: Blob } | { bytes: Uint8Array });

export interface LoadRequest {
  /** What the catalog says of the model; null: it came from elsewhere. */
  entry: CatalogEntry | null;
  files: ModelFile[];
  sha256: string | null;
  /** Whether files are taken from the browser's cache and kept there. */
  cache: boolean;
  network: string | null;
  labels: string[] | null;
  activation: OutputActivation | null;
  preprocess: Partial<Preprocess> | null;
  device: Device;
  /** Whether weights are rounded to f16. */
  half: boolean;
  threads: 'auto' | number;
  /** Why the engine is in no worker, where the caller did not choose that. */
  lack: string | null;
  modelsUrl: string;
  wasmUrl: string | null;
}

/** Where a model runs, and why. */
export type Place = Pick<ModelInfo, 'device' | 'deviceReason' | 'adapter'>;
/** A place to load a model to; `software`: the processor plays the GPU there. */
export type DeviceChoice = Place & { software: boolean };

/** An image on its way to the engine: encoded bytes, a bitmap, or RGBA pixels. */
export type WireImage =
  | { kind: 'encoded'; bytes: Uint8Array }
  | { kind: 'bitmap'; bitmap: ImageBitmap }
  | { kind: 'pixels'; width: number; height: number; rgba: Uint8ClampedArray };

export interface RunOptions {
  layers: string[];
  /** Layers of which statistics alone are answered; default none. */
  statistics?: string[];
  topK: number;
  threshold: number;
  /** Layers whose output is zeros. */
  off?: string[];
}

export interface RunRequest extends RunOptions {
  image: WireImage;
  /** Whether the answer is the pooled features or embedding instead of a result. */
  embed: boolean;
}

/** What a loaded model is asked for. */
export type EngineCall =
  | ({ kind: 'run' } & RunRequest)
  | ({ kind: 'batch'; images: WireImage[] } & RunOptions)
  | { kind: 'profile' | 'self-test'; image: WireImage }
  | { kind: 'filters' }
  /** Has the GPU's kernels tuned, or go back to the usual ways. */
  | { kind: 'tune'; undo: boolean; keep: boolean }
  /** Answers with a taught head from now on; null: with the network's own. */
  | { kind: 'use-head'; head: HeadValues | null }
  /** What a taught head reads of an image. */
  | { kind: 'taught-features'; image: WireImage }
  | { kind: 'cam' | 'contributions'; image: WireImage; classIndex: number; off: string[] }
  /** Each branch off in turn; null: all branches, the most likely class. */
  | { kind: 'rank'; image: WireImage; branches: string[] | null; classIndex: number | null }
  | { kind: 'gradient'; image: WireImage; target: Target; at: string[] }
  | { kind: 'grad-cam'; image: WireImage; target: ClassTarget; layer: string }
  | { kind: 'saliency'; image: WireImage; target: ClassTarget; options: WireSaliency }
  | { kind: 'visualize'; target: Target; size: number; steps: number; options: { seed: number; transforms: boolean; learningRate: number }; from: Pick<Grown, 'state' | 'value' | 'of'> | null }
  /** `weights`: one for each channel of the layer. */
  | { kind: 'dream'; image: WireImage; layer: string; weights: number[]; options: WireDream };

/** How saliency is found, all said. */
export type WireSaliency = Required<Pick<SaliencyOptions, 'method' | 'samples' | 'noise' | 'steps' | 'baseline' | 'seed'>>;

/** How a picture dreams, all said. */
export type WireDream = Required<Pick<DreamOptions, 'octaves' | 'octaveScale' | 'steps' | 'stepSize' | 'size' | 'seed'>>;

export type EngineAnswer = Result | Result[] | Float32Array | LayerTime[] | ParityReport | Filters | Cam | Contributions | BranchEffect[] | Loaded | Tuned | Gradients | GradCam | Saliency | Drawn | Grown;

/** A taught head that goes with the model. */
export interface HeadValues {
  labels: string[];
  activation: OutputActivation;
  threshold: number | null;
  temperature: number;
  /** `[logits, features]`, calibrated: divided by the temperature. */
  weights: Float32Array;
  /** `[logits]`, calibrated; one logit may answer two classes. */
  biases: Float32Array;
  /** The layers of the network with this head. */
  layers: LayerInfo[];
}

/** What a teacher asks of its network. */
export interface TeachAsks {
  info(): ModelInfo;
  features(image: ImageSource, signal: AbortSignal | undefined): Promise<Float32Array>;
  /** Throws where it has been disposed of. */
  check(): void;
  wasmUrl: string | null;
  /** Of its engine. */
  place: { worker: boolean | undefined; workerUrl: string | null };
}

/** The script that teaches, `teach.js`. */
export interface TeachScript {
  Teacher: new (asks: TeachAsks, multiLabel: boolean) => Teacher;
  /** Reads a head's file and holds it against a model. */
  headOf(source: HeadSource, model: Loaded, signal: AbortSignal | undefined): Promise<HeadValues>;
}

/** The examples of a training. */
export interface TrainingRequest {
  /** `[examples, dimensions]`. */
  features: Float32Array;
  dimensions: number;
  /** Of all examples, one after another, and how many each has. */
  labels: Uint32Array;
  labelCounts: Uint32Array;
  classes: number;
  noneFeatures: Float32Array;
  options: TrainingOptions;
  wasmUrl: string | null;
}

/** What came of a training. */
export interface Trained {
  report: Omit<TeachReport, 'ids' | 'labels'>;
  /** `[classes, dimensions]`, not calibrated. */
  weights: Float32Array;
  biases: Float32Array;
}

/** What a worker that trains says. */
export type FromTraining = { type: 'progress'; done: number } | { type: 'trained'; trained: Trained } | { type: 'failed'; error: WireError };

/** What the engine says of a model: the part of `ModelInfo` that it knows, and how to find class names. */
export type EngineInfo = Omit<ModelInfo, 'id' | 'device' | 'deviceReason' | 'adapter' | 'threads' | 'simd' | 'cache' | 'head'> & {
  labelsName: string | null;
  /** Name of the list that a model from elsewhere has where nobody says how its classes are called. */
  usualLabels: string | null;
  /** Classes before the first that has a label. */
  classOffset: number;
};

export interface Loaded { info: ModelInfo; layers: LayerInfo[] }
/** A change of device, or null where only the reason for it is another, and what then holds of the model. */
export interface Moved { change: DeviceChange | null; info: ModelInfo }

/** How far a call has come: a run in modules, of which `layer` is the last; several runs in runs; a profile in layers. */
export interface Steps { done: number; total: number; layer?: string; picture?: Drawn | Grown }

/** The engine, in a worker or in this thread. */
export interface Client extends OpenClient {
  load(request: LoadRequest, hooks: ClientHooks, signal: AbortSignal | undefined): Promise<Loaded>;
  /** Whether it was disposed of or has failed for good. */
  readonly hasEnded: boolean;
}

/** One whose model is loaded. */
export interface OpenClient {
  call(call: EngineCall, signal: AbortSignal | undefined, onSteps?: (steps: Steps) => void): Promise<EngineAnswer>;
  dispose(): void;
}

export interface ClientHooks {
  onProgress?: (progress: Progress) => void;
  /** During the load and at every later call. */
  onDevice?: (moved: Moved) => void;
  /** After some runs, where another number of threads was found to be faster. */
  onThreads?: (threads: ModelInfo['threads']) => void;
  /** After the load, once its files are in the browser's cache or refused. */
  onKept?: (cache: ModelInfo['cache']) => void;
}

/** What the threads of an engine share. */
export interface Team { artefact: ArtefactName; module: WebAssembly.Module; memory: WebAssembly.Memory }

export interface LoadHooks extends ClientHooks {
  signal?: AbortSignal;
  /** Starts threads on a module and memory; resolves when all are ready, rejects with the reason. Absent: one thread. */
  startHelpers?: (count: number, team: Team) => Promise<void>;
}

export type ToEngine =
  | { type: 'load'; id: number; request: LoadRequest }
  /** `isFollowed`: the caller wants to know of each step; each message wakes a thread that the engine could use. */
  | { type: 'call'; id: number; call: EngineCall; isFollowed: boolean }
  | { type: 'abort'; id: number }
  /** Whether its page can be seen. */
  | { type: 'front'; isInFront: boolean }
  /** The worker will be ended once it says that its files are kept. */
  | { type: 'keep' }
  | { type: 'helpers-started'; failure: string | null }
  | { type: 'helper'; team: Team };

export type FromEngine =
  | { type: 'loaded'; id: number; value: Loaded }
  | { type: 'answered'; id: number; value: EngineAnswer }
  | { type: 'failed'; id: number; error: WireError }
  | { type: 'progress'; id: number; progress: Progress | Steps }
  | { type: 'moved'; moved: Moved }
  | { type: 'threads'; threads: ModelInfo['threads'] }
  | { type: 'kept'; cache: ModelInfo['cache'] }
  | { type: 'start-helpers'; count: number; team: Team }
  | { type: 'helper-ready' };

/** The engine's artefacts: for any browser, and with threads, with or without relaxed SIMD. */
export type ArtefactName = 'simd128' | 'simd128_threads' | 'relaxed';

export interface WireError { code: ErrorCode; message: string }

/** The part of a dedicated worker's scope that is used. */
export interface WorkerScope {
  postMessage(message: FromEngine, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToEngine>) => void) | null;
}

/** A worker on the engine's script: a browser's, or a thread of Node.js. */
export interface EngineWorker {
  postMessage(message: ToEngine, transfer?: Transferable[]): void;
  onmessage: ((event: { data: FromEngine }) => void) | null;
  onmessageerror: (() => void) | null;
  onerror: ((event: { message: string; preventDefault(): void }) => void) | null;
  /** In Node.js: the process waits for it. It does not at first. */
  ref?(): void;
  unref?(): void;
  terminate(): void;
}

/** What wasm-bindgen generates from crate/src/web, in both artefacts. */
export interface Glue {
  /** Without `memory` an artefact with threads makes its own; null: the artefact has none. */
  default(options: { module_or_path: WebAssembly.Module; memory?: WebAssembly.Memory | null | undefined }): Promise<{ memory: WebAssembly.Memory }>;
  Loader: new () => GlueLoader;
  /** Opens a device on the browser's adapter; `software` chooses what suits a processor that plays the GPU. */
  open_gpu(software: boolean): Promise<GlueGpu>;
  Aim: {
    channel(channel: number, sum: boolean): GlueAim;
    position(channel: number, row: number, column: number): GlueAim;
    all(sum: boolean): GlueAim;
    weighted(factors: Float32Array): GlueAim;
    squares(factors: Float32Array): GlueAim;
  };
  /** The message of the panic that ended a call, if a panic it was. */
  take_panic(): string | undefined;
  warm_up_parts(): number;
  /** Runs some of the CPU's kernels on small inputs, for some milliseconds. */
  warm_up(part: number): void;
  /** Only in artefacts with threads. */
  init_threads?(threads: number): void;
  /** From now on at most so many of them run. */
  limit_threads?(threads: number): void;
  run_thread?(): void;
}

/** What wasm-bindgen generates for the artefact that knows other formats. */
export interface ConvertGlue {
  default: Glue['default'];
  Converter: new () => GlueConverter;
  take_panic: Glue['take_panic'];
}

/** What wasm-bindgen generates for the artefact that decodes WebP, GIF and BMP. */
export interface PicturesGlue {
  default: Glue['default'];
  /** Its pixels are RGB, row by row. */
  decode_rare(bytes: Uint8Array): [width: number, height: number, pixels: Uint8Array];
  take_panic: Glue['take_panic'];
}

/** What wasm-bindgen generates for the artefact that makes pictures by gradients. `preprocess` is that of `ModelInfo` in JSON. */
export interface LookGlue {
  default: Glue['default'];
  /** Of a network's input `[height, width, 3]`; `options` being {@link WireSaliency} in JSON. */
  Saliency: new (preprocess: string, height: number, width: number, input: Float32Array, options: string) => GlueSaliency;
  Visualization: {
    new (preprocess: string, size: number, seed: number, transforms: boolean, rate: number): GlueVisualization;
    /** From where another was, by its state. */
    resume(preprocess: string, size: number, transforms: boolean, rate: number, state: Uint8Array): GlueVisualization;
  };
  /** Of RGB pixels, row by row; `options` being {@link WireDream} in JSON. */
  Dream: new (preprocess: string, width: number, height: number, rgb: Uint8Array, options: string) => GlueDream;
  take_panic: Glue['take_panic'];
}

/** The runs of one saliency. */
export interface GlueSaliency {
  runs(): number;
  /** The input of a run. */
  input(run: number): Float32Array;
  /** Adds the gradient at the input of a run. */
  take(gradient: Float32Array): void;
  finish(): { data: Float32Array; map: Float32Array; scale: number };
  free(): void;
}

/** A picture that grows. */
export interface GlueVisualization {
  /** All that the next steps depend on. */
  state(): Uint8Array;
  /** Whether the next step is to wake a channel that does not answer, by what the number was before. */
  wakes(before: number): boolean;
  input(): Float32Array;
  /** Takes a step by the gradient at that input. */
  step(gradient: Float32Array): void;
  picture(): Uint8ClampedArray;
  free(): void;
}

/** A picture that dreams. */
export interface GlueDream {
  /** Height and width of the next run's input, steps done and steps in all; none at the end. */
  at(): Uint32Array | undefined;
  input(): Float32Array;
  step(gradient: Float32Array): void;
  picture(): Uint8ClampedArray;
  free(): void;
}

/** What wasm-bindgen generates for the artefact that trains heads. */
export interface TeachGlue {
  default: Glue['default'];
  /** Options being {@link TrainingOptions} in JSON. */
  Training: new (features: Float32Array, dimensions: number, labels: Uint32Array, labelCounts: Uint32Array, classes: number, noneFeatures: Float32Array, options: string) => GlueTraining;
  take_panic: Glue['take_panic'];
}

/** How a head is trained; what is left out: five folds, the penalty chosen, one label each, classes weighed by their pictures. */
export interface TrainingOptions {
  folds?: number;
  /** 1 / C of scikit-learn's LogisticRegression. */
  l2?: 'auto' | number;
  multiLabel?: boolean;
  balanced?: boolean;
}

export interface GlueTraining {
  /** Does a small part of the work; how much is done, 1 at the end. */
  step(): number;
  /** `[classes, dimensions]`, when all is done. */
  weights(): Float32Array;
  biases(): Float32Array;
  /** JSON. */
  report(): string;
  free(): void;
}

/** What a caller knows of a checkpoint, and how it is to be stored. */
export interface ConvertOptions {
  network: string | null;
  untrainedAuxiliary?: boolean;
  dtype?: 'f32' | 'f16' | 'u8' | null;
  title?: string;
  /** Name of a list of class names. */
  labels?: string | null;
  source?: string;
  license?: string;
}

export interface GlueConverter {
  /** Copies a file. */
  add(name: string, bytes: Uint8Array): void;
  /** Recognises the files, `options` being {@link ConvertOptions} in JSON; bytes of the converted file. */
  open(options: string): number;
  /** Some of the converted file. */
  read(begin: number, end: number): Uint8Array;
  free(): void;
}

/** An open device; a model on it keeps it alive. */
export interface GlueGpu {
  /** Gives the device up: whatever waits for it ends as on a lost one. */
  lose(): void;
  /** Submits nothing: some browsers then look at once for what the device has finished. */
  nudge(): void;
  free(): void;
  [Symbol.dispose](): void;
}

export interface GlueLoader {
  add(name: string, bytes: Uint8Array): void;
  /** A file that is made as it is read. */
  add_read(name: string, length: number, read: (begin: number, end: number) => Uint8Array): void;
  /** Before `open`; without it the network runs on the CPU. */
  use_gpu(gpu: GlueGpu): void;
  open(options: string): number;
  /** Bytes of the only file that the next `advance` reads, counted from its beginning; infinite where there are several files. */
  next_end(): number;
  advance(): number;
  /** How many layers there are to prepare. */
  total(): number;
  /** On the GPU, before `warm`: which ways its kernels go, as `tuned` of a model told. */
  tune(tuned: string): void;
  /** On the GPU, after the last `advance`: makes the pipelines and runs each once. */
  warm(): Promise<void>;
  finish(): GlueModel;
  free(): void;
}

/** A number that a layer's values make. */
export interface GlueAim { free(): void }

/** Until the promise of a method has settled, no other method of the same object may be called. */
export interface GlueModel {
  info(): string;
  layers(): string;
  filters(): Filters;
  /** What a taught head reads of an image of a run that has kept the layer of `info().backbone`. */
  taught_features(image: number): Float32Array;
  /** Layers to keep, and, in JSON `string[][]`, for each image of the next runs the layers whose output is zeros; a single picture stands for every image. */
  plan(keep: string[], off: string): void;
  /** JPEG and PNG; undefined for the formats of {@link PicturesGlue}. */
  decode(bytes: Uint8Array): Uint32Array | undefined;
  set_rgb(width: number, height: number, rgb: Uint8Array): Uint32Array;
  set_pixels(width: number, height: number, rgba: Uint8ClampedArray): Uint32Array;
  /** `more`: after the pictures that have been preprocessed for the next run. */
  preprocess(more: boolean): Uint32Array;
  /** Takes the preprocessed pictures over from a model of the same file, which no longer has it then. */
  adopt(other: GlueModel): void;
  /** Starts a run; how many modules it has. */
  begin(): number;
  begin_with(input: Float32Array): void;
  /** The next module, computed on the CPU, submitted on the GPU; none after the last. */
  step(): string | undefined;
  /** On the GPU: until at most one submitted module is still at work. */
  settled(): Promise<void>;
  /** On the GPU, after the last step: reads the outputs back, or, after a reverse pass, the gradients. */
  complete(): Promise<void>;
  /** Milliseconds that the GPU took for the last run; none on the CPU, and none of a run with `settled` between its steps. */
  device_ms(): number | undefined;
  /** How many layers a run computes. */
  computed_layers(): number;
  /** JSON: the package's `LayerTime` of one of them, after `begin`; `null` after the last. */
  time(place: number): Promise<string>;
  /** On the GPU: how many ways of its kernels there are to be tried that have not been, of the plan in force. */
  ways(): number;
  /** Milliseconds that one of them takes. */
  time_way(place: number): Promise<number>;
  /** Takes the fastest ways, by the time of each; how many kinds of kernels go another way than the usual one. */
  take_ways(times: Float64Array): number;
  /** Goes back to the usual ways. */
  untune(): void;
  /** What has been measured of ways, for `tune` of a loader. */
  tuned(): string;
  /** JSON: `{ layer, relativeError }[]` between two complete runs that kept every layer, relative to the largest value of `other`. */
  compare(other: GlueModel): string;
  /** JSON: `{ buffers, bytes }` alive on the GPU. */
  memory(): string;
  /** Of one image of the run, by default the first. */
  predictions(image?: number): Float32Array;
  /** The layer to keep for `cam`; none without a classifier. */
  last_maps(): string | undefined;
  /** Has `cam` and `contributions` tell of a taught head's class, by its weights; of none, of the network's own. */
  aim(weights: Float32Array, bias: number): void;
  cam(classIndex: number): Omit<Cam, 'classIndex'>;
  contributions(classIndex: number): Omit<Contributions, 'classIndex'>;
  auxiliary(image: number): { layer: string; probabilities: Float32Array }[];
  embedding(): Float32Array;
  /** Mean, standard deviation, minimum, maximum and share of zeros of each channel. */
  statistics(layer: string, image: number): Float32Array;
  /** Whether weights can be read again. */
  has_source(): boolean;
  /** Uses the loader up, which has opened the model's files. */
  adopt_source(loader: GlueLoader): void;
  /** The same network on the same device, for pictures of another size; the model has a source. */
  again(height: number, width: number): GlueLoader;
  /** Has the next runs end with gradients of a layer at others, `input` being the picture, and keep layers. */
  plan_gradients(of: string, at: string[], keep: string[]): void;
  /** Prepares the weights of one more layer; how many are left. */
  prepare_reverse(): number;
  /** Begins the reverse pass of a complete run; the number that the layer makes, where the run has kept it. `wakes`: the ReLU at the layer's own end lets everything through. */
  begin_reverse(of: string, aim: GlueAim, wakes: boolean): number | undefined;
  /** Goes back through one more module; none after the last. On the GPU the gradients are there after `complete`. */
  step_reverse(): string | undefined;
  gradient(layer: string): { shape: Uint32Array; data: Float32Array };
  /** The preprocessed picture, `[height, width, 3]`. */
  input_values(): Float32Array;
  /** RGB: the picture that has been decoded, its longer side at most so many pixels; it is used up. */
  shrunk(longest: number): { width: number; height: number; pixels: Uint8Array };
  /** After the reverse pass, of a layer that the run has kept. */
  grad_cam(layer: string): { width: number; height: number; data: Float32Array };
  output(layer: string, image: number): { shape: Uint32Array; data: Float32Array; stats: Float32Array };
  free(): void;
}

export type { FeatureMaps, Prediction };
