use super::ColorMap;
use crate::info::Tensor;

/// Which values share a scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// Each channel has its own, from its smallest to its largest value.
    Channel,
    /// All have this one.
    Range {
        /// The value of the lowest colour.
        low: f32,
        /// The value of the highest colour.
        high: f32,
    },
}

impl Scale {
    /// One scale for all values: from zero, or from the smallest value where it is negative, to the largest.
    pub fn of(values: &[f32]) -> Self {
        let low = values.iter().copied().fold(0.0, f32::min);
        let high = values.iter().copied().fold(0.0, f32::max);
        Self::Range { low, high }
    }

    /// One scale with zero in its middle, for diverging colours.
    pub fn around_zero(values: &[f32]) -> Self {
        let most = values.iter().fold(0.0f32, |most, v| most.max(v.abs()));
        Self::Range { low: -most, high: most }
    }
}

/// Pixels, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `[height, width, 4]`.
    pub rgba: Vec<u8>,
}

/// Channel maps side by side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Maps in a row.
    pub columns: usize,
    /// Pixels a side of each value.
    pub zoom: usize,
    /// Transparent pixels between maps.
    pub gap: usize,
    /// Colours.
    pub colors: ColorMap,
    /// Which values share a scale.
    pub scale: Scale,
}

impl Grid {
    /// About as wide as high, for `channels` maps.
    pub fn square(channels: usize, colors: ColorMap, scale: Scale) -> Self {
        Self { columns: ((channels as f64).sqrt().ceil() as usize).max(1), zoom: 1, gap: 1, colors, scale }
    }

    /// Draws the channels `order`, in that order; channels that the tensor does not have stay empty.
    pub fn draw(&self, tensor: &Tensor, order: &[usize]) -> Picture {
        let [channels, h, w] = tensor.shape;
        let (columns, zoom) = (self.columns.max(1), self.zoom.max(1));
        let rows = order.len().div_ceil(columns);
        let side = |count: usize, extent: usize| (count * (extent * zoom + self.gap)).saturating_sub(self.gap);
        let (width, height) = (side(columns.min(order.len()), w), side(rows, h));
        let mut rgba = vec![0; width * height * 4];
        for (place, &channel) in order.iter().enumerate().filter(|(_, c)| **c < channels) {
            let values = &tensor.data[channel * h * w..(channel + 1) * h * w];
            let (low, factor) = self.range(values);
            // Without a range every value has the colour of zero.
            let zero = if factor == 0.0 && self.colors == ColorMap::Diverging { 0.5 } else { 0.0 };
            let top = place / columns * (h * zoom + self.gap);
            let left = place % columns * (w * zoom + self.gap);
            for (row, column) in (0..h * zoom).flat_map(|row| (0..w * zoom).map(move |column| (row, column))) {
                let [r, g, b] = self.colors.color((values[row / zoom * w + column / zoom] - low) * factor + zero);
                let at = ((top + row) * width + left + column) * 4;
                rgba[at..at + 4].copy_from_slice(&[r, g, b, 255]);
            }
        }
        Picture { width, height, rgba }
    }

    /// The value of the lowest colour, and what the distance from it is multiplied with.
    fn range(&self, values: &[f32]) -> (f32, f32) {
        let (low, high) = match self.scale {
            Scale::Range { low, high } => (low, high),
            Scale::Channel => values.iter().fold((f32::MAX, f32::MIN), |(low, high), &v| (low.min(v), high.max(v))),
        };
        (low, if high > low { 1.0 / (high - low) } else { 0.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_stand_in_their_order_with_gaps_between() {
        let tensor = Tensor { shape: [3, 1, 2], data: vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0] };
        let grid =
            Grid { columns: 2, zoom: 2, gap: 1, colors: ColorMap::Grey, scale: Scale::Range { low: 0.0, high: 5.0 } };
        let picture = grid.draw(&tensor, &[2, 0, 1]);
        assert_eq!((picture.width, picture.height), (9, 5));
        let at = |x: usize, y: usize| [0, 3].map(|c| picture.rgba[(y * 9 + x) * 4 + c]);
        assert_eq!([at(0, 0), at(2, 1), at(5, 0), at(7, 1)], [[204, 255], [255, 255], [0, 255], [51, 255]]);
        assert_eq!([at(0, 3), at(3, 4)], [[102, 255], [153, 255]]);
        assert_eq!([at(4, 0), at(0, 2), at(5, 3)], [[0, 0]; 3], "gaps and empty places are transparent");
    }

    #[test]
    fn a_channel_of_its_own_scale_uses_all_colours() {
        let tensor = Tensor { shape: [2, 1, 2], data: vec![-1.0, 1.0, 7.0, 7.0] };
        let picture = Grid::square(2, ColorMap::Grey, Scale::Channel).draw(&tensor, &[0, 1]);
        assert_eq!(picture.rgba.iter().step_by(4).copied().collect::<Vec<u8>>(), [0, 255, 0, 0, 0]);
    }

    #[test]
    fn a_map_without_a_range_has_the_colour_of_zero() {
        let tensor = Tensor { shape: [1, 1, 1], data: vec![0.0] };
        let picture = |colors| Grid::square(1, colors, Scale::Channel).draw(&tensor, &[0]).rgba[..3].to_vec();
        assert_eq!(picture(ColorMap::Grey), [0, 0, 0]);
        assert_eq!(picture(ColorMap::Diverging), ColorMap::Diverging.color(0.5));
    }
}
