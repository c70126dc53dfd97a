//! A layer of a net, as nets have had them since 2014 and before.

use std::borrow::Cow;

use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::foreign::protobuf::{Listed, Message};
use crate::checkpoints::formats::foreign::tracing::{Constant, Tracer, Value, decimal};
use crate::checkpoints::formats::{Stored, StoredType};

/// The types that layers had as numbers, from 1 on.
const OLD_TYPES: [&str; 39] = [
    "Accuracy",
    "BNLL",
    "Concat",
    "Convolution",
    "Data",
    "Dropout",
    "EuclideanLoss",
    "Flatten",
    "HDF5Data",
    "HDF5Output",
    "Im2col",
    "ImageData",
    "InfogainLoss",
    "InnerProduct",
    "LRN",
    "MultinomialLogisticLoss",
    "Pooling",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "SoftmaxWithLoss",
    "Split",
    "TanH",
    "WindowData",
    "Eltwise",
    "Power",
    "SigmoidCrossEntropyLoss",
    "HingeLoss",
    "MemoryData",
    "ArgMax",
    "Threshold",
    "DummyData",
    "Slice",
    "MVN",
    "AbsVal",
    "Silence",
    "ContrastiveLoss",
    "Exp",
    "Deconvolution",
];
/// Fields of the settings of a layer, now and before, by its type.
const SETTINGS: [(&str, u32, u32); 13] = [
    ("Concat", 104, 9),
    ("Convolution", 106, 10),
    ("Eltwise", 110, 24),
    ("InnerProduct", 117, 17),
    ("LRN", 118, 18),
    ("Pooling", 121, 19),
    ("Power", 122, 21),
    ("ReLU", 123, 30),
    ("Softmax", 125, 39),
    ("BatchNorm", 139, 0),
    ("ELU", 140, 0),
    ("Scale", 142, 0),
    ("Input", 143, 0),
];
/// No tensor of a net has more axes.
const MOST_AXES: usize = 8;

/// A layer.
pub(super) struct Layer<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its type.
    pub word: Cow<'a, str>,
    /// What it reads.
    pub bottoms: Vec<&'a str>,
    /// What it makes.
    pub tops: Vec<&'a str>,
    /// Whether it is used outside training.
    pub is_for_tests: bool,
    /// Its settings.
    pub settings: Option<Message<'a>>,
    /// How pictures are prepared, of a layer that reads them (`TransformationParameter`).
    pub transform: Option<Message<'a>>,
    weights: Vec<Message<'a>>,
}

fn texts<'a>(message: Message<'a>, number: u32) -> Result<Vec<&'a str>, CheckpointError> {
    message.each(number).map(|text| text?.utf8()).collect()
}

/// Whether rules of inclusion leave a layer in outside training.
fn is_for_tests(message: Message, include: u32, exclude: u32) -> Result<bool, CheckpointError> {
    let phases = |number: u32| -> Result<Vec<Option<i64>>, CheckpointError> {
        message.each(number).map(|rule| rule?.maybe(1)).collect()
    };
    let (included, excluded) = (phases(include)?, phases(exclude)?);
    let is_training = |phase: &Option<i64>| *phase == Some(0);
    Ok(match included.is_empty() {
        true => !excluded.contains(&Some(1)),
        false => !included.iter().all(is_training),
    })
}

impl<'a> Layer<'a> {
    /// One as nets have them now.
    pub fn read(layer: Message<'a>) -> Result<Self, CheckpointError> {
        let word = layer.text(2)?;
        let settings = SETTINGS.iter().find(|(known, ..)| *known == word).map(|&(_, number, _)| layer.part(number));
        Ok(Self {
            name: layer.text(1)?,
            word: word.into(),
            bottoms: texts(layer, 3)?,
            tops: texts(layer, 4)?,
            is_for_tests: is_for_tests(layer, 8, 9)?,
            settings: settings.transpose()?.flatten(),
            transform: layer.part(100)?,
            weights: layer.each(7).collect::<Result<_, _>>()?,
        })
    }

    /// One as nets had them before.
    pub fn read_old(layer: Message<'a>) -> Result<Self, CheckpointError> {
        let number = layer.int(5)?;
        let known = usize::try_from(number - 1).ok().and_then(|at| OLD_TYPES.get(at));
        let word = known.map_or_else(|| format!("type {number}").into(), |&word| Cow::Borrowed(word));
        let settings = SETTINGS.iter().find(|(known, ..)| *known == word).map(|&(.., number)| layer.part(number));
        Ok(Self {
            name: layer.text(4)?,
            word,
            bottoms: texts(layer, 2)?,
            tops: texts(layer, 3)?,
            is_for_tests: is_for_tests(layer, 32, 33)?,
            settings: settings.transpose()?.flatten(),
            transform: layer.part(36)?,
            weights: layer.each(6).collect::<Result<_, _>>()?,
        })
    }

    /// A setting; none where the file does not have it.
    pub fn setting(&self, number: u32) -> Result<Option<i64>, CheckpointError> {
        self.settings.map_or(Ok(None), |settings| settings.maybe(number))
    }

    /// A setting that is a number.
    pub fn float(&self, number: u32, otherwise: f64) -> Result<f64, CheckpointError> {
        let found = self.settings.map_or(Ok(None), |settings| settings.maybe_float(number))?;
        Ok(found.map_or(otherwise, decimal))
    }

    /// Its tensors, by the names that they have in PyTorch's files of such nets.
    pub fn blobs(&self, tracer: &mut Tracer, file: usize) -> Result<Vec<Constant>, CheckpointError> {
        let names: &[&str] = match self.word.as_ref() {
            "BatchNorm" => &["running_mean", "running_var", "factor"],
            _ => &["weight", "bias"],
        };
        let rank = match self.word.as_ref() {
            "Convolution" => 4,
            "InnerProduct" => 2,
            _ => 1,
        };
        let mut blobs = Vec::new();
        for (at, &blob) in self.weights.iter().enumerate() {
            let key =
                names.get(at).map_or_else(|| format!("{}.{at}", self.name), |name| format!("{}.{name}", self.name));
            let stored = stored(tracer, file, &key, blob, if at == 0 { rank } else { 1 })?;
            if let Value::Constant(constant) = tracer.constant(&key, stored)? {
                blobs.push(constant);
            }
        }
        Ok(blobs)
    }
}

/// Where the values of a tensor lie. Old files say every shape with four axes: those in front beyond `rank` are of size one.
fn stored(tracer: &mut Tracer, file: usize, key: &str, blob: Message, rank: usize) -> Result<Stored, CheckpointError> {
    let sides = match blob.part(7)? {
        Some(shape) => shape.ints(1)?,
        None => [1, 2, 3, 4].into_iter().map(|number| blob.int(number)).collect::<Result<_, _>>()?,
    };
    let (singles, doubles) = (blob.fixed(5)?, blob.fixed(8)?);
    let (dtype, values) = match singles.bytes().is_empty() && !doubles.bytes().is_empty() {
        true => (StoredType::F64, doubles),
        false => (StoredType::F32, singles),
    };
    let found = values.bytes().len();
    let fault = || CheckpointError::ByteLength {
        key: key.into(),
        shape: sides.iter().map(|&side| side as u64).collect(),
        dtype: dtype.name().into(),
        found: found as u64,
    };
    let shape: Option<Vec<usize>> = sides.iter().take(MOST_AXES + 1).map(|&side| usize::try_from(side).ok()).collect();
    let mut shape = shape.filter(|shape| shape.len() <= MOST_AXES).ok_or_else(fault)?;
    if shape.iter().try_fold(dtype.size(), |bytes, &side| bytes.checked_mul(side)) != Some(found) {
        return Err(fault());
    }
    while shape.len() > rank && shape[0] == 1 {
        shape.remove(0);
    }
    let segments = match &values {
        Listed::There(piece) => vec![(file, piece.range())],
        Listed::Apart(bytes) => tracer.compute(key, dtype, vec![], bytes)?.stored.segments,
    };
    Ok(Stored { dtype, shape, strides: vec![], quantization: None, segments })
}
