//! The memory plan and receptive fields of every network.
#![allow(clippy::unwrap_used)]

use inception::graph::{Graph, LayerId, Op};
use inception::networks::{self, NETWORKS};
use inception::plan::{Plan, View};

fn graph(id: &str) -> Graph {
    let network = networks::find(id).unwrap();
    network.build(&network.options()).unwrap()
}

/// Arena places of a view's values, as ranges of channels of each pixel.
fn overlaps(plan: &Plan, a: View, b: View) -> bool {
    if a.storage == b.storage {
        return a.channel < b.channel + b.shape.c && b.channel < a.channel + a.shape.c;
    }
    let range = |v: View| {
        let s = &plan.storages[v.storage];
        s.offset..s.offset + s.shape.len()
    };
    let (a, b) = (range(a), range(b));
    a.start < b.end && b.start < a.end
}

/// Runs the schedule on names instead of numbers: every value a step reads has to be the one its producer wrote.
fn check(graph: &Graph, keep: &[LayerId]) {
    let plan = Plan::new(graph, keep);
    let mut held: Vec<LayerId> = vec![graph.find("Input").unwrap_or_else(|| graph.layers[1].inputs[0])];
    let view = |id: LayerId| plan.view(id).unwrap();
    let sources = |id: LayerId| {
        let mut all = vec![];
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            match &graph.layer(id).op {
                Op::Concat | Op::Activation { enabled: false } => open.extend(&graph.layer(id).inputs),
                _ => all.push(id),
            }
        }
        all
    };
    for step in &plan.steps {
        let out = view(step.output);
        for &input in step.inputs.iter().chain(step.residual.iter().map(|r| &r.shortcut)) {
            assert!(!overlaps(&plan, out, view(input)), "{} writes what it reads", graph.layer(step.layer).name);
            for source in sources(input) {
                let name = &graph.layer(source).name;
                assert!(held.contains(&source), "{} reads {name} after it is gone", graph.layer(step.layer).name);
            }
        }
        held.retain(|&id| !overlaps(&plan, out, view(id)));
        held.push(step.output);
    }
    let outputs = [graph.logits, graph.predictions, graph.embedding, Some(graph.features)];
    for id in outputs.into_iter().flatten().chain(graph.auxiliary.iter().copied()).chain(keep.iter().copied()) {
        assert!(sources(id).iter().all(|s| held.contains(s)), "{} is gone at the end", graph.layer(id).name);
    }
    let end = plan.storages.iter().map(|s| s.offset + s.shape.len()).max().unwrap();
    assert!(end <= plan.arena);
}

#[test]
fn every_value_is_there_when_it_is_read() {
    for network in &NETWORKS {
        let graph = network.build(&network.options()).unwrap();
        check(&graph, &[]);
        let all: Vec<LayerId> = graph.public().map(|(id, _)| id).collect();
        check(&graph, &all);
        for (id, _) in graph.public().step_by(7) {
            check(&graph, &[id]);
        }
    }
}

#[test]
fn the_arena_is_reused() {
    for network in &NETWORKS {
        let graph = network.build(&network.options()).unwrap();
        let plan = Plan::new(&graph, &[]);
        let total: usize = plan.storages.iter().map(|s| s.shape.len()).sum();
        assert!(plan.arena * 3 < total, "{}: {} of {total}", network.id, plan.arena);
    }
}

#[test]
fn a_layer_feeds_at_most_one_concatenation() {
    for network in &NETWORKS {
        let graph = network.build(&network.options()).unwrap();
        let mut readers = vec![0; graph.layers.len()];
        let concats = graph.layers.iter().filter(|l| l.op == Op::Concat);
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
