//! Matrices, and the two products that training spends its time on.
//!
//! Rows and columns are padded with zeros to multiples of a register tile, so that no product has a remainder. Values lie in
//! blocks of rows, and in a block in tiles of four columns, so that both products read a few thousand values in a line.

/// Rows and columns of a register tile; logits and weights have rows in multiples of it.
pub const TILE: usize = 4;
/// Rows of a block.
const BLOCK: usize = 32;
/// Values of a tile of four columns of a block.
const COLUMN_TILE: usize = BLOCK * TILE;
/// Values of a block that a product stays with while it goes through the classes: half of a first cache.
const PART: usize = 32 * COLUMN_TILE;

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
    /// `[row / 32, column / 4, row % 32, column % 4]`.
    values: Vec<f32>,
}

impl Matrix {
    /// A matrix of zeros.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, values: vec![0.0; padded(rows, BLOCK) * padded(columns, TILE)] }
    }

    /// A matrix of rows that lie one after another.
    pub fn of_rows(values: &[f32], columns: usize) -> Self {
        let mut matrix = Self::zeros(values.len() / columns, columns);
        values.chunks(columns).enumerate().for_each(|(row, values)| matrix.set_row(row, values));
        matrix
    }

    /// Columns with their padding: the rows that weights and gradients have.
    pub fn padded_columns(&self) -> usize {
        padded(self.columns, TILE)
    }

    /// Rows with their padding: the rows that logits have.
    pub fn padded_rows(&self) -> usize {
        padded(self.rows, TILE)
    }

    /// Writes the first columns of a row.
    pub fn set_row(&mut self, row: usize, values: &[f32]) {
        let block = self.padded_columns() * BLOCK;
        let tiles = self.values[row / BLOCK * block..][..block].chunks_mut(COLUMN_TILE);
        for (tile, values) in tiles.zip(values.chunks(TILE)) {
            tile[row % BLOCK * TILE..][..values.len()].copy_from_slice(values);
        }
    }

    /// The values of a row.
    pub fn row(&self, row: usize) -> impl Iterator<Item = f32> {
        let block = self.padded_columns() * BLOCK;
        let tiles = self.values[row / BLOCK * block..][..block].chunks(COLUMN_TILE);
        tiles.flat_map(move |tile| &tile[row % BLOCK * TILE..][..TILE]).copied().take(self.columns)
    }

    /// `logits[rows, classes] = self · weights[columns, classes]`; `classes` is a multiple of [`TILE`].
    pub fn product(&self, weights: &[f32], classes: usize, logits: &mut [f32]) {
        logits.fill(0.0);
        let blocks = self.values.chunks(self.padded_columns() * BLOCK);
        for (block, logits) in blocks.zip(logits.chunks_mut(BLOCK * classes)) {
            for (part, weights) in block.chunks(PART).zip(weights.chunks(PART / BLOCK * classes)) {
                for (class, width) in panels(classes) {
                    for (quad, logits) in logits.chunks_mut(TILE * classes).enumerate() {
                        let (part, weights, out) =
                            (&part[quad * TILE * TILE..], &weights[class..], &mut logits[class..]);
                        match width {
                            12 => add_rows::<12>(part, weights, classes, out),
                            8 => add_rows::<8>(part, weights, classes, out),
                            _ => add_rows::<4>(part, weights, classes, out),
                        }
                    }
                }
            }
        }
    }

    /// `gradient[columns, classes] = selfᵀ · residuals[rows, classes]`; `classes` is a multiple of [`TILE`].
    pub fn transposed_product(&self, residuals: &[f32], classes: usize, gradient: &mut [f32]) {
        gradient.fill(0.0);
        let blocks = self.values.chunks(self.padded_columns() * BLOCK);
        for (block, residuals) in blocks.zip(residuals.chunks(BLOCK * classes)) {
            for (part, gradient) in block.chunks(PART).zip(gradient.chunks_mut(PART / BLOCK * classes)) {
                for (class, width) in panels(classes) {
                    for (tile, gradient) in part.chunks(COLUMN_TILE).zip(gradient.chunks_mut(TILE * classes)) {
                        let (residuals, out) = (&residuals[class..], &mut gradient[class..]);
                        match width {
                            12 => add_columns::<12>(tile, residuals, classes, out),
                            8 => add_columns::<8>(tile, residuals, classes, out),
                            _ => add_columns::<4>(tile, residuals, classes, out),
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

/// Adds to four rows of `out` what the four rows at the beginning of each tile say of `W` classes.
#[inline(always)]
fn add_rows<const W: usize>(tiles: &[f32], weights: &[f32], classes: usize, out: &mut [f32]) {
    let mut sums = [[0.0f32; W]; TILE];
    for (column, weights) in weights.chunks(classes).enumerate() {
        let tile = tiles.get(column / TILE * COLUMN_TILE + column % TILE..);
        let tile = tile.and_then(|tile| tile.first_chunk::<{ 3 * TILE + 1 }>());
        let (Some(tile), Some(weights)) = (tile, weights.first_chunk::<W>()) else { break };
        for (sums, x) in sums.iter_mut().zip([tile[0], tile[TILE], tile[2 * TILE], tile[3 * TILE]]) {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += x * weight;
            }
        }
    }
    write(&sums, classes, out);
}

/// Adds to four rows of `out` what the four columns of a tile say of `W` classes.
#[inline(always)]
fn add_columns<const W: usize>(tile: &[f32], residuals: &[f32], classes: usize, out: &mut [f32]) {
    let mut sums = [[0.0f32; W]; TILE];
    for (row, residuals) in tile.chunks(TILE).zip(residuals.chunks(classes)) {
        let (Some(row), Some(residuals)) = (row.first_chunk::<TILE>(), residuals.first_chunk::<W>()) else { break };
        for (sums, x) in sums.iter_mut().zip(row) {
            for (sum, residual) in sums.iter_mut().zip(residuals) {
                *sum += x * residual;
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
            let value = |i: usize| ((i * 7919 + 13) % 101) as f32 / 50.0 - 1.0;
            let values: Vec<f32> = (0..rows * columns).map(value).collect();
            let matrix = Matrix::of_rows(&values, columns);
            let weights: Vec<f32> = (0..padded(columns, 4) * classes).map(|i| value(i + 5)).collect();
            let residuals: Vec<f32> = (0..padded(rows, 4) * classes).map(|i| value(i + 3)).collect();
            let mut logits = vec![9.0; matrix.padded_rows() * classes];
            let mut gradient = vec![9.0; matrix.padded_columns() * classes];
            matrix.product(&weights, classes, &mut logits);
            matrix.transposed_product(&residuals, classes, &mut gradient);
            for class in 0..classes {
                for row in 0..rows {
                    let sum: f64 = (0..columns)
                        .map(|k| f64::from(values[row * columns + k]) * f64::from(weights[k * classes + class]))
                        .sum();
                    assert!((sum - f64::from(logits[row * classes + class])).abs() < 1e-4, "{row} {class}");
                }
                for column in 0..columns {
                    let sum: f64 = (0..rows)
                        .map(|i| f64::from(values[i * columns + column]) * f64::from(residuals[i * classes + class]))
                        .sum();
                    assert!((sum - f64::from(gradient[column * classes + class])).abs() < 1e-4, "{column} {class}");
                }
            }
        }
    }
}
