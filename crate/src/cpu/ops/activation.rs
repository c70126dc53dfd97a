use crate::cpu::view::{ViewMut, ViewRef};
use crate::graph::Activation;

/// A function of each value.
pub fn activate(activation: Activation, input: ViewRef, mut out: ViewMut) {
    for pixel in 0..out.shape.h * out.shape.w {
        let values = out.channels(pixel).iter_mut().zip(input.channels(pixel));
        match activation {
            Activation::Relu => values.for_each(|(to, &v)| *to = if v > 0.0 { v } else { 0.0 }),
            other => values.for_each(|(to, &v)| *to = other.of(v.into()) as f32),
        }
    }
}
