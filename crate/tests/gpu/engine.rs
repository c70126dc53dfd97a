//! The engine around the shaders: batches, pictures, statistics, profiles, memory and failures.

use crate::common::asks::Asks;
use crate::common::graphs::{self, CONV, hold_every_operation};
use crate::common::numbers::weights;
use crate::{
    complete, dense, device, graph, levels, noise, open, other_device, prepared, relative_error, request, run,
};
use inception::gpu::{Gpu, GpuDevice, GpuError};
use inception::graph::{
    Activation, AdaptiveAverage, Add, BatchNorm, Conv, Graph, LayerId, LayerKind, LayerWeights, Linear, Lrn, Op,
    Padding, Pool, PoolKind, Shape,
};
use inception::image::Input;
use inception::info::{ChannelStats, Tensor};
use inception::{Device, Error, LoadOptions, Loader, Session, networks};
use pollster::block_on;
use proptest::prelude::*;
use std::sync::Arc;

/// One layer of every operation, on `h` x `w` images.
fn every_operation(c: usize, [h, w]: [usize; 2], classes: usize) -> Arc<Graph> {
    let norm = BatchNorm { epsilon: 1e-3, gamma: true };
    let pool = |kind| Op::Pool(Pool { kind, kernel: [3, 3], stride: [1, 1], padding: CONV.padding });
    let adaptive = AdaptiveAverage { size: [h.min(3), w.min(2)] };
    let linear = |outputs| Op::Linear(Linear { outputs, bias: true, relu: false });
    let of_vector = Activation::ALL.map(|activation| (Op::Activation(activation), &[9][..]));
    let of_maps = Activation::ALL.map(|activation| (Op::Activation(activation), &[7][..]));
    let layers: Vec<(Op, &[usize])> = [
        (Op::Conv(Conv { outputs: c, relu: true, ..CONV }), &[0][..]),
        (pool(PoolKind::Max), &[1]),
        (pool(PoolKind::Average { count_padding: false }), &[1]),
        (Op::Add(Add { scale: 0.3 }), &[2, 3]),
        (Op::Add(Add { scale: -2.0 }), &[4, 2]),
        (Op::Activation(Activation::Relu), &[5]),
        (Op::Lrn(Lrn { size: 5, alpha: 0.5, beta: 0.6, bias: 1.5 }), &[6]),
        (Op::AdaptiveAverage(adaptive), &[7]),
        (linear(classes), &[8]),
        (Op::Norm(norm), &[9]),
        (Op::L2Normalize, &[10]),
        (Op::Softmax, &[11]),
        (Op::GlobalAverage, &[7]),
        (Op::Sigmoid, &[9]),
        (linear(1), &[8]),
        (Op::Sigmoid, &[15]),
        (Op::Norm(norm), &[7]),
    ]
    .into_iter()
    .chain(of_vector)
    .chain(of_maps)
    .collect();
    graph(Shape::new(3, h, w), &layers)
}

#[test]
fn every_operation_is_tried() {
    let graphs: Vec<Graph> = (0..40).map(|seed| graphs::graph(seed, 12)).collect();
    let own = every_operation(4, [5, 5], 3);
    hold_every_operation(graphs.iter().chain([&*own]).flat_map(|graph| graph.layers()).map(|layer| &layer.op));
}

fn weights_of(graph: &Graph, id: usize, seed: u64) -> Option<LayerWeights> {
    let tensors = graph.tensors(&graph.layers()[id]);
    let is_there = !tensors.list().is_empty();
    let epsilon = tensors.norm.map(|norm| norm.epsilon);
    is_there.then(|| weights(seed, tensors.fan_in(), tensors.channels, tensors.bias, epsilon))
}

fn all_weights(graph: &Graph, seed: u64) -> Vec<(usize, LayerWeights)> {
    (0..graph.layers().len()).filter_map(|i| Some((i, weights_of(graph, i, seed + 10 * i as u64)?))).collect()
}

fn gpu_of(device: Arc<GpuDevice>, graph: &Arc<Graph>, seed: u64) -> Gpu {
    let weights = all_weights(graph, seed);
    let given: Vec<(usize, &LayerWeights)> = weights.iter().map(|(i, w)| (*i, w)).collect();
    prepared(device, graph, false, &given)
}

/// The channel-by-channel statistics that the CPU computes of a layer's values.
fn statistics(values: &[f32], shape: Shape) -> Vec<ChannelStats> {
    let pixels = shape.h * shape.w;
    let data = (0..values.len()).map(|i| values[i % pixels * shape.c + i / pixels]).collect();
    Tensor { shape: shape.chw(), data }.statistics()
}

fn check_batch(
    device: Arc<GpuDevice>,
    images: usize,
    c: usize,
    size: [usize; 2],
    classes: usize,
    seed: u64,
) -> Result<(), TestCaseError> {
    let graph = every_operation(c, size, classes);
    let input = noise(seed, images * graph.input().len());
    let keep: Vec<LayerId> = (0..graph.layers().len()).map(LayerId::new).collect();
    let mut gpu = gpu_of(device, &graph, seed);
    gpu.configure(&request(&keep, images)).unwrap();
    gpu.set_input(&input).unwrap();
    complete(&mut gpu).unwrap();
    let weights = all_weights(&graph, seed);
    let weights = |id: LayerId| weights.iter().find(|(i, _)| *i == id.index()).unwrap().1.clone();
    for (image, input) in input.chunks(graph.input().len()).enumerate() {
        let wanted = graph.reference(input, weights);
        for (i, layer) in graph.layers().iter().enumerate() {
            let found = dense(&gpu, i, image);
            let wanted = wanted[i].to_f32();
            let error = relative_error(&found, &wanted);
            prop_assert!(error < 2e-5, "image {image}, {:?}: {error}", layer.op);
            let found_statistics = gpu.statistics(LayerId::new(i), image).unwrap();
            let largest = found.iter().fold(1e-6f32, |m, v| m.max(v.abs()));
            for (a, b) in found_statistics.iter().zip(statistics(&found, layer.shape)) {
                prop_assert!(a.min == b.min && a.max == b.max, "{a:?} {b:?}");
                let near = |a: f32, b: f32, scale: f32| (a - b).abs() <= 2e-6 * scale;
                prop_assert!(near(a.mean, b.mean, largest) && near(a.std, b.std, largest), "{a:?} {b:?}");
                prop_assert!(near(a.sparsity, b.sparsity, 1.0), "{a:?} {b:?}");
            }
        }
    }
    Ok(())
}

/// A graph put together by chance against its operations' references.
fn check_any_graph(device: Arc<GpuDevice>, seed: u64, steps: usize, kept: usize) -> Result<(), TestCaseError> {
    let graph = Arc::new(graphs::graph(seed, steps));
    let input = noise(3, graph.input().len());
    let wanted = graph.reference(&input, |id| graphs::weights_of(&graph, id));
    let weights: Vec<(usize, LayerWeights)> =
        graphs::weighted(&graph).into_iter().map(|id| (id.index(), graphs::weights_of(&graph, id))).collect();
    let given: Vec<(usize, &LayerWeights)> = weights.iter().map(|(i, w)| (*i, w)).collect();
    let keep: Vec<usize> = (1 + kept..=steps).step_by(5).chain([steps]).collect();
    let found = run(device, &graph, false, &given, &input, &keep);
    for (layer, found) in keep.into_iter().zip(found) {
        let error = relative_error(&found, &wanted[layer].to_f32());
        prop_assert!(error < 1e-4, "layer {layer}, {:?}: {error}", graph.layers()[layer].op);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn batches_equal_the_cpu_image_by_image(
        images in 1usize..5, c in 1usize..24, size in [1usize..12, 1usize..12], classes in 1usize..40, seed in 1u64..1000,
    ) {
        let Some(device) = device("batches_equal_the_cpu_image_by_image") else { return Ok(()) };
        check_batch(device, images, c, size, classes, seed)?;
    }

    #[test]
    fn batches_with_the_tiles_of_other_adapters_equal_the_cpu(
        images in 1usize..5, c in 1usize..24, size in [1usize..12, 1usize..12], classes in 1usize..40, seed in 1u64..1000,
    ) {
        let Some(device) = other_device("batches_with_the_tiles_of_other_adapters_equal_the_cpu") else { return Ok(()) };
        check_batch(device, images, c, size, classes, seed)?;
    }

    #[test]
    fn any_graph_is_computed_as_its_operations_mean(seed in any::<u64>(), steps in 1usize..20, kept in 0usize..6) {
        let Some(device) = device("any_graph_is_computed_as_its_operations_mean") else { return Ok(()) };
        check_any_graph(device, seed, steps, kept)?;
    }

    #[test]
    fn any_graph_in_waves_is_computed_as_its_operations_mean(seed in any::<u64>(), steps in 1usize..20, kept in 0usize..6) {
        let Some(device) = other_device("any_graph_in_waves_is_computed_as_its_operations_mean") else { return Ok(()) };
        check_any_graph(device, seed, steps, kept)?;
    }

    #[test]
    fn pictures_are_normalised_to_the_bit(images in 1usize..4, size in [1usize..20, 1usize..20], seed in 1u64..1000) {
        let Some(device) = device("pictures_are_normalised_to_the_bit") else { return Ok(()) };
        let graph = every_operation(4, size, 3);
        let picture: Vec<u8> = noise(seed, images * graph.input().len()).iter().map(|v| (v * 127.5 + 127.5) as u8).collect();
        let mut gpu = gpu_of(device, &graph, 1);
        gpu.configure(&request(&[LayerId::new(0)], images)).unwrap();
        gpu.set_levels(&picture).unwrap();
        complete(&mut gpu).unwrap();
        let found: Vec<f32> = (0..images).flat_map(|image| dense(&gpu, 0, image)).collect();
        prop_assert_eq!(found, Input::Levels(picture).into_values(&levels()));
    }
}

fn googlenet(device: &Device, half: bool) -> Session {
    let network = networks::find("googlenet").unwrap();
    let options = networks::Options { size: [64, 64], auxiliary: vec![], ..network.options() };
    let load = LoadOptions { device: device.clone(), half, threads: 1, ..LoadOptions::default() };
    Loader::random(network, &options, &load).unwrap().finish().unwrap()
}

/// A picture of 8-bit noise for [`googlenet`].
fn picture(images: usize) -> Input {
    Input::Levels(noise(5, images * 64 * 64 * 3).iter().map(|v| (v * 127.5 + 127.5) as u8).collect())
}

#[test]
fn weights_rounded_to_f16_give_the_same_network_on_both_devices() {
    let Some(device) = device("weights_rounded_to_f16_give_the_same_network_on_both_devices") else { return };
    let [mut gpu, mut cpu] = [Device::Gpu(device), Device::Cpu].map(|device| googlenet(&device, true));
    for session in [&mut gpu, &mut cpu] {
        session.keep(&["all"]).unwrap();
        session.run_input(&picture(1)).unwrap();
    }
    let differences = gpu.differences(&cpu).unwrap();
    assert_eq!(differences.len(), gpu.layer_info().len());
    for difference in differences {
        assert!(difference.relative_error < 2e-4, "{difference:?}");
    }
    let full = googlenet(&Device::Gpu(crate::device("").unwrap()), false);
    assert!(gpu.info().weight_bytes * 19 < full.info().weight_bytes * 10, "f16 halves the weights");
}

#[test]
fn branches_are_switched_off_image_by_image_as_on_the_cpu() {
    let Some(device) = device("branches_are_switched_off_image_by_image_as_on_the_cpu") else { return };
    let [mut gpu, mut cpu] = [Device::Gpu(device), Device::Cpu].map(|device| googlenet(&device, false));
    let off = [vec!["Mixed_3b/Branch_1", "Mixed_4c/Branch_3"], vec![], vec!["Mixed_3b/Branch_1", "Conv2d_2b_1x1"]];
    for session in [&mut gpu, &mut cpu] {
        session.keep(&["Mixed_3b", "Mixed_4c/Branch_3", "Mixed_5c"]).unwrap();
        session.switch_off(&off).unwrap();
        session.batch(3).unwrap();
        session.run_input(&picture(3)).unwrap();
    }
    for image in 0..3 {
        for layer in ["Mixed_3b", "Mixed_4c/Branch_3", "Mixed_5c", "Logits"] {
            let [found, wanted] = [&gpu, &cpu].map(|session| session.output(layer, image).unwrap().data);
            assert!(relative_error(&found, &wanted) < 2e-4, "{layer}, image {image}");
        }
    }
    assert!(gpu.output("Mixed_4c/Branch_3", 0).unwrap().data.iter().all(|v| *v == 0.0));
    assert!(gpu.output("Mixed_4c/Branch_3", 1).unwrap().data.iter().any(|v| *v != 0.0));
}

#[test]
fn twenty_runs_leave_the_memory_as_it_was() {
    let name = "twenty_runs_leave_the_memory_as_it_was";
    if device(name).is_none() {
        return;
    }
    let device = open(None).unwrap();
    let mut session = googlenet(&Device::Gpu(device.clone()), false);
    session.run_input(&picture(1)).unwrap();
    let before = device.memory();
    assert!(before.buffers > 0 && before.bytes > session.info().weight_bytes as u64);
    for _ in 0..20 {
        session.run_input(&picture(1)).unwrap();
    }
    assert_eq!(device.memory(), before);
    session.keep(&["all"]).unwrap();
    session.run_input(&picture(1)).unwrap();
    assert!(device.memory().bytes > before.bytes);
    session.keep(&[""; 0]).unwrap();
    session.run_input(&picture(1)).unwrap();
    assert_eq!(device.memory(), before);
    drop(session);
    assert_eq!(device.memory().buffers, 0, "a session that ends leaves nothing");
}

#[test]
fn every_computed_layer_is_timed() {
    let Some(device) = device("every_computed_layer_is_timed") else { return };
    for device in [Device::Gpu(device), Device::Cpu] {
        let mut session = googlenet(&device, false);
        session.run_input(&picture(1)).unwrap();
        let wanted = session.predictions(0).unwrap();
        session.begin(&picture(1)).unwrap();
        let times = block_on(session.profile()).unwrap();
        let convolutions = session.layer_info().iter().filter(|l| l.kind == LayerKind::Conv).count();
        assert_eq!(times.iter().filter(|t| t.name.contains("Conv2d")).count(), convolutions);
        assert!(times.iter().all(|t| t.ms > 0.0 && t.ms.is_finite()));
        assert_eq!(times.iter().map(|t| t.macs).sum::<u64>(), session.graph().macs().0 + session.graph().macs().1);
        session.step().unwrap();
        block_on(session.complete()).unwrap();
        assert_eq!(session.predictions(0).unwrap(), wanted, "a profile is a run");
    }
}

#[test]
fn more_images_than_fit_are_a_limit() {
    let Some(device) = device("more_images_than_fit_are_a_limit") else { return };
    let mut session = googlenet(&Device::Gpu(device), false);
    session.run_input(&picture(1)).unwrap();
    let error = session.batch(1_000_000).unwrap_err();
    assert!(matches!(error, Error::Gpu(GpuError::Limit { .. })), "{error:?}");
    assert_eq!(error.code(), "out-of-memory");
    session.run_input(&picture(1)).unwrap();
    assert!(matches!(session.batch(0), Err(Error::NoImages)));
}

#[test]
fn an_input_of_another_size_is_an_error() {
    let Some(device) = device("an_input_of_another_size_is_an_error") else { return };
    let mut session = googlenet(&Device::Gpu(device), false);
    for input in [Input::Values(vec![0.0; 5]), Input::Levels(vec![0; 5]), picture(2)] {
        assert!(matches!(session.begin(&input), Err(Error::Gpu(GpuError::Input { .. }))));
    }
}

#[test]
fn a_lost_device_is_an_error() {
    if device("a_lost_device_is_an_error").is_none() {
        return;
    }
    let device = open(None).unwrap();
    let mut session = googlenet(&Device::Gpu(device.clone()), false);
    session.begin(&picture(1)).unwrap();
    session.step().unwrap();
    device.destroy();
    let mut lost = || -> Result<(), Error> {
        while session.step()?.is_some() {}
        block_on(session.complete())?;
        session.run_input(&picture(1))
    };
    for _ in 0..2 {
        assert!(matches!(lost(), Err(Error::Gpu(GpuError::Lost { .. }))), "{:?}", lost());
    }
    assert!(session.predictions(0).is_err());
}

#[test]
fn branches_off_the_vec4_grid_are_an_error() {
    let Some(device) = device("branches_off_the_vec4_grid_are_an_error") else { return };
    let one = Shape::new(3, 1, 1);
    let pool = Pool { kind: PoolKind::Max, kernel: [1, 1], stride: [1, 1], padding: Padding::default() };
    let layers = [(Op::Pool(pool), &[0][..]), (Op::Pool(pool), &[0]), (Op::Concat, &[1, 2])];
    assert!(matches!(Gpu::new(device, graph(one, &layers), false, &levels()), Err(GpuError::Unaligned { .. })));
}

/// With the tiles of other adapters: where the processor plays the GPU, batches take the kernels of one image.
#[test]
fn batches_find_their_kernels_compiled() {
    if device("batches_find_their_kernels_compiled").is_none() {
        return;
    }
    let device = open(Some(false)).unwrap();
    let network = networks::find("googlenet").unwrap();
    let options = LoadOptions { device: Device::Gpu(device.clone()), ..LoadOptions::default() };
    let mut session = Loader::random(network, &network.options(), &options).unwrap().finish().unwrap();
    let compiled = device.kernels();
    for images in 1..=8 {
        session.batch(images).unwrap();
        assert_eq!(device.kernels(), compiled, "{images} images");
    }
    session.batch(20).unwrap();
    assert!(device.kernels() > compiled, "the test sees what is compiled");
}
