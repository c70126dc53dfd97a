//! Nets put together by hand: no framework that writes them is at hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::checkpoints::formats::foreign::exported::{Made, floats, listing, survives_damage_of, values};
use crate::checkpoints::formats::{SourceFile, TensorFile};
use crate::networks::OutputActivation;

fn blob(sides: &[i64]) -> Made {
    let count = sides.iter().product::<i64>() as usize;
    let numbers = floats(&(0..count).map(|i| i as f32 + 0.5).collect::<Vec<_>>());
    Made::default().bytes(7, Made::default().ints(1, sides)).bytes(5, numbers)
}

/// A tensor as it was written before: always four sides.
fn old_blob(sides: [i64; 4]) -> Made {
    let count = sides.iter().product::<i64>() as usize;
    let made = sides.iter().zip(1..).fold(Made::default(), |made, (&side, number)| made.int(number, side));
    made.bytes(5, floats(&vec![0.5; count]))
}

fn layer(name: &str, word: &str, bottoms: &[&str], tops: &[&str], blobs: &[Made]) -> Made {
    Made::default().bytes(1, name).bytes(2, word).each(3, bottoms).each(4, tops).each(7, blobs)
}

fn old_layer(name: &str, kind: i64, bottoms: &[&str], tops: &[&str], blobs: &[Made]) -> Made {
    Made::default().bytes(4, name).int(5, kind).each(2, bottoms).each(3, tops).each(6, blobs)
}

fn read(bytes: Vec<u8>) -> TensorFile {
    TensorFile::read(vec![SourceFile { name: "net.caffemodel".into(), bytes: bytes.into() }]).unwrap()
}

fn net() -> Vec<u8> {
    let setting = |number: u64, made: Made, settings: Made| made.bytes(number, settings);
    let conv = Made::default().int(1, 8).int(4, 7).int(6, 2).int(3, 3);
    let pool = Made::default().int(1, 0).int(2, 3).int(3, 2);
    let average = Made::default().int(1, 1).int(2, 7).int(3, 1);
    let training = Made::default().int(1, 0);
    let layers = [
        setting(
            143,
            layer("data", "Input", &[], &["data"], &[]),
            Made::default().bytes(1, Made::default().ints(1, &[10, 3, 224, 224])),
        ),
        layer("mirror", "Python", &["data"], &["data"], &[]).bytes(8, training),
        setting(106, layer("conv1/7x7_s2", "Convolution", &["data"], &["c"], &[blob(&[8, 3, 7, 7]), blob(&[8])]), conv),
        layer("conv1/bn", "BatchNorm", &["c"], &["c"], &[blob(&[8]), blob(&[8]), blob(&[1])]),
        layer("conv1/sc", "Scale", &["c"], &["c"], &[blob(&[8]), blob(&[8])]),
        layer("conv1/relu", "ReLU", &["c"], &["c"], &[]),
        setting(121, layer("pool1", "Pooling", &["c"], &["p"], &[]), pool),
        setting(118, layer("norm1", "LRN", &["p"], &["n"], &[]), Made::default().int(1, 5).float(2, 0.0001)),
        layer("join", "Concat", &["n", "p"], &["j"], &[]),
        setting(121, layer("pool5", "Pooling", &["j"], &["q"], &[]), average),
        layer("drop", "Dropout", &["q"], &["q"], &[]),
        layer("loss3/classifier", "InnerProduct", &["q"], &["y"], &[blob(&[5, 16]), blob(&[5])]),
        layer("prob", "Softmax", &["y"], &["prob"], &[]),
    ];
    Made::default().bytes(1, "A net").each(100, layers).0
}

#[test]
fn layers_work_where_they_read() {
    let file = read(net());
    let wanted = [
        "Input { size: Some([224, 224]), channels: Some(3), bytes: false } []",
        "Conv conv1/7x7_s2.weight conv1/7x7_s2.bias OutputFirst 7x7 / 2 2 pad 3 3 3 3 [0]",
        "Norm conv1/sc.weight conv1/sc.bias conv1/bn.running_mean conv1/bn.running_var 0.00001 [1]",
        "Activation(Relu) [2]",
        "MaxPool 3x3 / 2 2 pad 0 0 0 0 ceil [3]",
        "Lrn { size: 5, alpha: 0.0001, beta: 0.75, bias: 1.0 } [4]",
        "Concat [5, 4]",
        "AveragePool 7x7 / 1 1 pad 0 0 0 0 ceil counts [6]",
        "Flatten { channels_last: false } [7]",
        "Dense loss3/classifier.weight loss3/classifier.bias OutputFirst [8]",
        "Softmax [9]",
    ];
    assert_eq!(listing(&file), wanted);
    // The third tensor of batch norm is what the sums are divided by: 0.5.
    assert_eq!(values(&file, "conv1/bn.running_mean")[..2], [1.0, 3.0]);
}

#[test]
fn nets_of_2014_have_numbers_for_types() {
    let conv = Made::default().int(1, 4).int(4, 1);
    let layers = [
        old_layer("data", 5, &[], &["data", "label"], &[]).bytes(36, Made::default().int(3, 32)),
        old_layer("data_split", 22, &["data"], &["a", "b"], &[]),
        old_layer("inception_3a/1x1", 4, &["a"], &["c"], &[old_blob([4, 3, 1, 1]), old_blob([1, 1, 1, 4])])
            .bytes(10, conv.clone()),
        old_layer("inception_3a/proj", 4, &["b"], &["d"], &[old_blob([4, 3, 1, 1]), old_blob([1, 1, 1, 4])])
            .bytes(10, conv),
        old_layer("relu", 18, &["c"], &["c"], &[]),
        old_layer("loss1/classifier", 14, &["d"], &["e"], &[old_blob([1, 1, 5, 4]), old_blob([1, 1, 1, 5])]),
        old_layer("loss1/loss", 21, &["e", "label"], &["loss1"], &[]),
        old_layer("loss3/classifier", 14, &["c"], &["f"], &[old_blob([1, 1, 5, 4]), old_blob([1, 1, 1, 5])]),
        old_layer("loss3/loss", 21, &["f", "label"], &["loss3"], &[]),
    ];
    let file = read(Made::default().bytes(1, "GoogleNet").each(2, layers).0);
    let wanted = [
        "Input { size: Some([32, 32]), channels: None, bytes: false } []",
        "Conv inception_3a/1x1.weight inception_3a/1x1.bias OutputFirst 1x1 / 1 1 pad 0 0 0 0 [0]",
        "Conv inception_3a/proj.weight inception_3a/proj.bias OutputFirst 1x1 / 1 1 pad 0 0 0 0 [0]",
        "Activation(Relu) [1]",
        "Flatten { channels_last: false } [2]",
        "Dense loss1/classifier.weight loss1/classifier.bias OutputFirst [4]",
        "Flatten { channels_last: false } [3]",
        "Dense loss3/classifier.weight loss3/classifier.bias OutputFirst [6]",
    ];
    assert_eq!(listing(&file), wanted);
    let graph = file.graph.unwrap();
    assert_eq!((graph.outputs, graph.of_loss), (vec![7, 5], Some(OutputActivation::Softmax)));
    assert_eq!(file.tensors["inception_3a/1x1.bias"].shape, [4]);
    assert_eq!(file.tensors["loss3/classifier.weight"].shape, [5, 4]);
}

#[test]
fn a_mean_picture_is_said() {
    let transform = |name: &str| Made::default().int(3, 224).bytes(4, name);
    let said = |name: &str| {
        let data = layer("data", "Data", &[], &["data"], &[]).bytes(100, transform(name));
        let conv = layer("c", "Convolution", &["data"], &["c"], &[blob(&[8, 3, 7, 7]), blob(&[8])]);
        let settings = Made::default().int(1, 8).int(4, 7);
        read(Made::default().bytes(1, "n").each(100, [data, conv.bytes(106, settings)]).0).said
    };
    assert_eq!(said(""), [""; 0]);
    assert!(said("mean.binaryproto").iter().any(|said| said.contains("`mean_file`")));
}

#[test]
fn damaged_nets_are_errors() {
    survives_damage_of("net.caffemodel", &net(), 20_000);
}
