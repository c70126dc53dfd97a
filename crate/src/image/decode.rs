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
    match decode_common(bytes, max_pixels)? {
        Some(picture) => Ok(picture),
        None => decode_rare(bytes, max_pixels),
    }
}

/// The part of [`decode`] that reads JPEG and PNG; `None` for a file that [`decode_rare`] reads. Each is for programs that
/// hold the other elsewhere.
///
/// # Errors
/// As [`decode`], also for what begins like no picture.
pub fn decode_common(bytes: &[u8], max_pixels: u64) -> Result<Option<Rgb8>, ImageError> {
    let format = format_of(bytes)?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png) {
        return Ok(None);
    }
    let task = Task::of(bytes, format, max_pixels)?;
    let explain = task.explain();
    let file = Cursor::new(bytes);
    let picture = if format == ImageFormat::Jpeg {
        task.read(JpegDecoder::new(file).map_err(explain)?, |_| jpeg_exif(bytes).map(<[u8]>::to_vec))
    } else {
        let decoder = PngDecoder::with_limits(file, task.limits.clone()).map_err(explain)?;
        task.read(decoder, |png| png.exif_metadata().ok().flatten())
    };
    picture.map(Some)
}

/// The part of [`decode`] that reads WebP, GIF and BMP.
///
/// # Errors
/// As [`decode`]; [`ImageError::UnknownFormat`] for what [`decode_common`] reads.
pub fn decode_rare(bytes: &[u8], max_pixels: u64) -> Result<Rgb8, ImageError> {
    let format = format_of(bytes)?;
    let bytes = if format == ImageFormat::WebP { webp::checked(bytes)? } else { bytes };
    let task = Task::of(bytes, format, max_pixels)?;
    let explain = task.explain();
    let file = Cursor::new(bytes);
    // Each by its own type: a trait object would bring every method of every decoder along.
    match format {
        ImageFormat::WebP => {
            task.read(WebPDecoder::new(file).map_err(explain)?, |webp| webp.exif_metadata().ok().flatten())
        }
        ImageFormat::Gif => task.read(GifDecoder::new(file).map_err(explain)?, |_| None),
        ImageFormat::Bmp => task.read(BmpDecoder::new(file).map_err(explain)?, |_| None),
        other => Err(of_another_type(other)),
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
    /// What is asked of the decoder of a file that is as long as its format says and no larger than allowed.
    fn of(bytes: &[u8], format: ImageFormat, max_pixels: u64) -> Result<Self, ImageError> {
        let name = name(format);
        if ends_early(bytes, format) {
            return Err(ImageError::Truncated { format: name });
        }
        if let Some((width, height)) = declared_size(bytes, format) {
            check_size(width, height, max_pixels)?;
        }
        let mut limits = Limits::no_limits();
        let max_bytes = max_pixels.saturating_mul(BYTES_PER_PIXEL).saturating_add(BYTES_BESIDE);
        limits.max_alloc = Some(max_bytes);
        Ok(Self { name, max_pixels, max_bytes, limits })
    }

    fn explain(&self) -> impl Fn(DecoderError) -> ImageError + Copy + use<> {
        let (name, max_bytes) = (self.name, self.max_bytes);
        move |error| explain(error, name, max_bytes)
    }

    fn read<D: ImageDecoder>(
        self,
        mut decoder: D,
        exif: impl FnOnce(&mut D) -> Option<Vec<u8>>,
    ) -> Result<Rgb8, ImageError> {
        let explain = self.explain();
        let Self { name, max_pixels, max_bytes, limits } = self;
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
        Ok(format) => Err(of_another_type(format)),
        Err(_) if bytes.is_empty() => unknown("the file is empty"),
        Err(_) => unknown("the file does not begin like a picture"),
    }
}

fn of_another_type(format: ImageFormat) -> ImageError {
    ImageError::UnknownFormat { found: format!("this is a file of type {}", format.to_mime_type()) }
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
