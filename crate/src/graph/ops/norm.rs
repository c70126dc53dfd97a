use super::{Operation, Reverse, ShapeError, single};
use crate::graph::{BatchNorm, LayerKind, LayerWeights, ReceptiveField, Shape, Tensors, Values};
use std::borrow::Cow;

impl Operation for BatchNorm {
    fn output(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        single(inputs)
    }

    fn tensors(&self, input: Shape) -> Tensors {
        Tensors { channels: input.c, weights: vec![], bias: false, norm: Some(*self) }
    }

    fn receptive_field(&self, seen: ReceptiveField, _: Shape) -> ReceptiveField {
        seen
    }

    fn kind(&self) -> LayerKind {
        LayerKind::BatchNorm
    }

    fn detail(&self, _: Shape) -> Cow<'static, str> {
        "batch norm".into()
    }

    fn reference(&self, inputs: &[&Values], weights: &LayerWeights, _: Shape) -> Values {
        weights.affine(inputs[0])
    }

    fn reverse(&self, at: Reverse) -> Vec<Values> {
        vec![at.weights.slopes(at.gradient)]
    }
}
