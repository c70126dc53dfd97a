use std::borrow::Cow;
use std::collections::BTreeMap;

use half::f16;
use serde_json::{Map, Value, json};

use super::decode::Axes;
use super::dialects::own_key;
use super::formats::{Affine, QUANTIZATION_PREFIX, Quantization, Stored, StoredType};
use super::metadata::{UNTRAINED, check_labels};
use super::quantize::quantize;
use super::{Checkpoint, CheckpointError, Metadata, Param};
use crate::networks::OutputActivation;

/// Element type of a written file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dtype {
    /// IEEE binary32.
    F32,
    /// IEEE binary16 for weights; vectors (biases, batch norm) keep their precision.
    F16,
    /// Affine codes for weights, with a scale and a minimum for each output channel; vectors keep their precision.
    U8,
}

/// One tensor of the file to be written.
struct Planned<'a> {
    key: String,
    layer: &'a str,
    param: Param,
    shape: &'a [usize],
    stored: &'a Stored,
    /// `None`: as it is stored.
    target: Option<Dtype>,
    dtype: StoredType,
    quantization: Option<Quantization>,
    /// The codes of a tensor that is quantised now.
    codes: Vec<u8>,
}

/// Writes one of our own files: safetensors, public layer names, OIHW, nothing folded.
///
/// Without `dtype` every tensor keeps its element type. With it, tensors that have it already, codes included, pass through
/// unchanged. `overrides` replaces what the checkpoint says about itself. The same input gives the same bytes.
///
/// # Errors
/// Those of [`Checkpoint::read`]; labels that do not fit the classes; weights beyond the range of f16.
pub fn convert(
    checkpoint: &Checkpoint,
    dtype: Option<Dtype>,
    overrides: &Metadata,
) -> Result<Vec<u8>, CheckpointError> {
    check_labels(&overrides.labels, checkpoint.options.classes(), checkpoint.class_offset)?;
    let mut tensors = Vec::new();
    for (layer, params) in &checkpoint.weights {
        for (&param, weight) in params {
            let (_, stored) = checkpoint.stored(layer, param)?;
            tensors.push(plan(checkpoint, layer, param, &weight.shape, stored, dtype));
        }
    }
    quantize_all(checkpoint, &mut tensors)?;
    tensors.sort_by(|a, b| b.dtype.size().cmp(&a.dtype.size()).then_with(|| a.key.cmp(&b.key)));

    let mut header = Map::new();
    header.insert("__metadata__".into(), metadata(checkpoint, overrides, &tensors));
    let mut end = 0;
    for tensor in &tensors {
        let begin = end;
        end += tensor.shape.iter().product::<usize>() * tensor.dtype.size();
        let entry = json!({ "dtype": tensor.dtype.name(), "shape": tensor.shape, "data_offsets": [begin, end] });
        header.insert(tensor.key.clone(), entry);
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');

    let mut out = Vec::with_capacity(8 + header.len() + end);
    out.extend((header.len() as u64).to_le_bytes());
    out.extend(header);
    for tensor in &tensors {
        write(checkpoint, tensor, &mut out)?;
    }
    Ok(out)
}

fn plan<'a>(
    checkpoint: &'a Checkpoint,
    layer: &'a str,
    param: Param,
    shape: &'a [usize],
    stored: &'a Stored,
    dtype: Option<Dtype>,
) -> Planned<'a> {
    let codes = matches!(stored.dtype, StoredType::U8 | StoredType::I8 | StoredType::U16);
    // Scales along an axis that is not the first one in our order, or codes that our files do not have.
    let moved = match stored.quantization {
        Some(Quantization::Channels(_)) => checkpoint.axes == Axes::OutputLast,
        Some(Quantization::Columns(_)) => true,
        _ => stored.dtype == StoredType::I8,
    };
    let target = match (dtype, stored.dtype) {
        (None | Some(Dtype::U8), _) if moved => Some(if shape.len() > 1 { Dtype::U8 } else { Dtype::F32 }),
        (None, StoredType::F64) => Some(Dtype::F32),
        (None, _) | (Some(Dtype::F32), StoredType::F32) => None,
        (Some(Dtype::F16), StoredType::F16) | (Some(Dtype::U8), StoredType::U8) => None,
        (Some(dtype), _) if shape.len() > 1 || dtype == Dtype::F32 => Some(dtype),
        (Some(_), _) => codes.then_some(Dtype::F32),
    };
    // Bytes in another order than the shape says are not copied as they are.
    let target = match (target, stored.dtype) {
        (None, _) if stored.strides.is_empty() => None,
        (None, StoredType::F16) => Some(Dtype::F16),
        (None, _) => Some(Dtype::F32),
        (target, _) => target,
    };
    let (written, quantization) = match target {
        None => (stored.dtype, stored.quantization.clone()),
        Some(Dtype::F32) => (StoredType::F32, None),
        Some(Dtype::F16) => (StoredType::F16, None),
        // Known once the values are read.
        Some(Dtype::U8) => (StoredType::U8, None),
    };
    let key = own_key(layer, param);
    Planned { key, layer, param, shape, stored, target, dtype: written, quantization, codes: vec![] }
}

/// Finds codes, scales and minima of the tensors that are to have them.
fn quantize_all(checkpoint: &Checkpoint, tensors: &mut [Planned]) -> Result<(), CheckpointError> {
    let mut due: Vec<_> = tensors.iter_mut().filter(|tensor| tensor.target == Some(Dtype::U8)).collect();
    let size = |shape: &[usize]| shape.iter().product::<usize>().max(1);
    let mean = due.iter().map(|tensor| size(tensor.shape)).sum::<usize>() as f64 / due.len() as f64;
    for tensor in &mut due {
        let values = checkpoint.read(tensor.layer, tensor.param)?;
        let [_, of_output @ ..] = tensor.shape else { continue };
        let kernel = size(of_output.get(1..).unwrap_or_default());
        let (channels, codes) = quantize(&values, size(of_output), kernel, size(tensor.shape) as f64 / mean);
        if !channels.iter().all(Affine::is_finite) {
            return Err(CheckpointError::NotFinite { layer: tensor.layer.into(), key: tensor.key.clone() });
        }
        tensor.quantization = Some(Quantization::Channels(channels));
        tensor.codes = codes;
    }
    Ok(())
}

fn metadata(checkpoint: &Checkpoint, overrides: &Metadata, tensors: &[Planned]) -> Value {
    let mut fields = BTreeMap::new();
    fields.insert("network".to_owned(), checkpoint.network.id.to_owned());
    let preprocess = overrides.preprocess.as_ref().unwrap_or(&checkpoint.preprocess);
    if checkpoint.options.activation != OutputActivation::Softmax {
        fields.insert("activation".into(), json!(checkpoint.options.activation).as_str().unwrap_or_default().into());
    }
    fields.insert("preprocess".into(), json!(preprocess).to_string());
    let labels = overrides.labels.as_ref().or(checkpoint.labels.as_ref()).map(|labels| labels.to_text());
    let text = |new: &Option<String>, old: &Option<String>| new.as_ref().or(old.as_ref()).cloned();
    for (field, value) in [
        ("title", text(&overrides.title, &checkpoint.title)),
        ("labels", labels),
        ("source", text(&overrides.source, &checkpoint.source)),
        ("license", text(&overrides.license, &checkpoint.license)),
        ("auxiliary", (!checkpoint.auxiliary_trained).then(|| UNTRAINED.to_owned())),
    ] {
        fields.extend(value.map(|value| (field.to_owned(), value)));
    }
    for tensor in tensors {
        if let Some(quantization) = &tensor.quantization {
            fields.insert(format!("{QUANTIZATION_PREFIX}{}", tensor.key), text_of(quantization));
        }
    }
    json!(fields)
}

/// The form that `quant:` entries have in a file.
fn text_of(quantization: &Quantization) -> String {
    let list = |channels: &[Affine], number: fn(&Affine) -> f64| {
        channels.iter().map(|affine| shortest(number(affine))).collect::<Vec<_>>().join(",")
    };
    match quantization {
        Quantization::Tensor(Affine { scale, min }) => json!({ "scale": scale, "min": min }).to_string(),
        Quantization::Channels(channels) | Quantization::Columns(channels) => {
            let (scales, minima) = (list(channels, |a| a.scale), list(channels, |a| a.min));
            format!("{{\"axis\":0,\"scale\":[{scales}],\"min\":[{minima}]}}")
        }
    }
}

/// A number as JSON, with or without an exponent.
fn shortest(number: f64) -> String {
    let (plain, scientific) = (format!("{number}"), format!("{number:e}"));
    if scientific.len() < plain.len() { scientific } else { plain }
}

fn write(checkpoint: &Checkpoint, tensor: &Planned, out: &mut Vec<u8>) -> Result<(), CheckpointError> {
    let values = || checkpoint.read(tensor.layer, tensor.param);
    match tensor.target {
        None => {
            let bytes = checkpoint.file.bytes(tensor.stored);
            out.extend_from_slice(&arrange_bytes(checkpoint.axes, bytes, tensor.dtype.size(), tensor.shape));
        }
        Some(Dtype::U8) => out.extend_from_slice(&tensor.codes),
        Some(Dtype::F16) => {
            let values = values()?;
            if values.iter().any(|&v| f16::from_f32(v).is_infinite()) {
                return Err(CheckpointError::NotFinite { layer: tensor.layer.into(), key: tensor.key.clone() });
            }
            out.extend(values.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()));
        }
        Some(Dtype::F32) => out.extend(values()?.iter().flat_map(|v| v.to_le_bytes())),
    }
    Ok(())
}

/// Brings undecoded elements into our order of axes.
fn arrange_bytes<'a>(axes: Axes, bytes: Cow<'a, [u8]>, size: usize, shape: &[usize]) -> Cow<'a, [u8]> {
    fn chunks<const N: usize>(axes: Axes, bytes: &[u8], shape: &[usize]) -> Vec<u8> {
        axes.arrange(bytes.as_chunks::<N>().0.to_vec(), shape).into_flattened()
    }
    match (axes, size) {
        (Axes::OutputFirst, _) => bytes,
        (Axes::OutputLast, 1) => chunks::<1>(axes, &bytes, shape).into(),
        (Axes::OutputLast, 2) => chunks::<2>(axes, &bytes, shape).into(),
        (Axes::OutputLast, _) => chunks::<4>(axes, &bytes, shape).into(),
    }
}
