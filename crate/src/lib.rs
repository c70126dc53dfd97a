//! The Inception family of networks: graph, checkpoints, images, memory plan, kernels, and sessions that run them.

mod backend;
pub mod checkpoints;
pub mod cpu;
pub mod error;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod graph;
pub mod image;
pub mod info;
pub mod inspect;
pub mod loader;
pub mod look;
pub mod networks;
pub mod plan;
mod random;
mod recipe;
pub mod session;
mod source;
pub mod taught;
#[cfg(feature = "teach")]
pub mod teach;
#[cfg(target_arch = "wasm32")]
pub mod web;

pub use backend::Device;
pub use error::Error;
pub use loader::Loader;
pub use recipe::LoadOptions;
pub use session::Session;
pub use source::ModelSource;
