use crate::graph::Shape;
use std::cell::UnsafeCell;
use std::marker::PhantomData;

/// A read-only NHWC view whose pixels lie `stride` values apart.
#[derive(Clone, Copy)]
pub struct ViewRef<'a> {
    data: *const f32,
    /// Values from one pixel to the next.
    pub(super) stride: usize,
    /// Size of the view.
    pub(crate) shape: Shape,
    lifetime: PhantomData<&'a f32>,
}

/// A writable NHWC view whose pixels lie `stride` values apart. Nothing else accesses its values.
pub struct ViewMut<'a> {
    data: *mut f32,
    /// Values from one pixel to the next.
    pub(super) stride: usize,
    /// Size of the view.
    pub(super) shape: Shape,
    lifetime: PhantomData<&'a mut f32>,
}

/// A writable view for several threads at once, of which each accesses other values. It gives out pointers, and rows by a
/// promise.
#[derive(Clone, Copy)]
pub(super) struct SharedMut<'a> {
    data: *mut f32,
    pub stride: usize,
    pub shape: Shape,
    lifetime: PhantomData<&'a mut f32>,
}

// SAFETY: a view is a pointer into memory that its lifetime keeps alive; shared reads need no synchronisation.
unsafe impl Send for ViewRef<'_> {}
// SAFETY: as above.
unsafe impl Sync for ViewRef<'_> {}
// SAFETY: as `&mut [f32]`, it has its values for itself.
unsafe impl Send for ViewMut<'_> {}
// SAFETY: behind a reference it gives no value.
unsafe impl Sync for ViewMut<'_> {}
// SAFETY: it gives pointers; who accesses a value through one keeps other threads off it.
unsafe impl Send for SharedMut<'_> {}
// SAFETY: as above.
unsafe impl Sync for SharedMut<'_> {}

/// True where channels `channel..channel + shape.c` of pixels `stride` apart lie inside `len` values. What cannot be counted
/// does not.
fn is_inside(len: usize, channel: usize, stride: usize, shape: Shape) -> bool {
    let end = channel.checked_add(shape.c).filter(|&end| end <= stride);
    let last = shape.h.checked_mul(shape.w).and_then(|pixels| pixels.saturating_sub(1).checked_mul(stride));
    let extent = end.zip(last).and_then(|(end, last)| end.checked_add(last));
    extent.is_some_and(|extent| extent <= len || shape.is_empty())
}

impl<'a> ViewRef<'a> {
    /// Views channels `channel..channel + shape.c` of `data`.
    ///
    /// # Panics
    /// If the view does not lie inside `data`.
    pub fn new(data: &'a [f32], channel: usize, stride: usize, shape: Shape) -> Self {
        assert!(is_inside(data.len(), channel, stride, shape));
        Self { data: data.as_ptr().wrapping_add(channel), stride, shape, lifetime: PhantomData }
    }

    /// Dense data.
    pub fn dense(data: &'a [f32], shape: Shape) -> Self {
        Self::new(data, 0, shape.c, shape)
    }

    /// Views channels of cells.
    ///
    /// # Panics
    /// If the view does not lie inside the cells.
    ///
    /// # Safety
    /// While the view is there, nothing writes its values.
    pub(super) unsafe fn of_cells(cells: &'a [UnsafeCell<f32>], channel: usize, stride: usize, shape: Shape) -> Self {
        assert!(is_inside(cells.len(), channel, stride, shape));
        let data = UnsafeCell::raw_get(cells.as_ptr()).wrapping_add(channel);
        Self { data, stride, shape, lifetime: PhantomData }
    }

    /// First value of pixel `index`, counted row by row; past the last pixel not to be read.
    #[inline(always)]
    pub(super) fn pixel(&self, index: usize) -> *const f32 {
        self.data.wrapping_add(index * self.stride)
    }

    /// A copy of all values, pixel by pixel.
    pub fn values(&self) -> Vec<f32> {
        (0..self.shape.h * self.shape.w).flat_map(|pixel| self.channels(pixel)).copied().collect()
    }

    /// The channels of pixel `index`.
    ///
    /// # Panics
    /// If there is no such pixel.
    pub fn channels(&self, index: usize) -> &'a [f32] {
        assert!(index < self.shape.h * self.shape.w);
        // SAFETY: all pixels lie inside the data, which lives for 'a, as was checked when the view was made.
        unsafe { std::slice::from_raw_parts(self.pixel(index), self.shape.c) }
    }
}

impl<'a> ViewMut<'a> {
    /// Views channels `channel..channel + shape.c` of `data`.
    ///
    /// # Panics
    /// If the view does not lie inside `data`.
    pub fn new(data: &'a mut [f32], channel: usize, stride: usize, shape: Shape) -> Self {
        assert!(is_inside(data.len(), channel, stride, shape));
        Self { data: data.as_mut_ptr().wrapping_add(channel), stride, shape, lifetime: PhantomData }
    }

    /// Dense data.
    pub fn dense(data: &'a mut [f32], shape: Shape) -> Self {
        Self::new(data, 0, shape.c, shape)
    }

    /// Views channels of cells.
    ///
    /// # Panics
    /// If the view does not lie inside the cells.
    ///
    /// # Safety
    /// While the view is there, nothing else accesses its values.
    pub(super) unsafe fn of_cells(cells: &'a [UnsafeCell<f32>], channel: usize, stride: usize, shape: Shape) -> Self {
        assert!(is_inside(cells.len(), channel, stride, shape));
        let data = UnsafeCell::raw_get(cells.as_ptr()).wrapping_add(channel);
        Self { data, stride, shape, lifetime: PhantomData }
    }

    /// First value of pixel `index`, counted row by row; past the last pixel not to be accessed.
    #[inline(always)]
    pub(super) fn pixel(&mut self, index: usize) -> *mut f32 {
        self.data.wrapping_add(index * self.stride)
    }

    /// The channels of pixel `index`.
    ///
    /// # Panics
    /// If there is no such pixel.
    pub fn channels(&mut self, index: usize) -> &mut [f32] {
        assert!(index < self.shape.h * self.shape.w);
        // SAFETY: all pixels lie inside the data, as was checked when the view was made, and the view has them alone.
        unsafe { std::slice::from_raw_parts_mut(self.pixel(index), self.shape.c) }
    }

    /// The same values to read, for kernels that add to what is there.
    ///
    /// # Safety
    /// Who writes a value has read it before, and reads it through [`ViewRef::pixel`] only.
    pub(super) unsafe fn read_too(&self) -> ViewRef<'a> {
        let Self { data, stride, shape, lifetime: _ } = *self;
        ViewRef { data, stride, shape, lifetime: PhantomData }
    }

    /// The same for several threads.
    pub(super) fn share(self) -> SharedMut<'a> {
        let Self { data, stride, shape, lifetime } = self;
        SharedMut { data, stride, shape, lifetime }
    }
}

impl<'a> SharedMut<'a> {
    /// First value of pixel `index`, counted row by row; past the last pixel not to be accessed.
    #[inline(always)]
    pub fn pixel(&self, index: usize) -> *mut f32 {
        self.data.wrapping_add(index * self.stride)
    }

    /// Row `y` alone.
    ///
    /// # Safety
    /// While the row is there, nothing else accesses its values.
    pub unsafe fn row(&self, y: usize) -> ViewMut<'a> {
        let Self { stride, shape, lifetime, .. } = *self;
        assert!(y < shape.h);
        ViewMut { data: self.pixel(y * shape.w), stride, shape: Shape { h: 1, ..shape }, lifetime }
    }
}

/// What follows the products of a convolution or linear layer: `shortcut + scale * x`, then ReLU.
#[derive(Clone, Copy, Default)]
pub struct Epilogue<'a> {
    /// Residual sum: the value added to, and the factor of the product.
    pub residual: Option<(ViewRef<'a>, f32)>,
    /// ReLU at the end.
    pub relu: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_lies_inside_its_data() {
        let shape = Shape::new(2, 3, 4);
        assert!(is_inside(11 * 5 + 3 + 2, 3, 5, shape));
        assert!(!is_inside(11 * 5 + 3 + 1, 3, 5, shape));
        assert!(!is_inside(usize::MAX, 4, 5, shape), "the last channel is the next pixel's");
        assert!(is_inside(0, 0, 2, Shape::new(2, 0, 4)));
        // A last value whose place, counted modulo the address space, is among the first.
        assert!(!is_inside(100, 0, usize::MAX / 2 + 1, Shape::new(2, 1, 3)));
        assert!(!is_inside(100, usize::MAX, 5, Shape::new(2, 1, 1)));
        assert!(!is_inside(100, 0, 2, Shape::new(2, usize::MAX / 2 + 1, 2)));
    }

    #[test]
    fn rows_are_apart() {
        let mut data: Vec<f32> = (0..30).map(|i| i as f32).collect();
        let shared = ViewMut::new(&mut data, 1, 5, Shape::new(2, 3, 2)).share();
        // SAFETY: each row is taken once.
        let mut rows: Vec<ViewMut> = (0..3).map(|y| unsafe { shared.row(y) }).collect();
        for row in &mut rows {
            assert_eq!((row.shape, row.stride), (Shape::new(2, 1, 2), 5));
            (0..2).for_each(|x| row.channels(x).iter_mut().for_each(|v| *v = -*v));
        }
        let negative = |i: usize| (1..3).contains(&(i % 5));
        assert!(data.iter().enumerate().all(|(i, &v)| v == if negative(i) { -(i as f32) } else { i as f32 }));
    }
}
