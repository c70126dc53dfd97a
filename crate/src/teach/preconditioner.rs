//! Features of a network go together: a few directions hold most of their variance, and make L-BFGS slow. Those directions are
//! found by a randomised range finder (Halko, Martinsson and Tropp, 2011). In them each class's second derivatives are taken
//! as they are, in the others their mean: a first guess of the inverse Hessian. The guess changes how soon the result is found,
//! not the result.

use super::loss::Loss;
use super::matrix::{Matrix, TILE};

/// Directions that are looked for.
const RANK: usize = 64;

/// The directions of most variance.
pub struct Directions {
    /// Orthonormal, in columns, `[columns, rank]`; without the last one, which is the examples' ones.
    vectors: Matrix,
    /// The examples in them, `[rows, rank]`.
    images: Matrix,
    /// The square of what of each example lies in no direction, over the number of directions left.
    outside: Vec<f32>,
}

/// A guess of the inverse Hessian at some weights.
pub struct Preconditioner {
    rank: usize,
    /// Cholesky's factor of each class's Hessian in the directions, `[classes, rank, rank]`.
    factors: Vec<f32>,
    /// One over each class's second derivative in all others, and by its bias.
    rest: Vec<f32>,
    biases: Vec<f32>,
}

impl Directions {
    /// Costs three products of the examples with `RANK` columns.
    pub fn new(examples: &Matrix) -> Self {
        let (rank, last) = (RANK.min((examples.columns - 1).next_multiple_of(TILE)), (examples.columns - 1));
        let without_last = |range: &mut [f32]| range[last * rank..].fill(0.0);
        let mut images = vec![0.0; examples.padded_rows() * rank];
        let mut range = random(examples.padded_columns() * rank);
        without_last(&mut range);
        examples.product(&range, rank, &mut images);
        examples.transposed_product(&images, rank, &mut range);
        without_last(&mut range);
        let (squares, basis) = eigen(inner_products(&range, rank), rank);
        let largest = squares.iter().copied().fold(0.0, f64::max);
        let kept: Vec<usize> = (0..rank).filter(|&k| squares[k] > largest * 1e-9).collect();
        let range = combined(&range, rank, &kept, &basis, |k| 1.0 / squares[k].sqrt());
        examples.product(&range, rank, &mut images);
        let images = Matrix::of_rows(&images[..examples.rows * rank], rank);
        let others = last.saturating_sub(kept.len()).max(1) as f32;
        let square = |values: &mut dyn Iterator<Item = f32>| values.map(|x| x * x).sum::<f32>();
        let outside = (0..examples.rows)
            .map(|row| (square(&mut examples.row(row).take(last)) - square(&mut images.row(row))).max(0.0) / others)
            .collect();
        Self { vectors: Matrix::of_rows(&range[..examples.columns * rank], rank), images, outside }
    }
}

impl Preconditioner {
    /// The guess where the loss has these `residuals` `[rows, classes]`.
    pub fn new(directions: &Directions, loss: &Loss, residuals: &[f32], l2: f64) -> Self {
        let (rank, width) = (directions.images.columns, loss.width());
        let rows = directions.images.rows;
        let mut weighed = vec![0.0; directions.images.padded_rows() * rank];
        let mut hessian = vec![0.0; rank * rank];
        let mut curvatures = vec![0.0; rows];
        let [mut factors, mut rest, mut biases] = [Vec::new(), Vec::new(), Vec::new()];
        for class in 0..width {
            loss.curvatures(residuals, class, &mut curvatures);
            for (row, (weighed, curvature)) in weighed.chunks_mut(rank).zip(&curvatures).enumerate() {
                let images = directions.images.row(row);
                weighed.iter_mut().zip(images).for_each(|(weighed, image)| *weighed = image * curvature);
            }
            directions.images.transposed_product(&weighed, rank, &mut hessian);
            let sum: f64 = curvatures.iter().map(|&curvature| f64::from(curvature)).sum();
            factors.extend(factor(&hessian, rank, l2 as f32));
            let outside: f64 =
                curvatures.iter().zip(&directions.outside).map(|(&c, &o)| f64::from(c) * f64::from(o)).sum();
            rest.push((1.0 / (outside + l2)) as f32);
            biases.push((1.0 / sum.max(1e-3 * rows as f64 / width as f64)) as f32);
        }
        Self { rank, factors, rest, biases }
    }

    /// Applies it to a vector `[columns, classes]`.
    pub fn apply(&self, directions: &Directions, vector: &mut [f32]) {
        let (classes, rank) = (self.rest.len(), self.rank);
        let last = (directions.vectors.rows - 1) * classes;
        let mut parts = vec![0.0; rank * classes];
        directions.vectors.transposed_product(vector, classes, &mut parts);
        let mut part = vec![0.0; rank];
        for (class, factor) in self.factors.chunks(rank * rank).enumerate() {
            part.iter_mut().zip(parts.iter().skip(class).step_by(classes)).for_each(|(part, &value)| *part = value);
            solve(factor, &mut part);
            for (value, solved) in parts.iter_mut().skip(class).step_by(classes).zip(&part) {
                *value = solved - *value * self.rest[class];
            }
        }
        let mut sum = vec![0.0; vector.len()];
        directions.vectors.product(&parts, classes, &mut sum);
        let (features, biases) = vector.split_at_mut(last);
        for (vector, sum) in features.chunks_mut(classes).zip(sum.chunks(classes)) {
            for ((vector, sum), rest) in vector.iter_mut().zip(sum).zip(&self.rest) {
                *vector = *vector * rest + sum;
            }
        }
        biases.iter_mut().zip(&self.biases).for_each(|(bias, by)| *bias *= by);
    }
}

/// Cholesky's factor of `matrix + l2`, a lower triangle whose diagonal is inverted.
fn factor(matrix: &[f32], size: usize, l2: f32) -> Vec<f32> {
    let mut factor = vec![0.0; size * size];
    for row in 0..size {
        for column in 0..=row {
            let known: f32 = (0..column).map(|k| factor[row * size + k] * factor[column * size + k]).sum();
            let value = matrix[row * size + column] - known;
            factor[row * size + column] = match column == row {
                // Not below the penalty but for rounding.
                true => 1.0 / (value + l2).max(l2 / 2.0).sqrt(),
                false => value * factor[column * size + column],
            };
        }
    }
    factor
}

/// Solves `factor · factorᵀ · x = vector` in place.
fn solve(factor: &[f32], vector: &mut [f32]) {
    let size = vector.len();
    for row in 0..size {
        let own = &factor[row * size..][..=row];
        let known: f32 = own[..row].iter().zip(&*vector).map(|(a, b)| a * b).sum();
        vector[row] = (vector[row] - known) * own[row];
    }
    for row in (0..size).rev() {
        let own = &factor[row * size..][..=row];
        let solved = vector[row] * own[row];
        vector[row] = solved;
        vector[..row].iter_mut().zip(own).for_each(|(value, a)| *value -= a * solved);
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
    let mut products = vec![0.0; rank * rank];
    Matrix::of_rows(columns, rank).transposed_product(columns, rank, &mut products);
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
    let mut out = vec![0.0; columns.len()];
    Matrix::of_rows(columns, rank).product(&turn, rank, &mut out);
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
