//! Graphs of every kind of file, whole and damaged.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::checkpoints::decode::Axes;
use crate::checkpoints::formats::{FileOp, FilePadding, TensorFile, Window, exported};
use crate::graph::{Activation, Padding};

const SQUARE: Window = Window {
    kernel: [3, 3],
    stride: [2, 2],
    padding: FilePadding::Explicit(Padding { top: 0, left: 0, bottom: 0, right: 0 }),
    ceil: false,
};

#[test]
fn a_frozen_graph_has_its_tensors_and_operations() {
    let fixture = "tf_v3_slim_frozen_pb";
    let file = TensorFile::read(exported::files(fixture, true)).unwrap();
    exported::check_tensors(fixture, &file, str::to_owned);
    exported::check_graph(&file);
    let graph = file.graph.as_ref().unwrap();
    let wanted = "Activation 94, AveragePool 10, Bias 1, Concat 15, Conv 95, Input 1, MaxPool 4, Norm 94, Softmax 1";
    assert_eq!(exported::summary(graph), wanted);
    assert_eq!(graph.nodes[0].op, FileOp::Input { size: Some([299; 2]), channels: Some(3) });
    let scope = "InceptionV3/Conv2d_1a_3x3";
    let weights = format!("{scope}/weights");
    assert_eq!(graph.nodes[1].op, FileOp::Conv { weights, bias: None, axes: Axes::OutputLast, window: SQUARE });
    let norm = FileOp::Norm {
        // The file has ones for it.
        gamma: None,
        beta: Some(format!("{scope}/BatchNorm/beta")),
        mean: format!("{scope}/BatchNorm/moving_mean"),
        variance: format!("{scope}/BatchNorm/moving_variance"),
        epsilon: 0.001,
    };
    assert_eq!(graph.nodes[2].op, norm);
    assert_eq!(graph.nodes[3].op, FileOp::Activation(Activation::Relu));
    let same = |op: &FileOp| matches!(op, FileOp::AveragePool(Window { padding: FilePadding::Same, .. }, false));
    assert_eq!(graph.nodes.iter().filter(|node| same(&node.op)).count(), 9);
    assert_eq!(graph.nodes[graph.outputs[0]].op, FileOp::Softmax);
}

#[test]
fn a_graph_of_tfjs_has_its_tensors_and_operations() {
    let fixture = "tfjs_graph_v3";
    let mut files = exported::files(fixture, true);
    files.reverse();
    let file = TensorFile::read(files).unwrap();
    exported::check_tensors(fixture, &file, str::to_owned);
    exported::check_graph(&file);
    let graph = file.graph.as_ref().unwrap();
    let wanted =
        "Activation 96, Affine 2, AveragePool 9, Concat 11, Conv 94, Dense 2, GlobalAverage 1, Input 1, MaxPool 4";
    assert_eq!(exported::summary(graph), wanted);
    assert_eq!(graph.nodes[1].op, FileOp::Affine { scale: vec![0.007843138], shift: vec![0.0] });
    assert_eq!(graph.nodes[2].op, FileOp::Affine { scale: vec![1.0], shift: vec![-1.0] });
    assert_eq!(graph.nodes[graph.outputs[0]].op, FileOp::Activation(Activation::Sigmoid));
}
