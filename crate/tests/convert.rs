//! Conversion into our own files: nothing is lost but what the element type loses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use inception::checkpoints::{Checkpoint, CheckpointError, Dtype, Labels, Metadata, Param, SourceFile, convert};
use safetensors::SafeTensors;

fn open(bytes: Vec<u8>) -> Checkpoint {
    try_open(bytes).unwrap_or_else(|e| panic!("{e}"))
}

fn try_open(bytes: Vec<u8>) -> Result<Checkpoint, CheckpointError> {
    Checkpoint::open(vec![SourceFile { name: "weights".into(), bytes: bytes.into() }], None)
}

fn source(name: &str) -> Checkpoint {
    open(common::generate(name))
}

/// Every parameter of a checkpoint: layer, parameter, whether it is a vector.
fn params(checkpoint: &Checkpoint) -> Vec<(String, Param, bool)> {
    let graph = &checkpoint.graph;
    let of = |layer: &inception::graph::Layer| {
        let input = graph.layer(layer.inputs[0]).shape;
        Param::of(layer, input)
            .into_iter()
            .map(|(param, shape)| (layer.name.clone(), param, shape.len() == 1))
            .collect::<Vec<_>>()
    };
    graph.layers.iter().filter(|l| !l.inputs.is_empty()).flat_map(of).collect()
}

fn compare(a: &Checkpoint, b: &Checkpoint, same: impl Fn(&[f32], &[f32], bool)) {
    let list = params(a);
    assert_eq!(list, params(b));
    for (layer, param, vector) in list {
        same(&a.read(&layer, param).unwrap(), &b.read(&layer, param).unwrap(), vector);
    }
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

#[test]
fn f32_keeps_every_bit() {
    for name in ["seed_inception_v1_c2", "seed_inception_v3_slim", "facenet_inception_resnet_v1"] {
        let original = source(name);
        for dtype in [None, Some(Dtype::F32)] {
            let bytes = convert(&original, dtype, &Metadata::default()).unwrap();
            assert!(bytes == convert(&original, dtype, &Metadata::default()).unwrap(), "the same bytes every time");
            let own = open(bytes);
            assert_eq!((own.network.id, &own.options), (original.network.id, &original.options));
            assert_eq!((&own.preprocess, own.class_offset), (&original.preprocess, original.class_offset));
            compare(&original, &own, |a, b, _| assert!(bits(a) == bits(b)));
        }
    }
}

#[test]
fn f16_rounds_weights_to_the_nearest() {
    let original = source("seed_inception_v1_c2");
    let bytes = convert(&original, Some(Dtype::F16), &Metadata::default()).unwrap();
    let own = open(bytes.clone());
    compare(&original, &own, |a, b, vector| match vector {
        true => assert!(bits(a) == bits(b)),
        false => assert!(a.iter().zip(b).all(|(a, b)| half::f16::from_f32(*a).to_f32() == *b)),
    });
    assert!(convert(&own, None, &Metadata::default()).unwrap() == bytes, "converting again changes nothing");
}

#[test]
fn u8_stays_within_half_a_step() {
    let original = source("seed_inception_v3_slim");
    let bytes = convert(&original, Some(Dtype::U8), &Metadata::default()).unwrap();
    let own = open(bytes.clone());
    compare(&original, &own, |a, b, vector| {
        if vector {
            return assert!(bits(a) == bits(b));
        }
        let range = |v: &[f32]| v.iter().fold((f32::MAX, f32::MIN), |(lo, hi), &x| (lo.min(x), hi.max(x)));
        let (low, high) = range(a);
        let half_step = f64::from(high - low) / 255.0 / 2.0;
        let worst = a.iter().zip(b).map(|(a, b)| f64::from(a - b).abs()).fold(0.0, f64::max);
        assert!(worst <= half_step * (1.0 + 1e-5), "{worst} of {half_step}");
        assert!(range(b).0 == low && range(b).1 <= high * (1.0 + 1e-6));
    });
    for dtype in [None, Some(Dtype::U8)] {
        let again = convert(&own, dtype, &Metadata::default()).unwrap();
        let (a, b) = (SafeTensors::deserialize(&bytes).unwrap(), SafeTensors::deserialize(&again).unwrap());
        assert_eq!(a.len(), b.len());
        for name in a.names() {
            assert!(a.tensor(name).unwrap().data() == b.tensor(name).unwrap().data(), "codes of {name}");
        }
    }
    let back = open(convert(&own, Some(Dtype::F32), &Metadata::default()).unwrap());
    compare(&own, &back, |a, b, _| assert!(bits(a) == bits(b)));
}

#[test]
fn a_constant_tensor_quantises_to_itself() {
    let mut tensors: Vec<_> = common::keys("seed_inception_v1_c2")
        .into_iter()
        .map(|key| {
            let values = vec![0.125; if key.kind == "ignore" { 0 } else { key.shape.iter().product() }];
            (key, values)
        })
        .collect();
    let own = open(convert(&open(common::safetensors(&tensors)), Some(Dtype::U8), &Metadata::default()).unwrap());
    assert!(own.read("Logits", Param::Weights).unwrap().iter().all(|&v| v == 0.125));

    tensors[0].1[7] = 1e6;
    let large = open(common::safetensors(&tensors));
    let error = convert(&large, Some(Dtype::F16), &Metadata::default()).err().unwrap();
    assert!(matches!(error, CheckpointError::NotFinite { layer, .. } if layer == "Conv2d_1a_7x7"));
    tensors[0].1[7] = f32::NAN;
    let nan = open(common::safetensors(&tensors));
    let error = CheckpointError::NotFinite { layer: "Conv2d_1a_7x7".into(), key: "conv1.0.weight".into() };
    assert_eq!(nan.read("Conv2d_1a_7x7", Param::Weights), Err(error.clone()));
    assert_eq!(convert(&nan, Some(Dtype::U8), &Metadata::default()), Err(error));
}

#[test]
fn metadata_is_kept_and_replaced() {
    let original = source("seed_inception_v1_c2");
    let labels = Labels::List(vec!["no".into(), "yes".into()]);
    let first = Metadata {
        title: Some("Two classes".into()),
        labels: Some(labels.clone()),
        source: Some("a test".into()),
        ..Metadata::default()
    };
    let own = open(convert(&original, None, &first).unwrap());
    assert_eq!((own.title.as_deref(), own.source.as_deref()), (Some("Two classes"), Some("a test")));
    assert_eq!((&own.labels, &own.license), (&Some(labels.clone()), &None));

    let mut preprocess = own.preprocess.clone();
    preprocess.mean = [0.1, 0.2, 0.3];
    let second = Metadata { license: Some("MIT".into()), preprocess: Some(preprocess.clone()), ..Metadata::default() };
    let own = open(convert(&own, None, &second).unwrap());
    assert_eq!(own.title.as_deref(), Some("Two classes"));
    assert_eq!((own.labels, own.license, own.preprocess), (Some(labels), Some("MIT".into()), preprocess));

    let wrong = Metadata { labels: Some(Labels::List(vec!["one".into()])), ..Metadata::default() };
    assert!(matches!(convert(&original, None, &wrong), Err(CheckpointError::Metadata { field: "labels", .. })));
}
