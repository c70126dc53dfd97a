//! The reverse pass on the CPU: whole networks against PyTorch's float64 gradients, any graph against what its operations'
//! reverses mean, and those against finite differences.
#![allow(clippy::unwrap_used)]

mod common;

use common::gradients::{alone, functions};
use common::graphs::{graph, hold_every_operation, weighted, weights_of};
use common::numbers::noise;
use common::{gradients, parity};
use inception::Device;
use inception::cpu::{Cpu, Isa, Threads};
use inception::graph::{Graph, LayerId, Op, Operation, Shape, Values};
use std::sync::Arc;

fn check(source: &str) {
    gradients::check(source, &Device::Cpu);
}

every_source!(check);

/// Gradients at all layers by the CPU's kernels.
fn compare((what, graph): (String, Graph), threads: usize) {
    let graph = Arc::new(graph);
    Isa::available().into_iter().for_each(|isa| compare_on(isa, &graph, threads, &format!("{what} on {isa:?}")));
}

fn compare_on(isa: Isa, graph: &Arc<Graph>, threads: usize, what: &str) {
    let mut cpu = Cpu::with_isa(graph.clone(), Threads::new(threads), isa);
    for id in weighted(graph) {
        cpu.prepare(id, &weights_of(graph, id)).unwrap();
    }
    cpu.configure(&gradients::request(graph)).unwrap();
    for id in cpu.unreversed() {
        cpu.prepare_reverse(id, &weights_of(graph, id)).unwrap();
    }
    cpu.set_input(&gradients::picture(graph)).unwrap();
    cpu.run(0..cpu.plan().steps.len()).unwrap();
    cpu.seed(&gradients::factors(graph), false).unwrap();
    cpu.run_reverse(0..cpu.reverse_plan().unwrap().steps.len()).unwrap();
    gradients::hold(graph, what, |id| cpu.view(id, 0).values(), |id| cpu.gradient(id).unwrap().to_vec());
}

#[test]
fn any_graph_passes_gradients_as_its_operations_mean() {
    gradients::by_chance(300).enumerate().for_each(|(i, case)| compare(case, 1 + i % 2));
}

#[test]
fn convolutions_of_any_kernel_stride_and_padding_pass_gradients_back() {
    let cases = gradients::convolutions();
    assert!(cases.len() > 300, "{}", cases.len());
    cases.into_iter().enumerate().for_each(|(i, case)| compare(case, 1 + i % 2));
}

/// What the tests here put together, with every operation.
fn every_operation() -> Vec<Op> {
    let by_chance = gradients::by_chance(40);
    let all = gradients::convolutions().into_iter().chain(gradients::others()).chain(by_chance);
    all.flat_map(|(_, graph)| graph.layers().iter().map(|layer| layer.op.clone()).collect::<Vec<_>>()).collect()
}

#[test]
fn every_operation_is_held() {
    hold_every_operation(&every_operation());
}

#[test]
fn every_kind_of_operation_is_in_the_packages_types() {
    let types = include_str!("../../pkg/src/model.d.ts");
    let kinds = types.lines().find(|line| line.trim_start().starts_with("kind: 'conv'")).unwrap();
    for op in every_operation() {
        let kind = serde_json::to_value(op.kind()).unwrap();
        assert!(kinds.contains(&format!("'{}'", kind.as_str().unwrap())), "LayerInfo.kind lacks {kind}");
    }
}

#[test]
fn pools_averages_and_heads_pass_gradients_back() {
    gradients::others().into_iter().for_each(|case| compare(case, 2));
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
    gradients::hold_waking(|graph, wakes| {
        let graph = Arc::new(graph);
        let mut cpu = Cpu::new(graph.clone(), Threads::new(1));
        cpu.configure(&gradients::request(&graph)).unwrap();
        for id in weighted(&graph) {
            cpu.prepare(id, &gradients::dead(&graph, id)).unwrap();
            cpu.prepare_reverse(id, &gradients::dead(&graph, id)).unwrap();
        }
        cpu.set_input(&gradients::picture(&graph)).unwrap();
        cpu.run(0..cpu.plan().steps.len()).unwrap();
        cpu.seed(&gradients::factors(&graph), wakes).unwrap();
        cpu.run_reverse(0..cpu.reverse_plan().unwrap().steps.len()).unwrap();
        cpu.gradient(LayerId::new(0)).unwrap().to_vec()
    });
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
