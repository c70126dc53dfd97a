use crate::cpu::threads::Threads;
use crate::cpu::view::{ViewMut, ViewRef};
use crate::graph::Lrn;

/// Local response normalisation across channels.
pub fn lrn(threads: &Threads, &Lrn { size, alpha, beta, bias }: &Lrn, input: ViewRef, out: ViewMut) {
    let (half, scale) = (size / 2, alpha / size as f32);
    threads.rows(out, |y, mut row| {
        for x in 0..row.shape.w {
            let from = input.channels(y * row.shape.w + x);
            for (c, v) in row.channels(x).iter_mut().enumerate() {
                let near = &from[c.saturating_sub(half)..(c + half + 1).min(from.len())];
                let squares: f32 = near.iter().map(|x| x * x).sum();
                *v = from[c] * power(bias + scale * squares, beta);
            }
        }
    });
}

/// `x` to the power of `-beta`.
pub(in crate::cpu) fn power(x: f32, beta: f32) -> f32 {
    match beta {
        0.75 => 1.0 / (x.sqrt() * x.sqrt().sqrt()),
        _ => x.powf(-beta),
    }
}
