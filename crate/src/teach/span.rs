//! Far fewer pictures than features: the best weights lie in the span of the examples, so that training needs only as many
//! dimensions as there are pictures. The examples in an orthonormal basis of their span have the same inner products, and
//! weights there the same length, so that the result is the same.

use super::matrix::{Matrix, padded};

/// Pictures up to which it pays to find the basis.
const MOST_PICTURES: usize = 512;
/// A picture whose distance from the span of others is this share of its length, squared, adds only rounding.
const SMALLEST: f64 = 1e-12;

/// An orthonormal basis of examples: the rows of `factor⁻¹ · examples[pivots]`.
pub struct Span {
    /// Examples that the basis is made of.
    pivots: Vec<usize>,
    /// Lower triangle, `[pivots, pivots]`.
    factor: Vec<f64>,
}

impl Span {
    /// Whether it pays to find the basis of so many pictures.
    pub fn pays(pictures: usize, features: usize) -> bool {
        pictures <= MOST_PICTURES && pictures * 2 <= features
    }

    /// The basis of examples whose last column is 1, which stays, and the examples in it.
    pub fn of(examples: &Matrix) -> (Self, Matrix) {
        let (rows, features) = (examples.rows, examples.columns - 1);
        let mut products = inner_products(examples, features);
        // Cholesky's factorisation of the inner products, with the farthest picture next: L · Lᵀ.
        let mut order: Vec<usize> = (0..rows).collect();
        let mut left: Vec<f64> = (0..rows).map(|i| products[i * rows + i]).collect();
        let smallest = left.iter().copied().fold(0.0, f64::max) * SMALLEST;
        let mut columns: Vec<Vec<f64>> = Vec::new();
        for k in 0..rows {
            let farthest = order.iter().enumerate().skip(k).max_by(|a, b| left[*a.1].total_cmp(&left[*b.1]));
            let Some((at, &row)) = farthest.filter(|&(_, &row)| left[row] > smallest) else { break };
            order.swap(k, at);
            let pivot = left[row].sqrt();
            let mut column = vec![0.0; rows];
            column[row] = pivot;
            for &other in &order[k + 1..] {
                column[other] = products[other * rows + row] / pivot;
                left[other] -= column[other] * column[other];
            }
            for &other in &order[k + 1..] {
                for &third in &order[k + 1..] {
                    products[other * rows + third] -= column[other] * column[third];
                }
            }
            columns.push(column);
        }
        let pivots = order[..columns.len()].to_vec();
        let mut reduced = Matrix::zeros(rows, pivots.len() + 1);
        for row in 0..rows {
            let values: Vec<f32> = columns.iter().map(|column| column[row] as f32).chain([1.0]).collect();
            reduced.set_row(row, &values);
        }
        let factor = pivots.iter().flat_map(|&row| columns.iter().map(move |column| column[row])).collect();
        (Self { pivots, factor }, reduced)
    }

    /// Weights `[features + 1, width]` for features, of weights in the basis; `row` writes an example's features.
    pub fn expand(&self, weights: &[f32], width: usize, features: usize, row: impl Fn(usize, &mut [f32])) -> Vec<f32> {
        let count = self.pivots.len();
        let mut solved: Vec<f64> = weights[..count * width].iter().map(|&weight| f64::from(weight)).collect();
        // Solves factorᵀ · solved = weights from the last row up.
        for k in (0..count).rev() {
            let (before, own) = solved.split_at_mut(k * width);
            let own = &mut own[..width];
            own.iter_mut().for_each(|value| *value /= self.factor[k * count + k]);
            for (j, values) in before.chunks_mut(width).enumerate() {
                let factor = self.factor[k * count + j];
                values.iter_mut().zip(&*own).for_each(|(value, own)| *value -= factor * own);
            }
        }
        let mut wide = vec![0.0f64; (features + 1) * width];
        let mut example = vec![0.0; features];
        for (&pivot, solved) in self.pivots.iter().zip(solved.chunks(width)) {
            row(pivot, &mut example);
            for (wide, &x) in wide.chunks_mut(width).zip(&example) {
                wide.iter_mut().zip(solved).for_each(|(wide, solved)| *wide += f64::from(x) * solved);
            }
        }
        let mut wide: Vec<f32> = wide.iter().map(|&weight| weight as f32).collect();
        wide[features * width..].copy_from_slice(&weights[count * width..][..width]);
        wide.resize(padded(features + 1, super::matrix::TILE) * width, 0.0);
        wide
    }
}

/// The inner products of all rows, of the first `columns` columns.
fn inner_products(matrix: &Matrix, columns: usize) -> Vec<f64> {
    const LANES: usize = 8;
    let rows = matrix.rows;
    let dense: Vec<Vec<f32>> = (0..rows).map(|row| matrix.row(row).take(columns).collect()).collect();
    let mut products = vec![0.0; rows * rows];
    for (i, a) in dense.iter().enumerate() {
        let (a, a_rest) = a.as_chunks::<LANES>();
        for (j, b) in dense[..=i].iter().enumerate() {
            let (b, b_rest) = b.as_chunks::<LANES>();
            let mut lanes = [0.0f64; LANES];
            for (a, b) in a.iter().zip(b) {
                for ((lane, &a), &b) in lanes.iter_mut().zip(a).zip(b) {
                    *lane += f64::from(a) * f64::from(b);
                }
            }
            let rest: f64 = a_rest.iter().zip(b_rest).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
            let product = lanes.iter().sum::<f64>() + rest;
            products[i * rows + j] = product;
            products[j * rows + i] = product;
        }
    }
    products
}
