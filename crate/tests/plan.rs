//! The memory plan and receptive fields of every network.
#![allow(clippy::unwrap_used)]

use inception::cpu::{Cpu, CpuError, Threads};
use inception::graph::{Activation, Graph, LayerId, Op};
use inception::networks::{self, NETWORKS};
use inception::plan::{Layout, Plan, Request, View};

fn graph(id: &str) -> Graph {
    let network = networks::find(id).unwrap();
    network.build(&network.options()).unwrap()
}

/// Arena places of a view's values, as ranges of channels of each pixel.
fn overlaps(plan: &Plan, a: View, b: View) -> bool {
    if a.storage == b.storage {
        return a.channel < b.channel + b.shape.c && b.channel < a.channel + a.shape.c;
    }
    let (a, b) = (&plan.storages[a.storage], &plan.storages[b.storage]);
    a.range().start < b.range().end && b.range().start < a.range().end
}

/// Runs the schedule on names instead of numbers: every value a step reads has to be the one its producer wrote.
fn check(graph: &Graph, keep: &[LayerId], layout: Layout, images: usize) {
    let plan = Plan::new(graph, &Request { keep: keep.to_vec(), images, off: vec![], gradients: None }, layout);
    let mut held: Vec<LayerId> = vec![graph.find("Input").unwrap_or_else(|| graph.layers()[1].inputs[0])];
    let view = |id: LayerId| plan.view(id).unwrap();
    let sources = |id: LayerId| {
        let mut all = vec![];
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            match &graph.layer(id).op {
                Op::Concat | Op::Activation(Activation::Identity) => open.extend(&graph.layer(id).inputs),
                _ => all.push(id),
            }
        }
        all
    };
    let outputs = [graph.logits(), graph.predictions(), graph.embedding(), Some(graph.features())];
    let outputs = outputs.into_iter().flatten().chain(graph.auxiliary().iter().copied());
    let wanted: Vec<LayerId> = outputs.chain(keep.iter().copied()).collect();
    let (mut done, mut taken) = (0, vec![]);
    for wave in plan.steps.chunk_by(|a, b| a.wave == b.wave) {
        assert!(wave.len() == 1 || layout.waves);
        let steps = done..done + wave.len();
        done = steps.end;
        for step in wave {
            for &input in step.inputs.iter().chain(step.residual.iter().map(|r| &r.shortcut)) {
                let clash = wave.iter().find(|other| overlaps(&plan, view(other.output), view(input)));
                assert!(clash.is_none(), "{clash:?} writes what {step:?} reads");
                for source in sources(input) {
                    let name = &graph.layer(source).name;
                    assert!(
                        held.contains(&source),
                        "{} reads {name} before or after it is there",
                        graph.layer(step.layer).name
                    );
                }
            }
        }
        for (i, step) in wave.iter().enumerate() {
            let out = view(step.output);
            assert!(
                wave[..i].iter().all(|other| !overlaps(&plan, view(other.output), out)),
                "{step:?} is written over"
            );
            held.retain(|&id| !overlaps(&plan, out, view(id)));
            held.push(step.output);
        }
        for &id in &wanted {
            let is_filled = plan.filled(view(id).storage).is_some_and(|step| steps.contains(&step));
            if is_filled && plan.held.contains(&view(id).storage) {
                assert!(
                    sources(id).iter().all(|s| held.contains(s)),
                    "{} is gone when it is whole",
                    graph.layer(id).name
                );
                taken.push(id);
            }
        }
    }
    for id in wanted {
        assert!(taken.contains(&id), "{} is never taken", graph.layer(id).name);
        let is_there = sources(id).iter().all(|s| held.contains(s));
        assert!(is_there || !layout.holds, "{} is gone at the end", graph.layer(id).name);
    }
    for storage in &plan.storages {
        assert!(storage.range().end <= plan.arena);
        assert!(storage.stride >= storage.shape.c && storage.stride % layout.lanes == 0);
        assert!(storage.offset % layout.lanes == 0);
    }
}

#[test]
fn every_value_is_there_when_it_is_read() {
    for network in &NETWORKS {
        let graph = network.build(&network.options()).unwrap();
        let all: Vec<LayerId> = graph.public().map(|(id, _)| id).collect();
        for layout in [Layout::CPU, Layout::GPU, Layout::SOFTWARE_GPU] {
            check(&graph, &[], layout, 1);
            check(&graph, &[], layout, 3);
            check(&graph, &all, layout, 1);
            for (id, _) in graph.public().step_by(7) {
                check(&graph, &[id], layout, 1);
            }
        }
    }
}

#[test]
fn the_arena_is_reused() {
    for network in &NETWORKS {
        let graph = network.build(&network.options()).unwrap();
        for layout in [Layout::CPU, Layout::GPU, Layout::SOFTWARE_GPU] {
            let plan = Plan::new(&graph, &Request::default(), layout);
            let (used, total) = (plan.arena, plan.storages.iter().map(|s| s.range().len()).sum::<usize>());
            assert!(used * 3 < total, "{}: {used} of {total}", network.id);
        }
    }
}

#[test]
fn a_layer_feeds_at_most_one_concatenation() {
    for network in &NETWORKS {
        let graph = network.build(&network.options()).unwrap();
        let mut readers = vec![0; graph.layers().len()];
        let concats = graph.layers().iter().filter(|l| l.op == Op::Concat);
        concats.flat_map(|l| &l.inputs).for_each(|id| readers[id.index()] += 1);
        assert!(readers.iter().all(|&n| n <= 1), "{}", network.id);
    }
}

/// Sizes published by Araujo et al. 2019, "Computing receptive fields of convolutional neural networks", table 1.
#[test]
fn receptive_fields_equal_the_published_ones() {
    let cases = [
        ("inception-v3", "Mixed_7c", 1311),
        ("inception-v4", "Mixed_7d", 2071),
        ("inception-resnet-v2", "Conv2d_7b_1x1", 3039),
    ];
    for (id, layer, size) in cases {
        let graph = graph(id);
        let field = graph.receptive_fields()[graph.find(layer).unwrap().index()];
        assert_eq!(field.size, [size, size], "{id}");
        assert_eq!(field.stride, [32, 32], "{id}");
    }
}

/// A product that wraps would make the arena small and let runs write past it.
#[test]
fn more_images_than_can_be_counted_are_refused_as_too_much_memory() {
    let graph = graph("googlenet");
    let len = graph.input().len();
    let mut cpu = Cpu::new(graph.into(), Threads::new(1));
    // Some come to little when they are counted modulo the address space.
    for images in [usize::MAX, usize::MAX / len + 1, 1 << (usize::BITS - 2)] {
        let refused = cpu.configure(&Request { images, ..Request::default() });
        assert!(matches!(refused, Err(CpuError::OutOfMemory { .. })), "{images}: {refused:?}");
    }
}
