//! Every operation of a real model, changed one by one: whatever is not what the network has is an error, none is passed over.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{Before, find};
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::foreign::exported::files;
use crate::checkpoints::formats::{FileGraph, FileOp, FilePadding, Node, TensorFile, Window};
use crate::graph::{Activation, Padding};
use crate::image::Channels;

/// Models with batch norm unfolded, folded, of residual blocks, and with maximum pools in ceil mode.
const FIXTURES: [&str; 4] = ["k2_v3_nested_h5", "onnx_tv_v3_folded", "onnx_timm_irv2", "onnx_tv_googlenet"];

fn file(fixture: &str) -> TensorFile {
    TensorFile::read(files(fixture, false)).unwrap()
}

/// What is found where the graph has been changed.
fn changed(file: &mut TensorFile, change: impl FnOnce(&mut FileGraph)) -> Result<Before, CheckpointError> {
    let whole = file.graph.clone().unwrap();
    change(file.graph.as_mut().unwrap());
    let found = find(file, None).map(|found| found.before);
    file.graph = Some(whole);
    found
}

/// The operations between the picture and the answer.
fn on_the_way(graph: &FileGraph) -> Vec<usize> {
    let mut is_needed = vec![false; graph.nodes.len()];
    let mut due = graph.outputs.clone();
    while let Some(at) = due.pop() {
        if !std::mem::replace(&mut is_needed[at], true) {
            due.extend(&graph.nodes[at].inputs);
        }
    }
    (0..graph.nodes.len()).filter(|&at| is_needed[at]).collect()
}

#[test]
fn an_unknown_operation_anywhere_is_an_error_that_names_it() {
    for fixture in FIXTURES {
        let mut file = file(fixture);
        let graph = file.graph.clone().unwrap();
        for at in on_the_way(&graph).into_iter().step_by(3) {
            if matches!(graph.nodes[at].op, FileOp::Input { .. }) {
                continue;
            }
            let found = changed(&mut file, |graph| graph.nodes[at].op = FileOp::Other("Odd".into()));
            let error = found.expect_err(&format!("{fixture}: {:?} was passed over", graph.nodes[at]));
            assert!(
                matches!(error, CheckpointError::Layer { .. } | CheckpointError::Differs { .. }),
                "{fixture}: {error}"
            );
        }
    }
}

/// The same operation with another meaning; none where there is no small change.
fn altered(node: &Node) -> Option<FileOp> {
    let mut op = node.op.clone();
    match &mut op {
        FileOp::Conv { window, .. } => window.stride[0] += 1,
        FileOp::MaxPool(window) => window.kernel[1] += 1,
        FileOp::AveragePool(window, _) => {
            window.padding = FilePadding::Explicit(Padding { top: 2, ..Padding::default() });
        }
        FileOp::Concat => return Some(FileOp::Add),
        FileOp::Add => return Some(FileOp::Concat),
        FileOp::Activation(Activation::Relu) => return Some(FileOp::Activation(Activation::Tanh)),
        FileOp::GlobalAverage => return Some(FileOp::Softmax),
        _ => return None,
    }
    Some(op)
}

#[test]
fn an_operation_with_another_meaning_is_an_error() {
    for fixture in FIXTURES {
        let mut file = file(fixture);
        let graph = file.graph.clone().unwrap();
        let head = graph.nodes.iter().rposition(|node| matches!(node.op, FileOp::Conv { .. })).unwrap();
        for at in on_the_way(&graph).into_iter().step_by(2) {
            // Activations of the head are read as they are.
            let is_of_head = at > head + 2 && matches!(graph.nodes[at].op, FileOp::Activation(_));
            let Some(op) = altered(&graph.nodes[at]).filter(|_| !is_of_head) else { continue };
            let node = format!("{fixture}: {:?}", graph.nodes[at]);
            assert!(changed(&mut file, |graph| graph.nodes[at].op = op).is_err(), "{node}");
        }
    }
}

#[test]
fn a_head_that_pools_more_than_the_maps_is_an_error() {
    let mut file = file("onnx_tv_v3_folded");
    let graph = file.graph.clone().unwrap();
    let at = graph.nodes.iter().position(|node| node.op == FileOp::GlobalAverage).unwrap();
    let pool = |stride, padding| {
        FileOp::AveragePool(Window { kernel: [8; 2], stride: [stride; 2], padding, ceil: false }, true)
    };
    for (op, is_whole) in [
        (pool(1, FilePadding::Explicit(Padding::default())), true),
        (pool(8, FilePadding::Same), true),
        (pool(8, FilePadding::Explicit(Padding { top: 1, ..Padding::default() })), false),
        (pool(16, FilePadding::Explicit(Padding { top: 4, bottom: 4, left: 4, right: 4 })), false),
    ] {
        let words = format!("{op:?}");
        assert_eq!(changed(&mut file, |graph| graph.nodes[at].op = op).is_ok(), is_whole, "{words}");
    }
}

#[test]
fn branches_in_another_order_are_an_error() {
    for fixture in FIXTURES {
        let mut file = file(fixture);
        let graph = file.graph.clone().unwrap();
        let concats = on_the_way(&graph).into_iter().filter(|&at| graph.nodes[at].op == FileOp::Concat);
        for at in concats {
            // The three channels of the picture in another order are another picture, not another network.
            if graph.nodes[at].inputs.len() == 3 && fixture == "onnx_tv_googlenet" {
                continue;
            }
            let node = format!("{fixture}: {:?}", graph.nodes[at]);
            assert!(changed(&mut file, |graph| graph.nodes[at].inputs.reverse()).is_err(), "{node}");
        }
    }
}

#[test]
fn a_residual_with_another_scale_is_an_error() {
    let mut file = file("onnx_timm_irv2");
    let graph = file.graph.clone().unwrap();
    let scales: Vec<usize> = on_the_way(&graph)
        .into_iter()
        .filter(|&at| matches!(&graph.nodes[at].op, FileOp::Affine { scale, .. } if scale.len() == 1))
        .collect();
    assert!(scales.len() >= 39, "{}", scales.len());
    for at in scales {
        let found = changed(&mut file, |graph| match &mut graph.nodes[at].op {
            FileOp::Affine { scale, .. } => scale[0] *= 1.01,
            _ => panic!("no scale"),
        });
        assert!(found.is_err(), "{:?}", graph.nodes[at]);
    }
}

#[test]
fn a_residual_scale_of_half_precision_is_the_networks() {
    let mut file = file("onnx_timm_irv2");
    let round = |scale: &mut f64| *scale = half::f16::from_f64(*scale).to_f64();
    let found = changed(&mut file, |graph| {
        for node in &mut graph.nodes {
            if let FileOp::Affine { scale, .. } = &mut node.op
                && scale.len() == 1
            {
                scale.iter_mut().for_each(round);
            }
        }
    });
    assert!(found.is_ok(), "{:?}", found.err());
}

/// A graph with operations right after one: each with the one before it as its input, and others if it has more.
fn followed(graph: &mut FileGraph, by: usize, ops: &[(FileOp, &[usize])]) {
    let moved = |at: usize| if at > by { at + ops.len() } else { at };
    for node in &mut graph.nodes {
        node.inputs.iter_mut().for_each(|at| *at = if *at == by { by + ops.len() } else { moved(*at) });
    }
    graph.outputs.iter_mut().for_each(|at| *at = if *at == by { by + ops.len() } else { moved(*at) });
    for (i, (op, others)) in ops.iter().enumerate() {
        let inputs = [&[by + i], *others].concat();
        graph.nodes.insert(by + 1 + i, Node { name: format!("odd {i}"), op: op.clone(), inputs });
    }
}

/// A graph with operations right after its picture.
fn prepared(graph: &mut FileGraph, ops: &[FileOp]) {
    let input = graph.nodes.iter().position(|node| matches!(node.op, FileOp::Input { .. })).unwrap();
    followed(graph, input, &ops.iter().map(|op| (op.clone(), &[][..])).collect::<Vec<_>>());
}

#[test]
fn what_no_network_of_ours_has_is_named() {
    for fixture in ["k2_v3_nested_h5", "onnx_tv_v3_folded"] {
        let mut file = file(fixture);
        let graph = file.graph.clone().unwrap();
        let last = |is: fn(&FileOp) -> bool| graph.nodes.iter().rposition(|node| is(&node.op)).unwrap();
        let pool = last(|op| matches!(op, FileOp::GlobalAverage));
        let maps = graph.nodes[pool].inputs[0];
        let other = |word: &str| FileOp::Other(word.into());
        let mut said =
            |change: &dyn Fn(&mut FileGraph)| changed(&mut file, |graph| change(graph)).unwrap_err().to_string();

        let found = said(&|graph| followed(graph, pool, &[(other("PRelu"), &[])]));
        assert_eq!(found, "its layer odd 0 (PRelu) is none that is read: without it the answers would be wrong");
        let found = said(&|graph| {
            let is_relu = |node: &&mut Node| node.op == FileOp::Activation(Activation::Relu);
            graph.nodes.iter_mut().filter(is_relu).for_each(|node| node.op = other("PRelu"));
        });
        assert!(found.contains("PRelu"), "{fixture}: {found}");

        // Squeeze and excite: maps times what was made of their average.
        let squeezed =
            [(FileOp::GlobalAverage, &[][..]), (FileOp::Activation(Activation::Sigmoid), &[]), (other("Mul"), &[maps])];
        let found = said(&|graph| followed(graph, maps, &squeezed));
        assert!(found.starts_with("at odd 2 the file has the operation Mul where Inception-v3"), "{fixture}: {found}");

        let norm = FileOp::Norm { gamma: None, beta: None, mean: "m".into(), variance: "v".into(), epsilon: 1e-3 };
        let found = said(&|graph| {
            graph.nodes[pool].op = FileOp::Flatten { channels_last: fixture.starts_with("k2") };
            followed(graph, pool, &[(norm.clone(), &[])]);
        });
        assert_eq!(
            found,
            "its layer odd 0 (a batch norm of every value of the last maps; export it as part of the dense layer) is none \
             that is read: without it the answers would be wrong"
        );
    }
}

#[test]
fn what_is_done_to_pictures_is_in_the_order_of_the_networks_channels() {
    let mut file = file("onnx_tv_v3_folded");
    let swap = FileOp::Channels(vec![2, 1, 0]);
    let affine = FileOp::Affine { scale: vec![0.1, 0.2, 0.3], shift: vec![1.0, 2.0, 3.0] };
    let after = changed(&mut file, |graph| prepared(graph, &[swap.clone(), affine.clone()])).unwrap();
    assert_eq!((after.channels, after.affine), (Channels::Bgr, Some(([0.1, 0.2, 0.3], [1.0, 2.0, 3.0]))));
    let first = changed(&mut file, |graph| prepared(graph, &[affine.clone(), swap.clone()])).unwrap();
    assert_eq!((first.channels, first.affine), (Channels::Bgr, Some(([0.3, 0.2, 0.1], [3.0, 2.0, 1.0]))));
    let zero = FileOp::Affine { scale: vec![0.0], shift: vec![1.0] };
    for odd in [zero, FileOp::Other("Odd".into()), FileOp::Channels(vec![0, 0, 1]), FileOp::Softmax] {
        assert!(changed(&mut file, |graph| prepared(graph, std::slice::from_ref(&odd))).is_err(), "{odd:?}");
    }
}

/// The sentence that refuses a changed graph.
fn refusal(fixture: &str, change: impl FnOnce(&mut FileGraph)) -> String {
    changed(&mut file(fixture), change).unwrap_err().to_string()
}

/// Titles of the fixtures' networks.
const TITLES: [&str; 4] = ["Inception-v3 (TF-slim)", "Inception-v3", "Inception-ResNet-v2", "GoogLeNet"];

#[test]
fn a_difference_is_told_where_it_is_and_of_the_network_that_it_is_in() {
    for (fixture, title) in FIXTURES.into_iter().zip(TITLES) {
        let mut file = file(fixture);
        let graph = file.graph.clone().unwrap();
        let convolutions: Vec<usize> =
            on_the_way(&graph).into_iter().filter(|&at| matches!(graph.nodes[at].op, FileOp::Conv { .. })).collect();
        let count = convolutions.len();
        for at in [convolutions[0], convolutions[count / 2], convolutions[count - 1]] {
            let error = changed(&mut file, |graph| graph.nodes[at].op = FileOp::Other("Odd".into())).unwrap_err();
            let said = format!("at {} the file has the operation Odd where {title}", graph.nodes[at].name);
            assert!(error.to_string().starts_with(&said), "{fixture}: {error}");
        }
    }
}

#[test]
fn an_activation_of_the_body_is_named() {
    for (fixture, title) in [("k2_v3_nested_h5", "Inception-v3 (TF-slim)"), ("onnx_tv_v3_folded", "Inception-v3")] {
        let graph = file(fixture).graph.unwrap();
        let relu = |node: &Node| node.op == FileOp::Activation(Activation::Relu);
        let at = graph.nodes.iter().enumerate().filter(|(_, node)| relu(node)).nth(40).unwrap().0;
        for (op, found) in [
            (FileOp::Activation(Activation::LeakyRelu(0.1)), "a leaky relu"),
            (FileOp::Activation(Activation::Elu(1.0)), "an elu"),
            (FileOp::Other("PRelu".into()), "the operation PRelu"),
        ] {
            let said = refusal(fixture, |graph| graph.nodes[at].op = op);
            let node = &graph.nodes[at].name;
            assert!(said.starts_with(&format!("at {node} the file has {found} where {title} has a relu (")), "{said}");
        }
        let said = refusal(fixture, |graph| graph.nodes[at].op = FileOp::Same);
        assert!(said.contains("without an activation"), "{said}");
    }
}

#[test]
fn what_follows_the_body_and_is_no_head_is_named() {
    let fixture = "onnx_tv_v3_folded";
    let said = refusal(fixture, |graph| {
        let pool = graph.nodes.iter().position(|node| node.op == FileOp::GlobalAverage).unwrap();
        graph.nodes[pool].op = FileOp::Other("GlobalLpPool".into());
    });
    assert!(said.contains("the operation GlobalLpPool where Inception-v3 has its head"), "{said}");
    let said = refusal(fixture, |graph| {
        let (last, inputs) = (graph.outputs[0], vec![graph.outputs[0], graph.outputs[0]]);
        graph.nodes.push(Node { name: "sum".into(), op: FileOp::Add, inputs });
        graph.outputs = vec![last + 1];
    });
    assert!(said.contains("at sum the file has a residual sum with scale 1 where Inception-v3 has its head"), "{said}");
    let said = refusal(fixture, |graph| {
        let concats = graph.nodes.iter_mut().filter(|node| node.op == FileOp::Concat);
        concats.last().unwrap().inputs.swap(0, 1);
    });
    assert!(said.contains("a concatenation in another order where Inception-v3 has a concatenation"), "{said}");
}

#[test]
fn a_picture_too_small_is_told_of_the_network_that_it_is_for() {
    let said = refusal("k2_v3_nested_h5", |graph| {
        for node in &mut graph.nodes {
            if let FileOp::Input { size, .. } = &mut node.op {
                *size = Some([40, 40]);
            }
        }
    });
    assert!(said.contains("inception-v3-slim cannot take 40x40"), "{said}");
}
