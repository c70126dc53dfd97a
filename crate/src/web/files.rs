//! Files on their way in.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use super::error::coded;
use crate::checkpoints::SourceFile;

/// Copies one file of a model; `out-of-memory` where there is no room for it.
pub fn copied(name: String, bytes: &Uint8Array) -> Result<SourceFile, JsValue> {
    let length = bytes.length() as usize;
    let mut copy = Vec::new();
    if copy.try_reserve_exact(length).is_err() {
        return Err(coded("out-of-memory", &format!("the {length} bytes of {name}")));
    }
    copy.resize(length, 0);
    bytes.copy_to(&mut copy);
    Ok(SourceFile { name, bytes: copy })
}
