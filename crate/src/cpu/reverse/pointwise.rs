use crate::cpu::ops::lrn::power;
use crate::cpu::threads::Threads;
use crate::cpu::view::{ViewMut, ViewRef};
use crate::graph::Lrn;

/// By a factor; each channel by its own where there are such.
pub fn scaled(threads: &Threads, from: ViewRef, to: ViewMut, first: bool, factor: f32, factors: Option<&[f32]>) {
    let width = to.shape.w;
    threads.rows(to, |y, mut row| {
        for x in 0..width {
            let (to, gradient) = (row.channels(x), from.channels(y * width + x));
            let before = |to: f32| if first { 0.0 } else { to };
            match factors {
                Some(factors) => {
                    to.iter_mut().zip(gradient).zip(factors).for_each(|((to, g), f)| *to = before(*to) + g * f);
                }
                None => to.iter_mut().zip(gradient).for_each(|(to, g)| *to = before(*to) + g * factor),
            }
        }
    });
}

/// Local response normalisation, with what it read: of `y_i = x_i s_i^-beta`, where `s_i = bias + alpha / size * sum of
/// squares around i`, the gradient at `x_i` is `g_i s_i^-beta - 2 alpha beta / size * x_i * sum of g_j x_j s_j^(-beta - 1)
/// around i`.
pub fn lrn(threads: &Threads, lrn: &Lrn, values: &[f32], from: ViewRef, to: ViewMut, first: bool) {
    let (half, alpha) = (lrn.size / 2, lrn.alpha / lrn.size as f32);
    let (width, channels) = (to.shape.w, to.shape.c);
    threads.rows(to, |y, mut row| {
        let mut memory = [[0.0f32; Lrn::MOST_CHANNELS]; 2];
        let [sums, common] = memory.each_mut().map(|values| &mut values[..channels]);
        for x in 0..width {
            let pixel = y * width + x;
            let (values, gradient) = (&values[pixel * channels..][..channels], from.channels(pixel));
            let near = |c: usize| c.saturating_sub(half)..(c + half + 1).min(channels);
            for c in 0..channels {
                let squares: f32 = values[near(c)].iter().map(|v| v * v).sum();
                let base = lrn.bias + alpha * squares;
                sums[c] = power(base, lrn.beta);
                common[c] = gradient[c] * values[c] * sums[c] / base;
            }
            for (c, to) in row.channels(x).iter_mut().enumerate() {
                let around: f32 = common[near(c)].iter().sum();
                let value = gradient[c] * sums[c] - 2.0 * alpha * lrn.beta * values[c] * around;
                *to = if first { value } else { *to + value };
            }
        }
    });
}

/// The gradient at what an operation read, by that and the gradient at what it gave.
type Back<'a> = &'a dyn Fn(&[f64], &[f64]) -> Vec<f64>;

/// An operation on a vector, or on all values of a map, by what it read and the gradient at what it gave.
pub fn vector(values: &[f32], from: ViewRef, mut to: ViewMut, first: bool, back: Back) {
    let values: Vec<f64> = values.iter().map(|&v| v.into()).collect();
    let gradient: Vec<f64> = from.values().into_iter().map(f64::from).collect();
    let found = back(&values, &gradient);
    for (pixel, found) in found.chunks_exact(to.shape.c).enumerate() {
        for (to, &value) in to.channels(pixel).iter_mut().zip(found) {
            *to = if first { value as f32 } else { *to + value as f32 };
        }
    }
}
