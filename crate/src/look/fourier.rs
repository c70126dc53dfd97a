//! Pictures by their spectrum.

use super::error::{LookError, length};
use super::fft::{Complex, Fft};

/// Longest side.
pub(super) const MAX_SIDE: usize = 1024;

/// Three planes as sums of waves: Olah et al. 2017, "Feature Visualization", with the scales of its library, lucid. With all
/// waves of the same size, low frequencies prevail as they do in photographs, and all are optimised at the same pace.
///
/// A spectrum is `[3][H][W/2 + 1][2]`: per plane, vertical and horizontal frequency, the real and the imaginary part. Vertical
/// frequencies are 0, 1/H, .. and then the negative ones, horizontal ones 0, 1/W, .. 1/2.
pub struct Fourier {
    height: usize,
    width: usize,
    rows: Fft,
    columns: Fft,
    /// `[H][W/2 + 1]`: 1 / max(f, 1 / max(W, H)) / (4 sqrt(W H)) at f cycles per pixel.
    scale: Vec<f32>,
}

impl Fourier {
    /// Of pictures of this size.
    ///
    /// # Errors
    /// [`LookError::Size`]: sides are even, from 2 to 1024.
    pub fn new(height: usize, width: usize) -> Result<Self, LookError> {
        let is_side = |side: usize| (2..=MAX_SIDE).contains(&side) && side.is_multiple_of(2);
        if !is_side(height) || !is_side(width) {
            return Err(LookError::Size { height, width, rule: "both are even, from 2 to 1024".into() });
        }
        let (h, w) = (height as f32, width as f32);
        let mut scale = Vec::with_capacity(height * (width / 2 + 1));
        for ky in 0..height {
            let fy = ky.min(height - ky) as f32 / h;
            for kx in 0..=width / 2 {
                let fx = kx as f32 / w;
                scale.push(1.0 / ((fy * fy + fx * fx).sqrt().max(1.0 / w.max(h)) * 4.0 * (w * h).sqrt()));
            }
        }
        Ok(Self { height, width, rows: Fft::new(width), columns: Fft::new(height), scale })
    }

    /// Values of a spectrum: 3 H (W/2 + 1) 2.
    pub fn spectrum_len(&self) -> usize {
        6 * self.scale.len()
    }

    /// Values of a picture: 3 H W.
    pub fn picture_len(&self) -> usize {
        3 * self.height * self.width
    }

    /// The picture `[3,H,W]` of a spectrum.
    ///
    /// # Errors
    /// [`LookError::Length`].
    pub fn picture(&self, spectrum: &[f32]) -> Result<Vec<f32>, LookError> {
        length("spectrum", spectrum.len(), self.spectrum_len())?;
        let (width, half, pairs) = (self.width, self.width / 2 + 1, self.height / 2);
        let mut picture = Vec::with_capacity(self.picture_len());
        for plane in spectrum.as_chunks::<2>().0.chunks_exact(self.scale.len()) {
            let mut waves: Vec<Complex> = plane.iter().zip(&self.scale).map(|(c, s)| c.map(|v| v * s)).collect();
            self.columns.run(&mut waves, half);
            // Two rows of pixels are the real and the imaginary part of one transform.
            let mut lines = vec![[0.0; 2]; width * pairs];
            for (pair, rows) in waves.chunks_exact(2 * half).enumerate() {
                for (k, (&[a, b], &[c, d])) in rows[..half].iter().zip(&rows[half..]).enumerate() {
                    if k == 0 || 2 * k == width {
                        lines[k * pairs + pair] = [a, c];
                    } else {
                        lines[k * pairs + pair] = [a - d, b + c];
                        lines[(width - k) * pairs + pair] = [a + d, c - b];
                    }
                }
            }
            self.rows.run(&mut lines, pairs);
            for row in 0..self.height {
                picture.extend((0..width).map(|x| lines[x * pairs + row / 2][row % 2]));
            }
        }
        Ok(picture)
    }

    /// The gradient at the spectrum, from the one at the picture `[3,H,W]`.
    ///
    /// # Errors
    /// [`LookError::Length`].
    pub fn gradient(&self, picture: &[f32]) -> Result<Vec<f32>, LookError> {
        length("gradient", picture.len(), self.picture_len())?;
        let (width, half, pairs) = (self.width, self.width / 2 + 1, self.height / 2);
        let mut spectrum = Vec::with_capacity(self.spectrum_len());
        for plane in picture.chunks_exact(self.height * width) {
            let mut lines = vec![[0.0; 2]; width * pairs];
            for (row, values) in plane.chunks_exact(width).enumerate() {
                values.iter().enumerate().for_each(|(x, &v)| lines[x * pairs + row / 2][row % 2] = v);
            }
            self.rows.run(&mut lines, pairs);
            let mut waves = Vec::with_capacity(self.scale.len());
            for row in 0..self.height {
                for k in 0..half {
                    let [a, b] = lines[k * pairs + row / 2];
                    let [c, d] = lines[(width - k) % width * pairs + row / 2];
                    let parts = if row % 2 == 0 { [a + c, b - d] } else { [b + d, c - a] };
                    // A wave and the one of the negative frequency are one value, but for those that are their own.
                    let factor = if k == 0 || 2 * k == width { 0.5 } else { 1.0 };
                    waves.push(parts.map(|v| v * factor));
                }
            }
            self.columns.run(&mut waves, half);
            spectrum.extend(waves.iter().zip(&self.scale).flat_map(|(&[re, im], s)| [re * s, -im * s]));
        }
        Ok(spectrum)
    }
}
