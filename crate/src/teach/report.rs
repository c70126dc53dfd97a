//! How good a head is, by the answers to pictures that were held out.

use serde::Serialize;

use super::calibration::{self, Judged, probabilities, share};
use super::examples::Examples;
use super::folds::Folds;

/// Bins of a histogram of probabilities.
const BINS: usize = 20;
/// Several labels: the threshold is no higher than the probability at which a label is as likely as not.
const AS_LIKELY_AS_NOT: f64 = 0.5;

/// What cross-validation says of a head.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Pictures with labels.
    pub examples: usize,
    /// Those of them that were held out once. A class with one picture is not judged.
    pub judged: usize,
    /// Share of judged pictures whose most probable class is theirs (of several labels: whose labels are all answered, and no
    /// other); none where none was judged.
    pub accuracy: Option<f64>,
    /// Mean log loss of the judged pictures at the temperature.
    pub log_loss: Option<f64>,
    /// Each class.
    pub classes: Vec<ClassReport>,
    /// Judged pictures by what they are (row) and what they were taken for (column); empty with several labels.
    pub confusion: Vec<Vec<usize>>,
    /// The held-out answer to each picture; none for those not judged.
    pub answers: Vec<Option<Answer>>,
    /// Judged pictures with a label by their highest probability, in 20 bins from 0 to 1.
    pub own_histogram: Vec<usize>,
    /// The same of the pictures of none of the classes.
    pub none_histogram: Vec<usize>,
    /// Share of the judged pictures with a label whose highest probability reaches the threshold.
    pub own_answered: Option<f64>,
    /// The pictures of none of the classes; absent without them.
    pub none: Option<NoneReport>,
    /// The penalty: one over scikit-learn's `C`.
    pub l2: f64,
    /// What was compared to choose it.
    pub candidates: Vec<Candidate>,
    /// What logits are divided by.
    pub temperature: f64,
    /// The highest probability below which the answer is "none of these".
    pub threshold: f64,
    /// Folds of the cross-validation; 0: none was possible.
    pub folds: usize,
    /// Iterations of the last training.
    pub iterations: usize,
    /// Whether every training came to its end.
    pub converged: bool,
}

/// One class.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClassReport {
    /// Its pictures.
    pub count: usize,
    /// Those of them that were held out once.
    pub judged: usize,
    /// Share of its judged pictures that were taken for it.
    pub recall: Option<f64>,
    /// Share of the pictures taken for it that show it.
    pub precision: Option<f64>,
}

/// The answer to a held-out picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The most probable class.
    pub class: usize,
    /// Its probability.
    pub probability: f64,
    /// The probability of the picture's own class; of several the least probable; of none, that no class is shown.
    pub truth: f64,
    /// The fold that it was held out with.
    pub fold: usize,
}

/// Pictures that show none of the classes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NoneReport {
    /// How many.
    pub count: usize,
    /// Share of them that are refused.
    pub refused: f64,
}

/// A penalty that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The penalty.
    pub l2: f64,
    /// Mean log loss of the held-out pictures, at the temperature of least log loss.
    pub log_loss: f64,
}

/// What trainings left behind.
pub struct Outcome<'a> {
    /// `[pictures, width]`.
    pub held_out: &'a [f32],
    /// `[pictures of none, width]`.
    pub none: &'a [f32],
    pub width: usize,
    pub several: bool,
    /// The caller's.
    pub threshold: Option<f64>,
    pub l2: f64,
    pub candidates: Vec<Candidate>,
    pub iterations: usize,
    pub converged: bool,
}

/// The held-out logits of the pictures that were judged, of those that are `wanted`.
pub fn judged<'a>(
    examples: &'a Examples,
    wanted: impl Fn(usize) -> bool,
    logits: &'a [f32],
    width: usize,
) -> Vec<Judged<'a>> {
    let rows = logits.chunks(width).enumerate().filter(|&(picture, _)| wanted(picture));
    rows.map(|(picture, row)| Judged { logits: &row[..examples.classes()], labels: examples.labels(picture) }).collect()
}

impl Report {
    /// Judges the held-out logits.
    pub(super) fn new(examples: &Examples, folds: &Folds, outcome: Outcome) -> Self {
        let Outcome { held_out, none, width, several, threshold: given, l2, candidates, iterations, converged } =
            outcome;
        let (classes, width) = (examples.classes(), width.max(1));
        let judged = judged(examples, |picture| folds.of[picture].is_some(), held_out, width);
        let temperature = calibration::temperature(&judged, several);
        let log_loss = calibration::log_loss(&judged, temperature, several);
        let rows = held_out.chunks(width).enumerate();
        let pictures: Vec<(usize, usize, Vec<f64>)> = rows
            .filter_map(|(picture, row)| Some((picture, folds.of[picture]?, &row[..classes])))
            .map(|(picture, fold, row)| (picture, fold, probabilities(row, temperature, several)))
            .collect();
        let highest = |probabilities: &[f64]| probabilities.iter().copied().fold(0.0, f64::max);
        let has_label = |picture: usize| !examples.labels(picture).is_empty();
        let own: Vec<f64> = pictures.iter().filter(|(i, ..)| has_label(*i)).map(|(.., p)| highest(p)).collect();
        let none: Vec<f64> =
            none.chunks(width).map(|row| highest(&probabilities(&row[..classes], temperature, several))).collect();
        let threshold = given.unwrap_or_else(|| match (calibration::threshold(&own, &none), several) {
            (found, true) => found.min(AS_LIKELY_AS_NOT),
            (found, false) => found,
        });

        let mut report = Self {
            examples: examples.len(),
            judged: pictures.len(),
            accuracy: None,
            log_loss: (!judged.is_empty()).then_some(log_loss),
            classes: vec![ClassReport { count: 0, judged: 0, recall: None, precision: None }; classes],
            confusion: if several { Vec::new() } else { vec![vec![0; classes]; classes] },
            answers: vec![None; examples.len()],
            own_histogram: histogram(&own),
            none_histogram: histogram(&none),
            own_answered: (!own.is_empty()).then(|| share(&own, |p| p >= threshold)),
            none: (!none.is_empty())
                .then(|| NoneReport { count: none.len(), refused: share(&none, |p| p < threshold) }),
            l2,
            candidates,
            temperature,
            threshold,
            folds: folds.count,
            iterations,
            converged,
        };
        report.judge(examples, &pictures, several);
        report
    }

    /// Counts right and wrong answers.
    fn judge(&mut self, examples: &Examples, pictures: &[(usize, usize, Vec<f64>)], several: bool) {
        let is_of =
            |picture: usize, class: usize| examples.labels(picture).iter().any(|&label| label as usize == class);
        for picture in 0..examples.len() {
            for (class, report) in self.classes.iter_mut().enumerate() {
                report.count += usize::from(is_of(picture, class));
            }
        }
        let [mut right, mut taken] = [0, 1].map(|_| vec![0usize; self.classes.len()]);
        let mut correct = 0;
        for (picture, fold, probabilities) in pictures {
            let mut class = 0;
            for (other, probability) in probabilities.iter().enumerate() {
                if *probability > probabilities[class] {
                    class = other;
                }
            }
            let probability = probabilities[class];
            let labels = examples.labels(*picture);
            let truth = labels.iter().map(|&label| probabilities[label as usize]).reduce(f64::min);
            self.answers[*picture] =
                Some(Answer { class, probability, truth: truth.unwrap_or(1.0 - probability), fold: *fold });
            let mut all_right = true;
            for other in 0..self.classes.len() {
                let is = is_of(*picture, other);
                let answered = if several { probabilities[other] >= self.threshold } else { other == class };
                self.classes[other].judged += usize::from(is);
                right[other] += usize::from(is && answered);
                taken[other] += usize::from(answered);
                all_right &= is == answered;
            }
            correct += usize::from(all_right);
            if let (false, Some(&label)) = (several, labels.first()) {
                self.confusion[label as usize][class] += 1;
            }
        }
        let ratio = |part: usize, of: usize| (of > 0).then(|| part as f64 / of as f64);
        for ((report, right), taken) in self.classes.iter_mut().zip(right).zip(taken) {
            report.recall = ratio(right, report.judged);
            report.precision = ratio(right, taken);
        }
        self.accuracy = ratio(correct, pictures.len());
    }
}

fn histogram(probabilities: &[f64]) -> Vec<usize> {
    let mut bins = vec![0; BINS];
    for probability in probabilities {
        bins[((probability * BINS as f64) as usize).min(BINS - 1)] += 1;
    }
    bins
}
