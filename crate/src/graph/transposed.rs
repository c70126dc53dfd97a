use super::{Conv, FoldError, LayerWeights, Op, Padding, Shape, Window};

/// One axis of a convolution's reverse: the positions of its input in groups of one stride, each position of a group by a
/// kernel of its own over the gradient, so that every one is a convolution with stride 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    /// Positions of the forward convolution's input.
    inputs: usize,
    kernel: usize,
    pub stride: usize,
    pub padding: usize,
    /// Taps of each of the kernels.
    taps: usize,
    /// The first group.
    pub first: usize,
    /// How many groups there are.
    groups: usize,
    /// Zeros before and after the gradient.
    zeros: [usize; 2],
}

impl Axis {
    fn new(inputs: usize, kernel: usize, stride: usize, padding: usize, outputs: usize) -> Self {
        let taps = kernel.div_ceil(stride);
        // A position beyond the last tap of the first output has no gradient.
        let first = (padding / stride).min(taps - 1);
        let last = (inputs - 1 + padding) / stride;
        let zeros = [taps - 1 - first, last.saturating_sub(outputs - 1)];
        let groups = outputs + zeros[0] + zeros[1] - (taps - 1);
        Self { inputs, kernel, stride, padding, taps, first, groups, zeros }
    }

    /// The forward kernel's tap behind one of a position's kernel; none where it has fewer.
    fn tap(&self, position: usize, tap: usize) -> Option<usize> {
        let found = self.stride * (self.taps - 1 - tap) + position;
        (found < self.kernel).then_some(found)
    }

    /// The group of one of the input's positions, and its place in that; none where it has no gradient.
    pub fn placed(&self, at: usize) -> Option<(usize, usize)> {
        let (group, place) = ((at + self.padding) / self.stride, (at + self.padding) % self.stride);
        let group = group.checked_sub(self.first).filter(|&group| group < self.groups)?;
        Some((group, place))
    }

    /// Whether groups are the input's positions.
    fn is_whole(&self) -> bool {
        self.stride == 1 && self.first == self.padding && self.groups == self.inputs
    }
}

/// The reverse of a convolution, or of a linear layer, which is one over all positions: a convolution of the gradient with
/// stride 1 by the same kernels as the forward one (Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep
/// learning", chapter 4), transposed and turned round; with strides, one convolution for all positions of a group.
#[derive(Clone, Debug)]
pub(crate) struct Transposed {
    pub axes: [Axis; 2],
    /// Channels of the forward convolution's input.
    inputs: usize,
    /// Channels from one position of a group to the next.
    pub block: usize,
    /// The convolution of the gradient.
    pub conv: Conv,
    /// What it gives: groups, the channels of all positions of each.
    pub shape: Shape,
}

impl Transposed {
    /// That of an operation that has weights over a window, with the shapes of what it reads and gives. The channels of a
    /// position in a group begin at a multiple of `lanes`; where a group has several, those of all are a multiple of `whole`.
    pub fn new(op: &Op, [input, out]: [Shape; 2], lanes: usize, whole: usize) -> Self {
        let Window { kernel, stride, padding } = op.window().unwrap_or(Window {
            kernel: [input.h, input.w],
            stride: [input.h, input.w],
            padding: Padding::default(),
        });
        let down = Axis::new(input.h, kernel[0], stride[0], padding.top, out.h);
        let across = Axis::new(input.w, kernel[1], stride[1], padding.left, out.w);
        let positions = down.stride * across.stride;
        let (block, outputs) = match input.c.next_multiple_of(lanes) {
            block if positions > 1 => (block, (positions * block).next_multiple_of(whole)),
            block => (block, input.c),
        };
        let padding =
            Padding { top: down.zeros[0], bottom: down.zeros[1], left: across.zeros[0], right: across.zeros[1] };
        let conv = Conv {
            outputs,
            kernel: [down.taps, across.taps],
            stride: [1, 1],
            padding,
            bias: false,
            norm: None,
            relu: false,
        };
        let shape = Shape::new(outputs, down.groups, across.groups);
        Self { axes: [down, across], inputs: input.c, block, conv, shape }
    }

    /// Whether it gives the input's gradient as that lies.
    pub fn is_whole(&self) -> bool {
        self.axes.iter().all(Axis::is_whole) && self.shape.c == self.inputs
    }

    /// The convolution's weights, from those of the layer: batch norm's factor in them, its shift and biases left aside.
    ///
    /// # Errors
    /// Weights that do not fold.
    pub fn weights(&self, outputs: usize, weights: &LayerWeights) -> Result<LayerWeights, FoldError> {
        let [down, across] = self.axes;
        let fan_in = down.kernel * across.kernel * self.inputs;
        weights.check(outputs, fan_in)?;
        let scales = weights.scale_shift(outputs)?;
        let taps = down.taps * across.taps;
        let mut turned = vec![0.0f32; self.shape.c * outputs * taps];
        for (at, to) in turned.chunks_exact_mut(outputs * taps).enumerate() {
            let (position, channel) = (at / self.block, at % self.block);
            if channel >= self.inputs || position >= down.stride * across.stride {
                continue;
            }
            let (row, column) = (position / across.stride, position % across.stride);
            for (o, (to, (scale, _))) in to.chunks_exact_mut(taps).zip(&scales).enumerate() {
                let from = &weights.weights[o * fan_in + channel * down.kernel * across.kernel..];
                for (tap, to) in to.iter_mut().enumerate() {
                    let (y, x) = (down.tap(row, tap / across.taps), across.tap(column, tap % across.taps));
                    let found = y.zip(x).map_or(0.0, |(y, x)| from[y * across.kernel + x]);
                    *to = (f64::from(found) * scale) as f32;
                }
            }
        }
        Ok(LayerWeights { weights: turned, ..LayerWeights::NONE })
    }
}
