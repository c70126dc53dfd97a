use std::io::{Cursor, ErrorKind};

use ::image::codecs::{bmp::BmpDecoder, gif::GifDecoder, jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder};
use ::image::{ImageDecoder, ImageError as DecoderError, ImageFormat, Limits};

use super::color::rgb_from_samples;
use super::header::{declared_size, ends_early, jpeg_exif};
use super::orient::{orient, orientation_from_exif};
use super::size::check_size;
use super::{ImageError, Rgb8, webp};

/// Bytes a decoder may allocate per allowed pixel: 16-bit RGBA.
const BYTES_PER_PIXEL: u64 = 8;
/// Bytes a decoder may allocate beside the pixels: tables, windows, metadata.
const BYTES_BESIDE: u64 = 64 << 20;

/// Decodes JPEG, PNG, WebP, GIF (its first frame) or BMP to upright RGB.
///
/// EXIF orientation is honoured. Grey and palettes become RGB, alpha is laid over white, 16-bit samples
/// keep their high byte (as in Pillow), CMYK and YCCK JPEG follow Adobe's inverted convention (as in Pillow).
/// Colour profiles are not applied. A JPEG without an end marker counts as truncated.
///
/// `max_pixels` bounds width x height; it is checked against the header before any pixel is allocated.
///
/// # Errors
/// Everything that can be wrong with a file: see [`ImageError`].
pub fn decode(bytes: &[u8], max_pixels: u64) -> Result<Rgb8, ImageError> {
    let format = format_of(bytes)?;
    let name = name(format);
    if ends_early(bytes, format) {
        return Err(ImageError::Truncated { format: name });
    }
    let bytes = if format == ImageFormat::WebP { webp::checked(bytes)? } else { bytes };
    if let Some((width, height)) = declared_size(bytes, format) {
        check_size(width, height, max_pixels)?;
    }

    let mut limits = Limits::no_limits();
    let max_bytes = max_pixels.saturating_mul(BYTES_PER_PIXEL).saturating_add(BYTES_BESIDE);
    limits.max_alloc = Some(max_bytes);
    let task = Task { name, max_pixels, max_bytes, limits };
    let file = Cursor::new(bytes);
    let explain = |error| explain(error, name, max_bytes);
    // Each by its own type: a trait object would bring every method of every decoder along.
    match format {
        ImageFormat::Jpeg => {
            task.read(JpegDecoder::new(file).map_err(explain)?, |_| jpeg_exif(bytes).map(<[u8]>::to_vec))
        }
        ImageFormat::Png => {
            let decoder = PngDecoder::with_limits(file, task.limits.clone()).map_err(explain)?;
            task.read(decoder, |png| png.exif_metadata().ok().flatten())
        }
        ImageFormat::WebP => {
            task.read(WebPDecoder::new(file).map_err(explain)?, |webp| webp.exif_metadata().ok().flatten())
        }
        ImageFormat::Gif => task.read(GifDecoder::new(file).map_err(explain)?, |_| None),
        _ => task.read(BmpDecoder::new(file).map_err(explain)?, |_| None),
    }
}

/// What a decoder is asked for.
struct Task {
    name: &'static str,
    max_pixels: u64,
    max_bytes: u64,
    limits: Limits,
}

impl Task {
    fn read<D: ImageDecoder>(
        self,
        mut decoder: D,
        exif: impl FnOnce(&mut D) -> Option<Vec<u8>>,
    ) -> Result<Rgb8, ImageError> {
        let Self { name, max_pixels, max_bytes, limits } = self;
        let explain = |error| explain(error, name, max_bytes);
        let (width, height) = decoder.dimensions();
        check_size(width, height, max_pixels)?;
        decoder.set_limits(limits).map_err(explain)?;

        let orientation = orientation_from_exif(exif(&mut decoder).as_deref());
        let color = decoder.color_type();
        let mut samples = zeros(decoder.total_bytes()).ok_or(ImageError::Memory { format: name, limit: max_bytes })?;
        decoder.read_image(&mut samples).map_err(explain)?;
        let pixels = rgb_from_samples(color, samples)
            .ok_or_else(|| ImageError::Unsupported { format: name, reason: format!("its pixels are {color:?}") })?;
        Ok(orient(Rgb8 { width, height, pixels }, orientation))
    }
}

/// A buffer of zeros, or `None` where memory does not hold it.
fn zeros(length: u64) -> Option<Vec<u8>> {
    let length = usize::try_from(length).ok()?;
    let mut zeros = Vec::new();
    zeros.try_reserve_exact(length).ok()?;
    zeros.resize(length, 0);
    Some(zeros)
}

fn format_of(bytes: &[u8]) -> Result<ImageFormat, ImageError> {
    use ImageFormat::{Bmp, Gif, Jpeg, Png, WebP};
    let unknown = |found: &str| Err(ImageError::UnknownFormat { found: found.into() });
    match ::image::guess_format(bytes) {
        Ok(format @ (Jpeg | Png | WebP | Gif | Bmp)) => Ok(format),
        Ok(format) => unknown(&format!("this is a file of type {}", format.to_mime_type())),
        Err(_) if bytes.is_empty() => unknown("the file is empty"),
        Err(_) => unknown("the file does not begin like a picture"),
    }
}

fn name(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Png => "PNG",
        ImageFormat::WebP => "WebP",
        ImageFormat::Gif => "GIF",
        _ => "BMP",
    }
}

fn explain(error: DecoderError, format: &'static str, max_bytes: u64) -> ImageError {
    match error {
        DecoderError::IoError(e) if e.kind() == ErrorKind::UnexpectedEof => ImageError::Truncated { format },
        DecoderError::Limits(_) => ImageError::Memory { format, limit: max_bytes },
        DecoderError::Unsupported(e) => ImageError::Unsupported { format, reason: e.to_string() },
        other => ImageError::Damaged { format, reason: other.to_string() },
    }
}
