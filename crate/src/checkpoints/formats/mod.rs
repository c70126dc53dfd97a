//! File formats: bytes to named tensors, nothing decoded before it is asked for and nothing copied.
//! Enters: the files a user gave. Leaves: a [`TensorFile`], or an error that says what is wrong with the bytes.

mod content;
pub(super) mod decode;
#[cfg(feature = "formats")]
pub(super) mod foreign;
mod safetensors;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::CheckpointError;
#[cfg(feature = "formats")]
use super::ZipFault;

pub use content::Content;
#[cfg(feature = "formats")]
pub(super) use foreign::{FileGraph, FileOp, FilePadding, Node, Window};
pub(super) use safetensors::QUANTIZATION_PREFIX;

/// Bytes of a piece of a tensor; whole values of any type.
const PIECE: usize = 1 << 16;

/// One file: a safetensors file, a PyTorch state dict, an ONNX or Caffe model, a Keras model or its weights, or one of the files of
/// TF.js or TensorFlow.
#[derive(Debug)]
pub struct SourceFile {
    /// Name without folders; the files of a model are found by it.
    pub name: String,
    /// Its content.
    pub bytes: Content,
}

/// A file's format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// safetensors.
    #[default]
    Safetensors,
    /// What `torch.save` or `torch.jit.save` writes.
    Torch,
    /// A TF.js layers model.
    TfjsLayers,
    /// A TF.js graph model.
    TfjsGraph,
    /// Keras in HDF5.
    KerasHdf5,
    /// Keras 3's own archive.
    Keras,
    /// ONNX.
    Onnx,
    /// A frozen TensorFlow graph.
    GraphDef,
    /// TensorFlow's SavedModel.
    SavedModel,
    /// A TensorFlow checkpoint.
    TensorFlowCheckpoint,
    /// Caffe's weights.
    Caffe,
}

impl Format {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Safetensors => "safetensors",
            Self::Torch => "PyTorch",
            Self::TfjsLayers => "TF.js layers model",
            Self::TfjsGraph => "TF.js graph model",
            Self::KerasHdf5 => "Keras HDF5",
            Self::Keras => "Keras 3 archive",
            Self::Onnx => "ONNX",
            Self::GraphDef => "TensorFlow GraphDef",
            Self::SavedModel => "TensorFlow SavedModel",
            Self::TensorFlowCheckpoint => "TensorFlow checkpoint",
            Self::Caffe => "Caffe",
        }
    }

    /// Whether Keras wrote it: its models then end with what their last layer says, and take pictures as Keras does.
    pub fn is_keras(self) -> bool {
        matches!(self, Self::TfjsLayers | Self::KerasHdf5 | Self::Keras)
    }
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

/// A module of a PyTorch program that was saved whole.
#[cfg(feature = "formats")]
#[derive(Clone, Debug, PartialEq)]
pub struct TorchModule {
    /// Its place, as keys begin; empty for the whole.
    pub path: String,
    /// Its class, without the module of Python that it is from.
    pub class: String,
    /// The numbers and switches that are set on it; of pairs each side, as `stride.0` and `stride.1`.
    pub numbers: BTreeMap<String, f64>,
}

/// Owned files and the tensors inside them.
#[derive(Debug, Default)]
pub struct TensorFile {
    /// Their format.
    pub format: Format,
    files: Vec<Content>,
    /// Every tensor by its key.
    pub tensors: BTreeMap<String, Stored>,
    /// `__metadata__` of safetensors, without the `quant:` entries.
    pub metadata: BTreeMap<String, String>,
    /// The modules of a PyTorch program that was saved whole, each before those within it.
    #[cfg(feature = "formats")]
    pub(super) modules: Vec<TorchModule>,
    /// Whether the file holds a program beside its modules: TorchScript.
    #[cfg(feature = "formats")]
    pub(super) is_script: bool,
    /// Where the tensors stand in the file and, after it, where other sets of the same names stand.
    #[cfg(feature = "formats")]
    pub(super) sets: Vec<String>,
    /// The model's operations, where the file says them.
    #[cfg(feature = "formats")]
    pub(super) graph: Option<FileGraph>,
    /// The keys in the file's order, where that is the order in which modules were made.
    #[cfg(feature = "formats")]
    pub(super) order: Vec<String>,
    /// Tensors of the other state dicts and modules in the file, by their whole paths.
    #[cfg(feature = "formats")]
    pub(super) beside: BTreeMap<String, Stored>,
    /// What the file calls its classes, and where it says so.
    #[cfg(feature = "formats")]
    pub(super) classes: Option<(String, Vec<String>)>,
    /// What its reader assumed, in sentences.
    #[cfg(feature = "formats")]
    pub(super) said: Vec<String>,
    /// Where the classifier's modules lie that is not at the network's own place.
    #[cfg(feature = "formats")]
    pub(super) head: Vec<String>,
    /// Name of the archive, and the checksums of its entries.
    #[cfg(feature = "formats")]
    name: String,
    #[cfg(feature = "formats")]
    checks: Vec<foreign::Checked>,
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
        #[cfg(feature = "formats")]
        for key in &mut self.order {
            *key = shorter(std::mem::take(key));
        }
        #[cfg(feature = "formats")]
        self.strip_modules(prefix);
    }

    /// The same of the modules alone.
    #[cfg(feature = "formats")]
    pub(super) fn strip_modules(&mut self, prefix: &str) {
        for module in &mut self.modules {
            // The network itself stands where the prefix ends.
            let path = format!("{}.", module.path);
            module.path =
                path.strip_prefix(prefix).map_or(path.clone(), str::to_owned).trim_end_matches('.').to_owned();
        }
    }

    /// Tensors of a file without its bytes, to be recognised.
    #[cfg(feature = "formats")]
    pub(super) fn of(tensors: BTreeMap<String, Stored>) -> Self {
        Self { tensors, ..Self::default() }
    }

    /// Holds an archive's entries against their checksums: a damaged weight is a weight too.
    #[cfg(feature = "formats")]
    pub(super) fn check(&self) -> Result<(), CheckpointError> {
        let [archive, ..] = self.files.as_slice() else { return Ok(()) };
        match foreign::Checked::are_whole(&self.checks, archive.head()) {
            true => Ok(()),
            false => Err(CheckpointError::Zip { file: self.name.clone(), fault: ZipFault::Checksum }),
        }
    }

    /// Recognises the format from the content and reads what it describes.
    pub fn read(files: Vec<SourceFile>) -> Result<Self, CheckpointError> {
        if files.is_empty() {
            return Err(CheckpointError::NoFile);
        }
        if let Some(file) = files.iter().find(|f| f.bytes.is_empty()) {
            return Err(CheckpointError::Empty { file: file.name.clone() });
        }
        #[cfg(feature = "formats")]
        let files = match foreign::read(files)? {
            foreign::Outcome::Read(file) => return Ok(*file),
            foreign::Outcome::None(files) => files,
        };
        let is_page = |file: &SourceFile| first_byte(file.bytes.head()) == Some(b'<');
        if let Some(page) = files.iter().find(|file| is_page(file) && !safetensors::plausible(&file.bytes)) {
            return Err(CheckpointError::NotWeights { file: page.name.clone(), what: "a web page" });
        }
        match <[SourceFile; 1]>::try_from(files) {
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

    /// Adds a vector of one value, for what a file leaves out.
    pub(super) fn add_constant(&mut self, key: &str, value: f32, count: usize) {
        self.add(key, vec![count], std::iter::repeat_n(value, count));
    }

    /// Adds a tensor of values that no file has.
    pub(super) fn add(&mut self, key: &str, shape: Vec<usize>, values: impl Iterator<Item = f32>) {
        let bytes: Vec<u8> = values.flat_map(f32::to_le_bytes).collect();
        let segments = vec![(self.files.len(), 0..bytes.len())];
        self.files.push(bytes.into());
        let stored = Stored { dtype: StoredType::F32, shape, strides: vec![], quantization: None, segments };
        self.tensors.insert(key.into(), stored);
    }

    /// Bytes of all tensors.
    pub fn weight_bytes(&self) -> usize {
        self.tensors.values().flat_map(|t| &t.segments).map(|(_, range)| range.len()).sum()
    }
}

fn first_byte(bytes: &[u8]) -> Option<u8> {
    bytes.iter().copied().find(|b| !b.is_ascii_whitespace())
}
