//! The folders of `SavedModel`: a graph in `saved_model.pb` (`meta_graph.proto`) whose variables are in a checkpoint beside it.

use super::graph::Walk;
use super::node::Operation;
use super::{LIBRARY, NODES, bundle, table};
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::foreign::protobuf::{Message, Wire};
use crate::checkpoints::formats::foreign::tracing::{Tracer, with_bytes};
use crate::checkpoints::formats::{SourceFile, TensorFile};

/// Where the variables are, from the model's own folder.
const FOLDER: &str = "variables/";
/// Fields that are read.
const META_GRAPHS: u32 = 2;
const INFORMATION: u32 = 1;
const TAGS: u32 = 4;
const GRAPH: u32 = 2;
const SIGNATURES: u32 = 5;
const SIGNATURE_OUTPUTS: u32 = 2;

/// Whether a message is one of version 1 with graphs in it.
pub(in super::super) fn plausible(message: Message) -> bool {
    let mut fields = message.fields();
    let is_version = matches!(fields.next(), Some(Ok((1, Wire::Varint(1)))));
    let Some(Ok((META_GRAPHS, Wire::Bytes(meta)))) = fields.next() else { return false };
    is_version
        && meta.fields().all(|field| matches!(field, Ok((1..=7, Wire::Bytes(_)))))
        && meta.part(GRAPH).is_ok_and(|graph| graph.is_some())
}

/// Reads the model at this position of the files; its variables are among the others.
pub(in super::super) fn read(files: Vec<SourceFile>, at: usize) -> Result<TensorFile, CheckpointError> {
    let file = files[at].name.as_str();
    let fault = |reason: &str| CheckpointError::Header { file: file.into(), reason: reason.into() };
    let message = Message::whole(file, files[at].bytes.head());
    let mut chosen = None;
    for meta in message.each(META_GRAPHS) {
        let meta = meta?;
        let tags = meta
            .part(INFORMATION)?
            .map(|information| information.each(TAGS).collect::<Result<Vec<_>, _>>())
            .transpose()?;
        let serves = tags.into_iter().flatten().any(|tag| tag.bytes == b"serve");
        if chosen.is_none() || serves {
            chosen = Some(meta);
        }
    }
    let Some(meta) = chosen else { return Err(fault("it has no graph")) };
    let Some(graph) = meta.part(GRAPH)? else { return Err(fault("it has no graph")) };
    let nodes = graph.each(NODES).map(|node| Operation::of_message(node?)).collect::<Result<Vec<_>, _>>()?;
    let mut walk = Walk::new(Tracer::new(&files), (file, at), graph.part(LIBRARY)?)?;
    let has_variables = |node: &Operation| matches!(node.word, "VariableV2" | "Variable" | "VarHandleOp");
    match files.iter().position(|file| table::plausible(file.bytes.head())) {
        Some(index) => walk.variables = bundle::read(&files, index, FOLDER)?.into_iter().collect(),
        None if nodes.iter().any(has_variables) => {
            return Err(CheckpointError::MissingShard { name: format!("{FOLDER}variables.index") });
        }
        None => {}
    }
    let answers = answers(meta)?;
    let found = walk.whole(&nodes, &answers)?;
    Ok(with_bytes(found, files))
}

/// What the model answers with when it serves, or by its first signature that answers anything.
fn answers(meta: Message) -> Result<Vec<String>, CheckpointError> {
    let mut chosen = Vec::new();
    for signature in meta.each(SIGNATURES) {
        let signature = signature?;
        let name = signature.text(1)?;
        let outputs = signature.part(2)?.filter(|_| name != "__saved_model_init_op");
        let mut found = Vec::new();
        for output in outputs.into_iter().flat_map(|signature| signature.each(SIGNATURE_OUTPUTS)) {
            if let Some(tensor) = output?.part(2)? {
                found.push(tensor.text(1)?.to_owned());
            }
        }
        if !found.is_empty() && (chosen.is_empty() || name == "serving_default") {
            chosen = found;
        }
    }
    Ok(chosen)
}
