use super::{Operation, Reverse, ShapeError};
use crate::graph::{LayerKind, LayerWeights, ReceptiveField, Shape, Tensors, Values};
use std::borrow::Cow;

/// First input plus `scale` times the second, the residual (Szegedy et al. 2016, section 3.3).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Add {
    /// Residual scale.
    pub scale: f32,
}

impl Operation for Add {
    fn output(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        match inputs {
            [first, second] if first == second => Ok(*first),
            _ => Err(ShapeError::Inputs),
        }
    }

    fn tensors(&self, _: Shape) -> Tensors {
        Tensors::default()
    }

    fn receptive_field(&self, seen: ReceptiveField, _: Shape) -> ReceptiveField {
        seen
    }

    fn kind(&self) -> LayerKind {
        LayerKind::Add
    }

    fn detail(&self, _: Shape) -> Cow<'static, str> {
        format!("input + {} x residual", self.scale).into()
    }

    fn reference(&self, inputs: &[&Values], _: &LayerWeights, output: Shape) -> Values {
        let sums = inputs[0].data.iter().zip(&inputs[1].data).map(|(a, b)| a + f64::from(self.scale) * b);
        Values { shape: output, data: sums.collect() }
    }

    fn reverse(&self, at: Reverse) -> Vec<Values> {
        vec![at.gradient.clone(), at.gradient.map(|g| g * f64::from(self.scale))]
    }
}
