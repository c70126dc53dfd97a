use crate::cpu::view::{ViewMut, ViewRef};

/// Softmax of a vector.
pub fn softmax(input: ViewRef, mut out: ViewMut) {
    let (from, to) = (input.channels(0), out.channels(0));
    let max = from.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for (to, &x) in to.iter_mut().zip(from) {
        *to = (x - max).exp();
        sum += f64::from(*to);
    }
    to.iter_mut().for_each(|v| *v = (f64::from(*v) / sum) as f32);
}
