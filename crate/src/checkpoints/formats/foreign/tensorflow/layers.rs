//! Convolutions, pools and linear layers, and what optimisers put into one node with them.

use super::node::Operation;
use super::operators::{activation, flow, weights};
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::FilePadding;
use crate::checkpoints::formats::decode::Axes;
use crate::checkpoints::formats::foreign::tracing::{Constant, FileWindow, NC, Tracer, Value};

/// Whether a node's maps are position by position; none where they are neither that nor channel by channel.
pub(super) fn channels_last(node: &Operation) -> Result<Option<bool>, CheckpointError> {
    Ok(match node.text("data_format")?.as_str() {
        "" | "NHWC" => Some(true),
        "NCHW" => Some(false),
        _ => None,
    })
}

/// The window of a convolution or pool; none for dilations, and steps over pictures or channels.
pub(super) fn window(node: &Operation) -> Result<Option<FileWindow>, CheckpointError> {
    let Some(channels_last) = channels_last(node)? else { return Ok(None) };
    let at = if channels_last { 1 } else { 2 };
    let sides = |numbers: Vec<i64>| match numbers.len() {
        0 => Some(vec![]),
        4 => {
            let elsewhere = (0..4).any(|axis| !(at..at + 2).contains(&axis) && numbers[axis] != 1);
            (!elsewhere).then(|| numbers[at..at + 2].to_vec())
        }
        _ => None,
    };
    let (kernel, stride) = (sides(node.ints("ksize")?), sides(node.ints("strides")?));
    let is_plain = node.ints("dilations")?.iter().all(|&step| step == 1);
    let (Some(kernel), Some(stride), true) = (kernel, stride, is_plain) else { return Ok(None) };
    let (automatic, pads) = match node.text("padding")?.as_str() {
        "SAME" => (Some(FilePadding::Same), vec![]),
        "VALID" => (None, vec![]),
        "EXPLICIT" => {
            let pads = node.ints("explicit_paddings")?;
            let side = |axis: usize, end: usize| pads.get(2 * (at + axis) + end).copied().unwrap_or(-1);
            (None, vec![side(0, 0), side(1, 0), side(0, 1), side(1, 1)])
        }
        _ => return Ok(None),
    };
    Ok(Some(FileWindow { kernel, stride, pads, automatic, ceil: false, channels_last }))
}

pub(super) fn conv(
    tracer: &mut Tracer,
    node: &Operation,
    name: &str,
    inputs: &[Value],
    bias: Option<&Constant>,
) -> Result<Option<Value>, CheckpointError> {
    let (Some(flow), Some(window)) = (flow(inputs, 0), window(node)?) else { return Ok(None) };
    // As many channels as the kernel has, or it works on groups of them.
    let kernel = weights(inputs, 1);
    let read = kernel.and_then(|kernel| kernel.stored.shape.get(2).copied());
    if tracer.channels(flow).is_some_and(|channels| read.is_some_and(|read| read != channels)) {
        return Ok(None);
    }
    Ok(tracer.conv(name, flow, [kernel, bias], Axes::OutputLast, &window))
}

pub(super) fn matmul(
    tracer: &mut Tracer,
    node: &Operation,
    name: &str,
    inputs: &[Value],
    bias: Option<&Constant>,
) -> Result<Option<Value>, CheckpointError> {
    let (Some(flow), Some(matrix)) = (flow(inputs, 0), weights(inputs, 1)) else { return Ok(None) };
    let axes = if node.flag("transpose_b", false)? { Axes::OutputFirst } else { Axes::OutputLast };
    let is_matrix = matrix.stored.shape.len() == 2 && flow.axes.iter().all(|axis| NC.contains(axis));
    let is_plain = is_matrix && !node.flag("transpose_a", false)?;
    Ok(is_plain.then(|| tracer.dense(name, flow, matrix, bias, axes)))
}

/// A convolution with a bias or batch norm, and an activation.
pub(super) fn fused_conv(
    tracer: &mut Tracer,
    node: &Operation,
    name: &str,
    inputs: &[Value],
) -> Result<Option<Value>, CheckpointError> {
    let words = node.texts("fused_ops")?;
    let Some((bias, rest)) = after(&words, inputs) else { return Ok(None) };
    let made = conv(tracer, node, name, inputs, bias)?;
    let norm = matches!(rest.first().map(String::as_str), Some("FusedBatchNorm"));
    let made = match made {
        Some(Value::Flow(flow)) if norm => {
            let parameters = [2, 3, 4, 5].map(|at| weights(inputs, at));
            tracer.norm(name, &flow, parameters, node.float("epsilon", 1e-4)?)
        }
        made => made,
    };
    activated(tracer, node, name, made, &rest[usize::from(norm)..])
}

/// A linear layer with a bias and an activation.
pub(super) fn fused_matmul(
    tracer: &mut Tracer,
    node: &Operation,
    name: &str,
    inputs: &[Value],
) -> Result<Option<Value>, CheckpointError> {
    let words = node.texts("fused_ops")?;
    let Some((bias, rest)) = after(&words, inputs) else { return Ok(None) };
    let made = matmul(tracer, node, name, inputs, bias)?;
    activated(tracer, node, name, made, rest)
}

/// The bias, and the words after it; none where it is no constant.
fn after<'a>(words: &'a [String], inputs: &'a [Value]) -> Option<(Option<&'a Constant>, &'a [String])> {
    match words.split_first() {
        Some((first, rest)) if first == "BiasAdd" => Some((Some(weights(inputs, 2)?), rest)),
        _ => Some((None, words)),
    }
}

/// The activation that the words name.
fn activated(
    tracer: &mut Tracer,
    node: &Operation,
    name: &str,
    made: Option<Value>,
    words: &[String],
) -> Result<Option<Value>, CheckpointError> {
    match (made, words) {
        (Some(Value::Flow(flow)), [word]) => {
            Ok(activation(word, node)?.map(|activation| tracer.activation(name, activation, &flow)))
        }
        (made, []) => Ok(made),
        _ => Ok(None),
    }
}
