use super::{Operation, Reverse, ShapeError, single};
use crate::graph::{LayerKind, LayerWeights, ReceptiveField, Shape, Tensors, Values};
use std::borrow::Cow;
use std::ops::Range;

/// Average over `size` windows that cover the input (PyTorch's `adaptive_avg_pool2d`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdaptiveAverage {
    /// Output height, width.
    pub size: [usize; 2],
}

/// Mean over all positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlobalAverage;

/// Positions of window `k` of `n` over `len` positions.
fn covering(len: usize, n: usize, k: usize) -> Range<usize> {
    k * len / n..((k + 1) * len).div_ceil(n)
}

/// Rows and columns of the window at each of the output's positions, row by row.
pub(crate) fn windows(input: Shape, output: Shape) -> impl Iterator<Item = [Range<usize>; 2]> {
    (0..output.h * output.w)
        .map(move |at| [covering(input.h, output.h, at / output.w), covering(input.w, output.w, at % output.w)])
}

fn mean(input: &Values, output: Shape) -> Values {
    let windows: Vec<[Range<usize>; 2]> = windows(input.shape, output).collect();
    Values::from_fn(output, |y, x, c| {
        let [rows, columns] = &windows[y * output.w + x];
        let pixels = rows.clone().flat_map(|row| columns.clone().map(move |column| row * input.shape.w + column));
        pixels.map(|pixel| input.channels(pixel)[c]).sum::<f64>() / (rows.len() * columns.len()) as f64
    })
}

/// Each window's gradient, evenly over it.
fn spread(at: Reverse) -> Vec<Values> {
    let (input, gradient) = (at.inputs[0].shape, at.gradient);
    at.scattered(|add| {
        for (pixel, [rows, columns]) in windows(input, gradient.shape).enumerate() {
            let count = (rows.len() * columns.len()) as f64;
            for to in rows.flat_map(|row| columns.clone().map(move |column| row * input.w + column)) {
                gradient.channels(pixel).iter().enumerate().for_each(|(c, g)| add(to, c, g / count));
            }
        }
    })
}

impl Operation for AdaptiveAverage {
    fn output(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let [h, w] = self.size;
        Ok(Shape::new(single(inputs)?.c, h, w))
    }

    fn tensors(&self, _: Shape) -> Tensors {
        Tensors::default()
    }

    /// The largest window, at the smallest distance.
    fn receptive_field(&self, seen: ReceptiveField, input: Shape) -> ReceptiveField {
        let (whole, size) = ([input.h, input.w], self.size);
        let stride = [0, 1].map(|i| (whole[i] / size[i]).max(1));
        let reach = |i: usize| (0..size[i]).map(|k| covering(whole[i], size[i], k).end - k * stride[i]).max();
        seen.window([0, 1].map(|i| reach(i).unwrap_or(1)), stride, [0, 0])
    }

    fn kind(&self) -> LayerKind {
        LayerKind::AvgPool
    }

    fn detail(&self, _: Shape) -> Cow<'static, str> {
        format!("to {}x{}", self.size[0], self.size[1]).into()
    }

    fn reference(&self, inputs: &[&Values], _: &LayerWeights, output: Shape) -> Values {
        mean(inputs[0], output)
    }

    fn reverse(&self, at: Reverse) -> Vec<Values> {
        spread(at)
    }
}

impl Operation for GlobalAverage {
    fn output(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        Ok(Shape::vector(single(inputs)?.c))
    }

    fn tensors(&self, _: Shape) -> Tensors {
        Tensors::default()
    }

    fn receptive_field(&self, seen: ReceptiveField, input: Shape) -> ReceptiveField {
        seen.whole(input)
    }

    fn kind(&self) -> LayerKind {
        LayerKind::AvgPool
    }

    fn detail(&self, _: Shape) -> Cow<'static, str> {
        "global".into()
    }

    fn reference(&self, inputs: &[&Values], _: &LayerWeights, output: Shape) -> Values {
        mean(inputs[0], output)
    }

    fn reverse(&self, at: Reverse) -> Vec<Values> {
        spread(at)
    }
}
