//! The structure of a WebP (RFC 9649) as far as its decoder trusts it: it allocates what a chunk or a frame declares
//! before reading it, and takes for granted that alpha and colour of an animation's frame have one size.

use super::ImageError;

/// Bytes of a chunk's FourCC and size.
const HEADER: usize = 8;
/// Bytes of an animation frame before its chunks.
const FRAME_HEADER: usize = 16;

struct Chunk<'a> {
    kind: &'a [u8],
    payload: &'a [u8],
}

/// The file to the end of its RIFF container, after a look at every chunk and at the size of the first picture.
///
/// # Errors
/// [`ImageError::Truncated`] where the container or a chunk reaches past the end, [`ImageError::Damaged`] where the
/// first picture has not the size of its canvas or frame.
pub(super) fn checked(bytes: &[u8]) -> Result<&[u8], ImageError> {
    let truncated = || ImageError::Truncated { format: "WebP" };
    let damaged = || ImageError::Damaged { format: "WebP", reason: "a frame has not its canvas's size".into() };
    let size = bytes.get(4..).and_then(|rest| rest.first_chunk()).ok_or_else(truncated)?;
    let end = (u32::from_le_bytes(*size) as usize).saturating_add(HEADER);
    let file = bytes.get(..end).ok_or_else(truncated)?;
    let chunks = chunks(file.get(12..).unwrap_or_default()).ok_or_else(truncated)?;
    let find = |kind: &[u8]| chunks.iter().find(|chunk| chunk.kind == kind).map(|chunk| chunk.payload);
    let sound = match (chunks.first(), find(b"ANMF"), find(b"VP8 ")) {
        (Some(Chunk { kind: b"VP8X", .. }), Some(frame), _) => frame_is_sound(frame).unwrap_or(false),
        (Some(Chunk { kind: b"VP8X", payload }), None, Some(picture)) => {
            payload.get(4..).and_then(sides).is_some_and(|size| lossy_size(picture) == Some(size))
        }
        _ => true,
    };
    if sound { Ok(file) } else { Err(damaged()) }
}

/// Whether the lossy picture of an animation's frame, if it has one, is as large as the frame.
fn frame_is_sound(frame: &[u8]) -> Option<bool> {
    let size = sides(frame.get(6..)?)?;
    Some(match chunks(frame.get(FRAME_HEADER..)?)?.as_slice() {
        [Chunk { kind: b"ALPH", .. }, picture, ..] | [picture @ Chunk { kind: b"VP8 ", .. }, ..] => {
            lossy_size(picture.payload) == Some(size)
        }
        _ => true,
    })
}

/// The chunks of a container, or `None` where one is cut off.
fn chunks(mut rest: &[u8]) -> Option<Vec<Chunk<'_>>> {
    let mut chunks = Vec::new();
    while let Some((header, after)) = rest.split_first_chunk::<HEADER>() {
        let [a, b, c, d] = *header.last_chunk()?;
        let size = u32::from_le_bytes([a, b, c, d]) as usize;
        chunks.push(Chunk { kind: &rest[..4], payload: after.get(..size)? });
        rest = after.get(size + size % 2..).unwrap_or_default();
    }
    Some(chunks)
}

/// Width and height that are stored less one in three bytes each.
fn sides(bytes: &[u8]) -> Option<(u32, u32)> {
    let &[w0, w1, w2, h0, h1, h2] = bytes.first_chunk()?;
    Some((u32::from_le_bytes([w0, w1, w2, 0]) + 1, u32::from_le_bytes([h0, h1, h2, 0]) + 1))
}

/// Width and height in the frame header of a VP8 picture.
fn lossy_size(picture: &[u8]) -> Option<(u32, u32)> {
    let &[w0, w1, h0, h1] = picture.get(6..)?.first_chunk()?;
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
    Some((side(w0, w1), side(h0, h1)))
}
