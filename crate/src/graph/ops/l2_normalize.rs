use super::{Operation, Reverse, ShapeError, vector};
use crate::graph::{LayerKind, LayerWeights, ReceptiveField, Shape, Tensors, Values};
use std::borrow::Cow;

/// A vector divided by its Euclidean norm, which is taken to be at least [`L2Normalize::LEAST`]: the last step of an
/// embedding (Schroff et al. 2015, "FaceNet", section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct L2Normalize;

impl L2Normalize {
    /// The smallest norm that is divided by (PyTorch's `normalize`).
    pub const LEAST: f64 = 1e-12;

    /// The gradient at a vector from that at what it is divided to.
    pub(crate) fn back(input: &[f64], gradient: &[f64]) -> Vec<f64> {
        let norm = input.iter().map(|v| v * v).sum::<f64>().sqrt();
        if norm <= Self::LEAST {
            return gradient.iter().map(|g| g / Self::LEAST).collect();
        }
        let along = input.iter().zip(gradient).map(|(v, g)| v * g).sum::<f64>() / (norm * norm);
        input.iter().zip(gradient).map(|(v, g)| (g - along * v) / norm).collect()
    }
}

impl Operation for L2Normalize {
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
        LayerKind::L2Norm
    }

    fn detail(&self, _: Shape) -> Cow<'static, str> {
        "l2 norm".into()
    }

    fn reference(&self, inputs: &[&Values], _: &LayerWeights, _: Shape) -> Values {
        let squares: f64 = inputs[0].data.iter().map(|v| v * v).sum();
        let norm = squares.sqrt().max(Self::LEAST);
        inputs[0].map(|v| v / norm)
    }

    fn reverse(&self, at: Reverse) -> Vec<Values> {
        vec![Values { shape: at.gradient.shape, data: Self::back(&at.inputs[0].data, &at.gradient.data) }]
    }
}
