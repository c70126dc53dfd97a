//! A checkpoint of any library in, one of our own files out, piece by piece.

use js_sys::Uint8Array;
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::error::{coded, thrown};
use super::files::copied;
use crate::checkpoints::{Checkpoint, CheckpointError, Conversion, Dtype, Labels, Metadata, SourceFile};
use crate::error::Error;

/// Collects the files of one checkpoint and converts them.
#[wasm_bindgen]
#[derive(Default)]
pub struct Converter {
    files: Vec<SourceFile>,
    open: Option<(Checkpoint, Conversion)>,
}

/// What the caller knows of the checkpoint that its files do not say.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Options {
    network: Option<String>,
    dtype: Option<String>,
    title: Option<String>,
    /// Name of a list of class names.
    labels: Option<String>,
    source: Option<String>,
    license: Option<String>,
    #[serde(default)]
    untrained_auxiliary: bool,
}

#[wasm_bindgen]
impl Converter {
    /// A converter without files.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Converter {
        Converter::default()
    }

    /// Copies one file; `out-of-memory` where there is no room for it.
    pub fn add(&mut self, name: String, bytes: &Uint8Array) -> Result<(), JsValue> {
        self.files.push(copied(name, bytes)?);
        Ok(())
    }

    /// Recognises the files' checkpoint; returns the bytes of the converted file. `options` is JSON.
    pub fn open(&mut self, options: &str) -> Result<f64, JsValue> {
        let bad_option = |message: &str| coded("bad-option", message);
        let options: Options =
            serde_json::from_slice(options.as_bytes()).map_err(|error| bad_option(&error.to_string()))?;
        let dtype = match options.dtype.as_deref() {
            None => None,
            Some("f32") => Some(Dtype::F32),
            Some("f16") => Some(Dtype::F16),
            Some("u8") => Some(Dtype::U8),
            Some(other) => return Err(bad_option(&format!("the element type '{other}' is none of f32, f16, u8"))),
        };
        let overrides = Metadata {
            title: options.title,
            labels: options.labels.map(Labels::Named),
            preprocess: None,
            source: options.source,
            license: options.license,
        };
        let files = std::mem::take(&mut self.files);
        let mut checkpoint = Checkpoint::open(files, options.network.as_deref()).map_err(refused)?;
        checkpoint.auxiliary_trained &= !options.untrained_auxiliary;
        let conversion = Conversion::new(&checkpoint, dtype, &overrides).map_err(refused)?;
        let length = conversion.len() as f64;
        self.open = Some((checkpoint, conversion));
        Ok(length)
    }

    /// Some of the converted file.
    pub fn read(&mut self, begin: usize, end: usize) -> Result<Uint8Array, JsValue> {
        let Some((checkpoint, conversion)) = &mut self.open else {
            return Err(coded("internal", "nothing has been opened"));
        };
        let bytes = conversion.read(checkpoint, begin..end).map_err(refused)?;
        Ok(Uint8Array::from(&bytes[..]))
    }
}

fn refused(error: CheckpointError) -> JsValue {
    thrown(Error::from(error))
}
