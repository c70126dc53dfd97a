//! Checkpoints: weights of the family in any of their published formats and naming dialects.
//! Enters: the bytes of files. Leaves: a [`Checkpoint`], whose weights are asked for by public layer name,
//! or bytes of one of our own files ([`convert`]).

mod convert;
pub(crate) mod decode;
mod dialects;
mod error;
mod fit;
mod formats;
mod keras_names;
mod metadata;
mod param;
mod place;
mod presets;
mod quantize;

use std::collections::BTreeMap;

pub use convert::{Dtype, convert};
pub use error::CheckpointError;
pub use formats::{Content, PickleFault, SourceFile, ZipFault};
pub use metadata::{Labels, Metadata};
pub use param::Param;
pub(crate) use presets::usual as usual_preprocess;

use crate::graph::Graph;
use crate::image::Preprocess;
use crate::networks::{self, Network, Options, OutputActivation};
use decode::{Axes, decode};
use fit::{Fit, Weight, recognise};
use formats::{KerasModel, Stored, StoredType, TensorFile};

/// Said of a classifier with one output in a file that does not say what follows it.
const ONE_LOGIT: &str = "the classifier has one output and the file does not say what follows it: it is taken as the \
    logit of the second of two classes (sigmoid); the option `activation` says otherwise";

/// Said of a head whose parameterless modules the file does not tell.
const HEAD_BY_NUMBERS: &str = "its head has several layers, of which a state dict names those with weights only: a ReLU is taken to \
    stand where the numbers of its hidden layers have a gap; save the whole module where it is another activation";

/// Said of a model whose last dense layer has no activation, and which names no loss.
const NO_ACTIVATION: &str = "the last dense layer has no activation and the file names no loss: its outputs are the answer as \
    they are; the option `activation` makes probabilities of them";

/// Said of other tensors' names with the classes of the graph of 2015-12-05.
const BY_CLASSES: &str = "its 1008 classes are those of the graph of 2015-12-05, so it runs with that graph's pools and pictures; \
    the option `network` says otherwise";

/// Said of a head that is known by its sizes alone.
const LIKE_NSFWJS: &str = "its dense layers are of the sizes of nsfwjs', so pictures are taken as nsfwjs takes them (pixel / 255); \
    the option `preprocess` says otherwise";

/// Recognises the tensors as they are named, else without what wrappers put in front of every name, such as `module.`.
fn recognise_within(file: &mut TensorFile, named: Option<&'static Network>) -> Result<Fit, CheckpointError> {
    let mut fit = recognise(file, named);
    let mut taken = 0;
    for prefix in file.prefixes() {
        if !matches!(fit, Err(CheckpointError::Unrecognised { .. })) {
            break;
        }
        file.strip(&prefix[taken..]);
        taken = prefix.len();
        fit = recognise(file, named);
    }
    fit
}

/// The values of a view in row-major order: of a tensor that was transposed, or kept channels last.
fn gathered(span: &[f32], shape: &[usize], strides: &[usize]) -> Vec<f32> {
    let mut places = vec![0];
    for (&side, &stride) in shape.iter().zip(strides) {
        places = places.iter().flat_map(|&first| (0..side).map(move |i| first + i * stride)).collect();
    }
    places.into_iter().map_while(|place| span.get(place).copied()).collect()
}

/// The usual preparation of pictures with what the file's model does itself.
fn as_said(usual: &Preprocess, model: &KerasModel) -> Preprocess {
    let mut preprocess = usual.clone();
    if let Some([height, width]) = model.input {
        (preprocess.height, preprocess.width) = (height, width);
    }
    if let Some((scale, offset)) = model.rescaling {
        preprocess.scale = scale.into();
        preprocess.mean = offset.map(|v| -f64::from(v));
        preprocess.std = [1.0; 3];
    }
    preprocess
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
    /// Index of the first class that has a name in a list of labels: 1 where index 0 is the background.
    pub class_offset: usize,
    /// False where the file says that its auxiliary heads were never trained.
    pub auxiliary_trained: bool,
    /// What the file does not say and was assumed, a sentence each.
    pub assumptions: Vec<String>,
    /// Heads that the network may have and the file does not, for example `AuxLogits`, `Logits`.
    pub absent: Vec<String>,
    file: TensorFile,
    axes: Axes,
    weights: BTreeMap<String, BTreeMap<Param, Weight>>,
}

impl Checkpoint {
    /// Recognises format, dialect and network, and checks that every tensor has its place and shape. Reads no weights yet.
    ///
    /// `network` names the network where the keys alone do not say which is meant.
    pub fn open(files: Vec<SourceFile>, network: Option<&str>) -> Result<Self, CheckpointError> {
        let mut file = TensorFile::read(files)?;
        let named = match network {
            Some(id) => Some(networks::find(id).ok_or_else(|| CheckpointError::UnknownNetwork { id: id.into() })?),
            None => metadata::network(&file)?,
        };
        let Fit { dialect, network, mut options, weights, mut absent, is_head_assumed, .. } =
            recognise_within(&mut file, named)?;
        // Whoever names the tensors, the graph of 2015 wants its own pictures.
        let publishers = dialect.preprocess.clone().filter(|_| network.id != "inception-v3-2015");
        let usual = publishers.unwrap_or_else(|| presets::usual(network.id));
        let Metadata { title, labels, preprocess, source, license } = metadata::read(&file, &usual)?;
        let model = file.model.as_ref();
        let preprocess = preprocess.unwrap_or_else(|| model.map_or(usual.clone(), |model| as_said(&usual, model)));
        let mut assumptions = metadata::assumptions(&file)?;
        if is_head_assumed {
            assumptions.push(HEAD_BY_NUMBERS.to_owned());
        }
        if named.is_none() && network.id == "inception-v3-2015" && dialect.networks.first() != Some(&network.id) {
            assumptions.push(BY_CLASSES.to_owned());
        }
        if dialect.preprocess.as_ref() == Some(&presets::NSFWJS) && preprocess == presets::NSFWJS {
            assumptions.push(LIKE_NSFWJS.to_owned());
        }
        preprocess.validate().map_err(|error| metadata::fault("preprocess", error))?;
        let said = metadata::activation(&file)?.or(model.and_then(|model| model.activation));
        options.activation = match (said, options.head.classes()) {
            (Some(activation), _) => activation,
            (None, Some(1)) => {
                assumptions.push(ONE_LOGIT.into());
                OutputActivation::Sigmoid
            }
            (None, Some(_)) if model.is_some_and(|model| !model.layers.is_empty()) => {
                assumptions.push(NO_ACTIVATION.into());
                OutputActivation::None
            }
            (None, _) => OutputActivation::Softmax,
        };
        let size = [preprocess.height as usize, preprocess.width as usize];
        options.size = size;
        let (graph, left) = network.build_fitting(&mut options)?;
        if !left.is_empty() {
            assumptions.push(format!("{} left aside: its input is too small for {}", left.join(" and "), if left.len() == 1 { "it" } else { "them" }));
            absent.extend(left.iter().map(|&head| head.to_owned()));
        }
        let classes = options.classes();
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
            dialect: dialect.name,
            class_offset,
            auxiliary_trained: trained,
            assumptions,
            absent,
            file,
            axes: dialect.axes,
            weights,
            options,
        })
    }

    /// Says what makes answers of the logits, over what the file says or was assumed.
    pub fn set_activation(&mut self, activation: OutputActivation) -> Result<(), CheckpointError> {
        self.options.activation = activation;
        self.assumptions.retain(|said| said != ONE_LOGIT && said != NO_ACTIVATION);
        self.graph = self.network.build(&self.options)?;
        Ok(())
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
        let wanted = weight.shape.iter().product();
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
        let is_coded = matches!(stored.dtype, StoredType::U8 | StoredType::U16);
        if !is_coded && values.iter().any(|v| !v.is_finite()) {
            return Err(CheckpointError::NotFinite { layer: layer.into(), key: weight.key.clone() });
        }
        *values = self.axes.arrange(std::mem::take(values), &weight.shape);
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
