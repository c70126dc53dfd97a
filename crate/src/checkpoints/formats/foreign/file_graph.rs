//! The model that a file describes, in the operations that networks of this family have. Readers of formats make it; the matcher
//! walks it beside one of our networks, so that weights find their places by what is computed with them and not by their names.

use crate::checkpoints::formats::decode::Axes;
use crate::graph::{Activation, Padding};
use crate::networks::OutputActivation;

/// A file's model: its operations, each after all that it reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileGraph {
    /// The operations.
    pub nodes: Vec<Node>,
    /// Which of them the model answers with. Of several, the first is the main one and the others are auxiliary heads.
    pub outputs: Vec<usize>,
    /// What makes answers of the outputs by the loss that the model was trained with, where it names one.
    pub of_loss: Option<OutputActivation>,
}

impl FileGraph {
    /// Whether it is torchvision's version of this network: timm's has the same layers and other names around them.
    pub fn is_torchvision(&self, network: &str) -> bool {
        let is_timm = || self.nodes.iter().any(|node| node.name.contains("global_pool"));
        network == "googlenet-torchvision" || network == "inception-v3" && !is_timm()
    }
}

/// Which operations are read on the way to these outputs, or are these.
pub fn needed(nodes: &[Node], outputs: &[usize], themselves: bool) -> Vec<bool> {
    let mut needed = vec![false; nodes.len()];
    let mut due: Vec<usize> = match themselves {
        true => outputs.to_vec(),
        false => outputs.iter().flat_map(|&output| nodes[output].inputs.iter().copied()).collect(),
    };
    while let Some(at) = due.pop() {
        if !std::mem::replace(&mut needed[at], true) {
            due.extend(&nodes[at].inputs);
        }
    }
    needed
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its name in the file, for messages.
    pub name: String,
    /// What it computes.
    pub op: FileOp,
    /// What it reads, as positions in [`FileGraph::nodes`]: values only, no weights.
    pub inputs: Vec<usize>,
}

/// Where a window's padding comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilePadding {
    /// So many rows and columns.
    Explicit(Padding),
    /// TensorFlow's `SAME`: as many as give one output for each stride, the odd one below and to the right.
    Same,
    /// The same, with the odd one above and to the left (ONNX' `SAME_LOWER`).
    SameLower,
}

/// A window that moves over a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Height, width.
    pub kernel: [usize; 2],
    /// Vertical, horizontal.
    pub stride: [usize; 2],
    /// Rows and columns around the input.
    pub padding: FilePadding,
    /// Whether the last window may hang over the edge.
    pub ceil: bool,
}

/// What an operation computes. Parameters are keys of [`super::TensorFile::tensors`].
#[derive(Clone, Debug, PartialEq)]
pub enum FileOp {
    /// The picture, or what a model calls its input: height and width where they are fixed, channels where they are said.
    Input {
        /// Height and width.
        size: Option<[usize; 2]>,
        /// Number of channels.
        channels: Option<usize>,
        /// Whether its values are whole numbers: a picture's bytes, 0 to 255.
        bytes: bool,
    },
    /// A convolution without groups or dilation; others are [`FileOp::Other`].
    Conv {
        /// Key of the kernel, four axes; its height and width are those of the window.
        weights: String,
        /// Key of the bias.
        bias: Option<String>,
        /// Order of the kernel's axes.
        axes: Axes,
        /// Its window.
        window: Window,
    },
    /// Something added to each channel: a bias that stands alone.
    Bias(String),
    /// Batch norm with recorded statistics.
    Norm {
        /// Key of the scale; none where it is one.
        gamma: Option<String>,
        /// Key of the shift; none where it is zero.
        beta: Option<String>,
        /// Key of the mean.
        mean: String,
        /// Key of the variance.
        variance: String,
        /// Added to the variance.
        epsilon: f64,
    },
    /// A function of each value.
    Activation(Activation),
    /// A maximum pool.
    MaxPool(Window),
    /// An average pool, and whether zeros of the padding count.
    AveragePool(Window, bool),
    /// Mean over all positions.
    GlobalAverage,
    /// Maximum over all positions.
    GlobalMax,
    /// Local response normalisation across channels: `x / (bias + alpha / size * sum of squares) ^ beta`.
    Lrn {
        /// Channels in the window.
        size: usize,
        /// Scale of the mean square.
        alpha: f64,
        /// Exponent.
        beta: f64,
        /// Added before the power.
        bias: f64,
    },
    /// Inputs one after another along channels.
    Concat,
    /// Sum of two values.
    Add,
    /// `x * scale + shift`, of one value for all channels or one for each.
    Affine {
        /// Factors.
        scale: Vec<f64>,
        /// Then added.
        shift: Vec<f64>,
    },
    /// Those channels of the input, in that order.
    Channels(Vec<usize>),
    /// Maps to one vector: channel by channel (CHW), or position by position (HWC).
    Flatten {
        /// Position by position, the channels of one after another.
        channels_last: bool,
    },
    /// A linear layer.
    Dense {
        /// Key of the matrix.
        weights: String,
        /// Key of the bias.
        bias: Option<String>,
        /// Order of the matrix' axes.
        axes: Axes,
    },
    /// Softmax over the last axis, or over channels.
    Softmax,
    /// The logarithm of softmax.
    LogSoftmax,
    /// Division of a vector by its Euclidean norm.
    L2Normalize,
    /// Another name for the input: what does nothing in inference (dropout, noise, augmentation, squeezes, identities).
    Same,
    /// Anything else, in the format's word for it. On the way from the picture to the answer it is an error that names it.
    Other(String),
}
