//! A model on its way in: files, options, then layer by layer.

use js_sys::{Function, Uint8Array};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::error::{coded, thrown};
use super::files::{elsewhere, viewed};
use super::gpu::Gpu;
use super::model::Model;
use crate::backend::Device;
use crate::checkpoints::SourceFile;
use crate::loader::Loader as SessionLoader;
use crate::networks::OutputActivation;
use crate::recipe::LoadOptions;

/// Loads one model; the caller answers messages between the calls of [`Loader::advance`].
#[wasm_bindgen]
#[derive(Default)]
pub struct Loader {
    files: Vec<SourceFile>,
    device: Device,
    loader: Option<SessionLoader>,
}

/// The part of the package's load options that the engine reads.
#[derive(Deserialize)]
struct Options {
    network: Option<String>,
    labels: Option<Vec<String>>,
    preprocess: Option<serde_json::Value>,
    activation: Option<OutputActivation>,
    #[serde(default)]
    untrained_auxiliary: bool,
    #[serde(default)]
    half: bool,
}

impl Loader {
    /// One whose checkpoint has been recognised.
    pub(super) fn opened(loader: SessionLoader) -> Loader {
        Loader { loader: Some(loader), ..Loader::default() }
    }

    pub(super) fn into_session_loader(self) -> Option<SessionLoader> {
        self.loader
    }
}

#[wasm_bindgen]
impl Loader {
    /// A loader without files.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Loader {
        Loader::default()
    }

    /// Takes one file of the model, whose bytes are read layer by layer until [`Loader::finish`]; `out-of-memory` where there is
    /// no room for what is copied of it.
    pub fn add(&mut self, name: String, bytes: &Uint8Array) -> Result<(), JsValue> {
        self.files.push(viewed(name, bytes)?);
        Ok(())
    }

    /// Takes a safetensors file that is not in memory: its length, and what returns the bytes between two places of it.
    pub fn add_read(&mut self, name: String, length: usize, read: Function) -> Result<(), JsValue> {
        self.files.push(elsewhere(name, length, read)?);
        Ok(())
    }

    /// Chooses where the network will run, instead of the CPU.
    pub fn use_gpu(&mut self, gpu: &Gpu) {
        self.device = Device::Gpu(gpu.device.clone());
    }

    /// Recognises the checkpoint. `options` is JSON; returns the number of layers to prepare.
    pub fn open(&mut self, options: &str) -> Result<usize, JsValue> {
        let options: Options =
            serde_json::from_slice(options.as_bytes()).map_err(|error| coded("bad-option", &error.to_string()))?;
        let Options { network, labels, preprocess, activation, untrained_auxiliary, half } = options;
        let device = self.device.clone();
        let options = LoadOptions {
            network,
            labels,
            preprocess,
            activation,
            untrained_auxiliary,
            half,
            device,
            ..LoadOptions::default()
        };
        let files = std::mem::take(&mut self.files);
        let loader = SessionLoader::new(files, options).map_err(thrown)?;
        Ok(self.loader.insert(loader).total())
    }

    /// Bytes of the only file that the next [`Loader::advance`] reads, counted from its beginning; infinite where there are
    /// several files.
    pub fn next_end(&self) -> f64 {
        self.loader.as_ref().and_then(SessionLoader::next_end).map_or(f64::INFINITY, |end| end as f64)
    }

    /// How many layers there are to prepare.
    pub fn total(&self) -> usize {
        self.loader.as_ref().map_or(0, SessionLoader::total)
    }

    /// Prepares the next layer; returns how many are done.
    pub fn advance(&mut self) -> Result<usize, JsValue> {
        match &mut self.loader {
            Some(loader) => loader.advance().map_err(thrown),
            None => Err(not_open()),
        }
    }

    /// Has a GPU's kernels go the ways that `Model::tuned` told of on one of its kind.
    pub fn tune(&mut self, tuned: &str) -> Result<(), JsValue> {
        match &mut self.loader {
            Some(loader) => loader.tune(tuned).map_err(thrown),
            None => Err(not_open()),
        }
    }

    /// Waits until the GPU has compiled its kernels and received the weights; tells what it refuses.
    pub async fn warm(&mut self) -> Result<(), JsValue> {
        match &mut self.loader {
            Some(loader) => loader.warm().await.map_err(thrown),
            None => Err(not_open()),
        }
    }

    /// The model, once every layer is prepared and, for a GPU, [`Loader::warm`] has ended.
    pub fn finish(&mut self) -> Result<Model, JsValue> {
        let loader = self.loader.take().ok_or_else(not_open)?;
        loader.finish().map(Model::new).map_err(thrown)
    }
}

fn not_open() -> JsValue {
    coded("internal", "no model has been opened")
}

/// How many parts [`warm_up`] has.
#[wasm_bindgen]
pub fn warm_up_parts() -> usize {
    crate::cpu::PARTS
}

/// Runs some of the CPU's kernels on small inputs, for some milliseconds, so that the browser has compiled them well before
/// the first run.
#[wasm_bindgen]
pub fn warm_up(part: usize) {
    crate::cpu::warm_up(part);
}
