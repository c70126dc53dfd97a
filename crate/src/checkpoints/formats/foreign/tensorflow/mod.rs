//! TensorFlow's files: graphs with their weights in them (frozen `GraphDef`s), SavedModels, checkpoints, and the graphs of TF.js.

mod bundle;
mod checksum;
mod graph;
mod layers;
mod moves;
mod node;
mod operators;
pub(super) mod saved_model;
mod slices;
mod snappy;
pub(super) mod table;
mod tensor;
#[cfg(test)]
mod tests;

pub(super) use graph::Walk;
pub(super) use node::Operation;

use super::protobuf::{Message, Wire};
use super::tracing::{Tracer, with_bytes};
use super::{SourceFile, TensorFile};
use crate::checkpoints::CheckpointError;

/// Fields of a graph.
const NODES: u32 = 1;
const LIBRARY: u32 = 2;

/// Whether a message begins with a node, as a graph does.
pub(super) fn is_graph(message: Message) -> bool {
    let Some(Ok((NODES, Wire::Bytes(node)))) = message.fields().next() else { return false };
    let is_name = |number| node.text(number).is_ok_and(|name| !name.is_empty());
    let is_field = |field| matches!(field, Ok((1..=3, Wire::Bytes(_)) | (4 | 5 | 7, Wire::Bytes(_))));
    is_name(1) && is_name(2) && node.fields().all(is_field)
}

/// Reads a graph that holds its weights, or has them in a checkpoint beside it.
pub(super) fn read_graph(files: Vec<SourceFile>, at: usize) -> Result<TensorFile, CheckpointError> {
    let SourceFile { name, bytes } = &files[at];
    let graph = Message::whole(name, bytes.head());
    let nodes = graph.each(NODES).map(|node| Operation::of_message(node?)).collect::<Result<Vec<_>, _>>()?;
    let mut walk = Walk::new(Tracer::new(&files), (name, at), graph.part(LIBRARY)?)?;
    if let Some(index) = files.iter().position(|file| table::plausible(file.bytes.head())) {
        walk.variables = bundle::read(&files, index, "")?.into_iter().collect();
    }
    let found = walk.whole(&nodes, &[])?;
    Ok(with_bytes(found, files))
}

/// Reads a checkpoint by its table, without the graph that it is of.
pub(super) fn read_checkpoint(files: Vec<SourceFile>, at: usize) -> Result<TensorFile, CheckpointError> {
    if slices::plausible(&files, at)? {
        return slices::read(files, at);
    }
    let tensors = bundle::read(&files, at, "")?;
    Ok(TensorFile { files: files.into_iter().map(|file| file.bytes).collect(), tensors, ..TensorFile::default() })
}
