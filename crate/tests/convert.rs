//! Conversion into our own files: nothing is lost but what the element type loses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use inception::checkpoints::{Checkpoint, CheckpointError, Dtype, Labels, Metadata, Param, SourceFile, convert};
use safetensors::SafeTensors;
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
        let tensors = graph.tensors(layer).list().into_iter();
        tensors.map(|(param, shape)| (layer.name.clone(), param, shape.len() == 1)).collect::<Vec<_>>()
    };
    graph.layers().iter().filter(|l| !l.inputs.is_empty()).flat_map(of).collect()
}

#[test]
fn weights_that_layers_share_are_written_once() {
    for (name, layer, of) in [
        ("seed_inception_v4", "Mixed_6h/Branch_2/Conv2d_0c_1x7", "Mixed_6b/Branch_2/Conv2d_0c_1x7"),
        (
            "seed_inception_resnet_v1",
            "Repeat/block35_5/Branch_2/Conv2d_0c_3x3",
            "Repeat/block35_5/Branch_1/Conv2d_0b_3x3",
        ),
    ] {
        let original = source(name);
        let bytes = convert(&original, None, &Metadata::default()).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let stored = common::keys(name).iter().filter(|key| key.kind != "ignore").count();
        assert_eq!(file.len(), stored, "{name}");
        assert!(file.tensor(&format!("{of}/weights")).is_ok() && file.tensor(&format!("{layer}/weights")).is_err());
        let own = open(bytes.clone());
        assert_eq!((own.network.id, &own.options), (original.network.id, &original.options));
        compare(&original, &own, |a, b, _| assert!(bits(a) == bits(b)));
        assert!(own.read(layer, Param::Weights).unwrap() == own.read(of, Param::Weights).unwrap());
    }
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
fn u8_has_a_scale_for_each_output_channel() {
    let original = source("seed_inception_v3_slim");
    let bytes = convert(&original, Some(Dtype::U8), &Metadata::default()).unwrap();
    let own = open(bytes.clone());
    let quantised = quantisations(&bytes);
    for (layer, param, vector) in params(&original) {
        let (wanted, found) = (original.read(&layer, param).unwrap(), own.read(&layer, param).unwrap());
        if vector {
            assert!(bits(&wanted) == bits(&found));
            continue;
        }
        let entry = &quantised[&format!("quant:{layer}/{param}")];
        assert_eq!(entry["axis"], 0);
        let scales = entry["scale"].as_array().unwrap();
        let row = wanted.len() / scales.len();
        for ((wanted, found), scale) in wanted.chunks(row).zip(found.chunks(row)).zip(scales) {
            let scale = scale.as_f64().unwrap();
            let errors: Vec<f64> = wanted.iter().zip(found).map(|(a, b)| f64::from(b - a)).collect();
            assert!(errors.iter().all(|e| e.abs() <= 1.001 * scale), "{layer}");
            assert!(errors.iter().sum::<f64>().abs() <= 0.51 * scale, "{layer}: what a channel sums up to is kept");
        }
    }
    for dtype in [None, Some(Dtype::U8)] {
        assert!(convert(&own, dtype, &Metadata::default()).unwrap() == bytes, "converting again changes nothing");
    }
    let back = open(convert(&own, Some(Dtype::F32), &Metadata::default()).unwrap());
    compare(&own, &back, |a, b, _| assert!(bits(a) == bits(b)));
}

/// The `quant:` entries of a file's metadata.
fn quantisations(bytes: &[u8]) -> BTreeMap<String, Value> {
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let fields = header["__metadata__"].as_object().unwrap();
    let entries = fields.iter().filter(|(name, _)| name.starts_with("quant:"));
    entries.map(|(name, text)| (name.clone(), serde_json::from_str(text.as_str().unwrap()).unwrap())).collect()
}

#[test]
fn codes_of_a_whole_tensor_stay_readable_and_pass_through() {
    let original = source("seed_inception_v1_c2");
    let bytes = convert(&original, Some(Dtype::U8), &Metadata::default()).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let mut header: Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let key = "quant:Conv2d_1a_7x7/weights";
    header["__metadata__"][key] = r#"{"scale":0.5,"min":-3}"#.into();
    let mut header = header.to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let old = [&(header.len() as u64).to_le_bytes()[..], &header, &bytes[8 + length..]].concat();
    let codes = SafeTensors::deserialize(&old).unwrap().tensor("Conv2d_1a_7x7/weights").unwrap().data().to_vec();
    let wanted: Vec<f32> = codes.iter().map(|&code| f32::from(code) * 0.5 - 3.0).collect();
    assert_eq!(open(old.clone()).read("Conv2d_1a_7x7", Param::Weights).unwrap(), wanted);
    let again = convert(&open(old), Some(Dtype::U8), &Metadata::default()).unwrap();
    assert_eq!(quantisations(&again)[key], json!({ "scale": 0.5, "min": -3.0 }));
    assert_eq!(SafeTensors::deserialize(&again).unwrap().tensor("Conv2d_1a_7x7/weights").unwrap().data(), codes);
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
