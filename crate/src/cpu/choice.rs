use super::winograd::Winograd;
use crate::graph::{Conv, Shape};

/// How a convolution is computed: outputs that share their products, down and across; none where it is computed directly.
pub(super) fn form(conv: &Conv, inputs: usize, out: Shape) -> Option<[usize; 2]> {
    let forms = Winograd::forms(conv, inputs, out.c);
    let small = out.h * out.w < 16 || inputs < 32 || out.c < 32;
    if small {
        None
    } else if out.h <= 8 {
        forms.first().copied()
    } else {
        forms.last().copied()
    }
}
