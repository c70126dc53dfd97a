//! Long vectors of f32, whose sums are taken in f64.

const LANES: usize = 16;
/// Products that are summed in f32 before they go into the sum in f64.
const BLOCK: usize = 1024;

/// The inner product.
pub fn dot(a: &[f32], b: &[f32]) -> f64 {
    let mut sum = 0.0;
    for (a, b) in a.chunks(BLOCK).zip(b.chunks(BLOCK)) {
        let mut lanes = [0.0f32; LANES];
        let (a, a_rest) = a.as_chunks::<LANES>();
        let (b, b_rest) = b.as_chunks::<LANES>();
        for (a, b) in a.iter().zip(b) {
            for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
                *lane += a * b;
            }
        }
        sum += lanes.iter().map(|&lane| f64::from(lane)).sum::<f64>();
        sum += a_rest.iter().zip(b_rest).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
    }
    sum
}

/// `to += factor * from`.
pub fn add(to: &mut [f32], factor: f32, from: &[f32]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += factor * from);
}

/// e to the power of each value, within two units in the last place of f32; below -87 it is that of -87.
#[inline(always)]
pub fn exp(value: f32) -> f32 {
    const TO_INTEGER: f32 = 12_582_912.0;
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    let value = value.clamp(-87.0, 88.0);
    // Adding 1.5 * 2^23 leaves the nearest integer in the low bits.
    let shifted = value * std::f32::consts::LOG2_E + TO_INTEGER;
    let power = shifted - TO_INTEGER;
    let x = value - power * LN_2[0] - power * LN_2[1];
    // Taylor's series is exact enough on ±ln(2)/2.
    let series = [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0];
    let mantissa = series.iter().fold(1.0 / 5040.0, |sum, term| sum * x + term);
    let exponent = (shifted.to_bits() << 23).wrapping_add(127 << 23);
    mantissa * f32::from_bits(exponent)
}

#[cfg(test)]
mod tests {
    use super::{dot, exp};

    #[test]
    fn exp_equals_that_of_f64() {
        for i in -8700..8800 {
            let x = i as f32 / 100.0;
            let wanted = f64::from(x).exp();
            assert!((f64::from(exp(x)) / wanted - 1.0).abs() < 3e-7, "{x}");
        }
    }

    #[test]
    fn dot_equals_that_of_f64() {
        let [a, b] = [3, 5].map(|k| (0..3001).map(|i| ((i * k) % 17) as f32 - 8.0).collect::<Vec<f32>>());
        let wanted: f64 = a.iter().zip(&b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
        assert_eq!(dot(&a, &b), wanted);
    }
}
