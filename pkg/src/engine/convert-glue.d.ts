// Written by wasm-bindgen from crate/src/web: cargo xtask build

/**
 * Collects the files of one checkpoint and converts them.
 */
export class Converter {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Copies one file; `out-of-memory` where there is no room for it.
     */
    add(name: string, bytes: Uint8Array): void;
    /**
     * A converter without files.
     */
    constructor();
    /**
     * Recognises the files' checkpoint; returns the bytes of the converted file. `options` is JSON.
     */
    open(options: string): number;
    /**
     * Some of the converted file.
     */
    read(begin: number, end: number): Uint8Array;
}

/**
 * Runs when the module is instantiated.
 */
export function install_panic_hook(): void;

/**
 * What the last panic said, once.
 */
export function take_panic(): string | undefined;
