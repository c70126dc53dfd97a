//! What each operation asks of the GPU: one file each, as in `graph/ops`, beside its shader.

mod activation;
mod add;
mod average;
mod conv;
mod l2_normalize;
mod linear;
mod lrn;
mod norm;
pub(super) mod pool;
mod sigmoid;
mod softmax;

use super::invocation::{Invocation, Site};
use crate::graph::Op;

/// What an operation asks for; none where there is nothing to compute.
pub(super) fn invocation(op: &Op, site: &Site) -> Option<Invocation> {
    Some(match op {
        Op::Input(_) | Op::Concat => return None,
        Op::Conv(op) => conv::invocation(op, site),
        Op::Pool(op) => pool::invocation(op, site),
        Op::AdaptiveAverage(_) | Op::GlobalAverage => average::invocation(site),
        Op::Lrn(op) => lrn::invocation(op, site),
        Op::Add(op) => add::invocation(op, site),
        Op::Activation(op) => activation::invocation(*op, site),
        Op::Linear(op) => linear::invocation(op, site),
        Op::Norm(_) => norm::invocation(site),
        Op::L2Normalize => l2_normalize::invocation(site),
        Op::Softmax => softmax::invocation(site),
        Op::Sigmoid => sigmoid::invocation(site),
    })
}
