use super::{Crop, Order, Preprocess, Resize};

/// One axis of resize and crop: of `size` source samples from `origin`, resized to `resized`, `kept` are kept from `offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis {
    /// First source sample that the filter may read.
    pub origin: u32,
    /// Source samples that the filter may read.
    pub size: u32,
    /// Samples that they are resized to.
    pub resized: u64,
    /// First resized sample kept.
    pub offset: u64,
    /// Resized samples kept: the input's side.
    pub kept: u32,
}

impl Axis {
    fn whole(size: u32, kept: u32) -> Self {
        Self { origin: 0, size, resized: u64::from(kept), offset: 0, kept }
    }

    fn resize_crop(size: u32, resized: u64, kept: u32) -> Self {
        let offset = half_to_even(resized.saturating_sub(u64::from(kept)));
        Self { origin: 0, size, resized, offset, kept }
    }

    fn crop_resize(origin: u32, size: u32, kept: u32) -> Self {
        Self { origin, size, resized: u64::from(kept), offset: 0, kept }
    }

    /// Start and length of what is kept, in source samples from `origin`.
    pub fn window(&self) -> (f64, f64) {
        let scale = |samples: u64| (samples * u64::from(self.size)) as f64 / self.resized as f64;
        (scale(self.offset), scale(u64::from(self.kept)))
    }

    /// The window in whole source samples: start, length of at least one.
    pub fn seen(&self) -> [u32; 2] {
        let (start, length) = self.window();
        let first = (start.round() as u32).min(self.size - 1);
        let end = ((start + length).round() as u32).clamp(first + 1, self.size);
        [self.origin + first, end - first]
    }
}

/// Horizontal and vertical axis of a preprocessing for a picture of `size` (width, height), both at least one.
pub(super) fn axes(p: &Preprocess, [w, h]: [u32; 2]) -> [Axis; 2] {
    let kept = [p.width, p.height];
    let (short, to, least) = (w.min(h), u64::from(p.resize_to), kept[0].min(kept[1]));
    let each = |axis: &dyn Fn(u32, u32) -> Axis| [axis(w, kept[0]), axis(h, kept[1])];
    match (p.crop, p.order, p.resize) {
        (Crop::None, ..) => each(&Axis::whole),
        (Crop::Center, Order::ResizeCrop, Resize::ShortestSide) => {
            each(&|size, kept| Axis::resize_crop(size, to * u64::from(size) / u64::from(short), kept))
        }
        (Crop::Center, Order::ResizeCrop, Resize::Stretch) => {
            each(&|size, kept| Axis::resize_crop(size, rounded(u64::from(kept) * to, least), kept))
        }
        (Crop::Center, Order::CropResize, Resize::ShortestSide) => each(&|size, kept| {
            let side = rounded(u64::from(kept) * u64::from(short), p.resize_to);
            let side = side.clamp(1, u64::from(size)) as u32;
            Axis::crop_resize((size - side) / 2, side, kept)
        }),
        (Crop::Center, Order::CropResize, Resize::Stretch) => each(&|size, kept| {
            let cut = u64::from(size) * to.saturating_sub(u64::from(least)) / (2 * to);
            let start = cut as u32;
            Axis::crop_resize(start, size - 2 * start, kept)
        }),
    }
}

/// `n / d`, rounded to the nearest.
fn rounded(n: u64, d: u32) -> u64 {
    (n + u64::from(d) / 2) / u64::from(d)
}

/// Half of `n`, ties to even, as Python's `round` in torchvision's `CenterCrop`.
fn half_to_even(n: u64) -> u64 {
    let half = n / 2;
    half + (n % 2) * (half % 2)
}
