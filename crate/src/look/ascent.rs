//! Steps uphill.

use super::error::{LookError, finite, length};

const BETA: [f64; 2] = [0.9, 0.999];
const EPSILON: f32 = 1e-8;

/// Adam (Kingma and Ba 2015), uphill, in PyTorch's form: x += rate * mhat / (sqrt(vhat) + 1e-8), with the betas 0.9 and 0.999.
#[derive(Clone, Debug)]
pub struct Adam {
    rate: f32,
    /// The betas to the power of the steps done.
    powers: [f64; 2],
    mean: Vec<f32>,
    square: Vec<f32>,
}

impl Adam {
    /// For so many values.
    pub fn new(rate: f32, values: usize) -> Self {
        Self { rate, powers: [1.0; 2], mean: vec![0.0; values], square: vec![0.0; values] }
    }

    /// After so many steps, with the running means of the gradients and of their squares.
    pub fn after(rate: f32, steps: usize, mean: Vec<f32>, square: Vec<f32>) -> Self {
        // Multiplied one by one, as the steps did: the next ones are then the same to the last bit.
        let powers = (0..steps).fold([1.0; 2], |powers: [f64; 2], _| [powers[0] * BETA[0], powers[1] * BETA[1]]);
        Self { rate, powers, mean, square }
    }

    /// The running means of the gradients and of their squares.
    pub fn moments(&self) -> [&[f32]; 2] {
        [&self.mean, &self.square]
    }

    /// One step along a gradient.
    ///
    /// # Errors
    /// [`LookError::Length`], [`LookError::NotFinite`]; then no step is done.
    pub fn step(&mut self, values: &mut [f32], gradient: &[f32]) -> Result<(), LookError> {
        finite(gradient, self.mean.len())?;
        length("values", values.len(), self.mean.len())?;
        self.powers = [0, 1].map(|i| self.powers[i] * BETA[i]);
        let rate = f64::from(self.rate) / (1.0 - self.powers[0]);
        let (rate, root) = (rate as f32, (1.0 - self.powers[1]).sqrt() as f32);
        let [by, by_square] = BETA.map(|beta| (1.0 - beta) as f32);
        let moments = self.mean.iter_mut().zip(&mut self.square);
        for ((value, &g), (mean, square)) in values.iter_mut().zip(gradient).zip(moments) {
            *mean += by * (g - *mean);
            *square += by_square * (g * g - *square);
            *value += rate * *mean / (square.sqrt() / root + EPSILON);
        }
        Ok(())
    }
}

/// One step of this size, measured by the mean of the gradient's absolute values: x += step / mean(|g|) g (Mordvintsev et al.
/// 2015, "Inceptionism"). A gradient of zeros leaves everything as it is.
///
/// # Errors
/// [`LookError::Length`], [`LookError::NotFinite`]; then no step is done.
pub fn ascend(values: &mut [f32], gradient: &[f32], step: f32) -> Result<(), LookError> {
    finite(gradient, values.len())?;
    let sum: f64 = gradient.iter().map(|v| f64::from(v.abs())).sum();
    if sum > 0.0 {
        let factor = f64::from(step) * gradient.len() as f64 / sum;
        values.iter_mut().zip(gradient).for_each(|(value, &g)| *value += (factor * f64::from(g)) as f32);
    }
    Ok(())
}
