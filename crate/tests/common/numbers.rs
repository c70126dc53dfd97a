//! Numbers to compute with, and how far two results are apart.

use inception::graph::{LayerWeights, Norm};

/// Output number `i + 1` of splitmix64 started at `seed`.
pub fn splitmix64(seed: u64, i: u64) -> u64 {
    let z = seed.wrapping_add((i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Number `i` in [-1, 1) of the sequence of a seed.
pub fn signed_unit(seed: u64, i: u64) -> f32 {
    (splitmix64(seed, i) >> 40) as f32 * (1.0 / 8_388_608.0) - 1.0
}

/// Numbers in [-1, 1) from a fixed sequence per seed.
pub fn noise(seed: u64, len: usize) -> Vec<f32> {
    (0..len as u64).map(|i| signed_unit(seed, i)).collect()
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
