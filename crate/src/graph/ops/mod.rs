//! What a layer can compute. Each operation is one file, which says all that is known of it without a device: shape,
//! tensors, multiply-adds, receptive field, public kind, and in its `reference` what it means, in plain loops and f64.
//! `cpu/ops` and `gpu/ops` have a file of the same name for its kernel.

mod activation;
mod add;
mod average;
mod concat;
mod conv;
mod input;
mod l2_normalize;
mod linear;
mod lrn;
mod norm;
mod pool;
mod sigmoid;
mod softmax;
mod window;

pub use activation::Activation;
pub use add::Add;
pub(crate) use average::windows;
pub use average::{AdaptiveAverage, GlobalAverage};
pub use concat::Concat;
pub use conv::Conv;
pub use input::Input;
pub use l2_normalize::L2Normalize;
pub use linear::Linear;
pub use lrn::Lrn;
pub use pool::{Pool, PoolKind};
pub use sigmoid::Sigmoid;
pub use softmax::Softmax;
pub use window::{Padding, Window};

use super::{BatchNorm, LayerKind, LayerWeights, ReceptiveField, Shape, Tensors, Values};
use std::borrow::Cow;

/// Why an operation cannot read what it is given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// A window is larger than what reaches it.
    #[error("it has a {}x{} window, but only {}x{} reaches it", .window[0], .window[1], .found[0], .found[1])]
    Window {
        /// Height and width of the window.
        window: [usize; 2],
        /// Height and width of the input with its padding.
        found: [usize; 2],
    },
    /// Inputs that do not go together, or too many or too few.
    #[error("it cannot read what it is given")]
    Inputs,
    /// Padding of a pool as large as its window, which would have nothing in it.
    #[error("its padding is as large as its window, which would have nothing in it")]
    Padding,
    /// Normalisation over an even number of channels, or of more channels than are supported.
    #[error(
        "it normalises over {size} of {channels} channels: only odd numbers, of at most {}, are supported",
        Lrn::MOST_CHANNELS
    )]
    Normalization {
        /// Channels that a sum is of.
        size: usize,
        /// Channels of the input.
        channels: usize,
    },
    /// An output with no values, or with more than can be counted.
    #[error("it would have no output, or one too large")]
    Extent,
}

/// The only input.
fn single(inputs: &[Shape]) -> Result<Shape, ShapeError> {
    match inputs {
        &[input] => Ok(input),
        _ => Err(ShapeError::Inputs),
    }
}

/// The only input, a vector.
fn vector(inputs: &[Shape]) -> Result<Shape, ShapeError> {
    single(inputs).and_then(|input| match input {
        Shape { h: 1, w: 1, .. } => Ok(input),
        _ => Err(ShapeError::Inputs),
    })
}

/// What an operation's reverse reads: what it read and gave, and the gradient of some number at what it gave.
#[derive(Clone, Copy)]
pub struct Reverse<'a> {
    /// What it read.
    pub inputs: &'a [&'a Values],
    /// Its tensors.
    pub weights: &'a LayerWeights,
    /// What it gave.
    pub output: &'a Values,
    /// The number's gradient there.
    pub gradient: &'a Values,
}

impl Reverse<'_> {
    /// The gradient before the ReLU at the end of an operation: nothing passes where it gave zero.
    fn before_relu(&self, relu: bool) -> Values {
        let passes = |at: usize| !relu || self.output.data[at] > 0.0;
        let values = self.gradient.data.iter().enumerate().map(|(at, &v)| if passes(at) { v } else { 0.0 });
        Values { shape: self.gradient.shape, data: values.collect() }
    }

    /// The gradient at the only input by what each of its values adds: `(pixel, channel, value)` for each call.
    fn scattered(&self, scatter: impl FnOnce(&mut dyn FnMut(usize, usize, f64))) -> Vec<Values> {
        let mut found = Values::zeros(self.inputs[0].shape);
        let channels = found.shape.c;
        scatter(&mut |pixel, channel, value| found.data[pixel * channels + channel] += value);
        vec![found]
    }
}

/// What is known of an operation without a device. Nothing has a default: an operation says all of it.
pub trait Operation {
    /// The output's shape.
    fn output(&self, inputs: &[Shape]) -> Result<Shape, ShapeError>;
    /// The tensors it has over that (first) input.
    fn tensors(&self, input: Shape) -> Tensors;
    /// What one position of the output sees, where the inputs see that much.
    fn receptive_field(&self, seen: ReceptiveField, input: Shape) -> ReceptiveField;
    /// Public kind.
    fn kind(&self) -> LayerKind;
    /// Kernel, stride and channels in the words of the papers: `3x3/2, 96`.
    fn detail(&self, output: Shape) -> Cow<'static, str>;
    /// What it means: the output for one image, of as many inputs as it reads and of its tensors.
    fn reference(&self, inputs: &[&Values], weights: &LayerWeights, output: Shape) -> Values;
    /// The gradients at its inputs, in their order.
    fn reverse(&self, at: Reverse) -> Vec<Values>;
}

/// What a layer computes.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// The normalised image.
    Input(Input),
    /// Convolution, batch norm, ReLU.
    Conv(Conv),
    /// Maximum or average pool.
    Pool(Pool),
    /// Average over windows that cover the input.
    AdaptiveAverage(AdaptiveAverage),
    /// Mean over all positions.
    GlobalAverage,
    /// Local response normalisation across channels.
    Lrn(Lrn),
    /// Inputs one after another along channels; of one input, another name for it.
    Concat,
    /// A scaled residual sum.
    Add(Add),
    /// A function of each value, after a residual sum or in a head; the identity is another name for the input.
    Activation(Activation),
    /// Matrix product over the flattened input.
    Linear(Linear),
    /// Batch norm by itself.
    Norm(BatchNorm),
    /// Division by the Euclidean norm.
    L2Normalize,
    /// Softmax over channels.
    Softmax,
    /// The logistic function of each channel; of a single one, `p`, the pair `[1 - p, p]`.
    Sigmoid,
}

/// The one place that knows every operation.
macro_rules! of_each {
    ($op:expr, $operation:ident => $call:expr) => {
        match $op {
            Op::Input($operation) => $call,
            Op::Conv($operation) => $call,
            Op::Pool($operation) => $call,
            Op::AdaptiveAverage($operation) => $call,
            Op::GlobalAverage => {
                let $operation = &GlobalAverage;
                $call
            }
            Op::Lrn($operation) => $call,
            Op::Concat => {
                let $operation = &Concat;
                $call
            }
            Op::Add($operation) => $call,
            Op::Activation($operation) => $call,
            Op::Linear($operation) => $call,
            Op::Norm($operation) => $call,
            Op::L2Normalize => {
                let $operation = &L2Normalize;
                $call
            }
            Op::Softmax => {
                let $operation = &Softmax;
                $call
            }
            Op::Sigmoid => {
                let $operation = &Sigmoid;
                $call
            }
        }
    };
}

impl Operation for Op {
    fn output(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let found = of_each!(self, op => op.output(inputs))?;
        let is_counted = found.h.checked_mul(found.w).and_then(|n| n.checked_mul(found.c)).is_some();
        if is_counted && !found.is_empty() { Ok(found) } else { Err(ShapeError::Extent) }
    }

    fn tensors(&self, input: Shape) -> Tensors {
        of_each!(self, op => op.tensors(input))
    }

    fn receptive_field(&self, seen: ReceptiveField, input: Shape) -> ReceptiveField {
        of_each!(self, op => op.receptive_field(seen, input))
    }

    fn kind(&self) -> LayerKind {
        of_each!(self, op => op.kind())
    }

    fn detail(&self, output: Shape) -> Cow<'static, str> {
        of_each!(self, op => op.detail(output))
    }

    fn reference(&self, inputs: &[&Values], weights: &LayerWeights, output: Shape) -> Values {
        of_each!(self, op => op.reference(inputs, weights, output))
    }

    fn reverse(&self, at: Reverse) -> Vec<Values> {
        of_each!(self, op => op.reverse(at))
    }
}

impl Op {
    /// Whether the layer is another name for its inputs, one after another along channels: nothing is computed.
    pub fn is_alias(&self) -> bool {
        match self {
            Op::Concat => true,
            Op::Activation(function) => matches!(function, Activation::Identity),
            Op::Input(_) | Op::Conv(_) | Op::Pool(_) | Op::AdaptiveAverage(_) | Op::GlobalAverage | Op::Lrn(_) => false,
            Op::Add(_) | Op::Linear(_) | Op::Norm(_) | Op::L2Normalize | Op::Softmax | Op::Sigmoid => false,
        }
    }

    /// The window that slides over its input, where one does.
    pub fn window(&self) -> Option<Window> {
        match self {
            Op::Conv(conv) => Some(conv.window()),
            Op::Pool(pool) => Some(pool.window()),
            Op::Input(_) | Op::AdaptiveAverage(_) | Op::GlobalAverage | Op::Lrn(_) | Op::Concat | Op::Add(_) => None,
            Op::Activation(_) | Op::Linear(_) | Op::Norm(_) | Op::L2Normalize | Op::Softmax | Op::Sigmoid => None,
        }
    }

    /// Whether the output is a vector, `[C]`, rather than a map of one position.
    pub fn is_vector(&self) -> bool {
        match self {
            Op::GlobalAverage | Op::Linear(_) | Op::Norm(_) | Op::L2Normalize | Op::Softmax | Op::Sigmoid => true,
            Op::Input(_) | Op::Conv(_) | Op::Pool(_) | Op::AdaptiveAverage(_) | Op::Lrn(_) | Op::Concat => false,
            Op::Add(_) | Op::Activation(_) => false,
        }
    }
}
