// Written by wasm-bindgen from crate/src/web: cargo xtask build

/**
 * A head that goes with a loaded model.
 */
export class Head {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * The probability of each class.
     */
    answer(features: Float32Array | number[]): Float32Array;
    /**
     * JSON.
     */
    info(): string;
    /**
     * The calibrated logits of an image.
     */
    logits(features: Float32Array | number[]): Float32Array;
    /**
     * Number of logits: one may answer two classes.
     */
    logits_count(): number;
    /**
     * Reads a head's file; `model` is the part of the package's `ModelInfo` that it is held against, as JSON. `bad-weights` of a
     * file that is damaged or none, `bad-option` of a head that was taught on another model.
     */
    constructor(file: Uint8Array | number[], model: string);
    /**
     * Weights and, after them, the bias of a class's logit; none of a class that there is not.
     */
    of_class(_class: number): Float32Array | undefined;
}

/**
 * Trains a head.
 */
export class Training {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * A bias for each class.
     */
    biases(): Float32Array;
    /**
     * The head's file. `model` is the part of the package's `ModelInfo` that it goes with, as JSON; `labels` are the classes'
     * names in their order. It has the report's threshold where `reported`, else the caller's, or none.
     */
    head(model: string, labels: string[], reported: boolean, threshold?: number | null): Uint8Array;
    /**
     * A training with `features` `[pictures, dimensions]`, the `labels` of all pictures after one another and how many each has,
     * the number of classes, and features of pictures that show none of them. `options` is JSON: `folds`, `l2` (a number or
     * "auto"), `multiLabel`, `balanced`.
     */
    constructor(features: Float32Array | number[], dimensions: number, labels: Uint32Array | number[], label_counts: Uint32Array | number[], classes: number, none_features: Float32Array | number[], options: string);
    /**
     * How good the head is, as JSON.
     */
    report(): string;
    /**
     * Does a small part of the work; gives how much is done, 1 at the end.
     */
    step(): number;
    /**
     * The weights, `[classes, dimensions]`.
     */
    weights(): Float32Array;
}

/**
 * Runs when the module is instantiated.
 */
export function install_panic_hook(): void;

/**
 * What the last panic said, once.
 */
export function take_panic(): string | undefined;
