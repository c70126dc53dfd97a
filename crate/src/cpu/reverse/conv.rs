use crate::cpu::ops::conv::Prepared;
use crate::cpu::simd::Isa;
use crate::cpu::threads::Threads;
use crate::cpu::view::{Epilogue, ViewMut, ViewRef};
use crate::cpu::winograd::NoMemory;
use crate::graph::{Conv, FoldError, LayerWeights, Op, Padding, Shape, Window};

/// Output channels are a multiple of so many, for which there are transformed forms.
const CHANNELS: usize = 8;

/// One axis of a convolution's reverse: the positions of its input in groups of one stride, each position of a group by a
/// kernel of its own over the gradient, so that every one is a convolution with stride 1.
#[derive(Clone, Copy)]
struct Axis {
    /// Positions of the forward convolution's input.
    inputs: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    /// Taps of each of the kernels.
    taps: usize,
    /// The first group, and how many there are.
    first: usize,
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

    /// Which of the input's positions one of a group is.
    fn position(&self, group: usize, position: usize) -> Option<usize> {
        let found = (self.stride * (self.first + group) + position).checked_sub(self.padding)?;
        (found < self.inputs).then_some(found)
    }

    /// Whether groups are the input's positions.
    fn is_whole(&self) -> bool {
        self.stride == 1 && self.first == self.padding && self.groups == self.inputs
    }
}

/// A convolution's weights for its reverse, which is a convolution of the gradient by the same kernels as the forward one
/// (Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning", chapter 4): transposed and turned round,
/// batch norm's factor in them; with strides, one convolution for all positions of a group.
pub struct ReversedConv {
    prepared: Prepared,
    axes: [Axis; 2],
    /// Channels of the forward convolution's input.
    inputs: usize,
    /// What the convolution gives: groups, the channels of all positions of each.
    shape: Shape,
}

impl ReversedConv {
    /// Folds, turns round and packs the weights of a convolution or a linear layer.
    ///
    /// # Errors
    /// Weights that do not fold.
    pub fn new(isa: Isa, op: &Op, [input, out]: [Shape; 2], weights: &LayerWeights) -> Result<Self, FoldError> {
        let Window { kernel, stride, padding } = op.window().unwrap_or(Window {
            kernel: [input.h, input.w],
            stride: [input.h, input.w],
            padding: Padding::default(),
        });
        let axis = |i: usize, [inputs, outputs, padding]: [usize; 3]| {
            Axis::new(inputs, kernel[i], stride[i], padding, outputs)
        };
        let axes = [axis(0, [input.h, out.h, padding.top]), axis(1, [input.w, out.w, padding.left])];
        let [down, across] = axes;
        weights.check(out.c, kernel[0] * kernel[1] * input.c)?;
        let scales = weights.scale_shift(out.c)?;
        let positions = down.stride * across.stride;
        let outputs = match positions * input.c {
            channels if positions > 1 => channels.next_multiple_of(CHANNELS),
            channels => channels,
        };
        let taps = down.taps * across.taps;
        let mut turned = vec![0.0f32; outputs * out.c * taps];
        for (at, to) in turned.chunks_exact_mut(out.c * taps).take(positions * input.c).enumerate() {
            let (position, channel) = (at / input.c, at % input.c);
            let (row, column) = (position / across.stride, position % across.stride);
            for (o, (to, (scale, _))) in to.chunks_exact_mut(taps).zip(&scales).enumerate() {
                let from = &weights.weights[(o * input.c + channel) * kernel[0] * kernel[1]..];
                for (tap, to) in to.iter_mut().enumerate() {
                    let (y, x) = (down.tap(row, tap / across.taps), across.tap(column, tap % across.taps));
                    let found = y.zip(x).map_or(0.0, |(y, x)| from[y * kernel[1] + x]);
                    *to = (f64::from(found) * scale) as f32;
                }
            }
        }
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
        let weights = LayerWeights { weights: turned, ..LayerWeights::NONE };
        Ok(Self { prepared: Prepared::new(isa, &conv, out.c, shape, &weights)?, axes, inputs: input.c, shape })
    }

    /// Bytes of packed weights.
    pub fn bytes(&self) -> usize {
        self.prepared.bytes()
    }

    /// Whether it gives the input's gradient as that lies.
    fn is_whole(&self) -> bool {
        self.axes.iter().all(Axis::is_whole) && self.shape.c == self.inputs
    }

    /// Values of memory that it needs to run.
    pub fn scratch(&self) -> usize {
        if self.is_whole() { 0 } else { self.shape.len() }
    }

    /// Passes the gradient at the forward convolution's output, before its ReLU, on to its input: written, or added to what has
    /// come there.
    ///
    /// # Errors
    /// No memory for what is transformed.
    pub fn run(
        &self,
        threads: &Threads,
        from: ViewRef,
        to: ViewMut,
        first: bool,
        scratch: &mut [f32],
    ) -> Result<(), NoMemory> {
        if self.is_whole() {
            // SAFETY: kernels read each value of the sum where they write it, and before.
            let sum = (!first).then(|| (unsafe { to.read_too() }, 1.0));
            return self.prepared.run(threads, from, to, Epilogue { residual: sum, relu: false });
        }
        let scratch = &mut scratch[..self.shape.len()];
        self.prepared.run(threads, from, ViewMut::dense(scratch, self.shape), Epilogue::default())?;
        let (groups, [down, across]) = (ViewRef::dense(scratch, self.shape), self.axes);
        // Where a position lies: its group, and its place in it.
        let placed = |axis: &Axis, at: usize| {
            let (group, place) = ((at + axis.padding) / axis.stride, (at + axis.padding) % axis.stride);
            let group = group.checked_sub(axis.first).filter(|&group| group < axis.groups)?;
            (axis.position(group, place) == Some(at)).then_some((group, place))
        };
        threads.rows(to, |y, mut row| {
            let found = placed(&down, y);
            for x in 0..row.shape.w {
                let to = row.channels(x);
                let Some(((group, above), (column, left))) = found.zip(placed(&across, x)) else {
                    if first {
                        to.fill(0.0);
                    }
                    continue;
                };
                let channels = groups.channels(group * self.shape.w + column);
                let values = &channels[(above * across.stride + left) * self.inputs..];
                match first {
                    true => to.copy_from_slice(&values[..self.inputs]),
                    false => to.iter_mut().zip(values).for_each(|(to, value)| *to += value),
                }
            }
        });
        Ok(())
    }
}
