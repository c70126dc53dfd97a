//! What a session is made by.

use crate::backend::Device;
use crate::networks::{Network, Options, OutputActivation};

/// What a caller may say about a checkpoint.
#[derive(Clone, Default)]
pub struct LoadOptions {
    /// Network id, where the keys alone do not say.
    pub network: Option<String>,
    /// Class names.
    pub labels: Option<Vec<String>>,
    /// What makes answers of the logits, over what the file says.
    pub activation: Option<OutputActivation>,
    /// Preprocessing options over the checkpoint's own; another `width` or `height` changes the network's input.
    pub preprocess: Option<serde_json::Value>,
    /// Whether somebody who knows says that the file's auxiliary heads were never trained; files may say so themselves.
    pub untrained_auxiliary: bool,
    /// Number of threads on the CPU; 0 takes one per core.
    pub threads: usize,
    /// Where the network runs.
    pub device: Device,
    /// Weights rounded to f16, on any device; a GPU then holds them in half the memory. Checkpoints that are f16
    /// throughout lose nothing.
    pub half: bool,
    /// Keeps the files, so that [`Session::weights`](crate::Session::weights) can read them again: bytes that are in memory stay there.
    pub keep_source: bool,
}

/// What a session was made by, so that it can be made again at another size.
#[derive(Clone)]
pub(crate) struct Recipe {
    pub network: &'static Network,
    pub options: Options,
    /// Where it runs.
    pub device: Device,
    /// Number of threads on the CPU; 0 takes one per core.
    pub threads: usize,
}
