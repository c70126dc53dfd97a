// Written by wasm-bindgen from crate/src/web: cargo xtask build

/**
 * Decodes a WebP, GIF or BMP file; returns width, height and the RGB pixels, row by row: `[number, number, Uint8Array]`.
 */
export function decode_rare(bytes: Uint8Array | number[]): any;

/**
 * Runs when the module is instantiated.
 */
export function install_panic_hook(): void;

/**
 * What the last panic said, once.
 */
export function take_panic(): string | undefined;
