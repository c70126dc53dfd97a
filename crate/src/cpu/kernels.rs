//! Small kernels over whole pixels or vectors.

use super::parallel::Pool;
use super::view::{ViewMut, ViewRef};
use crate::graph::{Activation, adaptive};

/// Local response normalisation across channels; twin of [`super::scalar::lrn`].
pub fn lrn(threads: &Pool, [size, alpha, beta, bias]: [f32; 4], input: ViewRef, out: ViewMut) {
    let half = size as usize / 2;
    threads.rows(out, |y, mut row| {
        for x in 0..row.shape.w {
            let from = input.channels(y * row.shape.w + x);
            for (c, v) in row.channels(x).iter_mut().enumerate() {
                let near = &from[c.saturating_sub(half)..(c + half + 1).min(from.len())];
                let squares: f32 = near.iter().map(|x| x * x).sum();
                *v = from[c] * power(bias + alpha / size * squares, beta);
            }
        }
    });
}

/// `x` to the power of `-beta`.
fn power(x: f32, beta: f32) -> f32 {
    match beta {
        0.75 => 1.0 / (x.sqrt() * x.sqrt().sqrt()),
        _ => x.powf(-beta),
    }
}

/// Mean over all positions, per channel.
pub fn global_average(input: ViewRef, mut out: ViewMut) {
    average(input, (0, input.shape.h), (0, input.shape.w), out.channels(0));
}

/// Average over windows that cover the input (PyTorch's `adaptive_avg_pool2d`).
pub(super) fn adaptive_average(input: ViewRef, mut out: ViewMut) {
    for y in 0..out.shape.h {
        for x in 0..out.shape.w {
            let rows = adaptive(input.shape.h, out.shape.h, y);
            let columns = adaptive(input.shape.w, out.shape.w, x);
            average(input, rows, columns, out.channels(y * out.shape.w + x));
        }
    }
}

fn average(input: ViewRef, rows: (usize, usize), columns: (usize, usize), to: &mut [f32]) {
    to.fill(0.0);
    for y in rows.0..rows.1 {
        for x in columns.0..columns.1 {
            to.iter_mut().zip(input.channels(y * input.shape.w + x)).for_each(|(sum, &v)| *sum += v);
        }
    }
    let factor = 1.0 / ((rows.1 - rows.0) * (columns.1 - columns.0)) as f32;
    to.iter_mut().for_each(|v| *v *= factor);
}

/// `first + scale * second`.
pub(super) fn add(scale: f32, first: ViewRef, second: ViewRef, mut out: ViewMut) {
    for pixel in 0..out.shape.h * out.shape.w {
        let to = out.channels(pixel);
        let sums = first.channels(pixel).iter().zip(second.channels(pixel)).map(|(a, b)| a + scale * b);
        to.iter_mut().zip(sums).for_each(|(to, sum)| *to = sum);
    }
}

/// A function of each value.
pub(super) fn activate(activation: Activation, input: ViewRef, mut out: ViewMut) {
    for pixel in 0..out.shape.h * out.shape.w {
        let to = out.channels(pixel);
        let values = to.iter_mut().zip(input.channels(pixel));
        match activation {
            Activation::Relu => values.for_each(|(to, &v)| *to = if v > 0.0 { v } else { 0.0 }),
            other => values.for_each(|(to, &v)| *to = other.of(v.into()) as f32),
        }
    }
}

/// Zeros.
pub(super) fn clear(mut out: ViewMut) {
    for pixel in 0..out.shape.h * out.shape.w {
        out.channels(pixel).fill(0.0);
    }
}

/// `x * scale + shift` per channel.
pub(super) fn affine(factors: &[(f32, f32)], input: ViewRef, mut out: ViewMut) {
    for pixel in 0..out.shape.h * out.shape.w {
        let to = out.channels(pixel);
        let values = input.channels(pixel).iter().zip(factors).map(|(x, (scale, shift))| x * scale + shift);
        to.iter_mut().zip(values).for_each(|(to, v)| *to = v);
    }
}

/// A vector divided by its Euclidean norm, which is taken to be at least 1e-12 (PyTorch's `normalize`).
pub(super) fn l2_normalize(input: ViewRef, mut out: ViewMut) {
    let from = input.channels(0);
    let norm = from.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt().max(1e-12);
    let to = out.channels(0);
    to.iter_mut().zip(from).for_each(|(to, &x)| *to = (f64::from(x) / norm) as f32);
}

/// The logistic function of a vector; of a single value, `p`, the pair `[1 - p, p]`.
pub(crate) fn sigmoid(from: &[f32], to: &mut [f32]) {
    let logistic = |x: f32| (1.0 / (1.0 + (-f64::from(x)).exp())) as f32;
    match (from, to) {
        (&[x], [no, yes]) => [*no, *yes] = [logistic(-x), logistic(x)],
        (from, to) => to.iter_mut().zip(from).for_each(|(to, &x)| *to = logistic(x)),
    }
}

/// Softmax of a vector.
pub(crate) fn softmax(from: &[f32], to: &mut [f32]) {
    let max = from.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for (to, &x) in to.iter_mut().zip(from) {
        *to = (x - max).exp();
        sum += f64::from(*to);
    }
    to.iter_mut().for_each(|v| *v = (f64::from(*v) / sum) as f32);
}
