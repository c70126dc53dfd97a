//! Rust errors as JavaScript errors.

use js_sys::{Error as JsError, Reflect};
use wasm_bindgen::JsValue;

#[cfg(any(feature = "run", feature = "convert"))]
use crate::error::Error;
#[cfg(any(feature = "run", feature = "pictures"))]
use crate::image::ImageError;

/// An `Error` with the property `code`.
pub fn coded(code: &str, message: &str) -> JsValue {
    let error = JsError::new(message);
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&error, &"code".into(), &code.into());
    error.into()
}

/// The engine's error under its own code.
#[cfg(any(feature = "run", feature = "convert"))]
pub fn thrown(error: Error) -> JsValue {
    coded(error.code(), &error.to_string())
}

/// A picture's error under its own code.
#[cfg(any(feature = "run", feature = "pictures"))]
pub fn thrown_image(error: ImageError) -> JsValue {
    coded(error.code(), &error.to_string())
}
