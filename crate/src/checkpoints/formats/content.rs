use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// The content of a file.
pub enum Content {
    /// All of it.
    Whole(Vec<u8>),
    /// Its beginning, and a way to the rest, which is not in this program's memory; for safetensors files.
    Elsewhere {
        /// The header at least.
        head: Vec<u8>,
        /// Bytes of the whole file.
        len: usize,
        /// Copies some of the file.
        read: Box<dyn Fn(Range<usize>) -> Vec<u8>>,
    },
}

impl Content {
    /// Bytes of the whole file.
    pub fn len(&self) -> usize {
        match self {
            Self::Whole(bytes) => bytes.len(),
            Self::Elsewhere { len, .. } => *len,
        }
    }

    /// True where the file has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The beginning: all of it where it is in memory.
    pub fn head(&self) -> &[u8] {
        match self {
            Self::Whole(bytes) => bytes,
            Self::Elsewhere { head, .. } => head,
        }
    }

    /// Some of the file, copied only where it is not in memory.
    pub(super) fn bytes(&self, range: Range<usize>) -> Cow<'_, [u8]> {
        match self {
            Self::Whole(bytes) => Cow::Borrowed(&bytes[range]),
            Self::Elsewhere { read, .. } => Cow::Owned(read(range)),
        }
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Whole(bytes)
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} bytes", self.len())
    }
}
