use super::{ReverseFault, maxima, reserved};
use crate::cpu::simd::Isa;
use crate::cpu::threads::Threads;
use crate::cpu::view::{ViewMut, ViewRef};
use crate::graph::{Layer, Op, Shape};
use crate::plan::Kept;

/// Values whose signs go into words together: one of each into a word of the next ones.
const SIDE_BY_SIDE: usize = 4;
/// Bits of a word.
const BITS: usize = 32;

/// What a layer's run has left for the reverse pass.
pub enum Left {
    Positive(Bits),
    /// For each output, the place of its window that it comes from, row by row.
    Maxima(Vec<u8>),
    /// What it read, `[H,W,C]`.
    Input(Vec<f32>),
}

impl Left {
    /// Takes the memory.
    pub fn new(kept: Kept, input: Shape, layer: &Layer) -> Result<Self, ReverseFault> {
        Ok(match kept {
            Kept::Positive => Self::Positive(Bits::new(layer.shape)?),
            Kept::Maxima => Self::Maxima(reserved(layer.shape.len(), 0)?),
            Kept::Input => Self::Input(reserved(input.len(), 0.0)?),
        })
    }

    /// Bytes of its memory.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Positive(Bits { words, .. }) => size_of_val(&words[..]),
            Self::Maxima(places) => size_of_val(&places[..]),
            Self::Input(values) => size_of_val(&values[..]),
        }
    }

    /// Notes it of a layer that has just run.
    pub fn note(&mut self, threads: &Threads, isa: Isa, op: &Op, input: ViewRef, output: ViewRef) {
        match self {
            Self::Positive(bits) => bits.note(threads, output),
            Self::Maxima(places) => {
                let Op::Pool(pool) = op else { return };
                maxima::note(threads, isa, pool, input, output, places);
            }
            Self::Input(values) => {
                let row = input.shape.w * input.shape.c;
                threads.parts(values, row, |y, values| {
                    for (x, to) in values.chunks_exact_mut(input.shape.c).enumerate() {
                        to.copy_from_slice(input.channels(y * input.shape.w + x));
                    }
                });
            }
        }
    }
}

/// Which values of a map are positive: one bit each.
pub struct Bits {
    words: Vec<u32>,
    /// Words of a pixel.
    pixel: usize,
    shape: Shape,
}

impl Bits {
    fn new(shape: Shape) -> Result<Self, ReverseFault> {
        let pixel = shape.c.div_ceil(SIDE_BY_SIDE * BITS) * SIDE_BY_SIDE;
        Ok(Self { words: reserved(shape.h * shape.w * pixel, 0)?, pixel, shape })
    }

    fn note(&mut self, threads: &Threads, output: ViewRef) {
        let (pixel, width) = (self.pixel, self.shape.w);
        threads.parts(&mut self.words, width * pixel, |y, row| {
            for (x, words) in row.chunks_exact_mut(pixel).enumerate() {
                let values = output.channels(y * width + x).chunks(SIDE_BY_SIDE * BITS);
                for (words, values) in words.as_chunks_mut::<SIDE_BY_SIDE>().0.iter_mut().zip(values) {
                    *words = [0; SIDE_BY_SIDE];
                    let mut bit = 1u32;
                    let (fours, rest) = values.as_chunks::<SIDE_BY_SIDE>();
                    for four in fours {
                        for lane in 0..SIDE_BY_SIDE {
                            words[lane] |= if four[lane] > 0.0 { bit } else { 0 };
                        }
                        bit = bit.wrapping_shl(1);
                    }
                    for (word, value) in words.iter_mut().zip(rest) {
                        *word |= if *value > 0.0 { bit } else { 0 };
                    }
                }
            }
        });
    }

    /// Zeroes what is not positive here.
    pub fn mask(&self, threads: &Threads, gradient: ViewMut) {
        let (pixel, width) = (self.pixel, self.shape.w);
        threads.rows(gradient, |y, mut row| {
            let rows = self.words[y * width * pixel..].chunks_exact(pixel);
            for (x, words) in rows.take(width).enumerate() {
                let values = row.channels(x).chunks_mut(SIDE_BY_SIDE * BITS);
                for (words, values) in words.as_chunks::<SIDE_BY_SIDE>().0.iter().zip(values) {
                    let mut bit = 1u32;
                    let (fours, rest) = values.as_chunks_mut::<SIDE_BY_SIDE>();
                    for four in fours {
                        for lane in 0..SIDE_BY_SIDE {
                            four[lane] = if words[lane] & bit != 0 { four[lane] } else { 0.0 };
                        }
                        bit = bit.wrapping_shl(1);
                    }
                    for (word, value) in words.iter().zip(rest) {
                        *value = if word & bit != 0 { *value } else { 0.0 };
                    }
                }
            }
        });
    }
}
