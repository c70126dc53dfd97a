use ::image::metadata::Orientation;

use super::Rgb8;

/// Bytes that JPEG puts in front of its EXIF block; some writers of WebP and PNG keep them.
pub(super) const JPEG_EXIF_PREFIX: &[u8] = b"Exif\0\0";

/// The orientation that an EXIF block asks for; a block without one, or one that cannot be read, asks for none.
pub(super) fn orientation_from_exif(exif: Option<&[u8]>) -> Orientation {
    exif.map(|block| block.strip_prefix(JPEG_EXIF_PREFIX).unwrap_or(block))
        .and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms)
}

/// Turns and mirrors a picture upright.
pub(super) fn orient(image: Rgb8, orientation: Orientation) -> Rgb8 {
    let (w, h) = (image.width as usize, image.height as usize);
    let (right, down) = (w.saturating_sub(1), h.saturating_sub(1));
    match orientation {
        Orientation::NoTransforms => image,
        Orientation::FlipHorizontal => gather(&image, w, h, |x, y| (right - x, y)),
        Orientation::Rotate180 => gather(&image, w, h, |x, y| (right - x, down - y)),
        Orientation::FlipVertical => gather(&image, w, h, |x, y| (x, down - y)),
        Orientation::Rotate90FlipH => gather(&image, h, w, |x, y| (y, x)),
        Orientation::Rotate90 => gather(&image, h, w, |x, y| (y, down - x)),
        Orientation::Rotate270FlipH => gather(&image, h, w, |x, y| (right - y, down - x)),
        Orientation::Rotate270 => gather(&image, h, w, |x, y| (right - y, x)),
    }
}

/// A picture of `width` x `height` whose pixel (x, y) is the pixel `source(x, y)` of `image`.
fn gather(image: &Rgb8, width: usize, height: usize, source: impl Fn(usize, usize) -> (usize, usize)) -> Rgb8 {
    let stride = image.width as usize;
    let mut pixels = Vec::with_capacity(image.pixels.len());
    for y in 0..height {
        for x in 0..width {
            let (column, row) = source(x, y);
            let at = 3 * (row * stride + column);
            pixels.extend_from_slice(&image.pixels[at..at + 3]);
        }
    }
    Rgb8 { width: width as u32, height: height as u32, pixels }
}
