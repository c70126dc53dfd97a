// Every call, option and result field of the packages' types, as TypeScript sees them once installed. Compiled, never run.

import { Inception, InceptionError, fraction } from 'inception-web';
import type {
  AddAllOptions, AddAllResult, Address, BatchOptions, BranchEffect, Cam, CatalogEntry, ChannelStats, Contributions, Device, DeviceChange, ErrorCode, Example, ExampleOptions, FeatureMaps, Filters, Global, HeadInfo, HeadSource, ImageSource, KeptFile, Label, LayerInfo, LayerTime,
  LoadOptions, ModelInfo, ModelSource, OutputActivation, ParityReport, Pixels, Prediction, Preprocess, ProfileOptions, Progress, RankOptions, Result, RunOptions, Settings, Signal, TuneOptions, Tuned,
  ClassTarget, Drawn, DreamOptions, DreamTarget, GradCam, GradCamOptions, Gradient, GradientOptions, Gradients, Grown, LayerTarget, Saliency, SaliencyOptions, Target, VisualizeOptions,
  GivenImage, HeldOut, TeachOptions, TeachReport, Teacher, TrainOptions,
} from 'inception-web';
import { InceptionInspector } from 'inception-web/element';
import type { AlternativeModel, AlternativePicture, Alternatives, InspectorEventMap, InspectorPicture, InspectorSpot, InspectorView, PictureSource, Why } from 'inception-web/element';
import googlenet from 'inception-web-googlenet';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles where `B` is the type of the value, and nothing wider or narrower. */
declare function is<B>(): <A>(value: A, same: Equal<A, B>) => void;
declare const controller: AbortController;
declare const image: ImageSource;
declare const video: HTMLVideoElement;

const { signal } = controller;

export async function load(): Promise<Inception> {
  const preprocess: Preprocess = {
    width: 299, height: 299, resize: 'stretch', resizeTo: 299, crop: 'none', order: 'resize-crop', filter: 'bilinear',
    channels: 'rgb', scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1], standardize: false,
  };
  const device: Device = 'auto';
  const options: LoadOptions = {
    device, halfWeights: true, threads: 'auto', worker: false, network: 'inception-v3', labels: ['cat'], activation: 'sigmoid', preprocess,
    modelsUrl: '/models/', wasmUrl: new URL('https://example.org/wasm/'), workerUrl: '/worker.js', sha256: '0'.repeat(64), cache: false, shared: true, head: 'head.safetensors', signal,
    onProgress({ stage, loaded, total }: Progress) {
      is<'download' | 'compile' | 'prepare'>()(stage, true);
      is<number>()(loaded, true);
      is<number | null>()(total, true);
    },
    onKept: ({ kept, reason }) => console.log(kept, reason),
    onHead: (head) => console.log(head?.threshold),
    onDevice({ from, to, reason, code }: DeviceChange) {
      is<'webgpu' | 'cpu'>()(from, true);
      is<'webgpu' | 'cpu'>()(to, true);
      is<string>()(reason, true);
      is<ErrorCode | null>()(code, true);
    },
  };
  const models: ModelSource[] = [googlenet, 'inception-v3', new URL(googlenet), new ArrayBuffer(8), new Uint8Array(8), new Blob(), [new File([], 'model.json')]];
  for (const model of models) await Inception.load(model, { ...options, threads: 2, preprocess: { scale: 1 } });
  const advance: (report: Progress) => void = fraction((done) => is<number>()(done, true));
  const address: Address = new URL(googlenet);
  const stop: Signal = signal;
  is<AbortSignal>()(stop, true);
  is<HTMLVideoElement>()(video as Global<'HTMLVideoElement'>, true);
  is<{ hit: boolean; kept: boolean | null; reason: string | null }>()(await Inception.preload(address, { signal: stop, onProgress: advance }), true);
  // @ts-expect-error a device that there is not
  await Inception.load(googlenet, { device: 'gpu' });
  // @ts-expect-error an option that there is not
  await Inception.load(googlenet, { backend: 'cpu' });
  // @ts-expect-error a model is needed
  await Inception.load();
  // @ts-expect-error networks are loaded, not constructed
  new Inception();
  return Inception.load(googlenet);
}

export async function cache(): Promise<void> {
  const { size, list, clear } = Inception.cache;
  is<number>()(await size(), true);
  const files: KeptFile[] = await list();
  for (const { url, bytes } of files) {
    is<string>()(url, true);
    is<number>()(bytes, true);
  }
  await clear();
  await clear('/models/model.safetensors');
  await clear(new URL(googlenet));
}

export async function catalog(): Promise<void> {
  const settings: Settings = { assetsUrl: '/assets/', modelsUrl: undefined, wasmUrl: new URL('https://example.org/wasm/'), workerUrl: '/worker.js' };
  is<void>()(Inception.configure(settings), true);
  // @ts-expect-error there is no such address
  Inception.configure({ wasmUri: '/wasm/' });
  const [entry] = await Inception.catalog({ modelsUrl: '/models/' });
  if (entry === undefined) return;
  const { id, title, network, url, bytes, sha256, classes, labels, license, source, offline, auxiliary }: CatalogEntry = entry;
  is<string[]>()([id, title, network, url, labels, license, source], true);
  is<number[]>()([bytes, classes], true);
  is<string | null>()(sha256, true);
  is<boolean>()(offline, true);
  is<'trained' | 'untrained' | 'none'>()(auxiliary, true);
  await Inception.load(id);
}

export function look(net: Inception): void {
  const info: ModelInfo = net.info;
  is<string[]>()([info.id, info.network, info.title, info.deviceReason], true);
  is<number[]>()([info.classes, info.params, info.macs, info.weightBytes], true);
  const { hit, kept, reason: notKept } = info.cache;
  is<boolean>()(hit, true);
  is<boolean | null>()(kept, true);
  is<string | null>()(notKept, true);
  is<string[] | null>()(info.labels, true);
  is<OutputActivation>()(info.activation, true);
  is<string[]>()(info.assumptions, true);
  is<[number, number, number]>()(info.input, true);
  is<Preprocess>()(info.preprocess, true);
  for (const { layer, trained, classes } of info.auxiliary) [layer, trained, classes] satisfies [string, boolean, number];
  is<'webgpu' | 'cpu'>()(info.device, true);
  is<(string | null)[]>()([info.adapter, info.source, info.license], true);
  is<{ digest: string; layer: string; length: number }>()(info.backbone, true);
  const head: HeadInfo | null = info.head;
  is<{ threshold: number | null; temperature: number } | undefined>()(head ? { threshold: head.threshold, temperature: head.temperature } : undefined, true);
  const { requested, used, reason } = info.threads;
  [requested, used, reason] satisfies ['auto' | number, number, string];
  is<'simd128' | 'relaxed'>()(info.simd, true);
  for (const layer of net.layers) {
    const { name, kind, module, branch, inputs, shape, detail, kernel, stride: step, scale, head, params, macs, receptiveField }: LayerInfo = layer;
    [kernel, step, scale, head] satisfies [[number, number] | null, [number, number] | null, number | null, string | null];
    is<'conv' | 'max-pool' | 'avg-pool' | 'lrn' | 'l2-norm' | 'batch-norm' | 'activation' | 'concat' | 'add' | 'linear' | 'softmax' | 'sigmoid' | 'branch'>()(kind, true);
    [name, module, branch, inputs, shape, detail] satisfies [string, string | null, number | null, string[], [number, number, number], string];
    [params, macs] satisfies number[];
    const { size, stride, start } = receptiveField;
    [size, stride, start] satisfies [number, number][];
  }
  // @ts-expect-error what a network is cannot be set
  net.info = info;
  // @ts-expect-error nor can its layers
  net.layers = [];
}

const using = async (net: Disposable) => net[Symbol.dispose]();

export async function ask(net: Inception): Promise<void> {
  const options: RunOptions = {
    topK: 3, threshold: 0.1, layers: ['Mixed_5b'], statistics: ['all'], signal,
    onModule: (module, done, total) => [module, done, total] satisfies [string, number, number],
  };
  const pixels: Pixels = { width: 1, height: 1, data: new Uint8Array(4) };
  is<Uint8ClampedArray | Uint8Array>()(pixels.data, true);
  await net.classify(pixels);
  const result = await net.classify(image, options);
  read(result);
  is<Result[]>()(await net.classifyBatch([image, 'cat.jpg', new URL('https://example.org/cat.jpg'), new Blob()], options), true);
  const batch: BatchOptions = { ...options, onResult: (result, index) => [result, index] satisfies [Result, number], settled: false };
  is<Result[]>()(await net.classifyBatch(new Set([image]), batch), true);
  is<PromiseSettledResult<Result>[]>()(await net.classifyBatch(document.querySelector('input')?.files ?? [], { settled: true }), true);
  await using(net);
  read(await net.ablate(new Uint8Array(8), { ...options, off: ['Mixed_5b/Branch_1'] }));
  const maps: FeatureMaps = await net.features(image, 'Mixed_5b/Branch_1', { signal });
  [maps.name, maps.shape, maps.data, maps.stats] satisfies [string, [number, number, number], Float32Array, ChannelStats[]];
  is<Float32Array>()(await net.embed(image, { signal }), true);
  // @ts-expect-error `off` is what an ablation is about
  await net.ablate(image, { topK: 5 });
  // @ts-expect-error layers are named in a list
  await net.classify(image, { layers: 'all' });
  // @ts-expect-error a number is no picture
  await net.classify(7);
  // @ts-expect-error the layer is missing
  await net.features(image);
}

function read(result: Result): void {
  for (const { index, label, probability } of result.predictions satisfies Prediction[]) {
    [index, label, probability] satisfies [number, string | null, number];
  }
  for (const { layer, predictions } of result.auxiliary) [layer, predictions] satisfies [string, Prediction[]];
  is<Record<string, FeatureMaps>>()(result.layers, true);
  for (const channels of Object.values(result.statistics)) {
    for (const { mean, std, min, max, sparsity } of channels satisfies ChannelStats[]) [mean, std, min, max, sparsity] satisfies number[];
  }
  const { decode, preprocess, run, total } = result.timing;
  [decode, preprocess, run, total] satisfies number[];
  const { width, height, crop } = result.image;
  [width, height, crop] satisfies [number, number, [number, number, number, number]];
}

export async function explain(net: Inception): Promise<void> {
  const cam: Cam = await net.cam(image, 3, { off: ['Mixed_5b'], signal });
  [cam.classIndex, cam.width, cam.height, cam.data, cam.exact] satisfies [number, number, number, Float32Array, boolean];
  const { layer: first, shape: [out, into, rows, columns], data: weights }: Filters = await net.filters();
  is<string>()(first, true);
  is<number[]>()([out, into, rows, columns], true);
  is<Float32Array>()(weights, true);
  const parts: Contributions = await net.contributions(image, 3, { off: [], signal });
  [parts.classIndex, parts.layer, parts.contribution] satisfies [number, string, Float32Array];
  [parts.bias, parts.logit, parts.exact] satisfies [number, number, boolean];
  const ranking: RankOptions = { branches: ['Mixed_5b/Branch_1'], classIndex: 3, signal, onProgress: (done, total) => done / total };
  for (const { branch, probability, change } of (await net.rankBranches(image, ranking)) satisfies BranchEffect[]) {
    [branch, probability, change] satisfies [string, number, number];
  }
  const tuning: TuneOptions = { signal, onProgress: (done, total) => done / total, undo: false, keep: true };
  const { tried, changed } = (await net.tune(tuning)) satisfies Tuned;
  [tried, changed] satisfies [number, number];
  const ofClass: ClassTarget = { classIndex: 3, minus: 4, head: 'AuxLogits' };
  const ofLayer: LayerTarget = { layer: 'Mixed_4d', channel: 17, position: [3, 4], sum: true };
  const targets: Target[] = [ofClass, ofLayer];
  const wanted: GradientOptions = { of: targets[0] ?? ofLayer, at: ['input', 'Mixed_4d'], signal };
  const { value, at }: Gradients = await net.gradient(image, wanted);
  for (const { name, shape, data } of Object.values(at) satisfies Gradient[]) [value, name, shape, data] satisfies [number, string, [number, number, number], Float32Array];
  const speaking: GradCamOptions = { minus: 4, head: 'AuxLogits', signal };
  const map = (await net.gradCam(image, 3, 'Mixed_4f', speaking)) satisfies GradCam;
  [map.classIndex, map.layer, map.width, map.height, map.data] satisfies [number, string, number, number, Float32Array];
  const finding: SaliencyOptions = { method: 'integrated', samples: 25, noise: 0.15, steps: 32, baseline: 'gray', seed: 1, minus: 4, head: 'AuxLogits', onProgress: (done, total) => done / total, signal };
  const pixels = (await net.saliency(image, 3, finding)) satisfies Saliency;
  is<'gradient' | 'smoothgrad' | 'integrated'>()(pixels.method, true);
  [pixels.classIndex, pixels.shape, pixels.data, pixels.map, pixels.scale] satisfies [number, [number, number, number], Float32Array, Float32Array, number];
  const growing: VisualizeOptions = { size: 128, steps: 256, seed: 1, transforms: true, learningRate: 0.05, onStep: (step, steps, picture) => [step, steps, picture?.pixels], signal };
  const grown = (await net.visualize(ofLayer, growing)) satisfies Grown;
  [grown.width, grown.height, grown.pixels, grown.value, grown.state, grown.of] satisfies [number, number, Uint8ClampedArray, number, Uint8Array, string];
  (await net.visualize(ofLayer, { from: grown, steps: 128 })) satisfies Drawn;
  const followed: DreamTarget = { layer: 'Mixed_4d', branches: { 'Mixed_4d/Branch_1': 2 } };
  const dreaming: DreamOptions = { octaves: 4, octaveScale: 1.4, steps: 10, stepSize: 1.5, size: 512, seed: 1, onStep: (step, steps, { pixels }) => [step, steps, pixels], signal };
  (await net.dream(image, followed, dreaming)) satisfies Drawn;
  const profiling: ProfileOptions = { signal, onProgress: (done, total) => done / total };
  for (const { name, ms, macs } of (await net.profile(image, profiling)) satisfies LayerTime[]) [name, ms, macs] satisfies [string, number, number];
  await net.selfTest();
  const { ok, worst, layers }: ParityReport = await net.selfTest(image);
  [ok, worst.layer, worst.relativeError, layers[0]?.relativeError] satisfies [boolean, string, number, number | undefined];
  net.dispose();
  is<boolean>()(net.disposed, true);
  // @ts-expect-error a class is a number
  await net.cam(image, 'cat');
}

export function fail(error: unknown): string {
  if (!(error instanceof InceptionError)) throw new InceptionError('internal', 'not expected', { cause: error });
  is<unknown>()(error.cause, true);
  const { name, code, message, index } = error.toJSON();
  [name, code, message, index] satisfies [string, ErrorCode, string, number | undefined];
  // @ts-expect-error a code that there is not
  if (error.code === 'no-such-code') return '';
  return advice[error.code] + error.message;
}

const advice: Record<ErrorCode, string> = {
  'bad-weights': '', 'bad-image': '', 'bad-option': '', 'unknown-model': '', 'unknown-layer': '', 'no-webgpu': '', 'device-lost': '',
  aborted: '', disposed: '', 'out-of-memory': '', network: '', integrity: '', unsupported: '', internal: '',
};

export async function inspect(net: Inception): Promise<void> {
  const inspector = document.createElement('inception-inspector');
  is<InceptionInspector>()(inspector, true);
  is<Inception | null>()(inspector.net, true);
  inspector.net = net;
  const pictures: AlternativePicture[] = [{ name: 'cat', title: 'A cat', image }];
  const models: AlternativeModel[] = [{ id: 'inception-v3', title: 'Inception-v3', bytes: 95_500_000, reachable: null }];
  is<string | null>()(inspector.netTitle, true);
  inspector.netTitle = 'my own.safetensors';
  for (const address of ['cat.jpg', new URL(googlenet), null, undefined]) Object.assign(inspector, { src: (inspector.src = address), model: (inspector.model = address), modelsUrl: (inspector.modelsUrl = address) });
  is<(string | null)[]>()([inspector.src, inspector.model, inspector.modelsUrl], true);
  [inspector.device, inspector.theme, inspector.highlight, inspector.hotkeys] = ['cpu', 'dark', 'switches', true];
  [inspector.device, inspector.theme, inspector.highlight, inspector.hotkeys] satisfies [Device | null, 'light' | 'dark' | null, 'channels' | 'switches' | null, boolean];
  [inspector.net, inspector.view, inspector.alternatives] = [undefined, null, null];
  const alternatives: Alternatives = { pictures, models };
  inspector.alternatives = alternatives;
  is<Required<Alternatives>>()(inspector.alternatives, true);
  const spot: InspectorSpot = { layer: 'Mixed_5b/Branch_1', channel: 0, y: 3, x: 4 };
  inspector.view = { layer: 'Mixed_5b', pin: spot };
  const view: InspectorView = inspector.view;
  const { layer, pin, large, sort, reverse, scale, palette, hideDead, tile, off, explain, camOpacity, why, shows, times, whole, zoom, compare, otherPicture, inner, compareModule, difference, byDifference } = view;
  [layer, compare, otherPicture, compareModule] satisfies (string | null)[];
  [inner, difference, byDifference] satisfies [string[], boolean, boolean];
  [pin?.channel, tile, camOpacity, zoom] satisfies (number | undefined)[];
  [large, reverse, times, whole] satisfies boolean[];
  is<Why>()(why, true);
  is<'maps' | 'looks'>()(shows, true);
  is<string[]>()(off, true);
  is<number | null>()(explain, true);
  is<'index' | 'mean' | 'max' | 'sparsity' | 'contribution'>()(sort, true);
  is<'channel' | 'branch' | 'layer'>()(scale, true);
  is<'magma' | 'viridis' | 'grey' | 'diverging'>()(palette, true);
  is<boolean>()(hideDead, true);
  const sources: PictureSource[] = [image, [new File([], 'cat.png')], new DataTransfer()];
  for (const source of sources) await inspector.show(source, 'cat');
  is<{ name: string; blob: Blob | ImageBitmap; source: PictureSource | null } | null>()(inspector.picture, true);
  inspector.play(video, 'camera');
  inspector.stop();
  inspector.run();
  inspector.cancel();
  inspector.focus({ preventScroll: true });
  listen(inspector);
  // @ts-expect-error a palette that there is not
  inspector.view = { palette: 'rainbow' };
  // @ts-expect-error a theme that there is not
  inspector.theme = 'blue';
  // @ts-expect-error a network is loaded, not named
  inspector.net = 'inception-v3';
  // @ts-expect-error the picture is shown, not set
  inspector.picture = null;
}

function listen(inspector: InceptionInspector): void {
  const { compared } = inspector;
  if (compared !== null) [compared.picture, compared.model] satisfies [InspectorPicture | null, string | File[] | null];
  inspector.addEventListener('inception-compare', ({ detail }) => is<null>()(detail, true));
  inspector.addEventListener('inception-model', ({ detail }) => is<File[]>()(detail.files, true));
  inspector.addEventListener('inception-view', ({ detail }) => is<InspectorView>()(detail, true));
  const moments: (keyof InspectorEventMap)[] = ['inception-picture', 'inception-run', 'inception-stop'];
  for (const moment of moments) inspector.addEventListener(moment, () => undefined, { once: true });
  inspector.addEventListener('inception-result', ({ detail }) => is<Prediction[]>()(detail.predictions, true));
  inspector.addEventListener('inception-read', ({ detail }) => is<InspectorSpot | null>()(detail, true));
  inspector.addEventListener('inception-frame', ({ detail: { rate } }) => is<number | null>()(rate, true));
  inspector.addEventListener('inception-error', ({ detail: { code, message, error } }) => [code, message, error] satisfies [ErrorCode, string, InceptionError]);
  inspector.addEventListener('inception-load', ({ detail }) => is<ModelInfo>()(detail, true));
  inspector.addEventListener('inception-progress', ({ detail }) => is<Progress>()(detail, true));
  inspector.addEventListener('click', ({ clientX }) => clientX);
  // @ts-expect-error a result has no feature maps
  inspector.addEventListener('inception-result', ({ detail }) => detail.layers);
}

export async function teach(net: Inception): Promise<void> {
  const options: TeachOptions = { multiLabel: true };
  const teacher: Teacher = await net.teach(options);
  const label: Label = ['cat', 'dog'];
  const given: ExampleOptions = { name: 'cat.png', thumbnail: new Uint8Array(8), signal };
  const example: Example = await teacher.add(image, label, given);
  is<{ id: number; name: string; thumbnail: Uint8Array | null; features: Float32Array; label: Label }>()(
    { id: example.id, name: example.name, thumbnail: example.thumbnail, features: example.features, label: example.label }, true);
  const many: AddAllOptions = { signal, onProgress: (done, total) => is<(number | null)[]>()([done, total], true) };
  const { added, duplicates, failed }: AddAllResult = await teacher.addAll([{ image, label: null, name: 'none.png', thumbnail: null } satisfies GivenImage], many);
  is<Example[]>()(added, true);
  is<number>()(duplicates, true);
  is<{ index: number; name: string; error: Error }[]>()(failed, true);
  teacher.addLabel('cat');
  teacher.renameLabel('cat', 'Cat');
  teacher.move('Cat', example.id);
  is<Example[]>()(teacher.put(teacher.remove(example.id)), true);
  is<Example[]>()(teacher.removeLabel('dog'), true);
  is<readonly string[]>()(teacher.labels, true);
  is<readonly Example[]>()(teacher.examples, true);
  is<boolean>()(teacher.multiLabel, true);
  is<TeachReport | null>()(teacher.report, true);
  const training: TrainOptions = { folds: 5, l2: 'auto', balanced: true, signal, onProgress: (fraction) => is<number>()(fraction, true) };
  const report: TeachReport = await teacher.train(training);
  const { accuracy, logLoss, ownAnswered } = report;
  is<(number | null)[]>()([accuracy, logLoss, ownAnswered], true);
  is<number[]>()([report.examples, report.judged, report.l2, report.temperature, report.threshold, report.folds, report.iterations, report.ms], true);
  is<number[]>()([...report.ids, ...report.ownHistogram, ...report.noneHistogram, ...report.confusion.flat()], true);
  is<boolean>()(report.converged, true);
  is<string[]>()(report.labels, true);
  for (const { count, judged, recall, precision } of report.classes) is<(number | null)[]>()([count, judged, recall, precision], true);
  for (const answer of report.answers as (HeldOut | null)[]) is<number[] | null>()(answer && [answer.class, answer.probability, answer.truth, answer.fold], true);
  is<{ count: number; refused: number } | null | undefined>()(report.none, true);
  const file: Uint8Array = await teacher.head({ threshold: null });
  const sources: HeadSource[] = [file, 'head.safetensors', new URL('https://example.org/head.safetensors'), new Blob(), new ArrayBuffer(8)];
  for (const source of sources) await net.useHead(source, { signal });
  await net.useHead(null);
  is<Example[]>()(teacher.restore(teacher.save()), true);
  const { isNone } = await net.classify(image);
  is<boolean>()(isNone, true);
  // @ts-expect-error teachers are made by networks
  new Teacher();
}
