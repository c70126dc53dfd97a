// Written by wasm-bindgen from crate/src/web: cargo xtask build

/**
 * A picture that dreams.
 */
export class Dream {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Height and width of the next run's input, steps done and steps in all; none at the end.
     */
    at(): Uint32Array | undefined;
    /**
     * The input of the next run.
     */
    input(): Float32Array;
    /**
     * Of RGB pixels, row by row; `preprocess` and `options` are JSON.
     */
    constructor(preprocess: string, width: number, height: number, rgb: Uint8Array | number[], options: string);
    /**
     * RGBA, row by row.
     */
    picture(): Uint8ClampedArray;
    /**
     * Takes a step by the gradient at it, `[3, height, width]`.
     */
    step(gradient: Float32Array | number[]): void;
}

/**
 * The runs of one saliency.
 */
export class Saliency {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * `{ data, map, scale }`.
     */
    finish(): any;
    /**
     * The input of a run.
     */
    input(run: number): Float32Array;
    /**
     * Of a network's input `[height, width, 3]`; `preprocess` and `options` are JSON.
     */
    constructor(preprocess: string, height: number, width: number, input: Float32Array | number[], options: string);
    /**
     * How many runs there are.
     */
    runs(): number;
    /**
     * Adds the gradient at the input of a run, `[3, height, width]`.
     */
    take(gradient: Float32Array | number[]): void;
}

/**
 * A picture that grows.
 */
export class Visualization {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * The input of the next run.
     */
    input(): Float32Array;
    /**
     * For a network that reads `size` by `size` pixels; `preprocess` is JSON.
     */
    constructor(preprocess: string, size: number, seed: number, transforms: boolean, rate: number);
    /**
     * RGBA, row by row.
     */
    picture(): Uint8ClampedArray;
    /**
     * From where another was, by its state, with the same options.
     */
    static resume(preprocess: string, size: number, transforms: boolean, rate: number, state: Uint8Array | number[]): Visualization;
    /**
     * All that the next steps depend on.
     */
    state(): Uint8Array;
    /**
     * Takes a step by the gradient at it, `[3, size, size]`.
     */
    step(gradient: Float32Array | number[]): void;
    /**
     * Whether the next step is to wake a channel that does not answer, by what the number was before.
     */
    wakes(before: number): boolean;
}

/**
 * Runs when the module is instantiated.
 */
export function install_panic_hook(): void;

/**
 * What the last panic said, once.
 */
export function take_panic(): string | undefined;
