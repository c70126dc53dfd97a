use crate::graph::{FoldError, LayerWeights};
use std::ops::Range;

/// Each output's factor, and the biases, padded to whole panels of `width`.
pub(super) fn fold(weights: &LayerWeights, outputs: usize, width: usize) -> Result<(Vec<f32>, Vec<f32>), FoldError> {
    let (scale, mut bias): (Vec<f32>, Vec<f32>) =
        weights.scale_shift(outputs)?.into_iter().map(|(scale, shift)| (scale as f32, shift as f32)).unzip();
    bias.resize(outputs.next_multiple_of(width), 0.0);
    Ok((scale, bias))
}

/// Weights of one panel of output channels: some input channels of OIHW in, `[tap][input channel][output channel]` out, each
/// output's by its scale. `to` has a value for each tap, channel and output of a panel of `width`; outputs that the layer does
/// not have stay as they are.
pub(super) fn pack(weights: &[f32], scale: &[f32], taps: usize, channels: Range<usize>, width: usize, to: &mut [f32]) {
    let depth = weights.len() / scale.len();
    let count = channels.len() * width;
    assert!(channels.end * taps <= depth && taps * count <= to.len() && scale.len() <= width);
    for (at, c) in channels.enumerate() {
        for tap in 0..taps {
            let from = &weights[c * taps + tap..];
            let to = &mut to[tap * count + at * width..][..width];
            for (o, (to, scale)) in to.iter_mut().zip(scale).enumerate() {
                // SAFETY: `o` counts outputs, each with `depth` weights.
                *to = unsafe { from.get_unchecked(o * depth) } * scale;
            }
        }
    }
}
