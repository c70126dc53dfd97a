use crate::cpu::view::{ViewMut, ViewRef};
use crate::graph::windows;

/// Average over as many windows that cover the input as the output has positions: of one, the global average.
pub fn average(input: ViewRef, mut out: ViewMut) {
    for (pixel, [rows, columns]) in windows(input.shape, out.shape).enumerate() {
        let to = out.channels(pixel);
        to.fill(0.0);
        let factor = 1.0 / (rows.len() * columns.len()) as f32;
        for y in rows {
            for x in columns.clone() {
                to.iter_mut().zip(input.channels(y * input.shape.w + x)).for_each(|(sum, &v)| *sum += v);
            }
        }
        to.iter_mut().for_each(|v| *v *= factor);
    }
}
