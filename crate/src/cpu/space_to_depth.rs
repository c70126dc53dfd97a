//! Space to depth: a convolution with stride 2 as one with stride 1, on a map of half the size whose pixels have the channels
//! of two by two pixels, those of the even row first.

use super::threads::Threads;
use super::view::{ViewMut, ViewRef};
use crate::graph::Padding;

/// OIHW weights for the map of half the size; its pixels have `depth` channels, at least `4 * inputs`: the rest is zeros.
pub(super) fn weights(weights: &[f32], [kh, kw]: [usize; 2], [inputs, depth]: [usize; 2]) -> Vec<f32> {
    let taps = [kh.div_ceil(2), kw.div_ceil(2)];
    let mut to = vec![0.0; weights.len() / (inputs * kh * kw) * depth * taps[0] * taps[1]];
    for (channel, from) in weights.chunks_exact(kh * kw).enumerate() {
        let (output, channel) = (channel / inputs, channel % inputs);
        for (tap, &weight) in from.iter().enumerate() {
            let (y, x) = (tap / kw, tap % kw);
            let of_four = y % 2 * 2 + x % 2;
            let to_channel = output * depth + of_four * inputs + channel;
            to[(to_channel * taps[0] + y / 2) * taps[1] + x / 2] = weight;
        }
    }
    to
}

/// The padded input as a map of half the size; channels past those of four pixels are zeros.
pub(super) fn map(threads: &Threads, input: ViewRef, padding: Padding, out: ViewMut) {
    let (from, to) = (input.shape, out.shape);
    threads.rows(out, |row, mut out| {
        for x in 0..to.w {
            let pixel = out.channels(x);
            for (i, to) in pixel.chunks_exact_mut(from.c).take(4).enumerate() {
                let y = (2 * row + i / 2).wrapping_sub(padding.top);
                let x = (2 * x + i % 2).wrapping_sub(padding.left);
                match y < from.h && x < from.w {
                    true => to.iter_mut().zip(input.channels(y * from.w + x)).for_each(|(to, &from)| *to = from),
                    false => to.fill(0.0),
                }
            }
            pixel[4 * from.c..].fill(0.0);
        }
    });
}
