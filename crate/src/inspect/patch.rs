use super::Picture;
use crate::graph::ReceptiveField;
use crate::image::Rgb8;
use crate::info::Tensor;

/// Pixels a side that a patch is shrunk to where it is larger.
const LARGEST: usize = 64;
/// Transparent pixels between patches.
const GAP: usize = 1;

/// Where a channel is largest, row and column; the first of equal values. `None` where nothing is above zero.
pub fn peak(tensor: &Tensor, channel: usize) -> Option<[usize; 2]> {
    let [_, h, w] = tensor.shape;
    let values = tensor.data.chunks_exact(h * w).nth(channel)?;
    let best = values.iter().enumerate().fold((0, 0.0), |best, (i, &v)| if v > best.1 { (i, v) } else { best });
    (best.1 > 0.0).then_some([best.0 / w, best.0 % w])
}

/// For each channel the part of a picture that excites it most: what the position of its [`peak`] sees. `picture` is what
/// the network sees, at the network's size. About as wide as high; what lies outside the picture, and the place of a
/// channel without a peak, is transparent. Large parts are shrunk to 64 pixels, taking the nearest ones.
pub fn best_patches(tensor: &Tensor, field: &ReceptiveField, picture: &Rgb8) -> Picture {
    let channels = tensor.shape[0];
    let columns = ((channels as f64).sqrt().ceil() as usize).max(1);
    let [high, wide] = field.size.map(|size| size.min(LARGEST));
    let side = |count: usize, extent: usize| (count * (extent + GAP)).saturating_sub(GAP);
    let (width, height) = (side(columns.min(channels), wide), side(channels.div_ceil(columns), high));
    let mut rgba = vec![0; width * height * 4];
    for (channel, peak) in (0..channels).filter_map(|channel| Some((channel, peak(tensor, channel)?))) {
        let [top, left] = [channel / columns * (high + GAP), channel % columns * (wide + GAP)];
        for (row, column) in (0..high).flat_map(|row| (0..wide).map(move |column| (row, column))) {
            let seen = |axis: usize, place: usize, extent: usize| {
                let first = field.start[axis] + (peak[axis] * field.stride[axis]) as isize;
                usize::try_from(first + (place * field.size[axis] / extent) as isize).ok()
            };
            let [Some(y), Some(x)] = [seen(0, row, high), seen(1, column, wide)] else { continue };
            if y < picture.height as usize && x < picture.width as usize {
                let from = (y * picture.width as usize + x) * 3;
                let to = ((top + row) * width + left + column) * 4;
                rgba[to..to + 3].copy_from_slice(&picture.pixels[from..from + 3]);
                rgba[to + 3] = 255;
            }
        }
    }
    Picture { width, height, rgba }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_are_what_the_largest_values_see() {
        let tensor =
            Tensor { shape: [3, 2, 2], data: vec![1.0, 0.0, 7.0, 7.0, -1.0, 0.0, 0.0, -2.0, 0.0, 5.0, 0.0, 0.0] };
        assert_eq!([0, 1, 2, 3].map(|c| peak(&tensor, c)), [Some([1, 0]), None, Some([0, 1]), None]);
        let field = ReceptiveField { size: [3, 3], stride: [2, 2], start: [-1, -1] };
        let pixels = (0..16).flat_map(|i| [i, 100, 200]).collect();
        let drawn = best_patches(&tensor, &field, &Rgb8 { width: 4, height: 4, pixels });
        assert_eq!((drawn.width, drawn.height), (7, 7));
        let red = |left: usize, top: usize| {
            let at = |i: usize| ((top + i / 3) * 7 + left + i % 3) * 4;
            (0..9).map(|i| (drawn.rgba[at(i) + 3] == 255).then(|| drawn.rgba[at(i)])).collect::<Vec<_>>()
        };
        let none = None;
        let first = [none, Some(4), Some(5), none, Some(8), Some(9), none, Some(12), Some(13)];
        assert_eq!(red(0, 0), first, "position (1, 0) sees rows 1 to 3 and columns -1 to 1");
        assert_eq!(red(4, 0), [none; 9], "a channel without a value above zero has no patch");
        let third = [none, none, none, Some(1), Some(2), Some(3), Some(5), Some(6), Some(7)];
        assert_eq!(red(0, 4), third, "position (0, 1) sees rows -1 to 1 and columns 1 to 3");
    }

    #[test]
    fn large_patches_are_shrunk() {
        let tensor = Tensor { shape: [1, 1, 1], data: vec![1.0] };
        let field = ReceptiveField { size: [128, 32], stride: [1, 1], start: [0, 0] };
        let pixels = (0..128 * 32).flat_map(|i| [(i / 32) as u8, (i % 32) as u8, 0]).collect();
        let drawn = best_patches(&tensor, &field, &Rgb8 { width: 32, height: 128, pixels });
        assert_eq!((drawn.width, drawn.height), (32, 64));
        assert_eq!(drawn.rgba[(10 * 32 + 5) * 4..][..4], [20, 5, 0, 255]);
    }
}
