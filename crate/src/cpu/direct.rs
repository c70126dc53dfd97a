use super::gemm::{self, Rows};
use super::panels;
use super::simd::{Isa, Simd, VECTORS, Vectorized};
use super::split::ProductSize;
use super::threads::Threads;
use super::view::{Epilogue, SharedMut, ViewMut, ViewRef};
use crate::graph::{FoldError, LayerWeights};
use crate::graph::{Padding, Shape};
use std::mem::MaybeUninit;
use std::ops::Range;

/// Pointers of one block of rows: `rows * taps` of them.
const POINTERS: usize = 3072;
/// Rows of a block.
const BLOCK: usize = 96;
/// Tasks for each thread, so that one that comes late or is held up leaves some to the others.
const TASKS: usize = 4;
/// Copied activations of one block, where taps are too short to be read in place.
const COPIED: usize = 4096;
/// Taps with fewer contiguous channels than this are merged.
const SHORT_TAP: usize = 8;
/// Zeros that padding reads; the longest tap of the family has 2080 channels.
static ZEROS: [f32; 4096] = [0.0; 4096];

/// A convolution or linear layer with weights packed for one instruction set, batch norm folded in.
pub struct PackedConv {
    isa: Isa,
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: Padding,
    inputs: usize,
    outputs: usize,
    /// `[panel][k][channel]`, `k` in (row, column, input channel) order.
    panels: Vec<f32>,
    /// Padded to whole panels.
    bias: Vec<f32>,
}

impl PackedConv {
    /// Packs OIHW weights of a convolution.
    pub fn conv(isa: Isa, conv: &crate::graph::Conv, inputs: usize, weights: &LayerWeights) -> Result<Self, FoldError> {
        Self::pack(isa, conv.kernel, conv.stride, conv.padding, [inputs, conv.outputs], weights)
    }

    /// Packs `[out, in]` weights of a linear layer that reads `input` flattened in CHW order.
    pub fn linear(isa: Isa, input: Shape, outputs: usize, weights: &LayerWeights) -> Result<Self, FoldError> {
        let kernel = [input.h, input.w];
        Self::pack(isa, kernel, [1, 1], Padding::default(), [input.c, outputs], weights)
    }

    fn pack(
        isa: Isa,
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: Padding,
        [inputs, outputs]: [usize; 2],
        weights: &LayerWeights,
    ) -> Result<Self, FoldError> {
        let taps = kernel[0] * kernel[1];
        let depth = taps * inputs;
        weights.check(outputs, depth)?;
        let width = isa.panel();
        let (scale, bias) = panels::fold(weights, outputs, width)?;
        let mut packed = Vec::with_capacity(bias.len() * depth);
        for (panel, scale) in scale.chunks(width).enumerate() {
            let from = &weights.weights[panel * width * depth..][..scale.len() * depth];
            // Panel by panel, so that the zeros are still in the cache when they are written over.
            packed.resize((panel + 1) * width * depth, 0.0);
            panels::pack(from, scale, taps, 0..inputs, width, &mut packed[panel * width * depth..]);
        }
        Ok(Self { isa, kernel, stride, padding, inputs, outputs, panels: packed, bias })
    }

    /// Bytes of packed weights.
    pub fn bytes(&self) -> usize {
        (self.panels.len() + self.bias.len()) * size_of::<f32>()
    }

    /// Convolves `input` into `out`.
    ///
    /// # Panics
    /// If a view has other channels than the weights, or `out` another size than the convolution gives.
    pub fn run(&self, threads: &Threads, input: ViewRef, out: ViewMut, epilogue: Epilogue) {
        assert_eq!((input.shape.c, out.shape.c), (self.inputs, self.outputs));
        let p = self.padding;
        let padded = [input.shape.h + p.top + p.bottom, input.shape.w + p.left + p.right];
        let size = |i: usize| (padded[i] - self.kernel[i]) / self.stride[i] + 1;
        assert_eq!([out.shape.h, out.shape.w], [size(0), size(1)]);
        if let Some((shortcut, _)) = epilogue.residual {
            assert_eq!(shortcut.shape, out.shape);
        }
        assert!(self.inputs <= ZEROS.len() || p == Padding::default());

        let tiles = (out.shape.h * out.shape.w).div_ceil(self.isa.rows());
        let panels = self.outputs.div_ceil(self.isa.panel());
        let tiles = [tiles, self.tiles_of_a_block()];
        let size = ProductSize { tiles, panels, rows_read: input.shape.len(), weights_read: self.panels.len() };
        let split = size.split(threads.count(), TASKS);
        let job = Job { conv: self, input, out: out.share(), epilogue };
        threads.run(split.tasks(), &|task| {
            let [tiles, panels] = split.task(task);
            self.isa.run(Block { job: &job, tiles, panels });
        });
    }

    /// The most rows of the register tile that one task takes.
    fn tiles_of_a_block(&self) -> usize {
        let (taps, depth) = self.taps();
        let most = match self.merges() {
            true => COPIED / (taps * depth),
            false => POINTERS / taps,
        };
        (most.min(BLOCK) / self.isa.rows()).max(1)
    }

    /// True where the taps of a row of the kernel are so short that they are taken as one, copied where they do not lie
    /// one after another.
    fn merges(&self) -> bool {
        let (taps, depth) = (self.kernel[0] * self.kernel[1], self.inputs);
        depth < SHORT_TAP && taps > 1 && taps * depth * 8 <= COPIED
    }

    /// Taps and contiguous floats per tap, as the tile sees them.
    fn taps(&self) -> (usize, usize) {
        let [rows, columns] = self.kernel;
        match self.merges() {
            true => (rows, columns * self.inputs),
            false => (rows * columns, self.inputs),
        }
    }
}

struct Job<'a> {
    conv: &'a PackedConv,
    input: ViewRef<'a>,
    out: SharedMut<'a>,
    epilogue: Epilogue<'a>,
}

/// Output pixels of some of the register's tiles, channels of some panels. No other thread writes the same.
struct Block<'a> {
    job: &'a Job<'a>,
    tiles: Range<usize>,
    panels: Range<usize>,
}

impl Vectorized for Block<'_> {
    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Self { job, tiles, panels } = self;
        let conv = job.conv;
        let pixels = job.out.shape.h * job.out.shape.w;
        let rows = tiles.start * S::ROWS..(tiles.end * S::ROWS).min(pixels);
        let tiles = tiles.len();
        let (taps, depth) = conv.taps();
        let mut pointers = [const { MaybeUninit::uninit() }; POINTERS];
        let mut copied = [const { MaybeUninit::uninit() }; COPIED];
        // Taken one by one: nothing borrows a line that a pointer is kept of again.
        let mut lines = copied.chunks_exact_mut(depth);
        for tile in 0..tiles {
            for r in 0..S::ROWS {
                let row = (rows.start + tile * S::ROWS + r).min(rows.end - 1);
                let to = &mut pointers[tile * taps * S::ROWS..][..taps * S::ROWS];
                let mut set = |tap: usize, p| _ = to[tap * S::ROWS + r].write(p);
                match conv.merges() {
                    true => (0..taps).zip(&mut lines).for_each(|(y, to)| set(y, job.line(row, y, to))),
                    false => job.point(row, set),
                }
            }
        }
        let (width, residual) = (VECTORS * S::LANES, job.epilogue.residual);
        for panel in panels {
            let first = panel * width;
            let all = Rows {
                // SAFETY: every tap of every row was written above.
                from: unsafe { pointers[..tiles * taps * S::ROWS].assume_init_ref() },
                taps,
                depth,
                panel: conv.panels[first * taps * depth..].as_ptr(),
                bias: conv.bias[first..].as_ptr(),
                count: rows.len(),
                // SAFETY: the pixel is inside `out`, whose channels reach past `first`.
                out: (unsafe { job.out.pixel(rows.start).add(first) }, job.out.stride),
                // SAFETY: the shortcut has the size of `out`.
                shortcut: residual.map(|(view, _)| (unsafe { view.pixel(rows.start).add(first) }, view.stride)),
                scale: residual.map_or(1.0, |(_, scale)| scale),
                relu: job.epilogue.relu,
                columns: (conv.outputs - first).min(width),
            };
            // SAFETY: pointers come from the views or the zeros; the caller keeps other threads out.
            unsafe { gemm::rows::<S>(&all) }
        }
    }
}

impl Job<'_> {
    /// The input row and column that tap (0, 0) of output pixel `row` reads; negative inside the padding.
    #[inline(always)]
    fn corner(&self, row: usize) -> (isize, isize) {
        let (y, x) = (row / self.out.shape.w, row % self.out.shape.w);
        let conv = self.conv;
        let at = |i: usize, stride: usize, pad: usize| (i * stride) as isize - pad as isize;
        (at(y, conv.stride[0], conv.padding.top), at(x, conv.stride[1], conv.padding.left))
    }

    /// Calls `set` with each tap of an output pixel and where its channels lie.
    #[inline(always)]
    fn point(&self, row: usize, mut set: impl FnMut(usize, *const f32)) {
        let (top, left) = self.corner(row);
        let Shape { h, w, .. } = self.input.shape;
        let [kh, kw] = self.conv.kernel;
        for ky in 0..kh {
            let y = (top + ky as isize) as usize;
            for kx in 0..kw {
                let x = (left + kx as isize) as usize;
                set(ky * kw + kx, if y < h && x < w { self.input.pixel(y * w + x) } else { ZEROS.as_ptr() });
            }
        }
    }

    /// Where the taps of row `ky` of the kernel lie one after another for an output pixel: in the input itself, or in `to`.
    #[inline(always)]
    fn line(&self, row: usize, ky: usize, to: &mut [MaybeUninit<f32>]) -> *const f32 {
        let (top, left) = self.corner(row);
        let Shape { h, w, c } = self.input.shape;
        let (y, kw) = ((top + ky as isize) as usize, self.conv.kernel[1]);
        if y >= h {
            return ZEROS.as_ptr();
        }
        if self.input.stride == c && left >= 0 && left as usize + kw <= w {
            return self.input.pixel(y * w + left as usize);
        }
        for (kx, to) in to.chunks_exact_mut(c).enumerate() {
            let x = (left + kx as isize) as usize;
            let from = if x < w { self.input.pixel(y * w + x) } else { ZEROS.as_ptr() };
            // SAFETY: a pixel of the image has `c` readable floats.
            to.iter_mut().enumerate().for_each(|(i, v)| _ = v.write(unsafe { *from.add(i) }));
        }
        to.as_ptr().cast()
    }
}
