use super::Shape;

/// Values of one image as the reference kernels take and give them: f64, pixel by pixel, each with all channels.
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    /// Channels, height, width.
    pub shape: Shape,
    /// `[H,W,C]`.
    pub data: Vec<f64>,
}

impl Values {
    /// Zeros.
    pub fn zeros(shape: Shape) -> Self {
        Self { shape, data: vec![0.0; shape.len()] }
    }

    /// What a function of row, column and channel says.
    pub fn from_fn(shape: Shape, value: impl Fn(usize, usize, usize) -> f64) -> Self {
        let Shape { c, w, .. } = shape;
        Self { shape, data: (0..shape.len()).map(|i| value(i / c / w, i / c % w, i % c)).collect() }
    }

    /// The same numbers.
    ///
    /// # Panics
    /// If there are not as many as the shape has.
    pub fn from_f32(shape: Shape, values: &[f32]) -> Self {
        assert_eq!(values.len(), shape.len());
        Self { shape, data: values.iter().map(|&v| v.into()).collect() }
    }

    /// Rounded to f32.
    pub fn to_f32(&self) -> Vec<f32> {
        self.data.iter().map(|&v| v as f32).collect()
    }

    /// The channels of a pixel, counted row by row.
    pub fn channels(&self, pixel: usize) -> &[f64] {
        &self.data[pixel * self.shape.c..][..self.shape.c]
    }

    /// A function of each value.
    pub fn map(&self, value: impl Fn(f64) -> f64) -> Self {
        Self { shape: self.shape, data: self.data.iter().map(|&v| value(v)).collect() }
    }
}
