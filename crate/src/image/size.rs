use super::ImageError;

/// Longest side in pixels: what JPEG and GIF can hold.
pub const MAX_SIDE: u32 = 65_535;

/// Fails where a side is zero or longer than [`MAX_SIDE`].
pub(super) fn check_sides(width: u32, height: u32) -> Result<(), ImageError> {
    match (width.min(height), width.max(height)) {
        (0, _) => Err(ImageError::Empty { width, height }),
        (_, long) if long > MAX_SIDE => Err(ImageError::TooLong { width, height, limit: MAX_SIDE }),
        _ => Ok(()),
    }
}

/// Fails where a side is, or where there are more than `max_pixels`.
pub(super) fn check_size(width: u32, height: u32, max_pixels: u64) -> Result<(), ImageError> {
    check_sides(width, height)?;
    match u64::from(width) * u64::from(height) > max_pixels {
        true => Err(ImageError::TooManyPixels { width, height, limit: max_pixels }),
        false => Ok(()),
    }
}

/// Fails unless `found` bytes are exactly `width * height` pixels of `channels` bytes.
pub(super) fn check_buffer(width: u32, height: u32, channels: u32, found: usize) -> Result<(), ImageError> {
    match u64::from(width) * u64::from(height) * u64::from(channels) == found as u64 {
        true => Ok(()),
        false => Err(ImageError::BufferSize { width, height, channels, found }),
    }
}
