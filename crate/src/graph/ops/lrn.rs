use super::{Operation, Reverse, ShapeError, single};
use crate::graph::{LayerKind, LayerWeights, ReceptiveField, Shape, Tensors, Values};
use std::borrow::Cow;

/// Local response normalisation across channels: `x / (bias + alpha / size * sum of squares) ^ beta`, the sum over `size`
/// channels around each (Krizhevsky et al. 2012, section 3.3, with Caffe's alpha / size).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lrn {
    /// Channels in the window, an odd number.
    pub size: usize,
    /// Scale of the mean square.
    pub alpha: f32,
    /// Exponent.
    pub beta: f32,
    /// Added before the power.
    pub bias: f32,
}

impl Lrn {
    /// More than so many channels are refused.
    pub(crate) const MOST_CHANNELS: usize = 4096;
}

impl Operation for Lrn {
    fn output(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let input = single(inputs)?;
        match self.size % 2 == 1 && input.c <= Self::MOST_CHANNELS {
            true => Ok(input),
            false => Err(ShapeError::Normalization { size: self.size, channels: input.c }),
        }
    }

    fn tensors(&self, _: Shape) -> Tensors {
        Tensors::default()
    }

    fn receptive_field(&self, seen: ReceptiveField, _: Shape) -> ReceptiveField {
        seen
    }

    fn kind(&self) -> LayerKind {
        LayerKind::Lrn
    }

    fn detail(&self, _: Shape) -> Cow<'static, str> {
        format!("{} channels", self.size).into()
    }

    fn reference(&self, inputs: &[&Values], _: &LayerWeights, output: Shape) -> Values {
        let (input, half) = (inputs[0], self.size / 2);
        let [alpha, beta, bias] = [self.alpha, self.beta, self.bias].map(f64::from);
        Values::from_fn(output, |y, x, c| {
            let channels = input.channels(y * output.w + x);
            let near = &channels[c.saturating_sub(half)..(c + half + 1).min(channels.len())];
            let squares: f64 = near.iter().map(|v| v * v).sum();
            channels[c] / (bias + alpha / self.size as f64 * squares).powf(beta)
        })
    }

    fn reverse(&self, at: Reverse) -> Vec<Values> {
        let (input, half) = (at.inputs[0], self.size / 2);
        let [alpha, beta, bias] = [self.alpha, self.beta, self.bias].map(f64::from);
        let alpha = alpha / self.size as f64;
        at.scattered(|add| {
            for pixel in 0..input.shape.h * input.shape.w {
                let (channels, gradient) = (input.channels(pixel), at.gradient.channels(pixel));
                for (c, g) in gradient.iter().enumerate() {
                    let near = c.saturating_sub(half)..(c + half + 1).min(channels.len());
                    let base = bias + alpha * channels[near.clone()].iter().map(|v| v * v).sum::<f64>();
                    add(pixel, c, g / base.powf(beta));
                    let common = -2.0 * alpha * beta * g * channels[c] / base.powf(beta + 1.0);
                    near.for_each(|to| add(pixel, to, common * channels[to]));
                }
            }
        })
    }
}
