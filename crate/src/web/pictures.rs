//! A picture of a format that few files have in, its pixels out.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::MAX_PIXELS;
use super::error::thrown_image;
use crate::image;

/// Decodes a WebP, GIF or BMP file; returns width, height and the RGB pixels, row by row: `[number, number, Uint8Array]`.
#[wasm_bindgen]
pub fn decode_rare(bytes: &[u8]) -> Result<JsValue, JsValue> {
    let picture = image::decode_rare(bytes, MAX_PIXELS).map_err(thrown_image)?;
    let pixels = Uint8Array::from(&picture.pixels[..]);
    Ok(Array::of3(&picture.width.into(), &picture.height.into(), &pixels).into())
}
