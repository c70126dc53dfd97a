use crate::cpu::simd::{Isa, Simd, Vectorized};
use crate::cpu::threads::Threads;
use crate::cpu::view::{ViewMut, ViewRef};
use crate::graph::{Pool, PoolKind};

/// Maximum or average pool.
///
/// # Panics
/// If `out` has another number of channels than `input`, or rows or columns whose window begins after the input's last.
pub fn pool(threads: &Threads, isa: Isa, pool: &Pool, input: ViewRef, out: ViewMut) {
    assert_eq!(input.shape.c, out.shape.c);
    assert!(out.shape.h.saturating_sub(1) * pool.stride[0] < input.shape.h + pool.padding.top);
    assert!(out.shape.w.saturating_sub(1) * pool.stride[1] < input.shape.w + pool.padding.left);
    threads.rows(out, |y, out| isa.run(Row { pool, y, input, out }));
}

/// One row of outputs.
struct Row<'a> {
    pool: &'a Pool,
    y: usize,
    input: ViewRef<'a>,
    out: ViewMut<'a>,
}

impl Vectorized for Row<'_> {
    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Self { pool, y, input, mut out } = self;
        let [kh, kw] = pool.kernel;
        let (top, rows) = window(y, pool.stride[0], pool.padding.top, kh, input.shape.h);
        // One over the values of a mean over so many columns.
        let factor = |columns: usize| match pool.kind {
            PoolKind::Max => None,
            PoolKind::Average { count_padding: true } => Some(1.0 / (kh * kw) as f32),
            PoolKind::Average { count_padding: false } => Some(1.0 / (rows * columns) as f32),
        };
        let down = input.shape.w * input.stride;
        // SAFETY: rows, columns and channels lie inside the image.
        unsafe {
            let first = input.pixel(top * input.shape.w);
            let to = out.pixel(0);
            let mut done = 0;
            if kw == WIDTH && pool.stride[1] <= 2 && rows > 0 {
                let factors: [Option<f32>; WIDTH + 1] = std::array::from_fn(factor);
                while done + 2 * S::LANES <= out.shape.c {
                    let line = Line { first: first.add(done), rows, down, columns: input.shape.w, right: input.stride };
                    line.slide::<S>(pool, &factors, to.add(done), &out);
                    done += 2 * S::LANES;
                }
            }
            if done == out.shape.c {
                return;
            }
            for x in 0..out.shape.w {
                let (left, columns) = window(x, pool.stride[1], pool.padding.left, kw, input.shape.w);
                let first = first.add(left * input.stride + done);
                let window = Window { first, rows, columns, down, right: input.stride };
                channels::<S>(&window, factor(columns), to.add(x * out.stride + done), out.shape.c - done);
            }
        }
    }
}

/// Columns of the windows that slide: neighbouring windows share them.
const WIDTH: usize = 3;

/// Two vectors of channels of the rows that a row of outputs reads.
struct Line {
    first: *const f32,
    rows: usize,
    /// Values from a row to the next.
    down: usize,
    columns: usize,
    /// Values from a column to the next.
    right: usize,
}

impl Line {
    /// All outputs of the row, [`WIDTH`] columns each: means by the factor of the columns inside, or maxima.
    ///
    /// # Safety
    /// The processor has `S`; rows and columns are readable, the row of outputs from `to` is writable.
    #[inline(always)]
    unsafe fn slide<S: Simd>(&self, pool: &Pool, factors: &[Option<f32>; WIDTH + 1], to: *mut f32, out: &ViewMut) {
        let is_mean = factors[WIDTH].is_some();
        // SAFETY: by the caller's promise.
        unsafe {
            let both = |a: S::V, b: S::V| if is_mean { S::add(a, b) } else { S::max(b, a) };
            let nothing = S::splat(if is_mean { 0.0 } else { f32::NEG_INFINITY });
            let column = |x: usize| {
                if x >= self.columns {
                    return (nothing, nothing);
                }
                let mut from = self.first.add(x * self.right);
                let mut sum = (S::load(from), S::load(from.add(S::LANES)));
                for _ in 1..self.rows {
                    from = from.add(self.down);
                    sum = (both(sum.0, S::load(from)), both(sum.1, S::load(from.add(S::LANES))));
                }
                sum
            };
            let [_, stride] = pool.stride;
            // Wraps in the padding, where it is larger than any column.
            let mut left = 0usize.wrapping_sub(pool.padding.left);
            let (mut a, mut b) = (column(left), column(left.wrapping_add(1)));
            for x in 0..out.shape.w {
                let c = column(left.wrapping_add(2));
                let all = (both(both(a.0, b.0), c.0), both(both(a.1, b.1), c.1));
                let (_, columns) = window(x, stride, pool.padding.left, WIDTH, self.columns);
                let all = factors[columns].map_or(all, |f| (S::mul(all.0, S::splat(f)), S::mul(all.1, S::splat(f))));
                let to = to.add(x * out.stride);
                S::store(to, all.0);
                S::store(to.add(S::LANES), all.1);
                (a, b) = if stride == 1 { (b, c) } else { (c, column(left.wrapping_add(3))) };
                left = left.wrapping_add(stride);
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
pub(in crate::cpu) fn window(at: usize, stride: usize, padding: usize, kernel: usize, len: usize) -> (usize, usize) {
    let start = (at * stride).saturating_sub(padding);
    let end = (at * stride + kernel).saturating_sub(padding).min(len);
    (start, end.saturating_sub(start))
}
