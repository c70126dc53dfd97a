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

/// The mean log loss of pictures at a temperature; of several labels, the sum over labels.
pub fn log_loss(judged: &[Judged], temperature: f64, several: bool) -> f64 {
    let loss = |Judged { logits, labels }: &Judged| -> f64 {
        let scaled = |class: usize| f64::from(logits[class]) / temperature;
        if several {
            let wrong = |class: usize| if shows(labels, class) { -scaled(class) } else { scaled(class) };
            return (0..logits.len()).map(|class| wrong(class).max(0.0) + (-wrong(class).abs()).exp().ln_1p()).sum();
        }
        let Some(&label) = labels.first() else { return 0.0 };
        let largest = (0..logits.len()).map(scaled).fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = (0..logits.len()).map(|class| (scaled(class) - largest).exp()).sum();
        sum.ln() + largest - scaled(label as usize)
    };
    judged.iter().map(loss).sum::<f64>() / judged.len().max(1) as f64
}

fn shows(labels: &[u32], class: usize) -> bool {
    labels.iter().any(|&label| label as usize == class)
}

/// The temperature of least log loss, from 0.1 to 10; 1 where nothing was held out. Of n pictures a share of 1 / (n + 2) counts as
/// if it were of the other classes (Platt, 1999, section 2.2): where all are answered rightly, the loss alone would have every
/// later answer certain. The loss is convex in one over the temperature: this halves the interval in which its derivative
/// changes its sign.
pub fn temperature(judged: &[Judged], several: bool) -> f64 {
    if judged.is_empty() {
        return 1.0;
    }
    let doubt = 1.0 / (judged.len() + 2) as f64;
    let slope_of = |Judged { logits, labels }: &Judged, temperature: f64| -> f64 {
        let others = if several { doubt } else { doubt / logits.len().saturating_sub(1).max(1) as f64 };
        let target = |class: usize| if shows(labels, class) { 1.0 - doubt } else { others };
        let probabilities = probabilities(logits, temperature, several);
        let classes = logits.iter().zip(probabilities).enumerate();
        classes.map(|(class, (&logit, p))| f64::from(logit) * (p - target(class))).sum()
    };
    let [mut low, mut high] = [1.0 / MOST, MOST];
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        match judged.iter().map(|one| slope_of(one, 1.0 / middle)).sum::<f64>() < 0.0 {
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
