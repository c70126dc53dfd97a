//! The operations on the CPU: one file each, as in `graph/ops`. What has weights is prepared once, for one instruction set.

mod activation;
mod add;
mod average;
pub(super) mod conv;
mod l2_normalize;
mod linear;
pub(super) mod lrn;
mod norm;
pub(super) mod pool;
mod sigmoid;
mod softmax;

pub use average::average;
pub use conv::chosen_form;
pub use lrn::lrn;
pub use pool::pool;

use super::direct::PackedConv;
use super::simd::Isa;
use super::threads::Threads;
use super::view::{Epilogue, ViewMut, ViewRef};
use crate::graph::{FoldError, LayerWeights, Op, Shape};

/// Weights of one layer, ready to run.
pub(super) enum Prepared {
    Conv(conv::Prepared),
    Linear(PackedConv),
    Affine(norm::Affine),
}

impl Prepared {
    /// Folds and packs the weights of an operation; none of one that has none.
    pub fn new(isa: Isa, op: &Op, [input, out]: [Shape; 2], weights: &LayerWeights) -> Result<Option<Self>, FoldError> {
        Ok(Some(match op {
            Op::Conv(conv) => Self::Conv(conv::Prepared::new(isa, conv, input.c, out, weights)?),
            Op::Linear(linear) => Self::Linear(PackedConv::linear(isa, input, linear.outputs, weights)?),
            Op::Norm(_) => Self::Affine(norm::Affine::new(out.c, weights)?),
            Op::Input(_) | Op::Pool(_) | Op::AdaptiveAverage(_) | Op::GlobalAverage | Op::Lrn(_) => return Ok(None),
            Op::Concat | Op::Add(_) | Op::Activation(_) => return Ok(None),
            Op::L2Normalize | Op::Softmax | Op::Sigmoid => return Ok(None),
        }))
    }

    /// Bytes of packed weights.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Conv(conv) => conv.bytes(),
            Self::Linear(packed) => packed.bytes(),
            Self::Affine(affine) => affine.bytes(),
        }
    }
}

/// What an operation runs on.
pub(super) struct Call<'a> {
    pub threads: &'a Threads,
    pub isa: Isa,
    pub input: ViewRef<'a>,
    /// The second input of an operation that has two.
    pub second: Option<ViewRef<'a>>,
    /// A fused residual sum: what is added to, the factor, and whether ReLU follows.
    pub residual: Option<(ViewRef<'a>, f32, bool)>,
    pub out: ViewMut<'a>,
}

/// Why an operation cannot run.
pub(super) enum Fault {
    /// Its weights are not prepared, or it lacks an input.
    Unprepared,
    /// There is no memory for so many bytes of intermediate values.
    Memory(usize),
}

/// Runs an operation.
pub(super) fn run(op: &Op, prepared: Option<&Prepared>, call: Call) -> Result<(), Fault> {
    let Call { threads, isa, input, second, residual, out } = call;
    match op {
        Op::Conv(conv) => {
            let Some(Prepared::Conv(prepared)) = prepared else { return Err(Fault::Unprepared) };
            let relu = residual.map_or(conv.relu, |(_, _, relu)| relu);
            let residual = residual.map(|(shortcut, scale, _)| (shortcut, scale));
            let done = prepared.run(threads, input, out, Epilogue { residual, relu });
            return done.map_err(|missing| Fault::Memory(missing.bytes));
        }
        Op::Linear(linear) => {
            let Some(Prepared::Linear(packed)) = prepared else { return Err(Fault::Unprepared) };
            linear::linear(threads, linear, packed, input, out);
        }
        Op::Norm(_) => {
            let Some(Prepared::Affine(affine)) = prepared else { return Err(Fault::Unprepared) };
            affine.run(input, out);
        }
        Op::Pool(op) => pool(threads, isa, op, input, out),
        Op::AdaptiveAverage(_) | Op::GlobalAverage => average(input, out),
        Op::Lrn(op) => lrn(threads, op, input, out),
        Op::Add(op) => add::add(op, input, second.ok_or(Fault::Unprepared)?, out),
        Op::Activation(op) => activation::activate(*op, input, out),
        Op::L2Normalize => l2_normalize::l2_normalize(input, out),
        Op::Softmax => softmax::softmax(input, out),
        Op::Sigmoid => sigmoid::sigmoid(input, out),
        // Nothing is computed: a plan has no step for them.
        Op::Input(_) | Op::Concat => {}
    }
    Ok(())
}
