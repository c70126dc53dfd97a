//! Models of every exporter, whole and damaged.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod made;

use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::foreign::exported;
use crate::checkpoints::formats::{FileOp, FilePadding, Node, TensorFile};
use crate::graph::Padding;

#[test]
fn exporters_models_have_their_tensors_and_operations() {
    let v3 = "Activation 94, AveragePool 9, Concat 11, Conv 94, Dense 1, GlobalAverage 1, Input 1, MaxPool 4";
    for (fixture, wanted) in [
        ("onnx_tv_v3_folded", v3),
        (
            "onnx_tv_v3_unfolded",
            "Activation 94, AveragePool 9, Concat 11, Conv 94, Dense 1, GlobalAverage 1, Input 1, MaxPool 4, Norm 94",
        ),
        // The concats of Mixed_7b and 7c stay in one another.
        (
            "onnx_tv_v3_dynamo",
            "Activation 94, AveragePool 9, Concat 15, Conv 94, Dense 1, GlobalAverage 1, Input 1, MaxPool 4",
        ),
        (
            "onnx_tf2onnx_k2_v3",
            "Activation 94, AveragePool 9, Bias 1, Concat 11, Conv 94, Dense 1, GlobalAverage 1, Input 1, MaxPool 4, Softmax 1",
        ),
        // transform_input: each channel with a scale and a shift.
        (
            "onnx_tv_googlenet",
            "Activation 57, Affine 6, Channels 3, Concat 10, Conv 57, Dense 1, GlobalAverage 1, Input 1, MaxPool 13",
        ),
        (
            "onnx_timm_irv2",
            "Activation 243, Add 40, Affine 40, AveragePool 1, Concat 43, Conv 244, Dense 1, GlobalAverage 1, Input 1, MaxPool 4",
        ),
        (
            "onnx_timm_v4",
            "Activation 149, AveragePool 14, Concat 19, Conv 149, Dense 1, GlobalAverage 1, Input 1, MaxPool 4",
        ),
    ] {
        let file = TensorFile::read(exported::files(fixture, true)).unwrap();
        exported::check_tensors(fixture, &file, str::to_owned);
        exported::check_graph(&file);
        let graph = file.graph.as_ref().unwrap();
        assert_eq!(exported::summary(graph), wanted, "{fixture}");
        assert_eq!(graph.outputs, [graph.nodes.len() - 1], "{fixture}");
        assert_eq!(file.tensors.len(), exported::tensors(fixture).len(), "{fixture}: nothing but weights");
        let size = if fixture == "onnx_tv_googlenet" { 224 } else { 299 };
        assert_eq!(
            graph.nodes[0].op,
            FileOp::Input { size: Some([size; 2]), channels: Some(3), bytes: false },
            "{fixture}"
        );
    }
}

/// The windows of a fixture's pools, without those that occur before.
fn pools(fixture: &str) -> Vec<String> {
    let file = TensorFile::read(exported::files(fixture, false)).unwrap();
    let mut pools = Vec::new();
    for Node { op, .. } in &file.graph.unwrap().nodes {
        let text = match op {
            FileOp::MaxPool(window) => format!("max {:?} / {:?} ceil {}", window.kernel, window.stride, window.ceil),
            FileOp::AveragePool(window, counts) => {
                assert_eq!(window.padding, FilePadding::Explicit(Padding { top: 1, left: 1, bottom: 1, right: 1 }));
                format!("average {:?} / {:?} counts {counts}", window.kernel, window.stride)
            }
            _ => continue,
        };
        if !pools.contains(&text) {
            pools.push(text);
        }
    }
    pools
}

#[test]
fn pools_are_as_their_libraries_have_them() {
    assert_eq!(pools("onnx_tv_v3_folded"), ["max [3, 3] / [2, 2] ceil false", "average [3, 3] / [1, 1] counts true"]);
    assert_eq!(pools("onnx_timm_v4"), ["max [3, 3] / [2, 2] ceil false", "average [3, 3] / [1, 1] counts false"]);
    assert_eq!(pools("onnx_tf2onnx_k2_v3")[1], "average [3, 3] / [1, 1] counts false");
    let googlenet = ["max [3, 3] / [2, 2] ceil true", "max [3, 3] / [1, 1] ceil true", "max [2, 2] / [2, 2] ceil true"];
    assert_eq!(pools("onnx_tv_googlenet"), googlenet);
}

#[test]
fn values_beside_the_model_have_to_be_given() {
    let mut files = exported::files("onnx_tv_v3_dynamo", false);
    files.retain(|file| file.name == "model.onnx");
    let error = TensorFile::read(files).map(|_| ()).unwrap_err();
    assert_eq!(error, CheckpointError::MissingShard { name: "model.onnx.data".into() });
}
