//! ONNX models (<https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>): a protocol buffer with the graph and its tensors; the
//! values of large models lie in files beside it.

mod inputs;
mod node;
mod operators;
mod quantized;
mod tensor;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use node::Operator;

use super::protobuf::{Message, Wire};
use super::tracing::{Flow, Tracer, Value, with_bytes};
use super::{SourceFile, TensorFile};
use crate::checkpoints::CheckpointError;

/// Numbers of the fields that are read.
mod field {
    pub const MODEL_GRAPH: u32 = 7;
    pub const MODEL_OPSETS: u32 = 8;
    pub const OPSET_DOMAIN: u32 = 1;
    pub const OPSET_VERSION: u32 = 2;
    pub const GRAPH_NODES: u32 = 1;
    pub const GRAPH_TENSORS: u32 = 5;
    pub const GRAPH_INPUTS: u32 = 11;
    pub const GRAPH_OUTPUTS: u32 = 12;
    pub const VALUE_NAME: u32 = 1;
    pub const VALUE_TYPE: u32 = 2;
    pub const TYPE_TENSOR: u32 = 1;
    pub const TENSOR_TYPE_ELEMENT: u32 = 1;
    pub const TENSOR_TYPE_SHAPE: u32 = 2;
    pub const SHAPE_DIMENSIONS: u32 = 1;
    pub const DIMENSION_VALUE: u32 = 1;
}

/// Whether a message has the fields of a model: a version, then somewhere a graph.
pub(super) fn plausible(message: Message) -> bool {
    let mut fields = message.fields().map_while(Result::ok);
    matches!(fields.next(), Some((1, Wire::Varint(1..=99))))
        && fields.any(|field| matches!(field, (field::MODEL_GRAPH, Wire::Bytes(_))))
}

/// Values by their names.
type Values<'a> = HashMap<&'a str, Value>;

/// Reads the model at position `model` of the files; the others may hold its values.
pub(super) fn read(files: Vec<SourceFile>, model: usize) -> Result<TensorFile, CheckpointError> {
    let read = trace(&files, model)?;
    Ok(with_bytes(read, files))
}

fn trace(files: &[SourceFile], model: usize) -> Result<(TensorFile, Vec<u8>), CheckpointError> {
    let SourceFile { name: file, bytes } = &files[model];
    let fault = |reason: String| CheckpointError::Header { file: file.clone(), reason };
    let message = Message::whole(file, bytes.head());
    let Some(graph) = message.part(field::MODEL_GRAPH)? else { return Err(fault("it has no graph".into())) };
    let mut tracer = Tracer::new(files);
    let mut values = Values::new();
    for tensor in graph.each(field::GRAPH_TENSORS) {
        let tensor = tensor?;
        let name = tensor.text(tensor::NAME)?;
        let stored = tensor::stored(&mut tracer, files, model, name, tensor)?;
        values.insert(name, tracer.constant(name, stored)?);
    }
    // In old files the weights are inputs too.
    for input in graph.each(field::GRAPH_INPUTS) {
        let input = input?;
        let name = input.text(field::VALUE_NAME)?;
        if !values.contains_key(name) {
            values.insert(name, picture(&mut tracer, name, input)?);
        }
    }
    let opset = opset(message)?;
    for node in graph.each(field::GRAPH_NODES) {
        let node = Operator::read(node?, opset)?;
        let made = operators::translate(&mut tracer, files, model, &node, &values)?;
        for (name, value) in node.outputs.iter().zip(made) {
            if !name.is_empty() && values.insert(name, value).is_some() {
                return Err(fault(format!("{name} is made twice")));
            }
        }
    }
    let mut answers: Vec<Flow> = Vec::new();
    for output in graph.each(field::GRAPH_OUTPUTS) {
        if let Some(Value::Flow(flow)) = values.get(output?.text(field::VALUE_NAME)?) {
            answers.push(flow.clone());
        }
    }
    match answers.is_empty() {
        true => Err(fault("none of its answers depends on the picture".into())),
        false => Ok(tracer.finish(&answers, true)),
    }
}

/// The version of ONNX' own operators.
fn opset(model: Message) -> Result<i64, CheckpointError> {
    let mut found = 1;
    for opset in model.each(field::MODEL_OPSETS) {
        let opset = opset?;
        if matches!(opset.text(field::OPSET_DOMAIN)?, "" | "ai.onnx") {
            found = opset.int(field::OPSET_VERSION)?;
        }
    }
    Ok(found)
}

/// An input by its shape: channel by channel unless only the last axis can be that of colours.
fn picture(tracer: &mut Tracer, name: &str, input: Message) -> Result<Value, CheckpointError> {
    let tensor = input.part(field::VALUE_TYPE)?.map(|of| of.part(field::TYPE_TENSOR)).transpose()?.flatten();
    let element = tensor.map_or(Ok(0), |of| of.int(field::TENSOR_TYPE_ELEMENT))?;
    let shape = tensor.map(|of| of.part(field::TENSOR_TYPE_SHAPE)).transpose()?.flatten();
    let mut sides = Vec::new();
    for side in shape.into_iter().flat_map(|shape| shape.each(field::SHAPE_DIMENSIONS)).take(8) {
        sides.push(Some(side?.int(field::DIMENSION_VALUE)?).filter(|&side| side > 0));
    }
    let is_colours = |at: usize| matches!(sides.get(at), Some(Some(1..=4)));
    let channels_last = is_colours(3) && !is_colours(1);
    let picture = tracer.picture(name, &sides, channels_last);
    Ok(if tensor::WHOLE.contains(&element) { tracer.of_bytes(picture) } else { picture })
}
