use crate::cpu::view::{ViewMut, ViewRef};

/// The logistic function of a vector; of a single value, `p`, the pair `[1 - p, p]`.
pub fn sigmoid(input: ViewRef, mut out: ViewMut) {
    let logistic = |x: f32| (1.0 / (1.0 + (-f64::from(x)).exp())) as f32;
    match (input.channels(0), out.channels(0)) {
        (&[x], [no, yes]) => [*no, *yes] = [logistic(-x), logistic(x)],
        (from, to) => to.iter_mut().zip(from).for_each(|(to, &x)| *to = logistic(x)),
    }
}
