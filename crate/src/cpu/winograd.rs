use super::gemm::{self, Product};
use super::panels::{fold, pack};
use super::simd::{Isa, Simd, VECTORS, Vectorized};
use super::space_to_depth;
use super::split::ProductSize;
use super::threads::Threads;
use super::toom_cook::{Axis, LONGEST, Last, OUTPUTS, input, output, weights};
use super::view::{Epilogue, SharedMut, ViewMut, ViewRef};
use crate::graph::{Conv, FoldError, LayerWeights, Padding, Shape};
use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Floats of scratch memory that a block of tiles should fit into.
const SCRATCH: usize = 1 << 17;
/// The fewest and the most tiles of a block.
const TILES: [usize; 2] = [24, 96];
/// What transforming a value costs, where reading one costs 1.
const TRANSFORMED: usize = 4;
/// Floats between one position's values and the next's, so that they do not share a set of the cache.
const APART: usize = 16;
/// Input channels whose weights are transformed at once.
const PACKED: usize = 16;
/// The most channels of an input or output.
const CHANNELS: usize = 4096;
/// What positions outside of the input read.
static ZEROS: [f32; CHANNELS] = [0.0; CHANNELS];

thread_local! {
    /// Transformed inputs and products of one block; kept for the next one.
    static MEMORY: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
    /// The input of a convolution with stride 2 as a map of half the size.
    static DEEP: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
}

/// A convolution by fewer multiplications: neighbouring outputs share the products of transformed inputs and transformed
/// weights, batch norm folded in, packed for one instruction set; see [`super::toom_cook`].
///
/// With stride 2 it is computed as one with stride 1 over a map of half the size, whose pixels have the channels of two by
/// two.
pub struct Winograd {
    isa: Isa,
    /// Down and across, of the convolution with stride 1.
    axes: [Axis; 2],
    kernel: [usize; 2],
    stride: usize,
    padding: Padding,
    inputs: usize,
    /// Input values of a position.
    depth: usize,
    outputs: usize,
    /// `[position][panel][input value][channel]`.
    panels: Vec<f32>,
    bias: Vec<f32>,
}

impl Winograd {
    /// The ways of computing a convolution in this form: outputs that share their products, down and across. None where
    /// no transforms exist for its kernel and stride, or it has channels that are no multiple of 8; with stride 2 the inputs may
    /// be any.
    pub fn forms(conv: &Conv, inputs: usize) -> Vec<[usize; 2]> {
        let fits = |channels: usize| channels.is_multiple_of(8) && channels <= CHANNELS;
        let fits_stride = match conv.stride {
            [1, 1] => conv.kernel != [1, 1] && fits(inputs),
            [2, 2] => conv.kernel[0].min(conv.kernel[1]) > 2 && 4 * inputs <= CHANNELS,
            _ => false,
        };
        if !fits_stride || !fits(conv.outputs) {
            return Vec::new();
        }
        let all = (1..=OUTPUTS).flat_map(|down| (1..=OUTPUTS).map(move |across| [down, across]));
        let exists = |form: &[usize; 2]| {
            let [down, across] = axes(conv, *form);
            // Rounding errors of two axes multiply; that of size 10 is for one alone.
            let rounds_little = down.taps == 1 || across.taps == 1 || down.size().max(across.size()) < 10;
            let fits = |axis: Axis| axis.exists() && (axis.taps > 1) == (axis.outputs > 1);
            fits(down) && fits(across) && rounds_little
        };
        all.filter(exists).collect()
    }

    /// Transforms and packs OIHW weights in one of the [`Winograd::forms`].
    ///
    /// # Errors
    /// Weights that do not fold.
    ///
    /// # Panics
    /// If the form is none of them.
    pub fn new(
        isa: Isa,
        conv: &Conv,
        form: [usize; 2],
        inputs: usize,
        tensors: &LayerWeights,
    ) -> Result<Self, FoldError> {
        assert!(Self::forms(conv, inputs).contains(&form));
        let Conv { outputs, kernel, stride: [stride, _], padding, .. } = *conv;
        tensors.check(outputs, kernel[0] * kernel[1] * inputs)?;
        let (scale, bias) = fold(tensors, outputs, isa.panel())?;
        let axes = axes(conv, form);
        let depth = match stride {
            1 => inputs,
            _ => (4 * inputs).next_multiple_of(isa.panel() / VECTORS),
        };
        let mut panels = vec![0.0; axes[0].size() * axes[1].size() * bias.len() * depth];
        let weights = match stride {
            1 => Cow::Borrowed(&tensors.weights[..]),
            _ => Cow::Owned(space_to_depth::weights(&tensors.weights, kernel, [inputs, depth])),
        };
        isa.run(Pack { axes, inputs: depth, weights: &weights, scale: &scale, panels: &mut panels });
        Ok(Self { isa, axes, kernel, stride, padding, inputs, depth, outputs, panels, bias })
    }

    /// Bytes of transformed weights.
    pub fn bytes(&self) -> usize {
        (self.panels.len() + self.bias.len()) * size_of::<f32>()
    }

    fn positions(&self) -> usize {
        self.axes[0].size() * self.axes[1].size()
    }

    /// Convolves `input` into `out`.
    ///
    /// # Panics
    /// If a view has other channels than the weights, or `out` another size than the convolution gives.
    ///
    /// # Errors
    /// No memory for what is transformed, on any of the threads; `out` then holds nothing of meaning.
    pub fn run(&self, threads: &Threads, input: ViewRef, out: ViewMut, epilogue: Epilogue) -> Result<(), NoMemory> {
        assert_eq!((input.shape.c, out.shape.c), (self.inputs, self.outputs));
        let p = self.padding;
        let padded = [input.shape.h + p.top + p.bottom, input.shape.w + p.left + p.right];
        let size = |i: usize| (padded[i] - self.kernel[i]) / self.stride + 1;
        assert_eq!([out.shape.h, out.shape.w], [size(0), size(1)]);
        if let Some((shortcut, _)) = epilogue.residual {
            assert_eq!(shortcut.shape, out.shape);
        }
        if self.stride == 1 {
            return self.run_whole(threads, input, p, out, epilogue);
        }
        let size = |i: usize| [out.shape.h, out.shape.w][i] + self.axes[i].taps - 1;
        let shape = Shape::new(self.depth, size(0), size(1));
        let mut memory = DEEP.take();
        grow(&mut memory, shape.len())?;
        memory.truncate(shape.len());
        space_to_depth::map(threads, input, p, ViewMut::dense(&mut memory, shape));
        let done = self.run_whole(threads, ViewRef::dense(&memory, shape), Padding::default(), out, epilogue);
        DEEP.set(memory);
        done
    }

    /// Convolves with stride 1.
    fn run_whole(
        &self,
        threads: &Threads,
        input: ViewRef,
        padding: Padding,
        out: ViewMut,
        epilogue: Epilogue,
    ) -> Result<(), NoMemory> {
        let grid = [out.shape.h.div_ceil(self.axes[0].outputs), out.shape.w.div_ceil(self.axes[1].outputs)];
        let count = grid[0] * grid[1];
        let rows = self.isa.rows();
        let panels = self.outputs.div_ceil(self.isa.panel());
        let fitting = SCRATCH / (self.positions() * (self.depth + self.outputs));
        let tiles = [count.div_ceil(rows), fitting.clamp(TILES[0], TILES[1]) / rows];
        let rows_read = (TRANSFORMED * self.positions() * self.depth).saturating_mul(count);
        let split = ProductSize { tiles, panels, rows_read, weights_read: self.panels.len() }.split(threads.count(), 1);
        let job = Job { conv: self, input, padding, out: out.share(), epilogue, grid, missing: AtomicUsize::new(0) };
        threads.run(split.tasks(), &|task| {
            let [tiles, panels] = split.task(task);
            let tiles = tiles.start * rows..(tiles.end * rows).min(count);
            let mut memory = MEMORY.take();
            self.isa.run(Block { job: &job, tiles, panels, memory: &mut memory });
            MEMORY.set(memory);
        });
        match job.missing.into_inner() {
            0 => Ok(()),
            bytes => Err(NoMemory { bytes }),
        }
    }
}

/// Memory for intermediate values was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMemory {
    /// The size asked for.
    pub bytes: usize,
}

/// Makes memory at least so many values long.
fn grow(memory: &mut Vec<f32>, wanted: usize) -> Result<(), NoMemory> {
    let more = wanted.saturating_sub(memory.len());
    memory.try_reserve_exact(more).map_err(|_| NoMemory { bytes: wanted.saturating_mul(size_of::<f32>()) })?;
    memory.resize(memory.len() + more, 0.0);
    Ok(())
}

fn axes(conv: &Conv, form: [usize; 2]) -> [Axis; 2] {
    [0, 1].map(|i| Axis { taps: conv.kernel[i].div_ceil(conv.stride[i]), outputs: form[i] })
}

/// Weights on their way into panels.
struct Pack<'a> {
    axes: [Axis; 2],
    inputs: usize,
    /// OIHW.
    weights: &'a [f32],
    /// One per output.
    scale: &'a [f32],
    panels: &'a mut [f32],
}

impl Vectorized for Pack<'_> {
    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Self { axes: [down, across], inputs, weights: all, scale, panels } = self;
        let taps = down.taps * across.taps;
        let width = VECTORS * S::LANES;
        let step = scale.len().next_multiple_of(width) * inputs;
        let most = PACKED * width;
        let mut plain = vec![0.0f32; taps * most];
        let mut between = vec![0.0f32; down.size() * across.taps * most];
        let mut from = [ZEROS.as_ptr(); LONGEST];
        for (panel, scale) in scale.chunks(width).enumerate() {
            let of_panel = &all[panel * width * taps * inputs..][..scale.len() * taps * inputs];
            if scale.len() < width {
                plain.fill(0.0);
            }
            for first in (0..inputs).step_by(PACKED) {
                let channels = first..inputs.min(first + PACKED);
                let count = channels.len() * width;
                let to = &mut panels[(panel * inputs + first) * width..];
                pack(of_panel, scale, taps, channels, width, &mut plain);
                // SAFETY: the caller's processor has `S`; each pointer is good for `count` floats.
                unsafe {
                    if down.taps == 1 || across.taps == 1 {
                        (0..taps).for_each(|tap| from[tap] = plain[tap * count..].as_ptr());
                        let axis = if across.taps == 1 { down } else { across };
                        weights::<S>(axis, &from, to.as_mut_ptr(), step, count);
                        continue;
                    }
                    for x in 0..across.taps {
                        (0..down.taps).for_each(|y| from[y] = plain[(y * across.taps + x) * count..].as_ptr());
                        weights::<S>(down, &from, between[x * count..].as_mut_ptr(), across.taps * count, count);
                    }
                    for j in 0..down.size() {
                        (0..across.taps).for_each(|x| from[x] = between[(j * across.taps + x) * count..].as_ptr());
                        weights::<S>(across, &from, to[j * across.size() * step..].as_mut_ptr(), step, count);
                    }
                }
            }
        }
    }
}

struct Job<'a> {
    conv: &'a Winograd,
    input: ViewRef<'a>,
    padding: Padding,
    out: SharedMut<'a>,
    epilogue: Epilogue<'a>,
    /// Tiles of outputs, down and across.
    grid: [usize; 2],
    /// Bytes that some thread asked for and did not get.
    missing: AtomicUsize,
}

/// Some of a job's tiles, channels of some panels. No other thread writes the same.
struct Block<'a> {
    job: &'a Job<'a>,
    tiles: Range<usize>,
    panels: Range<usize>,
    memory: &'a mut Vec<f32>,
}

impl Vectorized for Block<'_> {
    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Self { job, tiles, panels, memory } = self;
        let conv = job.conv;
        let width = VECTORS * S::LANES;
        let positions = conv.positions();
        let (c, k) = (conv.depth, panels.len() * width);
        let count = tiles.len();
        // Whole tiles: what rows past the last one hold is not read again.
        let rows = count.next_multiple_of(S::ROWS);
        let (step_in, step_out) = (rows * c + APART, rows * k + APART);
        let between = LONGEST * LONGEST * c.max(k);
        let wanted = positions * (step_in + step_out) + between;
        if let Err(NoMemory { bytes }) = grow(memory, wanted) {
            return job.missing.store(bytes, Ordering::Relaxed);
        }
        let (transformed, rest) = memory.split_at_mut(positions * step_in);
        let (products, between) = rest.split_at_mut(positions * step_out);
        for (at, tile) in tiles.clone().enumerate() {
            // SAFETY: the slices have the sizes that the function takes.
            unsafe { job.transform::<S>(tile, &mut transformed[at * c..], step_in, between) }
        }
        for position in 0..positions {
            let inputs = &transformed[position * step_in..][..rows * c];
            let outputs = &mut products[position * step_out..][..rows * k];
            let all = &conv.panels[position * conv.bias.len() * c..];
            for (column, panel) in panels.clone().enumerate() {
                let product = Product {
                    rows: inputs.as_ptr(),
                    tiles: rows / S::ROWS,
                    depth: c,
                    panel: all[panel * width * c..].as_ptr(),
                    out: outputs[column * width..].as_mut_ptr(),
                    apart: k,
                };
                // SAFETY: rows and results lie in the slices above; nothing else accesses them.
                unsafe { gemm::product::<S>(&product) }
            }
        }
        let first = panels.start * width;
        let channels = (conv.outputs - first).min(k);
        for (at, tile) in tiles.enumerate() {
            // SAFETY: the products of every position were written above; nobody else writes these outputs.
            unsafe { job.finish::<S>(tile, &products[at * k..], step_out, first..first + channels, between) }
        }
    }
}

impl Job<'_> {
    /// First output row and column of a tile.
    fn corner(&self, tile: usize) -> [usize; 2] {
        let [down, across] = self.conv.axes;
        [tile / self.grid[1] * down.outputs, tile % self.grid[1] * across.outputs]
    }

    /// Transforms what a tile reads: position `p` of it goes to `to[p * step..][..inputs]`.
    ///
    /// # Safety
    /// The processor has `S`; `to` reaches over all positions, `between` over a tile's inputs.
    #[inline(always)]
    unsafe fn transform<S: Simd>(&self, tile: usize, to: &mut [f32], step: usize, between: &mut [f32]) {
        let conv = self.conv;
        let [down, across] = conv.axes;
        let c = conv.depth;
        let Shape { h, w, .. } = self.input.shape;
        let [top, left] = self.corner(tile);
        // Wraps in the padding, where it is larger than any size.
        let (top, left) = (top.wrapping_sub(self.padding.top), left.wrapping_sub(self.padding.left));
        let pixel = |y: usize, x: usize| {
            let (y, x) = (top.wrapping_add(y), left.wrapping_add(x));
            if y < h && x < w { self.input.pixel(y * w + x) } else { ZEROS.as_ptr() }
        };
        let mut from = [ZEROS.as_ptr(); LONGEST];
        // SAFETY: every pointer is good for `c` floats.
        unsafe {
            if down.taps == 1 {
                (0..across.size()).for_each(|x| from[x] = pixel(0, x));
                return input::<S>(across, &from, to.as_mut_ptr(), step, c);
            }
            if across.taps == 1 {
                (0..down.size()).for_each(|y| from[y] = pixel(y, 0));
                return input::<S>(down, &from, to.as_mut_ptr(), step, c);
            }
            for x in 0..across.size() {
                (0..down.size()).for_each(|y| from[y] = pixel(y, x));
                input::<S>(down, &from, between[x * c..].as_mut_ptr(), across.size() * c, c);
            }
            for j in 0..down.size() {
                (0..across.size()).for_each(|x| from[x] = between[(j * across.size() + x) * c..].as_ptr());
                input::<S>(across, &from, to[j * across.size() * step..].as_mut_ptr(), step, c);
            }
        }
    }

    /// From products to outputs of a tile: position `p` lies at `products[p * step..]`.
    ///
    /// # Safety
    /// The processor has `S`; `between` reaches over half-transformed products and one more row; nothing else accesses
    /// the tile's outputs in `channels`.
    #[inline(always)]
    unsafe fn finish<S: Simd>(
        &self,
        tile: usize,
        products: &[f32],
        step: usize,
        channels: Range<usize>,
        between: &mut [f32],
    ) {
        let conv = self.conv;
        let [down, across] = conv.axes;
        let k = channels.len();
        let Shape { h, w, .. } = self.out.shape;
        let [top, left] = self.corner(tile);
        let (between, spare) = between.split_at_mut(OUTPUTS * LONGEST * k);
        let spare = spare.as_mut_ptr();
        let inside = |y: usize, x: usize| (top + y < h && left + x < w).then(|| (top + y) * w + left + x);
        // SAFETY: the pixel is inside the output, and its channels reach past the first.
        let place = |pixel: Option<usize>| pixel.map_or(spare, |p| unsafe { self.out.pixel(p).add(channels.start) });
        let last = |pixels: [Option<usize>; OUTPUTS]| Last {
            bias: conv.bias[channels.start..].as_ptr(),
            shortcut: self.epilogue.residual.map(|(view, _)| {
                // SAFETY: the shortcut has the size of the output.
                pixels.map(|pixel| pixel.map_or(ZEROS.as_ptr(), |p| unsafe { view.pixel(p).add(channels.start) }))
            }),
            scale: self.epilogue.residual.map_or(1.0, |(_, scale)| scale),
            relu: self.epilogue.relu,
        };
        // SAFETY: every pointer is good for `k` floats.
        unsafe {
            if across.taps == 1 {
                let pixels = std::array::from_fn(|y| if y < down.outputs { inside(y, 0) } else { None });
                return output::<S>(down, products.as_ptr(), step, &pixels.map(place), k, Some(&last(pixels)));
            }
            let mut rows = products.as_ptr();
            let mut step_across = step;
            if down.taps > 1 {
                for i in 0..across.size() {
                    let to = std::array::from_fn(|y| between[(y * across.size() + i) * k..].as_mut_ptr());
                    let from = products[i * step..].as_ptr();
                    output::<S>(down, from, across.size() * step, &to, k, None);
                }
                (rows, step_across) = (between.as_ptr(), k);
            }
            for y in 0..down.outputs {
                let pixels = std::array::from_fn(|x| if x < across.outputs { inside(y, x) } else { None });
                let from = rows.add(y * across.size() * step_across);
                output::<S>(across, from, step_across, &pixels.map(place), k, Some(&last(pixels)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_there_is_not_is_an_error() {
        let mut memory = vec![1.0; 3];
        assert_eq!(grow(&mut memory, 5), Ok(()));
        assert_eq!(memory, [1.0, 1.0, 1.0, 0.0, 0.0]);
        assert_eq!(grow(&mut memory, 2), Ok(()));
        assert_eq!(grow(&mut memory, usize::MAX), Err(NoMemory { bytes: usize::MAX }));
        assert_eq!(memory.len(), 5, "what was there stays");
    }
}
