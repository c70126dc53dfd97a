use super::Shape;

/// Which input pixels one output position can see, before clipping to the image.
///
/// Position `i` along an axis sees pixels `start + i * stride .. start + i * stride + size`.
/// Recurrence of Araujo et al. 2019, "Computing receptive fields of convolutional neural networks", section 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ReceptiveField {
    /// Extent, height and width.
    pub size: [usize; 2],
    /// Distance between neighbouring positions.
    pub stride: [usize; 2],
    /// First row and column of position 0; negative inside the padding.
    pub start: [isize; 2],
}

impl ReceptiveField {
    /// A pixel of the picture itself.
    pub(super) const PIXEL: Self = Self { size: [1, 1], stride: [1, 1], start: [0, 0] };

    /// What a window over positions that see `self` sees.
    pub(super) fn window(self, kernel: [usize; 2], stride: [usize; 2], padding: [usize; 2]) -> Self {
        let axis = |i: usize| {
            (
                self.size[i] + (kernel[i] - 1) * self.stride[i],
                self.stride[i] * stride[i],
                self.start[i] - (padding[i] * self.stride[i]) as isize,
            )
        };
        let (h, w) = (axis(0), axis(1));
        Self { size: [h.0, w.0], stride: [h.1, w.1], start: [h.2, w.2] }
    }

    /// All positions of an input.
    pub(super) fn whole(self, input: Shape) -> Self {
        let whole = [input.h, input.w];
        self.window(whole, whole, [0, 0])
    }

    /// All that either sees.
    pub(super) fn union(self, other: Self) -> Self {
        let mut out = self;
        for i in 0..2 {
            let end = |f: &Self| f.start[i] + f.size[i] as isize;
            let (start, end) = (self.start[i].min(other.start[i]), end(&self).max(end(&other)));
            out.start[i] = start;
            out.size[i] = (end - start) as usize;
        }
        out
    }
}
