/// Channels, height, width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Channels.
    pub c: usize,
    /// Height.
    pub h: usize,
    /// Width.
    pub w: usize,
}

impl Shape {
    /// Channels, height, width.
    pub fn new(c: usize, h: usize, w: usize) -> Self {
        Self { c, h, w }
    }

    /// A vector: `[c,1,1]`.
    pub fn vector(c: usize) -> Self {
        Self { c, h: 1, w: 1 }
    }

    /// Number of values; as many as can be counted where there are more.
    pub fn len(self) -> usize {
        self.c.saturating_mul(self.h).saturating_mul(self.w)
    }

    /// True where any extent is zero.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// `[C,H,W]`.
    pub fn chw(self) -> [usize; 3] {
        [self.c, self.h, self.w]
    }
}
