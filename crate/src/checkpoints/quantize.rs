//! Weights to codes of one byte, with a scale and a minimum for each output channel.
//!
//! Three things make few codes go far. A channel's step follows its standard deviation, finer in small tensors, where precision costs few
//! bytes, so that files also compress well (uniform quantisation at a given entropy). Rounding keeps sums: activations after ReLU have a
//! positive mean, so what the errors of a kernel and of a channel sum up to would shift the output, while the rest averages out. Scales
//! and minima have few decimal digits, because there are thousands of them in a file, as text.

use super::formats::Affine;

/// Steps in the standard deviation of a channel, in a tensor of mean size.
const STEPS_IN_DEVIATION: f64 = 19.0;
/// How the step grows with the size of the tensor.
const SIZE_POWER: f64 = 0.25;
/// Steps that a channel's range has at most: some of the 256 codes are left for a short minimum and for rounding that keeps sums.
const MOST_STEPS: f64 = 252.0;
/// The code of zero in every channel whose range allows it: codes that mean the same compress better, and its minimum has few digits.
const ZERO: f64 = 125.0;
/// What scales are made of, with a power of ten.
const MANTISSAS: [f64; 8] = [10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0, 80.0];

/// The codes of a tensor `[out, in, ..]` whose rows, one for each output channel, hold `row` numbers in kernels of `kernel`. `share` is
/// its size over the mean of the file's quantised tensors.
pub(super) fn quantize(values: &[f32], row: usize, kernel: usize, share: f64) -> (Vec<Affine>, Vec<u8>) {
    let mut codes = Vec::with_capacity(values.len());
    let channels = values.chunks(row).map(|row| {
        let affine = affine(row, share);
        codes.extend(round(row, affine, kernel));
        affine
    });
    (channels.collect(), codes)
}

/// Scale and minimum of one channel.
fn affine(values: &[f32], share: f64) -> Affine {
    let min = f64::from(values.iter().copied().fold(f32::INFINITY, f32::min));
    let max = f64::from(values.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    if max <= min {
        return Affine { scale: 0.0, min };
    }
    let count = values.len() as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
    let deviation = (values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / count).sqrt();
    let least = (max - min) / MOST_STEPS;
    let step = short_step(least, least.max(deviation / STEPS_IN_DEVIATION * share.powf(SIZE_POWER)));
    let scale = decimal(step);
    let centred = -decimal((ZERO * step.0, step.1));
    let fits = centred + scale <= min && max <= centred + 254.0 * scale;
    Affine { scale, min: if fits { centred } else { short_between(max - 254.0 * scale, min) } }
}

/// The step of a short text that is nearest to `wanted` in ratio, and not below `least`: a mantissa and a power of ten.
fn short_step(least: f64, wanted: f64) -> (f64, i32) {
    let exponent = wanted.log10().floor() as i32 - 1;
    let steps = [exponent - 1, exponent, exponent + 1].into_iter().flat_map(|e| MANTISSAS.map(|m| (m, e)));
    let distance = |step: &(f64, i32)| (decimal(*step) / wanted).ln().abs();
    let fine = steps.filter(|&step| decimal(step) >= least);
    fine.min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or((10.0, exponent + 2))
}

/// The number of fewest digits between two, and of those the one nearest to the middle.
fn short_between(low: f64, high: f64) -> f64 {
    let largest = low.abs().max(high.abs()).log10().floor() as i32;
    let at = |exponent: i32| {
        let (low, high) = (over(low, exponent).ceil(), over(high, exponent).floor());
        (low <= high).then(|| decimal((((low + high) / 2.0).round().clamp(low, high), exponent)))
    };
    (0..16).find_map(|digits| at(largest - digits)).unwrap_or(high)
}

/// The double next to a whole mantissa times a power of ten, whose text is short.
fn decimal((mantissa, exponent): (f64, i32)) -> f64 {
    format!("{mantissa}e{exponent}").parse().unwrap_or(mantissa)
}

/// A number over a power of ten.
fn over(number: f64, exponent: i32) -> f64 {
    if exponent < 0 { number * 10f64.powi(-exponent) } else { number / 10f64.powi(exponent) }
}

/// The codes nearest to the values, but for those that bring back the sum of each kernel, then of the whole row.
fn round(values: &[f32], Affine { scale, min }: Affine, kernel: usize) -> Vec<u8> {
    if scale == 0.0 {
        return vec![0; values.len()];
    }
    let wanted: Vec<f64> = values.iter().map(|&v| (f64::from(v) - min) / scale).collect();
    let mut codes: Vec<u8> = wanted.iter().map(|v| v.round() as u8).collect();
    if kernel > 1 {
        for (wanted, codes) in wanted.chunks(kernel).zip(codes.chunks_mut(kernel)) {
            keep_sum(wanted, codes);
        }
    }
    keep_sum(&wanted, &mut codes);
    codes
}

/// Moves the codes by one whose distance that changes least, until their sum is that of the values, to half a step.
fn keep_sum(wanted: &[f64], codes: &mut [u8]) {
    let error = |i: usize, code: u8| f64::from(code) - wanted[i];
    let excess = codes.iter().enumerate().map(|(i, &code)| error(i, code)).sum::<f64>().round();
    let mut order: Vec<usize> = (0..codes.len()).collect();
    let count = (excess.abs() as usize).min(codes.len());
    if count == 0 {
        return;
    }
    if excess > 0.0 {
        order.sort_by(|&a, &b| error(b, codes[b]).total_cmp(&error(a, codes[a])));
        order[..count].iter().for_each(|&i| codes[i] = codes[i].saturating_sub(1));
    } else {
        order.sort_by(|&a, &b| error(a, codes[a]).total_cmp(&error(b, codes[b])));
        order[..count].iter().for_each(|&i| codes[i] = codes[i].saturating_add(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What the codes stand for is near the values, and sums up to what they do, one by one, kernel by kernel and row by row.
        #[test]
        fn values_and_sums_survive(
            rows in 1usize..4, inputs in 1usize..20, kernel in 1usize..10,
            exponent in -20i32..20, shift in -3.0f64..3.0, share in 0.01f64..20.0, seed in any::<u32>(),
        ) {
            let row = inputs * kernel;
            let unit = 10f64.powi(exponent);
            let mut state = u64::from(seed) | 1;
            let values: Vec<f32> = (0..rows * row).map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (((state >> 33) as f64 / 2f64.powi(30) - 1.0 + shift) * unit) as f32
            }).collect();
            let (channels, codes) = quantize(&values, row, kernel, share);
            prop_assert_eq!((channels.len(), codes.len()), (rows, values.len()));
            for ((values, codes), affine) in values.chunks(row).zip(codes.chunks(row)).zip(&channels) {
                let errors: Vec<f64> = values.iter().zip(codes)
                    .map(|(&v, &code)| f64::from(code) * affine.scale + affine.min - f64::from(v)).collect();
                let slack = 1e-6 * (affine.scale + affine.min.abs());
                prop_assert!(errors.iter().all(|e| e.abs() <= 1.5 * affine.scale + slack), "{errors:?}");
                prop_assert!(errors.iter().sum::<f64>().abs() <= affine.scale / 2.0 + slack * row as f64);
                let range = f64::from(values.iter().copied().fold(f32::MIN, f32::max)) - f64::from(values.iter().copied().fold(f32::MAX, f32::min));
                prop_assert!(affine.scale == 0.0 || affine.scale * 255.0 >= range);
                prop_assert!(format!("{:e}", affine.scale).len() <= 8, "{:e}", affine.scale);
            }
        }
    }

    #[test]
    fn channels_of_one_value_are_exact() {
        let (channels, codes) = quantize(&[0.1, 0.1, -3.0, -3.0, 0.0, 0.0], 2, 1, 1.0);
        let found: Vec<f32> =
            codes.chunks(2).zip(&channels).flat_map(|(c, a)| [a.value(c[0].into()), a.value(c[1].into())]).collect();
        assert_eq!(found, [0.1, 0.1, -3.0, -3.0, 0.0, 0.0]);
    }
}
