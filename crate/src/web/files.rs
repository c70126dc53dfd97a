//! Files on their way in.

#[cfg(feature = "run")]
use js_sys::Function;
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use super::error::coded;
#[cfg(feature = "run")]
use crate::checkpoints::Content;
use crate::checkpoints::SourceFile;
#[cfg(feature = "run")]
use std::ops::Range;

/// Copies one file of a model; `out-of-memory` where there is no room for it.
pub fn copied(name: String, bytes: &Uint8Array) -> Result<SourceFile, JsValue> {
    let length = bytes.length() as usize;
    let mut copy = Vec::new();
    if copy.try_reserve_exact(length).is_err() {
        return Err(coded("out-of-memory", &format!("the {length} bytes of {name}")));
    }
    copy.resize(length, 0);
    bytes.copy_to(&mut copy);
    Ok(SourceFile { name, bytes: copy.into() })
}

/// One file of a model, of which only the header is copied where it is a safetensors file: the tensors follow one by one.
/// `out-of-memory` where there is no room for what is copied.
#[cfg(feature = "run")]
pub fn viewed(name: String, bytes: &Uint8Array) -> Result<SourceFile, JsValue> {
    let view = bytes.clone();
    let part = move |range: Range<usize>| view.subarray(range.start as u32, range.end as u32).to_vec();
    match Content::elsewhere(bytes.length() as usize, part) {
        Some(bytes) => Ok(SourceFile { name, bytes }),
        None => copied(name, bytes),
    }
}

/// A safetensors file of `length` bytes that a script's function reads: from the first byte to before the last. What it throws,
/// the tensor that is read then misses.
#[cfg(feature = "run")]
pub fn elsewhere(name: String, length: usize, read: Function) -> Result<SourceFile, JsValue> {
    let part = move |range: Range<usize>| {
        let bytes = read.call2(&JsValue::NULL, &(range.start as f64).into(), &(range.end as f64).into());
        bytes.map(|bytes| Uint8Array::from(bytes).to_vec()).unwrap_or_default()
    };
    let bytes = Content::elsewhere(length, part);
    match bytes {
        Some(bytes) => Ok(SourceFile { name, bytes }),
        None => Err(coded("internal", &format!("{name} is no safetensors file"))),
    }
}
