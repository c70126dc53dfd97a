//! Caffe's models (`caffe.proto`): layers with their weights, by the names that they have for one another.

mod layer;
mod operators;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use layer::Layer;

use super::protobuf::{Message, Wire};
use super::tracing::{Flow, NCHW, Tracer, Value, with_bytes};
use super::{SourceFile, TensorFile};
use crate::checkpoints::CheckpointError;
use crate::networks::OutputActivation;

/// Fields of a net.
const OLD_LAYERS: u32 = 2;
const INPUTS: u32 = 3;
const INPUT_SIDES: u32 = 4;
const INPUT_SHAPES: u32 = 8;
const LAYERS: u32 = 100;

/// Said of a net whose data are less a picture that lies in another file.
const MEAN_PICTURE: &str = "a mean picture (`mean_file`), which is another file, was taken from its pictures: the means of ImageNet's channels are \
    taken in its place; the option `preprocess` says otherwise";

/// Whether a message is a net: perhaps a name, then a layer with name and type.
pub(super) fn plausible(message: Message) -> bool {
    for field in message.fields() {
        match field {
            Ok((1 | INPUTS, Wire::Bytes(text))) if text.utf8().is_ok() => {}
            Ok((INPUT_SIDES | 5 | 7, Wire::Varint(_)) | (6 | INPUT_SHAPES, Wire::Bytes(_))) => {}
            Ok((OLD_LAYERS, Wire::Bytes(layer))) => {
                return layer.text(4).is_ok_and(|name| !name.is_empty()) && matches!(layer.int(5), Ok(1..=39));
            }
            Ok((LAYERS, Wire::Bytes(layer))) => {
                return [1, 2].iter().all(|&number| layer.text(number).is_ok_and(|text| !text.is_empty()));
            }
            _ => return false,
        }
    }
    false
}

/// Reads the net at this position of the files.
pub(super) fn read(files: Vec<SourceFile>, at: usize) -> Result<TensorFile, CheckpointError> {
    let read = trace(&files, at)?;
    Ok(with_bytes(read, files))
}

fn trace(files: &[SourceFile], at: usize) -> Result<(TensorFile, Vec<u8>), CheckpointError> {
    let SourceFile { name: file, bytes } = &files[at];
    let net = Message::whole(file, bytes.head());
    let mut tracer = Tracer::new(files);
    let mut values: HashMap<&str, Value> = HashMap::new();
    let sides = inputs(net)?;
    for name in net.each(INPUTS) {
        let name = name?.utf8()?;
        values.insert(name, tracer.picture(name, &sides, false));
    }
    let mut read: HashMap<&str, bool> = HashMap::new();
    let mut of_loss = None;
    let mut has_mean_picture = false;
    for message in net.fields() {
        let layer = match message? {
            (LAYERS, Wire::Bytes(layer)) => Layer::read(layer)?,
            (OLD_LAYERS, Wire::Bytes(layer)) => Layer::read_old(layer)?,
            _ => continue,
        };
        let blobs = layer.blobs(&mut tracer, at)?;
        if !layer.is_for_tests {
            continue;
        }
        has_mean_picture |= !layer.transform.map_or(Ok(""), |transform| transform.text(4))?.is_empty();
        let given: Vec<Value> =
            layer.bottoms.iter().map(|bottom| values.get(bottom).cloned().unwrap_or(Value::Nothing)).collect();
        match layer.word.as_ref() {
            "SoftmaxWithLoss" => of_loss = Some(OutputActivation::Softmax),
            "SigmoidCrossEntropyLoss" => of_loss = Some(OutputActivation::Sigmoid),
            "Accuracy" | "Silence" | "ArgMax" => {}
            word => {
                layer.bottoms.iter().for_each(|bottom| _ = read.insert(bottom, true));
                let made = operators::translate(&mut tracer, &layer, &given, &blobs)?;
                let made = made.unwrap_or_else(|| tracer.other(layer.name, word, &given));
                for (output, top) in layer.tops.iter().enumerate() {
                    // A data layer gives the classes beside the pictures.
                    let is_first = output == 0 || word == "Split";
                    values.insert(top, if is_first { made.clone() } else { Value::Nothing });
                    read.insert(top, false);
                }
            }
        }
    }
    let mut answers: Vec<Flow> = Vec::new();
    for (name, value) in &values {
        if let (Value::Flow(flow), Some(false)) = (value, read.get(name)) {
            answers.push(flow.clone());
        }
    }
    answers.sort_by_key(|flow| flow.node);
    if answers.is_empty() {
        let reason = "none of its answers depends on the picture".into();
        return Err(CheckpointError::Header { file: file.clone(), reason });
    }
    let (mut found, computed) = tracer.finish(&answers, false);
    if let Some(graph) = &mut found.graph {
        graph.of_loss = of_loss;
    }
    if has_mean_picture {
        found.said.push(MEAN_PICTURE.into());
    }
    Ok((found, computed))
}

/// The shape of the picture, where the net says it.
fn inputs(net: Message) -> Result<Vec<Option<i64>>, CheckpointError> {
    let mut sides = net.ints(INPUT_SIDES)?;
    if let Some(shape) = net.part(INPUT_SHAPES)? {
        sides = shape.ints(1)?;
    }
    Ok(if sides.len() == NCHW.len() { sides.into_iter().map(Some).collect() } else { vec![None; NCHW.len()] })
}
