//! Every format but safetensors, known by its first bytes.

use super::kind::Kind;
use super::{Content, SourceFile, TensorFile, first_byte, safetensors, tfjs, torch};
use crate::checkpoints::CheckpointError;

/// What came of looking.
pub(super) enum Outcome {
    /// A file of one of these formats.
    Read(Box<TensorFile>),
    /// Files of none of them.
    None(Vec<SourceFile>),
}

/// Reads files of any of these formats.
pub(super) fn read(files: Vec<SourceFile>) -> Result<Outcome, CheckpointError> {
    let named_json = files.iter().position(|f| f.name.ends_with(".json") && is_json(&f.bytes));
    if let Some(model) = named_json {
        return tfjs::read(files, model).map(|file| Outcome::Read(file.into()));
    }
    // Before it is looked for a brace: it may be the length of a protocol buffer's first field.
    if let Some((kind, at)) = Kind::of(&files) {
        return kind.read(files, at).map(|file| Outcome::Read(file.into()));
    }
    if let Some(model) = files.iter().position(|f| is_json(&f.bytes)) {
        return tfjs::read(files, model).map(|file| Outcome::Read(file.into()));
    }
    if let [file] = files.as_slice() {
        reject_foreign(file)?;
    }
    match <[SourceFile; 1]>::try_from(files) {
        Ok([file]) if torch::plausible(file.bytes.head()) && !safetensors::plausible(&file.bytes) => {
            torch::read(file).map(|file| Outcome::Read(file.into()))
        }
        Ok([file]) => Ok(Outcome::None(vec![file])),
        Err(files) => Ok(Outcome::None(files)),
    }
}

/// JSON begins with a brace; a safetensors file does too where its header length ends in 0x7b, so look further.
fn is_json(file: &Content) -> bool {
    first_byte(file.head()) == Some(b'{') && !safetensors::plausible(file)
}

fn reject_foreign(file: &SourceFile) -> Result<(), CheckpointError> {
    match file.bytes.head() {
        [0x89, b'H', b'D', b'F', ..] if !safetensors::plausible(&file.bytes) => Err(CheckpointError::Unsupported {
            file: file.name.clone(),
            what: "HDF5 files are not read; convert the Keras model with tensorflowjs_converter",
        }),
        _ => Ok(()),
    }
}
