//! What all trainings of a set of examples have in common, and the head that comes of one.

use super::examples::Examples;
use super::matrix::{Matrix, TILE, padded};
use super::preconditioner::Directions;
use super::span::Span;
use super::standardize::Standardization;

/// Pictures as they are trained on: standardised, with a column of ones, and in the basis of their span where that pays. The
/// trainings of a cross-validation share it: they leave rows out.
pub struct Design {
    standardization: Standardization,
    span: Option<Span>,
    pub matrix: Matrix,
    pub directions: Directions,
}

/// A head on features as they are: `logits = features · weights + biases`.
pub struct Linear {
    /// `[classes, features]`.
    pub weights: Vec<f32>,
    pub biases: Vec<f32>,
}

impl Design {
    /// Prepares all pictures that have labels.
    pub fn new(examples: &Examples) -> Self {
        let rows = (0..examples.len()).map(|picture| examples.features(picture));
        let standardization = Standardization::of(rows.clone(), examples.dimensions());
        let matrix = standardized(&standardization, rows);
        let (span, matrix) = match Span::pays(examples.len(), examples.dimensions()) {
            true => {
                let (span, reduced) = Span::of(&matrix);
                (Some(span), reduced)
            }
            false => (None, matrix),
        };
        Self { directions: Directions::new(&matrix), standardization, span, matrix }
    }

    /// Weights `[features + 1, width]`, padded, for standardised features, of weights in the columns of the matrix.
    fn wide(&self, examples: &Examples, weights: &[f32], width: usize) -> Vec<f32> {
        match &self.span {
            None => weights.to_vec(),
            Some(span) => span.expand(weights, width, examples.dimensions(), |picture, out| {
                self.standardization.apply(examples.features(picture), out);
            }),
        }
    }

    /// The logits `[pictures, width]` of other pictures, with weights in the columns of the matrix.
    pub fn logits<'a>(
        &self,
        examples: &Examples,
        weights: &[f32],
        width: usize,
        rows: impl ExactSizeIterator<Item = &'a [f32]>,
    ) -> Vec<f32> {
        let count = rows.len();
        let matrix = standardized(&self.standardization, rows);
        let mut logits = vec![0.0; padded(count, TILE) * width];
        matrix.product(&self.wide(examples, weights, width), width, &mut logits);
        logits.truncate(count * width);
        logits
    }

    /// The head that weights in the columns of the matrix are. Softmax does not change when all biases do: unless there are
    /// several labels, theirs then have mean 0, as scikit-learn's.
    pub fn head(&self, examples: &Examples, weights: &[f32], width: usize, several: bool) -> Linear {
        let wide = self.wide(examples, weights, width);
        let (classes, dimensions) = (examples.classes(), examples.dimensions());
        let (weights, biases) = wide.split_at(dimensions * width);
        let mut biases: Vec<f64> = biases[..classes].iter().map(|&bias| f64::from(bias)).collect();
        let mut raw = vec![0.0; classes * dimensions];
        let Standardization { mean, scale } = &self.standardization;
        for (feature, own) in weights.chunks(width).enumerate() {
            for (class, bias) in biases.iter_mut().enumerate() {
                let weight = f64::from(own[class]) / scale[feature];
                *bias -= weight * mean[feature];
                raw[class * dimensions + feature] = weight as f32;
            }
        }
        let common = if several { 0.0 } else { biases.iter().sum::<f64>() / classes as f64 };
        Linear { weights: raw, biases: biases.iter().map(|bias| (bias - common) as f32).collect() }
    }
}

/// Pictures in rows, standardised, with a column of ones after the features.
fn standardized<'a>(by: &Standardization, rows: impl ExactSizeIterator<Item = &'a [f32]>) -> Matrix {
    let dimensions = by.mean.len();
    let mut matrix = Matrix::zeros(rows.len(), dimensions + 1);
    let mut row = vec![1.0; dimensions + 1];
    for (picture, features) in rows.enumerate() {
        by.apply(features, &mut row);
        matrix.set_row(picture, &row);
    }
    matrix
}
