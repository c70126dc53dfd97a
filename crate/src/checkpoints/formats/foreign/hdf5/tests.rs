#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::checkpoints::formats::foreign::exported;
use crate::checkpoints::formats::{FileGraph, FileOp, FilePadding, StoredType};
use crate::graph::{Activation, Padding};
use crate::networks::{self, OutputActivation};

/// A fixture with its weights still zero.
fn skeleton(name: &str) -> SourceFile {
    exported::files(name, false).remove(0)
}

fn parsed_skeleton(name: &str) -> TensorFile {
    let file = skeleton(name);
    match archive(&file).unwrap() {
        Some(parts) => parsed_archive(file, parts).unwrap().file,
        None => parsed(file).unwrap().file,
    }
}

/// Keys that operations read, in their order.
fn keys(graph: &FileGraph) -> Vec<&String> {
    graph
        .nodes
        .iter()
        .flat_map(|node| match &node.op {
            FileOp::Conv { weights, bias, .. } | FileOp::Dense { weights, bias, .. } => {
                [Some(weights), bias.as_ref(), None, None]
            }
            FileOp::Norm { gamma, beta, mean, variance, .. } => {
                [gamma.as_ref(), beta.as_ref(), Some(mean), Some(variance)]
            }
            _ => [None; 4],
        })
        .flatten()
        .collect()
}

fn count(graph: &FileGraph, is: impl Fn(&FileOp) -> bool) -> usize {
    graph.nodes.iter().filter(|node| is(&node.op)).count()
}

fn ops(graph: &FileGraph) -> Vec<&FileOp> {
    graph.nodes.iter().map(|node| &node.op).collect()
}

#[test]
fn every_tensor_of_a_whole_model_is_read_by_its_graph() {
    for (name, convs, norms, averages) in [
        ("k2_v3_nested_h5", 94, 94, 9),
        ("k2_v3_second_flatten_h5", 94, 94, 9),
        ("k2_irv2_top_h5", 244, 204, 1),
        ("k3_v3_augmented_keras", 94, 95, 9),
        ("k3_v3_flat_h5", 94, 94, 9),
    ] {
        let file = parsed_skeleton(name);
        let graph = file.graph.as_ref().unwrap();
        assert_eq!(count(graph, |op| matches!(op, FileOp::Conv { .. })), convs, "{name}");
        assert_eq!(count(graph, |op| matches!(op, FileOp::Norm { epsilon: 1e-3, .. })), norms, "{name}");
        assert_eq!(count(graph, |op| matches!(op, FileOp::AveragePool(_, false))), averages, "{name}");
        let unknown: Vec<_> = graph.nodes.iter().filter(|node| matches!(node.op, FileOp::Other(_))).collect();
        assert!(unknown.is_empty(), "{name}: {unknown:?}");
        let read = keys(graph);
        let all: BTreeSet<&String> = read.iter().copied().collect();
        assert_eq!(read.len(), all.len(), "{name}: a tensor that is read twice");
        assert_eq!(all, file.tensors.keys().collect(), "{name}");
        for (at, node) in graph.nodes.iter().enumerate() {
            assert!(node.inputs.iter().all(|&input| input < at), "{name}: {} comes before what it reads", node.name);
        }
        assert_eq!(graph.outputs, [graph.nodes.len() - 1], "{name}");
    }
}

#[test]
fn a_nested_model_is_written_out() {
    let file = parsed_skeleton("k2_v3_nested_h5");
    let graph = file.graph.unwrap();
    let ops = ops(&graph);
    assert_eq!(ops[0], &FileOp::Input { size: Some([299, 299]), channels: Some(3), bytes: false });
    assert_eq!(ops[1], &FileOp::Affine { scale: vec![0.00784313725490196], shift: vec![-1.0] });
    let FileOp::Conv { weights, bias: None, window, .. } = ops[2] else { panic!("{:?}", ops[2]) };
    assert_eq!(weights, "conv2d/kernel");
    assert_eq!(
        (window.kernel, window.stride, window.padding),
        ([3, 3], [2, 2], FilePadding::Explicit(Padding::default()))
    );
    assert_eq!(graph.nodes[2].inputs, [1]);
    let [.., average, dense, relu, dropout, last, sigmoid] = ops.as_slice() else { panic!() };
    assert_eq!(average, &&FileOp::GlobalAverage);
    assert!(matches!(dense, FileOp::Dense { weights, bias: Some(_), .. } if weights == "dense/kernel"));
    assert_eq!((relu, dropout), (&&FileOp::Activation(Activation::Relu), &&FileOp::Same));
    assert!(matches!(last, FileOp::Dense { .. }));
    assert_eq!(sigmoid, &&FileOp::Activation(Activation::Sigmoid));
    assert_eq!(graph.of_loss, None);
    let same = graph.nodes.iter().find(|node| node.name == "inception_v3/conv2d_3").unwrap();
    assert!(matches!(&same.op, FileOp::Conv { window, .. } if window.kernel == [1, 1]));
}

#[test]
fn preparation_and_augmentation_are_operations() {
    let file = parsed_skeleton("k3_v3_augmented_keras");
    let graph = file.graph.unwrap();
    let ops = ops(&graph);
    assert_eq!(ops[0], &FileOp::Input { size: Some([224, 224]), channels: Some(3), bytes: false });
    assert_eq!(ops[1..3], [&FileOp::Same, &FileOp::Same]);
    assert_eq!(ops[3], &FileOp::Affine { scale: vec![1.0 / 127.5], shift: vec![0.0] });
    assert_eq!(ops[4], &FileOp::Affine { scale: vec![1.0], shift: vec![-1.0] });
    let [.., average, norm, dropout, dense, softmax] = ops.as_slice() else { panic!() };
    assert_eq!((average, dropout, softmax), (&&FileOp::GlobalAverage, &&FileOp::Same, &&FileOp::Softmax));
    assert!(matches!(norm, FileOp::Norm { gamma: Some(gamma), .. } if gamma == "batch_normalization_94/gamma"));
    assert!(matches!(dense, FileOp::Dense { weights, .. } if weights == "dense/kernel"));
}

#[test]
fn a_flattened_head_and_residual_sums() {
    let graph = parsed_skeleton("k2_v3_second_flatten_h5").graph.unwrap();
    let [.., flatten, dense, _, dropout, _, softmax] = &ops(&graph)[..] else { panic!() };
    assert_eq!(flatten, &&FileOp::Flatten { channels_last: true });
    assert!(matches!(dense, FileOp::Dense { .. }));
    assert_eq!((dropout, softmax), (&&FileOp::Same, &&FileOp::Softmax));
    let graph = parsed_skeleton("k2_irv2_top_h5").graph.unwrap();
    let scale = |value: f64| FileOp::Affine { scale: vec![value], shift: vec![0.0] };
    assert_eq!(count(&graph, |op| *op == scale(0.17)), 10);
    assert_eq!(count(&graph, |op| *op == scale(0.1)), 20);
    assert_eq!(count(&graph, |op| *op == scale(0.2)), 9);
    assert_eq!(count(&graph, |op| *op == FileOp::Add), 40);
}

/// Layers of a class in the order of a model's description.
fn listed(name: &str, class: &str) -> Vec<String> {
    let Parsed { topology, .. } = parsed(skeleton(name)).unwrap();
    let layers = topology::layers_of(&topology["model_config"]["config"]);
    let of_class = layers.iter().map(topology::named).filter(|(found, _)| *found == class);
    of_class.map(|(_, name)| name.to_owned()).collect()
}

#[test]
fn the_order_by_depth_is_that_of_keras() {
    for name in ["k3_v3_flat_h5", "k2_irv2_top_h5"] {
        let convs = listed(name, "Conv2D");
        let file = parsed_skeleton(name);
        let shape = |i: usize| Some(file.tensors.get(&format!("{}/kernel", convs.get(i)?))?.shape.as_slice());
        let body = order::find(convs.len(), shape).unwrap();
        assert_eq!(body.convs, convs, "{name}");
        assert_eq!(body.norms, listed(name, "BatchNormalization"), "{name}");
        // A head's convolution comes after them.
        let body = order::find(convs.len() + 1, shape).unwrap();
        assert_eq!(body.convs, convs, "{name}");
        assert!(order::find(convs.len(), |i| if i == 7 { Some(&[1, 2][..]) } else { shape(i) }).is_none());
    }
}

#[test]
fn a_body_that_ends_earlier_keeps_the_order() {
    let network = networks::find("inception-v3-slim").unwrap();
    let options = networks::Options { auxiliary: vec![], last: Some("Mixed_6e".into()), ..network.options() };
    let cut = network.build(&options).unwrap();
    let names: Vec<String> = order::names(&cut, network.id);
    let whole = order::names(&network.build(&networks::Options { last: None, ..options }).unwrap(), network.id);
    let rest: Vec<String> = whole.into_iter().filter(|name| names.contains(name)).collect();
    assert_eq!((names.len(), &names), (rest.len(), &rest));
    assert!(names.len() > 60);
}

/// A file of `tests/reference/hdf5`.
fn small(name: &str) -> SourceFile {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/reference/hdf5").join(name);
    SourceFile { name: name.into(), bytes: std::fs::read(path).unwrap().into() }
}

fn kernel() -> Vec<f32> {
    (0..40).map(|i| i as f32 / 4.0).collect()
}

#[test]
fn what_is_packed_is_written_out() {
    for name in ["packed.h5", "fixed.h5"] {
        let file = parsed(small(name)).unwrap().file;
        assert_eq!(file.tensors.keys().collect::<Vec<_>>(), ["dense/bias", "dense/kernel"], "{name}");
        assert_eq!(file.tensors["dense/kernel"].shape, [5, 8]);
        assert_eq!(exported::values(&file, "dense/kernel"), kernel(), "{name}");
        assert_eq!(exported::values(&file, "dense/bias"), kernel()[..8], "{name}");
        assert_eq!((file.tensors["dense/kernel"].end().0, file.tensors["dense/bias"].end().0), (1, 0), "{name}");
        assert_eq!(file.graph.unwrap().nodes.len(), 3, "{name}");
    }
}

#[test]
fn every_type_that_weights_have_is_read() {
    let file = parsed(small("types.h5")).unwrap().file;
    let of = |key: &str| (file.tensors[key].dtype, file.tensors[key].end().0);
    for (key, dtype) in [("f2", StoredType::F16), ("f4", StoredType::F32), ("f8", StoredType::F64)] {
        let key = format!("layer/{key}");
        assert_eq!(of(&key), (dtype, 0));
        assert_eq!(exported::values(&file, &key), kernel(), "{key}");
    }
    assert_eq!(exported::values(&file, "layer/bf16"), [1.0, 2.0]);
    assert_eq!(of("layer/bf16").0, StoredType::Bf16);
    assert_eq!((exported::values(&file, "layer/chunks"), of("layer/chunks").1), (kernel(), 1));
    assert_eq!(exported::values(&file, "layer/one"), [3.0]);
    assert_eq!(file.tensors["layer/one"].shape, [0; 0]);
    assert_eq!(exported::values(&file, "layer/empty"), [0.0; 0]);
    assert_eq!(of("layer/i8").0, StoredType::Other("I64", 8));
    assert_eq!(of("layer/bool").0, StoredType::Other("BOOL", 1));
    assert_eq!(file.tensors.len(), 10, "links are not followed");
}

#[test]
fn what_is_not_read_says_what_it_is() {
    let error = |name| parsed(small(name)).map(|_| ()).unwrap_err();
    let unknown = |name| match error(name) {
        CheckpointError::UnknownDtype { key, dtype } => (key, dtype),
        other => panic!("{other}"),
    };
    assert_eq!(unknown("big_endian.h5"), ("layer/kernel".into(), "big-endian float of 4 bytes".into()));
    assert_eq!(unknown("compound.h5"), ("layer/kernel".into(), "compound".into()));
    assert!(error("lzf.h5").to_string().contains("other than gzip"));
    assert!(error("newest.h5").to_string().contains("libver='latest'"));
}

/// Datasets without values under these paths.
fn nameless(paths: &[&str]) -> BTreeMap<String, Stored> {
    let stored =
        Stored { dtype: StoredType::F32, shape: vec![1], strides: vec![], quantization: None, segments: vec![] };
    paths.iter().map(|path| ((*path).to_owned(), stored.clone())).collect()
}

#[test]
fn models_with_layers_of_one_name_keep_their_own() {
    let paths = [
        "model_weights/a/dense/kernel:0",
        "model_weights/a/conv2d/kernel:0",
        "model_weights/b/dense/kernel:0",
        "model_weights/b/other/kernel:0",
        "model_weights/dense_1/dense_1_2/kernel:0",
        "model_weights/random_flip/StateVar:0",
    ];
    let named = legacy::named(nameless(&paths), &Value::Null).unwrap();
    let keys: Vec<&String> = named.keys().collect();
    assert_eq!(keys, ["a/dense/kernel", "b/dense/kernel", "conv2d/kernel", "dense_1/kernel", "other/kernel"]);
    let inner = json!([{ "class_name": "Dense", "config": { "name": "last" } }]);
    let layers = json!([{ "class_name": "Sequential", "config": { "name": "head", "layers": inner } }]);
    let model = json!({ "class_name": "Sequential", "config": { "layers": layers } });
    let named = legacy::named(nameless(&["model_weights/head/last/kernel:0"]), &model).unwrap();
    assert!(named.contains_key("last/kernel"), "a model with one layer: {named:?}");
}

#[test]
fn layers_of_an_archive_are_counted_by_class() {
    let dense = |name: &str| json!({ "class_name": "Dense", "config": { "name": name } });
    let norm = json!({ "class_name": "BatchNormalization", "config": { "name": "n", "scale": false } });
    let inner = json!({ "class_name": "Sequential", "config": { "name": "head", "layers": [dense("a"), norm] } });
    let idle = json!({ "class_name": "Sequential", "config": { "name": "idle", "layers": [] } });
    let model = json!({ "config": { "layers": [idle, dense("b"), inner, dense("c"), dense("a")] } });
    let paths = [
        "layers/dense/vars/0",
        "layers/dense_1/vars/1",
        "layers/dense_2/vars/0",
        "layers/sequential_1/layers/dense/vars/0",
        "layers/sequential_1/layers/batch_normalization/vars/0",
        "layers/sequential_1/layers/batch_normalization/vars/2",
        "layers/dropout/seed_generator/vars/0",
        "metrics/mean/vars/0",
    ];
    let named = keras3::named(nameless(&paths), &model).unwrap();
    let keys: Vec<&String> = named.keys().collect();
    assert_eq!(keys, ["a/kernel", "b/kernel", "c/bias", "head/a/kernel", "n/beta", "n/moving_variance"]);
    // Keras 2 counts layers with weights twice.
    let paths = ["_layer_checkpoint_dependencies/dense/vars/0", "_layer_checkpoint_dependencies/dense_2/vars/0"];
    let model = json!({ "config": { "layers": [dense("b"), dense("c")] } });
    let named = keras3::named(nameless(&paths), &model).unwrap();
    assert_eq!(named.keys().collect::<Vec<_>>(), ["b/kernel", "c/kernel"]);
}

#[test]
fn a_loss_of_logits_says_what_follows() {
    let loss = |class: &str, of_logits: bool| {
        topology::of_loss(
            &json!({ "module": "keras.losses", "class_name": class, "config": { "from_logits": of_logits } }),
        )
    };
    assert_eq!(loss("BinaryCrossentropy", true), Some(OutputActivation::Sigmoid));
    assert_eq!(loss("SparseCategoricalCrossentropy", true), Some(OutputActivation::Softmax));
    assert_eq!(loss("SparseCategoricalCrossentropy", false), None);
}

#[test]
fn weights_of_a_model_around_the_network_get_their_names_back() {
    let archived = skeleton("k3_v3_augmented_keras");
    let [_, weights] = archive(&archived).unwrap().unwrap();
    let Content::Whole(bytes) = archived.bytes else { panic!() };
    let file = SourceFile { name: "w".into(), bytes: bytes[weights.content].to_vec().into() };
    let bare = parsed(file).unwrap().file.tensors;
    let whole = parsed_skeleton("k3_v3_augmented_keras").tensors;
    assert_eq!(bare.len(), whole.len());
    for (key, stored) in &whole {
        let renamed = key.replace("batch_normalization_94", "layers/batch_normalization");
        assert_eq!(bare.get(&renamed).map(|stored| &stored.shape), Some(&stored.shape), "{key}");
    }
}

const FILES: [&str; 4] = ["packed.h5", "fixed.h5", "newest.h5", "types.h5"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damage_is_an_error_or_nothing(file in prop::sample::select(FILES.as_slice()), damages in prop::collection::vec((0.0..1.0, any::<u8>()), 1..8), cut in 0.0..3.0) {
        let mut bytes = small(file).bytes.head().to_vec();
        for (at, value) in damages {
            let at = (at * bytes.len() as f64) as usize;
            bytes[at] = value;
        }
        bytes.truncate((cut * bytes.len() as f64) as usize);
        if let Ok(Parsed { file, .. }) = parsed(SourceFile { name: "f".into(), bytes: bytes.into() }) {
            for stored in file.tensors.values() {
                let _ = file.bytes(stored);
            }
        }
    }
}
