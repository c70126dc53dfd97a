//! The wasm-bindgen surface: what the package's scripts call, and nothing that computes.
//! Enters: bytes, pixels, JSON options and layer names from JavaScript. Leaves: JSON, typed arrays, and errors that carry
//! a code of the package's `ErrorCode`. Feature `run` is what pages load, `convert` what the package's command line uses,
//! `pictures` what decodes the pictures that few have, `teach` what trains heads, `look` what makes pictures by gradients.

#[cfg(feature = "convert")]
mod convert;
#[cfg(any(feature = "run", feature = "convert", feature = "pictures", feature = "teach", feature = "look"))]
mod error;
#[cfg(any(feature = "run", feature = "convert"))]
mod files;
#[cfg(feature = "run")]
mod gpu;
#[cfg(feature = "run")]
mod gradients;
#[cfg(feature = "run")]
mod loader;
#[cfg(feature = "look")]
mod look;
#[cfg(feature = "run")]
mod model;
mod panic;
#[cfg(feature = "pictures")]
mod pictures;
#[cfg(feature = "teach")]
mod teach;
#[cfg(feature = "threads")]
mod threads;

/// Pixels that an encoded picture may have: 64 Mi, 192 MiB of RGB.
#[cfg(any(feature = "run", feature = "pictures"))]
const MAX_PIXELS: u64 = 1 << 26;
