//! Which format a file is in, of those that other files may go with, by what stands in it.

use super::protobuf::Message;
use super::{Format, SourceFile, TensorFile, caffe, hdf5, is_page, onnx, safetensors, stranger, tensorflow, torch};
use crate::checkpoints::CheckpointError;

/// A format of a protocol buffer, or of a table of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// ONNX.
    Onnx,
    /// A SavedModel of TensorFlow.
    SavedModel,
    /// A graph of TensorFlow.
    Graph,
    /// A net of Caffe.
    Caffe,
    /// A checkpoint of TensorFlow.
    Checkpoint,
}

impl Kind {
    /// In the order in which they are looked for: others may belong to the first.
    const ALL: [Self; 5] = [Self::Onnx, Self::SavedModel, Self::Graph, Self::Caffe, Self::Checkpoint];

    /// The kind of the file that the others belong to, and its position; none where there is no such file.
    pub fn of(files: &[SourceFile]) -> Option<(Self, usize)> {
        Self::ALL.into_iter().find_map(|kind| Some((kind, files.iter().position(|file| kind.is(file))?)))
    }

    /// The same by what their names end in, for files that are damaged; what begins as something else is none, whatever its name.
    pub fn by_name(files: &[SourceFile]) -> Option<(Self, usize)> {
        Self::ALL.into_iter().find_map(|kind| Some((kind, files.iter().position(|file| kind.is_named(file))?)))
    }

    fn is_named(self, file: &SourceFile) -> bool {
        let bytes = file.bytes.head();
        let is_other =
            is_page(file) || hdf5::plausible(bytes) || torch::plausible(bytes) || stranger::of(bytes).is_some();
        file.name.ends_with(self.ending()) && !is_other
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Onnx => ".onnx",
            Self::SavedModel => "saved_model.pb",
            Self::Graph => ".pb",
            Self::Caffe => ".caffemodel",
            Self::Checkpoint => ".index",
        }
    }

    /// A damaged SavedModel is one all the same: without it its variables would be read as a checkpoint.
    fn is(self, file: &SourceFile) -> bool {
        let message = Message::whole(&file.name, file.bytes.head());
        match self {
            _ if safetensors::plausible(&file.bytes) => false,
            Self::Onnx => onnx::plausible(message),
            Self::SavedModel if self.is_named(file) => !tensorflow::is_graph(message),
            Self::SavedModel => tensorflow::saved_model::plausible(message),
            Self::Graph => tensorflow::is_graph(message),
            Self::Caffe => caffe::plausible(message),
            Self::Checkpoint => tensorflow::table::plausible(message.bytes),
        }
    }

    /// Reads the file at this position with the others.
    pub fn read(self, files: Vec<SourceFile>, at: usize) -> Result<TensorFile, CheckpointError> {
        let (format, file) = match self {
            Self::Onnx => (Format::Onnx, onnx::read(files, at)),
            Self::SavedModel => (Format::SavedModel, tensorflow::saved_model::read(files, at)),
            Self::Graph => (Format::GraphDef, tensorflow::read_graph(files, at)),
            Self::Caffe => (Format::Caffe, caffe::read(files, at)),
            Self::Checkpoint => (Format::TensorFlowCheckpoint, tensorflow::read_checkpoint(files, at)),
        };
        Ok(TensorFile { format, ..file? })
    }
}
