use crate::graph::ReceptiveField;
use crate::info::Tensor;

/// The part of the input that a channel's largest value has seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Patch {
    /// The largest value.
    pub value: f32,
    /// Its row and column in the map.
    pub position: [usize; 2],
    /// First row and column of the input that it sees, clipped to the input.
    pub start: [usize; 2],
    /// Rows and columns of the input that it sees.
    pub size: [usize; 2],
}

/// The patch of an input of `[height, width]` that excites a channel most; the first of equal values. None for a channel
/// that the tensor does not have.
pub fn best_patch(tensor: &Tensor, channel: usize, field: &ReceptiveField, input: [usize; 2]) -> Option<Patch> {
    let [_, h, w] = tensor.shape;
    let values = tensor.data.chunks(h * w).nth(channel)?;
    let best = |best: (usize, f32), (i, &v): (usize, &f32)| if v > best.1 { (i, v) } else { best };
    let (at, value) = values.iter().enumerate().fold((0, f32::NEG_INFINITY), best);
    let position = [at / w, at % w];
    let axis = |i: usize| {
        let first = field.start[i] + (position[i] * field.stride[i]) as isize;
        let end = (first + field.size[i] as isize).clamp(0, input[i] as isize);
        let first = first.clamp(0, end);
        (first as usize, (end - first) as usize)
    };
    let (rows, columns) = (axis(0), axis(1));
    Some(Patch { value, position, start: [rows.0, columns.0], size: [rows.1, columns.1] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patch_is_what_the_largest_value_sees() {
        let tensor = Tensor { shape: [2, 2, 2], data: vec![0.0; 4].into_iter().chain([1.0, 5.0, 5.0, 2.0]).collect() };
        let field = ReceptiveField { size: [5, 5], stride: [4, 4], start: [-2, -2] };
        let patch = best_patch(&tensor, 1, &field, [8, 6]);
        assert_eq!(patch, Some(Patch { value: 5.0, position: [0, 1], start: [0, 2], size: [3, 4] }));
        assert_eq!(best_patch(&tensor, 2, &field, [8, 6]), None);
    }
}
