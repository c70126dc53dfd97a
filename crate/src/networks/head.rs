use crate::cpu::{sigmoid, softmax};
use crate::graph::{BatchNorm, Builder, GraphError, LayerId, Op, Outputs, Shape};

/// What makes answers of a classifier's logits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
        let mut answer = vec![0.0; self.classes(logits.len())];
        match self {
            Self::Softmax => softmax(&logits, &mut answer),
            Self::Sigmoid => sigmoid(&logits, &mut answer),
            Self::None => return logits,
        }
        answer
    }
}

/// What follows the global average pool.
#[derive(Clone, Debug, PartialEq)]
pub enum Head {
    /// Pooled features only.
    None,
    /// Linear layers to class logits; hidden ones end in ReLU.
    Classifier {
        /// Outputs of the hidden layers `FC_1b`, `FC_1c`; at most [`Head::HIDDEN`].
        hidden: Vec<usize>,
        /// Number of classes.
        classes: usize,
    },
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
    /// Names of the hidden layers of a classifier.
    pub const HIDDEN: [&'static str; 2] = ["FC_1b", "FC_1c"];
    /// The most outputs a linear layer may have.
    pub const MAX_OUTPUTS: usize = 1 << 20;

    /// One linear layer to class logits.
    pub fn classifier(classes: usize) -> Self {
        Self::Classifier { hidden: vec![], classes }
    }

    /// Number of logits, where there is a classifier.
    pub fn classes(&self) -> Option<usize> {
        match self {
            Head::None => None,
            Head::Classifier { classes, .. } => Some(*classes),
            Head::Embedding { classes, .. } => *classes,
        }
    }

    /// The same head with another number of classes; a head without classes gets a linear one.
    pub fn with_classes(self, classes: usize) -> Self {
        match self {
            Head::None => Self::classifier(classes),
            Head::Classifier { hidden, .. } => Head::Classifier { hidden, classes },
            Head::Embedding { size, norm, .. } => Head::Embedding { size, norm, classes: Some(classes) },
        }
    }
}

fn checked(layer: &'static str, found: usize) -> Result<usize, GraphError> {
    match (1..=Head::MAX_OUTPUTS).contains(&found) {
        true => Ok(found),
        false => Err(GraphError::Outputs { layer, found }),
    }
}

/// Global average pool and head after the last layer.
pub(super) fn build(
    b: &mut Builder,
    head: &Head,
    activation: OutputActivation,
    auxiliary: Vec<LayerId>,
) -> Result<Outputs, GraphError> {
    let channels = b.shape(b.last()).c;
    let features = b.push("AvgPool_1a", Op::GlobalAverage, vec![b.last()], Shape::vector(channels));
    let mut outputs = Outputs { features, logits: None, predictions: None, embedding: None, auxiliary };
    match head {
        Head::None => return Ok(outputs),
        Head::Classifier { hidden, .. } => {
            for (name, &size) in Head::HIDDEN.into_iter().zip(hidden) {
                b.linear(name, checked(name, size)?, true);
            }
        }
        Head::Embedding { size, norm, .. } => {
            let shape = Shape::vector(checked("Bottleneck", *size)?);
            let linear = b.push("Bottleneck", Op::Linear { bias: false, relu: false }, vec![features], shape);
            let norm = b.push("Bottleneck/BatchNorm", Op::Norm(*norm), vec![linear], shape);
            outputs.embedding = Some(b.push("Embedding", Op::L2Normalize, vec![norm], shape));
            b.rewind(norm);
        }
    }
    if let Some(classes) = head.classes() {
        let logits = b.linear("Logits", checked("Logits", classes)?, false);
        outputs.logits = Some(logits);
        let shape = Shape::vector(activation.classes(classes));
        outputs.predictions = Some(match activation {
            OutputActivation::Softmax => b.push("Predictions", Op::Softmax, vec![logits], shape),
            OutputActivation::Sigmoid => b.push("Predictions", Op::Sigmoid, vec![logits], shape),
            OutputActivation::None => logits,
        });
    }
    Ok(outputs)
}

/// GoogLeNet's auxiliary head after its pool: 1x1 convolution, hidden linear layer, logits (Szegedy et al. 2014, section 5).
pub(super) fn auxiliary_v1(b: &mut Builder, head: &'static str, classes: usize) -> Result<LayerId, GraphError> {
    let conv = match head {
        "AuxLogits_1" => "AuxLogits_1/Conv2d_1b_1x1",
        _ => "AuxLogits_2/Conv2d_1b_1x1",
    };
    b.step(crate::graph::conv(conv, 128))?;
    b.linear(format!("{head}/FC_2a"), 1024, true);
    Ok(b.linear(head, checked(head, classes)?, false))
}

/// Inception-v3's auxiliary head: 5x5/3 pool, 1x1, 5x5 without padding, logits (Szegedy et al. 2015, section 4).
/// Where a larger image leaves more than one position, they are averaged, as torchvision does.
pub(super) fn auxiliary_v3(b: &mut Builder, classes: usize) -> Result<LayerId, GraphError> {
    use crate::graph::{Pad, avg_pool, conv};
    b.step(avg_pool("AuxLogits/AvgPool_1a_5x5", false).stride(3).pad(Pad::Valid))?; // 768 x 5 x 5
    b.step(conv("AuxLogits/Conv2d_1b_1x1", 128))?; //                                  128 x 5 x 5
    let last = b.step(conv("AuxLogits/Conv2d_2a_5x5", 768).pad(Pad::Valid))?; //       768 x 1 x 1
    let shape = b.shape(last);
    if [shape.h, shape.w] != [1, 1] {
        b.push("AuxLogits/AvgPool_2b", Op::GlobalAverage, vec![last], Shape::vector(shape.c));
    }
    Ok(b.linear("AuxLogits", checked("AuxLogits", classes)?, false))
}
