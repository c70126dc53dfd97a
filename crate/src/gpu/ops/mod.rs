//! What each operation asks of the GPU: one file each, as in `graph/ops`, beside its shader.

mod activation;
mod add;
mod average;
mod conv;
mod l2_normalize;
mod linear;
mod lrn;
mod norm;
mod pool;
mod sigmoid;
mod softmax;

use super::work::{Site, Work};
use crate::graph::Op;

/// What an operation asks for; none where there is nothing to compute.
pub(super) fn work(op: &Op, site: &Site) -> Option<Work> {
    Some(match op {
        Op::Input(_) | Op::Concat => return None,
        Op::Conv(op) => conv::work(op, site),
        Op::Pool(op) => pool::work(op, site),
        Op::AdaptiveAverage(_) | Op::GlobalAverage => average::work(site),
        Op::Lrn(op) => lrn::work(op, site),
        Op::Add(op) => add::work(op, site),
        Op::Activation(op) => activation::work(*op, site),
        Op::Linear(op) => linear::work(op, site),
        Op::Norm(_) => norm::work(site),
        Op::L2Normalize => l2_normalize::work(site),
        Op::Softmax => softmax::work(site),
        Op::Sigmoid => sigmoid::work(site),
    })
}
