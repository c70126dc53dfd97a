use super::parallel::Pool as Threads;
use super::view::{ViewMut, ViewRef};
use crate::graph::{Pool, PoolKind};

/// Maximum or average pool; twin of [`super::scalar::pool`].
///
/// # Panics
/// If `out` has another size than the pool gives.
pub fn pool(threads: &Threads, pool: &Pool, input: ViewRef, out: ViewMut) {
    assert_eq!(input.shape.c, out.shape.c);
    let [kh, kw] = pool.kernel;
    threads.run(out.shape.h, |y| {
        let (top, rows) = window(y, pool.stride[0], pool.padding.top, kh, input.shape.h);
        for x in 0..out.shape.w {
            let (left, columns) = window(x, pool.stride[1], pool.padding.left, kw, input.shape.w);
            // SAFETY: each pixel belongs to one `y`, so to one task, which drops the slice before the next.
            let to = unsafe { out.channels(y * out.shape.w + x) };
            let taps = || (0..rows).flat_map(|dy| (0..columns).map(move |dx| (top + dy) * input.shape.w + left + dx));
            match pool.kind {
                PoolKind::Max => {
                    to.fill(f32::NEG_INFINITY);
                    for at in taps() {
                        let from = input.channels(at);
                        to.iter_mut().zip(from).for_each(|(m, &v)| *m = if v > *m { v } else { *m });
                    }
                }
                PoolKind::Average { count_padding } => {
                    to.fill(0.0);
                    for at in taps() {
                        to.iter_mut().zip(input.channels(at)).for_each(|(sum, &v)| *sum += v);
                    }
                    let count = if count_padding { kh * kw } else { rows * columns };
                    let factor = 1.0 / count as f32;
                    to.iter_mut().for_each(|v| *v *= factor);
                }
            }
        }
    });
}

/// First position inside the image and number of positions of window `at`.
pub(super) fn window(at: usize, stride: usize, padding: usize, kernel: usize, len: usize) -> (usize, usize) {
    let start = (at * stride).saturating_sub(padding);
    let end = (at * stride + kernel).saturating_sub(padding).min(len);
    (start, end.saturating_sub(start))
}
