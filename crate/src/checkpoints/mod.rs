//! Checkpoints: weights of the family in any of their published formats and naming dialects.
//! Enters: the bytes of files. Leaves: a [`Checkpoint`], whose weights are asked for by public layer name,
//! or bytes of one of our own files ([`convert`]).

// What pages load reads safetensors alone; rules that the other formats need stay in the source without a use there.
#![cfg_attr(not(feature = "formats"), allow(dead_code))]

mod convert;
mod dialects;
mod error;
#[cfg(feature = "formats")]
mod fault;
mod fit;
mod formats;
#[cfg(feature = "formats")]
mod keras_names;
#[cfg(feature = "formats")]
mod matching;
mod metadata;
mod place;
mod presets;
mod quantize;
mod recognised;
#[cfg(feature = "formats")]
mod subtree;
mod taught;
mod weight;

use std::collections::{BTreeMap, HashSet};

pub use crate::graph::Param;
pub use convert::{Conversion, Dtype, convert};
pub use error::CheckpointError;
#[cfg(feature = "formats")]
pub use fault::{PickleFault, ProtobufFault, ZipFault};
pub use formats::{Content, Format, SourceFile};
pub use metadata::{Labels, Metadata, first_named};
pub(crate) use presets::usual as usual_preprocess;
pub use taught::{HeadError, TaughtHead, TaughtOn};

use crate::graph::Graph;
use crate::image::Preprocess;
use crate::networks::{self, Network, Options, OutputActivation};
use formats::decode::decode;
use formats::{Stored, StoredType, TensorFile};
use recognised::Recognised;
use weight::Weight;

/// The values of a view in row-major order: of a tensor that was transposed, or kept channels last.
fn gathered(span: &[f32], shape: &[usize], strides: &[usize]) -> Vec<f32> {
    let mut places = vec![0];
    for (&side, &stride) in shape.iter().zip(strides) {
        places = places.iter().flat_map(|&first| (0..side).map(move |i| first + i * stride)).collect();
    }
    places.into_iter().map_while(|place| span.get(place).copied()).collect()
}

/// A recognised set of weights. It owns the files' bytes; drop it when the weights have been prepared.
pub struct Checkpoint {
    /// The network.
    pub network: &'static Network,
    /// What this checkpoint's version of the network has.
    pub options: Options,
    /// The network with those options.
    pub graph: Graph,
    /// How its pictures are prepared.
    pub preprocess: Preprocess,
    /// Name for people.
    pub title: Option<String>,
    /// Names of the classes.
    pub labels: Option<Labels>,
    /// Where the weights come from.
    pub source: Option<String>,
    /// Their licence.
    pub license: Option<String>,
    /// The library or file whose names the keys follow.
    pub dialect: &'static str,
    /// What was taken away in front of every key, for example `module.`.
    pub prefix: String,
    /// The file's format.
    pub format: Format,
    /// Index of the first class that has a name in a list of labels: 1 where index 0 is the background.
    pub class_offset: usize,
    /// False where the file says that its auxiliary heads were never trained.
    pub auxiliary_trained: bool,
    /// What the file does not say and was assumed, a sentence each.
    pub assumptions: Vec<String>,
    /// Heads that the network may have and the file does not, for example `AuxLogits`, `Logits`.
    pub absent: Vec<String>,
    file: TensorFile,
    weights: BTreeMap<String, BTreeMap<Param, Weight>>,
}

impl Checkpoint {
    /// Recognises format, dialect and network, and checks that every tensor has its place and shape. Reads no weights yet.
    ///
    /// `network` names the network where the keys alone do not say which is meant.
    pub fn open(files: Vec<SourceFile>, network: Option<&str>) -> Result<Self, CheckpointError> {
        let mut file = TensorFile::read(files)?;
        if let Some(title) = TaughtHead::title_of(&file) {
            return Err(CheckpointError::OnlyHead { title: title.into() });
        }
        let named = match network {
            Some(id) => Some(networks::find(id).ok_or_else(|| CheckpointError::UnknownNetwork { id: id.into() })?),
            None => metadata::network(&file)?,
        };
        let Recognised { network, mut options, weights, mut absent, dialect, prefix, preprocess, mut assumptions } =
            Recognised::of(&mut file, named)?;
        let Metadata { title, labels, preprocess: said, source, license } = metadata::read(&file, &preprocess)?;
        let preprocess = said.unwrap_or(preprocess);
        preprocess.validate().map_err(|error| metadata::fault("preprocess", error))?;
        options.size = [preprocess.height as usize, preprocess.width as usize];
        let (graph, left) = network.build_fitting(&mut options)?;
        if !left.is_empty() {
            let said = format!("{} left aside: pictures of this size are too small for it", left.join(" and "));
            if !assumptions.contains(&said) {
                assumptions.push(said);
            }
            absent.extend(left.iter().map(|&head| head.to_owned()));
        }
        let classes = options.classes();
        #[cfg(feature = "formats")]
        file.check()?;
        #[cfg(feature = "formats")]
        let labels = labels.or_else(|| {
            let (place, names) = file.classes.take().filter(|(_, names)| Some(names.len()) == classes)?;
            assumptions.push(format!("{} `{place}` in the file", recognised::NAMED_BY));
            Some(Labels::List(names))
        });
        // Whoever has one class more than ImageNet has the background in front of them.
        let class_offset = usize::from(classes == Some(1001));
        metadata::check_labels(&labels, classes, class_offset)?;
        let trained = file.metadata.get("auxiliary").is_none_or(|text| text != metadata::UNTRAINED);
        Ok(Self {
            network,
            graph,
            preprocess,
            title,
            labels,
            source,
            license,
            dialect,
            prefix,
            format: file.format,
            class_offset,
            auxiliary_trained: trained,
            assumptions,
            absent,
            file,
            weights,
            options,
        })
    }

    /// Says what makes answers of the logits, over what the file says or was assumed.
    pub fn set_activation(&mut self, activation: OutputActivation) -> Result<(), CheckpointError> {
        self.options.activation = activation;
        self.assumptions.retain(|said| !recognised::is_of_activation(said));
        self.graph = self.network.build(&self.options)?;
        Ok(())
    }

    /// Takes back what was assumed of how pictures are normalised: the caller says it.
    pub(crate) fn set_pictures_told(&mut self) {
        self.assumptions.retain(|said| said != recognised::TRANSFORMED);
    }

    /// Keys of the tensors that no layer has, such as an optimizer's.
    pub fn left_aside(&self) -> Vec<&str> {
        let weights = self.weights.values().flat_map(BTreeMap::values);
        let taken: HashSet<&str> = weights.map(|weight| weight.key.as_str()).collect();
        self.file.tensors.keys().map(String::as_str).filter(|key| !taken.contains(key)).collect()
    }

    /// Bytes of all tensors in the files.
    pub fn weight_bytes(&self) -> usize {
        self.file.weight_bytes()
    }

    /// True where every tensor of more than one dimension is stored as f16.
    pub fn is_half(&self) -> bool {
        let stored = |weight: &Weight| self.file.tensors.get(&weight.key).map(|t| t.dtype);
        let matrices = self.weights.values().flat_map(BTreeMap::values).filter(|w| w.shape.len() > 1);
        matrices.map(stored).all(|dtype| dtype == Some(StoredType::F16))
    }

    /// One parameter as f32: OIHW of a convolution, `[out, in]` of a linear layer, `[out]` of all else.
    ///
    /// # Errors
    /// [`CheckpointError::NoParam`], [`CheckpointError::Dtype`], [`CheckpointError::ByteLength`],
    /// [`CheckpointError::NotFinite`].
    pub fn read(&self, layer: &str, param: Param) -> Result<Vec<f32>, CheckpointError> {
        let mut values = Vec::new();
        self.read_into(layer, param, &mut values)?;
        Ok(values)
    }

    /// [`Checkpoint::read`] into memory that is there; what it held is lost.
    ///
    /// # Errors
    /// As of [`Checkpoint::read`].
    pub fn read_into(&self, layer: &str, param: Param, values: &mut Vec<f32>) -> Result<(), CheckpointError> {
        let (weight, stored) = self.stored(layer, param)?;
        let wanted = stored.shape.iter().product();
        values.clear();
        values.reserve_exact(wanted);
        let row = stored.shape.iter().skip(1).product();
        for piece in self.file.pieces(stored) {
            decode(&piece, stored.dtype, stored.quantization.as_ref(), row, values).ok_or_else(|| {
                CheckpointError::Dtype { layer: layer.into(), key: weight.key.clone(), dtype: stored.dtype.name() }
            })?;
        }
        if !stored.strides.is_empty() {
            *values = gathered(values, &stored.shape, &stored.strides);
        }
        // The bytes of a file that is elsewhere may be gone by now.
        if values.len() != wanted {
            return Err(CheckpointError::ByteLength {
                key: weight.key.clone(),
                shape: stored.shape.iter().map(|&d| d as u64).collect(),
                dtype: stored.dtype.name().into(),
                found: values.len() as u64 * stored.dtype.size() as u64,
            });
        }
        // What codes stand for was found finite with their scale.
        let is_coded = matches!(stored.dtype, StoredType::U8 | StoredType::I8 | StoredType::U16);
        if !is_coded && values.iter().any(|v| !v.is_finite()) {
            return Err(CheckpointError::NotFinite { layer: layer.into(), key: weight.key.clone() });
        }
        *values = weight.arrange(std::mem::take(values), &stored.shape);
        Ok(())
    }

    /// Where the bytes of a layer end: the file, by its place in the list that was opened, and the place in it.
    pub fn end(&self, layer: &str) -> (usize, usize) {
        let weights = self.weights.get(layer).into_iter().flat_map(BTreeMap::values);
        weights.filter_map(|weight| self.file.tensors.get(&weight.key)).map(Stored::end).max().unwrap_or_default()
    }

    fn stored(&self, layer: &str, param: Param) -> Result<(&Weight, &Stored), CheckpointError> {
        let weight = self.weights.get(layer).and_then(|params| params.get(&param));
        let found = weight.and_then(|weight| Some((weight, self.file.tensors.get(&weight.key)?)));
        found.ok_or_else(|| CheckpointError::NoParam { layer: layer.into(), param })
    }
}
