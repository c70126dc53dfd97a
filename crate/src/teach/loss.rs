//! The loss of a head's logits: cross-entropy of softmax, or of one sigmoid per class.

use super::examples::Examples;
use super::matrix::{TILE, padded};
use super::vector::exp;

/// The loss over some of the pictures as a function of all pictures' logits, `[pictures, width]` where `width` is
/// [`Loss::width`].
pub struct Loss {
    classes: usize,
    several: bool,
    /// Whether a picture is one of them.
    included: Vec<bool>,
    /// 1 where a picture has a class, else 0; `[pictures, width]`.
    truth: Vec<f32>,
    /// With one label each: the weight and the class of every picture.
    labels: Vec<(f32, usize)>,
    /// With several: each class's weight for the pictures that do not have it, and for those that do.
    weights: Vec<[f32; 2]>,
    /// How many of the pictures are included.
    pub total: f64,
}

/// A function of one number and its first two derivatives there.
#[derive(Clone, Copy, Default)]
pub struct Line {
    pub value: f64,
    pub slope: f64,
    pub curvature: f64,
}

impl Loss {
    /// The loss of the pictures that are `included`; with `balanced`, every class (of several labels: both answers of each) weighs
    /// the same.
    pub fn new(examples: &Examples, included: Vec<bool>, several: bool, balanced: bool) -> Self {
        let classes = examples.classes();
        let width = padded(classes, TILE);
        let mut truth = vec![0.0; padded(included.len(), TILE) * width];
        let mut counts = vec![0usize; classes];
        for (picture, truth) in truth.chunks_mut(width).take(included.len()).enumerate() {
            for &label in examples.labels(picture) {
                counts[label as usize] += usize::from(included[picture] && truth[label as usize] == 0.0);
                truth[label as usize] = 1.0;
            }
        }
        let all = included.iter().filter(|&&is| is).count();
        let present = counts.iter().filter(|&&count| count > 0).count();
        // As scikit-learn's `balanced`: pictures / (classes * pictures of the class).
        let weight = |count: usize, classes: usize| match balanced && count > 0 {
            true => (all as f64 / (classes * count) as f64) as f32,
            false => 1.0,
        };
        let label = |picture: usize| examples.labels(picture).first().map_or(0, |&label| label as usize);
        let (labels, weights) = match several {
            false => ((0..included.len()).map(label).map(|c| (weight(counts[c], present), c)).collect(), Vec::new()),
            true => (Vec::new(), counts.iter().map(|&n| [weight(all - n, 2), weight(n, 2)]).collect()),
        };
        Self { classes, several, included, truth, labels, weights, total: all as f64 }
    }

    /// Logits of a picture: classes, with zeros after them.
    pub fn width(&self) -> usize {
        padded(self.classes, TILE)
    }

    /// The loss at `logits + step * change`, with its derivatives by `step`.
    pub fn along(&self, logits: &[f32], change: &[f32], step: f32) -> Line {
        let width = self.width();
        let rows = logits.chunks(width).zip(change.chunks(width));
        let mut total = Line::default();
        let mut at = vec![0.0; self.classes];
        let mut add = |weight: f32, line: Line| {
            let weight = f64::from(weight);
            total.value += weight * line.value;
            total.slope += weight * line.slope;
            total.curvature += weight * line.curvature;
        };
        if self.several {
            let rows = rows.zip(self.truth.chunks(width)).zip(&self.included);
            for (((logits, change), truth), _) in rows.filter(|(_, is)| **is) {
                for (c, weights) in self.weights.iter().enumerate() {
                    let positive = truth[c] > 0.0;
                    add(
                        weights[usize::from(positive)],
                        sigmoid_line(logits[c] + step * change[c], change[c], positive),
                    );
                }
            }
        } else {
            let rows = rows.zip(&self.labels).zip(&self.included);
            for (((logits, change), &(weight, label)), _) in rows.filter(|(_, is)| **is) {
                for ((at, logit), change) in at.iter_mut().zip(logits).zip(change) {
                    *at = logit + step * change;
                }
                add(weight, softmax_line(&mut at, &change[..self.classes], label));
            }
        }
        total
    }

    /// The derivative of the loss by each logit.
    pub fn residuals(&self, logits: &[f32], residuals: &mut [f32]) {
        let width = self.width();
        residuals.fill(0.0);
        let rows = logits.chunks(width).zip(residuals.chunks_mut(width)).zip(self.truth.chunks(width));
        let rows = rows.zip(&self.included).enumerate().filter(|(_, (_, is))| **is);
        if self.several {
            for (_, (((logits, residuals), truth), _)) in rows {
                for (c, weights) in self.weights.iter().enumerate() {
                    let probability = 1.0 / (1.0 + exp(-logits[c]));
                    let weight = weights[usize::from(truth[c] > 0.0)];
                    residuals[c] = (probability - truth[c]) * weight;
                }
            }
        } else {
            for (picture, (((logits, residuals), truth), _)) in rows {
                let (weight, _) = self.labels[picture];
                let (logits, residuals) = (&logits[..self.classes], &mut residuals[..self.classes]);
                let sum = exponentials(logits, residuals).1;
                let factor = weight / sum;
                for (residual, truth) in residuals.iter_mut().zip(truth) {
                    *residual = *residual * factor - truth * weight;
                }
            }
        }
    }

    /// The second derivative of the loss by a class's logit of each picture, where it has these `residuals`.
    pub fn curvatures(&self, residuals: &[f32], class: usize, curvatures: &mut [f32]) {
        let width = self.width();
        let rows = residuals.chunks(width).zip(self.truth.chunks(width)).zip(&self.included).enumerate();
        for (curvature, (picture, ((residuals, truth), is_included))) in curvatures.iter_mut().zip(rows) {
            let weight = match self.several {
                true => self.weights.get(class).map_or(0.0, |weights| weights[usize::from(truth[class] > 0.0)]),
                false => self.labels[picture].0,
            };
            let probability = residuals[class] / weight + truth[class];
            let is_there = *is_included && class < self.classes && weight > 0.0;
            *curvature = if is_there { (weight * probability * (1.0 - probability)).max(0.0) } else { 0.0 };
        }
    }
}

/// e to the power of each logit less the largest; gives the largest and the sum.
fn exponentials(logits: &[f32], out: &mut [f32]) -> (f32, f32) {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    out.iter_mut().zip(logits).for_each(|(out, logit)| *out = exp(logit - largest));
    (largest, out.iter().sum())
}

fn softmax_line(logits: &mut [f32], change: &[f32], label: usize) -> Line {
    let own = logits[label];
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    logits.iter_mut().for_each(|logit| *logit = exp(*logit - largest));
    let [mut sum, mut first, mut second] = [0.0f32; 3];
    for (e, change) in logits.iter().zip(change) {
        sum += e;
        first += e * change;
        second += e * change * change;
    }
    let [sum, first, second] = [sum, first, second].map(f64::from);
    let mean = first / sum;
    Line {
        value: sum.ln() + f64::from(largest - own),
        slope: mean - f64::from(change[label]),
        curvature: (second / sum - mean * mean).max(0.0),
    }
}

fn sigmoid_line(logit: f32, change: f32, positive: bool) -> Line {
    let e = exp(-logit.abs());
    let probability = if logit >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) };
    let wrong = if positive { -logit } else { logit };
    let truth = if positive { 1.0 } else { 0.0 };
    Line {
        value: f64::from((1.0 + e).ln() + wrong.max(0.0)),
        slope: f64::from((probability - truth) * change),
        curvature: f64::from(probability * (1.0 - probability) * change * change),
    }
}
