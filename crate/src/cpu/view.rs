use crate::graph::Shape;
use std::marker::PhantomData;

/// A read-only NHWC view whose pixels lie `stride` values apart.
#[derive(Clone, Copy)]
pub struct ViewRef<'a> {
    data: *const f32,
    /// Values from one pixel to the next.
    pub stride: usize,
    /// Size of the view.
    pub shape: Shape,
    lifetime: PhantomData<&'a f32>,
}

/// A writable NHWC view whose pixels lie `stride` values apart. Several threads may write disjoint pixels or channels.
#[derive(Clone, Copy)]
pub struct ViewMut<'a> {
    data: *mut f32,
    /// Values from one pixel to the next.
    pub stride: usize,
    /// Size of the view.
    pub shape: Shape,
    lifetime: PhantomData<&'a mut f32>,
}

// SAFETY: a view is a pointer into memory that its lifetime keeps alive; shared reads need no synchronisation.
unsafe impl Send for ViewRef<'_> {}
// SAFETY: as above.
unsafe impl Sync for ViewRef<'_> {}
// SAFETY: kernels write each value from one thread only.
unsafe impl Send for ViewMut<'_> {}
// SAFETY: as above.
unsafe impl Sync for ViewMut<'_> {}

fn extent(shape: Shape, channel: usize, stride: usize) -> usize {
    match shape.is_empty() {
        true => 0,
        false => (shape.h * shape.w - 1) * stride + channel + shape.c,
    }
}

impl<'a> ViewRef<'a> {
    /// Views channels `channel..channel + shape.c` of `data`.
    ///
    /// # Panics
    /// If the view does not lie inside `data`.
    pub fn new(data: &'a [f32], channel: usize, stride: usize, shape: Shape) -> Self {
        assert!(channel + shape.c <= stride && extent(shape, channel, stride) <= data.len());
        // SAFETY: `channel` lies inside `data` by the assertion.
        let data = unsafe { data.as_ptr().add(channel.min(data.len())) };
        Self { data, stride, shape, lifetime: PhantomData }
    }

    /// Dense data.
    pub fn dense(data: &'a [f32], shape: Shape) -> Self {
        Self::new(data, 0, shape.c, shape)
    }

    /// A view at a place in an arena.
    ///
    /// # Safety
    /// The view must lie inside memory that outlives 'a, and nothing may write its values meanwhile.
    pub unsafe fn from_raw(data: *const f32, stride: usize, shape: Shape) -> Self {
        Self { data, stride, shape, lifetime: PhantomData }
    }

    /// First value of pixel `index`, counted row by row.
    ///
    /// # Safety
    /// `index` must be less than `shape.h * shape.w`, or the pointer must not be read.
    #[inline(always)]
    pub unsafe fn pixel(&self, index: usize) -> *const f32 {
        self.data.wrapping_add(index * self.stride)
    }

    /// The channels of pixel `index`.
    pub fn channels(&self, index: usize) -> &'a [f32] {
        assert!(index < self.shape.h * self.shape.w);
        // SAFETY: `new` checked that all pixels lie inside the data, which lives for 'a.
        unsafe { std::slice::from_raw_parts(self.pixel(index), self.shape.c) }
    }
}

impl<'a> ViewMut<'a> {
    /// Views channels `channel..channel + shape.c` of `data`.
    ///
    /// # Panics
    /// If the view does not lie inside `data`.
    pub fn new(data: &'a mut [f32], channel: usize, stride: usize, shape: Shape) -> Self {
        assert!(channel + shape.c <= stride && extent(shape, channel, stride) <= data.len());
        // SAFETY: `channel` lies inside `data` by the assertion.
        let data = unsafe { data.as_mut_ptr().add(channel.min(data.len())) };
        Self { data, stride, shape, lifetime: PhantomData }
    }

    /// Dense data.
    pub fn dense(data: &'a mut [f32], shape: Shape) -> Self {
        Self::new(data, 0, shape.c, shape)
    }

    /// A view at a place in an arena.
    ///
    /// # Safety
    /// The view must lie inside memory that outlives 'a, and nothing else may access its values meanwhile.
    pub unsafe fn from_raw(data: *mut f32, stride: usize, shape: Shape) -> Self {
        Self { data, stride, shape, lifetime: PhantomData }
    }

    /// The same values to read.
    pub fn as_ref(&self) -> ViewRef<'a> {
        ViewRef { data: self.data, stride: self.stride, shape: self.shape, lifetime: PhantomData }
    }

    /// First value of pixel `index`, counted row by row.
    ///
    /// # Safety
    /// `index` must be less than `shape.h * shape.w`, or the pointer must not be accessed.
    #[inline(always)]
    pub unsafe fn pixel(&self, index: usize) -> *mut f32 {
        self.data.wrapping_add(index * self.stride)
    }

    /// The channels of pixel `index`.
    ///
    /// # Safety
    /// No other slice of the same pixel may be alive.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn channels(&self, index: usize) -> &'a mut [f32] {
        assert!(index < self.shape.h * self.shape.w);
        // SAFETY: the pixel lies inside the memory by the constructor's contract; the caller has it alone.
        unsafe { std::slice::from_raw_parts_mut(self.pixel(index), self.shape.c) }
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
