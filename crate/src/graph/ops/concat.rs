use super::{Operation, Reverse, ShapeError};
use crate::graph::{LayerKind, LayerWeights, ReceptiveField, Shape, Tensors, Values};
use std::borrow::Cow;

/// Inputs one after another along channels. Nothing is computed: its inputs are written where they belong in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concat;

impl Operation for Concat {
    fn output(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let first = inputs.first().ok_or(ShapeError::Inputs)?;
        let is_same = inputs.iter().all(|input| [input.h, input.w] == [first.h, first.w]);
        let channels = inputs.iter().try_fold(0usize, |sum, input| sum.checked_add(input.c));
        let channels = channels.filter(|_| is_same).ok_or(ShapeError::Inputs)?;
        Ok(Shape { c: channels, ..*first })
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

    fn detail(&self, output: Shape) -> Cow<'static, str> {
        format!("{}", output.c).into()
    }

    fn reference(&self, inputs: &[&Values], _: &LayerWeights, output: Shape) -> Values {
        let pixel = |at: usize| inputs.iter().flat_map(move |input| input.channels(at).iter().copied());
        Values { shape: output, data: (0..output.h * output.w).flat_map(pixel).collect() }
    }

    fn reverse(&self, at: Reverse) -> Vec<Values> {
        let mut first = 0;
        let part = |input: &&Values| {
            let channels = first..first + input.shape.c;
            first = channels.end;
            let pixels = 0..input.shape.h * input.shape.w;
            let data = pixels.flat_map(|pixel| at.gradient.channels(pixel)[channels.clone()].iter().copied());
            Values { shape: input.shape, data: data.collect() }
        };
        at.inputs.iter().map(part).collect()
    }
}
