//! A classifier's head in a file of its own: one linear layer that was taught on the features of a network.

use super::dialects::own_key;
use super::metadata::{Labels, activation, fault, read as metadata};
use super::recognised::is_of_classes;
use super::weight::Weight;
use super::{Checkpoint, CheckpointError, Param, SourceFile, TensorFile, decode};
use crate::graph::{Graph, Op};
use crate::image::Preprocess;
use crate::networks::{Backbone, Classifier, Head, HeadPool, Options, OutputActivation};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// The layer that the tensors are of.
const LAYER: &str = "Logits";

/// How `format` of the metadata of saved examples begins.
const EXAMPLES: &str = "inception-examples";

/// Why a taught head cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum HeadError {
    /// Its file cannot be read.
    #[error(transparent)]
    File(#[from] CheckpointError),
    /// The file is something else.
    #[error("{file} holds no taught head: its metadata names no backbone")]
    None {
        /// Name of the file.
        file: String,
    },
    /// Examples that were saved to go on with, which are no classifier yet.
    #[error(
        "{file} holds saved examples, not a classifier: open it in Teach to go on with them, and save a classifier (\"Classifier\" under Save)"
    )]
    Examples {
        /// Name of the file.
        file: String,
    },
    /// It was taught on another model.
    #[error(
        "the head was taught on {taught_on} and the model is {found}{}",
        if *.is_alike { ": its weights are others, and so are its features" } else { "" }
    )]
    OtherBackbone {
        /// Name and network of the model that it was taught on.
        taught_on: String,
        /// Name and network of the one that is loaded.
        found: String,
        /// Whether both are the same network.
        is_alike: bool,
    },
    /// It was taught with pictures that were prepared in another way.
    #[error("the head was taught with pictures that are prepared otherwise: {field}")]
    Pictures {
        /// The option that differs, with both values.
        field: String,
    },
}

/// A model as a taught head knows it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct TaughtOn {
    /// Id of the network.
    pub network: String,
    /// The model's name for people.
    pub title: String,
    /// What is read of it.
    pub backbone: Backbone,
    /// How its pictures are prepared.
    pub preprocess: Preprocess,
}

/// A linear layer from the features of a network to one's own classes, and what its answers are held against.
#[derive(Clone, Debug, PartialEq)]
pub struct TaughtHead {
    /// The model that it was taught on.
    pub taught_on: TaughtOn,
    /// Names of the classes, in order.
    pub labels: Vec<String>,
    /// What makes answers of the logits: softmax, or sigmoid where a picture may have several labels or none.
    pub activation: OutputActivation,
    /// The least probability that is an answer; below it a picture is none of the classes. From 0 to 1.
    pub threshold: Option<f64>,
    /// What the logits are divided by before they become probabilities (Guo et al. 2017, section 4.2), above 0.
    pub temperature: f64,
    /// `[classes, features]`.
    pub weights: Vec<f32>,
    /// `[classes]`.
    pub biases: Vec<f32>,
}

impl TaughtHead {
    /// Whether a file describes itself as a head; the name of the model that it goes with.
    pub(super) fn title_of(file: &TensorFile) -> Option<&str> {
        let title = ["title", "network"].iter().find_map(|field| file.metadata.get(*field));
        file.metadata.contains_key("backbone").then(|| title.map_or("its network", String::as_str))
    }

    /// Reads a head's file.
    ///
    /// # Errors
    /// A file that is damaged or no head, tensors that do not fit the labels, values that cannot be.
    pub fn open(name: &str, bytes: Vec<u8>) -> Result<Self, HeadError> {
        let name = || name.to_owned();
        let file = TensorFile::read(vec![SourceFile { name: name(), bytes: bytes.into() }])?;
        if file.metadata.get("format").is_some_and(|format| format.starts_with(EXAMPLES)) {
            return Err(HeadError::Examples { file: name() });
        }
        let Some(title) = Self::title_of(&file) else { return Err(HeadError::None { file: name() }) };
        let text = |field: &'static str| {
            let found = file.metadata.get(field).cloned();
            found.ok_or_else(|| fault(field, "a head needs it, and it is missing"))
        };
        let number = |field: &'static str, in_range: fn(f64) -> bool| match file.metadata.get(field) {
            None => Ok(None),
            Some(text) => match serde_json::from_slice::<f64>(text.as_bytes()) {
                Ok(value) if in_range(value) => Ok(Some(value)),
                _ => Err(fault(field, format!("{text} cannot be"))),
            },
        };
        let usual = super::usual_preprocess(&text("network")?);
        let said = metadata(&file, &usual)?;
        let preprocess = said.preprocess.ok_or_else(|| fault("preprocess", "a head needs it, and it is missing"))?;
        preprocess.validate().map_err(|error| fault("preprocess", error))?;
        // What a network's pictures usually are is no answer to how these were prepared.
        let given: Map<String, Value> =
            serde_json::from_str(&text("preprocess")?).map_err(|e| fault("preprocess", e))?;
        if let Some(field) =
            json!(preprocess).as_object().and_then(|all| all.keys().find(|field| !given.contains_key(*field)))
        {
            return Err(fault("preprocess", format!("a head needs all of it, and {field} is missing")).into());
        }
        let labels = match said.labels {
            Some(Labels::List(labels)) if (1..=Head::MAX_OUTPUTS).contains(&labels.len()) => labels,
            _ => return Err(fault("labels", "a head needs a list of names, one for each class").into()),
        };
        let activation = activation(&file)?.unwrap_or_default();
        // Two classes may be answered by one logit.
        let is_one = |shape: &[usize]| shape == [1] && activation.classes(1) == labels.len();
        let biases = tensor(&file, Param::Biases, |shape| shape == [labels.len()] || is_one(shape))?;
        let logits = biases.len();
        let weights = tensor(&file, Param::Weights, |shape| shape.len() == 2 && shape[0] == logits && shape[1] > 0)?;
        let length = weights.len() / biases.len();
        let backbone = Backbone { digest: text("backbone")?, layer: text("features")?, length };
        Ok(Self {
            taught_on: TaughtOn { network: text("network")?, title: title.to_owned(), backbone, preprocess },
            labels,
            activation,
            threshold: number("threshold", |value| (0.0..=1.0).contains(&value))?,
            temperature: number("temperature", |value| value > 0.0 && value.is_finite())?.unwrap_or(1.0),
            weights,
            biases,
        })
    }

    /// The file that [`TaughtHead::open`] reads: safetensors, f32. The same head gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let TaughtOn { network, title, backbone, preprocess } = &self.taught_on;
        let mut fields: Map<String, Value> = [
            ("network", network.clone()),
            ("backbone", backbone.digest.clone()),
            ("title", title.clone()),
            ("features", backbone.layer.clone()),
            ("preprocess", json!(preprocess).to_string()),
            ("labels", Labels::List(self.labels.clone()).to_text()),
            ("activation", json!(self.activation).as_str().unwrap_or_default().to_owned()),
            ("temperature", self.temperature.to_string()),
        ]
        .into_iter()
        .map(|(field, text)| (field.to_owned(), text.into()))
        .collect();
        fields.extend(self.threshold.map(|threshold| ("threshold".to_owned(), threshold.to_string().into())));
        let [weights, biases] = [&self.weights, &self.biases].map(|values| values.len() * size_of::<f32>());
        let logits = self.biases.len();
        let entry = |shape: &[usize], begin: usize, end: usize| json!({ "dtype": "F32", "shape": shape, "data_offsets": [begin, end] });
        let header = json!({
            "__metadata__": fields,
            (own_key(LAYER, Param::Weights)): entry(&[logits, self.weights.len() / logits.max(1)], 0, weights),
            (own_key(LAYER, Param::Biases)): entry(&[logits], weights, weights + biases),
        });
        let mut header = header.to_string().into_bytes();
        header.resize(header.len().next_multiple_of(8), b' ');
        let values = self.weights.iter().chain(&self.biases).flat_map(|value| value.to_le_bytes());
        (header.len() as u64).to_le_bytes().into_iter().chain(header).chain(values).collect()
    }
}

impl Checkpoint {
    /// Puts a taught head in the place of the classifier, calibrated, with its labels and pictures. Auxiliary heads, which answer
    /// with the classes of before, go; so does the threshold, which a model has not. Whether the head goes with these weights,
    /// [`TaughtHead::check`] says.
    ///
    /// # Errors
    /// A network that would give the head other features than it was taught on; a head of another length.
    pub fn set_head(&mut self, head: &TaughtHead) -> Result<(), CheckpointError> {
        let logits = head.biases.len();
        let own = match &self.options.head {
            Head::Embedding { size, norm, .. } => Head::Embedding { size: *size, norm: *norm, classes: Some(logits) },
            Head::Classifier(Classifier { pool: HeadPool::Max, .. }) => {
                Head::Classifier(Classifier { pool: HeadPool::Max, ..Classifier::new(logits) })
            }
            _ => Head::classifier(logits),
        };
        let preprocess = head.taught_on.preprocess.clone();
        let options = Options {
            size: [preprocess.height as usize, preprocess.width as usize],
            head: own,
            activation: head.activation,
            auxiliary: vec![],
            auxiliary_classes: None,
            ..self.options.clone()
        };
        let graph = self.network.build(&options)?;
        let reads = |graph: &Graph| graph.layer(graph.features()).op.clone();
        if reads(&graph) != Op::GlobalAverage && reads(&graph) != reads(&self.graph) {
            return Err(CheckpointError::HeadWindow { network: self.network.title });
        }
        let (found, wanted) = (head.taught_on.backbone.length, graph.layer(graph.taught_on()).shape.len());
        if found != wanted {
            return Err(fault("features", format!("the head reads {found}, the network has {wanted}")));
        }
        let layers: HashSet<&str> = graph.layers().iter().map(|layer| layer.name.as_str()).collect();
        self.weights.retain(|layer, _| layers.contains(layer.as_str()) && layer != LAYER);
        let calibrated = |value: &f32| (f64::from(*value) / head.temperature) as f32;
        for (param, values, shape) in
            [(Param::Weights, &head.weights, vec![logits, found]), (Param::Biases, &head.biases, vec![logits])]
        {
            let key = format!("{} of the head", own_key(LAYER, param));
            self.file.add(&key, shape.clone(), values.iter().map(calibrated));
            let weight = Weight { key, shape, ..Weight::default() };
            self.weights.entry(LAYER.into()).or_default().insert(param, weight);
        }
        self.assumptions.retain(|said| !is_of_classes(said));
        self.absent.retain(|absent| absent != LAYER);
        (self.graph, self.options, self.preprocess) = (graph, options, preprocess);
        self.labels = Some(Labels::List(head.labels.clone()));
        (self.class_offset, self.auxiliary_trained) = (0, true);
        Ok(())
    }
}

/// One of the head's tensors, of a shape that can be.
fn tensor(file: &TensorFile, param: Param, fits: impl Fn(&[usize]) -> bool) -> Result<Vec<f32>, CheckpointError> {
    let key = own_key(LAYER, param);
    let missing = || CheckpointError::NoParam { layer: LAYER.into(), param };
    let stored = file.tensors.get(&key).ok_or_else(missing)?;
    if !fits(&stored.shape) {
        let found = format!("{key} is {:?}, which does not go with its labels", stored.shape);
        return Err(fault("labels", found));
    }
    let row = stored.shape.iter().skip(1).product();
    let mut values = Vec::with_capacity(stored.shape.iter().product());
    let whole = file
        .pieces(stored)
        .all(|piece| decode(&piece, stored.dtype, stored.quantization.as_ref(), row, &mut values).is_some());
    match whole {
        false => Err(CheckpointError::Dtype { layer: LAYER.into(), key, dtype: stored.dtype.name() }),
        true if values.iter().any(|value| !value.is_finite()) => {
            Err(CheckpointError::NotFinite { layer: LAYER.into(), key })
        }
        true => Ok(values),
    }
}
