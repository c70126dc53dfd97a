use crate::cpu::ops::conv::Prepared;
use crate::cpu::simd::Isa;
use crate::cpu::threads::Threads;
use crate::cpu::view::{Epilogue, ViewMut, ViewRef};
use crate::cpu::winograd::NoMemory;
use crate::graph::{FoldError, LayerWeights, Op, Shape, Transposed};

/// Output channels are a multiple of so many, for which there are transformed forms.
const CHANNELS: usize = 8;

/// A convolution's weights for its reverse.
pub struct ReversedConv {
    prepared: Prepared,
    transposed: Transposed,
}

impl ReversedConv {
    /// Folds, turns round and packs the weights of a convolution or a linear layer.
    ///
    /// # Errors
    /// Weights that do not fold.
    pub fn new(isa: Isa, op: &Op, shapes: [Shape; 2], weights: &LayerWeights) -> Result<Self, FoldError> {
        let transposed = Transposed::new(op, shapes, 1, CHANNELS);
        let outputs = shapes[1].c;
        let weights = transposed.weights(outputs, weights)?;
        let prepared = Prepared::new(isa, &transposed.conv, outputs, transposed.shape, &weights)?;
        Ok(Self { prepared, transposed })
    }

    /// Bytes of packed weights.
    pub fn bytes(&self) -> usize {
        self.prepared.bytes()
    }

    /// Values of memory that it needs to run.
    pub fn scratch(&self) -> usize {
        if self.transposed.is_whole() { 0 } else { self.transposed.shape.len() }
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
        let Transposed { axes: [down, across], shape, block, .. } = self.transposed;
        if self.transposed.is_whole() {
            // SAFETY: kernels read each value of the sum where they write it, and before.
            let sum = (!first).then(|| (unsafe { to.read_too() }, 1.0));
            return self.prepared.run(threads, from, to, Epilogue { residual: sum, relu: false });
        }
        let scratch = &mut scratch[..shape.len()];
        self.prepared.run(threads, from, ViewMut::dense(scratch, shape), Epilogue::default())?;
        let groups = ViewRef::dense(scratch, shape);
        threads.rows(to, |y, mut row| {
            let found = down.placed(y);
            for x in 0..row.shape.w {
                let to = row.channels(x);
                let Some(((group, above), (column, left))) = found.zip(across.placed(x)) else {
                    if first {
                        to.fill(0.0);
                    }
                    continue;
                };
                let values = &groups.channels(group * shape.w + column)[(above * across.stride + left) * block..];
                match first {
                    true => to.iter_mut().zip(values).for_each(|(to, value)| *to = *value),
                    false => to.iter_mut().zip(values).for_each(|(to, value)| *to += value),
                }
            }
        });
        Ok(())
    }
}
