//! Which format a file is in, of those that other files may go with, by what stands in it.

use super::protobuf::Message;
use super::{Format, SourceFile, TensorFile, onnx, safetensors, tensorflow};
use crate::checkpoints::CheckpointError;

/// A format of a protocol buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// ONNX.
    Onnx,
    /// A graph of TensorFlow.
    Graph,
}

impl Kind {
    /// The kind of the file that the others belong to, and its position; none where there is no such file.
    pub fn of(files: &[SourceFile]) -> Option<(Self, usize)> {
        [Self::Onnx, Self::Graph]
            .into_iter()
            .find_map(|kind| Some((kind, files.iter().position(|file| kind.is(file))?)))
    }

    fn is(self, file: &SourceFile) -> bool {
        let message = Message::whole(&file.name, file.bytes.head());
        match self {
            _ if safetensors::plausible(&file.bytes) => false,
            Self::Onnx => onnx::plausible(message),
            Self::Graph => tensorflow::is_graph(message),
        }
    }

    /// Reads the file at this position with the others.
    pub fn read(self, files: Vec<SourceFile>, at: usize) -> Result<TensorFile, CheckpointError> {
        let (format, file) = match self {
            Self::Onnx => (Format::Onnx, onnx::read(files, at)),
            Self::Graph => (Format::GraphDef, tensorflow::read_graph(files, at)),
        };
        Ok(TensorFile { format, ..file? })
    }
}
