//! Matrices in rows, and the two products that training spends its time on.
//!
//! Rows and columns are padded with zeros to multiples of a register tile, so that no product has a remainder. A row begins
//! sixteen columns after the end of the one before: rows that lie a power of two apart would share the lines of a cache.

/// Rows of a register tile; rows and columns are padded to multiples of it.
pub const TILE: usize = 4;
/// Columns that a product sums over before it writes the sums back.
const DEPTH: usize = 256;
/// Rows that a product stays with while it goes through the classes.
const ROWS: usize = 64;
/// Columns that the transposed product stays with while it goes through the classes.
const COLUMNS: usize = 64;

/// `value` rounded up to a multiple of `step`.
pub fn padded(value: usize, step: usize) -> usize {
    value.div_ceil(step) * step
}

/// Examples in rows, features in columns.
pub struct Matrix {
    /// Number of rows without padding.
    pub rows: usize,
    /// Number of columns without padding.
    pub columns: usize,
    stride: usize,
    values: Vec<f32>,
}

impl Matrix {
    /// A matrix of zeros.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        let stride = padded(columns, 16) + 16;
        Self { rows, columns, stride, values: vec![0.0; padded(rows, TILE) * stride] }
    }

    /// Columns with their padding: the rows that weights and gradients have.
    pub fn padded_columns(&self) -> usize {
        padded(self.columns, TILE)
    }

    /// Rows with their padding: the rows that logits have.
    pub fn padded_rows(&self) -> usize {
        padded(self.rows, TILE)
    }

    /// The values of one row.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.stride..][..self.columns]
    }

    /// The values of one row.
    pub fn row_mut(&mut self, row: usize) -> &mut [f32] {
        &mut self.values[row * self.stride..][..self.columns]
    }

    /// `logits[rows, classes] = self · weights[columns, classes]`; `classes` is a multiple of [`TILE`].
    pub fn product(&self, weights: &[f32], classes: usize, logits: &mut [f32]) {
        logits.fill(0.0);
        let depth = self.padded_columns();
        for begin in (0..depth).step_by(DEPTH) {
            let columns = begin..(begin + DEPTH).min(depth);
            for first in (0..self.padded_rows()).step_by(ROWS) {
                let rows = first..(first + ROWS).min(self.padded_rows());
                for (class, width) in panels(classes) {
                    for row in rows.clone().step_by(TILE) {
                        let a = [0, 1, 2, 3].map(|i| &self.values[(row + i) * self.stride..][columns.clone()]);
                        let b = &weights[columns.start * classes + class..columns.end * classes];
                        let out = &mut logits[row * classes + class..];
                        match width {
                            12 => add_rows::<12>(a, b, classes, out),
                            8 => add_rows::<8>(a, b, classes, out),
                            _ => add_rows::<4>(a, b, classes, out),
                        }
                    }
                }
            }
        }
    }

    /// `gradient[columns, classes] = selfᵀ · residuals[rows, classes]`; `classes` is a multiple of [`TILE`].
    pub fn transposed_product(&self, residuals: &[f32], classes: usize, gradient: &mut [f32]) {
        gradient.fill(0.0);
        let depth = self.padded_columns();
        for first in (0..self.padded_rows()).step_by(ROWS) {
            let rows = first..(first + ROWS).min(self.padded_rows());
            for begin in (0..depth).step_by(COLUMNS) {
                for (class, width) in panels(classes) {
                    for column in (begin..(begin + COLUMNS).min(depth)).step_by(TILE) {
                        let a = &self.values[rows.start * self.stride + column..];
                        let b = &residuals[rows.start * classes + class..rows.end * classes];
                        let out = &mut gradient[column * classes + class..];
                        match width {
                            12 => add_columns::<12>(a, self.stride, b, classes, out),
                            8 => add_columns::<8>(a, self.stride, b, classes, out),
                            _ => add_columns::<4>(a, self.stride, b, classes, out),
                        }
                    }
                }
            }
        }
    }
}

/// First class and width of each panel of a register tile: twelve or eight classes, four where there are no more.
fn panels(classes: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut class = 0;
    std::iter::from_fn(move || {
        let left = classes - class;
        let width = match left {
            0 => return None,
            4 => 4,
            _ if left % 8 == 4 => 12,
            _ => 8,
        };
        class += width;
        Some((class - width, width))
    })
}

/// Adds to four rows of `out` what four rows of the matrix say of `W` classes.
#[inline(always)]
fn add_rows<const W: usize>(a: [&[f32]; TILE], b: &[f32], classes: usize, out: &mut [f32]) {
    let mut sums = [[0.0f32; W]; TILE];
    let [a0, a1, a2, a3] = a;
    let steps = a0.iter().zip(a1).zip(a2.iter().zip(a3)).zip(b.chunks(classes));
    for (((x0, x1), (x2, x3)), b) in steps {
        let Some(b) = b.first_chunk::<W>() else { break };
        for (sums, x) in sums.iter_mut().zip([*x0, *x1, *x2, *x3]) {
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum += x * b;
            }
        }
    }
    write(&sums, classes, out);
}

/// Adds to four rows of `out` what four columns of the matrix say of `W` classes.
#[inline(always)]
fn add_columns<const W: usize>(a: &[f32], stride: usize, b: &[f32], classes: usize, out: &mut [f32]) {
    let mut sums = [[0.0f32; W]; TILE];
    for (a, b) in a.chunks(stride).zip(b.chunks(classes)) {
        let (Some(a), Some(b)) = (a.first_chunk::<TILE>(), b.first_chunk::<W>()) else { break };
        for (sums, x) in sums.iter_mut().zip(a) {
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum += x * b;
            }
        }
    }
    write(&sums, classes, out);
}

#[inline(always)]
fn write<const W: usize>(sums: &[[f32; W]; TILE], classes: usize, out: &mut [f32]) {
    for (sums, out) in sums.iter().zip(out.chunks_mut(classes)) {
        for (out, sum) in out.iter_mut().zip(sums) {
            *out += sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Matrix, padded};

    /// Every panel width, more than one block of rows and columns, and padding.
    #[test]
    fn products_equal_their_definition() {
        for (rows, columns, classes) in [(1, 1, 4), (7, 5, 8), (70, 300, 12), (130, 67, 20), (5, 9, 28)] {
            let mut matrix = Matrix::zeros(rows, columns);
            let value = |i: usize| ((i * 7919 + 13) % 101) as f32 / 50.0 - 1.0;
            for row in 0..rows {
                for (column, x) in matrix.row_mut(row).iter_mut().enumerate() {
                    *x = value(row * columns + column);
                }
            }
            let weights: Vec<f32> = (0..padded(columns, 4) * classes).map(|i| value(i + 5)).collect();
            let residuals: Vec<f32> = (0..padded(rows, 4) * classes).map(|i| value(i + 3)).collect();
            let mut logits = vec![9.0; matrix.padded_rows() * classes];
            let mut gradient = vec![9.0; matrix.padded_columns() * classes];
            matrix.product(&weights, classes, &mut logits);
            matrix.transposed_product(&residuals, classes, &mut gradient);
            for class in 0..classes {
                for row in 0..rows {
                    let sum: f64 = (0..columns)
                        .map(|k| f64::from(matrix.row(row)[k]) * f64::from(weights[k * classes + class]))
                        .sum();
                    assert!((sum - f64::from(logits[row * classes + class])).abs() < 1e-4, "{row} {class}");
                }
                for column in 0..columns {
                    let sum: f64 = (0..rows)
                        .map(|i| f64::from(matrix.row(i)[column]) * f64::from(residuals[i * classes + class]))
                        .sum();
                    assert!((sum - f64::from(gradient[column * classes + class])).abs() < 1e-4, "{column} {class}");
                }
            }
        }
    }
}
