//! The reverse of maximum pools: where in its window each maximum comes from, and its gradient back there.

use super::window::around;
use crate::cpu::ops::pool::window;
use crate::cpu::simd::{Isa, Simd, Vectorized};
use crate::cpu::threads::Threads;
use crate::cpu::view::{ViewMut, ViewRef};
use crate::graph::Pool;

/// No vector is longer.
const LANES: usize = 8;

/// Notes for each output of a pool that has run the first place of its window that has the largest value, row by row.
pub fn note(threads: &Threads, isa: Isa, pool: &Pool, input: ViewRef, output: ViewRef, places: &mut [u8]) {
    threads.parts(places, output.shape.w * output.shape.c, |y, places| {
        isa.run(Note { pool, y, input, output, places });
    });
}

/// A row of outputs.
struct Note<'a> {
    pool: &'a Pool,
    y: usize,
    input: ViewRef<'a>,
    output: ViewRef<'a>,
    places: &'a mut [u8],
}

impl Vectorized for Note<'_> {
    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Self { pool, y, input, output, places } = self;
        let ([kh, kw], [down, across], padding) = (pool.kernel, pool.stride, pool.padding);
        let channels = output.shape.c;
        let vectors = channels / S::LANES * S::LANES;
        let (top, rows) = window(y, down, padding.top, kh, input.shape.h);
        for (x, places) in places.chunks_exact_mut(channels).enumerate() {
            let (left, columns) = window(x, across, padding.left, kw, input.shape.w);
            // Place of the window's first position inside the map.
            let first = (top + padding.top - y * down) * kw + left + padding.left - x * across;
            let largest = output.channels(y * output.shape.w + x);
            for (c, places) in places[..vectors].chunks_exact_mut(S::LANES).enumerate() {
                let c = c * S::LANES;
                let mut lanes = [0.0f32; LANES];
                // SAFETY: channels from `c` on make a whole vector, in the input as in the output; the rows and columns are the
                // input's.
                unsafe {
                    let largest = S::load(largest[c..].as_ptr());
                    let mut found = S::splat(0.0);
                    // From the last to the first, so that the first is the one that stays.
                    for row in (0..rows).rev() {
                        for column in (0..columns).rev() {
                            let value = S::load(input.pixel((top + row) * input.shape.w + left + column).add(c));
                            let place = S::splat((first + row * kw + column) as f32);
                            found = S::select_equal(value, largest, place, found);
                        }
                    }
                    S::store(lanes.as_mut_ptr(), found);
                }
                places.iter_mut().zip(lanes).for_each(|(to, place)| *to = place as u8);
            }
            for c in vectors..channels {
                let all = (0..rows * columns).map(|at| (at / columns, at % columns));
                let is_largest = |&(row, column): &(usize, usize)| {
                    input.channels((top + row) * input.shape.w + left + column)[c] == largest[c]
                };
                let (row, column) = { all }.find(is_largest).unwrap_or_default();
                places[c] = (first + row * kw + column) as u8;
            }
        }
    }
}

/// Passes each output's gradient to where its maximum came from.
pub fn back(threads: &Threads, isa: Isa, pool: &Pool, places: &[u8], from: ViewRef, to: ViewMut, first: bool) {
    threads.rows(to, |y, to| isa.run(Back { pool, y, places, from, to, first }));
}

/// A row of inputs.
struct Back<'a> {
    pool: &'a Pool,
    y: usize,
    places: &'a [u8],
    from: ViewRef<'a>,
    to: ViewMut<'a>,
    first: bool,
}

impl Vectorized for Back<'_> {
    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Self { pool, y, places, from, mut to, first } = self;
        let ([kh, kw], [down, across], padding) = (pool.kernel, pool.stride, pool.padding);
        let (channels, width) = (to.shape.c, to.shape.w);
        let vectors = channels / S::LANES * S::LANES;
        if first {
            (0..width).for_each(|x| to.channels(x).fill(0.0));
        }
        for above in around(y, kh, down, padding.top, from.shape.h) {
            let row = (y + padding.top - above * down) * kw;
            for x in 0..from.shape.w {
                let (left, columns) = window(x, across, padding.left, kw, width);
                // Place of the first of those columns.
                let begin = row + left + padding.left - x * across;
                let pixel = above * from.shape.w + x;
                let (gradient, places) = (from.channels(pixel), &places[pixel * channels..][..channels]);
                for (c, places) in places[..vectors].chunks_exact(S::LANES).enumerate() {
                    let c = c * S::LANES;
                    let mut lanes = [0.0f32; LANES];
                    lanes.iter_mut().zip(places).for_each(|(to, &place)| *to = place.into());
                    // SAFETY: channels from `c` on make a whole vector; the columns are the row's.
                    unsafe {
                        let (came_from, g) = (S::load(lanes.as_ptr()), S::load(gradient[c..].as_ptr()));
                        for column in 0..columns {
                            let to = to.pixel(left + column).add(c);
                            let part = S::select_equal(came_from, S::splat((begin + column) as f32), g, S::splat(0.0));
                            S::store(to, S::add(S::load(to), part));
                        }
                    }
                }
                for c in vectors..channels {
                    if let Some(column) = usize::from(places[c]).checked_sub(begin).filter(|&at| at < columns) {
                        to.channels(left + column)[c] += gradient[c];
                    }
                }
            }
        }
    }
}

/// The same from what the pool has read, for windows of more places than are noted: of few maps, so one after another.
pub fn back_to(pool: &Pool, values: &[f32], from: ViewRef, mut to: ViewMut, first: bool) {
    let ([kh, kw], [down, across], padding, input) = (pool.kernel, pool.stride, pool.padding, to.shape);
    if first {
        (0..input.h * input.w).for_each(|pixel| to.channels(pixel).fill(0.0));
    }
    for y in 0..from.shape.h {
        let (top, rows) = window(y, down, padding.top, kh, input.h);
        for x in 0..from.shape.w {
            let (left, columns) = window(x, across, padding.left, kw, input.w);
            for (c, &g) in from.channels(y * from.shape.w + x).iter().enumerate() {
                let pixels = (0..rows * columns).map(|at| (top + at / columns) * input.w + left + at % columns);
                let value = |pixel: usize| values[pixel * input.c + c];
                let largest = pixels.reduce(|best, pixel| if value(pixel) > value(best) { pixel } else { best });
                if let Some(pixel) = largest {
                    to.channels(pixel)[c] += g;
                }
            }
        }
    }
}
