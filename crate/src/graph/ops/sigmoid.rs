use super::{Activation, Operation, Reverse, ShapeError, vector};
use crate::graph::{LayerKind, LayerWeights, ReceptiveField, Shape, Tensors, Values};
use std::borrow::Cow;

/// The logistic function of each channel of a vector; of a single one, `p`, the pair `[1 - p, p]`: two classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sigmoid;

impl Sigmoid {
    /// The logistic function of values; of a single one, `p`, the pair `[1 - p, p]`.
    pub fn of(values: &[f64]) -> Vec<f64> {
        let sigmoid = |&v: &f64| Activation::Sigmoid.of(v);
        match values {
            [v] => vec![sigmoid(&-v), sigmoid(v)],
            values => values.iter().map(sigmoid).collect(),
        }
    }

    /// The gradient at values from that at what they become.
    pub(crate) fn back(values: &[f64], gradient: &[f64]) -> Vec<f64> {
        let slope = |v: f64| Activation::Sigmoid.of(v) * Activation::Sigmoid.of(-v);
        match (values, gradient) {
            (&[v], &[no, yes]) => vec![(yes - no) * slope(v)],
            _ => values.iter().zip(gradient).map(|(&v, g)| g * slope(v)).collect(),
        }
    }
}

impl Operation for Sigmoid {
    fn output(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        vector(inputs).map(|Shape { c, .. }| Shape::vector(if c == 1 { 2 } else { c }))
    }

    fn tensors(&self, _: Shape) -> Tensors {
        Tensors::default()
    }

    fn receptive_field(&self, seen: ReceptiveField, _: Shape) -> ReceptiveField {
        seen
    }

    fn kind(&self) -> LayerKind {
        LayerKind::Sigmoid
    }

    fn detail(&self, _: Shape) -> Cow<'static, str> {
        "sigmoid".into()
    }

    fn reference(&self, inputs: &[&Values], _: &LayerWeights, output: Shape) -> Values {
        Values { shape: output, data: Self::of(&inputs[0].data) }
    }

    fn reverse(&self, at: Reverse) -> Vec<Values> {
        vec![Values { shape: at.inputs[0].shape, data: Self::back(&at.inputs[0].data, &at.gradient.data) }]
    }
}
