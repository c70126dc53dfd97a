use ::image::ColorType;

use super::size::{check_buffer, check_sides};
use super::{ImageError, Rgb8};

/// RGBA pixels (8 bits, not premultiplied, `width * height * 4` bytes) laid over white.
///
/// # Errors
/// [`ImageError::Empty`], [`ImageError::TooLong`], [`ImageError::BufferSize`].
pub fn from_rgba(width: u32, height: u32, rgba: &[u8]) -> Result<Rgb8, ImageError> {
    check_sides(width, height)?;
    check_buffer(width, height, 4, rgba.len())?;
    Ok(Rgb8 { width, height, pixels: rgb_from_rgba(rgba) })
}

/// RGB pixels (8 bits, `width * height * 3` bytes), as they are.
///
/// # Errors
/// [`ImageError::Empty`], [`ImageError::TooLong`], [`ImageError::BufferSize`].
pub fn from_rgb(width: u32, height: u32, pixels: Vec<u8>) -> Result<Rgb8, ImageError> {
    check_sides(width, height)?;
    check_buffer(width, height, 3, pixels.len())?;
    Ok(Rgb8 { width, height, pixels })
}

/// Packed RGB from what a decoder writes, or `None` for a layout that no decoder used here has.
///
/// Sixteen-bit samples keep their high byte, as in Pillow and libpng's `png_set_strip_16`; alpha is laid over white.
pub(super) fn rgb_from_samples(color: ColorType, samples: Vec<u8>) -> Option<Vec<u8>> {
    Some(match color {
        ColorType::Rgb8 => samples,
        ColorType::Rgba8 => rgb_from_rgba(&samples),
        ColorType::L8 => samples.iter().flat_map(|&grey| [grey; 3]).collect(),
        ColorType::La8 => rgb_from_grey_alpha(&samples),
        ColorType::Rgb16 => high_bytes(&samples),
        ColorType::Rgba16 => rgb_from_rgba(&high_bytes(&samples)),
        ColorType::L16 => high_bytes(&samples).iter().flat_map(|&grey| [grey; 3]).collect(),
        ColorType::La16 => rgb_from_grey_alpha(&high_bytes(&samples)),
        _ => return None,
    })
}

/// Native-endian 16-bit samples to their high bytes.
fn high_bytes(samples: &[u8]) -> Vec<u8> {
    let high = if cfg!(target_endian = "big") { 0 } else { 1 };
    samples.iter().skip(high).step_by(2).copied().collect()
}

fn rgb_from_rgba(rgba: &[u8]) -> Vec<u8> {
    let (pixels, _) = rgba.as_chunks();
    pixels.iter().flat_map(|&[r, g, b, a]| [r, g, b].map(|c| over_white(c, a))).collect()
}

fn rgb_from_grey_alpha(samples: &[u8]) -> Vec<u8> {
    let (pixels, _) = samples.as_chunks();
    pixels.iter().flat_map(|&[grey, a]| [over_white(grey, a); 3]).collect()
}

/// `c * a + white * (1 - a)`, rounded to the nearest level.
fn over_white(c: u8, a: u8) -> u8 {
    let (c, a) = (u32::from(c), u32::from(a));
    ((c * a + 255 * (255 - a) + 127) / 255) as u8
}
