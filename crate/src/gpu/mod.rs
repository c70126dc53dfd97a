//! The GPU backend: compute shaders over NHWC activations in vec4s, on WebGPU's default limits through wgpu.
//! Enters: a plan, weights layer by layer, an input. Leaves: the values of kept layers.
//! Every shader is held against the reference of its operation in `graph/ops`.

#[cfg(not(target_arch = "wasm32"))]
mod adapter;
mod backward;
mod buffers;
mod calls;
#[cfg(not(target_arch = "wasm32"))]
mod count;
mod device;
mod dispatch;
mod error;
mod executor;
mod invocation;
mod memory;
mod ops;
mod params;
mod pipelines;
mod profile;
mod recorded;
mod reverse;
mod shader;
mod statistics;
mod stopwatch;
mod tiles;
mod trial;
mod tuning;
mod weights;
mod wgsl;

#[cfg(not(target_arch = "wasm32"))]
pub use adapter::Adapter;
pub use buffers::GpuMemory;
#[cfg(not(target_arch = "wasm32"))]
pub use count::{Counts, count};
pub use device::GpuDevice;
pub use error::GpuError;
pub use executor::Gpu;
