use super::winograd::Winograd;
use crate::graph::{Conv, Shape};

/// The fewest channels, on both sides, for which transforming pays.
const CHANNELS: usize = 32;
/// A map this small gives so few tiles that reading the transformed weights, which are more, takes as long as their products.
const SMALL: usize = 8;

/// How a convolution is computed: outputs that share their products, down and across; none where it is computed directly.
/// Chosen by whole runs of Inception-v3, natively and in Chromium; see docs/performance.md.
pub(super) fn form(conv: &Conv, inputs: usize, out: Shape) -> Option<[usize; 2]> {
    if inputs.min(out.c) < CHANNELS || out.h.min(out.w) < 4 {
        return None;
    }
    let forms = Winograd::forms(conv, inputs, out.c);
    let is_small = out.h.max(out.w) <= SMALL;
    let is_line = conv.kernel.contains(&1);
    match is_small {
        true if is_line => forms.first().copied(),
        true => None,
        false => forms.last().copied(),
    }
}
