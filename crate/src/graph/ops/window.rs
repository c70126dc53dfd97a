//! Windows that slide over a map: what convolutions and pools have in common.

use super::ShapeError;
use crate::graph::{ReceptiveField, Shape, Values};

/// Rows and columns added around an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Padding {
    /// Rows above.
    pub top: usize,
    /// Columns to the left.
    pub left: usize,
    /// Rows below.
    pub bottom: usize,
    /// Columns to the right.
    pub right: usize,
}

impl Padding {
    /// The same on both sides: `[rows, columns]`.
    pub fn symmetric([h, w]: [usize; 2]) -> Self {
        Self { top: h, left: w, bottom: h, right: w }
    }
}

/// A window that slides over a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Height, width.
    pub kernel: [usize; 2],
    /// Vertical, horizontal.
    pub stride: [usize; 2],
    /// Rows and columns around the input.
    pub padding: Padding,
}

impl Window {
    /// Height and width of the output over an input of that size.
    pub(super) fn output(&self, input: Shape) -> Result<[usize; 2], ShapeError> {
        let Padding { top, left, bottom, right } = self.padding;
        let found =
            [input.h.saturating_add(top).saturating_add(bottom), input.w.saturating_add(left).saturating_add(right)];
        let is_sound = |axis: usize| self.stride[axis] > 0 && (1..=found[axis]).contains(&self.kernel[axis]);
        if !is_sound(0) || !is_sound(1) {
            return Err(ShapeError::Window { window: self.kernel, found });
        }
        Ok([0, 1].map(|axis| (found[axis] - self.kernel[axis]) / self.stride[axis] + 1))
    }

    pub(super) fn receptive_field(&self, seen: ReceptiveField) -> ReceptiveField {
        seen.window(self.kernel, self.stride, [self.padding.top, self.padding.left])
    }

    /// `3x3/2`.
    pub(super) fn detail(&self) -> String {
        let ([kh, kw], [sh, sw]) = (self.kernel, self.stride);
        match [sh, sw] {
            [1, 1] => format!("{kh}x{kw}"),
            [a, b] if a == b => format!("{kh}x{kw}/{a}"),
            [a, b] => format!("{kh}x{kw}/{a}x{b}"),
        }
    }

    /// What the window at an output position covers inside the input: the place in the window, row by row, and the pixel.
    pub(super) fn pixels(self, input: &Values, y: usize, x: usize) -> impl Iterator<Item = (usize, usize)> {
        let [kh, kw] = self.kernel;
        let Shape { h, w, .. } = input.shape;
        (0..kh * kw).filter_map(move |place| {
            let y = (y * self.stride[0] + place / kw).checked_sub(self.padding.top)?;
            let x = (x * self.stride[1] + place % kw).checked_sub(self.padding.left)?;
            (y < h && x < w).then_some((place, y * w + x))
        })
    }
}
