//! A training that is driven step by step, so that others have their turn between steps.

use super::calibration;
use super::error::TeachError;
use super::examples::Examples;
use super::fit::{Design, Fit, Fitted, Linear};
use super::folds::Folds;
use super::loss::Loss;
use super::report::{Candidate, Outcome, Report, judged};

/// Penalties that are tried, from the strongest down.
const CANDIDATES: [f64; 8] = [1e5, 1e4, 1e3, 1e2, 1e1, 1.0, 1e-1, 1e-2];
/// The penalty where none can be chosen, since no picture can be held out: scikit-learn's default.
const DEFAULT: f64 = 1.0;

/// How a head is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Folds of the cross-validation, at least 2.
    pub folds: usize,
    /// The penalty.
    pub l2: Penalty,
    /// Whether a picture may have any number of labels: a sigmoid each, else softmax over all.
    pub multi_label: bool,
    /// Whether classes weigh the same, however many pictures they have (scikit-learn's `class_weight="balanced"`).
    pub balanced: bool,
    /// The probability from which a picture is answered, from 0 to 1; none: it is found by the held-out pictures.
    pub threshold: Option<f64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { folds: 5, l2: Penalty::Auto, multi_label: false, balanced: false, threshold: None }
    }
}

/// The factor of the penalty: training minimises `sum(loss) + l2 / 2 * |weights|²` for standardised features, biases left out.
/// That is scikit-learn's `C * sum(loss) + |weights|² / 2` with `C = 1 / l2`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Penalty {
    /// The one of least log loss in cross-validation, of powers of ten from 100,000 down to 0.01; it ends when the loss has grown
    /// twice in a row.
    Auto,
    /// This one.
    Fixed(f64),
}

/// A head that was trained.
pub struct Taught {
    /// `[classes, dimensions]`, for features as they are.
    pub weights: Vec<f32>,
    /// One for each class.
    pub biases: Vec<f32>,
    /// How good it is.
    pub report: Report,
}

/// Trains a head: on all pictures, and for each fold on the others. Besides the features it takes their standardised copy, and
/// per class 4 bytes a feature for up to 34 vectors (at most 128 MB of them together, or four).
pub struct Training {
    examples: Examples,
    options: Options,
    folds: Folds,
    /// The trainings on the folds, or on all pictures, that are to do with one penalty.
    l2: f64,
    candidates: Vec<Candidate>,
    /// The next of them: a fold, or after the last one all pictures.
    next: usize,
    fit: Option<Fit>,
    kept: Vec<Kept>,
    /// `[pictures, width]`, with the penalty at hand and with the best so far.
    logits: Vec<f32>,
    best: Vec<f32>,
    full: Option<Fitted>,
    head: Option<Linear>,
    converged: bool,
    progress: f64,
}

/// What the trainings of a fold hand on to the one with the next penalty.
#[derive(Default)]
struct Kept {
    design: Option<Design>,
    weights: Option<Vec<f32>>,
}

impl Training {
    /// A training with folds that are spread evenly ([`Folds::stratified`]).
    ///
    /// # Errors
    /// Options that are out of range, and without several labels pictures with another number of labels than one.
    pub fn new(examples: Examples, options: Options) -> Result<Self, TeachError> {
        let folds = Folds::stratified(&examples, options.folds)?;
        Self::with_folds(examples, options, folds)
    }

    /// A training with these folds.
    ///
    /// # Errors
    /// As [`Training::new`].
    pub fn with_folds(examples: Examples, options: Options, folds: Folds) -> Result<Self, TeachError> {
        if let Penalty::Fixed(value) = options.l2
            && !(value.is_finite() && value > 0.0)
        {
            return Err(TeachError::Penalty { value });
        }
        if let Some(value) = options.threshold.filter(|value| !(0.0..=1.0).contains(value)) {
            return Err(TeachError::Threshold { value });
        }
        let wrong = (0..examples.len()).find(|&example| examples.labels(example).len() != 1);
        if let (false, Some(example)) = (options.multi_label, wrong) {
            return Err(TeachError::LabelCount { example, found: examples.labels(example).len() });
        }
        let l2 = match options.l2 {
            Penalty::Fixed(l2) => l2,
            Penalty::Auto if folds.count == 0 => DEFAULT,
            Penalty::Auto => CANDIDATES[0],
        };
        let chooses = options.l2 == Penalty::Auto && folds.count > 0;
        let kept = (0..=folds.count).map(|_| Kept::default()).collect();
        Ok(Self {
            next: if chooses { 0 } else { folds.count },
            examples,
            options,
            folds,
            l2,
            candidates: Vec::new(),
            fit: None,
            kept,
            logits: Vec::new(),
            best: Vec::new(),
            full: None,
            head: None,
            converged: true,
            progress: 0.0,
        })
    }

    /// How much is done, 0 to 1.
    pub fn progress(&self) -> f64 {
        self.progress
    }

    /// Whether everything is done.
    pub fn is_done(&self) -> bool {
        self.full.is_some() && self.fit.is_none() && self.next > self.folds.count
    }

    /// Does a small part of the work, at most about what two products of all features with all weights take; gives the progress.
    pub fn step(&mut self) -> f64 {
        match self.fit.take() {
            None if self.is_done() => {}
            None => self.begin(),
            Some(fit) if fit.solver.is_done() => self.end(fit.finish()),
            Some(mut fit) => {
                fit.solver.step();
                self.fit = Some(fit);
            }
        }
        self.progress = if self.is_done() { 1.0 } else { self.progress.max(self.estimate()) };
        self.progress
    }

    /// Does what is left.
    pub fn finish(mut self) -> Taught {
        while !self.is_done() {
            self.step();
        }
        let (examples, folds) = (&self.examples, &self.folds);
        let several = self.options.multi_label;
        let head = self.head.as_ref().map(|head| head.of_classes(examples.classes(), several));
        let (weights, biases) = head.unwrap_or_default();
        let none = (0..examples.none_len()).map(|i| examples.none_features(i));
        let none = self.full.as_ref().map(|full| full.logits(examples, none)).unwrap_or_default();
        let outcome = Outcome {
            held_out: &self.best,
            none: &none,
            width: self.width(),
            several,
            threshold: self.options.threshold,
            l2: self.l2,
            candidates: self.candidates,
            iterations: self.full.as_ref().map_or(0, |full| full.iterations),
            converged: self.converged,
        };
        Taught { report: Report::new(examples, folds, outcome), weights, biases }
    }

    fn width(&self) -> usize {
        super::matrix::padded(self.examples.classes(), super::matrix::TILE)
    }

    fn chooses(&self) -> bool {
        self.options.l2 == Penalty::Auto && self.folds.count > 0
    }

    fn estimate(&self) -> f64 {
        let within = self.fit.as_ref().map_or(0.0, |fit| fit.solver.progress() * 0.99);
        let folds = self.folds.count;
        let (done, all) = match self.chooses() {
            true => (self.candidates.len() * folds + self.next, CANDIDATES.len() * folds + 1),
            false if self.full.is_some() => (1 + self.next, folds + 1),
            false => (0, folds + 1),
        };
        ((done as f64 + within) / all as f64).min(0.99)
    }

    fn begin(&mut self) {
        let pictures = match self.next < self.folds.count {
            true => self.folds.pictures(self.next, false),
            false => (0..self.examples.len()).collect(),
        };
        let Kept { design, weights } = std::mem::take(&mut self.kept[self.next]);
        let design = design.unwrap_or_else(|| Design::new(&self.examples, pictures));
        let start = weights.or_else(|| design.weights_of(self.head.as_ref()?));
        let Options { multi_label, balanced, .. } = self.options;
        let loss = Loss::new(&self.examples, &design.pictures, multi_label, balanced);
        self.fit = Some(Fit::new(design, loss, self.l2, start));
    }

    fn end(&mut self, fitted: Fitted) {
        self.converged &= fitted.is_converged;
        if self.next == self.folds.count {
            self.head = Some(fitted.head(&self.examples));
            self.full = Some(fitted);
            // With a penalty that was chosen, the folds are done.
            self.next = if self.chooses() || self.folds.count == 0 { self.folds.count + 1 } else { 0 };
            return;
        }
        let held_out = self.folds.pictures(self.next, true);
        let rows = held_out.iter().map(|&picture| self.examples.features(picture));
        let width = self.width();
        let logits = fitted.logits(&self.examples, rows);
        self.logits.resize(self.examples.len() * width, 0.0);
        for (row, &picture) in logits.chunks(width).zip(&held_out) {
            self.logits[picture * width..][..width].copy_from_slice(row);
        }
        if self.chooses() {
            let Fitted { design, weights, .. } = fitted;
            self.kept[self.next] = Kept { design: Some(design).filter(Design::is_reduced), weights: Some(weights) };
        }
        self.next += 1;
        if self.next == self.folds.count {
            self.judge();
        }
    }

    /// All folds are done with one penalty: takes the next one, or the best.
    fn judge(&mut self) {
        let judged = judged(&self.examples, &self.folds, &self.logits, self.width());
        let log_loss = calibration::log_loss(&judged, 1.0, self.options.multi_label);
        if !self.chooses() {
            self.best = std::mem::take(&mut self.logits);
            self.next = self.folds.count + 1;
            return;
        }
        let best = self.candidates.iter().map(|candidate| candidate.log_loss).fold(f64::INFINITY, f64::min);
        self.candidates.push(Candidate { l2: self.l2, log_loss });
        if log_loss < best {
            self.best.clone_from(&self.logits);
        }
        let grows = self.candidates.windows(2).rev().take_while(|pair| pair[1].log_loss > pair[0].log_loss).count();
        match CANDIDATES.get(self.candidates.len()) {
            Some(&next) if grows < 2 => {
                self.l2 = next;
                self.next = 0;
            }
            _ => {
                let best = self.candidates.iter().min_by(|a, b| a.log_loss.total_cmp(&b.log_loss));
                self.l2 = best.map_or(DEFAULT, |candidate| candidate.l2);
                self.kept.iter_mut().for_each(|kept| *kept = Kept::default());
            }
        }
    }
}
