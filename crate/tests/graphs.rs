//! Graphs that cannot be: what the builder refuses. And any that can: the CPU computes what their operations mean.
#![allow(clippy::unwrap_used)]

mod common;

use common::graphs::{CONV, graph, weighted, weights_of};
use common::numbers::{noise, relative_error};
use inception::cpu::{Cpu, CpuError, Threads};
use inception::graph::{
    Activation, Add, Builder, Conv, ConvStyle, GraphError, LayerId, LayerWeights, Linear, Lrn, Op, Outputs, Padding,
    Pool, PoolKind, Shape, ShapeError,
};
use inception::networks::NETWORKS;
use inception::plan::Request;
use proptest::prelude::*;
use std::sync::Arc;

const MAX: Pool = Pool { kind: PoolKind::Max, kernel: [3, 3], stride: [1, 1], padding: CONV.padding };
/// Of the largest value, through some twenty layers in f32.
const TOLERANCE: f32 = 1e-4;

fn builder() -> Builder {
    Builder::new("test", Shape::new(4, 6, 6), ConvStyle { bias: true, norm: None }).unwrap()
}

fn ids<const N: usize>(indices: [usize; N]) -> Vec<LayerId> {
    indices.map(LayerId::new).to_vec()
}

/// A graph of these layers, the last one its features.
fn built(layers: &[(Op, Vec<LayerId>)]) -> Result<inception::graph::Graph, GraphError> {
    let mut builder = builder();
    for (i, (op, inputs)) in layers.iter().enumerate() {
        builder.push(format!("layer {}", i + 1), op.clone(), inputs.clone())?;
    }
    builder.finish(Outputs::features(LayerId::new(layers.len())))
}

/// Holds every layer that is kept against what the operations mean.
fn check(graph: inception::graph::Graph, keep: &[LayerId], threads: usize) -> Result<(), TestCaseError> {
    let graph = Arc::new(graph);
    let input = noise(3, graph.input().len());
    let wanted = graph.reference(&input, |id| weights_of(&graph, id));
    let mut cpu = Cpu::new(graph.clone(), Threads::new(threads));
    for id in weighted(&graph) {
        cpu.prepare(id, &weights_of(&graph, id)).unwrap();
    }
    cpu.configure(&Request { keep: keep.to_vec(), images: 1, off: vec![], gradients: None }).unwrap();
    cpu.set_input(&input).unwrap();
    cpu.run(0..cpu.plan().steps.len()).unwrap();
    for id in keep.iter().copied().chain(graph.outputs()) {
        let found = cpu.view(id, 0).values();
        let error = relative_error(&found, &wanted[id.index()].to_f32());
        prop_assert!(error < TOLERANCE, "{}, {:?}: {error}", graph.layer(id).name, graph.layer(id).op);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn any_graph_is_computed_as_its_operations_mean(seed in any::<u64>(), steps in 1usize..20, kept in 0usize..6) {
        let graph = graph(seed, steps);
        let all: Vec<LayerId> = graph.public().map(|(id, _)| id).collect();
        check(graph.clone(), &all, 1)?;
        let some: Vec<LayerId> = all.into_iter().skip(kept).step_by(5).collect();
        check(graph, if kept == 5 { &[] } else { &some }, 2)?;
    }
}

#[test]
fn a_sum_with_a_pool_is_a_sum() {
    let layers = [
        (Op::Conv(CONV), ids([0])),
        (Op::Pool(MAX), ids([1])),
        (Op::Add(Add { scale: 0.5 }), ids([1, 2])),
        (Op::Activation(Activation::Relu), ids([3])),
    ];
    check(built(&layers).unwrap(), &[], 1).unwrap();
    // Neither a convolution that ends with ReLU nor one that runs before what it would be added to takes a sum with it.
    let relu = Conv { relu: true, ..CONV };
    let layers = [(Op::Conv(CONV), ids([0])), (Op::Conv(relu), ids([1])), (Op::Add(Add { scale: 0.5 }), ids([1, 2]))];
    check(built(&layers).unwrap(), &[], 1).unwrap();
    let layers = [(Op::Conv(CONV), ids([0])), (Op::Conv(CONV), ids([0])), (Op::Add(Add { scale: 0.5 }), ids([2, 1]))];
    check(built(&layers).unwrap(), &[], 1).unwrap();
}

#[test]
fn what_a_graph_cannot_be_is_an_error() {
    let conv = || (Op::Conv(CONV), ids([0]));
    let why = |layers: &[(Op, Vec<LayerId>)]| built(layers).unwrap_err();
    let twice = [conv(), conv(), (Op::Concat, ids([1, 2])), (Op::Concat, ids([1, 3]))];
    assert!(matches!(why(&twice), GraphError::Misplaced { layer, .. } if layer == "layer 4"));
    let renamed = [conv(), (Op::Activation(Activation::Identity), ids([1])), (Op::Concat, ids([1]))];
    assert!(matches!(why(&renamed), GraphError::Misplaced { layer, .. } if layer == "layer 3"));
    assert!(matches!(why(&[conv(), (Op::Concat, ids([1, 1]))]), GraphError::Misplaced { .. }));
    assert!(matches!(why(&[conv(), (Op::Concat, ids([0, 1]))]), GraphError::Misplaced { .. }), "the picture");
    assert!(matches!(why(&[(Op::Conv(CONV), ids([1]))]), GraphError::Misplaced { .. }), "itself");
    let wider = Conv { outputs: 8, ..CONV };
    let unequal = [conv(), (Op::Conv(wider), ids([0])), (Op::Add(Add { scale: 1.0 }), ids([1, 2]))];
    assert!(matches!(why(&unequal), GraphError::Shapes { source: ShapeError::Inputs, .. }), "{}", why(&unequal));
    let smaller = Conv { padding: Padding::default(), ..CONV };
    let sides = [conv(), (Op::Conv(smaller), ids([0])), (Op::Concat, ids([1, 2]))];
    assert!(matches!(why(&sides), GraphError::Shapes { source: ShapeError::Inputs, .. }));
    for conv in [Conv { kernel: [9, 1], ..CONV }, Conv { kernel: [0, 1], ..CONV }, Conv { stride: [1, 0], ..CONV }] {
        assert!(matches!(why(&[(Op::Conv(conv), ids([0]))]), GraphError::TooSmall { .. }));
    }
    let padded = Pool { padding: Padding::symmetric([3, 3]), ..MAX };
    let empty = why(&[(Op::Pool(padded), ids([0]))]);
    assert!(matches!(empty, GraphError::Shapes { source: ShapeError::Padding, .. }), "{empty}");
    for size in [0, 4] {
        let lrn = Op::Lrn(Lrn { size, alpha: 1.0, beta: 0.75, bias: 1.0 });
        let refused = why(&[(lrn, ids([0]))]);
        let is_said = |said: usize| said == size;
        assert!(
            matches!(refused, GraphError::Shapes { source: ShapeError::Normalization { size, .. }, .. } if is_said(size)),
            "{refused}"
        );
    }
    for outputs in [0, usize::MAX] {
        let of_conv = why(&[(Op::Conv(Conv { outputs, ..CONV }), ids([0]))]);
        assert!(matches!(of_conv, GraphError::Shapes { source: ShapeError::Extent, .. }), "{of_conv}");
    }
    assert!(matches!(why(&[(Op::Softmax, ids([0]))]), GraphError::Shapes { .. }), "of a map");
    assert!(matches!(why(&[(Op::L2Normalize, ids([0, 0]))]), GraphError::Shapes { .. }), "of two");
    let mut named = builder();
    named.push("one", Op::Conv(CONV), ids([0])).unwrap();
    named.push("one", Op::Conv(CONV), ids([1])).unwrap();
    assert!(matches!(named.finish(Outputs::features(LayerId::new(2))), Err(GraphError::Misplaced { .. })));
    assert!(builder().finish(Outputs::features(LayerId::new(1))).is_err(), "an output that there is not");
}

#[test]
fn a_layer_without_its_weights_is_an_error() {
    let linear = Op::Linear(Linear { outputs: 3, bias: true, relu: false });
    let graph = Arc::new(built(&[(Op::Conv(CONV), ids([0])), (linear, ids([1]))]).unwrap());
    let mut cpu = Cpu::new(graph.clone(), Threads::new(1));
    cpu.prepare(LayerId::new(1), &weights_of(&graph, LayerId::new(1))).unwrap();
    cpu.set_input(&noise(1, graph.input().len())).unwrap();
    assert!(matches!(cpu.run(0..2), Err(CpuError::Unprepared { layer }) if layer == "layer 2"));
    let short = LayerWeights { weights: vec![0.0; 5], ..LayerWeights::NONE };
    assert!(matches!(cpu.prepare(LayerId::new(2), &short), Err(CpuError::Weights { .. })));
}

/// The names are TF-slim's, which say the kernel: a row whose kernel is another is a slip.
#[test]
fn kernels_are_those_of_the_names() {
    let side = |name: &str| -> Option<[usize; 2]> {
        let (h, w) = name.rsplit('_').next()?.split_once('x')?;
        Some([h.parse().ok()?, w.parse().ok()?])
    };
    for network in &NETWORKS {
        let graph = network.build(&network.options()).unwrap();
        let mut held = 0;
        for (_, layer) in graph.public() {
            let kernel = match &layer.op {
                Op::Conv(conv) => conv.kernel,
                Op::Pool(pool) => pool.kernel,
                _ => continue,
            };
            let Some(named) = side(&layer.name) else { continue };
            held += 1;
            assert_eq!(kernel, named, "{}: {}", network.id, layer.name);
        }
        assert!(held > 50, "{}: {held}", network.id);
    }
}
