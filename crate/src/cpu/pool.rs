use super::parallel::Pool as Threads;
use super::simd::{Isa, Kernel, Simd};
use super::view::{ViewMut, ViewRef};
use crate::graph::{Pool, PoolKind};

/// Maximum or average pool; twin of [`super::scalar::pool`].
///
/// # Panics
/// If `out` has another number of channels than `input`.
pub fn pool(threads: &Threads, isa: Isa, pool: &Pool, input: ViewRef, out: ViewMut) {
    assert_eq!(input.shape.c, out.shape.c);
    threads.run(out.shape.h, |y| isa.run(Row { pool, y, input, out }));
}

/// One row of outputs. No other thread writes it.
struct Row<'a> {
    pool: &'a Pool,
    y: usize,
    input: ViewRef<'a>,
    out: ViewMut<'a>,
}

impl Kernel for Row<'_> {
    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Self { pool, y, input, out } = self;
        let [kh, kw] = pool.kernel;
        let (top, rows) = window(y, pool.stride[0], pool.padding.top, kh, input.shape.h);
        for x in 0..out.shape.w {
            let (left, columns) = window(x, pool.stride[1], pool.padding.left, kw, input.shape.w);
            let factor = match pool.kind {
                PoolKind::Max => None,
                PoolKind::Average { count_padding: true } => Some(1.0 / (kh * kw) as f32),
                PoolKind::Average { count_padding: false } => Some(1.0 / (rows * columns) as f32),
            };
            // SAFETY: the window lies inside the image.
            unsafe {
                let first = input.pixel(top * input.shape.w + left);
                let down = input.shape.w * input.stride;
                let window = Window { first, rows, columns, down, right: input.stride };
                channels::<S>(&window, factor, out.pixel(y * out.shape.w + x), out.shape.c);
            }
        }
    }
}

/// The part of a window that lies inside the image.
struct Window {
    first: *const f32,
    rows: usize,
    columns: usize,
    /// Values from a row to the next.
    down: usize,
    /// Values from a column to the next.
    right: usize,
}

/// All channels of one output: the mean where there is a factor, else the maximum.
///
/// # Safety
/// The processor has `S`; every pixel of the window is readable for `count` floats, `out` is writable for `count`.
#[inline(always)]
unsafe fn channels<S: Simd>(window: &Window, factor: Option<f32>, out: *mut f32, count: usize) {
    // SAFETY: `c` stays below `count`, vectors below it by their length.
    unsafe {
        let taps = |c: usize| {
            let rows = (0..window.rows).map(move |y| window.first.add(y * window.down + c));
            rows.flat_map(|row| (0..window.columns).map(move |x| row.add(x * window.right)))
        };
        let start = if factor.is_some() { 0.0 } else { f32::NEG_INFINITY };
        let vectors = count / S::LANES * S::LANES;
        for c in (0..vectors).step_by(S::LANES) {
            let mut sum = S::splat(start);
            for y in 0..window.rows {
                let row = window.first.add(y * window.down + c);
                for x in 0..window.columns {
                    let v = S::load(row.add(x * window.right));
                    sum = if factor.is_some() { S::add(sum, v) } else { S::max(v, sum) };
                }
            }
            let value = factor.map_or(sum, |f| S::mul_add(sum, S::splat(f), S::splat(0.0)));
            S::store(out.add(c), value);
        }
        for c in vectors..count {
            let values = taps(c).map(|p| *p);
            *out.add(c) = match factor {
                Some(f) => values.sum::<f32>() * f,
                None => values.fold(start, |m, v| if v > m { v } else { m }),
            };
        }
    }
}

/// First position inside the image and number of positions of window `at`.
fn window(at: usize, stride: usize, padding: usize, kernel: usize, len: usize) -> (usize, usize) {
    let start = (at * stride).saturating_sub(padding);
    let end = (at * stride + kernel).saturating_sub(padding).min(len);
    (start, end.saturating_sub(start))
}
