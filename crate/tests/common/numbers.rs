//! Numbers to compute with, and how far two results are apart.

use inception::cpu::{LayerWeights, Norm};

/// Numbers in [-1, 1) from a fixed sequence per seed.
pub fn noise(seed: u64, len: usize) -> Vec<f32> {
    (0..len as u64).map(|i| super::signed_unit(seed, i)).collect()
}

/// The largest difference, relative to the largest value.
pub fn relative_error(found: &[f32], wanted: &[f32]) -> f32 {
    assert_eq!(found.len(), wanted.len());
    let largest = wanted.iter().fold(1e-6f32, |m, v| m.max(v.abs()));
    let difference = |(a, b): (&f32, &f32)| if a.is_nan() { f32::INFINITY } else { (a - b).abs() };
    found.iter().zip(wanted).map(difference).fold(0.0, f32::max) / largest
}

/// Weights of a layer whose outputs read `fan_in` values each; biases and batch norm where they are asked for.
pub fn weights(seed: u64, fan_in: usize, outputs: usize, bias: bool, epsilon: Option<f64>) -> LayerWeights {
    let positive = |seed| noise(seed, outputs).into_iter().map(|v| v * 0.4 + 1.0).collect::<Vec<f32>>();
    LayerWeights {
        weights: noise(seed, fan_in * outputs),
        biases: bias.then(|| noise(seed + 1, outputs)),
        norm: epsilon.map(|epsilon| Norm {
            gamma: Some(positive(seed + 2)),
            beta: noise(seed + 3, outputs),
            mean: noise(seed + 4, outputs),
            variance: positive(seed + 5),
            epsilon,
        }),
    }
}
