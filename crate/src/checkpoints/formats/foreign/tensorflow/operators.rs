//! TensorFlow's operations (`tensorflow/core/ops`) in ours.

use super::graph::Walk;
use super::layers::{channels_last, conv, fused_conv, fused_matmul, matmul, window};
use super::moves::{concat, parts, slice, strided_slice};
use super::node::Operation;
use super::tensor;
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::foreign::tracing::{Arithmetic, Constant, FilePool, Flow, NHWC, Tracer, Value};
use crate::checkpoints::formats::{FileOp, Quantization, Stored, StoredType};
use crate::graph::Activation;

/// What a node makes, one value for each output that is used.
pub(super) fn translate(
    walk: &mut Walk,
    node: &Operation,
    name: &str,
    inputs: Vec<Value>,
) -> Result<Vec<Value>, CheckpointError> {
    let first = inputs.first().cloned().unwrap_or(Value::Nothing);
    Ok(match node.word {
        "Const" => vec![constant(walk, node, name)?],
        "VariableV2" | "Variable" | "VarHandleOp" => vec![variable(walk, node, name)?],
        "Placeholder" => vec![placeholder(walk, node, name)?],
        "IdentityN" => inputs,
        // A condition that depends on nothing asks whether this is training.
        "Switch" | "RefSwitch" if !matches!(inputs.get(1), Some(Value::Flow(_))) => {
            match inputs.get(1).and_then(|condition| walk.tracer.number(condition)) {
                Some(condition) if condition != 0.0 => vec![Value::Nothing, first],
                _ => vec![first],
            }
        }
        "Merge" | "RefMerge" => {
            let there = |value: &Value| !matches!(value, Value::Nothing);
            vec![inputs.into_iter().find(there).unwrap_or(Value::Nothing)]
        }
        "Split" | "SplitV" | "Unpack" => parts(walk, node, name, &inputs)?,
        "ArgMax" | "TopK" | "TopKV2" | "HistogramSummary" | "ScalarSummary" | "ImageSummary" => vec![],
        _ => {
            let tracer = &mut walk.tracer;
            match known(tracer, node, name, &inputs)? {
                Some(known) => vec![known],
                None => vec![tracer.other(name, &described(node)?, &inputs)],
            }
        }
    })
}

/// An operation that is not known, with what sets it apart from one that is.
fn described(node: &Operation) -> Result<String, CheckpointError> {
    let is_dilated = || Ok::<_, CheckpointError>(node.ints("dilations")?.iter().any(|&step| step != 1));
    let aside = match node.word {
        word if word.starts_with("FakeQuant") => {
            ", which training for quantisation rounds with: export the graph without it"
        }
        word if word.ends_with("Conv2D") && is_dilated()? => " with dilation",
        word if word.starts_with("FusedBatchNorm") && node.flag("is_training", true)? => " in training mode",
        "Cast" => " to whole numbers",
        _ if channels_last(node)? == Some(false) => " with channels first",
        _ => "",
    };
    Ok(format!("{}{aside}", node.word))
}

fn constant(walk: &mut Walk, node: &Operation, name: &str) -> Result<Value, CheckpointError> {
    let stored = match node.tensor("value")? {
        Some(value) => tensor::stored(&mut walk.tracer, walk.position, name, value)?,
        None => walk.variables.get(name).cloned(),
    };
    stored.map_or(Ok(Value::Nothing), |stored| walk.tracer.constant(name, stored))
}

/// A variable by its name, or by the one that it shares with others.
fn variable(walk: &mut Walk, node: &Operation, name: &str) -> Result<Value, CheckpointError> {
    let shared = node.text("shared_name")?;
    let found = [shared.as_str(), node.name].into_iter().find_map(|key| Some((key, walk.variables.get(key)?.clone())));
    Ok(match found {
        Some((key, stored)) => Value::Constant(Constant { key: key.into(), stored }),
        None => match node.int("dtype", 0)? {
            tensor::STRING | tensor::BOOL => Value::Nothing,
            _ => walk.tracer.other(name, node.word, &[]),
        },
    })
}

fn placeholder(walk: &mut Walk, node: &Operation, name: &str) -> Result<Value, CheckpointError> {
    if matches!(node.int("dtype", 1)?, tensor::STRING | tensor::BOOL) {
        return Ok(Value::Nothing);
    }
    let shape = node.shape("shape")?;
    let is_colours = |at: usize| matches!(shape.get(at), Some(Some(1..=4)));
    let picture = walk.tracer.picture(name, &shape, !is_colours(1) || is_colours(3));
    let is_whole = tensor::WHOLE.contains(&node.int("dtype", 1)?);
    Ok(if is_whole { walk.tracer.of_bytes(picture) } else { picture })
}

pub(super) fn flow(inputs: &[Value], at: usize) -> Option<&Flow> {
    inputs.get(at).and_then(|value| if let Value::Flow(flow) = value { Some(flow) } else { None })
}

pub(super) fn weights(inputs: &[Value], at: usize) -> Option<&Constant> {
    inputs.get(at).and_then(|value| if let Value::Constant(constant) = value { Some(constant) } else { None })
}

/// A node that these networks have; none where it is another or does something else.
fn known(
    tracer: &mut Tracer,
    node: &Operation,
    name: &str,
    inputs: &[Value],
) -> Result<Option<Value>, CheckpointError> {
    if node.word.starts_with("Decode") && node.word.len() > 6 && !matches!(inputs.first(), Some(Value::Flow(_))) {
        let channels = usize::try_from(node.int("channels", 0)?).ok().filter(|&channels| channels > 0);
        let picture = tracer.input(name, None, channels, &NHWC[1..]);
        return Ok(Some(tracer.of_bytes(picture)));
    }
    let Some(first) = inputs.first() else { return Ok(None) };
    match node.word {
        "Identity"
        | "StopGradient"
        | "CheckNumerics"
        | "PreventGradient"
        | "Snapshot"
        | "EnsureShape"
        | "ReadVariableOp"
        | "PlaceholderWithDefault"
        | "Enter" => {
            return Ok(Some(first.clone()));
        }
        "Cast" => return cast(tracer, node, name, first),
        "Add" | "AddV2" | "AddN" | "Sub" | "Mul" | "RealDiv" | "Div" | "Maximum" => {
            return arithmetic(tracer, node, name, inputs);
        }
        "ConcatV2" | "Concat" => return Ok(concat(tracer, node, name, inputs)),
        "Pack" => {
            let sizes: Option<Vec<_>> = inputs.iter().map(|value| tracer.sizes(value)).collect();
            return Ok(sizes
                .filter(|sizes| sizes.iter().all(|size| size.len() == 1))
                .map(|sizes| Value::Sizes(sizes.concat())));
        }
        "Reshape" => {
            let shape = inputs.get(1).and_then(|shape| tracer.sizes(shape));
            return Ok(shape.and_then(|shape| tracer.reshape(name, first, &shape, true)));
        }
        "Squeeze" => {
            let mut axes = node.ints("squeeze_dims")?;
            axes.extend(node.ints("axis")?);
            return Ok(tracer.squeeze(name, first, Some(&axes[..]).filter(|axes| !axes.is_empty())));
        }
        "ExpandDims" => {
            let axes = inputs.get(1).and_then(|axes| tracer.ints(axes));
            return Ok(axes.and_then(|axes| tracer.unsqueeze(name, first, &axes)));
        }
        "Transpose" => {
            let order = inputs.get(1).and_then(|order| tracer.ints(order));
            return Ok(order.and_then(|order| tracer.transpose(name, first, Some(&order))));
        }
        "GatherV2" | "Gather" => {
            let is_one = weights(inputs, 1).is_some_and(|indices| indices.stored.shape.is_empty());
            let indices = inputs.get(1).and_then(|indices| tracer.ints(indices));
            let axis = inputs.get(2).map_or(Some(0.0), |axis| tracer.number(axis)).map(|axis| axis as i64);
            return Ok(indices
                .zip(axis)
                .and_then(|(indices, axis)| tracer.gather(name, first, &indices, axis, is_one)));
        }
        "StridedSlice" => return strided_slice(tracer, node, name, inputs),
        "Slice" => return Ok(slice(tracer, name, inputs)),
        "Rsqrt" | "Sqrt" | "Neg" | "Reciprocal" | "Inv" => {
            if let Value::Constant(constant) = first {
                let function = match node.word {
                    "Rsqrt" => |v: f64| v.sqrt().recip(),
                    "Sqrt" => f64::sqrt,
                    "Neg" => |v: f64| -v,
                    _ => f64::recip,
                };
                return tracer.map(name, constant, function).map(Some);
            }
        }
        "Prod" => return Ok(matches!(first, Value::Sizes(_)).then(|| Value::Sizes(vec![None]))),
        "Dequantize" => return dequantize(tracer, node, name, inputs),
        _ => {}
    }
    let Some(flow) = flow(inputs, 0) else { return Ok(None) };
    if let Some(activation) = activation(node.word, node)? {
        return Ok(Some(tracer.activation(name, activation, flow)));
    }
    // What works on channels finds them where the node says.
    let channels = if channels_last(node)? == Some(false) { 1 } else { -1 };
    let on_channels = ["BiasAdd", "BiasAddV1", "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", "LRN"];
    if on_channels.contains(&node.word) && !flow.is_channel(channels) {
        return Ok(None);
    }
    Ok(match node.word {
        "Shape" => (!flow.axes.is_empty()).then(|| Value::Sizes(vec![None; flow.axes.len()])),
        "Conv2D" => conv(tracer, node, name, inputs, None)?,
        "_FusedConv2D" | "FusedConv2D" => fused_conv(tracer, node, name, inputs)?,
        "_FusedMatMul" => fused_matmul(tracer, node, name, inputs)?,
        "MatMul" => matmul(tracer, node, name, inputs, None)?,
        "BiasAdd" | "BiasAddV1" => weights(inputs, 1).map(|bias| tracer.shifted(name, flow, bias)),
        "FusedBatchNorm" | "FusedBatchNormV2" | "FusedBatchNormV3" => {
            let parameters = [1, 2, 3, 4].map(|at| weights(inputs, at));
            let epsilon = node.float("epsilon", 1e-4)?;
            match node.flag("is_training", true)? {
                true => None,
                false => tracer.norm(name, flow, parameters, epsilon),
            }
        }
        "BatchNormWithGlobalNormalization" => {
            let scales = node.flag("scale_after_normalization", false)?;
            let gamma = weights(inputs, 4).filter(|_| scales);
            let parameters = [gamma, weights(inputs, 3), weights(inputs, 1), weights(inputs, 2)];
            tracer.norm(name, flow, parameters, node.float("variance_epsilon", 0.0)?)
        }
        "MaxPool" => window(node)?.and_then(|window| tracer.pool(name, flow, FilePool::Max, &window)),
        "AvgPool" => window(node)?.and_then(|window| tracer.pool(name, flow, FilePool::Average(false), &window)),
        "Mean" | "Max" => {
            let op = if node.word == "Mean" { FileOp::GlobalAverage } else { FileOp::GlobalMax };
            let keeps_axes = node.flag("keep_dims", false)? || node.flag("keepdims", false)?;
            let axes = inputs.get(1).and_then(|axes| tracer.ints(axes));
            let mut flow = flow.clone();
            // Of axes that are not known, these are said to be those of positions.
            if flow.axes.is_empty() && axes.as_deref() == Some(&[1, 2]) {
                flow.axes = NHWC.to_vec();
            }
            axes.and_then(|axes| tracer.reduce(name, op, &flow, &axes, keeps_axes))
        }
        "LRN" => {
            let radius = usize::try_from(node.int("depth_radius", 5)?).ok().filter(|&radius| radius < 1 << 15);
            let (alpha, beta, bias) = (node.float("alpha", 1.0)?, node.float("beta", 0.5)?, node.float("bias", 1.0)?);
            radius.map(|radius| {
                let size = 2 * radius + 1;
                // The sum of squares is scaled, not their mean.
                tracer.same_axes(name, FileOp::Lrn { size, alpha: alpha * size as f64, beta, bias }, flow)
            })
        }
        "Pad" | "PadV2" => {
            let pads = weights(inputs, 1).and_then(|pads| tracer.numbers(pads));
            let zero = inputs.get(2).map_or(Some(0.0), |value| tracer.number(value)) == Some(0.0);
            pads.filter(|pads| zero && pads.len() == 2 * flow.axes.len()).and_then(|pads| {
                let side = |at: usize| pads.iter().skip(at).step_by(2).map(|&zeros| zeros as i64).collect::<Vec<_>>();
                tracer.pad(name, node.word, flow, &side(0), &side(1))
            })
        }
        "Softmax" => flow.is_channel(-1).then(|| tracer.same_axes(name, FileOp::Softmax, flow)),
        "LogSoftmax" => flow.is_channel(-1).then(|| tracer.same_axes(name, FileOp::LogSoftmax, flow)),
        "ResizeBilinear" | "ResizeNearestNeighbor" | "ResizeBicubic" | "ResizeArea" => {
            let size = inputs.get(1).and_then(|size| tracer.ints(size));
            let size = size
                .and_then(|size| Some([usize::try_from(*size.first()?).ok()?, usize::try_from(*size.get(1)?).ok()?]));
            // How a picture gets its size is for whoever gives it.
            tracer.resized(flow, size).then(|| Value::Flow(flow.clone()))
        }
        _ => None,
    })
}

/// A function of each value, by its name.
pub(super) fn activation(word: &str, node: &Operation) -> Result<Option<Activation>, CheckpointError> {
    Ok(Some(match word {
        "Relu" => Activation::Relu,
        "Relu6" => Activation::Relu6,
        "Elu" => Activation::Elu(1.0),
        "Selu" => Activation::Selu,
        "Sigmoid" => Activation::Sigmoid,
        "Tanh" => Activation::Tanh,
        "Softplus" => Activation::Softplus,
        "LeakyRelu" if node.word == "LeakyRelu" => Activation::LeakyRelu(node.float("alpha", 0.2)? as f32),
        "LeakyRelu" => Activation::LeakyRelu(node.float("leakyrelu_alpha", 0.2)? as f32),
        _ => return Ok(None),
    }))
}

/// Numbers in another element type; whole numbers of the file become weights only by it.
fn cast(tracer: &mut Tracer, node: &Operation, name: &str, value: &Value) -> Result<Option<Value>, CheckpointError> {
    match value {
        Value::Constant(constant) if matches!(constant.stored.dtype, StoredType::Other(..)) => {
            tracer.map(name, constant, |v| v).map(Some)
        }
        // What has a fraction would lose it.
        other => {
            let keeps = tensor::FRACTIONS.contains(&node.int("DstT", 1)?) || tracer.is_whole(other);
            Ok(keeps.then(|| other.clone()))
        }
    }
}

fn arithmetic(
    tracer: &mut Tracer,
    node: &Operation,
    name: &str,
    inputs: &[Value],
) -> Result<Option<Value>, CheckpointError> {
    let what = match node.word {
        "Sub" => Arithmetic::Subtract,
        "Mul" => Arithmetic::Multiply,
        "RealDiv" | "Div" => Arithmetic::Divide,
        "Maximum" => Arithmetic::Maximum,
        _ => Arithmetic::Add,
    };
    let Some((first, rest)) = inputs.split_first() else { return Ok(None) };
    let mut value = first.clone();
    for next in rest {
        value = tracer.arithmetic(name, node.word, what, [&value, next], None)?;
    }
    Ok(Some(value))
}

/// Codes between a least and a greatest number.
fn dequantize(
    tracer: &mut Tracer,
    node: &Operation,
    name: &str,
    inputs: &[Value],
) -> Result<Option<Value>, CheckpointError> {
    let bounds = [1, 2].map(|at| inputs.get(at).and_then(|bound| tracer.number(bound)));
    let (Some(codes), [Some(low), Some(high)]) = (weights(inputs, 0), bounds) else { return Ok(None) };
    let is_plain = matches!(node.text("mode")?.as_str(), "" | "MIN_COMBINED" | "MIN_FIRST");
    if codes.stored.dtype != StoredType::U8 || !is_plain {
        return Ok(None);
    }
    let quantization = Some(Quantization::tensor(name, (high - low) / 255.0, low)?);
    tracer.fold(codes);
    let stored = Stored { quantization, ..codes.stored.clone() };
    Ok(Some(Value::Constant(Constant { key: name.into(), stored })))
}
