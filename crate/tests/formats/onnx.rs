//! ONNX models answer as onnxruntime does.

use inception::checkpoints::{Checkpoint, SourceFile};
use inception::{LoadOptions, Loader};

const TOLERANCE: f64 = 2e-4;

/// What torchvision's `transform_input` does to each channel, as the fixture has it: here it is a picture's preparation.
const TRANSFORM_INPUT: [(f32, f32); 3] = [(0.458, -0.03), (0.448, -0.088), (0.45, -0.188)];

fn check(name: &str, network: &str) {
    check_prepared(name, network, |value, _| value);
}

fn check_prepared(name: &str, network: &str, prepare: fn(f32, usize) -> f32) {
    let filled = crate::filled::files(name, true);
    let files = || -> Vec<SourceFile> {
        let file = |(name, bytes): &(String, Vec<u8>)| SourceFile { name: name.clone(), bytes: bytes.clone().into() };
        filled.iter().map(file).collect()
    };
    assert_eq!(Checkpoint::open(files(), None).unwrap().network.id, network);
    let mut session = Loader::new(files(), LoadOptions::default()).unwrap().finish().unwrap();
    let input: Vec<f32> =
        crate::filled::input(name).into_iter().enumerate().map(|(at, value)| prepare(value, at % 3)).collect();
    session.run(&input).unwrap();
    let error = crate::filled::error(&session.output("Logits", 0).unwrap().data, &crate::filled::logits(name));
    assert!(error < TOLERANCE, "{name}: {error:e} of the spread");
}

#[test]
fn torchvision_with_folded_batch_norm() {
    check("onnx_tv_v3_folded", "inception-v3");
}

#[test]
fn torchvision_with_batch_norm() {
    check("onnx_tv_v3_unfolded", "inception-v3");
}

#[test]
fn torchvision_by_the_dynamo_exporter() {
    check("onnx_tv_v3_dynamo", "inception-v3");
}

#[test]
fn torchvision_googlenet() {
    check_prepared("onnx_tv_googlenet", "googlenet-torchvision", |value, channel| {
        let (scale, shift) = TRANSFORM_INPUT[channel];
        value * scale + shift
    });
}

#[test]
fn timm_inception_resnet_v2() {
    check("onnx_timm_irv2", "inception-resnet-v2");
}

#[test]
fn timm_inception_v4() {
    check("onnx_timm_v4", "inception-v4");
}

#[test]
fn keras_by_tf2onnx() {
    check("onnx_tf2onnx_k2_v3", "inception-v3-slim");
}
