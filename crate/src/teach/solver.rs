//! L-BFGS (Liu and Nocedal, 1989) on a loss plus a penalty.
//!
//! Logits are linear in the weights. So a line search needs the products with all examples once, for the direction; then each
//! step along it costs no more than the loss of the logits, and Newton's method finds the best one.

use std::collections::VecDeque;

use super::loss::{Line, Loss};
use super::matrix::Matrix;
use super::preconditioner::Preconditioner;
use super::vector::{add, dot};

/// Pairs of steps and changes of the gradient that are kept.
const HISTORY: usize = 16;
/// Bytes that they may take, with many classes; two pairs are kept in any case.
const HISTORY_BYTES: usize = 128 << 20;
/// The largest distance from the best weights at which a training ends, as a share of their length.
const TOLERANCE: f64 = 2e-4;
/// The largest mean residual of a class at which a training ends.
const BIAS_TOLERANCE: f64 = 1e-5;
/// The decrease of the loss, as a share of it, below which f32 has no more to give.
const SMALLEST_DECREASE: f64 = 1e-11;
/// A step is good where the slope is this share of what it was.
const SLOPE: f64 = 0.3;
const MOST_ITERATIONS: usize = 1000;
/// Steps after which logits are computed from the weights again, so that rounding does not add up.
const REFRESH: usize = 32;

/// Minimises `sum(loss) + l2 / 2 * |weights|²`. The last column of the examples is 1 and its weights, the biases, are not
/// penalised.
pub struct Solver {
    examples: Matrix,
    loss: Loss,
    l2: f64,
    /// `[columns, classes]`, both padded.
    weights: Vec<f32>,
    gradient: Vec<f32>,
    logits: Vec<f32>,
    /// The logits' change along a direction, or the residuals.
    rows: Vec<f32>,
    history: VecDeque<Pair>,
    preconditioner: Option<Preconditioner>,
    /// The mean second derivative of the loss by each class's logit, times the pictures.
    curvatures: Vec<f64>,
    pub iterations: usize,
    /// The first gradient's length and the last one's, each over that at which training ends.
    first: f64,
    last: f64,
    stalled: usize,
    state: State,
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
    pub fn new(examples: Matrix, loss: Loss, l2: f64, start: Option<Vec<f32>>) -> Self {
        let weights = start.unwrap_or_else(|| vec![0.0; examples.padded_columns() * loss.width()]);
        let logits = vec![0.0; examples.padded_rows() * loss.width()];
        Self {
            gradient: vec![0.0; weights.len()],
            rows: logits.clone(),
            logits,
            weights,
            history: VecDeque::new(),
            preconditioner: None,
            curvatures: Vec::new(),
            iterations: 0,
            first: f64::INFINITY,
            last: f64::INFINITY,
            stalled: 0,
            state: State::Begun,
            examples,
            loss,
            l2,
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

    /// The examples and the weights.
    pub fn into_parts(self) -> (Matrix, Vec<f32>) {
        (self.examples, self.weights)
    }

    /// Goes one step: two products with all examples.
    pub fn step(&mut self) {
        match self.state {
            State::Begun => {
                self.preconditioner = Some(Preconditioner::new(&self.examples));
                self.compute_logits();
                self.compute_gradient();
                self.state = State::Running;
                self.judge();
                self.first = self.last;
            }
            State::Running => self.iterate(),
            State::Converged | State::Ended => {}
        }
    }

    fn compute_logits(&mut self) {
        self.examples.product(&self.weights, self.loss.width(), &mut self.logits);
    }

    fn compute_gradient(&mut self) {
        self.curvatures = self.loss.residuals(&self.logits, &mut self.rows);
        self.examples.transposed_product(&self.rows, self.loss.width(), &mut self.gradient);
        let penalised = self.penalised();
        add(&mut self.gradient[..penalised], self.l2 as f32, &self.weights[..penalised]);
    }

    /// How many of the weights are not biases (or the padding after them).
    fn penalised(&self) -> usize {
        (self.examples.columns - 1) * self.loss.width()
    }

    /// Ends where the weights are the best ones. The loss is strongly convex with the penalty's modulus, so that they are no
    /// farther away than the gradient's length over it.
    fn judge(&mut self) {
        let (weights, biases) = self.gradient.split_at(self.penalised());
        let own = &self.weights[..self.penalised()];
        let wanted = TOLERANCE * self.l2 * dot(own, own).sqrt();
        let length = dot(weights, weights).sqrt();
        let bias = dot(biases, biases).sqrt() / (BIAS_TOLERANCE * self.loss.total);
        self.last = (length / wanted.max(f64::from(f32::EPSILON) * self.loss.total)).max(bias);
        if self.last <= 1.0 || self.stalled >= 3 {
            self.state = State::Converged;
        } else if self.iterations >= MOST_ITERATIONS {
            self.state = State::Ended;
        }
    }

    fn iterate(&mut self) {
        let (mut direction, mut slope) = self.direction();
        if slope >= 0.0 {
            // Rounding has made the history useless.
            self.history.clear();
            (direction, slope) = self.direction();
        }
        self.examples.product(&direction, self.loss.width(), &mut self.rows);
        let step = self.search(&direction, slope);
        add(&mut self.weights, step, &direction);
        self.iterations += 1;
        if self.iterations.is_multiple_of(REFRESH) {
            self.compute_logits();
        } else {
            add(&mut self.logits, step, &self.rows);
        }
        let mut change = self.gradient.clone();
        self.compute_gradient();
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
        self.judge();
    }

    /// The direction to go, and the slope along it.
    fn direction(&self) -> (Vec<f32>, f64) {
        let mut direction: Vec<f32> = self.gradient.iter().map(|gradient| -gradient).collect();
        let mut factors = Vec::with_capacity(self.history.len());
        for pair in self.history.iter().rev() {
            let factor = dot(&pair.step, &direction) / pair.product;
            add(&mut direction, -factor as f32, &pair.change);
            factors.push(factor);
        }
        self.precondition(&mut direction);
        if let Some(pair) = self.history.back() {
            let mut change = pair.change.clone();
            self.precondition(&mut change);
            let scale = (pair.product / dot(&pair.change, &change)) as f32;
            direction.iter_mut().for_each(|value| *value *= scale);
        }
        for (pair, factor) in self.history.iter().zip(factors.iter().rev()) {
            let other = dot(&pair.change, &direction) / pair.product;
            add(&mut direction, (factor - other) as f32, &pair.step);
        }
        let slope = dot(&direction, &self.gradient);
        (direction, slope)
    }

    fn precondition(&self, vector: &mut [f32]) {
        if let Some(preconditioner) = &self.preconditioner {
            preconditioner.apply(vector, &self.curvatures, self.l2);
        }
    }

    /// The step along a direction at which the slope is small: Newton's method between bounds. The loss is convex, so that it is
    /// least where the slope is zero.
    fn search(&mut self, direction: &[f32], slope: f64) -> f32 {
        let penalised = self.penalised();
        let (own, along) = (&self.weights[..penalised], &direction[..penalised]);
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
