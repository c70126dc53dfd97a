use std::borrow::Cow;

use super::geometry::{Axis, axes};
use super::resize::{Resampling, resize, resize_align_corners};
use super::size::{check_buffer, check_sides};
use super::{Channels, Crop, Filter, ImageError, Preprocess, Resize, Rgb8};

/// The input's value of each 8-bit level, per channel.
pub type Levels = [[f32; 3]; 256];

/// Images as a network takes them, `[height, width, 3]` each (NHWC), one after another, in the network's channel order.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Normalised values.
    Values(Vec<f32>),
    /// 8-bit levels, to be normalised by the table of [`Preprocess::levels`].
    Levels(Vec<u8>),
}

impl Input {
    /// The same images so many times, one after another.
    pub fn repeat(&self, times: usize) -> Self {
        match self {
            Self::Values(values) => Self::Values(values.repeat(times)),
            Self::Levels(levels) => Self::Levels(levels.repeat(times)),
        }
    }

    /// Adds images of the same kind at the end; those of another kind replace these.
    pub fn append(&mut self, more: Self) {
        match (self, more) {
            (Self::Values(values), Self::Values(more)) => values.extend(more),
            (Self::Levels(levels), Self::Levels(more)) => levels.extend(more),
            (input, more) => *input = more,
        }
    }

    /// Normalised values.
    pub fn into_values(self, levels: &Levels) -> Vec<f32> {
        match self {
            Self::Values(values) => values,
            Self::Levels(samples) => samples.iter().enumerate().map(|(i, &v)| levels[usize::from(v)][i % 3]).collect(),
        }
    }
}

impl Default for Input {
    fn default() -> Self {
        Self::Values(Vec::new())
    }
}

impl Preprocess {
    /// Resizes, crops and normalises a picture.
    ///
    /// Writes the network's input into `out`: `[height, width, 3]` (NHWC), in the network's channel order. Returns
    /// x, y, width, height of the part of the original picture that the network sees, in whole pixels.
    ///
    /// # Errors
    /// Options that [`Preprocess::validate`] refuses; a picture without pixels, with a side over
    /// [`super::MAX_SIDE`], or whose buffer does not fit its size.
    pub fn apply(&self, image: &Rgb8, out: &mut Vec<f32>) -> Result<[u32; 4], ImageError> {
        let (input, crop) = self.input(image)?;
        *out = input.into_values(&self.levels());
        Ok(crop)
    }

    /// The same, where it can be as 8-bit levels that are still to be normalised by the table of
    /// [`Preprocess::levels`].
    ///
    /// # Errors
    /// Those of [`Preprocess::apply`].
    pub fn input(&self, image: &Rgb8) -> Result<(Input, [u32; 4]), ImageError> {
        let [x, y] = self.checked_axes(image)?;
        let image = &*self.in_colour(image);
        let samples = match self.resampling() {
            Some(resampling) => Input::Levels(self.in_order(resize(image, &x, &y, resampling)?)),
            None => Input::Values(self.normalized_values(self.in_order(resize_align_corners(image, &x, &y)))),
        };
        let input = match self.standardize {
            true => Input::Values(standardized(samples.into_values(&self.levels()))),
            false => samples,
        };
        let ([left, columns], [top, rows]) = (x.seen(), y.seen());
        Ok((input, [left, top, columns, rows]))
    }

    /// What the network sees of a picture, at the network's size, before its values are normalised.
    ///
    /// # Errors
    /// Those of [`Preprocess::apply`].
    pub fn seen(&self, image: &Rgb8) -> Result<Rgb8, ImageError> {
        let [x, y] = self.checked_axes(image)?;
        let image = &*self.in_colour(image);
        let pixels = match self.resampling() {
            Some(resampling) => resize(image, &x, &y, resampling)?,
            None => resize_align_corners(image, &x, &y).into_iter().map(|v| v.round() as u8).collect(),
        };
        Ok(Rgb8 { width: self.width, height: self.height, pixels })
    }

    /// A picture with its longer side at most so many pixels, otherwise as it is.
    ///
    /// # Errors
    /// Those of [`Preprocess::apply`].
    pub fn shrunk(&self, image: &Rgb8, longest: u32) -> Result<Rgb8, ImageError> {
        let factor = (f64::from(longest) / f64::from(image.width.max(image.height))).min(1.0);
        let side = |side: u32| ((f64::from(side) * factor).round() as u32).max(1);
        let (width, height) = (side(image.width), side(image.height));
        let (resize, crop, filter, channels) = (Resize::Stretch, Crop::None, Filter::Bilinear, Channels::Rgb);
        Self { width, height, resize, crop, filter, channels, ..self.clone() }.seen(image)
    }

    fn checked_axes(&self, image: &Rgb8) -> Result<[Axis; 2], ImageError> {
        self.validate()?;
        check_sides(image.width, image.height)?;
        check_buffer(image.width, image.height, 3, image.pixels.len())?;
        Ok(axes(self, [image.width, image.height]))
    }

    /// The picture, or its luminance by ITU-R 601-2 in Pillow's whole numbers.
    fn in_colour<'a>(&self, image: &'a Rgb8) -> Cow<'a, Rgb8> {
        if self.channels != Channels::Gray {
            return Cow::Borrowed(image);
        }
        let mut grey = image.clone();
        for pixel in grey.pixels.as_chunks_mut::<3>().0 {
            let [r, g, b] = pixel.map(u32::from);
            *pixel = [((r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16) as u8; 3];
        }
        Cow::Owned(grey)
    }

    /// None for the filter without antialiasing.
    fn resampling(&self) -> Option<Resampling> {
        match self.filter {
            Filter::Bilinear => Some(Resampling::Triangle),
            Filter::Bicubic => Some(Resampling::CatmullRom),
            Filter::BilinearAlignCorners => None,
        }
    }

    /// The input's value of each 8-bit level, per channel in the network's order.
    pub fn levels(&self) -> Levels {
        std::array::from_fn(|level| std::array::from_fn(|c| self.normalized(c, level as f64)))
    }

    fn normalized_values(&self, values: Vec<f64>) -> Vec<f32> {
        values.into_iter().enumerate().map(|(i, value)| self.normalized(i % 3, value)).collect()
    }

    /// Packed RGB in the network's channel order.
    fn in_order<T>(&self, mut samples: Vec<T>) -> Vec<T> {
        if self.channels == Channels::Bgr {
            samples.chunks_exact_mut(3).for_each(|pixel| pixel.swap(0, 2));
        }
        samples
    }

    /// The value of a pixel in channel `c` of the network.
    fn normalized(&self, c: usize, pixel: f64) -> f32 {
        ((pixel * self.scale - self.mean[c]) / self.std[c]) as f32
    }
}

/// `(x - mean) / max(std, 1 / sqrt(n))` over all values (FaceNet's `prewhiten`).
fn standardized(mut values: Vec<f32>) -> Vec<f32> {
    let n = values.len() as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
    let variance = values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / n;
    let divisor = variance.sqrt().max(1.0 / n.sqrt());
    for value in &mut values {
        *value = ((f64::from(*value) - mean) / divisor) as f32;
    }
    values
}
