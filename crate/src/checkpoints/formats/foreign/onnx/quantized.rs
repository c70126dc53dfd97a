//! Operators on codes instead of numbers: weights are read as what their codes stand for, and rounding between layers is left out.

use super::inputs::{bias, weights, window};
use super::node::Operator;
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::decode::Axes;
use crate::checkpoints::formats::foreign::tracing::{Arithmetic, Constant, FilePool, Flow, Tracer, Value, whole_axis};
use crate::checkpoints::formats::{Affine, FileOp, Quantization, Stored, StoredType};
use crate::graph::Activation;

/// A node that works on codes; none where it is another.
pub(super) fn translate(
    tracer: &mut Tracer,
    node: &Operator,
    inputs: &[Value],
) -> Result<Option<Value>, CheckpointError> {
    let (name, output) = (node.name, node.output());
    let flow =
        |at: usize| inputs.get(at).and_then(|value| if let Value::Flow(flow) = value { Some(flow) } else { None });
    let word = node.word.strip_prefix("com.microsoft.").unwrap_or(&node.word);
    Ok(match (word, flow(0)) {
        ("QuantizeLinear", Some(flow)) => Some(clipped(tracer, name, flow, inputs.get(2))),
        // Weights that are still numbers, as training with quantisation in mind leaves them.
        ("QuantizeLinear" | "DequantizeLinear", None) if weights(inputs, 0).is_some_and(is_of_numbers) => {
            inputs.first().cloned()
        }
        ("DequantizeLinear", Some(flow)) => Some(Value::Flow(flow.clone())),
        ("DequantizeLinear", None) => match weights(inputs, 0) {
            Some(codes) => dequantized(tracer, output, codes, inputs.get(1), inputs.get(2), node.int("axis", 1)?)?,
            None => None,
        },
        ("QLinearConv", Some(flow)) => {
            let (Some(codes), Some(bias)) = (weights(inputs, 3), bias(inputs, 8)) else { return Ok(None) };
            let kernel = dequantized(tracer, &codes.key, codes, inputs.get(4), inputs.get(5), 0)?;
            let bias = bias.map(|bias| whole_bias(tracer, bias, [inputs.get(1), inputs.get(4)])).transpose()?.flatten();
            let (Some(Value::Constant(kernel)), Some(window)) = (kernel, window(node, true)?) else { return Ok(None) };
            let made = tracer.conv(name, flow, [Some(&kernel), bias.as_ref()], Axes::OutputFirst, &window);
            clipped_made(tracer, output, made, inputs.get(7))
        }
        ("QLinearMatMul", Some(flow)) => {
            let Some(codes) = weights(inputs, 3) else { return Ok(None) };
            let matrix = dequantized(tracer, &codes.key, codes, inputs.get(4), inputs.get(5), 1)?;
            let Some(Value::Constant(matrix)) = matrix else { return Ok(None) };
            let made = tracer.dense(name, flow, &matrix, None, Axes::OutputLast);
            clipped_made(tracer, output, Some(made), inputs.get(7))
        }
        ("QGemm", Some(flow)) => {
            let is_plain = node.float("alpha", 1.0)? == 1.0 && node.int("transA", 0)? == 0;
            let (Some(codes), Some(bias), true) = (weights(inputs, 3), bias(inputs, 6), is_plain) else {
                return Ok(None);
            };
            let (axes, axis) = if node.int("transB", 0)? != 0 { (Axes::OutputFirst, 0) } else { (Axes::OutputLast, 1) };
            let matrix = dequantized(tracer, &codes.key, codes, inputs.get(4), inputs.get(5), axis)?;
            let bias = bias.map(|bias| whole_bias(tracer, bias, [inputs.get(1), inputs.get(4)])).transpose()?.flatten();
            let Some(Value::Constant(matrix)) = matrix else { return Ok(None) };
            let made = tracer.dense(name, flow, &matrix, bias.as_ref(), axes);
            clipped_made(tracer, output, Some(made), inputs.get(8))
        }
        ("QLinearAdd" | "QLinearMul", _) if inputs.len() >= 6 => {
            let mut terms = Vec::new();
            for at in [0, 3] {
                terms.push(match &inputs[at] {
                    Value::Constant(codes) => {
                        dequantized(tracer, &codes.key, codes, inputs.get(at + 1), inputs.get(at + 2), 1)?
                            .unwrap_or(Value::Nothing)
                    }
                    value => value.clone(),
                });
            }
            let what = if word == "QLinearAdd" { Arithmetic::Add } else { Arithmetic::Multiply };
            let made = tracer.arithmetic(name, word, what, [&terms[0], &terms[1]], None)?;
            clipped_made(tracer, output, Some(made), inputs.get(7))
        }
        ("QLinearConcat", _) => {
            let values: Vec<Value> = inputs.iter().skip(2).step_by(3).cloned().collect();
            tracer.concat(name, &values, node.int("axis", 1)?)
        }
        ("QLinearGlobalAveragePool", Some(flow)) if node.int("channels_last", 0)? == 0 => {
            Some(tracer.global(name, FileOp::GlobalAverage, flow))
        }
        ("QLinearAveragePool", Some(flow)) if node.int("channels_last", 0)? == 0 => {
            let pool = FilePool::Average(node.int("count_include_pad", 0)? != 0);
            window(node, false)?.and_then(|window| tracer.pool(name, flow, pool, &window))
        }
        ("QLinearSigmoid", Some(flow)) => Some(tracer.activation(name, Activation::Sigmoid, flow)),
        ("QLinearLeakyRelu", Some(flow)) => {
            let slope = node.float("alpha", 0.01)? as f32;
            Some(tracer.activation(name, Activation::LeakyRelu(slope), flow))
        }
        ("QLinearSoftmax", Some(flow)) if flow.is_channel(node.int("axis", -1)?) => {
            Some(tracer.same_axes(name, FileOp::Softmax, flow))
        }
        _ => None,
    })
}

fn is_of_numbers(constant: &Constant) -> bool {
    matches!(constant.stored.dtype, StoredType::F32 | StoredType::F16)
}

/// Codes whose zero is their least value cut negative numbers off: that is how quantisers write a ReLU.
fn clipped(tracer: &mut Tracer, name: &str, flow: &Flow, zero: Option<&Value>) -> Value {
    let dtype = zero.and_then(|zero| if let Value::Constant(zero) = zero { Some(zero.stored.dtype) } else { None });
    let least = match dtype {
        Some(StoredType::I8) => -128.0,
        _ => 0.0,
    };
    let zero = match zero {
        None | Some(Value::Nothing) => Some(0.0),
        Some(zero) => tracer.number(zero),
    };
    let cuts = zero == Some(least) && !tracer.is_positive(flow) && !tracer.is_picture(flow);
    if cuts { tracer.activation(name, Activation::Relu, flow) } else { Value::Flow(flow.clone()) }
}

fn clipped_made(tracer: &mut Tracer, name: &str, made: Option<Value>, zero: Option<&Value>) -> Option<Value> {
    Some(match made? {
        Value::Flow(flow) => clipped(tracer, name, &flow, zero),
        other => other,
    })
}

/// Codes with what they stand for: by one scale, or one for each index of an axis.
fn dequantized(
    tracer: &mut Tracer,
    key: &str,
    codes: &Constant,
    scale: Option<&Value>,
    zero: Option<&Value>,
    axis: i64,
) -> Result<Option<Value>, CheckpointError> {
    let Some(Value::Constant(scale)) = scale else { return Ok(None) };
    let scale_zero = zero.and_then(|zero| if let Value::Constant(zero) = zero { Some(zero) } else { None });
    let zeros = scale_zero.map_or(Some(vec![0.0]), |zero| tracer.numbers(zero));
    let (Some(scales), Some(zeros)) = (tracer.numbers(scale), zeros) else { return Ok(None) };
    let count = scales.len();
    let zero = |at: usize| if zeros.len() == 1 { Some(&zeros[0]) } else { zeros.get(at) };
    [Some(scale), scale_zero].into_iter().flatten().for_each(|constant| tracer.fold(constant));
    let minima: Option<Vec<f64>> = scales.iter().enumerate().map(|(at, scale)| Some(-zero(at)? * scale)).collect();
    let Some(minima) = minima else { return Ok(None) };
    let shape = &codes.stored.shape;
    let axis = whole_axis(axis, shape.len());
    let quantization = match (count, axis) {
        (1, _) => Quantization::tensor(key, scales[0], minima[0])?,
        (_, Some(0)) => Quantization::channels(key, shape[0], &scales, &minima)?,
        (_, Some(last)) if last + 1 == shape.len() && shape[last] == count => {
            let Quantization::Channels(columns) = Quantization::channels(key, count, &scales, &minima)? else {
                return Ok(None);
            };
            Quantization::Columns(columns)
        }
        _ => return Ok(None),
    };
    if matches!(codes.stored.dtype, StoredType::U8 | StoredType::I8 | StoredType::U16) {
        tracer.fold(codes);
        let stored = Stored { quantization: Some(quantization), ..codes.stored.clone() };
        return Ok(Some(Value::Constant(Constant { key: key.into(), stored })));
    }
    // A bias of whole numbers.
    let Some(numbers) = tracer.numbers(codes) else { return Ok(None) };
    let of = |at: usize| match &quantization {
        Quantization::Tensor(affine) => Some(*affine),
        Quantization::Channels(affine) | Quantization::Columns(affine) if numbers.len() == count => {
            affine.get(at).copied()
        }
        _ => None,
    };
    let values: Option<Vec<f64>> = numbers
        .iter()
        .enumerate()
        .map(|(at, number)| of(at).map(|Affine { scale, min }| number * scale + min))
        .collect();
    let Some(values) = values else { return Ok(None) };
    let shape = codes.stored.shape.clone();
    Ok(Some(Value::Constant(tracer.compute_numbers(key, shape, &values)?)))
}

/// A bias in steps of the scales of the map and of the kernel.
fn whole_bias(
    tracer: &mut Tracer,
    bias: &Constant,
    scales: [Option<&Value>; 2],
) -> Result<Option<Constant>, CheckpointError> {
    let [Some(Value::Constant(map)), Some(Value::Constant(kernel))] = scales else { return Ok(None) };
    let (Some(map), Some(kernel), Some(codes)) = (tracer.numbers(map), tracer.numbers(kernel), tracer.numbers(bias))
    else {
        return Ok(None);
    };
    let scale = |at: usize| Some(map.first()? * if kernel.len() == 1 { &kernel[0] } else { kernel.get(at)? });
    let numbers: Option<Vec<f64>> = codes.iter().enumerate().map(|(at, code)| Some(code * scale(at)?)).collect();
    let Some(numbers) = numbers else { return Ok(None) };
    tracer.compute_numbers(&bias.key, bias.stored.shape.clone(), &numbers).map(Some)
}
