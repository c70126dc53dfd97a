//! ONNX' operators (<https://onnx.ai/onnx/operators/>) in ours, with what versions before the newest did otherwise.

use super::inputs::{bias, weights, window};
use super::node::Operator;
use super::{Values, quantized, tensor};
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::decode::Axes;
use crate::checkpoints::formats::foreign::tracing::{Arithmetic, FilePool, Flow, NC, Tracer, Value};
use crate::checkpoints::formats::{FileOp, SourceFile, StoredType};
use crate::graph::Activation;

/// What a node makes, one value for each output that is used.
pub(super) fn translate(
    tracer: &mut Tracer,
    files: &[SourceFile],
    model: usize,
    node: &Operator,
    values: &Values,
) -> Result<Vec<Value>, CheckpointError> {
    if node.word == "Constant" {
        return Ok(vec![constant(tracer, files, model, node)?]);
    }
    let mut inputs = Vec::with_capacity(node.inputs.len());
    for name in &node.inputs {
        let value = if name.is_empty() { Some(&Value::Nothing) } else { values.get(name) };
        let Some(value) = value else {
            let reason = format!("{} reads {name}, which nothing makes", node.name);
            return Err(CheckpointError::Header { file: files[model].name.clone(), reason });
        };
        inputs.push(value.clone());
    }
    if node.word == "Split" {
        return split(tracer, node, &inputs);
    }
    let made = match quantized::translate(tracer, node, &inputs)? {
        Some(made) => Some(made),
        None => known(tracer, node, &inputs)?,
    };
    match made {
        Some(made) => Ok(vec![made]),
        None => {
            let what = described(tracer, node, &inputs)?;
            Ok(vec![tracer.other(node.name, &what, &inputs)])
        }
    }
}

/// An operator that is not known, with what sets it apart from one that is.
fn described(tracer: &Tracer, node: &Operator, inputs: &[Value]) -> Result<String, CheckpointError> {
    let is_dilated =
        || Ok::<_, CheckpointError>(node.ints("dilations")?.unwrap_or_default().iter().any(|&step| step != 1));
    let aside = match node.word.as_str() {
        "Conv" | "MaxPool" | "AveragePool" if is_dilated()? => " with dilation",
        "Conv" if node.int("group", 1)? != 1 => " in groups",
        "BatchNormalization" | "Dropout" if is_training(tracer, node, inputs)? => " in training mode",
        "Cast" => " to whole numbers",
        _ => "",
    };
    Ok(format!("{}{aside}", node.word))
}

/// Whether a batch norm takes the statistics of its batch, or a dropout drops.
fn is_training(tracer: &Tracer, node: &Operator, inputs: &[Value]) -> Result<bool, CheckpointError> {
    let is_untested = node.opset < 7 && node.has("is_test") && node.int("is_test", 0)? == 0;
    Ok(is_untested
        || match node.word.as_str() {
            "Dropout" => match inputs.get(2) {
                None | Some(Value::Nothing) => false,
                Some(mode) => tracer.number(mode) != Some(0.0),
            },
            // Before version 14, whoever asks for the statistics has them made.
            _ => {
                let beside = node.outputs.iter().skip(1).any(|name| !name.is_empty());
                node.int("training_mode", 0)? != 0 || node.opset < 14 && beside
            }
        })
}

fn flow(inputs: &[Value]) -> Option<&Flow> {
    inputs.first().and_then(|value| if let Value::Flow(flow) = value { Some(flow) } else { None })
}

/// A node that these networks have; none where it is another or does something else.
fn known(tracer: &mut Tracer, node: &Operator, inputs: &[Value]) -> Result<Option<Value>, CheckpointError> {
    let name = node.name;
    let Some(first) = inputs.first() else { return Ok(None) };
    // What the values of the file are brought into, whether they depend on the picture or not.
    match node.word.as_str() {
        "Identity" => return Ok(Some(first.clone())),
        "Dropout" => return Ok((!is_training(tracer, node, inputs)?).then(|| first.clone())),
        "Cast" => return cast(tracer, node, first),
        "Add" | "Sum" | "Sub" | "Mul" | "Div" | "Max" => return arithmetic(tracer, node, inputs),
        "Concat" => return Ok(tracer.concat(name, inputs, node.int("axis", 1)?)),
        "Reshape" => {
            let shape = match node.ints("shape")? {
                Some(shape) => Some(shape.into_iter().map(Some).collect()),
                None => inputs.get(1).and_then(|shape| tracer.sizes(shape)),
            };
            return Ok(shape.and_then(|shape| tracer.reshape(node.output(), first, &shape, false)));
        }
        "Squeeze" => {
            let axes = listed(tracer, node, "axes", inputs, 1)?;
            return Ok(tracer.squeeze(node.output(), first, axes.as_deref()));
        }
        "Unsqueeze" => {
            let axes = listed(tracer, node, "axes", inputs, 1)?;
            return Ok(axes.and_then(|axes| tracer.unsqueeze(node.output(), first, &axes)));
        }
        "Transpose" => return Ok(tracer.transpose(node.output(), first, node.ints("perm")?.as_deref())),
        "Gather" => {
            let Some(constant) = weights(inputs, 1) else { return Ok(None) };
            let is_one = constant.stored.shape.is_empty();
            let Some(indices) = tracer.ints(&inputs[1]) else { return Ok(None) };
            return Ok(tracer.gather(name, first, &indices, node.int("axis", 0)?, is_one));
        }
        "Slice" => return slice(tracer, node, inputs),
        "ReduceProd" => return Ok(matches!(first, Value::Sizes(_)).then(|| Value::Sizes(vec![None]))),
        "Sqrt" | "Neg" | "Reciprocal" => {
            let function = match node.word.as_str() {
                "Sqrt" => f64::sqrt,
                "Neg" => |v: f64| -v,
                _ => f64::recip,
            };
            if let Value::Constant(constant) = first {
                return tracer.map(node.output(), constant, function).map(Some);
            }
        }
        _ => {}
    }
    let Some(flow) = flow(inputs) else { return Ok(None) };
    let opset = node.opset;
    if let Some(activation) = activation(tracer, node, inputs)? {
        return Ok(Some(tracer.activation(name, activation, flow)));
    }
    Ok(match node.word.as_str() {
        "Shape" => (!flow.axes.is_empty()).then(|| Value::Sizes(vec![None; flow.axes.len()])),
        "Conv" => match window(node, true)? {
            Some(window) => bias(inputs, 2)
                .and_then(|bias| tracer.conv(name, flow, [weights(inputs, 1), bias], Axes::OutputFirst, &window)),
            None => None,
        },
        "com.microsoft.FusedConv" => fused_conv(tracer, node, flow, inputs)?,
        "Gemm" => gemm(tracer, node, flow, inputs)?,
        "MatMul" => weights(inputs, 1)
            .filter(|matrix| matrix.stored.shape.len() == 2)
            .map(|matrix| tracer.dense(name, flow, matrix, None, Axes::OutputLast)),
        "BatchNormalization" | "SpatialBN" => {
            let parameters = [1, 2, 3, 4].map(|at| weights(inputs, at));
            let is_plain = node.int("spatial", 1)? == 1 && !is_training(tracer, node, inputs)?;
            let is_by_channel = is_plain && flow.is_channel(1);
            let epsilon = node.float("epsilon", 1e-5)?;
            if is_by_channel { tracer.norm(name, flow, parameters, epsilon) } else { None }
        }
        "MaxPool" => window(node, false)?.and_then(|window| tracer.pool(name, flow, FilePool::Max, &window)),
        "AveragePool" => {
            let pool = FilePool::Average(node.int("count_include_pad", 0)? != 0);
            window(node, false)?.and_then(|window| tracer.pool(name, flow, pool, &window))
        }
        "GlobalAveragePool" | "GlobalMaxPool" | "LRN" if !flow.is_map(false) => None,
        "GlobalAveragePool" => Some(tracer.global(name, FileOp::GlobalAverage, flow)),
        "GlobalMaxPool" => Some(tracer.global(name, FileOp::GlobalMax, flow)),
        "ReduceMean" | "ReduceMax" => {
            let op = if node.word == "ReduceMean" { FileOp::GlobalAverage } else { FileOp::GlobalMax };
            let keeps_axes = node.int("keepdims", 1)? != 0;
            listed(tracer, node, "axes", inputs, 1)?.and_then(|axes| tracer.reduce(name, op, flow, &axes, keeps_axes))
        }
        "LRN" => {
            let size = usize::try_from(node.int("size", 0)?).ok();
            let (alpha, beta, bias) = (node.float("alpha", 1e-4)?, node.float("beta", 0.75)?, node.float("bias", 1.0)?);
            size.map(|size| tracer.same_axes(name, FileOp::Lrn { size, alpha, beta, bias }, flow))
        }
        "Flatten" => match node.int("axis", 1)? {
            1 => tracer.flatten(name, flow, false),
            _ => None,
        },
        "Pad" => pad(tracer, node, flow, inputs)?,
        "Softmax" | "LogSoftmax" => {
            let op = if node.word == "Softmax" { FileOp::Softmax } else { FileOp::LogSoftmax };
            let axis = node.int("axis", if opset < 13 { 1 } else { -1 })?;
            flow.is_channel(axis).then(|| tracer.same_axes(name, op, flow))
        }
        "LpNormalization" => {
            let is_euclidean = node.int("p", 2)? == 2 && flow.axes == NC && flow.is_channel(node.int("axis", -1)?);
            is_euclidean.then(|| tracer.same_axes(name, FileOp::L2Normalize, flow))
        }
        _ => None,
    })
}

/// A function of each value.
fn activation(tracer: &Tracer, node: &Operator, inputs: &[Value]) -> Result<Option<Activation>, CheckpointError> {
    Ok(Some(match node.word.as_str() {
        "Relu" => Activation::Relu,
        "Sigmoid" => Activation::Sigmoid,
        "Tanh" => Activation::Tanh,
        "Softplus" => Activation::Softplus,
        "HardSwish" => Activation::HardSwish,
        "LeakyRelu" => Activation::LeakyRelu(node.float("alpha", 0.01)? as f32),
        "Elu" => Activation::Elu(node.float("alpha", 1.0)? as f32),
        "Selu" if !node.has("alpha") && !node.has("gamma") => Activation::Selu,
        "Gelu" | "com.microsoft.Gelu" if node.text("approximate")? == "tanh" => Activation::GeluTanh,
        "Gelu" | "com.microsoft.Gelu" => Activation::Gelu,
        "Clip" => {
            let bound = |name, at| -> Result<Option<f64>, CheckpointError> {
                let bound = if node.has(name) { Some(node.float(name, 0.0)?) } else { None };
                Ok(bound.or_else(|| inputs.get(at).and_then(|bound| tracer.number(bound))))
            };
            // A bound that is computed is no bound that is known.
            let is_computed = |at| {
                inputs.get(at).is_some_and(|bound| !matches!(bound, Value::Nothing) && tracer.number(bound).is_none())
            };
            if is_computed(1) || is_computed(2) {
                return Ok(None);
            }
            match (bound("min", 1)?, bound("max", 2)?) {
                (Some(0.0), Some(6.0)) => Activation::Relu6,
                (Some(0.0), None) => Activation::Relu,
                (Some(0.0), Some(high)) if high >= f64::from(f32::MAX) => Activation::Relu,
                _ => return Ok(None),
            }
        }
        _ => return Ok(None),
    }))
}

/// Whole numbers of an attribute, or in newer versions of an input.
fn listed(
    tracer: &Tracer,
    node: &Operator,
    name: &str,
    inputs: &[Value],
    at: usize,
) -> Result<Option<Vec<i64>>, CheckpointError> {
    let listed = node.ints(name)?;
    Ok(listed.or_else(|| inputs.get(at).and_then(|value| tracer.ints(value))))
}

/// A convolution with an activation, as onnxruntime saves its optimised models.
fn fused_conv(
    tracer: &mut Tracer,
    node: &Operator,
    flow: &Flow,
    inputs: &[Value],
) -> Result<Option<Value>, CheckpointError> {
    let activation = match node.text("activation")? {
        "Relu" => Activation::Relu,
        "Sigmoid" => Activation::Sigmoid,
        "Tanh" => Activation::Tanh,
        _ => return Ok(None),
    };
    let (Some(window), Some(bias)) = (window(node, true)?, bias(inputs, 2)) else { return Ok(None) };
    // A fourth input is a sum before the activation.
    if inputs.len() > 3 {
        return Ok(None);
    }
    Ok(match tracer.conv(node.name, flow, [weights(inputs, 1), bias], Axes::OutputFirst, &window) {
        Some(Value::Flow(made)) => Some(tracer.activation(node.output(), activation, &made)),
        other => other,
    })
}

fn gemm(tracer: &mut Tracer, node: &Operator, flow: &Flow, inputs: &[Value]) -> Result<Option<Value>, CheckpointError> {
    let is_plain = node.float("alpha", 1.0)? == 1.0 && node.float("beta", 1.0)? == 1.0 && node.int("transA", 0)? == 0;
    let axes = if node.int("transB", 0)? != 0 { Axes::OutputFirst } else { Axes::OutputLast };
    let (Some(matrix), Some(bias)) = (weights(inputs, 1), bias(inputs, 2)) else { return Ok(None) };
    let is_matrix = matrix.stored.shape.len() == 2 && flow.axes.iter().all(|axis| NC.contains(axis));
    Ok((is_plain && is_matrix).then(|| tracer.dense(node.name, flow, matrix, bias, axes)))
}

/// Numbers in another element type; whole numbers of the file become weights only by it.
fn cast(tracer: &mut Tracer, node: &Operator, value: &Value) -> Result<Option<Value>, CheckpointError> {
    match value {
        Value::Constant(constant) if matches!(constant.stored.dtype, StoredType::Other(..)) => {
            tracer.map(node.output(), constant, |v| v).map(Some)
        }
        // What has a fraction would lose it.
        other => {
            let keeps = !node.has("to") || tensor::FRACTIONS.contains(&node.int("to", 1)?) || tracer.is_whole(other);
            Ok(keeps.then(|| other.clone()))
        }
    }
}

fn arithmetic(tracer: &mut Tracer, node: &Operator, inputs: &[Value]) -> Result<Option<Value>, CheckpointError> {
    let what = match node.word.as_str() {
        "Sub" => Arithmetic::Subtract,
        "Mul" => Arithmetic::Multiply,
        "Div" => Arithmetic::Divide,
        "Max" => Arithmetic::Maximum,
        _ => Arithmetic::Add,
    };
    let axis = if node.has("axis") { Some(node.int("axis", 0)?) } else { None };
    let Some((first, rest)) = inputs.split_first() else { return Ok(None) };
    let mut value = first.clone();
    for next in rest {
        value = tracer.arithmetic(node.output(), &node.word, what, [&value, next], axis)?;
    }
    Ok(Some(value))
}

/// Slices along one or more axes, each of which has to be that of channels or taken whole.
fn slice(tracer: &mut Tracer, node: &Operator, inputs: &[Value]) -> Result<Option<Value>, CheckpointError> {
    let (starts, ends) = (listed(tracer, node, "starts", inputs, 1)?, listed(tracer, node, "ends", inputs, 2)?);
    let (Some(starts), Some(ends)) = (starts, ends) else { return Ok(None) };
    let axes = listed(tracer, node, "axes", inputs, 3)?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = inputs.get(4).and_then(|steps| tracer.ints(steps)).unwrap_or_else(|| vec![1; starts.len()]);
    if ends.len() != starts.len() || axes.len() != starts.len() || steps.len() != starts.len() {
        return Ok(None);
    }
    let mut value = inputs[0].clone();
    for (((start, end), axis), step) in starts.into_iter().zip(ends).zip(axes).zip(steps) {
        let Some(sliced) = tracer.slice(node.name, &value, [start, end, step], axis) else { return Ok(None) };
        value = sliced;
    }
    Ok(Some(value))
}

/// Channels in parts.
fn split(tracer: &mut Tracer, node: &Operator, inputs: &[Value]) -> Result<Vec<Value>, CheckpointError> {
    let sizes = listed(tracer, node, "split", inputs, 1)?;
    let count = flow(inputs).and_then(|flow| tracer.channels(flow));
    let evenly =
        count.filter(|count| count % node.outputs.len().max(1) == 0).map(|count| count / node.outputs.len().max(1));
    let (axis, mut begin) = (node.int("axis", 0)?, 0i64);
    let mut parts = Vec::new();
    for at in 0..node.outputs.len() {
        let size = sizes.as_ref().map_or(evenly.map(|size| size as i64), |sizes| sizes.get(at).copied()).unwrap_or(0);
        let end = begin.saturating_add(size);
        let part = inputs.first().and_then(|value| tracer.slice(node.name, value, [begin, end, 1], axis));
        parts.push(part.unwrap_or_else(|| tracer.other(node.name, &node.word, inputs)));
        begin = end;
    }
    Ok(parts)
}

fn pad(tracer: &mut Tracer, node: &Operator, flow: &Flow, inputs: &[Value]) -> Result<Option<Value>, CheckpointError> {
    let attribute = if node.has("paddings") { "paddings" } else { "pads" };
    let Some(pads) = listed(tracer, node, attribute, inputs, 1)? else { return Ok(None) };
    let value = match inputs.get(2) {
        None | Some(Value::Nothing) => Some(node.float("value", 0.0)?),
        Some(value) => tracer.number(value),
    };
    let has_axes = inputs.get(3).is_some_and(|axes| !matches!(axes, Value::Nothing));
    let is_zeros = matches!(node.text("mode")?, "" | "constant") && value == Some(0.0) && !has_axes;
    if !is_zeros || pads.len() != 2 * flow.axes.len() {
        return Ok(None);
    }
    let (before, after) = pads.split_at(flow.axes.len());
    Ok(tracer.pad(node.name, &node.word, flow, before, after))
}

fn constant(
    tracer: &mut Tracer,
    files: &[SourceFile],
    model: usize,
    node: &Operator,
) -> Result<Value, CheckpointError> {
    let name = node.output();
    if let Some(tensor) = node.tensor("value")? {
        let stored = tensor::stored(tracer, files, model, name, tensor)?;
        return tracer.constant(name, stored);
    }
    let numbers: Option<Vec<f64>> = if node.has("value_float") {
        Some(vec![node.float("value_float", 0.0)?])
    } else if node.has("value_int") {
        Some(vec![node.int("value_int", 0)? as f64])
    } else if let Some(floats) = node.floats("value_floats")? {
        Some(floats.into_iter().map(f64::from).collect())
    } else {
        node.ints("value_ints")?.map(|ints| ints.into_iter().map(|v| v as f64).collect())
    };
    let Some(numbers) = numbers else { return Ok(Value::Nothing) };
    let is_one = node.has("value_float") || node.has("value_int");
    let shape = if is_one { vec![] } else { vec![numbers.len()] };
    Ok(Value::Constant(tracer.compute_numbers(name, shape, &numbers)?))
}
