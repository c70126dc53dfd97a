use std::borrow::Cow;

use super::Activation;

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

/// Rows and columns added around an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Padding {
    /// Rows above.
    pub top: usize,
    /// Columns to the left.
    pub left: usize,
    /// Rows below.
    pub bottom: usize,
    /// Columns to the right.
    pub right: usize,
}

impl Padding {
    /// The same on both sides: `[rows, columns]`.
    pub fn symmetric([h, w]: [usize; 2]) -> Self {
        Self { top: h, left: w, bottom: h, right: w }
    }
}

/// Batch normalisation in inference: `(x - mean) / sqrt(variance + epsilon) * gamma + beta`.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct BatchNorm {
    /// Added to the variance.
    pub epsilon: f64,
    /// False where the scale is fixed to one (TF-slim's `scale=False`).
    pub gamma: bool,
}

/// A convolution with what is fused to it: bias, batch norm, ReLU, in that order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conv {
    /// Height, width.
    pub kernel: [usize; 2],
    /// Vertical, horizontal.
    pub stride: [usize; 2],
    /// Zeros around the input.
    pub padding: Padding,
    /// Has a bias of its own.
    pub bias: bool,
    /// Batch norm after the bias.
    pub norm: Option<BatchNorm>,
    /// ReLU at the end.
    pub relu: bool,
}

/// What a pool takes from its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolKind {
    /// The largest value inside the image.
    Max,
    /// The mean; `count_padding` divides by the whole window (PyTorch's `count_include_pad`).
    Average {
        /// Zeros of the padding count.
        count_padding: bool,
    },
}

/// A pool over a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pool {
    /// Maximum or mean.
    pub kind: PoolKind,
    /// Height, width.
    pub kernel: [usize; 2],
    /// Vertical, horizontal.
    pub stride: [usize; 2],
    /// Rows and columns around the input.
    pub padding: Padding,
}

/// What a layer computes.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// The normalised image.
    Input,
    /// Convolution, batch norm, ReLU.
    Conv(Conv),
    /// Maximum or average pool.
    Pool(Pool),
    /// Average over `size` windows that cover the input (PyTorch's `adaptive_avg_pool2d`).
    AdaptiveAverage {
        /// Output height, width.
        size: [usize; 2],
    },
    /// Mean over all positions.
    GlobalAverage,
    /// Local response normalisation across channels (Krizhevsky et al. 2012, section 3.3, with Caffe's alpha / size).
    Lrn {
        /// Channels in the window.
        size: usize,
        /// Scale of the mean square.
        alpha: f32,
        /// Exponent.
        beta: f32,
        /// Added before the power.
        bias: f32,
    },
    /// Inputs one after another along channels; of one input, another name for it.
    Concat,
    /// First input plus `scale` times the second (the residual).
    Add {
        /// Residual scale (Szegedy et al. 2016, section 3.3).
        scale: f32,
    },
    /// A function of each value, after a residual sum or in a head; the identity is another name for the input.
    Activation(Activation),
    /// Matrix product over the flattened input in CHW order.
    Linear {
        /// Has a bias.
        bias: bool,
        /// ReLU at the end.
        relu: bool,
    },
    /// Batch norm of a vector.
    Norm(BatchNorm),
    /// Division by the Euclidean norm.
    L2Normalize,
    /// Softmax over channels.
    Softmax,
    /// The logistic function of each channel; of a single one, `p`, the pair `[1 - p, p]`.
    Sigmoid,
}

impl Op {
    /// True where the output is a vector, `[C]`, rather than a map of one position.
    pub fn is_vector(&self) -> bool {
        matches!(
            self,
            Op::GlobalAverage | Op::Linear { .. } | Op::Norm(_) | Op::L2Normalize | Op::Softmax | Op::Sigmoid
        )
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
    /// Local response normalisation, and the L2 norm of an embedding.
    Lrn,
    /// Concatenation.
    Concat,
    /// Residual sum and its activation.
    Add,
    /// Linear layer, and batch norm of a vector.
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
        match &self.op {
            Op::Conv(_) => LayerKind::Conv,
            Op::Pool(Pool { kind: PoolKind::Max, .. }) => LayerKind::MaxPool,
            Op::Pool(_) | Op::AdaptiveAverage { .. } | Op::GlobalAverage => LayerKind::AvgPool,
            Op::Lrn { .. } | Op::L2Normalize => LayerKind::Lrn,
            Op::Concat if self.branch.is_some() => LayerKind::Branch,
            Op::Concat | Op::Input => LayerKind::Concat,
            Op::Add { .. } | Op::Activation(_) => LayerKind::Add,
            Op::Linear { .. } | Op::Norm(_) => LayerKind::Linear,
            Op::Softmax => LayerKind::Softmax,
            Op::Sigmoid => LayerKind::Sigmoid,
        }
    }

    /// Kernel, stride and channels in the words of the papers: `3x3/2, 96`.
    pub fn detail(&self) -> Cow<'static, str> {
        let window = |k: [usize; 2], s: [usize; 2]| match s {
            [1, 1] => format!("{}x{}", k[0], k[1]),
            [a, b] if a == b => format!("{}x{}/{a}", k[0], k[1]),
            [a, b] => format!("{}x{}/{a}x{b}", k[0], k[1]),
        };
        match &self.op {
            Op::Input => "input".into(),
            Op::Conv(c) => format!("{}, {}", window(c.kernel, c.stride), self.shape.c).into(),
            Op::Pool(p) => window(p.kernel, p.stride).into(),
            Op::AdaptiveAverage { size } => format!("to {}x{}", size[0], size[1]).into(),
            Op::GlobalAverage => "global".into(),
            Op::Lrn { size, .. } => format!("{size} channels").into(),
            Op::Concat => format!("{}", self.shape.c).into(),
            Op::Add { scale } => format!("input + {scale} x residual").into(),
            Op::Activation(activation) => activation.name().into(),
            Op::Linear { .. } => format!("{}", self.shape.c).into(),
            Op::Norm(_) => "batch norm".into(),
            Op::L2Normalize => "l2 norm".into(),
            Op::Softmax => "softmax".into(),
            Op::Sigmoid => "sigmoid".into(),
        }
    }

    pub(super) fn params(&self, input: Shape) -> u64 {
        let norm = |n: &BatchNorm| if n.gamma { 2 } else { 1 };
        let out = self.shape.c as u64;
        match &self.op {
            Op::Conv(c) => {
                let weights = out * (input.c * c.kernel[0] * c.kernel[1]) as u64;
                weights + out * (u64::from(c.bias) + c.norm.as_ref().map_or(0, norm))
            }
            Op::Linear { bias, .. } => out * (input.len() as u64 + u64::from(*bias)),
            Op::Norm(n) => out * norm(n),
            _ => 0,
        }
    }

    pub(super) fn macs(&self, input: Shape) -> u64 {
        match &self.op {
            Op::Conv(c) => (self.shape.len() * input.c * c.kernel[0] * c.kernel[1]) as u64,
            Op::Linear { .. } => (self.shape.len() * input.len()) as u64,
            _ => 0,
        }
    }
}
