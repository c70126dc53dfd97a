use crate::cpu::view::{ViewMut, ViewRef};
use crate::graph::L2Normalize;

/// A vector divided by its Euclidean norm.
pub fn l2_normalize(input: ViewRef, mut out: ViewMut) {
    let from = input.channels(0);
    let norm = from.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt().max(L2Normalize::LEAST);
    out.channels(0).iter_mut().zip(from).for_each(|(to, &x)| *to = (f64::from(x) / norm) as f32);
}
