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

fn opened(name: &str) -> Checkpoint {
    let file = |(name, bytes): (String, Vec<u8>)| SourceFile { name, bytes: bytes.into() };
    Checkpoint::open(crate::filled::files(name, false).into_iter().map(file).collect(), None).unwrap()
}

#[test]
fn torchvisions_pictures_are_prepared_as_torchvision_does() {
    for name in ["onnx_tv_v3_folded", "onnx_tv_v3_unfolded", "onnx_tv_v3_dynamo"] {
        let checkpoint = opened(name);
        let how = &checkpoint.preprocess;
        assert_eq!((how.resize_to, how.mean, how.std), (342, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]), "{name}");
        assert_eq!(serde_json::json!(how.filter), "bilinear", "{name}");
        let said = &checkpoint.assumptions;
        assert!(said.iter().any(|said| said.contains("no `transform_input`")), "{name}: {said:?}");
    }
    // With `transform_input` in the graph there is nothing to assume.
    let checkpoint = opened("onnx_tv_googlenet");
    assert_eq!(checkpoint.preprocess.mean, [0.5; 3]);
    assert!(!checkpoint.assumptions.iter().any(|said| said.contains("transform_input")));
}

#[test]
fn a_file_is_read_as_what_it_is_whatever_its_name() {
    let named = |name: &str, bytes: &[u8]| {
        let file = SourceFile { name: name.into(), bytes: bytes.to_vec().into() };
        Checkpoint::open(vec![file], None).err().map_or(String::new(), |error| error.to_string())
    };
    let said = named("model.onnx", b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n");
    assert_eq!(said, "model.onnx is a Git LFS pointer (`git lfs pull` fetches the file itself), not a weights file");
    assert!(named("model.safetensors", b"# A model of mine, see its home page").contains("is a text"));
    assert!(named("w.pb", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").contains("is a PNG picture"));
    let archive = named("model.onnx", b"PK\x03\x04 and no more");
    assert!(!archive.is_empty() && !archive.contains("field"), "{archive}");
    let mut files = crate::filled::files("torch_v3_trace", true);
    let (_, bytes) = files.remove(0);
    let file = SourceFile { name: "model.onnx".into(), bytes: bytes.into() };
    assert_eq!(Checkpoint::open(vec![file], None).unwrap().network.id, "inception-v3");
}
