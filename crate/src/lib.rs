//! The Inception family of networks: graph, checkpoints, images, memory plan and kernels.

pub mod checkpoints;
pub mod cpu;
pub mod graph;
pub mod image;
pub mod networks;
pub mod plan;
