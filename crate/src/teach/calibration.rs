//! What logits mean: temperature scaling (Guo et al., 2017), and the probability below which an answer is none.

/// The largest and one over the smallest temperature.
const MOST: f64 = 10.0;

/// Held-out logits of one picture with the classes that it shows.
pub struct Judged<'a> {
    pub logits: &'a [f32],
    pub labels: &'a [u32],
}

/// Probabilities of logits at a temperature: softmax, or with several labels a sigmoid each.
pub fn probabilities(logits: &[f32], temperature: f64, several: bool) -> Vec<f64> {
    let scaled: Vec<f64> = logits.iter().map(|&logit| f64::from(logit) / temperature).collect();
    if several {
        return scaled.iter().map(|logit| 1.0 / (1.0 + (-logit).exp())).collect();
    }
    let largest = scaled.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = scaled.iter().map(|logit| (logit - largest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// The mean log loss of pictures at a temperature (of several labels: the sum over labels), and its derivative by one over the
/// temperature.
pub fn log_loss(judged: &[Judged], temperature: f64, several: bool) -> [f64; 2] {
    let [mut loss, mut slope] = [0.0; 2];
    for Judged { logits, labels } in judged {
        let probabilities = probabilities(logits, temperature, several);
        let is_true = |class: usize| labels.iter().any(|&label| label as usize == class);
        let scaled = |class: usize| f64::from(logits[class]) / temperature;
        for (class, (&logit, probability)) in logits.iter().zip(&probabilities).enumerate() {
            slope += f64::from(logit) * (probability - if is_true(class) { 1.0 } else { 0.0 });
            if several {
                let wrong = if is_true(class) { -scaled(class) } else { scaled(class) };
                loss += wrong.max(0.0) + (-wrong.abs()).exp().ln_1p();
            }
        }
        if let (false, Some(&label)) = (several, labels.first()) {
            let largest = (0..logits.len()).map(scaled).fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = (0..logits.len()).map(|class| (scaled(class) - largest).exp()).sum();
            loss += sum.ln() + largest - scaled(label as usize);
        }
    }
    let count = judged.len().max(1) as f64;
    [loss / count, slope / count]
}

/// The temperature of least log loss, from 0.1 to 10; 1 where nothing was held out. The loss is convex in one over the temperature:
/// this halves the interval in which its derivative changes its sign.
pub fn temperature(judged: &[Judged], several: bool) -> f64 {
    if judged.is_empty() {
        return 1.0;
    }
    let [mut low, mut high] = [1.0 / MOST, MOST];
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        match log_loss(judged, 1.0 / middle, several)[1] < 0.0 {
            true => low = middle,
            false => high = middle,
        }
    }
    2.0 / (low + high)
}

/// The probability from which an answer is given, by the highest probabilities of one's own pictures and of others: so that 95 %
/// of the own are answered; with others, as many as 80 %, where the mean of own answered and others refused is largest.
pub fn threshold(own: &[f64], none: &[f64]) -> f64 {
    let mut own = own.to_vec();
    own.sort_by(f64::total_cmp);
    let Some(last) = own.len().checked_sub(1) else { return 0.0 };
    let [first, end] = [20, 5].map(|share| own.len() / share);
    let mut best = (f64::NEG_INFINITY, own[first.min(last)]);
    for &candidate in &own[first..=if none.is_empty() { first } else { end.min(last) }] {
        let score = share(&own, |p| p >= candidate) + share(none, |p| p < candidate);
        if score > best.0 {
            best = (score, candidate);
        }
    }
    best.1
}

/// The share of values of which something is true; 0 of no values.
pub fn share(values: &[f64], is: impl Fn(f64) -> bool) -> f64 {
    values.iter().filter(|&&value| is(value)).count() as f64 / values.len().max(1) as f64
}
