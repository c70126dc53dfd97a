//! The register tile: a few rows of activations times one packed panel of weights.
//!
//! Weights lie in panels of `LANES * VECTORS` output channels, `[panel][k][channel]`. A row of activations is not
//! copied: each tap of the kernel gives one pointer to contiguous channels (Dukhan 2019, "The indirect convolution
//! algorithm", section 3).

use super::simd::Simd;

/// One call of the tile: `valid` of its rows, channels `first..first + columns` of the output.
pub(super) struct Tile<'a> {
    /// `taps` groups of `ROWS` pointers, each to `depth` readable floats.
    pub rows: &'a [*const f32],
    /// Taps of the kernel.
    pub taps: usize,
    /// Contiguous floats per tap.
    pub depth: usize,
    /// `taps * depth` rows of a panel.
    pub panel: *const f32,
    /// One bias per channel of the panel.
    pub bias: *const f32,
    /// Per row, where its first channel goes.
    pub out: &'a [*mut f32],
    /// Per row, the residual's other operand; empty without one.
    pub shortcut: &'a [*const f32],
    /// Factor of the product in a residual sum.
    pub scale: f32,
    /// ReLU at the end.
    pub relu: bool,
    /// Channels to write; the panel may have more.
    pub columns: usize,
}

/// Runs one tile of `R` rows and `N` vectors.
///
/// # Safety
/// The processor has `S`. `tile.rows` has at least `taps * R` pointers, each to `depth` readable floats; `panel` has
/// `taps * depth * N * LANES` readable floats, `bias` `N * LANES`; `out` and `shortcut` pointers are valid for
/// `columns` floats, and nothing else accesses the outputs.
#[inline(always)]
pub(super) unsafe fn run<S: Simd, const R: usize, const N: usize>(tile: &Tile) {
    let lanes = S::LANES;
    let width = N * lanes;
    // SAFETY: all accesses stay within what the caller promises; see above.
    unsafe {
        let mut bias = [S::splat(0.0); N];
        for (n, b) in bias.iter_mut().enumerate() {
            *b = S::load(tile.bias.add(n * lanes));
        }
        let mut sum = [bias; R];
        let mut panel = tile.panel;
        let mut rows = tile.rows.as_ptr();
        for _ in 0..tile.taps {
            let row: [*const f32; R] = std::array::from_fn(|r| *rows.add(r));
            rows = rows.add(R);
            for k in 0..tile.depth {
                let b: [S::V; N] = std::array::from_fn(|n| S::load(panel.add(n * lanes)));
                panel = panel.add(width);
                for r in 0..R {
                    let a = S::splat(*row[r].add(k));
                    for n in 0..N {
                        sum[r][n] = S::mul_add(a, b[n], sum[r][n]);
                    }
                }
            }
        }
        for r in 0..tile.out.len().min(R) {
            let residual = tile.shortcut.get(r).copied();
            if tile.columns == width {
                finish::<S, N>(sum[r], tile.out[r], residual, tile);
                continue;
            }
            let mut full = [0.0f32; 32];
            let mut other = [0.0f32; 32];
            if let Some(from) = residual {
                std::ptr::copy_nonoverlapping(from, other.as_mut_ptr(), tile.columns);
            }
            finish::<S, N>(sum[r], full.as_mut_ptr(), residual.map(|_| other.as_ptr()), tile);
            std::ptr::copy_nonoverlapping(full.as_ptr(), tile.out[r], tile.columns);
        }
    }
}

/// Residual sum, ReLU and store of one row.
#[inline(always)]
unsafe fn finish<S: Simd, const N: usize>(row: [S::V; N], out: *mut f32, residual: Option<*const f32>, tile: &Tile) {
    for (n, &sum) in row.iter().enumerate() {
        // SAFETY: the caller passes pointers to `N * LANES` floats.
        unsafe {
            let mut x = sum;
            if let Some(from) = residual {
                x = S::mul_add(x, S::splat(tile.scale), S::load(from.add(n * S::LANES)));
            }
            if tile.relu {
                x = S::relu(x);
            }
            S::store(out.add(n * S::LANES), x);
        }
    }
}
