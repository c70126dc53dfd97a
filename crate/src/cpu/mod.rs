//! The CPU backend: kernels over strided NHWC views, and the team of threads that runs them.
//! Enters: a plan, weights layer by layer, an input. Leaves: the values of kept layers.
//!
//! `graph/ops` says what each operation means; tests hold its kernel here against that.

mod direct;
mod executor;
mod gemm;
mod ops;
mod panels;
mod reverse;

mod simd;
mod space_to_depth;
mod split;
#[cfg(feature = "threads")]
mod sync;
#[cfg(feature = "threads")]
mod team;
mod threads;
mod toom_cook;
mod view;
mod warm_up;
mod winograd;

pub use direct::PackedConv;
pub use executor::{Cpu, CpuError};
pub use ops::{average, chosen_form, lrn, pool};
pub use simd::Isa;
pub use threads::Threads;
#[cfg(feature = "gpu")]
pub(crate) use toom_cook::points;
pub use view::{Epilogue, ViewMut, ViewRef};
pub use warm_up::{PARTS, warm_up};
pub use winograd::{NoMemory, Winograd};
