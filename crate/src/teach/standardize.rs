//! Features with mean 0 and standard deviation 1, as scikit-learn's `StandardScaler` makes them.

/// What is subtracted from each feature, and what it is then divided by.
pub struct Standardization {
    pub mean: Vec<f64>,
    pub scale: Vec<f64>,
}

/// A deviation below this share of the mean is rounding: the feature is the same everywhere.
const CONSTANT: f64 = 1e-10;

impl Standardization {
    /// Mean and standard deviation of each of `dimensions` features over some pictures; the scale of a feature that is the same
    /// in all of them is 1.
    pub fn of<'a>(rows: impl Iterator<Item = &'a [f32]> + Clone, dimensions: usize) -> Self {
        let count = rows.clone().count().max(1) as f64;
        let mut mean = vec![0.0; dimensions];
        for row in rows.clone() {
            mean.iter_mut().zip(row).for_each(|(mean, &x)| *mean += f64::from(x));
        }
        mean.iter_mut().for_each(|mean| *mean /= count);
        let mut scale = vec![0.0; dimensions];
        for row in rows {
            for ((scale, mean), &x) in scale.iter_mut().zip(&mean).zip(row) {
                let difference = f64::from(x) - mean;
                *scale += difference * difference;
            }
        }
        for (scale, mean) in scale.iter_mut().zip(&mean) {
            let deviation = (*scale / count).sqrt();
            *scale = if deviation <= CONSTANT * mean.abs() || deviation == 0.0 { 1.0 } else { deviation };
        }
        Self { mean, scale }
    }

    /// Writes a picture's features, standardised.
    pub fn apply(&self, features: &[f32], out: &mut [f32]) {
        for (((out, &x), mean), scale) in out.iter_mut().zip(features).zip(&self.mean).zip(&self.scale) {
            *out = ((f64::from(x) - mean) / scale) as f32;
        }
    }
}
