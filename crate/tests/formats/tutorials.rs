//! GoogLeNets of books and tutorials in PyTorch: those whose graph is one of ours, and the difference of one that is not.

use std::collections::BTreeMap;

use crate::common::asks::Asks;
use crate::common::{generate, keys, safetensors_of, tensor, zeros};
use inception::checkpoints::{Checkpoint, Metadata, SourceFile, convert};
use inception::image::Channels;
use inception::{LoadOptions, Loader};
use serde_json::json;

/// The network with the same graph and batch norm in its modules.
const SOURCE: &str = "seed_inception_v1_c1000";
const EPSILON: f32 = 1e-5;
const SIDE: usize = 96;

fn source(bytes: Vec<u8>) -> Vec<SourceFile> {
    vec![SourceFile { name: "w.safetensors".into(), bytes: bytes.into() }]
}

/// The weights of [`SOURCE`] with batch norm folded into the convolutions, under the names of Dive into Deep Learning.
fn d2l(letter: &str, before: &str) -> BTreeMap<String, (Vec<usize>, Vec<f32>)> {
    let keys: Vec<_> = keys(SOURCE).into_iter().filter(|key| key.kind != "ignore").collect();
    let of = |name: String| tensor(keys.iter().find(|key| key.name == name).unwrap());
    let mut tensors = BTreeMap::new();
    let mut put =
        |name: String, shape: &[usize], values| tensors.insert(format!("{before}{name}"), (shape.to_vec(), values));
    for key in keys.iter().filter(|key| key.kind == "conv_weight") {
        let parts: Vec<&str> = key.name.split('.').collect();
        let unit = key.name.strip_suffix(".weight").unwrap();
        let (mut weights, mut biases) = (tensor(key), of(format!("{unit}.bias")));
        let name = match parts[..] {
            ["conv1", "0", _] => "0.0".to_owned(),
            ["conv2", position, _] => format!("1.{position}"),
            [stage, module, branch, position, _] => {
                let position: usize = position.parse().unwrap();
                let norm = format!("{}.{}", unit.rsplit_once('.').unwrap().0, position + 1);
                let [gamma, beta, mean, variance] =
                    ["weight", "bias", "running_mean", "running_var"].map(|leaf| of(format!("{norm}.{leaf}")));
                let each = weights.len() / biases.len();
                for channel in 0..biases.len() {
                    let scale = gamma[channel] / (variance[channel] + EPSILON).sqrt();
                    weights[channel * each..][..each].iter_mut().for_each(|v| *v *= scale);
                    biases[channel] = (biases[channel] - mean[channel]) * scale + beta[channel];
                }
                let block = stage.strip_prefix("conv").unwrap().parse::<usize>().unwrap() - 1;
                let branch = branch.strip_prefix("conv").unwrap();
                format!("{block}.{module}.{letter}{branch}_{}", if position == 0 { 1 } else { 2 })
            }
            _ => panic!("{}", key.name),
        };
        put(format!("{name}.weight"), &key.shape, weights);
        put(format!("{name}.bias"), &key.shape[..1], biases);
    }
    put("5.weight".into(), &[10, 1024], vec![0.5; 10 * 1024]);
    put("5.bias".into(), &[10], vec![0.0; 10]);
    tensors
}

/// What a file makes of the last maps of a picture.
fn last_maps(file: Vec<u8>) -> Vec<f32> {
    let preprocess = json!({ "width": SIDE, "height": SIDE, "crop": "none", "resize": "stretch" });
    let options = LoadOptions { threads: 2, preprocess: Some(preprocess), ..LoadOptions::default() };
    let mut session = Loader::new(source(file), options).unwrap_or_else(|e| panic!("{e}")).finish().unwrap();
    session.keep(&["Mixed_5c".to_owned()]).unwrap();
    let picture: Vec<f32> = (0..SIDE * SIDE * 3).map(|i| (i * 7919 % 1009) as f32 / 504.5 - 1.0).collect();
    session.run(&picture).unwrap();
    session.output("Mixed_5c", 0).unwrap().data
}

#[test]
fn the_books_googlenet_is_inception_v1_without_batch_norm() {
    let wanted = last_maps(generate(SOURCE));
    let largest = wanted.iter().copied().fold(0.0, f32::max);
    for (letter, before) in [("b", ""), ("p", ""), ("b", "net.")] {
        let file = safetensors_of(&d2l(letter, before));
        let checkpoint = Checkpoint::open(source(file.clone()), None).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(
            (checkpoint.network.id, checkpoint.dialect),
            ("inception-v1-bn", "Dive into Deep Learning GoogLeNet")
        );
        assert_eq!((checkpoint.options.classes(), checkpoint.preprocess.width), (Some(10), 96));
        assert!(
            checkpoint.assumptions[0].starts_with("a state dict does not tell strides, pools"),
            "{:?}",
            checkpoint.assumptions
        );
        let own = convert(&checkpoint, None, &Metadata::default()).unwrap();
        let opened = Checkpoint::open(source(own.clone()), None).unwrap();
        assert_eq!((&opened.options, &opened.preprocess), (&checkpoint.options, &checkpoint.preprocess));
        assert_eq!(opened.assumptions, checkpoint.assumptions);
        for file in [file, own] {
            let found = last_maps(file);
            assert_eq!(found.len(), wanted.len());
            let error = found.iter().zip(&wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(error < 2e-4 * largest, "{letter}: {error} of {largest}");
        }
    }
    // As the book trains it.
    let mut grey = d2l("b", "");
    let (shape, values) = grey.get_mut("0.0.weight").unwrap();
    (shape[1], *values) = (1, vec![0.5; 64 * 49]);
    let checkpoint = Checkpoint::open(source(safetensors_of(&grey)), None).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(checkpoint.preprocess.channels, Channels::Gray);
    grey.remove("2.1.b3_2.bias");
    let error = Checkpoint::open(source(safetensors_of(&grey)), None).err().unwrap().to_string();
    assert_eq!(error, "Mixed_3c/Branch_2/Conv2d_0b_5x5 needs 2.1.b3_2.bias [96], which is missing");
}

#[test]
fn a_stem_without_its_1x1_convolution_is_another_network() {
    let norm = |unit: &str, size: usize| {
        ["weight", "bias", "running_mean", "running_var"].map(|leaf| (format!("{unit}.batchnorm.{leaf}"), vec![size]))
    };
    let unit = |unit: &str, shape: [usize; 4]| {
        let conv = [(format!("{unit}.conv.weight"), shape.to_vec()), (format!("{unit}.conv.bias"), vec![shape[0]])];
        conv.into_iter().chain(norm(unit, shape[0])).collect::<Vec<_>>()
    };
    for before in ["", "model."] {
        let rows: Vec<_> = [
            unit("conv1", [64, 3, 7, 7]),
            unit("conv2", [192, 64, 3, 3]),
            unit("inception3a.branch1", [64, 192, 1, 1]),
            unit("inception3a.branch2.0", [96, 192, 1, 1]),
            unit("inception3a.branch2.1", [128, 96, 3, 3]),
        ]
        .concat()
        .into_iter()
        .map(|(name, shape)| (format!("{before}{name}"), shape))
        .collect();
        let error = Checkpoint::open(source(zeros(&rows, &[])), None).err().unwrap().to_string();
        assert_eq!(
            error,
            "at conv2 the file has a 3x3 convolution with 192 channels where GoogLeNet has a 1x1 convolution with 64 channels before \
             that (Conv2d_2b_1x1): it is another network"
        );
    }
}
