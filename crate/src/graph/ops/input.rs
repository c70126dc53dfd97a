use super::{Operation, Reverse, ShapeError};
use crate::graph::{LayerKind, LayerWeights, ReceptiveField, Shape, Tensors, Values};
use std::borrow::Cow;

/// The normalised image; nothing is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    /// Channels, height and width.
    pub shape: Shape,
}

impl Operation for Input {
    fn output(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        if inputs.is_empty() { Ok(self.shape) } else { Err(ShapeError::Inputs) }
    }

    fn tensors(&self, _: Shape) -> Tensors {
        Tensors::default()
    }

    fn receptive_field(&self, seen: ReceptiveField, _: Shape) -> ReceptiveField {
        seen
    }

    fn kind(&self) -> LayerKind {
        LayerKind::Concat
    }

    fn detail(&self, _: Shape) -> Cow<'static, str> {
        "input".into()
    }

    /// There is nothing to compute: zeros.
    fn reference(&self, _: &[&Values], _: &LayerWeights, output: Shape) -> Values {
        Values::zeros(output)
    }

    fn reverse(&self, _: Reverse) -> Vec<Values> {
        Vec::new()
    }
}
