use super::{Activation, Operation, Reverse, ShapeError, single};
use crate::graph::{LayerKind, LayerWeights, ReceptiveField, Shape, Tensors, Values};
use std::borrow::Cow;

/// Matrix product over the flattened input in CHW order, with what is fused to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linear {
    /// Number of outputs.
    pub outputs: usize,
    /// Has a bias.
    pub bias: bool,
    /// ReLU at the end.
    pub relu: bool,
}

impl Operation for Linear {
    fn output(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        single(inputs).map(|_| Shape::vector(self.outputs))
    }

    fn tensors(&self, input: Shape) -> Tensors {
        Tensors { channels: self.outputs, weights: vec![self.outputs, input.len()], bias: self.bias, norm: None }
    }

    fn receptive_field(&self, seen: ReceptiveField, input: Shape) -> ReceptiveField {
        seen.whole(input)
    }

    fn kind(&self) -> LayerKind {
        LayerKind::Linear
    }

    fn detail(&self, output: Shape) -> Cow<'static, str> {
        format!("{}", output.c).into()
    }

    fn reference(&self, inputs: &[&Values], weights: &LayerWeights, output: Shape) -> Values {
        let input = inputs[0];
        let (channels, pixels) = (input.shape.c, input.shape.h * input.shape.w);
        let sums = Values::from_fn(output, |_, _, o| {
            let row = &weights.weights[o * input.data.len()..][..input.data.len()];
            row.iter().enumerate().map(|(i, &w)| f64::from(w) * input.data[i % pixels * channels + i / pixels]).sum()
        });
        let relu = if self.relu { Activation::Relu } else { Activation::Identity };
        weights.affine(&sums).map(|v| relu.of(v))
    }

    fn reverse(&self, at: Reverse) -> Vec<Values> {
        let input = at.inputs[0];
        let pixels = input.shape.h * input.shape.w;
        let gradient = at.weights.slopes(&at.before_relu(self.relu));
        at.scattered(|add| {
            for (g, row) in gradient.data.iter().zip(at.weights.weights.chunks_exact(input.data.len())) {
                row.iter().enumerate().for_each(|(i, &w)| add(i % pixels, i / pixels, g * f64::from(w)));
            }
        })
    }
}
