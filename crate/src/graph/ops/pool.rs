use super::window::Window;
use super::{Operation, Padding, Reverse, ShapeError, single};
use crate::graph::{LayerKind, LayerWeights, ReceptiveField, Shape, Tensors, Values};
use std::borrow::Cow;

/// What a pool takes from its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolKind {
    /// The largest value inside the image.
    Max,
    /// The mean; `count_padding` divides by the whole window (PyTorch's `count_include_pad`).
    Average {
        /// Zeros of the padding count.
        count_padding: bool,
    },
}

/// A pool over a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pool {
    /// Maximum or mean.
    pub kind: PoolKind,
    /// Height, width.
    pub kernel: [usize; 2],
    /// Vertical, horizontal.
    pub stride: [usize; 2],
    /// Rows and columns around the input.
    pub padding: Padding,
}

impl Pool {
    pub(super) fn window(&self) -> Window {
        Window { kernel: self.kernel, stride: self.stride, padding: self.padding }
    }
}

impl Operation for Pool {
    fn output(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let input = single(inputs)?;
        let Padding { top, left, bottom, right } = self.padding;
        // A window beyond the input would have nothing to take.
        if top.max(bottom) >= self.kernel[0] || left.max(right) >= self.kernel[1] {
            return Err(ShapeError::Padding);
        }
        let [h, w] = self.window().output(input)?;
        Ok(Shape::new(input.c, h, w))
    }

    fn tensors(&self, _: Shape) -> Tensors {
        Tensors::default()
    }

    fn receptive_field(&self, seen: ReceptiveField, _: Shape) -> ReceptiveField {
        self.window().receptive_field(seen)
    }

    fn kind(&self) -> LayerKind {
        match self.kind {
            PoolKind::Max => LayerKind::MaxPool,
            PoolKind::Average { .. } => LayerKind::AvgPool,
        }
    }

    fn detail(&self, _: Shape) -> Cow<'static, str> {
        self.window().detail().into()
    }

    /// Padding never wins a maximum.
    fn reference(&self, inputs: &[&Values], _: &LayerWeights, output: Shape) -> Values {
        let input = inputs[0];
        Values::from_fn(output, |y, x, c| {
            let inside: Vec<f64> =
                self.window().pixels(input, y, x).map(|(_, pixel)| input.channels(pixel)[c]).collect();
            let count = match self.kind {
                PoolKind::Max => return inside.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                PoolKind::Average { count_padding: true } => self.kernel[0] * self.kernel[1],
                PoolKind::Average { count_padding: false } => inside.len(),
            };
            inside.iter().sum::<f64>() / count as f64
        })
    }

    /// A maximum passes all to the first of its window that has it, row by row.
    fn reverse(&self, at: Reverse) -> Vec<Values> {
        let (input, gradient) = (at.inputs[0], at.gradient);
        at.scattered(|add| {
            for pixel in 0..gradient.shape.h * gradient.shape.w {
                let (y, x) = (pixel / gradient.shape.w, pixel % gradient.shape.w);
                let inside: Vec<usize> = self.window().pixels(input, y, x).map(|(_, pixel)| pixel).collect();
                for (c, g) in gradient.channels(pixel).iter().enumerate() {
                    let count = match self.kind {
                        PoolKind::Max => {
                            let is_largest = |&&from: &&usize| input.channels(from)[c] == at.output.channels(pixel)[c];
                            inside.iter().find(is_largest).into_iter().for_each(|&to| add(to, c, *g));
                            continue;
                        }
                        PoolKind::Average { count_padding: true } => self.kernel[0] * self.kernel[1],
                        PoolKind::Average { count_padding: false } => inside.len(),
                    };
                    inside.iter().for_each(|&to| add(to, c, g / count as f64));
                }
            }
        })
    }
}
