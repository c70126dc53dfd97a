//! One training: some of the pictures, one penalty.

use super::examples::Examples;
use super::loss::Loss;
use super::matrix::{Matrix, TILE, padded};
use super::solver::Solver;
use super::span::Span;
use super::standardize::Standardization;

/// Pictures as they are trained on: standardised, with a column of ones, and in the basis of their span where that pays.
pub struct Design {
    pub pictures: Vec<usize>,
    standardization: Standardization,
    span: Option<Span>,
    matrix: Matrix,
}

/// A head on features as they are: `logits = features · weights + biases`.
pub struct Linear {
    /// `[features, width]`, where `width` is the classes padded.
    weights: Vec<f64>,
    biases: Vec<f64>,
}

/// A training that goes on, step by step.
pub struct Fit {
    pictures: Vec<usize>,
    standardization: Standardization,
    span: Option<Span>,
    width: usize,
    pub solver: Solver,
}

/// What came of a training.
pub struct Fitted {
    pub design: Design,
    /// In the design's columns.
    pub weights: Vec<f32>,
    width: usize,
    pub iterations: usize,
    pub is_converged: bool,
}

impl Design {
    /// Prepares `pictures`.
    pub fn new(examples: &Examples, pictures: Vec<usize>) -> Self {
        let rows = pictures.iter().map(|&picture| examples.features(picture));
        let standardization = Standardization::of(rows.clone(), examples.dimensions());
        let matrix = standardized(&standardization, rows);
        let (span, matrix) = match Span::of(&matrix) {
            Some((span, reduced)) => (Some(span), reduced),
            None => (None, matrix),
        };
        Self { pictures, standardization, span, matrix }
    }

    /// Whether it is small: the examples are kept in the basis of their span.
    pub fn is_reduced(&self) -> bool {
        self.span.is_some()
    }

    /// The weights in the design's columns that are this head's, to begin with; none in the basis of a span.
    pub fn weights_of(&self, head: &Linear) -> Option<Vec<f32>> {
        let width = head.biases.len();
        if self.is_reduced() {
            return None;
        }
        let mut biases = head.biases.clone();
        let mut weights = Vec::with_capacity(self.matrix.padded_columns() * width);
        let Standardization { mean, scale } = &self.standardization;
        for ((own, mean), scale) in head.weights.chunks(width).zip(mean).zip(scale) {
            biases.iter_mut().zip(own).for_each(|(bias, weight)| *bias += weight * mean);
            weights.extend(own.iter().map(|weight| (weight * scale) as f32));
        }
        weights.extend(biases.iter().map(|&bias| bias as f32));
        weights.resize(self.matrix.padded_columns() * width, 0.0);
        Some(weights)
    }
}

/// Pictures in rows, standardised, with a column of ones after the features.
fn standardized<'a>(by: &Standardization, rows: impl ExactSizeIterator<Item = &'a [f32]>) -> Matrix {
    let dimensions = by.mean.len();
    let mut matrix = Matrix::zeros(rows.len(), dimensions + 1);
    for (row, features) in rows.enumerate() {
        let out = matrix.row_mut(row);
        by.apply(features, out);
        out[dimensions] = 1.0;
    }
    matrix
}

impl Fit {
    /// Begins a training from weights in the design's columns, or from zero.
    pub fn new(design: Design, loss: Loss, l2: f64, start: Option<Vec<f32>>) -> Self {
        let Design { pictures, standardization, span, matrix } = design;
        let width = loss.width();
        Self { pictures, standardization, span, width, solver: Solver::new(matrix, loss, l2, start) }
    }

    /// Ends it.
    pub fn finish(self) -> Fitted {
        let (iterations, is_converged) = (self.solver.iterations, self.solver.is_converged());
        let (matrix, weights) = self.solver.into_parts();
        let Self { pictures, standardization, span, width, .. } = self;
        let design = Design { pictures, standardization, span, matrix };
        Fitted { design, weights, width, iterations, is_converged }
    }
}

impl Fitted {
    /// The weights for standardised features, `[features + 1, width]` padded.
    fn wide(&self, examples: &Examples) -> Vec<f32> {
        let Design { pictures, standardization, span, .. } = &self.design;
        match span {
            None => self.weights.clone(),
            Some(span) => span.expand(&self.weights, self.width, examples.dimensions(), |row, out| {
                standardization.apply(examples.features(pictures[row]), out);
            }),
        }
    }

    /// The logits of pictures, `[pictures, width]`.
    pub fn logits<'a>(&self, examples: &Examples, rows: impl ExactSizeIterator<Item = &'a [f32]>) -> Vec<f32> {
        let count = rows.len();
        let matrix = standardized(&self.design.standardization, rows);
        let mut logits = vec![0.0; padded(count, TILE) * self.width];
        matrix.product(&self.wide(examples), self.width, &mut logits);
        logits.truncate(count * self.width);
        logits
    }

    /// The head for features as they are.
    pub fn head(&self, examples: &Examples) -> Linear {
        let wide = self.wide(examples);
        let (weights, biases) = wide.split_at(examples.dimensions() * self.width);
        let mut biases: Vec<f64> = biases[..self.width].iter().map(|&bias| f64::from(bias)).collect();
        let mut raw = Vec::with_capacity(weights.len());
        let Standardization { mean, scale } = &self.design.standardization;
        for ((own, mean), scale) in weights.chunks(self.width).zip(mean).zip(scale) {
            for (bias, &weight) in biases.iter_mut().zip(own) {
                let weight = f64::from(weight) / scale;
                *bias -= weight * mean;
                raw.push(weight);
            }
        }
        Linear { weights: raw, biases }
    }
}

impl Linear {
    /// The weights `[classes, features]` and the biases. Softmax does not change when all biases do: theirs then have mean 0, as
    /// scikit-learn's.
    pub fn of_classes(&self, classes: usize, several: bool) -> (Vec<f32>, Vec<f32>) {
        let width = self.biases.len();
        let biases = &self.biases[..classes];
        let mean = if several { 0.0 } else { biases.iter().sum::<f64>() / classes as f64 };
        let of = |class| self.weights.iter().skip(class).step_by(width).map(|&weight| weight as f32);
        ((0..classes).flat_map(of).collect(), biases.iter().map(|bias| (bias - mean) as f32).collect())
    }
}
