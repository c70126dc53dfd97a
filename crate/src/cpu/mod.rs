//! The CPU backend: kernels over strided NHWC views, and the thread pool that runs them.
//! Enters: a plan, weights layer by layer, an input. Leaves: the values of kept layers.
//!
//! Every kernel has a plain scalar twin in [`scalar`] that states what it computes; tests compare the two.

mod choice;
mod conv;
mod executor;
mod gemm;
mod halved;
mod kernels;
mod panels;
mod parallel;
mod pool;
mod rehearsal;
pub mod scalar;
mod simd;
mod split;
#[cfg(feature = "threads")]
mod team;
mod toom_cook;
mod view;
mod winograd;

pub use choice::form as chosen_form;
pub use conv::PackedConv;
pub use executor::{Cpu, CpuError};
pub use kernels::{global_average, lrn};

pub use parallel::Pool;
pub use pool::pool;
pub use rehearsal::{PARTS, rehearse};
pub use simd::Isa;
pub use view::{Epilogue, ViewMut, ViewRef};
pub use winograd::Winograd;
