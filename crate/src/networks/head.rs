use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Options;
use crate::graph::{
    Activation, BatchNorm, Builder, GraphError, LayerId, Linear, Op, Outputs, Padding, Pool, PoolKind, Shape, Sigmoid,
    Softmax,
};

/// What makes answers of a classifier's logits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputActivation {
    /// One class of all: probabilities that sum to one.
    #[default]
    Softmax,
    /// Each logit for itself, several classes at once; a single logit answers two classes, `1 - p` and `p`.
    Sigmoid,
    /// The logits are the answer: values, not classes.
    None,
}

impl OutputActivation {
    /// Number of classes that so many logits answer.
    pub fn classes(self, logits: usize) -> usize {
        if (self, logits) == (Self::Sigmoid, 1) { 2 } else { logits }
    }

    /// The answer of logits.
    pub fn answer(self, logits: Vec<f32>) -> Vec<f32> {
        let answer = match self {
            Self::Softmax => Softmax::of,
            Self::Sigmoid => Sigmoid::of,
            Self::None => return logits,
        };
        let values: Vec<f64> = logits.into_iter().map(f64::from).collect();
        answer(&values).into_iter().map(|v| v as f32).collect()
    }
}

/// A network's body, as far as a taught head is concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backbone {
    /// Of the weights, whatever file they are in; 16 hexadecimal digits.
    pub digest: String,
    /// The layer whose output is the features.
    pub layer: String,
    /// How many features there are.
    pub length: usize,
}

/// How the last maps become what a classifier reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HeadPool {
    /// Their mean over all positions.
    #[default]
    Average,
    /// Their maximum over all positions.
    Max,
    /// All of their values, channel by channel.
    Flatten,
}

/// One layer of a classifier before its logits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HeadLayer {
    /// A matrix product.
    Linear {
        /// Number of outputs.
        outputs: usize,
        /// Has a bias.
        bias: bool,
    },
    /// Batch norm.
    Norm(BatchNorm),
    /// A function of each value.
    Activation(Activation),
}

/// From the last maps to the logits: a pool, layers of any kind, and a matrix product.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Classifier {
    /// What comes first.
    pub pool: HeadPool,
    /// What comes between.
    pub layers: Vec<HeadLayer>,
    /// Number of logits.
    pub classes: usize,
    /// Whether the logits have a bias.
    pub bias: bool,
}

impl Classifier {
    /// The usual one: global average and one linear layer.
    pub fn new(classes: usize) -> Self {
        Self { pool: HeadPool::Average, layers: vec![], classes, bias: true }
    }

    /// The same with hidden linear layers that end in ReLU, of so many outputs each.
    pub fn with_hidden(classes: usize, hidden: &[usize]) -> Self {
        let layer =
            |&outputs: &usize| [HeadLayer::Linear { outputs, bias: true }, HeadLayer::Activation(Activation::Relu)];
        Self { layers: hidden.iter().flat_map(layer).collect(), ..Self::new(classes) }
    }

    /// A classifier as our files describe it:
    /// `{"pool":"average","layers":[{"linear":{"outputs":64,"bias":true}},{"activation":"tanh"}],"classes":5,"bias":true}`. None for
    /// what is none.
    pub(crate) fn from_json(json: &Value) -> Option<Self> {
        let count = |json: &Value| usize::try_from(json.as_u64()?).ok();
        let pool = match json["pool"].as_str()? {
            "average" => HeadPool::Average,
            "max" => HeadPool::Max,
            "flatten" => HeadPool::Flatten,
            _ => return None,
        };
        let layer = |json: &Value| {
            let (kind, of) = json.as_object()?.iter().next()?;
            Some(match kind.as_str() {
                "linear" => HeadLayer::Linear { outputs: count(&of["outputs"])?, bias: of["bias"].as_bool()? },
                "norm" => {
                    let (epsilon, gamma) = (of["epsilon"].as_f64()?, of["gamma"].as_bool()?);
                    HeadLayer::Norm(BatchNorm { epsilon, gamma })
                }
                "activation" => HeadLayer::Activation(Activation::from_json(of)?),
                _ => return None,
            })
        };
        let layers = json["layers"].as_array()?.iter().map(layer).collect::<Option<_>>()?;
        Some(Self { pool, layers, classes: count(&json["classes"])?, bias: json["bias"].as_bool()? })
    }

    /// The public name of each layer before the logits; none of a ReLU that is part of the linear layer before it. What follows a
    /// linear layer has that layer's name in front of its own, what comes before the first `PreLogits`.
    pub fn names(&self) -> Vec<Option<String>> {
        let (mut linears, mut within) = (0, 0);
        let mut unit = "PreLogits".to_owned();
        let mut follows_linear = false;
        let mut names = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let kind = match layer {
                HeadLayer::Linear { .. } => {
                    unit = Head::hidden_name(linears);
                    (linears, within, follows_linear) = (linears + 1, 0, true);
                    names.push(Some(unit.clone()));
                    continue;
                }
                HeadLayer::Activation(Activation::Relu) if follows_linear => {
                    follows_linear = false;
                    names.push(None);
                    continue;
                }
                HeadLayer::Activation(_) => "Activation",
                HeadLayer::Norm(_) => "BatchNorm",
            };
            follows_linear = false;
            let suffix = if within > 0 { format!("_{within}") } else { String::new() };
            within += 1;
            names.push(Some(format!("{unit}/{kind}{suffix}")));
        }
        names
    }

    /// True where nothing but linear layers with ReLU stands before the logits: what the keys of a file tell by themselves.
    pub fn is_plain(&self) -> bool {
        let hidden: Vec<usize> = self
            .layers
            .iter()
            .filter_map(|layer| match layer {
                HeadLayer::Linear { outputs, .. } => Some(*outputs),
                _ => None,
            })
            .collect();
        *self == Self::with_hidden(self.classes, &hidden)
    }
}

/// What follows the last maps.
#[derive(Clone, Debug, PartialEq)]
pub enum Head {
    /// Pooled features only.
    None,
    /// Class logits.
    Classifier(Classifier),
    /// FaceNet's: a linear layer, batch norm, and from there the L2-normalised embedding and the logits
    /// (Schroff et al. 2015; layout of facenet-pytorch).
    Embedding {
        /// Length of the embedding.
        size: usize,
        /// The batch norm after the linear layer.
        norm: BatchNorm,
        /// Number of classes, where the checkpoint has a classifier.
        classes: Option<usize>,
    },
}

impl Head {
    /// The most hidden linear layers: `FC_1b` to `FC_1z`.
    pub const MAX_HIDDEN: usize = 25;
    /// The most outputs a linear layer may have.
    pub const MAX_OUTPUTS: usize = 1 << 20;

    /// One linear layer to class logits.
    pub fn classifier(classes: usize) -> Self {
        Self::Classifier(Classifier::new(classes))
    }

    /// Name of a classifier's hidden linear layer, from 0.
    pub fn hidden_name(index: usize) -> String {
        format!("FC_1{}", char::from(b'b' + index.min(Self::MAX_HIDDEN - 1) as u8))
    }

    /// Number of logits, where there is a classifier.
    pub fn classes(&self) -> Option<usize> {
        match self {
            Head::None => None,
            Head::Classifier(classifier) => Some(classifier.classes),
            Head::Embedding { classes, .. } => *classes,
        }
    }

    /// The same head with another number of classes; a head without classes gets a linear one.
    pub fn with_classes(self, classes: usize) -> Self {
        match self {
            Head::None => Self::classifier(classes),
            Head::Classifier(classifier) => Head::Classifier(Classifier { classes, ..classifier }),
            Head::Embedding { size, norm, .. } => Head::Embedding { size, norm, classes: Some(classes) },
        }
    }
}

fn checked(layer: &str, found: usize) -> Result<usize, GraphError> {
    match (1..=Head::MAX_OUTPUTS).contains(&found) {
        true => Ok(found),
        false => Err(GraphError::Outputs { layer: layer.into(), found }),
    }
}

/// Pool and head after the last layer.
pub(super) fn build(
    b: &mut Builder,
    Options { head, activation, .. }: &Options,
    window: Option<usize>,
    auxiliary: Vec<LayerId>,
) -> Result<Outputs, GraphError> {
    let maps = b.last();
    let shape = b.shape(maps);
    let features = match head {
        Head::Classifier(Classifier { pool: HeadPool::Flatten, .. }) => maps,
        Head::Classifier(Classifier { pool: HeadPool::Max, .. }) => {
            let (kernel, padding) = ([shape.h, shape.w], Padding::default());
            let pool = Pool { kind: PoolKind::Max, kernel, stride: [1, 1], padding };
            b.push("MaxPool_1a", Op::Pool(pool), vec![maps])?
        }
        _ => match window {
            Some(side) if [shape.h, shape.w] != [side; 2] => average(b, side)?,
            _ => b.push("AvgPool_1a", Op::GlobalAverage, vec![maps])?,
        },
    };
    let mut outputs = Outputs { features, logits: None, predictions: None, embedding: None, auxiliary };
    let mut has_bias = true;
    match head {
        Head::None => return Ok(outputs),
        Head::Classifier(classifier) => {
            hidden(b, classifier)?;
            has_bias = classifier.bias;
        }
        Head::Embedding { size, norm, .. } => {
            let op = Linear { outputs: checked("Bottleneck", *size)?, bias: false, relu: false };
            let linear = b.push("Bottleneck", Op::Linear(op), vec![features])?;
            let norm = b.push("Bottleneck/BatchNorm", Op::Norm(*norm), vec![linear])?;
            outputs.embedding = Some(b.push("Embedding", Op::L2Normalize, vec![norm])?);
            b.rewind(norm);
        }
    }
    if let Some(classes) = head.classes() {
        let op = Linear { outputs: checked("Logits", classes)?, bias: has_bias, relu: false };
        let logits = b.push("Logits", Op::Linear(op), vec![b.last()])?;
        outputs.logits = Some(logits);
        outputs.predictions = Some(match activation {
            OutputActivation::Softmax => b.push("Predictions", Op::Softmax, vec![logits])?,
            OutputActivation::Sigmoid => b.push("Predictions", Op::Sigmoid, vec![logits])?,
            OutputActivation::None => logits,
        });
    }
    Ok(outputs)
}

/// The average over a window that has to leave one position; what it does not reach at the right and below is left out.
fn average(b: &mut Builder, side: usize) -> Result<LayerId, GraphError> {
    let maps = b.last();
    let Shape { h, w, .. } = b.shape(maps);
    let found = [h / side, w / side];
    if found != [1, 1] {
        let wanted = [1, 1];
        return Err(GraphError::HeadSize { network: b.network(), input: b.size(), head: "Logits", wanted, found });
    }
    let kind = PoolKind::Average { count_padding: false };
    let pool = Pool { kind, kernel: [side; 2], stride: [side; 2], padding: Padding::default() };
    b.push("AvgPool_1a", Op::Pool(pool), vec![maps])
}

/// A classifier's layers before its logits.
fn hidden(b: &mut Builder, classifier: &Classifier) -> Result<(), GraphError> {
    let names = classifier.names();
    let linears = classifier.layers.iter().filter(|layer| matches!(layer, HeadLayer::Linear { .. }));
    if linears.count() > Head::MAX_HIDDEN {
        return Err(GraphError::Layers { found: classifier.layers.len() });
    }
    for (i, (layer, name)) in classifier.layers.iter().zip(&names).enumerate() {
        let from = b.last();
        let Some(name) = name else { continue };
        let op = match *layer {
            HeadLayer::Linear { outputs, bias } => {
                let relu = names.get(i + 1) == Some(&None);
                Op::Linear(Linear { outputs: checked(name, outputs)?, bias, relu })
            }
            HeadLayer::Activation(activation) => Op::Activation(activation),
            HeadLayer::Norm(norm) => Op::Norm(norm),
        };
        b.push(&**name, op, vec![from])?;
    }
    Ok(())
}

/// GoogLeNet's auxiliary head after its pool: 1x1 convolution, hidden linear layer, logits (Szegedy et al. 2014, section 5).
pub(super) fn auxiliary_v1(b: &mut Builder, head: &'static str, classes: usize) -> Result<LayerId, GraphError> {
    let conv = match head {
        "AuxLogits_1" => "AuxLogits_1/Conv2d_1b_1x1",
        _ => "AuxLogits_2/Conv2d_1b_1x1",
    };
    b.step(crate::graph::conv(conv, [1, 1], 128))?;
    b.linear(format!("{head}/FC_2a"), 1024, true)?;
    b.linear(head, checked(head, classes)?, false)
}

/// Inception-v3's auxiliary head: 5x5/3 pool, 1x1, 5x5 without padding, logits (Szegedy et al. 2015, section 4).
/// Where a larger image leaves more than one position, they are averaged, as torchvision does.
pub(super) fn auxiliary_v3(b: &mut Builder, classes: usize) -> Result<LayerId, GraphError> {
    use crate::graph::{Pad, avg_pool, conv};
    b.step(avg_pool("AuxLogits/AvgPool_1a_5x5", 5, false).stride(3).pad(Pad::Valid))?; // 768 x 5 x 5
    b.step(conv("AuxLogits/Conv2d_1b_1x1", [1, 1], 128))?; //                                  128 x 5 x 5
    let last = b.step(conv("AuxLogits/Conv2d_2a_5x5", [5, 5], 768).pad(Pad::Valid))?; //       768 x 1 x 1
    let shape = b.shape(last);
    if [shape.h, shape.w] != [1, 1] {
        b.push("AuxLogits/AvgPool_2b", Op::GlobalAverage, vec![last])?;
    }
    b.linear("AuxLogits", checked("AuxLogits", classes)?, false)
}
