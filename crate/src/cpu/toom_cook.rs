//! The transforms behind [`super::winograd`], one axis at a time: `outputs` neighbouring results of a filter with
//! `taps` taps from `size = outputs + taps - 1` products instead of `outputs * taps` (Lavin and Gray 2016, "Fast
//! algorithms for convolutional neural networks", section 4; the construction is Toom and Cook's, Blahut 2010, section
//! 5.2).
//!
//! A transform of size n evaluates polynomials at n - 1 points and at infinity. The points are zero and pairs of both
//! signs, so even and odd halves are shared. They were chosen for small rounding errors by trying (see
//! docs/performance.md): with 5/8 and 3/2 four outputs of three taps lose half as much as with the usual 1 and 2.

use super::simd::Simd;

/// The longest transform.
pub(super) const LONGEST: usize = 10;
/// The most outputs of one axis.
pub(super) const OUTPUTS: usize = 4;

/// One axis of a transformed convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    pub taps: usize,
    /// Neighbouring results that share their products.
    pub outputs: usize,
}

impl Axis {
    /// Transformed values.
    pub fn size(self) -> usize {
        self.outputs + self.taps - 1
    }

    /// True where a transform for it is written below; one tap for one output needs none.
    pub fn exists(self) -> bool {
        matches!((self.taps, self.outputs), (1, 1) | (3 | 5, 2) | (4, 3) | (3 | 7, 4))
    }
}

/// The positive points of size 6.
const A6: f32 = 0.625;
const B6: f32 = 1.5;
/// The positive points of size 10.
const A10: f32 = 0.4375;
const B10: f32 = 0.875;
const C10: f32 = 1.25;
const D10: f32 = 2.25;

/// The positive points of a size, for the shaders that transform, too.
#[cfg(feature = "gpu")]
pub fn points(size: u32) -> &'static [f32] {
    match size {
        10 => &[A10, B10, C10, D10],
        6 => &[A6, B6],
        _ => &[],
    }
}

/// `x + factor * y`.
#[inline(always)]
unsafe fn plus<S: Simd>(x: S::V, factor: f32, y: S::V) -> S::V {
    // SAFETY: the caller's processor has `S`.
    unsafe { S::mul_add(S::splat(factor), y, x) }
}

/// Both values of a pair of points, `p` and `-p`: from the sum of the even taps and that of the odd ones at `p`.
/// Transformed weights carry the scale that makes the transforms inverse to each other.
///
/// # Safety
/// The processor has `S`.
#[inline(always)]
unsafe fn pair<S: Simd>(scale: f32, even: S::V, odd: S::V) -> (S::V, S::V) {
    // SAFETY: by the caller's promise.
    unsafe {
        let scale = S::splat(scale);
        (S::mul(scale, S::add(even, odd)), S::mul(scale, S::sub(even, odd)))
    }
}

/// The scale of a pair of points, given the squares of the others: `1 / (2 p^2 (p^2 - q^2) ..)`.
const fn of_pair(p: f32, others: &[f32]) -> f32 {
    let mut product = 2.0 * p * p;
    let mut i = 0;
    while i < others.len() {
        product *= p * p - others[i] * others[i];
        i += 1;
    }
    1.0 / product
}

/// # Safety
/// The processor has `S`.
#[inline(always)]
unsafe fn weights_3_4<S: Simd>([w0, w1, w2]: [S::V; 3]) -> [S::V; 4] {
    // SAFETY: by the caller's promise.
    unsafe {
        let (p, n) = pair::<S>(const { of_pair(1.0, &[]) }, S::add(w0, w2), w1);
        [S::mul(S::splat(-1.0), w0), p, n, w2]
    }
}

/// # Safety
/// The processor has `S`.
#[inline(always)]
unsafe fn weights_3_6<S: Simd>([w0, w1, w2]: [S::V; 3]) -> [S::V; 6] {
    // SAFETY: by the caller's promise.
    unsafe {
        let at = |p: f32, scale: f32| pair::<S>(scale, plus::<S>(w0, p * p, w2), S::mul(S::splat(p), w1));
        let (pa, na) = at(A6, const { of_pair(A6, &[B6]) });
        let (pb, nb) = at(B6, const { of_pair(B6, &[A6]) });
        [S::mul(S::splat(1.0 / (A6 * A6 * B6 * B6)), w0), pa, na, pb, nb, w2]
    }
}

/// # Safety
/// The processor has `S`.
#[inline(always)]
unsafe fn weights_4_6<S: Simd>([w0, w1, w2, w3]: [S::V; 4]) -> [S::V; 6] {
    // SAFETY: by the caller's promise.
    unsafe {
        let at = |p: f32, scale: f32| {
            pair::<S>(scale, plus::<S>(w0, p * p, w2), S::mul(S::splat(p), plus::<S>(w1, p * p, w3)))
        };
        let (pa, na) = at(A6, const { of_pair(A6, &[B6]) });
        let (pb, nb) = at(B6, const { of_pair(B6, &[A6]) });
        [S::mul(S::splat(1.0 / (A6 * A6 * B6 * B6)), w0), pa, na, pb, nb, w3]
    }
}

/// # Safety
/// The processor has `S`.
#[inline(always)]
unsafe fn weights_5_6<S: Simd>([w0, w1, w2, w3, w4]: [S::V; 5]) -> [S::V; 6] {
    // SAFETY: by the caller's promise.
    unsafe {
        let at = |p: f32, scale: f32| {
            let even = plus::<S>(w0, p * p, plus::<S>(w2, p * p, w4));
            pair::<S>(scale, even, S::mul(S::splat(p), plus::<S>(w1, p * p, w3)))
        };
        let (pa, na) = at(A6, const { of_pair(A6, &[B6]) });
        let (pb, nb) = at(B6, const { of_pair(B6, &[A6]) });
        [S::mul(S::splat(1.0 / (A6 * A6 * B6 * B6)), w0), pa, na, pb, nb, w4]
    }
}

/// # Safety
/// The processor has `S`.
#[inline(always)]
unsafe fn weights_7_10<S: Simd>([w0, w1, w2, w3, w4, w5, w6]: [S::V; 7]) -> [S::V; 10] {
    // SAFETY: by the caller's promise.
    unsafe {
        let at = |p: f32, scale: f32| {
            let even = plus::<S>(w0, p * p, plus::<S>(w2, p * p, plus::<S>(w4, p * p, w6)));
            let odd = plus::<S>(w1, p * p, plus::<S>(w3, p * p, w5));
            pair::<S>(scale, even, S::mul(S::splat(p), odd))
        };
        let (pa, na) = at(A10, const { of_pair(A10, &[B10, C10, D10]) });
        let (pb, nb) = at(B10, const { of_pair(B10, &[A10, C10, D10]) });
        let (pc, nc) = at(C10, const { of_pair(C10, &[A10, B10, D10]) });
        let (pd, nd) = at(D10, const { of_pair(D10, &[A10, B10, C10]) });
        const PRODUCT: f32 = A10 * B10 * C10 * D10;
        [S::mul(S::splat(1.0 / (PRODUCT * PRODUCT)), w0), pa, na, pb, nb, pc, nc, pd, nd, w6]
    }
}

/// # Safety
/// The processor has `S`.
#[inline(always)]
unsafe fn input_4<S: Simd>([d0, d1, d2, d3]: [S::V; 4]) -> [S::V; 4] {
    // SAFETY: by the caller's promise.
    unsafe { [S::sub(d2, d0), S::add(d2, d1), S::sub(d2, d1), S::sub(d3, d1)] }
}

/// # Safety
/// The processor has `S`.
#[inline(always)]
unsafe fn input_6<S: Simd>([d0, d1, d2, d3, d4, d5]: [S::V; 6]) -> [S::V; 6] {
    const A: f32 = A6 * A6;
    const B: f32 = B6 * B6;
    // SAFETY: by the caller's promise.
    unsafe {
        let by = |square: f32, high, low| plus::<S>(high, -square, low);
        let scaled = |factor, x| S::mul(S::splat(factor), x);
        let (even, odd) = ([by(A, d4, d2), by(A, d2, d0)], [by(A, d5, d3), by(A, d3, d1)]);
        let (even_a, odd_a) = (by(B, d4, d2), scaled(A6, by(B, d3, d1)));
        let (even_b, odd_b) = (even[0], scaled(B6, odd[1]));
        [
            by(B, even[0], even[1]),
            S::add(even_a, odd_a),
            S::sub(even_a, odd_a),
            S::add(even_b, odd_b),
            S::sub(even_b, odd_b),
            by(B, odd[0], odd[1]),
        ]
    }
}

/// # Safety
/// The processor has `S`.
#[inline(always)]
unsafe fn input_10<S: Simd>([d0, d1, d2, d3, d4, d5, d6, d7, d8, d9]: [S::V; 10]) -> [S::V; 10] {
    const A: f32 = A10 * A10;
    const B: f32 = B10 * B10;
    const C: f32 = C10 * C10;
    const D: f32 = D10 * D10;
    // SAFETY: by the caller's promise.
    unsafe {
        // Every other input, the highest first: times `x^2 - square` for all four squares; and four of them, the first
        // or the last, for all squares but one.
        let products = |x: [S::V; 5], i: usize| {
            let by = |square: f32, high, low| plus::<S>(high, -square, low);
            let a = [by(A, x[0], x[1]), by(A, x[1], x[2]), by(A, x[2], x[3]), by(A, x[3], x[4])];
            let ab = [by(B, a[0], a[1]), by(B, a[1], a[2]), by(B, a[2], a[3])];
            let abc = [by(C, ab[0], ab[1]), by(C, ab[1], ab[2])];
            let d = [by(D, x[i], x[i + 1]), by(D, x[i + 1], x[i + 2]), by(D, x[i + 2], x[i + 3])];
            let cd = [by(C, d[0], d[1]), by(C, d[1], d[2])];
            let but_one = [by(B, cd[0], cd[1]), by(A, cd[0], cd[1]), by(D, ab[i], ab[i + 1]), abc[i]];
            (by(D, abc[0], abc[1]), but_one)
        };
        let (first, even) = products([d8, d6, d4, d2, d0], 0);
        let (last, odd) = products([d9, d7, d5, d3, d1], 1);
        let both = |i: usize, point: f32| {
            let odd = S::mul(S::splat(point), odd[i]);
            (S::add(even[i], odd), S::sub(even[i], odd))
        };
        let ((pa, na), (pb, nb), (pc, nc), (pd, nd)) = (both(0, A10), both(1, B10), both(2, C10), both(3, D10));
        [first, pa, na, pb, nb, pc, nc, pd, nd, last]
    }
}

/// # Safety
/// The processor has `S`.
#[inline(always)]
unsafe fn output_4_2<S: Simd>([m0, p, n, end]: [S::V; 4]) -> [S::V; 2] {
    // SAFETY: by the caller's promise.
    unsafe { [S::add(m0, S::add(p, n)), S::add(end, S::sub(p, n))] }
}

/// # Safety
/// The processor has `S`.
#[inline(always)]
unsafe fn output_6_2<S: Simd>([m0, pa, na, pb, nb, end]: [S::V; 6]) -> [S::V; 2] {
    // SAFETY: by the caller's promise.
    unsafe {
        let first = S::add(m0, S::add(S::add(pa, na), S::add(pb, nb)));
        [first, plus::<S>(plus::<S>(end, A6, S::sub(pa, na)), B6, S::sub(pb, nb))]
    }
}

/// # Safety
/// The processor has `S`.
#[inline(always)]
unsafe fn output_6_3<S: Simd>([m0, pa, na, pb, nb, end]: [S::V; 6]) -> [S::V; 3] {
    // SAFETY: by the caller's promise.
    unsafe {
        let (sum_a, sum_b) = (S::add(pa, na), S::add(pb, nb));
        [
            S::add(m0, S::add(sum_a, sum_b)),
            plus::<S>(S::mul(S::splat(B6), S::sub(pb, nb)), A6, S::sub(pa, na)),
            plus::<S>(plus::<S>(end, A6 * A6, sum_a), B6 * B6, sum_b),
        ]
    }
}

/// # Safety
/// The processor has `S`.
#[inline(always)]
unsafe fn output_6_4<S: Simd>([m0, pa, na, pb, nb, end]: [S::V; 6]) -> [S::V; 4] {
    // SAFETY: by the caller's promise.
    unsafe {
        let (sum_a, sum_b) = (S::add(pa, na), S::add(pb, nb));
        let (a, b) = (S::mul(S::splat(A6), S::sub(pa, na)), S::mul(S::splat(B6), S::sub(pb, nb)));
        [
            S::add(m0, S::add(sum_a, sum_b)),
            S::add(a, b),
            plus::<S>(S::mul(S::splat(B6 * B6), sum_b), A6 * A6, sum_a),
            plus::<S>(plus::<S>(end, A6 * A6, a), B6 * B6, b),
        ]
    }
}

/// # Safety
/// The processor has `S`.
#[inline(always)]
unsafe fn output_10_4<S: Simd>([m0, pa, na, pb, nb, pc, nc, pd, nd, end]: [S::V; 10]) -> [S::V; 4] {
    // SAFETY: by the caller's promise.
    unsafe {
        let weighted = |first: S::V, [a, b, c, d]: [S::V; 4], [p, q, r, t]: [f32; 4]| {
            plus::<S>(plus::<S>(plus::<S>(plus::<S>(first, p, a), q, b), r, c), t, d)
        };
        let sums = [S::add(pa, na), S::add(pb, nb), S::add(pc, nc), S::add(pd, nd)];
        let differences = [S::sub(pa, na), S::sub(pb, nb), S::sub(pc, nc), S::sub(pd, nd)];
        let zero = S::splat(0.0);
        const POINTS: [f32; 4] = [A10, B10, C10, D10];
        const SQUARES: [f32; 4] = [A10 * A10, B10 * B10, C10 * C10, D10 * D10];
        const CUBES: [f32; 4] = [A10 * A10 * A10, B10 * B10 * B10, C10 * C10 * C10, D10 * D10 * D10];
        [
            S::add(m0, S::add(S::add(sums[0], sums[1]), S::add(sums[2], sums[3]))),
            weighted(zero, differences, POINTS),
            weighted(zero, sums, SQUARES),
            weighted(end, differences, CUBES),
        ]
    }
}

/// What follows the last output transform, for each of its outputs.
#[derive(Clone, Copy)]
pub(super) struct Last {
    /// One value per channel.
    pub bias: *const f32,
    /// The other operands of a residual sum.
    pub shortcut: Option<[*const f32; OUTPUTS]>,
    /// Factor of the product in a residual sum.
    pub scale: f32,
    pub relu: bool,
}

macro_rules! transforms {
    ($each:ident $of_one:ident, $($i:literal)*; $($o:literal)*) => {
        /// # Safety
        /// As of [`input`].
        #[cfg_attr(target_arch = "wasm32", inline(never))]
        #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
        unsafe fn $each<S: Simd>(from: &[*const f32; LONGEST], to: *mut f32, step: usize, count: usize) {
            for at in (0..count).step_by(S::LANES) {
                // SAFETY: by the caller's promise.
                unsafe {
                    let values = $of_one::<S>([$( S::load(from[$i].add(at)) ),*]);
                    $( S::store(to.add($o * step + at), values[$o]); )*
                }
            }
        }
    };
    ($output:ident $of_output:ident, $($i:literal)*, $($o:literal)*) => {
        /// # Safety
        /// As of [`output`].
        #[cfg_attr(target_arch = "wasm32", inline(never))]
        #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
        unsafe fn $output<S: Simd>(
            from: *const f32,
            step: usize,
            to: &[*mut f32; OUTPUTS],
            channels: usize,
            last: Option<&Last>,
        ) {
            for at in (0..channels).step_by(S::LANES) {
                // SAFETY: by the caller's promise.
                unsafe {
                    let values = $of_output::<S>([$( S::load(from.add($i * step + at)) ),*]);
                    $( S::store(to[$o].add(at), finished::<S>(values[$o], $o, at, last)); )*
                }
            }
        }
    };
}

transforms!(all_weights_3_4 weights_3_4, 0 1 2; 0 1 2 3);
transforms!(all_weights_3_6 weights_3_6, 0 1 2; 0 1 2 3 4 5);
transforms!(all_weights_4_6 weights_4_6, 0 1 2 3; 0 1 2 3 4 5);
transforms!(all_weights_5_6 weights_5_6, 0 1 2 3 4; 0 1 2 3 4 5);
transforms!(all_weights_7_10 weights_7_10, 0 1 2 3 4 5 6; 0 1 2 3 4 5 6 7 8 9);
transforms!(inputs_4 input_4, 0 1 2 3; 0 1 2 3);
transforms!(inputs_6 input_6, 0 1 2 3 4 5; 0 1 2 3 4 5);
transforms!(inputs_10 input_10, 0 1 2 3 4 5 6 7 8 9; 0 1 2 3 4 5 6 7 8 9);
transforms!(outputs_4_2 output_4_2, 0 1 2 3, 0 1);
transforms!(outputs_6_2 output_6_2, 0 1 2 3 4 5, 0 1);
transforms!(outputs_6_3 output_6_3, 0 1 2 3 4 5, 0 1 2);
transforms!(outputs_6_4 output_6_4, 0 1 2 3 4 5, 0 1 2 3);
transforms!(outputs_10_4 output_10_4, 0 1 2 3 4 5 6 7 8 9, 0 1 2 3);

/// Bias, residual sum and ReLU of a vector of output `index`, channels from `at`.
///
/// # Safety
/// The processor has `S`, and the pointers of `last` reach past `at`.
#[inline(always)]
unsafe fn finished<S: Simd>(value: S::V, index: usize, at: usize, last: Option<&Last>) -> S::V {
    let Some(last) = last else { return value };
    // SAFETY: by the caller's promise.
    unsafe {
        let mut value = S::add(value, S::load(last.bias.add(at)));
        if let Some(shortcut) = last.shortcut {
            value = S::mul_add(value, S::splat(last.scale), S::load(shortcut[index].add(at)));
        }
        if last.relu { S::max(value, S::splat(0.0)) } else { value }
    }
}

/// Transforms `size` inputs of `channels` values each; value `i` goes to `to + i * step`.
///
/// # Safety
/// The processor has `S`; `channels` is a multiple of its lanes; the first `size` pointers and all places are good for
/// `channels` floats; the axis exists.
#[inline(always)]
pub(super) unsafe fn input<S: Simd>(
    axis: Axis,
    from: &[*const f32; LONGEST],
    to: *mut f32,
    step: usize,
    channels: usize,
) {
    // SAFETY: passed on to the caller.
    unsafe {
        match axis.size() {
            4 => inputs_4::<S>(from, to, step, channels),
            6 => inputs_6::<S>(from, to, step, channels),
            _ => inputs_10::<S>(from, to, step, channels),
        }
    }
}

/// Transforms `taps` weights of `count` filters each; value `i` goes to `to + i * step`.
///
/// # Safety
/// As of [`input`], for the first `taps` pointers.
#[inline(always)]
pub(super) unsafe fn weights<S: Simd>(
    axis: Axis,
    from: &[*const f32; LONGEST],
    to: *mut f32,
    step: usize,
    count: usize,
) {
    // SAFETY: passed on to the caller.
    unsafe {
        match (axis.taps, axis.outputs) {
            (3, 2) => all_weights_3_4::<S>(from, to, step, count),
            (3, _) => all_weights_3_6::<S>(from, to, step, count),
            (4, _) => all_weights_4_6::<S>(from, to, step, count),
            (5, _) => all_weights_5_6::<S>(from, to, step, count),
            _ => all_weights_7_10::<S>(from, to, step, count),
        }
    }
}

/// From products, value `i` at `from + i * step`, to `outputs` results of `channels` values each.
///
/// # Safety
/// As of [`input`], for `from`, `to` and the pointers of `last`.
#[inline(always)]
pub(super) unsafe fn output<S: Simd>(
    axis: Axis,
    from: *const f32,
    step: usize,
    to: &[*mut f32; OUTPUTS],
    channels: usize,
    last: Option<&Last>,
) {
    // SAFETY: passed on to the caller.
    unsafe {
        match (axis.size(), axis.outputs) {
            (4, _) => outputs_4_2::<S>(from, step, to, channels, last),
            (6, 2) => outputs_6_2::<S>(from, step, to, channels, last),
            (6, 3) => outputs_6_3::<S>(from, step, to, channels, last),
            (6, _) => outputs_6_4::<S>(from, step, to, channels, last),
            _ => outputs_10_4::<S>(from, step, to, channels, last),
        }
    }
}
