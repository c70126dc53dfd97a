//! Graphs of every kind of file, whole and damaged.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod made;

use crate::checkpoints::formats::decode::Axes;
use crate::checkpoints::formats::foreign::exported;
use crate::checkpoints::formats::{FileOp, FilePadding, TensorFile, Window};
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
    assert_eq!(graph.nodes[0].op, FileOp::Input { size: Some([299; 2]), channels: Some(3), bytes: false });
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

#[test]
fn a_saved_model_has_the_variables_of_its_checkpoint() {
    let fixture = "tf_v3_slim_savedmodel";
    let file = TensorFile::read(exported::files(fixture, true)).unwrap();
    exported::check_tensors(fixture, &file, str::to_owned);
    exported::check_graph(&file);
    let graph = file.graph.as_ref().unwrap();
    let wanted = "Activation 94, AveragePool 10, Bias 1, Concat 15, Conv 95, Input 1, MaxPool 4, Norm 94, Softmax 1";
    assert_eq!(exported::summary(graph), wanted);
    assert_eq!(graph.nodes[graph.outputs[0]].op, FileOp::Softmax);
    assert_eq!((graph.outputs.len(), file.tensors.len()), (1, exported::tensors(fixture).len()));
}

#[test]
fn a_saved_model_of_keras_has_the_names_of_its_layers() {
    let fixture = "k2_v3_savedmodel";
    let file = TensorFile::read(exported::files(fixture, true)).unwrap();
    exported::check_graph(&file);
    let graph = file.graph.as_ref().unwrap();
    let wanted = "Activation 94, AveragePool 9, Bias 1, Concat 15, Conv 94, Dense 1, GlobalAverage 1, Input 1, MaxPool 4, Norm 94, Softmax 1";
    assert_eq!(exported::summary(graph), wanted);
    assert_eq!(file.tensors.len(), exported::tensors(fixture).len());
    // The objects say which of them a numbered variable is.
    let first = exported::tensors(fixture).into_iter().find(|tensor| tensor.name.starts_with("variables/0/")).unwrap();
    assert!(exported::values(&file, "conv2d/kernel") == first.values);
    let dense = exported::tensors(fixture).into_iter().find(|tensor| tensor.name.contains("-1/bias")).unwrap();
    assert!(exported::values(&file, "dense/bias") == dense.values);
    let window = Window { kernel: [3, 3], stride: [2, 2], ..SQUARE };
    let conv = FileOp::Conv { weights: "conv2d/kernel".into(), bias: None, axes: Axes::OutputLast, window };
    assert_eq!(graph.nodes[1].op, conv);
}

#[test]
fn damaged_files_are_errors() {
    exported::survives_damage("tf_v3_slim_savedmodel", "saved_model.pb", 60);
    exported::survives_damage("tf_v3_slim_savedmodel", "variables.index", 60);
    exported::survives_damage("tf_v3_slim_ckpt", "model.ckpt-5000.index", 2000);
    exported::survives_damage("tfjs_graph_v3", "model.json", 100);
}
