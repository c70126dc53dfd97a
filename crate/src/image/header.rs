//! What a file says of itself, for decoders that make do with a part of a file, are vague about
//! an empty picture, or allocate before they can be asked for its size.

use ::image::ImageFormat;

use super::orient::JPEG_EXIF_PREFIX;

/// True where a file stops before its (first) picture does.
pub(super) fn ends_early(bytes: &[u8], format: ImageFormat) -> bool {
    match format {
        ImageFormat::Jpeg => !jpeg_segments(bytes).any(|(marker, _)| marker == JPEG_END),
        ImageFormat::Gif => gif_ends_early(bytes).unwrap_or(true),
        _ => false,
    }
}

/// Width and height in the header, where they stand in a fixed place of it.
pub(super) fn declared_size(bytes: &[u8], format: ImageFormat) -> Option<(u32, u32)> {
    match format {
        ImageFormat::Png => Some((u32_le(bytes, 16)?.swap_bytes(), u32_le(bytes, 20)?.swap_bytes())),
        ImageFormat::Bmp if u32_le(bytes, 14)? == BMP_CORE_HEADER => Some((u16_le(bytes, 18)?, u16_le(bytes, 20)?)),
        ImageFormat::Bmp => Some((signed(u32_le(bytes, 18)?), signed(u32_le(bytes, 22)?))),
        ImageFormat::WebP if bytes.get(12..16)? == b"VP8 " => {
            Some((u16_le(bytes, 26)? & 0x3fff, u16_le(bytes, 28)? & 0x3fff))
        }
        ImageFormat::Jpeg => {
            let (_, frame) = jpeg_segments(bytes).find(|(marker, _)| JPEG_FRAMES.contains(marker))?;
            let &[_, _, _, h1, h0, w1, w0] = frame.first_chunk()?;
            Some((u32::from(u16::from_be_bytes([w1, w0])), u32::from(u16::from_be_bytes([h1, h0]))))
        }
        _ => None,
    }
}

/// Size of the header of OS/2 bitmaps, whose sides have 16 bits.
const BMP_CORE_HEADER: u32 = 12;

/// APP1: EXIF and other metadata.
const JPEG_APP1: u8 = 0xe1;
/// SOS: pixels follow.
const JPEG_SCAN: u8 = 0xda;
/// EOI.
const JPEG_END: u8 = 0xd9;
/// SOF0 to SOF2: baseline, extended, progressive.
const JPEG_FRAMES: std::ops::RangeInclusive<u8> = 0xc0..=0xc2;

/// The EXIF block of a JPEG, its last before the pixels.
pub(super) fn jpeg_exif(bytes: &[u8]) -> Option<&[u8]> {
    let before = jpeg_segments(bytes).take_while(|(marker, _)| *marker != JPEG_SCAN);
    let exif = before.filter(|(marker, _)| *marker == JPEG_APP1).filter_map(|(_, segment)| {
        let length = usize::from(u16::from_be_bytes(*segment.first_chunk()?));
        segment.get(2..length)?.strip_prefix(JPEG_EXIF_PREFIX)
    });
    exif.last()
}

/// Markers of a JPEG with what follows each (ITU-T T.81, annex B); what lies inside a segment, thumbnails for
/// instance, is passed over. Ends after the first segment that is cut off.
fn jpeg_segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        loop {
            let at = rest.iter().position(|&byte| byte == 0xff)?;
            let (&marker, after) = rest[at + 1..].split_first()?;
            let length = match marker {
                0xff => {
                    rest = &rest[at + 1..];
                    continue;
                }
                0x00 | 0x01 | 0xd0..=0xd8 => {
                    rest = after;
                    continue;
                }
                JPEG_END => after.len(),
                _ => after.first_chunk().map_or(0, |&b| usize::from(u16::from_be_bytes(b))),
            };
            rest = after.get(length..).unwrap_or_default();
            return Some((marker, after));
        }
    })
}

/// Passes over a GIF's blocks to the end of its first picture; `None` where the file ends before that. What is no
/// block is left to the decoder to name.
fn gif_ends_early(bytes: &[u8]) -> Option<bool> {
    let colors = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let after_blocks = |mut at: usize| loop {
        match usize::from(*bytes.get(at)?) {
            0 => return Some(at + 1),
            length => at += 1 + length,
        }
    };
    let mut at = 13 + colors(*bytes.get(10)?);
    loop {
        match *bytes.get(at)? {
            0x21 => at = after_blocks(at + 2)?,
            0x2c => {
                let pixels = at + 11 + colors(*bytes.get(at + 9)?);
                return after_blocks(pixels).map(|_| false);
            }
            _ => return Some(false),
        }
    }
}

/// A side that is negative where rows run the other way.
fn signed(side: u32) -> u32 {
    side.cast_signed().unsigned_abs()
}

fn u16_le(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|&b| u32::from(u16::from_le_bytes(b)))
}

fn u32_le(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|&b| u32::from_le_bytes(b))
}
