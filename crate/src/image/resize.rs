use fast_image_resize::images::{TypedCroppedImage, TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};

use super::geometry::Axis;
use super::{ImageError, Rgb8};

/// Pillow's antialiased filters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Resampling {
    Triangle,
    CatmullRom,
}

impl Resampling {
    /// Radius in source samples when enlarging.
    fn support(self) -> f64 {
        match self {
            Self::Triangle => 1.0,
            Self::CatmullRom => 2.0,
        }
    }

    fn options(self) -> ResizeOptions {
        let filter = match self {
            Self::Triangle => FilterType::Bilinear,
            Self::CatmullRom => FilterType::CatmullRom,
        };
        ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).use_alpha(false)
    }
}

/// Resizes as Pillow does: the width of the rows that are needed, rounded to 8 bits, then the height.
///
/// Returns packed RGB of `x.kept` columns and `y.kept` rows.
pub(super) fn resize(image: &Rgb8, x: &Axis, y: &Axis, resampling: Resampling) -> Result<Vec<u8>, ImageError> {
    let (left, columns) = x.window();
    let (top, rows) = y.window();
    let reach = resampling.support() * (rows / f64::from(y.kept)).max(1.0) + 1.0;
    let first = (top - reach).floor().max(0.0) as u32;
    let end = ((top + rows + reach).ceil() as u32).min(y.size);
    let needed = end - first;

    let source = TypedImageRef::<U8x3>::from_buffer(image.width, image.height, &image.pixels).map_err(failed)?;
    let source = TypedCroppedImage::new(source, x.origin, y.origin + first, x.size, needed).map_err(failed)?;
    let options = resampling.options();
    let mut resizer = Resizer::new();

    let mut wide = TypedImage::<U8x3>::new(x.kept, needed);
    let crop = options.crop(left, 0.0, columns, f64::from(needed));
    resizer.resize_typed(&source, &mut wide, &crop).map_err(failed)?;

    let mut pixels = vec![0; 3 * x.kept as usize * y.kept as usize];
    let mut out = TypedImage::<U8x3>::from_buffer(x.kept, y.kept, &mut pixels).map_err(failed)?;
    let crop = options.crop(0.0, top - f64::from(first), f64::from(x.kept), rows);
    resizer.resize_typed(&wide, &mut out, &crop).map_err(failed)?;
    Ok(pixels)
}

fn failed(error: impl ToString) -> ImageError {
    ImageError::Resize(error.to_string())
}

/// TF.js's `resizeBilinear` with `alignCorners`: the corners of source and result coincide, two taps per axis, no rounding.
///
/// Returns RGB of `x.kept` columns and `y.kept` rows, 0 to 255.
pub(super) fn resize_align_corners(image: &Rgb8, x: &Axis, y: &Axis) -> Vec<f64> {
    let columns: Vec<Taps> = taps(x).collect();
    let stride = image.width as usize;
    let mut out = Vec::with_capacity(3 * columns.len() * y.kept as usize);
    for row in taps(y) {
        for column in &columns {
            for channel in 0..3 {
                let at = |r: usize, c: usize| f64::from(image.pixels[3 * (r * stride + c) + channel]);
                let top = lerp(at(row.low, column.low), at(row.low, column.high), column.fraction);
                let bottom = lerp(at(row.high, column.low), at(row.high, column.high), column.fraction);
                out.push(lerp(top, bottom, row.fraction));
            }
        }
    }
    out
}

/// The two source samples around a position, and how far it is from the first.
struct Taps {
    low: usize,
    high: usize,
    fraction: f64,
}

fn taps(axis: &Axis) -> impl Iterator<Item = Taps> {
    let last = axis.size - 1;
    let step = match axis.resized {
        0 | 1 => 0.0,
        n => f64::from(last) / (n - 1) as f64,
    };
    let Axis { origin, offset, .. } = *axis;
    (0..u64::from(axis.kept)).map(move |i| {
        let position = (offset + i) as f64 * step;
        let low = (position as u32).min(last);
        Taps {
            low: (origin + low) as usize,
            high: (origin + (low + 1).min(last)) as usize,
            fraction: position - f64::from(low),
        }
    })
}

fn lerp(a: f64, b: f64, t: f64) -> f64 {
    a + (b - a) * t
}
