use crate::cpu::threads::Threads;
use crate::cpu::view::{ViewMut, ViewRef};
use crate::graph::{Pool, PoolKind, Shape, windows};
use std::ops::Range;

/// The windows along an axis that an input position lies in, each with the place in it.
fn around(at: usize, kernel: usize, stride: usize, padding: usize, count: usize) -> Range<usize> {
    let padded = at + padding;
    let first = (padded + 1).saturating_sub(kernel).div_ceil(stride);
    first..(padded / stride + 1).min(count)
}

/// Gathers for each input position from the windows that it lies in: `add` takes the position's channels, the window's pixel and
/// the position's place in the window.
fn gather(
    threads: &Threads,
    pool: &Pool,
    windows: Shape,
    to: ViewMut,
    first: bool,
    add: impl Fn(&mut [f32], [usize; 2], usize) + Sync,
) {
    let ([kh, kw], [down, across], padding) = (pool.kernel, pool.stride, pool.padding);
    threads.rows(to, |y, mut row| {
        for x in 0..row.shape.w {
            let to = row.channels(x);
            if first {
                to.fill(0.0);
            }
            for above in around(y, kh, down, padding.top, windows.h) {
                for left in around(x, kw, across, padding.left, windows.w) {
                    let place = (y + padding.top - above * down) * kw + (x + padding.left - left * across);
                    add(to, [above, left], place);
                }
            }
        }
    });
}

/// A maximum passes its gradient to where it came from.
pub fn maxima(threads: &Threads, pool: &Pool, places: &[u16], from: ViewRef, to: ViewMut, first: bool) {
    let shape = from.shape;
    gather(threads, pool, shape, to, first, |to, [y, x], place| {
        let pixel = y * shape.w + x;
        let places = &places[pixel * shape.c..][..shape.c];
        for ((to, g), &came_from) in to.iter_mut().zip(from.channels(pixel)).zip(places) {
            *to += if usize::from(came_from) == place { *g } else { 0.0 };
        }
    });
}

/// A mean passes its gradient on evenly.
pub fn means(threads: &Threads, pool: &Pool, from: ViewRef, to: ViewMut, first: bool) {
    let (shape, [kh, kw], [height, width]) = (from.shape, pool.kernel, [to.shape.h, to.shape.w]);
    let inside = |at: usize, kernel: usize, stride: usize, padding: usize, len: usize| {
        (at * stride + kernel).saturating_sub(padding).min(len) - (at * stride).saturating_sub(padding)
    };
    gather(threads, pool, shape, to, first, |to, [y, x], _| {
        let count = match pool.kind {
            PoolKind::Average { count_padding: false } => {
                let rows = inside(y, kh, pool.stride[0], pool.padding.top, height);
                rows * inside(x, kw, pool.stride[1], pool.padding.left, width)
            }
            PoolKind::Average { count_padding: true } | PoolKind::Max => kh * kw,
        };
        let factor = 1.0 / count as f32;
        to.iter_mut().zip(from.channels(y * shape.w + x)).for_each(|(to, g)| *to += g * factor);
    });
}

/// Averages over windows that cover the input.
pub fn average(from: ViewRef, mut to: ViewMut, first: bool) {
    let input = to.shape;
    if first {
        (0..input.h * input.w).for_each(|pixel| to.channels(pixel).fill(0.0));
    }
    for (pixel, [rows, columns]) in windows(input, from.shape).enumerate() {
        let factor = 1.0 / (rows.len() * columns.len()) as f32;
        for at in rows.flat_map(|y| columns.clone().map(move |x| y * input.w + x)) {
            to.channels(at).iter_mut().zip(from.channels(pixel)).for_each(|(to, g)| *to += g * factor);
        }
    }
}
