//! Taught heads against scikit-learn (`tests/reference/teach`), and what a report says of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use inception::teach::{Examples, Folds, Options, Penalty, Report, Taught, TeachError, Training};
use serde::Deserialize;

#[derive(Deserialize)]
struct Set {
    dimensions: usize,
    classes: usize,
    features: Vec<f32>,
    labels: Vec<Vec<u32>>,
    folds: Vec<usize>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    l2: f64,
    balanced: bool,
    multi_label: bool,
    weights: Vec<f32>,
    biases: Vec<f32>,
    predictions: Vec<Vec<u32>>,
    held_out_right: Vec<u8>,
    held_out_accuracy: f64,
    held_out_logits: Vec<f64>,
}

fn set(name: &str) -> Set {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../tests/reference/teach/{name}.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

impl Set {
    fn examples(&self) -> Examples {
        self.examples_with(Vec::new())
    }

    fn examples_with(&self, none: Vec<f32>) -> Examples {
        let counts: Vec<u32> = self.labels.iter().map(|labels| labels.len() as u32).collect();
        Examples::new(self.features.clone(), self.dimensions, self.labels.concat(), &counts, self.classes, none)
            .unwrap()
    }

    fn taught(&self, case: &Case) -> Taught {
        let examples = self.examples();
        let folds = Folds::given(&examples, self.folds.clone()).unwrap();
        let options = Options {
            l2: Penalty::Fixed(case.l2),
            balanced: case.balanced,
            multi_label: case.multi_label,
            ..Options::default()
        };
        Training::with_folds(examples, options, folds).unwrap().finish()
    }

    fn logits(&self, weights: &[f32], biases: &[f32]) -> Vec<Vec<f64>> {
        let row = |features: &[f32]| {
            let of = |w: &[f32]| w.iter().zip(features).map(|(&w, &x)| f64::from(w) * f64::from(x)).sum::<f64>();
            weights.chunks(self.dimensions).zip(biases).map(|(w, &bias)| of(w) + f64::from(bias)).collect()
        };
        self.features.chunks(self.dimensions).map(row).collect()
    }
}

fn assert_close(what: &str, found: &[f32], wanted: &[f32]) {
    assert_eq!(found.len(), wanted.len(), "{what}");
    let largest = wanted.iter().fold(0.0f32, |largest, w| largest.max(w.abs()));
    let worst = found.iter().zip(wanted).fold(0.0f32, |worst, (f, w)| worst.max((f - w).abs()));
    println!("{what}: {:.1e}", worst / largest);
    assert!(worst <= 1e-3 * largest, "{what}: {worst} of {largest}");
}

fn largest(row: &[f64]) -> u32 {
    (0..row.len()).fold(0, |best, i| if row[i] > row[best] { i } else { best }) as u32
}

#[test]
fn coefficients_predictions_and_accuracy_equal_those_of_scikit_learn() {
    for name in ["iris", "iris-several", "wide", "digits"] {
        let set = set(name);
        for case in &set.cases {
            let what = format!("{name}, penalty {}, balanced {}", case.l2, case.balanced);
            let taught = set.taught(case);
            assert!(taught.report.converged, "{what}");
            assert_close(&format!("weights of {what}"), &taught.weights, &case.weights);
            assert_close(&format!("biases of {what}"), &taught.biases, &case.biases);
            for (row, wanted) in set.logits(&taught.weights, &taught.biases).iter().zip(&case.predictions) {
                let found = match case.multi_label {
                    false => vec![largest(row)],
                    true => (0..row.len()).filter(|&c| row[c] > 0.0).map(|c| c as u32).collect(),
                };
                assert_eq!(&found, wanted, "{what}");
            }
            if case.multi_label {
                continue;
            }
            let right = |(labels, answer): (&Vec<u32>, &Option<inception::teach::Answer>)| {
                u8::from(answer.as_ref().unwrap().class == labels[0] as usize)
            };
            let found: Vec<u8> = set.labels.iter().zip(&taught.report.answers).map(right).collect();
            assert_eq!(found, case.held_out_right, "{what}");
            assert!((taught.report.accuracy.unwrap() - case.held_out_accuracy).abs() < 1e-12, "{what}");
        }
    }
}

fn softmax(row: &[f64], temperature: f64) -> Vec<f64> {
    let powers: Vec<f64> = row.iter().map(|logit| (logit / temperature).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// Golden-section search for the temperature of least log loss, by its logarithm; one picture more of n + 2 is of other classes.
fn plain_temperature(logits: &[Vec<f64>], labels: &[Vec<u32>]) -> f64 {
    let doubt = 1.0 / (logits.len() as f64 + 2.0);
    let loss = |log: f64| -> f64 {
        let one = |(row, labels): (&Vec<f64>, &Vec<u32>)| -> f64 {
            let each: Vec<f64> = softmax(row, log.exp()).into_iter().map(|p| -p.ln()).collect();
            let own = each[labels[0] as usize];
            (1.0 - doubt) * own + doubt * (each.iter().sum::<f64>() - own) / (row.len() - 1) as f64
        };
        logits.iter().zip(labels).map(one).sum()
    };
    let (mut low, mut high) = (0.1f64.ln(), 10f64.ln());
    let part = (5f64.sqrt() - 1.0) / 2.0;
    for _ in 0..80 {
        let [a, b] = [high - part * (high - low), low + part * (high - low)];
        if loss(a) < loss(b) {
            high = b;
        } else {
            low = a;
        }
    }
    low.exp()
}

#[test]
fn temperature_and_probabilities_equal_a_plain_implementation() {
    for name in ["iris", "wide", "digits"] {
        let set = set(name);
        for case in set.cases.iter().filter(|case| !case.balanced) {
            let logits: Vec<Vec<f64>> = case.held_out_logits.chunks(set.classes).map(<[f64]>::to_vec).collect();
            assert_eq!(logits.len(), set.labels.len());
            let wanted = plain_temperature(&logits, &set.labels);
            let report = set.taught(case).report;
            assert!((report.temperature / wanted - 1.0).abs() < 2e-3, "{name}: {} {wanted}", report.temperature);
            let mut highest = Vec::new();
            for ((row, answer), labels) in logits.iter().zip(&report.answers).zip(&set.labels) {
                let (p, answer) = (softmax(row, wanted), answer.as_ref().unwrap());
                assert!((answer.probability - p[answer.class]).abs() < 2e-3, "{name}");
                assert!((answer.truth - p[labels[0] as usize]).abs() < 2e-3, "{name}");
                highest.push(answer.probability);
            }
            // Without pictures of none: the 5 % quantile.
            highest.sort_by(f64::total_cmp);
            assert_eq!(report.threshold, highest[highest.len() / 20]);
            let answered = highest.iter().filter(|&&p| p >= report.threshold).count();
            assert_eq!(report.own_answered, Some(answered as f64 / highest.len() as f64));
            assert!(answered * 100 >= highest.len() * 95);
            for (bin, &count) in report.own_histogram.iter().enumerate() {
                let inside = |p: f64| p * 20.0 >= bin as f64 && (p * 20.0 < bin as f64 + 1.0 || bin == 19);
                assert_eq!(count, highest.iter().filter(|&&p| inside(p)).count(), "bin {bin}");
            }
        }
    }
}

#[test]
fn counts_agree_with_the_answers() {
    let set = set("digits");
    let report = set.taught(&set.cases[0]).report;
    assert_eq!((report.examples, report.judged, report.folds), (400, 400, 5));
    for (class, own) in report.classes.iter().enumerate() {
        let row: usize = report.confusion[class].iter().sum();
        let column: usize = report.confusion.iter().map(|row| row[class]).sum();
        let right = report.confusion[class][class] as f64;
        assert_eq!((own.count, own.judged), (row, row));
        assert_eq!((own.recall, own.precision), (Some(right / row as f64), Some(right / column as f64)));
    }
    for (labels, answer) in set.labels.iter().zip(&report.answers) {
        assert!(report.confusion[labels[0] as usize][answer.as_ref().unwrap().class] > 0);
    }
}

/// The pictures of some classes are taken as none, the others are taught.
#[test]
fn pictures_of_none_sharpen_the_threshold() {
    let mut set = set("digits");
    let none: Vec<f32> =
        (0..400).filter(|&i| set.labels[i][0] >= 7).flat_map(|i| set.features[i * 64..][..64].to_vec()).collect();
    let own: Vec<usize> = (0..400).filter(|&i| set.labels[i][0] < 7).collect();
    set.features = own.iter().flat_map(|&i| set.features[i * 64..][..64].to_vec()).collect();
    set.labels = own.iter().map(|&i| set.labels[i].clone()).collect();
    set.classes = 7;
    let options = Options { l2: Penalty::Fixed(100.0), ..Options::default() };
    let without = Training::new(set.examples(), options.clone()).unwrap().finish();
    let taught = Training::new(set.examples_with(none.clone()), options).unwrap().finish();
    assert_eq!(taught.weights, without.weights);
    let report = taught.report;
    let mut highest: Vec<f64> = report.answers.iter().flatten().map(|answer| answer.probability).collect();
    highest.sort_by(f64::total_cmp);
    let [low, high] = [highest[highest.len() / 20], highest[highest.len() / 5]];
    assert_eq!(without.report.threshold, low);
    assert!(report.threshold >= low && report.threshold <= high);
    let others = Set { features: none, ..set };
    let others: Vec<f64> = others
        .logits(&taught.weights, &taught.biases)
        .iter()
        .map(|row| softmax(row, report.temperature).into_iter().fold(0.0, f64::max))
        .collect();
    let score = |threshold: f64| {
        let own = highest.iter().filter(|&&p| p >= threshold).count() as f64 / highest.len() as f64;
        own + others.iter().filter(|&&p| p < threshold).count() as f64 / others.len() as f64
    };
    let found = report.own_answered.unwrap() + report.none.as_ref().unwrap().refused;
    assert!((score(report.threshold) - found).abs() < 1e-12);
    for step in 0..=1000 {
        assert!(score(low + (high - low) * f64::from(step) / 1000.0) <= found + 1e-12);
    }
    assert_eq!(report.none_histogram.iter().sum::<usize>(), others.len());
}

#[test]
fn a_weaker_penalty_is_taken_as_long_as_it_is_worth_it() {
    for name in ["wide", "digits", "iris"] {
        let set = set(name);
        let mut training = Training::new(set.examples(), Options::default()).unwrap();
        let (mut before, mut steps) = (0.0, 0);
        while !training.is_done() {
            let progress = training.step();
            assert!((before..=1.0).contains(&progress));
            (before, steps) = (progress, steps + 1);
        }
        assert!(steps > 20 && before == 1.0);
        let report = training.finish().report;
        // Each is what a training with that penalty says of itself.
        for candidate in &report.candidates {
            let options = Options { l2: Penalty::Fixed(candidate.l2), ..Options::default() };
            let alone = Training::new(set.examples(), options).unwrap().finish().report;
            let wanted = alone.log_loss.unwrap();
            assert!((candidate.log_loss / wanted - 1.0).abs() < 5e-3, "{name} {candidate:?} {wanted}");
        }
        let losses: Vec<f64> = report.candidates.iter().map(|candidate| candidate.log_loss).collect();
        let taken = report.candidates.iter().position(|candidate| candidate.l2 == report.l2).unwrap();
        assert!(taken > 0 && losses[..taken].iter().all(|&loss| losses[taken] < loss * 0.95), "{name}: {losses:?}");
        assert!(losses[taken + 1..].iter().all(|&loss| loss >= losses[taken] * 0.95), "{name}: {losses:?}");
        assert!(losses[taken] < losses[0] * 0.9 || losses.len() == 8, "{name}: {losses:?}");
    }
}

/// From 500 pictures on two of the folds say which penalty is taken, and all of them how good the head is.
#[test]
fn many_pictures_are_all_judged_with_the_penalty_that_few_folds_choose() {
    let set = set("digits");
    let labels: Vec<Vec<u32>> = [&set.labels[..], &set.labels[..]].concat();
    // Each picture twice, once with a little noise: others, so that they may be held out apart.
    let noise = set.features.iter().enumerate().map(|(i, x)| x + ((i * 7919) % 101) as f32 / 400.0);
    let features: Vec<f32> = set.features.iter().copied().chain(noise).collect();
    let twice = Set { features, labels, folds: Vec::new(), cases: Vec::new(), ..set };
    let report = Training::new(twice.examples(), Options::default()).unwrap().finish().report;
    assert_eq!((report.examples, report.judged, report.folds), (800, 800, 5));
    assert!(report.candidates.len() > 2);
    let options = Options { l2: Penalty::Fixed(report.l2), ..Options::default() };
    let alone = Training::new(twice.examples(), options).unwrap().finish().report;
    let [exact, coarse] = [&alone, &report].map(|of| of.log_loss.unwrap());
    assert!((coarse / exact - 1.0).abs() < 1e-2, "{coarse} {exact}, penalty {}", report.l2);
    assert!((alone.accuracy.unwrap() - report.accuracy.unwrap()).abs() < 3e-3);
}

#[test]
fn without_folds_nothing_is_judged() {
    let set = set("iris");
    let [with, without] = [5, 0].map(|folds| {
        let options = Options { l2: Penalty::Fixed(1.0), folds, ..Options::default() };
        Training::new(set.examples(), options).unwrap().finish()
    });
    assert_eq!((without.report.folds, without.report.judged, without.report.accuracy), (0, 0, None));
    assert_eq!((without.weights, without.biases), (with.weights, with.biases));
}

fn few(labels: &[u32], features: Vec<f32>) -> Report {
    let examples = Examples::new(features, 2, labels.to_vec(), &vec![1; labels.len()], 3, Vec::new()).unwrap();
    Training::new(examples, Options::default()).unwrap().finish().report
}

#[test]
fn a_class_with_one_picture_is_not_judged() {
    let labels = [0, 0, 0, 0, 1, 1, 1, 2];
    let features: Vec<f32> = labels.iter().enumerate().flat_map(|(i, &c)| [c as f32 + i as f32 / 50.0, 1.0]).collect();
    let report = few(&labels, features);
    assert_eq!((report.folds, report.examples, report.judged), (3, 8, 7));
    assert_eq!(report.answers[7], None);
    assert_eq!((report.classes[2].count, report.classes[2].judged, report.classes[2].recall), (1, 0, None));
    let report = few(&[0, 1, 2], vec![0.0, 1.0, 1.0, 1.0, 2.0, 1.0]);
    assert_eq!((report.folds, report.judged, report.accuracy, report.temperature), (0, 0, None, 1.0));
}

/// What is nearly the same in all pictures cannot say what another picture is.
#[test]
fn a_feature_that_hardly_varies_does_not_decide() {
    let labels: Vec<u32> = (0..40).map(|i| i % 2).collect();
    // The first feature tells the classes apart; the second, by a ten thousandth, as well.
    let row = |i: u32| [(i % 2) as f32 + (i / 2) as f32 / 40.0, (i % 2) as f32 / 10_000.0];
    let features: Vec<f32> = (0..40).flat_map(row).collect();
    let examples = Examples::new(features, 2, labels, &[1; 40], 2, Vec::new()).unwrap();
    let options = Options { l2: Penalty::Fixed(1.0), ..Options::default() };
    let Taught { weights, biases, .. } = Training::new(examples, options).unwrap().finish();
    let logit = |class: usize, x: [f32; 2]| weights[2 * class] * x[0] + weights[2 * class + 1] * x[1] + biases[class];
    // A picture of the first class by the first feature, in which the second is not as in any of them.
    let likelier = logit(1, [0.2, 1.0]) - logit(0, [0.2, 1.0]);
    assert!(likelier < 0.0, "the other class by {likelier}");
}

#[test]
fn the_same_picture_twice_stays_together() {
    let labels: Vec<u32> = (0..30).map(|i| i / 10).collect();
    let features = (0..30).flat_map(|i| [(i / 2) as f32, 1.0]).collect();
    let examples = Examples::new(features, 2, labels, &[1; 30], 3, Vec::new()).unwrap();
    let folds = Folds::stratified(&examples, 5).unwrap();
    assert_eq!(folds.count, 5);
    for fold in 0..5 {
        let held: Vec<usize> = (0..30).filter(|&i| folds.of[i] == Some(fold)).collect();
        assert_eq!(held.len(), 6, "two of each class");
        assert!(held.chunks(2).all(|pair| pair[0] / 2 == pair[1] / 2), "{held:?}");
    }
}

#[test]
fn what_cannot_be_learned_from_is_an_error() {
    let new = |features: &[f32], labels: &[u32], counts: &[u32], classes, none: &[f32]| {
        Examples::new(features.to_vec(), 2, labels.to_vec(), counts, classes, none.to_vec()).map(drop)
    };
    let x = [0.0, 1.0, 2.0, 3.0];
    assert_eq!(new(&[], &[], &[], 2, &[]), Err(TeachError::NoExamples));
    assert_eq!(new(&x, &[0, 0], &[1, 1], 1, &[]), Err(TeachError::OneClass));
    assert_eq!(new(&x, &[0, 0], &[1, 1], 2, &[]), Err(TeachError::EmptyClass { class: 1 }));
    let label = TeachError::Label { example: 1, label: 2, classes: 2 };
    assert_eq!(new(&x, &[0, 2], &[1, 1], 2, &[]), Err(label));
    let odd = [0.0, 1.0, f32::INFINITY, 3.0];
    let value = TeachError::NotFinite { example: 1, feature: 0, value: f32::INFINITY };
    assert_eq!(new(&odd, &[0, 1], &[1, 1], 2, &[]), Err(value));
    for (features, labels, counts, none) in
        [(&x[..3], &[0, 1][..], &[1, 1][..], &x[..0]), (&x, &[0, 1], &[1, 2], &[]), (&x, &[0, 1], &[1, 1], &x[..1])]
    {
        assert!(matches!(new(features, labels, counts, 2, none), Err(TeachError::Length { .. })));
    }
    let with = |counts: &[u32], options: Options| {
        let examples = Examples::new(x.to_vec(), 2, vec![0, 1], counts, 2, Vec::new()).unwrap();
        Training::new(examples, options).map(drop).unwrap_err()
    };
    assert_eq!(with(&[1, 1], Options { folds: 1, ..Options::default() }), TeachError::Folds { folds: 1 });
    let l2 = Penalty::Fixed(-1.0);
    assert_eq!(with(&[1, 1], Options { l2, ..Options::default() }), TeachError::Penalty { value: -1.0 });
    assert_eq!(with(&[2, 0], Options::default()), TeachError::LabelCount { example: 0, found: 2 });
}
