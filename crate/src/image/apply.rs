use super::color::check_buffer;
use super::decode::check_sides;
use super::geometry::axes;
use super::resize::{Kernel, resize, resize_align_corners};
use super::{Channels, Filter, ImageError, Preprocess, Rgb8};

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
        self.validate()?;
        check_sides(image.width, image.height)?;
        check_buffer(image.width, image.height, 3, image.pixels.len())?;
        let [x, y] = axes(self, [image.width, image.height]);

        out.clear();
        match self.filter {
            Filter::Bilinear => self.levels(&resize(image, &x, &y, Kernel::Triangle)?, out),
            Filter::Bicubic => self.levels(&resize(image, &x, &y, Kernel::CatmullRom)?, out),
            Filter::BilinearAlignCorners => {
                let values = resize_align_corners(image, &x, &y);
                self.each_pixel(values.as_chunks().0, out, |c, v| self.normalized(c, v));
            }
        }
        if self.standardize {
            standardize(out);
        }
        let ([left, columns], [top, rows]) = (x.seen(), y.seen());
        Ok([left, top, columns, rows])
    }

    /// Normalises packed 8-bit RGB through a table of the 256 levels of each channel.
    fn levels(&self, rgb: &[u8], out: &mut Vec<f32>) {
        let table: [[f32; 256]; 3] =
            std::array::from_fn(|c| std::array::from_fn(|level| self.normalized(c, level as f64)));
        self.each_pixel(rgb.as_chunks().0, out, |c, level| table[c][usize::from(level)]);
    }

    /// Appends every pixel in the network's channel order, each value through `value(channel, sample)`.
    fn each_pixel<T: Copy>(&self, rgb: &[[T; 3]], out: &mut Vec<f32>, value: impl Fn(usize, T) -> f32) {
        let order = match self.channels {
            Channels::Rgb => [0, 1, 2],
            Channels::Bgr => [2, 1, 0],
        };
        out.reserve(3 * rgb.len());
        out.extend(rgb.iter().flat_map(|pixel| [0, 1, 2].map(|c| value(c, pixel[order[c]]))));
    }

    /// The value of a pixel in channel `c` of the network.
    fn normalized(&self, c: usize, pixel: f64) -> f32 {
        ((pixel * self.scale - self.mean[c]) / self.std[c]) as f32
    }
}

/// `(x - mean) / max(std, 1 / sqrt(n))` over all values (FaceNet's `prewhiten`).
fn standardize(values: &mut [f32]) {
    let n = values.len() as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
    let variance = values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / n;
    let divisor = variance.sqrt().max(1.0 / n.sqrt());
    for value in values {
        *value = ((f64::from(*value) - mean) / divisor) as f32;
    }
}
