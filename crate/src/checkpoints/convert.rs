use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use half::f16;
use serde_json::{Map, Value, json};

use super::dialects::own_key;
use super::formats::decode::Axes;
use super::formats::{Affine, QUANTIZATION_PREFIX, Quantization, Stored, StoredType};
use super::metadata::{UNTRAINED, check_labels};
use super::quantize::quantize;
use super::weight::Weight;
use super::{Checkpoint, CheckpointError, Metadata, Param};
use crate::networks::{Head, OutputActivation};

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
struct Planned {
    key: String,
    layer: String,
    param: Param,
    shape: Vec<usize>,
    /// Order of the axes where it is stored.
    axes: Axes,
    /// `None`: as it is stored.
    target: Option<Dtype>,
    dtype: StoredType,
    quantization: Option<Quantization>,
    /// The codes of a tensor that is quantised now.
    codes: Vec<u8>,
}

impl Planned {
    fn byte_length(&self) -> usize {
        self.shape.iter().product::<usize>() * self.dtype.size()
    }
}

/// One of our own files that is made of a checkpoint as it is read: safetensors, public layer names, OIHW, nothing folded.
pub struct Conversion {
    header: Vec<u8>,
    tensors: Vec<Planned>,
    /// Where each tensor ends in the file.
    ends: Vec<usize>,
    /// The bytes of the tensor that was read last.
    ready: Option<(usize, Vec<u8>)>,
}

impl Conversion {
    /// Plans the file of a checkpoint.
    ///
    /// Without `dtype` every tensor keeps its element type. With it, tensors that have it already, codes included, pass through
    /// unchanged. `overrides` replaces what the checkpoint says about itself. The same input gives the same bytes.
    ///
    /// # Errors
    /// Labels that do not fit the classes; those of [`Checkpoint::read`] where codes have to be found.
    pub fn new(checkpoint: &Checkpoint, dtype: Option<Dtype>, overrides: &Metadata) -> Result<Self, CheckpointError> {
        check_labels(&overrides.labels, checkpoint.options.classes(), checkpoint.class_offset)?;
        let mut tensors = Vec::new();
        let sharing: HashSet<&str> =
            checkpoint.graph.layers().iter().filter(|layer| layer.shares.is_some()).map(|layer| &*layer.name).collect();
        for (layer, params) in checkpoint.weights.iter().filter(|(layer, _)| !sharing.contains(layer.as_str())) {
            for (&param, weight) in params {
                let (_, stored) = checkpoint.stored(layer, param)?;
                tensors.push(plan(layer, param, weight, stored, dtype));
            }
        }
        quantize_all(checkpoint, &mut tensors)?;
        tensors.sort_by(|a, b| b.dtype.size().cmp(&a.dtype.size()).then_with(|| a.key.cmp(&b.key)));

        let mut header = Map::new();
        header.insert("__metadata__".into(), metadata(checkpoint, overrides, &tensors));
        let mut end = 0;
        let mut ends = Vec::with_capacity(tensors.len());
        for tensor in &tensors {
            let begin = end;
            end += tensor.byte_length();
            ends.push(end);
            let entry = json!({ "dtype": tensor.dtype.name(), "shape": tensor.shape, "data_offsets": [begin, end] });
            header.insert(tensor.key.clone(), entry);
        }
        let mut text = Value::Object(header).to_string().into_bytes();
        text.resize(text.len().next_multiple_of(8), b' ');
        let header = [&(text.len() as u64).to_le_bytes()[..], &text].concat();
        ends.iter_mut().for_each(|end| *end += header.len());
        Ok(Self { header, tensors, ends, ready: None })
    }

    /// Bytes of the whole file.
    pub fn len(&self) -> usize {
        self.ends.last().copied().unwrap_or(self.header.len())
    }

    /// Always false: there is a header.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Some of the file, of the same checkpoint; one tensor at a time is in memory. Beyond the end there is nothing.
    ///
    /// # Errors
    /// Those of [`Checkpoint::read`]; weights beyond the range of f16.
    pub fn read(&mut self, checkpoint: &Checkpoint, range: Range<usize>) -> Result<Vec<u8>, CheckpointError> {
        let end = range.end.min(self.len());
        let mut at = range.start;
        let mut out = Vec::with_capacity(end.saturating_sub(at));
        while at < end {
            if at < self.header.len() {
                let part = &self.header[at..end.min(self.header.len())];
                out.extend_from_slice(part);
                at += part.len();
                continue;
            }
            let index = self.ends.partition_point(|&end| end <= at);
            let tensor = &self.tensors[index];
            let begin = self.ends[index] - tensor.byte_length();
            let bytes = match &mut self.ready {
                Some((of, bytes)) if *of == index => bytes,
                ready => &mut ready.insert((index, written(checkpoint, tensor)?)).1,
            };
            let part = &bytes[at - begin..bytes.len().min(end - begin)];
            out.extend_from_slice(part);
            at += part.len().max(1);
        }
        Ok(out)
    }
}

/// The whole file of a [`Conversion`].
///
/// # Errors
/// Those of [`Conversion::new`] and [`Conversion::read`].
pub fn convert(
    checkpoint: &Checkpoint,
    dtype: Option<Dtype>,
    overrides: &Metadata,
) -> Result<Vec<u8>, CheckpointError> {
    let mut conversion = Conversion::new(checkpoint, dtype, overrides)?;
    conversion.read(checkpoint, 0..conversion.len())
}

fn plan(layer: &str, param: Param, weight: &Weight, stored: &Stored, dtype: Option<Dtype>) -> Planned {
    let shape = weight.shape.clone();
    let codes = matches!(stored.dtype, StoredType::U8 | StoredType::I8 | StoredType::U16);
    // Scales along an axis that is not the first one in our order, or codes that our files do not have.
    let moved = match stored.quantization {
        Some(Quantization::Channels(_)) => weight.axes == Axes::OutputLast,
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
        (None, _) if stored.strides.is_empty() && weight.is_as_stored(&stored.shape) => None,
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
    let (key, layer, axes) = (own_key(layer, param), layer.to_owned(), weight.axes);
    Planned { key, layer, param, shape, axes, target, dtype: written, quantization, codes: vec![] }
}

/// Finds codes, scales and minima of the tensors that are to have them.
fn quantize_all(checkpoint: &Checkpoint, tensors: &mut [Planned]) -> Result<(), CheckpointError> {
    let mut due: Vec<_> = tensors.iter_mut().filter(|tensor| tensor.target == Some(Dtype::U8)).collect();
    let size = |shape: &[usize]| shape.iter().product::<usize>().max(1);
    let mean = due.iter().map(|tensor| size(&tensor.shape)).sum::<usize>() as f64 / due.len() as f64;
    for tensor in &mut due {
        let values = checkpoint.read(&tensor.layer, tensor.param)?;
        let [_, of_output @ ..] = tensor.shape.as_slice() else { continue };
        let kernel = size(of_output.get(1..).unwrap_or_default());
        let (channels, codes) = quantize(&values, size(of_output), kernel, size(&tensor.shape) as f64 / mean);
        if !channels.iter().all(Affine::is_finite) {
            return Err(CheckpointError::NotFinite { layer: tensor.layer.clone(), key: tensor.key.clone() });
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
    if let Head::Classifier(classifier) = &checkpoint.options.head
        && !classifier.is_plain()
    {
        fields.insert("head".into(), json!(classifier).to_string());
    }
    fields.extend(checkpoint.options.last.iter().map(|last| ("last".to_owned(), last.clone())));
    if !checkpoint.assumptions.is_empty() {
        fields.insert("assumptions".into(), json!(checkpoint.assumptions).to_string());
    }
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

/// The bytes of a tensor as the file has them.
fn written(checkpoint: &Checkpoint, tensor: &Planned) -> Result<Vec<u8>, CheckpointError> {
    let values = || checkpoint.read(&tensor.layer, tensor.param);
    let bytes = match tensor.target {
        None => {
            let (_, stored) = checkpoint.stored(&tensor.layer, tensor.param)?;
            let bytes = checkpoint.file.bytes(stored);
            arrange_bytes(tensor.axes, bytes, tensor.dtype.size(), &tensor.shape).into_owned()
        }
        Some(Dtype::U8) => tensor.codes.clone(),
        Some(Dtype::F16) => {
            let values = values()?;
            if values.iter().any(|&v| f16::from_f32(v).is_infinite()) {
                return Err(CheckpointError::NotFinite { layer: tensor.layer.clone(), key: tensor.key.clone() });
            }
            values.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()).collect()
        }
        Some(Dtype::F32) => values()?.iter().flat_map(|v| v.to_le_bytes()).collect(),
    };
    match bytes.len() == tensor.byte_length() {
        true => Ok(bytes),
        false => Err(CheckpointError::ByteLength {
            key: tensor.key.clone(),
            shape: tensor.shape.iter().map(|&side| side as u64).collect(),
            dtype: tensor.dtype.name().into(),
            found: bytes.len() as u64,
        }),
    }
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
