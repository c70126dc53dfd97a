use super::formats::decode::Axes;

/// A parameter's tensor, and how it becomes one of ours.
#[derive(Clone, Debug, Default)]
pub(super) struct Weight {
    pub key: String,
    /// `[out, in, ..]`, whatever the file's order.
    pub shape: Vec<usize>,
    /// The file's order.
    pub axes: Axes,
    /// Of a matrix that reads maps position by position, the number of positions; ours read channel by channel.
    pub positions: usize,
}

impl Weight {
    /// Whether the file's kernel reads one channel, the picture's grey. Ours reads three: grey ones, of which it weighs the first.
    pub fn is_grey(&self, stored: &[usize]) -> bool {
        match self.shape.as_slice() {
            &[o, 3, h, w] => self.axes.stored_shape(&[o, 1, h, w], stored.len()) == stored,
            _ => false,
        }
    }

    /// Whether the file has these values in this order.
    pub fn is_as_stored(&self, stored: &[usize]) -> bool {
        self.positions <= 1 && !self.is_grey(stored)
    }

    /// The values of a tensor of this shape as ours has them.
    pub fn arrange(&self, values: Vec<f32>, stored: &[usize]) -> Vec<f32> {
        if self.is_grey(stored)
            && let &[outputs, inputs, h, w] = self.shape.as_slice()
        {
            let grey = self.axes.arrange(values, &[outputs, 1, h, w]);
            let mut colour = Vec::with_capacity(grey.len() * inputs);
            for kernel in grey.chunks_exact((h * w).max(1)) {
                colour.extend_from_slice(kernel);
                colour.resize(colour.len() + (inputs - 1) * kernel.len(), 0.0);
            }
            return colour;
        }
        let mut values = self.axes.arrange(values, &self.shape);
        if let (&[_, inputs], 2..) = (self.shape.as_slice(), self.positions) {
            let channels = inputs / self.positions;
            let mut row = vec![0.0; inputs];
            for outputs in values.chunks_exact_mut(inputs) {
                for (i, &value) in outputs.iter().enumerate() {
                    let (position, channel) = (i / channels, i % channels);
                    row[channel * self.positions + position] = value;
                }
                outputs.copy_from_slice(&row);
            }
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_over_positions_becomes_one_over_channels() {
        // Two outputs; three positions of two channels, [in, out].
        let weight = Weight { shape: vec![2, 6], axes: Axes::OutputLast, positions: 3, ..Weight::default() };
        let file: Vec<f32> = (0..6).flat_map(|i| [i as f32, 10.0 + i as f32]).collect();
        let wanted = [0.0, 2.0, 4.0, 1.0, 3.0, 5.0, 10.0, 12.0, 14.0, 11.0, 13.0, 15.0];
        assert_eq!(weight.arrange(file, &[6, 2]), wanted);
    }

    #[test]
    fn a_grey_kernel_weighs_the_first_of_three_channels() {
        let weight = Weight { shape: vec![2, 3, 1, 2], ..Weight::default() };
        assert!(weight.is_grey(&[2, 1, 1, 2]) && !weight.is_grey(&[2, 3, 1, 2]));
        let wanted = [1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 3.0, 4.0, 0.0, 0.0, 0.0, 0.0];
        assert_eq!(weight.arrange(vec![1.0, 2.0, 3.0, 4.0], &[2, 1, 1, 2]), wanted);
    }
}
