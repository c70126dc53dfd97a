//! Views inside wider storages, and what a kernel must leave alone there.

use inception::cpu::{ViewMut, ViewRef};
use inception::graph::{Shape, Values};
use proptest::strategy::Strategy;

use crate::numbers::noise;

/// Channels of a storage before and after those of the view.
pub type Margins = [usize; 2];

/// Any margins that move a view off every alignment.
pub fn margins() -> impl Strategy<Value = Margins> {
    [0usize..6, 0usize..6]
}

/// Channels, height, width, as they are shown: the builds for the browser leave out the fields of derived `Debug`.
pub fn sizes(shape: Shape) -> [usize; 3] {
    [shape.c, shape.h, shape.w]
}

/// A storage with noise in it and a view of some of its channels.
pub struct Storage {
    pub data: Vec<f32>,
    shape: Shape,
    margins: Margins,
}

impl Storage {
    pub fn new(seed: u64, shape: Shape, margins: Margins) -> Self {
        let stride = shape.c + margins[0] + margins[1];
        Self { data: noise(seed, stride * shape.h * shape.w), shape, margins }
    }

    /// The same storage with a copy of the data.
    pub fn copy(&self) -> Self {
        Self { data: self.data.clone(), ..*self }
    }

    fn stride(&self) -> usize {
        self.shape.c + self.margins[0] + self.margins[1]
    }

    pub fn view(&self) -> ViewRef<'_> {
        ViewRef::new(&self.data, self.margins[0], self.stride(), self.shape)
    }

    pub fn view_mut(&mut self) -> ViewMut<'_> {
        let stride = self.stride();
        ViewMut::new(&mut self.data, self.margins[0], stride, self.shape)
    }

    /// The view's values.
    pub fn values(&self) -> Values {
        Values::from_f32(self.shape, &self.view().values())
    }

    /// The same storage with these values in the view.
    pub fn with(&self, values: &Values) -> Self {
        let mut all = self.copy();
        for (pixel, channels) in values.to_f32().chunks(self.shape.c).enumerate() {
            all.data[pixel * self.stride() + self.margins[0]..][..self.shape.c].copy_from_slice(channels);
        }
        all
    }

    /// Whether something outside of the view is not what it was in `before`.
    pub fn is_touched_outside(&self, before: &Self) -> bool {
        let inside = self.margins[0]..self.margins[0] + self.shape.c;
        let changed = self.data.iter().zip(&before.data).enumerate().filter(|(_, (a, b))| a != b);
        changed.into_iter().any(|(i, _)| !inside.contains(&(i % self.stride())))
    }
}
