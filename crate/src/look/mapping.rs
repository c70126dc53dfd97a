//! Colours as a network reads them.

use super::error::{LookError, length};
use crate::image::{Channels, Preprocess};

/// Luminance as Pillow's mode `L` has it (ITU-R 601-2), without its rounding.
const LUMINANCE: [f64; 3] = [0.299, 0.587, 0.114];

/// How colours from 0 to 1 become the values of a network's input, and gradients go back.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    /// Per channel of the network: factors of red, green and blue, and what is added.
    rows: [[f32; 4]; 3],
    /// Whether each picture's values are standardised after that.
    standardize: bool,
}

impl Mapping {
    /// That of a checkpoint's pictures; sizes and filters have no part.
    pub fn new(preprocess: &Preprocess) -> Self {
        let rows = std::array::from_fn(|c| {
            let mut parts = [0.0; 3];
            match preprocess.channels {
                Channels::Rgb => parts[c] = 1.0,
                Channels::Bgr => parts[2 - c] = 1.0,
                Channels::Gray => parts = LUMINANCE,
            }
            let [red, green, blue] = parts.map(|part| (part * 255.0 * preprocess.scale / preprocess.std[c]) as f32);
            [red, green, blue, (-preprocess.mean[c] / preprocess.std[c]) as f32]
        });
        Self { rows, standardize: preprocess.standardize }
    }

    /// The network's input `[H,W,3]` (NHWC) of a picture `[3,H,W]` from 0 to 1.
    ///
    /// # Errors
    /// [`LookError::Length`]: not three planes.
    pub fn input(&self, picture: &[f32]) -> Result<Vec<f32>, LookError> {
        Ok(self.standardized(picture)?.0)
    }

    /// The input, and what its values were divided by last.
    fn standardized(&self, picture: &[f32]) -> Result<(Vec<f32>, f32), LookError> {
        length("picture", picture.len(), picture.len().next_multiple_of(3))?;
        let pixels = picture.len() / 3;
        let mut input = Vec::with_capacity(picture.len());
        for i in 0..pixels {
            let [red, green, blue] = [0, 1, 2].map(|c| picture[c * pixels + i]);
            input.extend(self.rows.map(|row| row[0] * red + row[1] * green + row[2] * blue + row[3]));
        }
        if !self.standardize {
            return Ok((input, 1.0));
        }
        let mean = mean(input.iter().copied());
        let deviation = mean_square(&input, mean).sqrt().max(least_deviation(input.len()));
        input.iter_mut().for_each(|v| *v = (*v - mean) / deviation);
        Ok((input, deviation))
    }

    /// The gradient at the picture, from the one at the network's input, `[3,H,W]` all; the network's channels are in its own
    /// order.
    ///
    /// # Errors
    /// [`LookError::Length`].
    pub fn gradient(&self, picture: &[f32], gradient: &[f32]) -> Result<Vec<f32>, LookError> {
        length("gradient", gradient.len(), picture.len())?;
        let pixels = picture.len() / 3;
        let (mut along, mut middle, mut deviation, mut input) = (0.0, 0.0, 1.0, Vec::new());
        if self.standardize {
            (input, deviation) = self.standardized(picture)?;
            middle = mean(gradient.iter().copied());
            if deviation > least_deviation(input.len()) {
                along = mean((0..input.len()).map(|i| input[i] * gradient[i % 3 * pixels + i / 3]));
            }
        }
        let mut back = vec![0.0; gradient.len()];
        for (c, gradient) in gradient.chunks_exact(pixels.max(1)).enumerate() {
            for (color, back) in back.chunks_exact_mut(pixels).enumerate() {
                let factor = self.rows[c][color] / deviation;
                if factor != 0.0 {
                    back.iter_mut().zip(gradient).for_each(|(back, g)| *back += factor * (g - middle));
                    let values = input.iter().skip(c).step_by(3);
                    back.iter_mut().zip(values).for_each(|(back, value)| *back -= factor * along * value);
                }
            }
        }
        Ok(back)
    }
}

fn mean(values: impl ExactSizeIterator<Item = f32>) -> f32 {
    let count = values.len() as f64;
    (values.map(f64::from).sum::<f64>() / count) as f32
}

/// Of the differences from the mean.
fn mean_square(values: &[f32], middle: f32) -> f32 {
    mean(values.iter().map(|v| (v - middle) * (v - middle)))
}

/// What a picture without contrast is divided by.
fn least_deviation(values: usize) -> f32 {
    1.0 / (values as f32).sqrt()
}
