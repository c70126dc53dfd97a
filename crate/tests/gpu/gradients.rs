//! The reverse pass on the GPU: any graph against what its operations' reverses mean, with the tiles of both kinds of
//! adapters, and whole networks against PyTorch's float64 gradients.

use crate::common::gradients::{self, Case};
use crate::common::graphs::{weighted, weights_of};
use crate::{common, complete, device, every_source, levels, other_device};
use inception::Device;
use inception::gpu::{Gpu, GpuDevice, GpuError};
use inception::graph::{Graph, LayerId, LayerWeights};
use pollster::block_on;
use std::sync::Arc;

fn check(source: &str) {
    if let Some(device) = device(source) {
        gradients::check(source, &Device::Gpu(device));
    }
}

every_source!(check);

/// A network with these weights, after a run and a reverse pass of a case; none where a branch does not begin at a whole vec4.
fn passed(
    device: &Arc<GpuDevice>,
    graph: &Arc<Graph>,
    weights: impl Fn(&Graph, LayerId) -> LayerWeights,
    wakes: bool,
) -> Option<Gpu> {
    let mut gpu = match Gpu::new(device.clone(), graph.clone(), false, &levels()) {
        Err(GpuError::Unaligned { .. }) => return None,
        gpu => gpu.unwrap(),
    };
    for id in weighted(graph) {
        gpu.prepare(id, &weights(graph, id)).unwrap();
    }
    gpu.configure(&gradients::request(graph)).unwrap();
    for id in gpu.unreversed() {
        gpu.prepare_reverse(id, &weights(graph, id)).unwrap();
    }
    gpu.set_input(&gradients::picture(graph)).unwrap();
    complete(&mut gpu).unwrap();
    gpu.seed(&gradients::factors(graph), wakes).unwrap();
    gpu.run_reverse(0..gpu.reverse_plan().unwrap().steps.len()).unwrap();
    block_on(gpu.read_gradients()).unwrap();
    Some(gpu)
}

/// Gradients at all layers by the GPU's shaders; false where a branch does not begin at a whole vec4.
fn compare(device: &Arc<GpuDevice>, (what, graph): Case) -> bool {
    let graph = Arc::new(graph);
    let Some(gpu) = passed(device, &graph, weights_of, false) else { return false };
    gradients::hold(&graph, &what, |id| gpu.view(id, 0).values(), |id| gpu.gradient(id).unwrap().to_vec());
    true
}

/// All of the cases on the device, and one in so many with the tiles of the other kind of adapter, which take longer.
fn compare_all(name: &str, cases: impl IntoIterator<Item = Case>, one_in: usize) {
    let (Some(device), Some(other)) = (device(name), other_device(name)) else { return };
    let mut compared = 0;
    for (i, (what, graph)) in cases.into_iter().enumerate() {
        if i % one_in == 0 {
            compare(&other, (format!("{what} with the other tiles"), graph.clone()));
        }
        compared += usize::from(compare(&device, (what, graph)));
    }
    assert!(compared > 30, "{compared}");
}

#[test]
fn any_graph_passes_gradients_as_its_operations_mean() {
    compare_all("graphs by chance", gradients::by_chance(100), 5);
}

#[test]
fn convolutions_of_any_kernel_stride_and_padding_pass_gradients_back() {
    compare_all("convolutions", gradients::convolutions(), 5);
}

#[test]
fn every_other_operation_passes_gradients_back() {
    compare_all("operations", gradients::others(), 3);
}

#[test]
fn a_channel_that_does_not_answer_can_be_woken() {
    let Some(device) = device("waking") else { return };
    gradients::hold_waking(|graph, wakes| {
        let gpu = passed(&device, &Arc::new(graph), gradients::dead, wakes).unwrap();
        gpu.gradient(LayerId::new(0)).unwrap().to_vec()
    });
}
