use super::window::Window;
use super::{Activation, Operation, Padding, Reverse, ShapeError, single};
use crate::graph::{BatchNorm, LayerKind, LayerWeights, ReceptiveField, Shape, Tensors, Values};
use std::borrow::Cow;

/// A convolution with what is fused to it: bias, batch norm, ReLU, in that order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conv {
    /// Output channels.
    pub outputs: usize,
    /// Height, width.
    pub kernel: [usize; 2],
    /// Vertical, horizontal.
    pub stride: [usize; 2],
    /// Zeros around the input.
    pub padding: Padding,
    /// Has a bias of its own.
    pub bias: bool,
    /// Batch norm after the bias.
    pub norm: Option<BatchNorm>,
    /// ReLU at the end.
    pub relu: bool,
}

impl Conv {
    /// Whether each output position reads the input position of the same place and no other.
    pub fn is_pointwise(&self) -> bool {
        self.kernel == [1, 1] && self.stride == [1, 1] && self.padding == Padding::default()
    }

    pub(super) fn window(&self) -> Window {
        Window { kernel: self.kernel, stride: self.stride, padding: self.padding }
    }
}

impl Operation for Conv {
    fn output(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let [h, w] = self.window().output(single(inputs)?)?;
        Ok(Shape::new(self.outputs, h, w))
    }

    fn tensors(&self, input: Shape) -> Tensors {
        let [h, w] = self.kernel;
        Tensors { channels: self.outputs, weights: vec![self.outputs, input.c, h, w], bias: self.bias, norm: self.norm }
    }

    fn receptive_field(&self, seen: ReceptiveField, _: Shape) -> ReceptiveField {
        self.window().receptive_field(seen)
    }

    fn kind(&self) -> LayerKind {
        LayerKind::Conv
    }

    fn detail(&self, output: Shape) -> Cow<'static, str> {
        format!("{}, {}", self.window().detail(), output.c).into()
    }

    fn reference(&self, inputs: &[&Values], weights: &LayerWeights, output: Shape) -> Values {
        let (input, taps) = (inputs[0], self.kernel[0] * self.kernel[1]);
        let sums = Values::from_fn(output, |y, x, o| {
            let pixels = self.window().pixels(input, y, x);
            let products = pixels.flat_map(|(tap, pixel)| {
                let weight = move |c: usize| f64::from(weights.weights[(o * input.shape.c + c) * taps + tap]);
                input.channels(pixel).iter().enumerate().map(move |(c, v)| v * weight(c))
            });
            products.sum()
        });
        let relu = if self.relu { Activation::Relu } else { Activation::Identity };
        weights.affine(&sums).map(|v| relu.of(v))
    }

    fn reverse(&self, at: Reverse) -> Vec<Values> {
        let (input, taps) = (at.inputs[0], self.kernel[0] * self.kernel[1]);
        let gradient = at.weights.slopes(&at.before_relu(self.relu));
        at.scattered(|add| {
            for pixel in 0..gradient.shape.h * gradient.shape.w {
                let (y, x) = (pixel / gradient.shape.w, pixel % gradient.shape.w);
                for (tap, to) in self.window().pixels(input, y, x) {
                    for c in 0..input.shape.c {
                        let weight = |o: usize| f64::from(at.weights.weights[(o * input.shape.c + c) * taps + tap]);
                        add(to, c, gradient.channels(pixel).iter().enumerate().map(|(o, g)| g * weight(o)).sum());
                    }
                }
            }
        })
    }
}
