//! Features with mean 0 and standard deviation 1, or less where they hardly vary. A feature that is nearly the same in all
//! pictures tells nothing of them; made as large as the others it would decide about every picture in which it is not, and the
//! head would be certain of what it has never seen.

/// What is subtracted from each feature, and what it is then divided by.
pub struct Standardization {
    pub mean: Vec<f64>,
    pub scale: Vec<f64>,
}

impl Standardization {
    /// Mean and standard deviation of each of `dimensions` features over some pictures; no deviation is taken for less than the
    /// root mean square of all. Where every feature is the same in all pictures the scale is 1.
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
        let common = (scale.iter().sum::<f64>() / (count * dimensions.max(1) as f64)).sqrt();
        let least = if common > 0.0 { common } else { 1.0 };
        scale.iter_mut().for_each(|scale| *scale = (*scale / count).sqrt().max(least));
        Self { mean, scale }
    }

    /// Writes a picture's features, standardised.
    pub fn apply(&self, features: &[f32], out: &mut [f32]) {
        for (((out, &x), mean), scale) in out.iter_mut().zip(features).zip(&self.mean).zip(&self.scale) {
            *out = ((f64::from(x) - mean) / scale) as f32;
        }
    }
}
