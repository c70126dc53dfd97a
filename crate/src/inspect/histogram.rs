/// How often values fall into each of several ranges of equal width.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// The smallest value.
    pub low: f32,
    /// The largest value.
    pub high: f32,
    /// Values in each range; the last includes `high`.
    pub counts: Vec<u32>,
}

/// Counts `values` in `bins` ranges from the smallest to the largest.
pub fn histogram(values: &[f32], bins: usize) -> Histogram {
    let low = values.iter().copied().fold(f32::INFINITY, f32::min);
    let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut counts = vec![0; bins.max(1)];
    let factor = if high > low { counts.len() as f32 / (high - low) } else { 0.0 };
    for value in values {
        let bin = ((value - low) * factor) as usize;
        let last = counts.len() - 1;
        counts[bin.min(last)] += 1;
    }
    Histogram { low, high, counts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_counted_once() {
        let found = histogram(&[0.0, 0.9, 1.0, 3.9, 4.0], 4);
        assert_eq!(found, Histogram { low: 0.0, high: 4.0, counts: vec![2, 1, 0, 2] });
        assert_eq!(histogram(&[2.0; 7], 3).counts, [7, 0, 0]);
    }
}
