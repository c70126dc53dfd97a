use crate::cpu::ops::pool::window;
use crate::cpu::threads::Threads;
use crate::cpu::view::{ViewMut, ViewRef};
use crate::graph::{Pool, PoolKind, windows};
use std::ops::Range;

/// The windows along an axis that an input position lies in.
pub fn around(at: usize, kernel: usize, stride: usize, padding: usize, count: usize) -> Range<usize> {
    let padded = at + padding;
    let first = (padded + 1).saturating_sub(kernel).div_ceil(stride);
    first..(padded / stride + 1).min(count)
}

/// A mean passes its gradient on evenly: each input position gathers from the windows that it lies in.
pub fn means(threads: &Threads, pool: &Pool, from: ViewRef, to: ViewMut, first: bool) {
    let ([kh, kw], [down, across], padding) = (pool.kernel, pool.stride, pool.padding);
    let (height, width) = (to.shape.h, to.shape.w);
    let factor = |above: usize, left: usize| {
        let count = match pool.kind {
            PoolKind::Average { count_padding: false } => {
                let (_, rows) = window(above, down, padding.top, kh, height);
                rows * window(left, across, padding.left, kw, width).1
            }
            PoolKind::Average { count_padding: true } | PoolKind::Max => kh * kw,
        };
        1.0 / count as f32
    };
    threads.rows(to, |y, mut row| {
        for x in 0..width {
            let to = row.channels(x);
            if first {
                to.fill(0.0);
            }
            for above in around(y, kh, down, padding.top, from.shape.h) {
                for left in around(x, kw, across, padding.left, from.shape.w) {
                    let (gradient, factor) = (from.channels(above * from.shape.w + left), factor(above, left));
                    to.iter_mut().zip(gradient).for_each(|(to, g)| *to += g * factor);
                }
            }
        }
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
