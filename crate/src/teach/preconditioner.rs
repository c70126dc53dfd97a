//! Features of a network go together: a few directions hold most of their variance, and make L-BFGS slow. Those directions,
//! found by a randomised range finder (Halko, Martinsson and Tropp, 2011), give it a first guess of the inverse Hessian.
//! The guess changes how soon the result is found, not the result.

use super::matrix::{Matrix, TILE};

/// Directions that are looked for.
const RANK: usize = 64;

/// The largest eigenvalues of `examplesᵀ · examples` with their eigenvectors, about.
pub struct Preconditioner {
    /// In columns, `[columns, rank]`.
    vectors: Matrix,
    values: Vec<f64>,
    /// The mean of the other eigenvalues.
    rest: f64,
}

impl Preconditioner {
    /// Costs three products of the examples with `RANK` columns.
    pub fn new(examples: &Matrix) -> Self {
        let rank = RANK.min(examples.columns.next_multiple_of(TILE));
        let depth = examples.padded_columns();
        let mut images = vec![0.0; examples.padded_rows() * rank];
        let mut range = random(depth * rank);
        range[examples.columns * rank..].fill(0.0);
        examples.product(&range, rank, &mut images);
        examples.transposed_product(&images, rank, &mut range);
        // An orthonormal basis of the range, then the examples' inner products in it.
        let (squares, basis) = eigen(inner_products(&range, rank), rank);
        let largest = squares.iter().copied().fold(0.0, f64::max);
        let kept: Vec<usize> = (0..rank).filter(|&k| squares[k] > largest * 1e-9).collect();
        let range = combined(&range, rank, &kept, &basis, |k| 1.0 / squares[k].sqrt());
        examples.product(&range, rank, &mut images);
        let (values, turn) = eigen(inner_products(&images, rank), rank);
        let order: Vec<usize> = (0..rank).collect();
        let range = combined(&range, rank, &order, &turn, |_| 1.0);
        let mut vectors = Matrix::zeros(examples.columns, rank);
        for (column, values) in range.chunks(rank).take(examples.columns).enumerate() {
            vectors.row_mut(column).copy_from_slice(values);
        }
        let all: f64 = (0..examples.rows).flat_map(|row| examples.row(row)).map(|&x| f64::from(x) * f64::from(x)).sum();
        let others = examples.columns.saturating_sub(kept.len()).max(1) as f64;
        let rest = (all - values.iter().sum::<f64>()).max(0.0) / others;
        Self { vectors, values, rest }
    }

    /// Applies the inverse of `curvature * examplesᵀ · examples + l2` to a vector `[columns, classes]`, of each class by its own
    /// curvature.
    pub fn apply(&self, vector: &mut [f32], curvatures: &[f64], l2: f64) {
        let classes = curvatures.len();
        let rank = self.values.len();
        let mut parts = vec![0.0; self.vectors.padded_columns() * classes];
        self.vectors.transposed_product(vector, classes, &mut parts);
        let rest: Vec<f64> = curvatures.iter().map(|curvature| 1.0 / (curvature * self.rest + l2)).collect();
        for (parts, value) in parts.chunks_mut(classes).take(rank).zip(&self.values) {
            for ((part, curvature), rest) in parts.iter_mut().zip(curvatures).zip(&rest) {
                *part *= (1.0 / (curvature * value + l2) - rest) as f32;
            }
        }
        let mut sum = vec![0.0; vector.len()];
        self.vectors.product(&parts, classes, &mut sum);
        let rest: Vec<f32> = rest.iter().map(|&rest| rest as f32).collect();
        for (vector, sum) in vector.chunks_mut(classes).zip(sum.chunks(classes)) {
            for ((vector, sum), rest) in vector.iter_mut().zip(sum).zip(&rest) {
                *vector = *vector * rest + sum;
            }
        }
    }
}

/// Numbers between -1 and 1, the same ones each time.
fn random(count: usize) -> Vec<f32> {
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / 8_388_608.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// The inner products of the columns of `[rows, rank]`.
fn inner_products(columns: &[f32], rank: usize) -> Vec<f64> {
    let rows = columns.len() / rank;
    let mut matrix = Matrix::zeros(rows, rank);
    for (row, values) in columns.chunks(rank).enumerate() {
        matrix.row_mut(row).copy_from_slice(values);
    }
    let mut products = vec![0.0; rank * rank];
    matrix.transposed_product(columns, rank, &mut products);
    products.iter().map(|&product| f64::from(product)).collect()
}

/// Columns `[rows, rank]` combined: each of `kept` as eigenvectors say, times its factor; then zeros.
fn combined(columns: &[f32], rank: usize, kept: &[usize], by: &[f64], factor: impl Fn(usize) -> f64) -> Vec<f32> {
    let mut turn = vec![0.0f32; rank * rank];
    for (to, &from) in kept.iter().enumerate() {
        let factor = factor(from);
        for row in 0..rank {
            turn[row * rank + to] = (by[row * rank + from] * factor) as f32;
        }
    }
    let mut matrix = Matrix::zeros(columns.len() / rank, rank);
    for (row, values) in columns.chunks(rank).enumerate() {
        matrix.row_mut(row).copy_from_slice(values);
    }
    let mut out = vec![0.0; columns.len()];
    matrix.product(&turn, rank, &mut out);
    out
}

/// Eigenvalues of a symmetric matrix, and its eigenvectors in columns, by Jacobi's rotations.
fn eigen(mut a: Vec<f64>, size: usize) -> (Vec<f64>, Vec<f64>) {
    let mut vectors = vec![0.0; size * size];
    (0..size).for_each(|i| vectors[i * size + i] = 1.0);
    let norm: f64 = a.iter().map(|x| x * x).sum();
    for _ in 0..12 {
        let mut off = 0.0;
        for p in 0..size {
            for q in p + 1..size {
                let apq = a[p * size + q];
                off += apq * apq;
                if apq * apq <= 1e-24 * norm {
                    continue;
                }
                let theta = (a[q * size + q] - a[p * size + p]) / (2.0 * apq);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for k in 0..size {
                    let (x, y) = (a[p * size + k], a[q * size + k]);
                    a[p * size + k] = c * x - s * y;
                    a[q * size + k] = s * x + c * y;
                }
                for k in 0..size {
                    let (x, y) = (a[k * size + p], a[k * size + q]);
                    a[k * size + p] = c * x - s * y;
                    a[k * size + q] = s * x + c * y;
                    let (x, y) = (vectors[k * size + p], vectors[k * size + q]);
                    vectors[k * size + p] = c * x - s * y;
                    vectors[k * size + q] = s * x + c * y;
                }
            }
        }
        if off <= 1e-16 * norm {
            break;
        }
    }
    ((0..size).map(|i| a[i * size + i].max(0.0)).collect(), vectors)
}
