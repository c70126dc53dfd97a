//! Pictures turned, moved and resized.

use super::error::{LookError, length};
use super::random::Random;
use super::turn::turn;

/// What a picture shows outside of itself: grey.
const OUTSIDE: f32 = 0.5;

/// A bilinear resampling of planes `[3,H,W]`, which knows its own adjoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Resample {
    /// Rows and columns before.
    from: [usize; 2],
    /// And after.
    to: [usize; 2],
    /// Where a pixel after comes from: row and column of its place before, each a factor of the row, one of the column, and
    /// what is added.
    place: [[f32; 3]; 2],
    /// Beyond the border is the border's colour instead of grey.
    extend: bool,
}

impl Resample {
    /// To another size, `[H,W]` both, with the same edges.
    pub fn resize(from: [usize; 2], to: [usize; 2]) -> Self {
        let [y, x] = [0, 1].map(|axis| {
            let factor = from[axis] as f32 / to[axis] as f32;
            [factor, 0.5 * factor - 0.5]
        });
        Self { from, to, place: [[y[0], 0.0, y[1]], [0.0, x[0], x[1]]], extend: true }
    }

    /// The standard transforms of Olah et al. 2017, "Feature Visualization" (lucid), drawn anew: on grey, moved by up to 4
    /// pixels, scaled by 0.9 to 1.1, turned by up to 10 degrees, and moved by up to 2 pixels; seen is the middle, in the same
    /// size. The libraries have 12 pixels of grey and then black; here grey has no end.
    pub fn draw(random: &mut Random, size: usize) -> Self {
        let mut shift = |most: usize| [0, 1].map(|_| random.below(2 * most + 1) as f32 - most as f32);
        let (before, after) = (shift(4), shift(2));
        let scale = 0.9 + 0.02 * random.below(11) as f32;
        // No angle stands six times in the list.
        let degrees = match random.below(26) {
            angle @ 0..21 => angle as f32 - 10.0,
            _ => 0.0,
        };
        Self::seen(size, before, scale, degrees, after)
    }

    /// A picture of `size` x `size` moved by `before` (rows and columns), scaled, turned about its middle, and moved by
    /// `after`.
    pub fn seen(size: usize, before: [f32; 2], scale: f32, degrees: f32, after: [f32; 2]) -> Self {
        let [cos, sin] = turn(f64::from(degrees) / 360.0).map(|v| v as f32 / scale);
        let middle = (size as f32 - 1.0) / 2.0;
        let [y, x] = after.map(|shift| shift - middle);
        let rows = [cos, -sin, cos * y - sin * x + before[0] + middle];
        let columns = [sin, cos, sin * y + cos * x + before[1] + middle];
        Self { from: [size; 2], to: [size; 2], place: [rows, columns], extend: false }
    }

    /// Each pixel after with one before that it is made of, and that one's weight.
    fn each(&self, mut take: impl FnMut(usize, usize, f32)) {
        let [height, width] = self.from;
        for row in 0..self.to[0] {
            for column in 0..self.to[1] {
                let [(top, y), (left, x)] = [0, 1].map(|axis| {
                    let [by_row, by_column, added] = self.place[axis];
                    let mut place = by_row * row as f32 + by_column * column as f32 + added;
                    if self.extend {
                        place = place.clamp(0.0, self.from[axis] as f32 - 1.0);
                    }
                    let low = place.floor();
                    (low as isize, place - low)
                });
                for (y, weight) in [(top, 1.0 - y), (top + 1, y)] {
                    for (x, weight) in [(left, (1.0 - x) * weight), (left + 1, x * weight)] {
                        // A place before the first is a large number.
                        let (y, x) = (y as usize, x as usize);
                        if y < height && x < width {
                            take(row * self.to[1] + column, y * width + x, weight);
                        }
                    }
                }
            }
        }
    }

    /// The picture after.
    ///
    /// # Errors
    /// [`LookError::Length`].
    pub fn apply(&self, picture: &[f32]) -> Result<Vec<f32>, LookError> {
        let [from, to] = [self.from, self.to].map(|[height, width]| height * width);
        length("picture", picture.len(), 3 * from)?;
        let mut out = vec![OUTSIDE; 3 * to];
        self.each(|i, at, weight| {
            (0..3).for_each(|c| out[c * to + i] += weight * (picture[c * from + at] - OUTSIDE));
        });
        Ok(out)
    }

    /// The gradient at the picture before, from the one at the picture after.
    ///
    /// # Errors
    /// [`LookError::Length`].
    pub fn gradient(&self, gradient: &[f32]) -> Result<Vec<f32>, LookError> {
        let [from, to] = [self.from, self.to].map(|[height, width]| height * width);
        length("gradient", gradient.len(), 3 * to)?;
        let mut back = vec![0.0; 3 * from];
        self.each(|i, at, weight| (0..3).for_each(|c| back[c * from + at] += weight * gradient[c * to + i]));
        Ok(back)
    }
}
