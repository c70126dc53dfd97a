//! HDF5 (<https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html>) as far as Keras writes it: groups as symbol tables or
//! links, datasets in one piece or in chunks with gzip, texts as attributes. Weights stay where they lie in the file, and only what
//! is compressed is written out anew. Enters: bytes. Leaves: datasets by their paths and the texts of the root, or what is wrong.

mod attribute;
mod bytes;
mod dataset;
mod datatype;
mod group;
mod header;
mod keras3;
mod legacy;
mod names;
mod order;
mod packed;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::content::Content;
use super::torch::{Checked, zip_entries};
use super::{Format, SourceFile, Stored, TensorFile, topology};
use crate::checkpoints::CheckpointError;

/// What a Keras archive calls its description and its weights.
const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.weights.h5";

/// The attributes of a whole model that describe it and its training.
const CONFIGS: [&str; 2] = ["model_config", "training_config"];

/// Whether these bytes are a file of HDF5: its signature stands at the beginning or at a power of two from 512 on.
pub(super) fn plausible(bytes: &[u8]) -> bool {
    header::begin(bytes).is_some()
}

/// Where description and weights lie, where the bytes are an archive of Keras 3.
///
/// # Errors
/// [`CheckpointError::Unsupported`] for members that are compressed.
pub(super) fn archive(file: &SourceFile) -> Result<Option<[Checked; 2]>, CheckpointError> {
    let Ok(entries) = zip_entries(file.bytes.head()) else { return Ok(None) };
    let find = |name: &str| entries.iter().find(|entry| entry.name == name);
    let (Some(config), Some(weights)) = (find(CONFIG), find(WEIGHTS)) else { return Ok(None) };
    match (config.checked(), weights.checked()) {
        (Ok(config), Ok(weights)) => Ok(Some([config, weights])),
        _ => Err(CheckpointError::Unsupported {
            file: file.name.clone(),
            what: "its members are compressed, which Keras does not do; zip them anew without compression",
        }),
    }
}

/// Reads a file of HDF5: a whole model or its weights, as Keras 2 and Keras 3 write them.
pub(super) fn read(file: SourceFile) -> Result<TensorFile, CheckpointError> {
    parsed(file).map(|parsed| parsed.file)
}

/// Reads an archive of Keras 3, whose description and weights lie at these places.
pub(super) fn read_archive(file: SourceFile, parts: [Checked; 2]) -> Result<TensorFile, CheckpointError> {
    parsed_archive(file, parts).map(|parsed| parsed.file)
}

/// A file's tensors and graph, and what the description is that they are of.
struct Parsed {
    file: TensorFile,
    #[cfg_attr(not(test), allow(dead_code))]
    topology: Value,
}

fn parsed(file: SourceFile) -> Result<Parsed, CheckpointError> {
    let (name, bytes) = whole(file);
    let length = bytes.len();
    let (tree, files) = tree::read(&name, bytes, 0..length, &CONFIGS)?;
    let text = |attribute: &str| match tree.attributes.get(attribute) {
        Some(text) => json_of(&name, text.as_bytes()),
        None => Ok(Value::Null),
    };
    let (model, training) = (text(CONFIGS[0])?, text(CONFIGS[1])?);
    let tensors = match tree.datasets.keys().any(|path| keras3::is_variable(path)) {
        true => keras3::without_config(tree.datasets, &name)?,
        false => legacy::named(tree.datasets, &model)?,
    };
    described(&name, Format::KerasHdf5, files, tensors, [model, training])
}

fn parsed_archive(file: SourceFile, parts: [Checked; 2]) -> Result<Parsed, CheckpointError> {
    let (name, bytes) = whole(file);
    let [config, weights] = parts.each_ref().map(|part| part.content.clone());
    let mut model = json_of(&name, bytes.get(config).unwrap_or_default())?;
    let (tree, files) = tree::read(&name, bytes, weights, &[])?;
    let tensors = keras3::named(tree.datasets, &model)?;
    let training = model["compile_config"].take();
    let mut parsed = described(&name, Format::Keras, files, tensors, [model, training])?;
    (parsed.file.name, parsed.file.checks) = (name, parts.into());
    Ok(parsed)
}

fn whole(file: SourceFile) -> (String, Vec<u8>) {
    match file.bytes {
        Content::Whole(bytes) => (file.name, bytes),
        // Only files of another format are elsewhere.
        Content::Elsewhere { head, .. } => (file.name, head),
    }
}

fn json_of(file: &str, text: &[u8]) -> Result<Value, CheckpointError> {
    let fault = |e: serde_json::Error| CheckpointError::Header { file: file.into(), reason: e.to_string() };
    serde_json::from_slice(text).map_err(fault)
}

fn described(
    name: &str,
    format: Format,
    files: Vec<Content>,
    tensors: BTreeMap<String, Stored>,
    [model, training]: [Value; 2],
) -> Result<Parsed, CheckpointError> {
    let mut file = TensorFile { format, files, tensors, ..TensorFile::default() };
    let topology = json!({ "model_config": model, "training_config": training });
    topology::describe(&mut file, name, &topology)?;
    Ok(Parsed { file, topology })
}
