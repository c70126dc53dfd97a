// Written by wasm-bindgen from crate/src/web: cargo xtask build

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
