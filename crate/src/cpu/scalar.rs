//! What each operation means: one loop per index, sums in f64. The twin that every other kernel is tested against.

use super::view::{Epilogue, ViewMut, ViewRef};
use crate::graph::{Conv, Pool, PoolKind};

fn at(view: &ViewRef, y: isize, x: isize) -> Option<usize> {
    let inside = (0..view.shape.h as isize).contains(&y) && (0..view.shape.w as isize).contains(&x);
    inside.then(|| y as usize * view.shape.w + x as usize)
}

/// Convolution with OIHW weights, then `scale` and `shift` per output channel, then the epilogue.
pub fn conv(conv: &Conv, weights: &[f32], factors: &[(f64, f64)], input: ViewRef, mut out: ViewMut, epilogue: Epilogue) {
    let [kh, kw] = conv.kernel;
    let inputs = input.shape.c;
    for y in 0..out.shape.h {
        for x in 0..out.shape.w {
            let pixel = y * out.shape.w + x;
            for o in 0..out.shape.c {
                let mut sum = 0.0f64;
                for ky in 0..kh {
                    for kx in 0..kw {
                        let iy = (y * conv.stride[0] + ky) as isize - conv.padding.top as isize;
                        let ix = (x * conv.stride[1] + kx) as isize - conv.padding.left as isize;
                        let Some(from) = at(&input, iy, ix) else { continue };
                        for (c, &v) in input.channels(from).iter().enumerate() {
                            sum += f64::from(v) * f64::from(weights[((o * inputs + c) * kh + ky) * kw + kx]);
                        }
                    }
                }
                let mut value = sum * factors[o].0 + factors[o].1;
                if let Some((shortcut, scale)) = epilogue.residual {
                    value = f64::from(shortcut.channels(pixel)[o]) + f64::from(scale) * value;
                }
                if epilogue.relu {
                    value = value.max(0.0);
                }
                out.channels(pixel)[o] = value as f32;
            }
        }
    }
}

/// Maximum or average over a window; padding never wins a maximum, and counts in an average where `count_padding` says.
pub fn pool(pool: &Pool, input: ViewRef, mut out: ViewMut) {
    for y in 0..out.shape.h {
        for x in 0..out.shape.w {
            for c in 0..out.shape.c {
                let (mut max, mut sum, mut inside) = (f32::NEG_INFINITY, 0.0f64, 0);
                for ky in 0..pool.kernel[0] {
                    for kx in 0..pool.kernel[1] {
                        let iy = (y * pool.stride[0] + ky) as isize - pool.padding.top as isize;
                        let ix = (x * pool.stride[1] + kx) as isize - pool.padding.left as isize;
                        let Some(from) = at(&input, iy, ix) else { continue };
                        let v = input.channels(from)[c];
                        max = max.max(v);
                        sum += f64::from(v);
                        inside += 1;
                    }
                }
                let value = match pool.kind {
                    PoolKind::Max => max,
                    PoolKind::Average { count_padding: true } => {
                        (sum / (pool.kernel[0] * pool.kernel[1]) as f64) as f32
                    }
                    PoolKind::Average { count_padding: false } => (sum / f64::from(inside)) as f32,
                };
                out.channels(y * out.shape.w + x)[c] = value;
            }
        }
    }
}

/// `x / (bias + alpha / size * sum of squares over size channels) ^ beta`.
pub fn lrn([size, alpha, beta, bias]: [f32; 4], input: ViewRef, mut out: ViewMut) {
    let half = size as isize / 2;
    for pixel in 0..out.shape.h * out.shape.w {
        let from = input.channels(pixel);
        for c in 0..from.len() {
            let near = (c as isize - half..=c as isize + half).filter(|k| (0..from.len() as isize).contains(k));
            let squares: f64 = near.map(|k| f64::from(from[k as usize]).powi(2)).sum();
            let norm = (f64::from(bias) + f64::from(alpha) / f64::from(size) * squares).powf(f64::from(beta));
            out.channels(pixel)[c] = (f64::from(from[c]) / norm) as f32;
        }
    }
}
