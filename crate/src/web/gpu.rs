//! An open GPU, handed from the script that chose it to the model that runs on it.

use std::sync::Arc;

use wasm_bindgen::prelude::*;

use super::error::thrown;
use crate::gpu::GpuDevice;

/// An open WebGPU device. Models that run on it keep it alive.
#[wasm_bindgen]
pub struct Gpu {
    pub(super) device: Arc<GpuDevice>,
}

#[wasm_bindgen]
impl Gpu {
    /// Gives the device up: whatever waits for it ends as on a lost one.
    pub fn lose(&self) {
        self.device.destroy();
    }

    /// Submits nothing: some browsers then look at once for what the device has finished.
    pub fn nudge(&self) {
        self.device.nudge();
    }
}

/// Opens the fastest adapter that the browser offers this thread; `software` says whether the processor plays the GPU.
#[wasm_bindgen]
pub async fn open_gpu(software: bool) -> Result<Gpu, JsValue> {
    let device = GpuDevice::open(Some(software)).await.map_err(|error| thrown(error.into()))?;
    Ok(Gpu { device })
}
