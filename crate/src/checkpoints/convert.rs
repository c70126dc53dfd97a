use std::borrow::Cow;
use std::collections::BTreeMap;

use half::f16;
use serde_json::{Map, Value, json};

use super::decode::Axes;
use super::dialects::own_key;
use super::formats::{QUANTIZATION_PREFIX, Quantization, Stored, StoredType};
use super::metadata::{UNTRAINED, check_labels};
use super::{Checkpoint, CheckpointError, Metadata, Param};

/// Element type of a written file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dtype {
    /// IEEE binary32.
    F32,
    /// IEEE binary16 for weights; vectors (biases, batch norm) keep their precision.
    F16,
    /// Affine codes per tensor for weights; vectors keep their precision.
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
    check_labels(&overrides.labels, checkpoint.options.head.classes(), checkpoint.class_offset)?;
    let mut tensors = Vec::new();
    for (layer, params) in &checkpoint.weights {
        for (&param, weight) in params {
            let (_, stored) = checkpoint.stored(layer, param)?;
            tensors.push(plan(checkpoint, layer, param, &weight.shape, stored, dtype)?);
        }
    }
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
    checkpoint: &Checkpoint,
    layer: &'a str,
    param: Param,
    shape: &'a [usize],
    stored: &'a Stored,
    dtype: Option<Dtype>,
) -> Result<Planned<'a>, CheckpointError> {
    let codes = matches!(stored.dtype, StoredType::U8 | StoredType::U16);
    let target = match (dtype, stored.dtype) {
        (None, _) | (Some(Dtype::F32), StoredType::F32) => None,
        (Some(Dtype::F16), StoredType::F16) | (Some(Dtype::U8), StoredType::U8) => None,
        (Some(dtype), _) if shape.len() > 1 || dtype == Dtype::F32 => Some(dtype),
        (Some(_), _) => codes.then_some(Dtype::F32),
    };
    let (written, quantization) = match target {
        None => (stored.dtype, stored.quantization),
        Some(Dtype::F32) => (StoredType::F32, None),
        Some(Dtype::F16) => (StoredType::F16, None),
        Some(Dtype::U8) => (StoredType::U8, Some(range(&checkpoint.read(layer, param)?))),
    };
    let key = own_key(layer, param);
    Ok(Planned { key, layer, param, shape, stored, target, dtype: written, quantization })
}

/// Scale and minimum that spread the codes over the tensor's range.
fn range(values: &[f32]) -> Quantization {
    let min = f64::from(values.iter().copied().fold(f32::INFINITY, f32::min));
    let max = f64::from(values.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    Quantization { scale: (max - min) / f64::from(u8::MAX), min }
}

fn metadata(checkpoint: &Checkpoint, overrides: &Metadata, tensors: &[Planned]) -> Value {
    let mut fields = BTreeMap::new();
    fields.insert("network".to_owned(), checkpoint.network.id.to_owned());
    let preprocess = overrides.preprocess.as_ref().unwrap_or(&checkpoint.preprocess);
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
        if let Some(Quantization { scale, min }) = tensor.quantization {
            let text = json!({ "scale": scale, "min": min }).to_string();
            fields.insert(format!("{QUANTIZATION_PREFIX}{}", tensor.key), text);
        }
    }
    json!(fields)
}

fn write(checkpoint: &Checkpoint, tensor: &Planned, out: &mut Vec<u8>) -> Result<(), CheckpointError> {
    let Some(target) = tensor.target else {
        let bytes = checkpoint.file.bytes(tensor.stored);
        out.extend_from_slice(&arrange_bytes(checkpoint.axes, bytes, tensor.dtype.size(), tensor.shape));
        return Ok(());
    };
    let values = checkpoint.read(tensor.layer, tensor.param)?;
    match (target, tensor.quantization) {
        (Dtype::U8, Some(q)) => out.extend(values.iter().map(|&v| match q.scale > 0.0 {
            true => ((f64::from(v) - q.min) / q.scale).round() as u8,
            false => 0,
        })),
        (Dtype::F16, _) => {
            if values.iter().any(|&v| f16::from_f32(v).is_infinite()) {
                return Err(CheckpointError::NotFinite { layer: tensor.layer.into(), key: tensor.key.clone() });
            }
            out.extend(values.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()));
        }
        _ => out.extend(values.iter().flat_map(|v| v.to_le_bytes())),
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
