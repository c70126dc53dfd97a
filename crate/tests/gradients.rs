//! The reverse pass on the CPU: whole networks against PyTorch's float64 gradients, any graph against what its operations'
//! reverses mean, and those against finite differences.
#![allow(clippy::unwrap_used)]

mod common;

use common::graphs::{CONV, graph, weighted, weights_of};
use common::numbers::{noise, relative_error};
use common::{gradients, parity};
use inception::Device;
use inception::cpu::{Cpu, Threads};
use inception::graph::{
    Activation, Builder, Conv, ConvStyle, Graph, LayerId, Linear, Lrn, Op, Outputs, Padding, Pool, PoolKind, Shape,
    Values,
};
use inception::plan::{Gradients, Request};
use std::sync::Arc;

fn check(source: &str) {
    gradients::check(source, &Device::Cpu);
}

every_source!(check);

/// Gradients of a sum of the last layer's values, each by a factor, at all layers: by the CPU, and by the references with the
/// CPU's own values, so that each ReLU and each maximum decides alike.
fn compare(graph: Graph, threads: usize, what: &str) {
    let graph = Arc::new(graph);
    let of = LayerId::new(graph.layers().len() - 1);
    let all: Vec<LayerId> = (0..graph.layers().len()).map(LayerId::new).collect();
    let mut cpu = Cpu::new(graph.clone(), Threads::new(threads));
    for id in weighted(&graph) {
        cpu.prepare(id, &weights_of(&graph, id)).unwrap();
    }
    let gradients = Some(Gradients { of, at: all.clone() });
    let request = Request { keep: all[1..].to_vec(), gradients, ..Request::default() };
    cpu.configure(&request).unwrap();
    for id in cpu.unreversed() {
        cpu.prepare_reverse(id, &weights_of(&graph, id)).unwrap();
    }
    let input = noise(3, graph.input().len());
    let seed = noise(5, graph.layer(of).shape.len());
    cpu.set_input(&input).unwrap();
    cpu.run(0..cpu.plan().steps.len()).unwrap();
    let mut values = vec![Values::from_f32(graph.input(), &input)];
    values.extend(graph.public().map(|(id, layer)| Values::from_f32(layer.shape, &cpu.view(id, 0).values())));
    cpu.seed(&seed, false).unwrap();
    cpu.run_reverse(0..cpu.reverse_plan().unwrap().steps.len()).unwrap();
    let seed = Values::from_f32(graph.layer(of).shape, &seed);
    let wanted = graph.reference_gradients(&values, of, seed, |id| weights_of(&graph, id));
    for (id, wanted) in all.iter().zip(wanted) {
        let layer = graph.layer(*id);
        let found = cpu.gradient(*id).unwrap();
        let Some(wanted) = wanted.map(|wanted| wanted.to_f32()) else {
            assert!(found.is_empty(), "{what}: {} does not matter", layer.name);
            continue;
        };
        let error = relative_error(found, &wanted);
        assert!(error < 2e-4, "{what}: at {}, {:?}: {error}", layer.name, layer.op);
    }
}

#[test]
fn any_graph_passes_gradients_as_its_operations_mean() {
    for seed in 0..300 {
        compare(graph(seed, 1 + (seed % 20) as usize), 1 + (seed % 2) as usize, &format!("graph {seed}"));
    }
}

/// Every activation that computes something.
fn functions() -> impl Iterator<Item = Activation> {
    Activation::ALL.into_iter().filter(|activation| !activation.is_identity())
}

/// A graph of one operation over an input.
fn alone(input: Shape, op: Op) -> Option<Graph> {
    let mut builder = Builder::new("test", input, ConvStyle { bias: true, norm: None }).ok()?;
    builder.push("it", op, vec![LayerId::new(0)]).ok()?;
    builder.finish(Outputs::features(LayerId::new(1))).ok()
}

#[test]
fn convolutions_of_any_kernel_stride_and_padding_pass_gradients_back() {
    let mut seen = 0;
    for kernel in [[1, 1], [2, 2], [3, 3], [1, 7], [7, 1], [5, 5], [7, 7], [3, 2]] {
        for stride in [[1, 1], [2, 2], [1, 2], [3, 3], [2, 1]] {
            for [top, left, bottom, right] in [[0; 4], [1; 4], [3; 4], [0, 0, 1, 1], [1, 0, 0, 2]] {
                let padding = Padding { top, left, bottom, right };
                for (input, outputs) in [(Shape::new(3, 11, 10), 8), (Shape::new(16, 9, 12), 20)] {
                    let relu = seen % 3 == 0;
                    let conv = Conv { kernel, stride, padding, outputs, relu, ..CONV };
                    if let Some(graph) = alone(input, Op::Conv(conv)) {
                        compare(graph, 1 + seen % 2, &format!("{conv:?} over {input:?}"));
                        seen += 1;
                    }
                }
            }
        }
    }
    assert!(seen > 300, "{seen}");
}

#[test]
fn pools_averages_and_heads_pass_gradients_back() {
    let input = Shape::new(7, 9, 8);
    for kind in [PoolKind::Max, PoolKind::Average { count_padding: false }, PoolKind::Average { count_padding: true }] {
        for (kernel, stride) in
            [([3, 3], [1, 1]), ([3, 3], [2, 2]), ([2, 2], [2, 2]), ([9, 8], [1, 1]), ([5, 2], [3, 1])]
        {
            for padding in [Padding::default(), Padding::symmetric([1, 1]), Padding { bottom: 1, ..Padding::default() }]
            {
                let pool = Pool { kind, kernel, stride, padding };
                if let Some(graph) = alone(input, Op::Pool(pool)) {
                    compare(graph, 2, &format!("{pool:?}"));
                }
            }
        }
    }
    compare(alone(input, Op::GlobalAverage).unwrap(), 1, "global average");
    let adaptive = inception::graph::AdaptiveAverage { size: [4, 3] };
    compare(alone(input, Op::AdaptiveAverage(adaptive)).unwrap(), 1, "adaptive average");
    compare(alone(input, Op::Linear(Linear { outputs: 11, bias: true, relu: true })).unwrap(), 2, "linear over a map");
    let lrn = Lrn { size: 5, alpha: 2.0, beta: 0.75, bias: 1.0 };
    compare(alone(input, Op::Lrn(lrn)).unwrap(), 2, "lrn");
    for activation in functions() {
        compare(alone(input, Op::Activation(activation)).unwrap(), 1, &format!("{activation:?}"));
    }
    let vector = Shape::vector(9);
    for op in [Op::L2Normalize, Op::Softmax, Op::Sigmoid] {
        compare(alone(vector, op.clone()).unwrap(), 1, &format!("{op:?}"));
    }
    compare(alone(Shape::vector(1), Op::Sigmoid).unwrap(), 1, "two classes of one logit");
}

/// Central differences in f64 of the references themselves. Where a value is within the step of a decision, the two differ:
/// those graphs say nothing, and most do not.
#[test]
fn the_references_reverses_are_derivatives() {
    const STEP: f64 = 1e-6;
    let mut held = 0;
    let vectors = [Op::L2Normalize, Op::Softmax, Op::Sigmoid].map(|op| alone(Shape::vector(5), op).unwrap());
    let smooth = functions().map(|activation| alone(Shape::new(2, 3, 3), Op::Activation(activation)).unwrap());
    let graphs = (0..80).map(|seed| graph(seed, 1 + (seed % 9) as usize)).chain(vectors).chain(smooth);
    for graph in graphs {
        let of = LayerId::new(graph.layers().len() - 1);
        let (input, direction) = (noise(3, graph.input().len()), noise(7, graph.input().len()));
        let factors = noise(5, graph.layer(of).shape.len());
        let value = |step: f64| {
            let moved = input.iter().zip(&direction).map(|(v, d)| f64::from(*v) + step * f64::from(*d));
            let moved = Values { shape: graph.input(), data: moved.collect() };
            let all = graph.reference_of(moved, |id| weights_of(&graph, id));
            all[of.index()].data.iter().zip(&factors).map(|(v, f)| v * f64::from(*f)).sum::<f64>()
        };
        let values = graph.reference(&input, |id| weights_of(&graph, id));
        let seed = Values::from_f32(graph.layer(of).shape, &factors);
        let found = graph.reference_gradients(&values, of, seed, |id| weights_of(&graph, id));
        let Some(gradient) = &found[0] else { continue };
        let along: f64 = gradient.data.iter().zip(&direction).map(|(g, d)| g * f64::from(*d)).sum();
        let differences = [STEP, 2.0 * STEP].map(|step| (value(step) - value(-step)) / (2.0 * step));
        let scale = along.abs().max(1.0);
        if (differences[0] - differences[1]).abs() < 1e-7 * scale {
            held += 1;
            assert!((along - differences[0]).abs() < 1e-6 * scale, "{graph:?}: {along} and {differences:?}");
        }
    }
    assert!(held > 80, "{held}");
}

/// A channel that is zero everywhere has no gradient. Woken, it has that of what stands before its ReLU; so has a part of a
/// concatenation.
#[test]
fn a_channel_that_does_not_answer_can_be_woken() {
    let graph = |relu: bool| {
        let mut builder = Builder::new("test", Shape::new(4, 6, 6), ConvStyle { bias: true, norm: None }).unwrap();
        let conv = Op::Conv(Conv { relu, ..CONV });
        let first = builder.push("first", conv.clone(), vec![LayerId::new(0)]).unwrap();
        let second = builder.push("second", conv, vec![LayerId::new(0)]).unwrap();
        builder.push("both", Op::Concat, vec![first, second]).unwrap();
        Arc::new(builder.finish(Outputs::features(LayerId::new(3))).unwrap())
    };
    let gradient = |graph: Arc<Graph>, wakes: bool| {
        let dead = |id: LayerId| {
            let mut weights = weights_of(&graph, id);
            weights.biases = Some(vec![-1e3; 4]);
            weights
        };
        let mut cpu = Cpu::new(graph.clone(), Threads::new(1));
        let gradients = Some(Gradients { of: LayerId::new(3), at: vec![LayerId::new(0)] });
        cpu.configure(&Request { gradients, ..Request::default() }).unwrap();
        for id in weighted(&graph) {
            cpu.prepare(id, &dead(id)).unwrap();
            cpu.prepare_reverse(id, &dead(id)).unwrap();
        }
        cpu.set_input(&noise(3, graph.input().len())).unwrap();
        cpu.run(0..cpu.plan().steps.len()).unwrap();
        cpu.seed(&noise(5, 8 * 36), wakes).unwrap();
        cpu.run_reverse(0..cpu.reverse_plan().unwrap().steps.len()).unwrap();
        cpu.gradient(LayerId::new(0)).unwrap().to_vec()
    };
    assert!(gradient(graph(true), false).iter().all(|&v| v == 0.0));
    let wanted = gradient(graph(false), false);
    assert!(wanted.iter().any(|&v| v.abs() > 0.1));
    assert_eq!(gradient(graph(true), true), wanted);
}

#[test]
fn what_is_not_asked_for_is_not_computed() {
    let session = parity::session("paper_googlenet", &Device::Cpu, 1);
    let plan = |of: &str, at: &[&str]| {
        let gradients = session.gradients(of, at).unwrap();
        inception::plan::ReversePlan::new(session.graph(), &gradients, 1)
    };
    let near = plan("Logits", &["Mixed_5c"]);
    let layers = near.weighted(session.graph()).count();
    assert_eq!(layers, 1, "the classifier alone");
    assert!(plan("Mixed_3b", &["Mixed_5c"]).steps.is_empty(), "what comes after does not matter");
    let far = plan("Logits", &["input"]);
    assert!(far.weighted(session.graph()).count() > 57);
    assert!(near.arena * 10 < far.arena);
}
