use super::ops::{Op, Operation};
use std::borrow::Cow;

/// Position of a layer in [`super::Graph::layers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LayerId(u32);

impl LayerId {
    /// The layer at this index.
    pub fn new(index: usize) -> Self {
        Self(index as u32)
    }

    /// Index into the list of layers.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Channels, height, width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Channels.
    pub c: usize,
    /// Height.
    pub h: usize,
    /// Width.
    pub w: usize,
}

impl Shape {
    /// Channels, height, width.
    pub fn new(c: usize, h: usize, w: usize) -> Self {
        Self { c, h, w }
    }

    /// A vector: `[c,1,1]`.
    pub fn vector(c: usize) -> Self {
        Self { c, h: 1, w: 1 }
    }

    /// Number of values; as many as can be counted where there are more.
    pub fn len(self) -> usize {
        self.c.saturating_mul(self.h).saturating_mul(self.w)
    }

    /// True where any extent is zero.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// `[C,H,W]`.
    pub fn chw(self) -> [usize; 3] {
        [self.c, self.h, self.w]
    }
}

/// Public kind of a layer, as `layers` prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayerKind {
    /// Convolution.
    Conv,
    /// Maximum pool.
    MaxPool,
    /// Average pool, global ones included.
    AvgPool,
    /// Local response normalisation.
    Lrn,
    /// The L2 norm of an embedding.
    L2Norm,
    /// Batch norm by itself.
    BatchNorm,
    /// A function of each value by itself: after a residual sum, or in a head.
    Activation,
    /// Concatenation.
    Concat,
    /// Residual sum.
    Add,
    /// Linear layer.
    Linear,
    /// Softmax.
    Softmax,
    /// Logistic function.
    Sigmoid,
    /// A whole branch.
    Branch,
}

/// One named step of a network.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Public name: the TF-slim end point.
    pub name: String,
    /// What it computes.
    pub op: Op,
    /// What it reads.
    pub inputs: Vec<LayerId>,
    /// Output size.
    pub shape: Shape,
    /// The module it belongs to; a module's own output carries its own name.
    pub module: Option<String>,
    /// The branch inside that module.
    pub branch: Option<usize>,
    /// Belongs to an auxiliary head.
    pub auxiliary: bool,
    /// The layer whose weights it has, where it has none of its own.
    pub shares: Option<LayerId>,
}

impl Layer {
    /// Public kind.
    pub fn kind(&self) -> LayerKind {
        match self.op.kind() {
            LayerKind::Concat if self.branch.is_some() => LayerKind::Branch,
            kind => kind,
        }
    }

    /// Kernel, stride and channels in the words of the papers: `3x3/2, 96`.
    pub fn detail(&self) -> Cow<'static, str> {
        self.op.detail(self.shape)
    }
}
