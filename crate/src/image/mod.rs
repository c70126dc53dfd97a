//! Pictures in: decode, orient, resize, crop, normalise.
//! Enters: the bytes of a file, or RGBA pixels, and a [`Preprocess`] (the checkpoint's own).
//! Leaves: the NHWC f32 input of a network, and which part of the picture it shows; or an [`ImageError`].

mod apply;
mod color;
mod decode;
mod error;
mod geometry;
mod header;
mod orient;
mod preprocess;
mod resize;
mod size;
mod webp;

pub use apply::{Input, Levels};
pub use color::{from_rgb, from_rgba};
pub use decode::{decode, decode_common, decode_rare};
pub use error::ImageError;
pub use preprocess::{Channels, Crop, Filter, MAX_SIZE, Order, Preprocess, Resize};
pub use size::MAX_SIDE;

/// A picture: packed 8-bit RGB rows, top to bottom, `width * height * 3` bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rgb8 {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green, blue of each pixel, row by row.
    pub pixels: Vec<u8>,
}
