//! What pictures of gradients show.

use super::error::{LookError, length};
use crate::info::Tensor;

/// A number per position.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// Rows and columns.
    pub size: [usize; 2],
    /// Row by row.
    pub data: Vec<f32>,
    /// Which value, or its negative, is to be seen as full: the largest, or nearly.
    pub scale: f32,
}

impl Map {
    /// Of a gradient at a picture, `[C,H,W]`: each pixel's largest absolute value among the colours. The scale is the absolute
    /// value that 99.5 % of the pixels do not exceed (Smilkov et al. 2017 cap theirs alike).
    pub fn largest(gradient: &Tensor) -> Self {
        Self::over_colors(gradient, |sum, v| sum.max(v.abs()))
    }

    /// Of what each value adds, `[C,H,W]`, as integrated gradients are: each pixel's sum over the colours, with its sign. The
    /// scale is as of [`Map::largest`].
    pub fn sum(parts: &Tensor) -> Self {
        Self::over_colors(parts, |sum, v| sum + v)
    }

    fn over_colors(tensor: &Tensor, take: fn(f32, f32) -> f32) -> Self {
        let [_, height, width] = tensor.shape;
        let mut data = vec![0.0; height * width];
        for plane in tensor.data.chunks_exact(data.len().max(1)) {
            data.iter_mut().zip(plane).for_each(|(sum, &v)| *sum = take(*sum, v));
        }
        let scale = nearly_largest(&data);
        Self { size: [height, width], data, scale }
    }
}

/// The least absolute value that 99.5 % of the values do not exceed.
fn nearly_largest(values: &[f32]) -> f32 {
    let enough = (values.len() * 995).div_ceil(1000);
    // Bits of numbers that are not negative are in the numbers' order.
    let (mut low, mut high) = (0, f32::INFINITY.to_bits());
    while low < high {
        let middle = low + (high - low) / 2;
        if values.iter().filter(|v| v.abs().to_bits() <= middle).count() >= enough {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    f32::from_bits(low)
}

/// Where a layer's channels speak for a number (Selvaraju et al. 2017, "Grad-CAM"): the sum of the maps `[C,H,W]`, each times
/// the mean of the number's gradient at it, without what is below zero. The scale is the largest value.
///
/// # Errors
/// [`LookError::Length`]: a gradient of another shape than the maps.
pub fn grad_cam(maps: &Tensor, gradient: &Tensor) -> Result<Map, LookError> {
    let [channels, height, width] = maps.shape;
    length("maps", maps.data.len(), channels * height * width)?;
    length("gradient", gradient.data.len(), maps.data.len())?;
    let mut data = vec![0.0; height * width];
    let positions = data.len().max(1);
    for (map, gradient) in maps.data.chunks_exact(positions).zip(gradient.data.chunks_exact(positions)) {
        let weight = (gradient.iter().map(|&v| f64::from(v)).sum::<f64>() / positions as f64) as f32;
        data.iter_mut().zip(map).for_each(|(sum, &v)| *sum += weight * v);
    }
    data.iter_mut().for_each(|v| *v = v.max(0.0));
    let scale = data.iter().copied().fold(0.0, f32::max);
    Ok(Map { size: [height, width], data, scale })
}
