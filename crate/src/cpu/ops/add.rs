use crate::cpu::view::{ViewMut, ViewRef};
use crate::graph::Add;

/// `first + scale * second`.
pub fn add(&Add { scale }: &Add, first: ViewRef, second: ViewRef, mut out: ViewMut) {
    for pixel in 0..out.shape.h * out.shape.w {
        let sums = first.channels(pixel).iter().zip(second.channels(pixel)).map(|(a, b)| a + scale * b);
        out.channels(pixel).iter_mut().zip(sums).for_each(|(to, sum)| *to = sum);
    }
}
