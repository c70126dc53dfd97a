use super::{Operation, ShapeError, vector};
use crate::graph::{LayerKind, LayerWeights, ReceptiveField, Shape, Tensors, Values};
use std::borrow::Cow;

/// Softmax of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Softmax;

impl Operation for Softmax {
    fn output(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        vector(inputs)
    }

    fn tensors(&self, _: Shape) -> Tensors {
        Tensors::default()
    }

    fn receptive_field(&self, seen: ReceptiveField, _: Shape) -> ReceptiveField {
        seen
    }

    fn kind(&self) -> LayerKind {
        LayerKind::Softmax
    }

    fn detail(&self, _: Shape) -> Cow<'static, str> {
        "softmax".into()
    }

    fn reference(&self, inputs: &[&Values], _: &LayerWeights, _: Shape) -> Values {
        let largest = inputs[0].data.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let powers = inputs[0].map(|v| (v - largest).exp());
        let sum: f64 = powers.data.iter().sum();
        powers.map(|v| v / sum)
    }
}
