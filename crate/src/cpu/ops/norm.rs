use crate::cpu::view::{ViewMut, ViewRef};
use crate::graph::{FoldError, LayerWeights};

/// Scale and shift of each channel.
pub struct Affine(Vec<(f32, f32)>);

impl Affine {
    pub fn new(channels: usize, weights: &LayerWeights) -> Result<Self, FoldError> {
        weights.check(channels, 0)?;
        let factors = weights.scale_shift(channels)?.into_iter();
        Ok(Self(factors.map(|(scale, shift)| (scale as f32, shift as f32)).collect()))
    }

    pub fn bytes(&self) -> usize {
        size_of_val(&self.0[..])
    }

    /// `x * scale + shift` per channel.
    pub fn run(&self, input: ViewRef, mut out: ViewMut) {
        for pixel in 0..out.shape.h * out.shape.w {
            let values = input.channels(pixel).iter().zip(&self.0).map(|(x, (scale, shift))| x * scale + shift);
            out.channels(pixel).iter_mut().zip(values).for_each(|(to, v)| *to = v);
        }
    }
}
