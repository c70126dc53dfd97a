//! Caffe's layers (<https://caffe.berkeleyvision.org/tutorial/layers.html>) in our operations.

use super::layer::Layer;
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::FileOp;
use crate::checkpoints::formats::decode::Axes;
use crate::checkpoints::formats::foreign::protobuf::Wire;
use crate::checkpoints::formats::foreign::tracing::{
    Arithmetic, Constant, FilePool, FileWindow, Flow, NCHW, Tracer, Value, decimal,
};
use crate::graph::Activation;

/// What a layer makes; none where these networks have no such layer.
pub(super) fn translate(
    tracer: &mut Tracer,
    layer: &Layer,
    inputs: &[Value],
    blobs: &[Constant],
) -> Result<Option<Value>, CheckpointError> {
    let name = layer.name;
    let word = layer.word.as_ref();
    match word {
        "Data" | "ImageData" | "MemoryData" | "HDF5Data" | "DummyData" | "WindowData" | "Input" => {
            return picture(tracer, layer).map(Some);
        }
        "Concat" => {
            let axis = layer.setting(2)?.or(layer.setting(1)?).unwrap_or(1);
            return Ok(tracer.concat(name, inputs, axis));
        }
        "Eltwise" => return sum(tracer, layer, inputs),
        _ => {}
    }
    let Some(Value::Flow(flow)) = inputs.first() else { return Ok(None) };
    let [first, second] = [blobs.first(), blobs.get(1)];
    Ok(match word {
        "Split" | "Dropout" => Some(Value::Flow(flow.clone())),
        "Convolution" => window(layer, &CONVOLUTION)?
            .and_then(|window| tracer.conv(name, flow, [first, second], Axes::OutputFirst, &window)),
        "InnerProduct" => dense(tracer, layer, flow, first, second)?,
        "Pooling" => pool(tracer, layer, flow)?,
        "ReLU" => {
            let slope = layer.float(1, 0.0)?;
            let activation = if slope == 0.0 { Activation::Relu } else { Activation::LeakyRelu(slope as f32) };
            Some(tracer.activation(name, activation, flow))
        }
        "ELU" => Some(tracer.activation(name, Activation::Elu(layer.float(1, 1.0)? as f32), flow)),
        "Sigmoid" => Some(tracer.activation(name, Activation::Sigmoid, flow)),
        "TanH" => Some(tracer.activation(name, Activation::Tanh, flow)),
        "LRN" if layer.setting(4)?.unwrap_or(0) == 0 => {
            let size = usize::try_from(layer.setting(1)?.unwrap_or(5)).ok();
            let (alpha, beta, bias) = (layer.float(2, 1.0)?, layer.float(3, 0.75)?, layer.float(5, 1.0)?);
            size.map(|size| tracer.same_axes(name, FileOp::Lrn { size, alpha, beta, bias }, flow))
        }
        "BatchNorm" => batch_norm(tracer, layer, flow, blobs)?,
        "Scale" => {
            let Some(scale) = first else { return Ok(None) };
            match (
                tracer.arithmetic(
                    name,
                    word,
                    Arithmetic::Multiply,
                    [&inputs[0], &Value::Constant(scale.clone())],
                    Some(1),
                )?,
                second,
            ) {
                (Value::Flow(scaled), Some(shift)) => Some(tracer.shifted(name, &scaled, shift)),
                (scaled, _) => Some(scaled),
            }
        }
        "Power" if layer.float(1, 1.0)? == 1.0 => {
            let (scale, shift) = (layer.float(2, 1.0)?, layer.float(3, 0.0)?);
            Some(tracer.same_axes(name, FileOp::Affine { scale: vec![scale], shift: vec![shift] }, flow))
        }
        "Flatten" => tracer.flatten(name, flow, false),
        "Softmax" => {
            let axis = layer.setting(2)?.unwrap_or(1);
            flow.is_channel(axis).then(|| tracer.same_axes(name, FileOp::Softmax, flow))
        }
        _ => None,
    })
}

/// What reads the pictures: as large as it cuts them, less their mean, times a factor.
fn picture(tracer: &mut Tracer, layer: &Layer) -> Result<Value, CheckpointError> {
    let shape = layer.settings.filter(|_| layer.word == "Input").map_or(Ok(None), |settings| settings.part(1))?;
    let sides = match shape {
        Some(shape) => shape.ints(1)?.into_iter().map(Some).collect(),
        None => {
            let crop = layer.transform.map_or(Ok(None), |transform| transform.maybe(3))?;
            vec![None, None, crop, crop]
        }
    };
    let sides = if sides.len() == NCHW.len() { sides } else { vec![None; NCHW.len()] };
    let picture = tracer.picture(layer.name, &sides, false);
    let (Some(transform), Value::Flow(flow)) = (layer.transform, &picture) else { return Ok(picture) };
    let factor = transform.maybe_float(1)?.map_or(1.0, decimal);
    let mut means = Vec::new();
    for field in transform.fields() {
        if let (5, Wire::Fixed32(bytes)) = field? {
            means.push(decimal(f32::from_le_bytes(bytes)));
        }
    }
    if means.is_empty() && factor == 1.0 {
        return Ok(picture);
    }
    let shift = if means.is_empty() { vec![0.0] } else { means.iter().map(|mean| 0.0 - mean * factor).collect() };
    let name = format!("{}/transform_param", layer.name);
    Ok(tracer.same_axes(&name, FileOp::Affine { scale: vec![factor], shift }, flow))
}

/// Fields of a window's settings: both sides, height, width of kernel, stride and padding.
struct Fields {
    kernel: [u32; 3],
    stride: [u32; 3],
    pad: [u32; 3],
}

const CONVOLUTION: Fields = Fields { kernel: [4, 11, 12], stride: [6, 13, 14], pad: [3, 9, 10] };
const POOLING: Fields = Fields { kernel: [2, 5, 6], stride: [3, 7, 8], pad: [4, 9, 10] };

/// The window of a convolution or pool; none for groups and dilations.
fn window(layer: &Layer, fields: &Fields) -> Result<Option<FileWindow>, CheckpointError> {
    let sides = |[both, height, width]: [u32; 3], otherwise: i64| -> Result<Vec<i64>, CheckpointError> {
        let both = layer.settings.map_or(Ok(vec![]), |settings| settings.ints(both))?;
        Ok(match (layer.setting(height)?, layer.setting(width)?, &both[..]) {
            (None, None, []) => vec![otherwise; 2],
            (None, None, &[side]) => vec![side; 2],
            (None, None, sides) => sides.to_vec(),
            (height, width, _) => vec![height.unwrap_or(otherwise), width.unwrap_or(otherwise)],
        })
    };
    let is_conv = layer.word == "Convolution";
    let dilations = if is_conv { layer.settings.map_or(Ok(vec![]), |settings| settings.ints(18))? } else { vec![] };
    let is_plain = dilations.iter().all(|&step| step == 1) && (!is_conv || layer.setting(5)?.unwrap_or(1) == 1);
    let pads = sides(fields.pad, 0)?;
    // Pools let the last window hang over unless they are told not to.
    let ceil = !is_conv && layer.setting(13)?.unwrap_or(0) == 0;
    let (kernel, stride) = (sides(fields.kernel, 0)?, sides(fields.stride, 1)?);
    let window =
        FileWindow { kernel, stride, pads: [&pads[..], &pads].concat(), automatic: None, ceil, channels_last: false };
    Ok(is_plain.then_some(window))
}

fn pool(tracer: &mut Tracer, layer: &Layer, flow: &Flow) -> Result<Option<Value>, CheckpointError> {
    let (pool, op) = match layer.setting(1)?.unwrap_or(0) {
        0 => (FilePool::Max, FileOp::GlobalMax),
        // The padding counts.
        1 => (FilePool::Average(true), FileOp::GlobalAverage),
        _ => return Ok(None),
    };
    if layer.setting(12)?.unwrap_or(0) != 0 {
        return Ok(Some(tracer.global(layer.name, op, flow)));
    }
    Ok(window(layer, &POOLING)?.and_then(|window| tracer.pool(layer.name, flow, pool, &window)))
}

/// A linear layer over whole maps.
fn dense(
    tracer: &mut Tracer,
    layer: &Layer,
    flow: &Flow,
    matrix: Option<&Constant>,
    bias: Option<&Constant>,
) -> Result<Option<Value>, CheckpointError> {
    let Some(matrix) = matrix.filter(|matrix| matrix.stored.shape.len() == 2) else { return Ok(None) };
    if layer.setting(5)?.unwrap_or(1) != 1 || layer.setting(6)?.unwrap_or(0) != 0 {
        return Ok(None);
    }
    let Some(Value::Flow(flat)) = tracer.flatten(&format!("{}/flat", layer.name), flow, false) else { return Ok(None) };
    Ok(Some(tracer.dense(layer.name, &flat, matrix, bias, Axes::OutputFirst)))
}

/// Sums of statistics, which a third tensor makes means of.
fn batch_norm(
    tracer: &mut Tracer,
    layer: &Layer,
    flow: &Flow,
    blobs: &[Constant],
) -> Result<Option<Value>, CheckpointError> {
    let [mean, variance, factor] = blobs else { return Ok(None) };
    let epsilon = layer.float(3, 1e-5)?;
    if tracer.is_all(factor, 1.0) {
        tracer.fold(factor);
        return Ok(tracer.norm(layer.name, flow, [None, None, Some(mean), Some(variance)], epsilon));
    }
    let mut means = Vec::new();
    for sum in [mean, variance] {
        match tracer.combine(&sum.key, |sum, factor| sum / factor, sum, factor)? {
            Value::Constant(mean) => means.push(mean),
            _ => return Ok(None),
        }
    }
    Ok(tracer.norm(layer.name, flow, [None, None, Some(&means[0]), Some(&means[1])], epsilon))
}

/// A sum, of which the second of two may be scaled.
fn sum(tracer: &mut Tracer, layer: &Layer, inputs: &[Value]) -> Result<Option<Value>, CheckpointError> {
    let factors = layer.settings.map(|settings| settings.fixed(2)).transpose()?;
    let factors = factors.as_ref().map_or(&[][..], |factors| factors.bytes()).as_chunks::<4>().0;
    let (Some((first, rest)), 1) = (inputs.split_first(), layer.setting(1)?.unwrap_or(1)) else { return Ok(None) };
    let scaled = |tracer: &mut Tracer, at: usize, value: &Value| match (factors.get(at), value) {
        (Some(&factor), Value::Flow(flow)) if f32::from_le_bytes(factor) != 1.0 => {
            let affine = FileOp::Affine { scale: vec![decimal(f32::from_le_bytes(factor))], shift: vec![0.0] };
            tracer.same_axes(layer.name, affine, flow)
        }
        _ => value.clone(),
    };
    let mut sum = scaled(tracer, 0, first);
    for (at, value) in rest.iter().enumerate() {
        let value = scaled(tracer, at + 1, value);
        sum = tracer.arithmetic(layer.name, &layer.word, Arithmetic::Add, [&sum, &value], None)?;
    }
    Ok(Some(sum))
}
