//! Every format but safetensors, known by its first bytes. Pages load it only when such a file is opened (feature `formats`).
//! Enters: the files a user gave. Leaves: a [`TensorFile`], most with the model's operations.

mod caffe;
mod crc;
#[cfg(test)]
pub(in crate::checkpoints) mod exported;
mod file_graph;
mod hdf5;
mod kind;
mod onnx;
mod protobuf;
mod stranger;
mod tensorflow;
mod tfjs;
mod timm_config;
mod topology;
mod torch;
mod tracing;

use super::{
    Content, Format, Quantization, SourceFile, Stored, StoredType, TensorFile, TorchModule, content, first_byte,
    safetensors,
};
use crate::checkpoints::CheckpointError;
use kind::Kind;

pub(in crate::checkpoints) use file_graph::{FileGraph, FileOp, FilePadding, Node, Window};
pub(super) use torch::Checked;

/// What came of looking.
pub(super) enum Outcome {
    /// A file of one of these formats.
    Read(Box<TensorFile>),
    /// Files of none of them.
    None(Vec<SourceFile>),
}

/// Reads files of any of these formats.
pub(super) fn read(mut files: Vec<SourceFile>) -> Result<Outcome, CheckpointError> {
    if let [file] = files.as_slice()
        && let Some(what) =
            stranger::by_name(&file.name).filter(|_| !safetensors::plausible(&file.bytes) && !is_page(file))
    {
        return Err(CheckpointError::NotWeights { file: file.name.clone(), what });
    }
    refuse_several_models(&files)?;
    let Some(config) = timm_config::taken(&mut files)? else { return read_model(files) };
    let mut file = match read_model(files)? {
        Outcome::Read(file) => *file,
        Outcome::None(files) => match <[SourceFile; 1]>::try_from(files) {
            Ok([file]) => safetensors::read(file)?,
            Err(files) => return Ok(Outcome::None(files)),
        },
    };
    config.note(&mut file);
    Ok(Outcome::Read(file.into()))
}

fn read_model(files: Vec<SourceFile>) -> Result<Outcome, CheckpointError> {
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
    if let Some((kind, at)) = Kind::by_name(&files) {
        return kind.read(files, at).map(|file| Outcome::Read(file.into()));
    }
    let is_damaged_model =
        |f: &SourceFile| f.name.ends_with(".json") && !is_page(f) && !safetensors::plausible(&f.bytes);
    if let Some(model) = files.iter().position(is_damaged_model) {
        return tfjs::read(files, model).map(|file| Outcome::Read(file.into()));
    }
    // The values of a TensorFlow checkpoint, without what says which they are.
    if let Some((stem, _)) = files.iter().find_map(|file| file.name.split_once(".data-0")) {
        return Err(CheckpointError::MissingShard { name: format!("{stem}.index") });
    }
    if let [SourceFile { name, bytes }] = files.as_slice()
        && let Some(what) = stranger::of(bytes.head()).filter(|_| !safetensors::plausible(bytes))
    {
        return Err(CheckpointError::NotWeights { file: name.clone(), what });
    }
    match <[SourceFile; 1]>::try_from(files) {
        Ok([file]) if safetensors::plausible(&file.bytes) => Ok(Outcome::None(vec![file])),
        Ok([file]) => alone(file),
        Err(files) => Ok(Outcome::None(files)),
    }
}

/// Of two models one would be taken, and the other would seem to have answered.
fn refuse_several_models(files: &[SourceFile]) -> Result<(), CheckpointError> {
    let is_saved_model = files.iter().any(|file| file.name.ends_with("saved_model.pb"));
    let is_tfjs = |file: &SourceFile| is_json(&file.bytes) && contains(file.bytes.head(), b"\"weightsManifest\"");
    let stands_alone = |file: &&SourceFile| {
        let name = file.name.to_lowercase();
        let is_graph = name.ends_with(".pb") && (!is_saved_model || name.ends_with("saved_model.pb"));
        let endings = [".onnx", ".caffemodel", ".safetensors"];
        is_graph || endings.iter().chain(&OF_OTHERS).any(|ending| name.ends_with(ending)) || is_tfjs(file)
    };
    let mut models = files.iter().filter(stands_alone).map(|file| file.name.clone());
    match (models.next(), models.next()) {
        (Some(first), Some(second)) => Err(CheckpointError::SeveralModels { files: [first, second] }),
        _ => Ok(()),
    }
}

/// Reads a format that is one file.
fn alone(file: SourceFile) -> Result<Outcome, CheckpointError> {
    let archive = hdf5::archive(&file)?;
    let file = match archive {
        Some(parts) => hdf5::read_archive(file, parts)?,
        None if hdf5::plausible(file.bytes.head()) => hdf5::read(file)?,
        None if torch::plausible(file.bytes.head()) => torch::read(file)?,
        None if OF_OTHERS.iter().any(|ending| file.name.ends_with(ending)) && !is_page(&file) => {
            return Err(CheckpointError::OtherThanNamed { file: file.name });
        }
        None => return Ok(Outcome::None(vec![file])),
    };
    Ok(Outcome::Read(file.into()))
}

/// Endings of formats that are one file, but safetensors.
const OF_OTHERS: [&str; 6] = [".pth", ".pt", ".ckpt", ".h5", ".hdf5", ".keras"];

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn is_page(file: &SourceFile) -> bool {
    first_byte(file.bytes.head()) == Some(b'<')
}

/// JSON begins with a brace; a safetensors file does too where its header length ends in 0x7b, so look further.
fn is_json(file: &Content) -> bool {
    first_byte(file.head()) == Some(b'{') && !safetensors::plausible(file)
}
