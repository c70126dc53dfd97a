// Written by wasm-bindgen from crate/src/web: cargo xtask build

/**
 * A number that a layer's values make.
 */
export class Aim {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * The mean of all values, or their sum.
     */
    static all(sum: boolean): Aim;
    /**
     * A channel's mean over all positions, or their sum.
     */
    static channel(channel: number, sum: boolean): Aim;
    /**
     * A channel's value at one position.
     */
    static position(channel: number, row: number, column: number): Aim;
    /**
     * Half the mean of squares, each channel's by a factor.
     */
    static squares(factors: Float32Array | number[]): Aim;
    /**
     * The sum of all values, each by a factor, `[C,H,W]`.
     */
    static weighted(factors: Float32Array | number[]): Aim;
}

/**
 * An open WebGPU device. Models that run on it keep it alive.
 */
export class Gpu {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Gives the device up: whatever waits for it ends as on a lost one.
     */
    lose(): void;
    /**
     * Submits nothing: some browsers then look at once for what the device has finished.
     */
    nudge(): void;
}

/**
 * Loads one model; the caller answers messages between the calls of [`Loader::advance`].
 */
export class Loader {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Takes one file of the model, whose bytes are read layer by layer until [`Loader::finish`]; `out-of-memory` where there is
     * no room for what is copied of it.
     */
    add(name: string, bytes: Uint8Array): void;
    /**
     * Takes a safetensors file that is not in memory: its length, and what returns the bytes between two places of it.
     */
    add_read(name: string, length: number, read: Function): void;
    /**
     * Prepares the next layer; returns how many are done.
     */
    advance(): number;
    /**
     * The model, once every layer is prepared and, for a GPU, [`Loader::warm`] has ended.
     */
    finish(): Model;
    /**
     * A loader without files.
     */
    constructor();
    /**
     * Bytes of the only file that the next [`Loader::advance`] reads, counted from its beginning; infinite where there are
     * several files.
     */
    next_end(): number;
    /**
     * Recognises the checkpoint. `options` is JSON; returns the number of layers to prepare.
     */
    open(options: string): number;
    /**
     * How many layers there are to prepare.
     */
    total(): number;
    /**
     * Has a GPU's kernels go the ways that `Model::tuned` told of on one of its kind.
     */
    tune(tuned: string): void;
    /**
     * Chooses where the network will run, instead of the CPU.
     */
    use_gpu(gpu: Gpu): void;
    /**
     * Waits until the GPU has compiled its kernels and received the weights; tells what it refuses.
     */
    warm(): Promise<void>;
}

/**
 * A network with its weights, ready to run.
 */
export class Model {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Takes the preprocessed pictures over from a model of the same file.
     */
    adopt(old: Model): void;
    /**
     * Takes where weights can be read again, from a loader that has opened the model's files.
     */
    adopt_source(loader: Loader): void;
    /**
     * The same network on the same device, for pictures of another size: a loader that has been opened. The model has a source.
     */
    again(height: number, width: number): Loader;
    /**
     * Has [`Model::cam`] and [`Model::contributions`] tell of a taught head's class, by its weights; of none, of the network's
     * own.
     */
    aim(weights: Float32Array | number[], bias: number): void;
    /**
     * `{ layer, probabilities }` of each trained auxiliary head, of an image of the run.
     */
    auxiliary(image: number): Array<any>;
    /**
     * Starts a run on the preprocessed pictures; a single one stands for every image of the run. Returns how many modules
     * the run has.
     */
    begin(): number;
    /**
     * Begins the reverse pass of a run that is complete, of a number that the layer makes; returns the number, where the
     * run has kept the layer. Where it `wakes`, the ReLU at the layer's own end lets everything through.
     */
    begin_reverse(of: string, objective: Aim, wakes: boolean): number | undefined;
    /**
     * Starts a run on an input of the caller's, NHWC `[height, width, 3]`, already normalised.
     */
    begin_with(input: Float32Array | number[]): void;
    /**
     * `{ width, height, data, exact }`: the logit of a class, position by position. The run has kept [`Model::last_maps`].
     */
    cam(_class: number): any;
    /**
     * JSON: per layer, its largest difference from that of `other`, relative to the largest value there. Both have run
     * the same picture and kept the layers.
     */
    compare(other: Model): string;
    /**
     * Waits for the GPU and reads the outputs back, or, after a reverse pass, the gradients.
     */
    complete(): Promise<void>;
    /**
     * How many layers a run computes.
     */
    computed_layers(): number;
    /**
     * `{ layer, contribution, bias, logit, exact }`: what each channel of the last maps adds to a class's logit.
     */
    contributions(_class: number): any;
    /**
     * Decodes a JPEG or PNG file; returns width and height. None where the artefact of the feature `pictures` reads the
     * format.
     */
    decode(bytes: Uint8Array | number[]): Uint32Array | undefined;
    /**
     * Milliseconds that the GPU took for the last run, without what it takes to hear of it; none on the CPU, and none of
     * a run with [`Model::settled`] between its steps.
     */
    device_ms(): number | undefined;
    /**
     * The face embedding, or the pooled features before the classifier.
     */
    embedding(): Float32Array;
    /**
     * `{ layer, shape, data }`: the kernels of the convolution that reads the picture, `[out, in, height, width]`.
     */
    filters(): any;
    /**
     * `{ width, height, data }`: where a layer's channels speak for the number of the last reverse pass, which was asked for
     * the gradient there and has kept the layer.
     */
    grad_cam(layer: string): any;
    /**
     * `{ shape, data }` of the gradient at a layer, or at `input`.
     */
    gradient(layer: string): any;
    /**
     * Whether weights can be read again.
     */
    has_source(): boolean;
    /**
     * JSON: the part of the package's `ModelInfo` that the engine knows.
     */
    info(): string;
    /**
     * The preprocessed picture as the network reads it, `[height, width, 3]`.
     */
    input_values(): Float32Array;
    /**
     * The layer to keep for [`Model::cam`]; none where no head can read maps.
     */
    last_maps(): string | undefined;
    /**
     * JSON: the package's `LayerInfo[]`.
     */
    layers(): string;
    /**
     * JSON: number and bytes of the buffers that are alive on the model's GPU; zeros on the CPU.
     */
    memory(): string;
    /**
     * `{ shape, data, stats }` of a kept layer for an image of the run: `[C,H,W]`, values in that order, and mean, standard deviation, minimum,
     * maximum and share of zeros of each channel.
     */
    output(layer: string, image: number): any;
    /**
     * Chooses the layers whose outputs the next runs keep, `all` for every one, and those that are switched off; JSON: a
     * list of names for each image of a run. Of no list, one image with nothing off. What is refused changes nothing.
     */
    plan(keep: string[], off: string): void;
    /**
     * Has the next runs end with gradients of the layer `of` at others, `input` being the picture, and keep layers.
     */
    plan_gradients(of: string, at: string[], keep: string[]): void;
    /**
     * Probabilities of an image of the run, by default the first, `[classes]`.
     */
    predictions(image?: number | null): Float32Array;
    /**
     * Prepares the weights of one more layer for the reverse pass; returns how many are left.
     */
    prepare_reverse(): number;
    /**
     * Makes the input of the picture, instead of what was there or, with `more`, after it; returns x, y, width and height
     * of the part that the network sees.
     */
    preprocess(more: boolean): Uint32Array;
    /**
     * Takes RGBA pixels, row by row, alpha not premultiplied; returns width and height.
     */
    set_pixels(width: number, height: number, rgba: Uint8ClampedArray): Uint32Array;
    /**
     * Takes RGB pixels, row by row; returns width and height.
     */
    set_rgb(width: number, height: number, rgb: Uint8Array | number[]): Uint32Array;
    /**
     * Waits until at most one submitted module is still at work.
     */
    settled(): Promise<void>;
    /**
     * `{ width, height, pixels }`, RGB: the picture that has been decoded, its longer side at most so many pixels.
     */
    shrunk(longest: number): any;
    /**
     * Mean, standard deviation, minimum, maximum and share of zeros of each channel of a kept layer, for an image of the
     * run.
     */
    statistics(layer: string, image: number): Float32Array;
    /**
     * Runs to the end of the next module, or submits it to the GPU, and names it; none after the last. On the CPU the
     * run is then complete, on the GPU after [`Model::complete`].
     */
    step(): string | undefined;
    /**
     * Goes back through one more module; none after the last. On the CPU the gradients are then there, on the GPU after
     * [`Model::complete`].
     */
    step_reverse(): string | undefined;
    /**
     * Takes the fastest ways, by the time of each, for the runs from now on; returns how many kinds of kernels go another way
     * than the usual one.
     */
    take_ways(times: Float64Array | number[]): number;
    /**
     * What a taught head reads of an image of the run, which has kept the layer that `backbone` of [`Model::info`] names.
     */
    taught_features(image: number): Float32Array;
    /**
     * JSON: the package's `LayerTime` of the layer at this place of those that are computed, on the input of the run
     * that has been begun; `null` after the last.
     */
    time(place: number): Promise<string>;
    /**
     * Milliseconds that one of them takes.
     */
    time_way(place: number): Promise<number>;
    /**
     * What has been measured of ways, for [`super::loader::Loader::tune`] another time.
     */
    tuned(): string;
    /**
     * Goes back to the usual ways.
     */
    untune(): void;
    /**
     * How many ways of the GPU's kernels there are to be tried that have not been, of the plan in force.
     */
    ways(): number;
}

/**
 * Waits until all of `threads` but the caller, which must already have been started, have taken their place.
 */
export function init_threads(threads: number): void;

/**
 * Runs when the module is instantiated.
 */
export function install_panic_hook(): void;

/**
 * From now on at most so many of the threads run kernels; the others sleep.
 */
export function limit_threads(threads: number): void;

/**
 * Opens the fastest adapter that the browser offers this thread; `software` says whether the processor plays the GPU.
 */
export function open_gpu(software: boolean): Promise<Gpu>;

/**
 * Makes the calling worker one of those that run kernels; does not return.
 */
export function run_thread(): void;

/**
 * What the last panic said, once.
 */
export function take_panic(): string | undefined;

/**
 * Runs some of the CPU's kernels on small inputs, for some milliseconds, so that the browser has compiled them well before
 * the first run.
 */
export function warm_up(part: number): void;

/**
 * How many parts [`warm_up`] has.
 */
export function warm_up_parts(): number;
