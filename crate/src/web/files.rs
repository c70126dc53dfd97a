//! Files on their way in.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use super::error::coded;
use crate::checkpoints::{Content, SourceFile};
use std::ops::Range;

/// Of a safetensors file, before its header.
const LENGTH_BYTES: usize = 8;

/// Copies one file of a model; `out-of-memory` where there is no room for it.
pub fn copied(name: String, bytes: &Uint8Array) -> Result<SourceFile, JsValue> {
    let bytes = copy(&name, bytes)?.into();
    Ok(SourceFile { name, bytes })
}

fn copy(name: &str, bytes: &Uint8Array) -> Result<Vec<u8>, JsValue> {
    let length = bytes.length() as usize;
    let mut copy = Vec::new();
    if copy.try_reserve_exact(length).is_err() {
        return Err(coded("out-of-memory", &format!("the {length} bytes of {name}")));
    }
    copy.resize(length, 0);
    bytes.copy_to(&mut copy);
    Ok(copy)
}

/// One file of a model, of which only the header is copied where it is a safetensors file: the tensors follow one by one.
/// `out-of-memory` where there is no room for what is copied.
pub fn viewed(name: String, bytes: &Uint8Array) -> Result<SourceFile, JsValue> {
    let len = bytes.length() as usize;
    let part = |bytes: &Uint8Array, range: Range<usize>| bytes.subarray(range.start as u32, range.end as u32);
    let claimed = part(bytes, 0..len.min(LENGTH_BYTES)).to_vec().try_into().map_or(u64::MAX, u64::from_le_bytes);
    let end =
        usize::try_from(claimed).ok().and_then(|header| header.checked_add(LENGTH_BYTES)).filter(|&end| end <= len);
    match end {
        Some(end) if bytes.get_index(LENGTH_BYTES as u32) == b'{' => {
            let (head, bytes) = (copy(&name, &part(bytes, 0..end))?, bytes.clone());
            let read = Box::new(move |range| part(&bytes, range).to_vec());
            Ok(SourceFile { name, bytes: Content::Elsewhere { head, len, read } })
        }
        _ => copied(name, bytes),
    }
}
