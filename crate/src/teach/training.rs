//! A training that is driven step by step, so that others have their turn between steps.

use std::collections::VecDeque;
use std::iter;

use super::calibration;
use super::design::{Design, Linear};
use super::error::TeachError;
use super::examples::Examples;
use super::folds::Folds;
use super::loss::Loss;
use super::report::{Candidate, Outcome, Report, judged};
use super::solver::{Precision, Solver};

/// Penalties that are tried, from the strongest down.
const CANDIDATES: [f64; 8] = [1e5, 1e4, 1e3, 1e2, 1e1, 1.0, 1e-1, 1e-2];
/// How precise a training is.
const EXACT: Precision = Precision { tolerance: 1e-4, patience: 16.0 };
/// How precise one is by which penalties are compared where there are many pictures: its answers hardly differ from the exact ones.
const COARSE: Precision = Precision { tolerance: 3e-3, patience: 8.0 };
/// The penalty where none can be chosen, since no picture can be held out: scikit-learn's default.
const DEFAULT: f64 = 1.0;
/// From how many pictures on penalties are compared on a few of the folds, and how many those are.
const MANY: usize = 500;
const FEW_FOLDS: usize = 2;
/// The share by which a weaker penalty must lower the log loss to be taken.
const WORTH: f64 = 0.05;
/// The share by which the log loss must have fallen before the search may end.
const INFORMED: f64 = 0.1;

/// How a head is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Folds of the cross-validation, at least 2; 0: no picture is held out, nothing is judged.
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
        Self { folds: 5, l2: Penalty::Auto, multi_label: false, balanced: true, threshold: None }
    }
}

/// The factor of the penalty: training minimises `sum(loss) + l2 / 2 * |weights|²` for standardised features, biases left out.
/// That is scikit-learn's `C * sum(loss) + |weights|² / 2` with `C = 1 / l2`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Penalty {
    /// Of powers of ten from 100,000 down to 0.01 the first, by cross-validation, after which the log loss (at its temperature)
    /// falls by less than 5 %; as long as it has not fallen by a tenth in all, the search goes on.
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
    design: Option<Design>,
    /// The penalty of the trainings at hand, on the folds or on all pictures.
    l2: f64,
    candidates: Vec<Candidate>,
    /// The best of them so far.
    chosen: Option<Candidate>,
    /// Folds that are held out to compare penalties; 0 once one was chosen.
    compared: usize,
    /// The training at work.
    solver: Option<(Part, Solver)>,
    /// What is to be trained with the penalty at hand.
    left: VecDeque<Part>,
    /// Trainings that are done.
    done: usize,
    /// The weights of each fold's last training, and of the one on all pictures.
    weights: Vec<Option<Vec<f32>>>,
    /// Held-out answers `[pictures, width]`, with the penalty at hand and with the best so far.
    logits: Vec<f32>,
    best: Vec<f32>,
    /// Iterations of the training on all pictures.
    iterations: usize,
    converged: bool,
    progress: f64,
}

/// What a training is on.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// All pictures but those of a fold.
    Without(usize),
    /// All pictures.
    All,
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
        let compared = match options.l2 {
            Penalty::Auto if examples.len() >= MANY => folds.count.min(FEW_FOLDS),
            Penalty::Auto => folds.count,
            Penalty::Fixed(_) => 0,
        };
        let without = (0..folds.count).map(Part::Without);
        let left = if compared > 0 {
            without.take(compared).collect()
        } else {
            iter::once(Part::All).chain(without).collect()
        };
        Ok(Self {
            compared,
            left,
            done: 0,
            weights: vec![None; folds.count + 1],
            examples,
            options,
            folds,
            design: None,
            l2,
            candidates: Vec::new(),
            chosen: None,
            solver: None,
            logits: Vec::new(),
            best: Vec::new(),
            iterations: 0,
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
        self.left.is_empty() && self.solver.is_none()
    }

    /// Does a small part of the work, at most about what two products of all features with all weights take; gives the progress.
    pub fn step(&mut self) -> f64 {
        let design = self.design.take().unwrap_or_else(|| Design::new(&self.examples));
        match self.solver.take() {
            None => self.solver = self.left.pop_front().map(|part| (part, self.begin(&design, part))),
            Some((part, solver)) if solver.is_done() => self.end(part, solver),
            Some((part, mut solver)) => {
                solver.step(&design);
                self.solver = Some((part, solver));
            }
        }
        self.design = Some(design);
        self.progress = if self.is_done() { 1.0 } else { self.progress.max(self.estimate()) };
        self.progress
    }

    /// Does what is left.
    pub fn finish(mut self) -> Taught {
        while !self.is_done() {
            self.step();
        }
        let (examples, folds) = (&self.examples, &self.folds);
        let (several, width) = (self.options.multi_label, self.width());
        let design = self.design.unwrap_or_else(|| Design::new(examples));
        let weights = self.weights.pop().flatten().unwrap_or_default();
        let none = (0..examples.none_len()).map(|i| examples.none_features(i));
        let none = design.logits(examples, &weights, width, none);
        let Linear { weights, biases } = design.head(examples, &weights, width, several);
        let outcome = Outcome {
            held_out: &self.logits,
            none: &none,
            width,
            several,
            threshold: self.options.threshold,
            l2: self.l2,
            candidates: self.candidates,
            iterations: self.iterations,
            converged: self.converged,
        };
        Taught { report: Report::new(examples, folds, outcome), weights, biases }
    }

    fn width(&self) -> usize {
        super::matrix::padded(self.examples.classes(), super::matrix::TILE)
    }

    fn estimate(&self) -> f64 {
        let within = self.solver.as_ref().map_or(0.0, |(_, solver)| solver.progress() * 0.99);
        let all = match self.compared {
            0 => self.done + self.left.len() + usize::from(self.solver.is_some()),
            compared => CANDIDATES.len() * compared + self.folds.count - compared + 1,
        };
        ((self.done as f64 + within) / all as f64).min(0.99)
    }

    /// The next training, from where the last one of the same pictures, or else of others, has ended.
    fn begin(&self, design: &Design, part: Part) -> Solver {
        let included = |&fold: &Option<usize>| part == Part::All || fold.map(Part::Without) != Some(part);
        let included = self.folds.of.iter().map(included).collect();
        let Options { multi_label, balanced, .. } = self.options;
        let loss = Loss::new(&self.examples, included, multi_label, balanced);
        let start = self.weights[self.place(part)].as_ref().or_else(|| self.weights.iter().flatten().next());
        let is_coarse = part != Part::All && self.options.l2 == Penalty::Auto && self.examples.len() >= MANY;
        let precision = if is_coarse { COARSE } else { EXACT };
        Solver::new(design, loss, self.l2, precision, start.cloned())
    }

    fn place(&self, part: Part) -> usize {
        match part {
            Part::Without(fold) => fold,
            Part::All => self.folds.count,
        }
    }

    fn end(&mut self, part: Part, solver: Solver) {
        self.done += 1;
        self.converged &= solver.is_converged();
        match part {
            Part::All => self.iterations = solver.iterations,
            Part::Without(fold) => {
                let width = self.width();
                self.logits.resize(self.examples.len() * width, 0.0);
                for (picture, _) in self.folds.of.iter().enumerate().filter(|(_, of)| **of == Some(fold)) {
                    let row = picture * width..(picture + 1) * width;
                    self.logits[row.clone()].copy_from_slice(&solver.logits[row]);
                }
            }
        }
        let place = self.place(part);
        self.weights[place] = Some(solver.weights);
        if self.left.is_empty() && self.compared > 0 {
            self.compare();
        }
    }

    /// The folds that are compared are done with one penalty: takes the next one, or the best.
    fn compare(&mut self) {
        let is_compared = |picture: usize| self.folds.of[picture].is_some_and(|fold| fold < self.compared);
        let (several, compared) = (self.options.multi_label, self.compared);
        let judged = judged(&self.examples, is_compared, &self.logits, self.width());
        let log_loss = calibration::log_loss(&judged, calibration::temperature(&judged, several), several);
        let own = Candidate { l2: self.l2, log_loss };
        self.candidates.push(own);
        let is_better = self.chosen.is_none_or(|chosen| log_loss < chosen.log_loss * (1.0 - WORTH));
        if is_better {
            self.best.clone_from(&self.logits);
        }
        let chosen = self.chosen.filter(|_| !is_better).unwrap_or(own);
        self.chosen = Some(chosen);
        let is_informed = chosen.log_loss < self.candidates[0].log_loss * (1.0 - INFORMED);
        match CANDIDATES.get(self.candidates.len()) {
            Some(&next) if is_better || !is_informed => {
                self.l2 = next;
                self.left = (0..compared).map(Part::Without).collect();
            }
            _ => {
                (self.l2, self.compared) = (chosen.l2, 0);
                self.logits = std::mem::take(&mut self.best);
                self.left = (compared..self.folds.count).map(Part::Without).chain([Part::All]).collect();
            }
        }
    }
}
