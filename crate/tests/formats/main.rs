//! Checkpoints in the formats of other libraries, as their exporters write them, as people train them, and damaged.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod caffe;
#[path = "../common/mod.rs"]
mod common;
mod damage;
#[path = "../common/filled.rs"]
mod filled;
mod fine_tuned;
mod keras;
mod onnx;
mod slim;
mod state_dicts;
mod tensorflow;
mod tfjs;
mod torch;
mod torch_modules;
mod tutorials;
