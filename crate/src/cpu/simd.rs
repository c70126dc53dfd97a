//! Vectors of floats: AVX2 with FMA on x86-64, found at run time; simd128 or relaxed SIMD on wasm, fixed at build
//! time; arrays that the compiler vectorises elsewhere.

use std::fmt;

/// Vectors of a row of every register tile, and of a panel of packed weights: with the rows they leave registers for the
/// operands.
pub(super) const VECTORS: usize = 2;

/// Operations of one instruction set.
///
/// # Safety
/// The functions may be called only where the processor has the instruction set; see [`Isa::detect`].
pub(super) trait Simd {
    /// A vector.
    type V: Copy;
    /// Floats per vector.
    const LANES: usize;
    /// Rows of the register tile.
    const ROWS: usize;
    unsafe fn splat(x: f32) -> Self::V;
    unsafe fn load(from: *const f32) -> Self::V;
    unsafe fn store(to: *mut f32, x: Self::V);
    /// `a * b + c`, fused where the instruction set can.
    unsafe fn mul_add(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V;
    /// The larger of each pair; the second where they are equal or either is not a number.
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V;
    /// `yes` where `a` and `b` are equal, else `no`.
    unsafe fn select_equal(a: Self::V, b: Self::V, yes: Self::V, no: Self::V) -> Self::V;
}

/// Work that is written once for all instruction sets.
pub(super) trait Vectorized {
    /// # Safety
    /// The processor has `S`.
    unsafe fn run<S: Simd>(self);
}

/// An instruction set that kernels exist for and that this machine has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Isa(Set);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    /// x86-64 with AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// WebAssembly with 128-bit vectors; fused multiply-add where built with relaxed SIMD.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Wasm,
    /// Whatever the compiler makes of arrays of four; not in builds that have simd128 for certain.
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    Portable,
}

impl fmt::Debug for Isa {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Isa {
    /// The best one that this machine has.
    pub fn detect() -> Self {
        Self::available()[0]
    }

    /// Every one that this machine has, the best first.
    pub fn available() -> Vec<Self> {
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma") {
            return vec![Self(Set::Avx2), Self(Set::Portable)];
        }
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        return vec![Self(Set::Wasm)];
        #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
        vec![Self(Set::Portable)]
    }

    /// Output channels of a panel of packed weights.
    pub(super) fn panel(self) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => VECTORS * Avx2::LANES,
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Set::Wasm => VECTORS * Wasm::LANES,
            #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
            Set::Portable => VECTORS * Portable::LANES,
        }
    }

    /// Rows of the register tile.
    pub(super) fn rows(self) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => Avx2::ROWS,
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Set::Wasm => Wasm::ROWS,
            #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
            Set::Portable => Portable::ROWS,
        }
    }

    /// Runs a kernel on this instruction set.
    #[inline]
    pub(super) fn run(self, kernel: impl Vectorized) {
        match self.0 {
            // SAFETY: `available`, which alone makes this variant, has found the instruction set.
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => unsafe { on_avx2(kernel) },
            // SAFETY: this build requires simd128.
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Set::Wasm => unsafe { kernel.run::<Wasm>() },
            #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
            // SAFETY: portable code runs everywhere.
            Set::Portable => unsafe { kernel.run::<Portable>() },
        }
    }
}

/// # Safety
/// The processor has AVX2 and FMA.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn on_avx2(kernel: impl Vectorized) {
    // SAFETY: passed on to the caller.
    unsafe { kernel.run::<Avx2>() }
}

#[cfg(target_arch = "x86_64")]
pub(super) struct Avx2;

#[cfg(target_arch = "x86_64")]
impl Simd for Avx2 {
    type V = std::arch::x86_64::__m256;
    const LANES: usize = 8;
    const ROWS: usize = 6;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self::V {
        // SAFETY: the caller has AVX2.
        unsafe { std::arch::x86_64::_mm256_set1_ps(x) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self::V {
        // SAFETY: the caller has AVX2 and eight readable floats.
        unsafe { std::arch::x86_64::_mm256_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, x: Self::V) {
        // SAFETY: the caller has AVX2 and eight writable floats.
        unsafe { std::arch::x86_64::_mm256_storeu_ps(to, x) }
    }

    #[inline(always)]
    unsafe fn mul_add(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        // SAFETY: the caller has FMA.
        unsafe { std::arch::x86_64::_mm256_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        // SAFETY: the caller has AVX2.
        unsafe { std::arch::x86_64::_mm256_add_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V {
        // SAFETY: the caller has AVX2.
        unsafe { std::arch::x86_64::_mm256_sub_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V {
        // SAFETY: the caller has AVX2.
        unsafe { std::arch::x86_64::_mm256_mul_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V {
        // SAFETY: the caller has AVX2.
        unsafe { std::arch::x86_64::_mm256_max_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn select_equal(a: Self::V, b: Self::V, yes: Self::V, no: Self::V) -> Self::V {
        use std::arch::x86_64::{_CMP_EQ_OQ, _mm256_blendv_ps, _mm256_cmp_ps};
        // SAFETY: the caller has AVX2.
        unsafe { _mm256_blendv_ps(no, yes, _mm256_cmp_ps::<_CMP_EQ_OQ>(a, b)) }
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(super) struct Wasm;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
impl Simd for Wasm {
    type V = core::arch::wasm32::v128;
    const LANES: usize = 4;
    const ROWS: usize = 4;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self::V {
        core::arch::wasm32::f32x4_splat(x)
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self::V {
        // SAFETY: the caller has four readable floats; wasm loads need no alignment.
        unsafe { core::arch::wasm32::v128_load(from.cast()) }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, x: Self::V) {
        // SAFETY: the caller has four writable floats; wasm stores need no alignment.
        unsafe { core::arch::wasm32::v128_store(to.cast(), x) }
    }

    #[inline(always)]
    unsafe fn mul_add(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        #[cfg(target_feature = "relaxed-simd")]
        return core::arch::wasm32::f32x4_relaxed_madd(a, b, c);
        #[cfg(not(target_feature = "relaxed-simd"))]
        core::arch::wasm32::f32x4_add(core::arch::wasm32::f32x4_mul(a, b), c)
    }

    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        core::arch::wasm32::f32x4_add(a, b)
    }

    #[inline(always)]
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V {
        core::arch::wasm32::f32x4_sub(a, b)
    }

    #[inline(always)]
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V {
        core::arch::wasm32::f32x4_mul(a, b)
    }

    #[inline(always)]
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V {
        core::arch::wasm32::f32x4_pmax(b, a)
    }

    #[inline(always)]
    unsafe fn select_equal(a: Self::V, b: Self::V, yes: Self::V, no: Self::V) -> Self::V {
        core::arch::wasm32::v128_bitselect(yes, no, core::arch::wasm32::f32x4_eq(a, b))
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(super) struct Portable;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
impl Simd for Portable {
    type V = [f32; 4];
    const LANES: usize = 4;
    const ROWS: usize = 4;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self::V {
        [x; 4]
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self::V {
        // SAFETY: the caller has four readable floats.
        unsafe { from.cast::<[f32; 4]>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, x: Self::V) {
        // SAFETY: the caller has four writable floats.
        unsafe { to.cast::<[f32; 4]>().write_unaligned(x) }
    }

    #[inline(always)]
    unsafe fn mul_add(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        std::array::from_fn(|i| a[i] * b[i] + c[i])
    }

    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        std::array::from_fn(|i| a[i] + b[i])
    }

    #[inline(always)]
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V {
        std::array::from_fn(|i| a[i] - b[i])
    }

    #[inline(always)]
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V {
        std::array::from_fn(|i| a[i] * b[i])
    }

    #[inline(always)]
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V {
        std::array::from_fn(|i| if a[i] > b[i] { a[i] } else { b[i] })
    }

    #[inline(always)]
    unsafe fn select_equal(a: Self::V, b: Self::V, yes: Self::V, no: Self::V) -> Self::V {
        std::array::from_fn(|i| if a[i] == b[i] { yes[i] } else { no[i] })
    }
}
