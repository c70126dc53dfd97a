#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::io::Read;

use hdf5_pure::FileBuilder;
use serde_json::json;

use super::*;
use crate::checkpoints::formats::{FileGraph, FileOp, FilePadding, StoredType};
use crate::graph::{Activation, Padding};
use crate::networks::{self, OutputActivation};

/// A fixture with its weights still zero.
fn skeleton(name: &str) -> SourceFile {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/reference/formats").join(name);
    let mut bytes = Vec::new();
    let packed = std::fs::File::open(folder.join("skeleton.gz")).unwrap();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).unwrap();
    SourceFile { name: "model".into(), bytes: bytes.into() }
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
    assert_eq!(ops[0], &FileOp::Input { size: Some([299, 299]), channels: Some(3) });
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
    assert_eq!(ops[0], &FileOp::Input { size: Some([224, 224]), channels: Some(3) });
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

/// A small file with these datasets.
fn made(build: impl Fn(&mut FileBuilder)) -> Result<TensorFile, CheckpointError> {
    let mut builder = FileBuilder::new();
    build(&mut builder);
    parsed(SourceFile { name: "f".into(), bytes: builder.finish().unwrap().into() }).map(|parsed| parsed.file)
}

fn values(file: &TensorFile, key: &str) -> Vec<f32> {
    let bytes = file.bytes(&file.tensors[key]);
    bytes.as_chunks::<4>().0.iter().map(|&value| f32::from_le_bytes(value)).collect()
}

#[test]
fn what_is_packed_or_in_64_bits_is_written_out() {
    let numbers: Vec<f32> = (0..600).map(|i| (i % 7) as f32 * 0.5).collect();
    let doubles: Vec<f64> = numbers.iter().map(|&v| f64::from(v)).collect();
    let file = made(|b| {
        let mut group = b.create_group("dense");
        group
            .create_dataset("kernel:0")
            .with_f32_data(&numbers)
            .with_shape(&[30, 20])
            .with_chunks(&[7, 20])
            .with_shuffle()
            .with_deflate(4);
        group.create_dataset("bias:0").with_f64_data(&doubles);
        group.create_dataset("plain:0").with_f32_data(&numbers);
        b.add_group(group.finish());
    });
    let file = file.unwrap();
    assert_eq!(file.tensors["dense/kernel"].shape, [30, 20]);
    for key in ["dense/kernel", "dense/bias", "dense/plain"] {
        assert_eq!(file.tensors[key].dtype, StoredType::F32);
        assert_eq!(values(&file, key), numbers, "{key}");
    }
    assert_eq!(file.tensors["dense/plain"].end().0, 0, "copied");
    assert_eq!(file.tensors["dense/kernel"].end().0, 1);
}

#[test]
fn types_that_hold_no_weights_are_named() {
    let error = made(|b| {
        b.create_dataset("a").with_complex32_data(&[(1.0, 2.0)]);
    });
    assert!(
        matches!(&error, Err(CheckpointError::UnknownDtype { key, dtype }) if key == "a" && dtype == "compound"),
        "{error:?}"
    );
}

#[test]
fn models_with_layers_of_one_name_keep_their_own() {
    let file = made(|b| {
        for (group, layers) in
            [("a", vec!["dense", "conv2d"]), ("b", vec!["dense", "other"]), ("dense_1", vec!["dense_1_2"])]
        {
            let mut group = b.create_group(group);
            for (i, layer) in layers.into_iter().enumerate() {
                let mut own = group.create_group(layer);
                own.create_dataset("kernel:0").with_f32_data(&[i as f32]);
                group.add_group(own.finish());
            }
            b.add_group(group.finish());
        }
    });
    let keys: Vec<String> = file.unwrap().tensors.into_keys().collect();
    assert_eq!(keys, ["a/dense/kernel", "b/dense/kernel", "conv2d/kernel", "dense_1/kernel", "other/kernel"]);
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
