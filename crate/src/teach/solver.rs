//! L-BFGS (Liu and Nocedal, 1989) on a loss plus a penalty.
//!
//! Logits are linear in the weights. So a line search needs the products with all examples once, for the direction; then each
//! step along it costs no more than the loss of the logits, and Newton's method finds the best one.

use std::collections::VecDeque;

use super::design::Design;
use super::loss::{Line, Loss};
use super::preconditioner::Preconditioner;
use super::vector::{add, dot};

/// Pairs of steps and changes of the gradient that are kept.
const HISTORY: usize = 16;
/// Bytes that they may take, with many classes; two pairs are kept in any case.
const HISTORY_BYTES: usize = 128 << 20;
/// The decrease of the loss, as a share of it, below which f32 has no more to give.
const SMALLEST_DECREASE: f64 = 1e-11;
/// A step is good where the slope is this share of what it was.
const SLOPE: f64 = 0.3;
/// Iterations after which the preconditioner is made anew, for the loss's curvature has changed.
const RENEWED: [usize; 5] = [0, 3, 10, 30, 100];
const MOST_ITERATIONS: usize = 1000;
/// Steps after which logits are computed from the weights again, so that rounding does not add up.
const REFRESH: usize = 32;

/// Minimises `sum(loss) + l2 / 2 * |weights|²`. The last column of the examples is 1 and its weights, the biases, are not
/// penalised.
pub struct Solver {
    loss: Loss,
    l2: f64,
    precision: Precision,
    /// `[columns, classes]`, both padded.
    pub weights: Vec<f32>,
    /// How many of the weights are not biases (or the padding after them).
    penalised: usize,
    gradient: Vec<f32>,
    /// Of all pictures, `[pictures, classes]`, both padded.
    pub logits: Vec<f32>,
    /// The logits' change along a direction, or the residuals.
    rows: Vec<f32>,
    history: VecDeque<Pair>,
    preconditioner: Option<Preconditioner>,
    pub iterations: usize,
    /// The first gradient's length and the last one's, each over that at which training ends.
    first: f64,
    last: f64,
    stalled: usize,
    state: State,
}

/// How near to the best weights a training ends. The nearer they are, the longer each further digit takes, so that the distance
/// that is let pass grows with the square of the iterations.
#[derive(Clone, Copy)]
pub struct Precision {
    /// The distance, as a share of the weights' length.
    pub tolerance: f64,
    /// Iterations from which on it grows.
    pub patience: f64,
}

struct Pair {
    step: Vec<f32>,
    change: Vec<f32>,
    /// Their inner product.
    product: f64,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Begun,
    Running,
    Converged,
    /// The number of iterations is used up.
    Ended,
}

impl Solver {
    /// Begins at `start`, or at zero.
    pub fn new(design: &Design, loss: Loss, l2: f64, precision: Precision, start: Option<Vec<f32>>) -> Self {
        let weights = start.unwrap_or_else(|| vec![0.0; design.matrix.padded_columns() * loss.width()]);
        let logits = vec![0.0; design.matrix.padded_rows() * loss.width()];
        Self {
            penalised: (design.matrix.columns - 1) * loss.width(),
            gradient: vec![0.0; weights.len()],
            rows: logits.clone(),
            logits,
            weights,
            history: VecDeque::new(),
            preconditioner: None,
            iterations: 0,
            first: f64::INFINITY,
            last: f64::INFINITY,
            stalled: 0,
            state: State::Begun,
            loss,
            l2,
            precision,
        }
    }

    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Converged | State::Ended)
    }

    /// Whether the weights are the best ones.
    pub fn is_converged(&self) -> bool {
        self.state == State::Converged
    }

    /// About how much of the way is done, 0 to 1.
    pub fn progress(&self) -> f64 {
        match self.state {
            State::Begun => 0.0,
            State::Running => {
                (1.0 - self.last.max(1.0).ln() / self.first.max(std::f64::consts::E).ln()).clamp(0.0, 1.0)
            }
            State::Converged | State::Ended => 1.0,
        }
    }

    /// Goes one step: two products with all examples.
    pub fn step(&mut self, design: &Design) {
        match self.state {
            State::Begun => {
                self.compute_logits(design);
                self.compute_gradient(design);
                self.state = State::Running;
                self.judge(design);
                self.first = self.last;
            }
            State::Running => self.iterate(design),
            State::Converged | State::Ended => {}
        }
    }

    fn compute_logits(&mut self, design: &Design) {
        design.matrix.product(&self.weights, self.loss.width(), &mut self.logits);
    }

    fn compute_gradient(&mut self, design: &Design) {
        self.loss.residuals(&self.logits, &mut self.rows);
        if RENEWED.contains(&self.iterations) {
            self.preconditioner = Some(Preconditioner::new(&design.directions, &self.loss, &self.rows, self.l2));
        }
        design.matrix.transposed_product(&self.rows, self.loss.width(), &mut self.gradient);
        add(&mut self.gradient[..self.penalised], self.l2 as f32, &self.weights[..self.penalised]);
    }

    /// Ends where the weights are the best ones, as far as the preconditioner knows how far those are away.
    fn judge(&mut self, design: &Design) {
        let mut missing = self.gradient.clone();
        self.precondition(design, &mut missing);
        let [missing, own] =
            [&missing, &self.weights].map(|of| dot(&of[..self.penalised], &of[..self.penalised]).sqrt());
        let biases = &self.gradient[self.penalised..];
        let bias = dot(biases, biases).sqrt() / self.loss.total;
        let patience = (self.iterations as f64 / self.precision.patience).powi(2).max(1.0);
        let wanted = self.precision.tolerance * patience;
        self.last = (missing / own.max(1e-9)).max(bias) / wanted;
        if self.last <= 1.0 || self.stalled >= 3 {
            self.state = State::Converged;
        } else if self.iterations >= MOST_ITERATIONS {
            self.state = State::Ended;
        }
    }

    fn iterate(&mut self, design: &Design) {
        let (mut direction, mut slope) = self.direction(design);
        if slope >= 0.0 {
            // Rounding has made the history useless.
            self.history.clear();
            (direction, slope) = self.direction(design);
        }
        design.matrix.product(&direction, self.loss.width(), &mut self.rows);
        let step = self.search(&direction, slope);
        add(&mut self.weights, step, &direction);
        self.iterations += 1;
        if self.iterations.is_multiple_of(REFRESH) {
            self.compute_logits(design);
        } else {
            add(&mut self.logits, step, &self.rows);
        }
        let mut change = self.gradient.clone();
        self.compute_gradient(design);
        change.iter_mut().zip(&self.gradient).for_each(|(change, gradient)| *change = gradient - *change);
        direction.iter_mut().for_each(|value| *value *= step);
        let product = dot(&direction, &change);
        if product > 0.0 {
            let bytes = direction.len() * 8;
            if self.history.len() >= (HISTORY_BYTES / bytes).clamp(2, HISTORY) {
                self.history.pop_front();
            }
            self.history.push_back(Pair { step: direction, change, product });
        }
        self.judge(design);
    }

    /// The direction to go, and the slope along it.
    fn direction(&self, design: &Design) -> (Vec<f32>, f64) {
        let mut direction: Vec<f32> = self.gradient.iter().map(|gradient| -gradient).collect();
        let mut factors = Vec::with_capacity(self.history.len());
        for pair in self.history.iter().rev() {
            let factor = dot(&pair.step, &direction) / pair.product;
            add(&mut direction, -factor as f32, &pair.change);
            factors.push(factor);
        }
        self.precondition(design, &mut direction);
        for (pair, factor) in self.history.iter().zip(factors.iter().rev()) {
            let other = dot(&pair.change, &direction) / pair.product;
            add(&mut direction, (factor - other) as f32, &pair.step);
        }
        let slope = dot(&direction, &self.gradient);
        (direction, slope)
    }

    fn precondition(&self, design: &Design, vector: &mut [f32]) {
        if let Some(preconditioner) = &self.preconditioner {
            preconditioner.apply(&design.directions, vector);
        }
    }

    /// The step along a direction at which the slope is small: Newton's method between bounds. The loss is convex, so that it is
    /// least where the slope is zero.
    fn search(&mut self, direction: &[f32], slope: f64) -> f32 {
        let (own, along) = (&self.weights[..self.penalised], &direction[..self.penalised]);
        let [square, mixed, own] = [dot(along, along), dot(own, along), dot(own, own)];
        let at = |step: f64| {
            let Line { value, slope, curvature } = self.loss.along(&self.logits, &self.rows, step as f32);
            Line {
                value: value + self.l2 / 2.0 * (own + 2.0 * step * mixed + step * step * square),
                slope: slope + self.l2 * (mixed + step * square),
                curvature: curvature + self.l2 * square,
            }
        };
        let mut step = 1.0;
        if self.history.is_empty() {
            let here = at(0.0);
            step = -slope / here.curvature;
        }
        let [mut low, mut high] = [0.0, f64::INFINITY];
        let mut line = at(step);
        for _ in 0..20 {
            if line.slope.abs() <= SLOPE * slope.abs() {
                break;
            }
            if line.slope < 0.0 {
                low = step
            } else {
                high = step
            }
            let newton = step - line.slope / line.curvature;
            step = match newton > low && newton < high {
                true => newton,
                false if high.is_finite() => (low + high) / 2.0,
                false => step * 4.0,
            };
            line = at(step);
        }
        self.stalled = if -slope * step < SMALLEST_DECREASE * line.value { self.stalled + 1 } else { 0 };
        step as f32
    }
}
