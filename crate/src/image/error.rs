/// What can be wrong with a picture or with the options of its preprocessing.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ImageError {
    /// The bytes are in no format that is read here.
    #[error("{found}; the formats read are JPEG, PNG, WebP, GIF and BMP")]
    UnknownFormat {
        /// What was found instead.
        found: String,
    },
    /// The file stops before the picture does.
    #[error("the {format} file is truncated: it ends before the picture does")]
    Truncated {
        /// Name of the format.
        format: &'static str,
    },
    /// The file breaks the rules of its format.
    #[error("the {format} file is damaged: {reason}")]
    Damaged {
        /// Name of the format.
        format: &'static str,
        /// What the decoder met.
        reason: String,
    },
    /// A valid file that uses a part of the format which is not read here.
    #[error("the {format} file cannot be read: {reason}")]
    Unsupported {
        /// Name of the format.
        format: &'static str,
        /// The part in question.
        reason: String,
    },
    /// No pixels.
    #[error("the picture has no pixels: its size is {width} x {height}")]
    Empty {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// More pixels than the caller allows.
    #[error(
        "the picture is too large: {width} x {height} is {} pixels, the limit is {limit}",
        u64::from(*width) * u64::from(*height)
    )]
    TooManyPixels {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
        /// Pixels allowed.
        limit: u64,
    },
    /// A side longer than [`super::MAX_SIDE`].
    #[error("the picture is too large: {width} x {height}, the limit of a side is {limit}")]
    TooLong {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
        /// Pixels allowed along a side.
        limit: u32,
    },
    /// Decoding takes more memory than its pixels justify, or than there is.
    #[error("there is not enough memory to decode the {format} file, or it needs more than {limit} bytes")]
    Memory {
        /// Name of the format.
        format: &'static str,
        /// Bytes allowed.
        limit: u64,
    },
    /// A pixel buffer that does not fit its size.
    #[error("{width} x {height} pixels of {channels} bytes do not fit a buffer of {found} bytes")]
    BufferSize {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
        /// Bytes of a pixel.
        channels: u32,
        /// Bytes found.
        found: usize,
    },
    /// The resizer refused a picture.
    #[error("the picture cannot be resized: {0}")]
    Resize(String),
    /// Preprocessing options that are not a JSON object.
    #[error("preprocess is an object of options, not {0}")]
    NotAnObject(String),
    /// A preprocessing option that does not exist.
    #[error("there is no preprocess option {field}; there are {known}")]
    UnknownField {
        /// Name given.
        field: String,
        /// The names that exist.
        known: String,
    },
    /// A preprocessing option with an impossible value.
    #[error("preprocess option {field} cannot be {value}: {reason}")]
    BadField {
        /// Name of the option.
        field: String,
        /// Its value.
        value: String,
        /// What it may be.
        reason: String,
    },
}

impl ImageError {
    /// The stable code that JavaScript sees.
    pub fn code(&self) -> &'static str {
        if self.is_option() { "bad-option" } else { "bad-image" }
    }

    /// True where the options are wrong rather than the picture.
    pub fn is_option(&self) -> bool {
        matches!(self, Self::NotAnObject(_) | Self::UnknownField { .. } | Self::BadField { .. })
    }
}
