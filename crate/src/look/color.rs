//! Colours whose parts do not go together.

use super::error::{LookError, length};

/// Square root of the covariance of colours in ImageNet, over its longest column (lucid): pixel by pixel, what photographs
/// show together becomes three numbers that are independent.
const MATRIX: [[f32; 3]; 3] = [
    [0.562_828_6, 0.194_825_27, 0.043_294_507],
    [0.584_475_8, 0.0, -0.108_236_26],
    [0.584_475_8, -0.194_825_27, 0.064_941_76],
];

/// Colours from 0 to 1 in place of independent numbers of any size, `[3,H,W]` both: the logistic function of a matrix
/// product.
///
/// # Errors
/// [`LookError::Length`]: not three planes.
pub fn colors(planes: &mut [f32]) -> Result<(), LookError> {
    length("picture", planes.len(), planes.len().next_multiple_of(3))?;
    let pixels = planes.len() / 3;
    for i in 0..pixels {
        let [x, y, z] = [0, 1, 2].map(|c| planes[c * pixels + i]);
        for (plane, [by_x, by_y, by_z]) in MATRIX.iter().enumerate() {
            planes[plane * pixels + i] = 1.0 / (1.0 + (-(by_x * x + by_y * y + by_z * z)).exp());
        }
    }
    Ok(())
}

/// The gradient at the independent numbers, in place of the one at the colours, `[3,H,W]` all.
///
/// # Errors
/// [`LookError::Length`].
pub fn color_gradient(colors: &[f32], gradient: &mut [f32]) -> Result<(), LookError> {
    length("picture", colors.len(), colors.len().next_multiple_of(3))?;
    length("gradient", gradient.len(), colors.len())?;
    let pixels = colors.len() / 3;
    for i in 0..pixels {
        let [red, green, blue] =
            [i, pixels + i, 2 * pixels + i].map(|at| gradient[at] * colors[at] * (1.0 - colors[at]));
        for c in 0..3 {
            gradient[c * pixels + i] = MATRIX[0][c] * red + MATRIX[1][c] * green + MATRIX[2][c] * blue;
        }
    }
    Ok(())
}

/// RGBA of planes, without transparency.
pub(super) fn rgba(planes: &[f32]) -> Vec<u8> {
    let pixels = planes.len() / 3;
    let level = |at: usize| (planes[at] * 255.0 + 0.5) as u8;
    (0..pixels).flat_map(|i| [level(i), level(pixels + i), level(2 * pixels + i), 255]).collect()
}
