//! The wasm-bindgen surface: what the package's scripts call, and nothing that computes.
//! Enters: bytes, pixels, JSON options and layer names from JavaScript. Leaves: JSON, typed arrays, and errors that carry
//! a code of the package's `ErrorCode`.

mod error;
mod gpu;
mod loader;
mod model;
mod panic;
#[cfg(feature = "threads")]
mod threads;

/// Pixels that an encoded picture may have: 64 Mi, 192 MiB of RGB.
const MAX_PIXELS: u64 = 1 << 26;
