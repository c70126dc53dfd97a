//! The register tile: a few rows of activations times one packed panel of weights.
//!
//! Weights lie in panels of `LANES * VECTORS` output channels, `[panel][k][channel]`. A row of activations is not
//! copied: each tap of the kernel gives one pointer to contiguous channels (Dukhan 2019, "The indirect convolution
//! algorithm", section 3).

use super::simd::{Simd, VECTORS};
use std::mem::MaybeUninit;

/// Some rows times one panel: the tile runs as often as it takes.
pub(super) struct Rows<'a> {
    /// For every tile `taps` groups of `ROWS` pointers, each to `depth` readable floats; past the last row any that are readable.
    pub from: &'a [*const f32],
    /// Taps of the kernel.
    pub taps: usize,
    /// Contiguous floats per tap.
    pub depth: usize,
    /// `taps * depth` rows of a panel.
    pub panel: *const f32,
    /// One bias per channel of the panel.
    pub bias: *const f32,
    /// Rows to write.
    pub count: usize,
    /// Where the first row's first channel goes, and floats from a row to the next.
    pub out: (*mut f32, usize),
    /// The same for the other operand of a residual sum.
    pub shortcut: Option<(*const f32, usize)>,
    /// Factor of the product in a residual sum.
    pub scale: f32,
    /// ReLU at the end.
    pub relu: bool,
    /// Channels to write; the panel may have more.
    pub columns: usize,
}

/// Rows that lie one after another times one panel, nothing added and nothing after it.
pub(super) struct Product {
    /// `tiles * ROWS` rows of `depth` readable floats.
    pub rows: *const f32,
    /// Tiles of rows.
    pub tiles: usize,
    /// Floats of a row.
    pub depth: usize,
    /// `depth` rows of a panel.
    pub panel: *const f32,
    /// Where the first row's results go, a panel of them.
    pub out: *mut f32,
    /// Floats from a row's results to the next one's.
    pub apart: usize,
}

/// Defines a tile with one pair of vectors per row, written out so that they stay in registers at any optimisation level.
macro_rules! tile {
    ($name:ident, $product:ident, $($row:ident $index:literal),*) => {
        /// # Safety
        /// As of [`rows`], with so many of them to a tile.
        #[cfg_attr(target_arch = "wasm32", inline(never))]
        #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
        unsafe fn $name<S: Simd>(all: &Rows) {
            // SAFETY: all accesses stay within what the caller promises.
            unsafe {
                let mut from = all.from.as_ptr();
                for first in (0..all.count).step_by(S::ROWS) {
                    let bias = (S::load(all.bias), S::load(all.bias.add(S::LANES)));
                    $( let mut $row = bias; )*
                    let mut panel = all.panel;
                    for _ in 0..all.taps {
                        let row = [$( *from.add($index) ),*];
                        from = from.add(row.len());
                        for k in 0..all.depth {
                            let b = (S::load(panel), S::load(panel.add(S::LANES)));
                            panel = panel.add(VECTORS * S::LANES);
                            $(
                                let a = S::splat(*row[$index].add(k));
                                $row = (S::mul_add(a, b.0, $row.0), S::mul_add(a, b.1, $row.1));
                            )*
                        }
                    }
                    let mut sums = Sums::uninit();
                    let to = sums.as_mut_ptr().cast::<f32>();
                    $(
                        S::store(to.add(2 * $index * S::LANES), $row.0);
                        S::store(to.add((2 * $index + 1) * S::LANES), $row.1);
                    )*
                    finish::<S>(to, first, all);
                }
            }
        }

        /// # Safety
        /// As of [`product`], with so many rows to a tile.
        #[cfg_attr(target_arch = "wasm32", inline(never))]
        #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
        unsafe fn $product<S: Simd>(product: &Product) {
            let &Product { mut rows, tiles, depth, panel, mut out, apart } = product;
            // SAFETY: all accesses stay within what the caller promises.
            unsafe {
                for _ in 0..tiles {
                    $( let mut $row = (S::splat(0.0), S::splat(0.0)); )*
                    let row = [$( rows.add($index * depth) ),*];
                    let mut panel = panel;
                    for k in 0..depth {
                        let b = (S::load(panel), S::load(panel.add(S::LANES)));
                        panel = panel.add(VECTORS * S::LANES);
                        $(
                            let a = S::splat(*row[$index].add(k));
                            $row = (S::mul_add(a, b.0, $row.0), S::mul_add(a, b.1, $row.1));
                        )*
                    }
                    $(
                        S::store(out, $row.0);
                        S::store(out.add(S::LANES), $row.1);
                        out = out.add(apart);
                    )*
                    rows = rows.add(S::ROWS * depth);
                }
            }
        }
    };
}

tile!(rows_4, product_4, r0 0, r1 1, r2 2, r3 3);
#[cfg(target_arch = "x86_64")]
tile!(rows_6, product_6, r0 0, r1 1, r2 2, r3 3, r4 4, r5 5);

/// Runs some rows.
///
/// # Safety
/// The processor has `S`. `panel` has `taps * depth * VECTORS * LANES` readable floats, `bias` `VECTORS * LANES`; of
/// every row `out` and `shortcut` are valid for `columns` floats, and nothing else accesses the outputs.
#[inline(always)]
pub(super) unsafe fn rows<S: Simd>(all: &Rows) {
    // SAFETY: passed on to the caller.
    unsafe {
        match S::ROWS {
            #[cfg(target_arch = "x86_64")]
            6 => rows_6::<S>(all),
            _ => rows_4::<S>(all),
        }
    }
}

/// Runs a product.
///
/// # Safety
/// The processor has `S`. The pointers are valid for what the product reads and writes, and nothing else accesses the
/// results.
#[inline(always)]
pub(super) unsafe fn product<S: Simd>(all: &Product) {
    // SAFETY: passed on to the caller.
    unsafe {
        match S::ROWS {
            #[cfg(target_arch = "x86_64")]
            6 => product_6::<S>(all),
            _ => product_4::<S>(all),
        }
    }
}

/// Sums of the largest tile. They go through memory: where the tile's registers are live beyond its loops, over calls,
/// SpiderMonkey keeps them in memory inside of its loops, too.
type Sums = MaybeUninit<[f32; 6 * 16]>;

/// Residual sum, ReLU and store of a tile's rows from `first` on, of those that are to be written.
///
/// # Safety
/// As of the rows; `sums` has a tile's.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
unsafe fn finish<S: Simd>(sums: *const f32, first: usize, all: &Rows) {
    let width = VECTORS * S::LANES;
    for row in 0..S::ROWS.min(all.count - first) {
        // SAFETY: a full row has `width` columns; another one goes through a buffer of that size.
        unsafe {
            let sums = sums.add(row * width);
            let sum = (S::load(sums), S::load(sums.add(S::LANES)));
            let out = all.out.0.add((first + row) * all.out.1);
            let shortcut = all.shortcut.map(|(from, apart)| from.add((first + row) * apart));
            if all.columns == width {
                store::<S>(sum, out, shortcut, all);
                continue;
            }
            let (mut full, mut other) = ([0.0f32; 16], [0.0f32; 16]);
            if let Some(from) = shortcut {
                std::ptr::copy_nonoverlapping(from, other.as_mut_ptr(), all.columns);
            }
            store::<S>(sum, full.as_mut_ptr(), shortcut.map(|_| other.as_ptr()), all);
            std::ptr::copy_nonoverlapping(full.as_ptr(), out, all.columns);
        }
    }
}

/// # Safety
/// The pointers are valid for `VECTORS * LANES` floats.
#[inline(always)]
unsafe fn store<S: Simd>(sum: (S::V, S::V), out: *mut f32, shortcut: Option<*const f32>, all: &Rows) {
    let (mut a, mut b) = sum;
    // SAFETY: by the caller's promise.
    unsafe {
        if let Some(from) = shortcut {
            let scale = S::splat(all.scale);
            a = S::mul_add(a, scale, S::load(from));
            b = S::mul_add(b, scale, S::load(from.add(S::LANES)));
        }
        if all.relu {
            (a, b) = (S::max(a, S::splat(0.0)), S::max(b, S::splat(0.0)));
        }
        S::store(out, a);
        S::store(out.add(S::LANES), b);
    }
}
