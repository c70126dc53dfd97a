//! The GPU backend: every shader against its reference on random shapes, every golden of every source, and the device's
//! failures. Without a Vulkan, Metal or DX12 adapter each test says that it was skipped.
#![cfg(feature = "gpu")]
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;
mod counts;
mod engine;
mod gradients;
mod parity;
mod shaders;

use common::numbers::{noise, relative_error};
use inception::gpu::{Gpu, GpuDevice, GpuError};
use inception::graph::{Builder, ConvStyle, Graph, LayerId, LayerWeights, Op, Outputs, Shape};
use inception::image::Levels;
use inception::plan::Request;
use pollster::block_on;
use std::sync::{Arc, OnceLock};

fn open(software: Option<bool>) -> Option<Arc<GpuDevice>> {
    match block_on(GpuDevice::open(software)) {
        Ok(device) => Some(device),
        Err(GpuError::NoAdapter { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

/// One device for all tests, or none where the system has no adapter.
fn device(name: &str) -> Option<Arc<GpuDevice>> {
    static DEVICE: OnceLock<Option<Arc<GpuDevice>>> = OnceLock::new();
    let device = DEVICE.get_or_init(|| open(None)).clone();
    if device.is_none() {
        println!("SKIPPED {name}: no Vulkan adapter");
    }
    device
}

/// The same adapter with the tiles of the other kind of adapter, software or not.
fn other_device(name: &str) -> Option<Arc<GpuDevice>> {
    static OTHER: OnceLock<Option<Arc<GpuDevice>>> = OnceLock::new();
    let device = device(name)?;
    OTHER.get_or_init(|| open(Some(!device.is_software()))).clone()
}

/// The adapter with the tiles of hardware, whichever it is.
fn tiled_device(name: &str) -> Option<Arc<GpuDevice>> {
    let device = device(name)?;
    if device.is_software() { other_device(name) } else { Some(device) }
}

/// A table of levels with another value for each level and channel.
fn levels() -> Levels {
    std::array::from_fn(|level| std::array::from_fn(|c| (level as f32 - 100.0 * c as f32) / 37.0))
}

/// A graph of layers `(operation, inputs)` after an input.
fn graph(input: Shape, layers: &[(Op, &[usize])]) -> Arc<Graph> {
    let style = ConvStyle { bias: true, norm: None };
    let mut builder = Builder::new("test", input, style).unwrap();
    for (i, (op, inputs)) in layers.iter().enumerate() {
        let inputs = inputs.iter().map(|&input| LayerId::new(input)).collect();
        builder.push(format!("layer {}", i + 1), op.clone(), inputs).unwrap();
    }
    Arc::new(builder.finish(Outputs::features(LayerId::new(layers.len()))).unwrap())
}

/// A run of `images` images that keeps these layers.
fn request(keep: &[LayerId], images: usize) -> Request {
    Request { keep: keep.to_vec(), images, off: vec![], gradients: None }
}

/// A network on the device with its weights.
fn prepared(device: Arc<GpuDevice>, graph: &Arc<Graph>, half: bool, weights: &[(usize, &LayerWeights)]) -> Gpu {
    let mut gpu = Gpu::new(device, graph.clone(), half, &levels()).unwrap();
    for (layer, weights) in weights {
        gpu.prepare(LayerId::new(*layer), weights).unwrap();
    }
    block_on(gpu.warm()).unwrap();
    gpu
}

/// Runs all steps on the input that has been set.
fn complete(gpu: &mut Gpu) -> Result<(), GpuError> {
    gpu.run(0..gpu.plan().steps.len())?;
    block_on(gpu.read_back())
}

/// A layer's values for one image, dense.
fn dense(gpu: &Gpu, layer: usize, image: usize) -> Vec<f32> {
    gpu.view(LayerId::new(layer), image).values()
}

/// Runs a graph on one image and gives the output of each of `keep`, dense.
fn run(
    device: Arc<GpuDevice>,
    graph: &Arc<Graph>,
    half: bool,
    weights: &[(usize, &LayerWeights)],
    input: &[f32],
    keep: &[usize],
) -> Vec<Vec<f32>> {
    let mut gpu = prepared(device, graph, half, weights);
    let ids: Vec<LayerId> = keep.iter().map(|&i| LayerId::new(i)).collect();
    gpu.configure(&request(&ids, 1)).unwrap();
    gpu.set_input(input).unwrap();
    complete(&mut gpu).unwrap();
    keep.iter().map(|&layer| dense(&gpu, layer, 0)).collect()
}
