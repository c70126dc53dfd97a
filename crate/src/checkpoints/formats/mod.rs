//! File formats: bytes to named tensors, nothing decoded and nothing copied.
//! Enters: the files a user gave. Leaves: a [`TensorFile`], or an error that says what is wrong with the bytes.

mod caffe;
mod content;
#[cfg(test)]
mod exported;
mod file_graph;
mod keras;
mod kind;
mod onnx;
mod protobuf;
mod safetensors;
mod tensorflow;
mod tfjs;
mod torch;
mod tracing;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::CheckpointError;
use kind::Kind;

pub use content::Content;
#[allow(unused_imports)]
pub(super) use file_graph::{FileGraph, FileOp, FilePadding, Node, Window};
pub(super) use keras::KerasModel;
pub use protobuf::ProtobufFault;
pub(super) use safetensors::QUANTIZATION_PREFIX;
pub use torch::{PickleFault, ZipFault};

/// Bytes of a piece of a tensor; whole values of any type.
const PIECE: usize = 1 << 16;

/// One file: a safetensors file, a PyTorch state dict, an ONNX or Caffe model, or one of those of TF.js or TensorFlow.
#[derive(Debug)]
pub struct SourceFile {
    /// Name without folders; the files of a model are found by it.
    pub name: String,
    /// Its content.
    pub bytes: Content,
}

/// Element type of a stored tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredType {
    /// IEEE binary32.
    F32,
    /// IEEE binary16.
    F16,
    /// The upper half of a binary32.
    Bf16,
    /// Codes of a quantised tensor.
    U8,
    /// Codes of a quantised tensor.
    U16,
    /// Codes of a quantised tensor, from -128 to 127.
    I8,
    /// IEEE binary64.
    F64,
    /// A type that no weight is stored in, with its size in bytes.
    Other(&'static str, usize),
}

impl StoredType {
    /// Name in the safetensors format.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::Bf16 => "BF16",
            Self::U8 => "U8",
            Self::U16 => "U16",
            Self::I8 => "I8",
            Self::F64 => "F64",
            Self::Other(name, _) => name,
        }
    }

    /// Bytes of one element.
    pub fn size(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 | Self::U16 => 2,
            Self::U8 | Self::I8 => 1,
            Self::F64 => 8,
            Self::Other(_, size) => size,
        }
    }
}

/// A scale and a minimum: codes become numbers by `code * scale + min`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine {
    /// Step between two codes.
    pub scale: f64,
    /// Value of code 0.
    pub min: f64,
}

impl Affine {
    /// The number behind a code.
    pub fn value(self, code: u16) -> f32 {
        self.number(code.into())
    }

    /// The same of a code that may be negative.
    pub fn number(self, code: f64) -> f32 {
        (code * self.scale + self.min) as f32
    }

    /// Whether every code stands for a number that f32 holds.
    pub fn is_finite(&self) -> bool {
        self.value(0).is_finite() && self.value(u16::MAX).is_finite()
    }
}

/// How the codes of a tensor become numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantization {
    /// All of them alike.
    Tensor(Affine),
    /// Each index of the first axis by its own: of a tensor in our files, an output channel.
    Channels(Vec<Affine>),
    /// Each index of the last axis by its own.
    Columns(Vec<Affine>),
}

impl Quantization {
    fn tensor(key: &str, scale: f64, min: f64) -> Result<Self, CheckpointError> {
        let affine = Affine { scale, min };
        match affine.is_finite() {
            true => Ok(Self::Tensor(affine)),
            false => Err(CheckpointError::Quantization {
                key: key.into(),
                reason: format!("scale {scale} and minimum {min} lead beyond the range of f32"),
            }),
        }
    }

    /// One pair for each of the `channels` indices of the first axis.
    fn channels(key: &str, channels: usize, scale: &[f64], min: &[f64]) -> Result<Self, CheckpointError> {
        let fault = |reason| Err(CheckpointError::Quantization { key: key.into(), reason });
        if scale.len() != channels || min.len() != channels {
            let (scales, minima) = (scale.len(), min.len());
            return fault(format!("it has {channels} output channels, but {scales} scales and {minima} minima"));
        }
        let affine: Vec<Affine> = scale.iter().zip(min).map(|(&scale, &min)| Affine { scale, min }).collect();
        match affine.iter().position(|affine| !affine.is_finite()) {
            None => Ok(Self::Channels(affine)),
            Some(i) => fault(format!(
                "scale {} and minimum {} of channel {i} lead beyond the range of f32",
                affine[i].scale, affine[i].min
            )),
        }
    }
}

/// Where a tensor lies.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Element type.
    pub dtype: StoredType,
    /// Shape as stored.
    pub shape: Vec<usize>,
    /// Values from one index to the next, per axis; empty where the last axis varies fastest and nothing lies in between.
    pub strides: Vec<usize>,
    /// How codes become numbers.
    pub quantization: Option<Quantization>,
    /// File and bytes, in order; more than one where a tensor crosses shards.
    segments: Vec<(usize, Range<usize>)>,
}

impl Stored {
    /// Where its last bytes end: the file and the place in it.
    pub fn end(&self) -> (usize, usize) {
        self.segments.last().map_or((0, 0), |(file, range)| (*file, range.end))
    }
}

/// Owned files and the tensors inside them.
#[derive(Debug, Default)]
pub struct TensorFile {
    files: Vec<Content>,
    /// Every tensor by its key.
    pub tensors: BTreeMap<String, Stored>,
    /// `__metadata__` of safetensors, without the `quant:` entries.
    pub metadata: BTreeMap<String, String>,
    /// What a Keras model says of itself.
    pub(super) model: Option<KerasModel>,
    /// The model's operations, where the file says them.
    pub(super) graph: Option<FileGraph>,
}

impl TensorFile {
    /// What all keys begin with, up to each of its dots, shortest first: names that wrappers put in front, such as `module.`.
    pub fn prefixes(&self) -> Vec<String> {
        let mut keys = self.tensors.keys();
        let Some(first) = keys.next() else { return vec![] };
        let shared = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
        let length = keys.map(|key| shared(first, key)).min().unwrap_or(0);
        let dots = first.bytes().enumerate().take(length).filter(|(_, byte)| *byte == b'.');
        dots.map(|(at, _)| first[..=at].to_owned()).collect()
    }

    /// Takes away what all keys begin with.
    pub fn strip(&mut self, prefix: &str) {
        let tensors = std::mem::take(&mut self.tensors);
        let shorter = |key: String| key.strip_prefix(prefix).map_or(key.clone(), str::to_owned);
        self.tensors = tensors.into_iter().map(|(key, stored)| (shorter(key), stored)).collect();
    }

    /// Recognises the format from the content and reads what it describes.
    pub fn read(files: Vec<SourceFile>) -> Result<Self, CheckpointError> {
        let Some(first) = files.first() else { return Err(CheckpointError::NoFile) };
        if let Some(file) = files.iter().find(|f| f.bytes.is_empty()) {
            return Err(CheckpointError::Empty { file: file.name.clone() });
        }
        let named_json = files.iter().position(|f| f.name.ends_with(".json") && is_json(&f.bytes));
        if let Some(model) = named_json {
            return tfjs::read(files, model);
        }
        // Before it is looked for a brace or an angle bracket: either may be the length of a protocol buffer's first field.
        if let Some((kind, at)) = Kind::of(&files) {
            return kind.read(files, at);
        }
        if let Some(model) = files.iter().position(|f| is_json(&f.bytes)) {
            return tfjs::read(files, model);
        }
        reject_foreign(first)?;
        if let Some((kind, at)) = Kind::by_name(&files) {
            return kind.read(files, at);
        }
        if let Some((stem, _)) = first.name.split_once(".data-") {
            return Err(CheckpointError::MissingShard { name: format!("{stem}.index") });
        }
        match <[SourceFile; 1]>::try_from(files) {
            Ok([file]) if torch::plausible(file.bytes.head()) && !safetensors::plausible(&file.bytes) => {
                torch::read(file)
            }
            Ok([file]) => safetensors::read(file),
            Err(files) => Err(CheckpointError::Unsupported {
                file: files[0].name.clone(),
                what: "weights split over several files are read with the file that says what they are: model.json of TF.js, \
                       model.onnx, saved_model.pb or the .index of TensorFlow",
            }),
        }
    }

    /// The bytes of a tensor; copied only where it crosses shards or is not in memory.
    pub fn bytes(&self, stored: &Stored) -> Cow<'_, [u8]> {
        match stored.segments.as_slice() {
            [(file, range)] => self.files[*file].bytes(range.clone()),
            parts => {
                let parts = parts.iter().map(|(file, range)| self.files[*file].bytes(range.clone()));
                Cow::Owned(parts.collect::<Vec<_>>().concat())
            }
        }
    }

    /// The same in pieces of whole values, so that few of them are copied at a time.
    pub fn pieces(&self, stored: &Stored) -> impl Iterator<Item = Cow<'_, [u8]>> {
        let (file, range, whole) = match stored.segments.as_slice() {
            [(file, range)] => (*file, range.clone(), None),
            _ => (0, 0..0, Some(self.bytes(stored))),
        };
        let (starts, end) = (range.clone().step_by(PIECE), range.end);
        whole.into_iter().chain(starts.map(move |start| self.files[file].bytes(start..end.min(start + PIECE))))
    }

    /// Bytes of all tensors.
    pub fn weight_bytes(&self) -> usize {
        self.tensors.values().flat_map(|t| &t.segments).map(|(_, range)| range.len()).sum()
    }
}

fn first_byte(bytes: &[u8]) -> Option<u8> {
    bytes.iter().copied().find(|b| !b.is_ascii_whitespace())
}

/// JSON begins with a brace; a safetensors file does too where its header length ends in 0x7b, so look further.
fn is_json(file: &Content) -> bool {
    first_byte(file.head()) == Some(b'{') && !safetensors::plausible(file)
}

fn reject_foreign(file: &SourceFile) -> Result<(), CheckpointError> {
    let foreign = |what| Err(CheckpointError::Unsupported { file: file.name.clone(), what });
    match file.bytes.head() {
        _ if safetensors::plausible(&file.bytes) => Ok(()),
        [0x89, b'H', b'D', b'F', ..] => {
            foreign("HDF5 files are not read; convert the Keras model with tensorflowjs_converter")
        }
        bytes if first_byte(bytes) == Some(b'<') => {
            Err(CheckpointError::NotWeights { file: file.name.clone(), what: "a web page" })
        }
        _ => Ok(()),
    }
}
