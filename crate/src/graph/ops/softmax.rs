use super::{Operation, Reverse, ShapeError, vector};
use crate::graph::{LayerKind, LayerWeights, ReceptiveField, Shape, Tensors, Values};
use std::borrow::Cow;

/// Softmax of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Softmax;

impl Softmax {
    /// The softmax of values.
    pub fn of(values: &[f64]) -> Vec<f64> {
        let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let powers: Vec<f64> = values.iter().map(|v| (v - largest).exp()).collect();
        let sum: f64 = powers.iter().sum();
        powers.into_iter().map(|v| v / sum).collect()
    }

    /// The gradient at values from that at their softmax.
    pub(crate) fn back(values: &[f64], gradient: &[f64]) -> Vec<f64> {
        let given = Self::of(values);
        let mean: f64 = given.iter().zip(gradient).map(|(p, g)| p * g).sum();
        given.iter().zip(gradient).map(|(p, g)| p * (g - mean)).collect()
    }
}

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

    fn reference(&self, inputs: &[&Values], _: &LayerWeights, output: Shape) -> Values {
        Values { shape: output, data: Self::of(&inputs[0].data) }
    }

    fn reverse(&self, at: Reverse) -> Vec<Values> {
        vec![Values { shape: at.gradient.shape, data: Self::back(&at.inputs[0].data, &at.gradient.data) }]
    }
}
