//! Keras' own files: whole models and weights, of Keras 2 and 3, as their exporters wrote them, and damaged ones.

use std::collections::BTreeMap;

use crate::filled::{Filled, files, golden, input, logits, tensors};
use inception::checkpoints::{Checkpoint, CheckpointError, Param, SourceFile};
use inception::{LoadOptions, Loader};
use proptest::prelude::*;

const TOLERANCE: f64 = 2e-4;

fn sources(fixture: &str, weights: bool) -> Vec<SourceFile> {
    let source = |(name, bytes): (String, Vec<u8>)| SourceFile { name, bytes: bytes.into() };
    files(fixture, weights).into_iter().map(source).collect()
}

/// A kernel of Keras as `[out, in, ..]`; all else as it is.
fn arranged(tensor: &Filled) -> Vec<f32> {
    let Filled { shape, values, .. } = tensor;
    let [positions @ .., inputs, outputs] = shape.as_slice() else { return values.clone() };
    let positions: usize = positions.iter().product();
    let at = |o: usize, i: usize, p: usize| values[(p * inputs + i) * outputs + o];
    let all = (0..*outputs).flat_map(|o| (0..*inputs).flat_map(move |i| (0..positions).map(move |p| (o, i, p))));
    all.map(|(o, i, p)| at(o, i, p)).collect()
}

/// What the generator calls a parameter of Inception-v3: TF-slim's name, with those that its checkpoints have kept.
fn slim_key(layer: &str, param: Param) -> String {
    let name = match layer {
        "Logits" => return format!("predictions/{}", if param == Param::Weights { "kernel" } else { "bias" }),
        "Mixed_5c/Branch_1/Conv2d_0a_1x1" => "Mixed_5c/Branch_1/Conv2d_0b_1x1",
        "Mixed_5c/Branch_1/Conv2d_0b_5x5" => "Mixed_5c/Branch_1/Conv_1_0c_5x5",
        "Mixed_6a/Branch_0/Conv2d_1a_3x3" => "Mixed_6a/Branch_0/Conv2d_1a_1x1",
        "Mixed_6a/Branch_1/Conv2d_1a_3x3" => "Mixed_6a/Branch_1/Conv2d_1a_1x1",
        "Mixed_7b/Branch_1/Conv2d_0c_3x1" => "Mixed_7b/Branch_1/Conv2d_0b_3x1",
        regular => regular,
    };
    let variable = match param {
        Param::Weights => "weights",
        Param::Biases => "biases",
        Param::Gamma => "BatchNorm/gamma",
        Param::Beta => "BatchNorm/beta",
        Param::Mean => "BatchNorm/moving_mean",
        Param::Variance => "BatchNorm/moving_variance",
    };
    format!("InceptionV3/{name}/{variable}")
}

/// That every tensor of a file is at its layer, with its values.
fn check_values(fixture: &str) {
    let wanted: BTreeMap<String, Filled> = tensors(fixture).into_iter().map(|t| (t.key.clone(), t)).collect();
    let checkpoint = Checkpoint::open(sources(fixture, true), None).unwrap();
    let mut compared = 0;
    for layer in checkpoint.graph.layers() {
        for param in Param::ALL {
            let Ok(found) = checkpoint.read(&layer.name, param) else { continue };
            let key = slim_key(&layer.name, param);
            assert!(found == arranged(&wanted[&key]), "{fixture}: {} {param} is not {key}", layer.name);
            compared += 1;
        }
    }
    assert_eq!(compared, wanted.len(), "{fixture}");
}

/// That the network answers as Keras does. A picture is prepared as the file says.
fn check_answers(fixture: &str) -> Checkpoint {
    let checkpoint = Checkpoint::open(sources(fixture, true), None).unwrap();
    let mut session = Loader::new(sources(fixture, true), LoadOptions::default()).unwrap().finish().unwrap();
    let mut values = input(fixture);
    if golden(fixture)["input"]["kind"] == "pixel" {
        let how = &checkpoint.preprocess;
        let prepared = |(i, &v): (usize, &f32)| (f64::from(v) * how.scale - how.mean[i % 3]) / how.std[i % 3];
        values = values.iter().enumerate().map(prepared).map(|v| v as f32).collect();
    }
    session.run(&values).unwrap();
    let (found, wanted) = (session.output("Logits", 0).unwrap().data, logits(fixture));
    assert_eq!(found.len(), wanted.len(), "{fixture}: number of classes");
    let mean = wanted.iter().sum::<f64>() / wanted.len() as f64;
    let spread = match wanted.len() {
        1 => 1.0,
        count => (wanted.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count as f64).sqrt(),
    };
    let difference = |(a, b): (&f32, &f64)| if a.is_nan() { f64::INFINITY } else { (f64::from(*a) - b).abs() };
    let error = found.iter().zip(&wanted).map(difference).fold(0.0, f64::max) / spread;
    println!("{fixture}: {error:.1e} of the spread, {}", checkpoint.dialect);
    assert!(error < TOLERANCE, "{fixture}: {error:e} of the spread");
    let activation = serde_json::json!(checkpoint.options.activation);
    assert_eq!(activation, golden(fixture)["final_activation"], "{fixture}");
    checkpoint
}

#[test]
fn weights_without_a_model() {
    for fixture in ["k2_v3_weights_h5", "k2_v3_published_style_h5", "k3_v3_weights_h5"] {
        check_values(fixture);
        let checkpoint = check_answers(fixture);
        assert_eq!(checkpoint.dialect, "Keras Inception-v3");
        assert_eq!(checkpoint.preprocess.mean, [127.5; 3]);
    }
}

#[test]
fn whole_models_of_inception_v3() {
    for fixture in ["k2_v3_nested_h5", "k2_v3_second_flatten_h5", "k3_v3_augmented_keras", "k3_v3_flat_h5"] {
        check_answers(fixture);
    }
}

#[test]
fn a_whole_inception_resnet_v2() {
    let checkpoint = check_answers("k2_irv2_top_h5");
    assert_eq!(checkpoint.network.id, "inception-resnet-v2");
}

/// A change to a file's description: where, as a fraction of the bytes that are not zero, and to what.
fn damages() -> impl Strategy<Value = Vec<(f64, u8)>> {
    prop::collection::vec((0.0..1.0, any::<u8>()), 1..6)
}

fn read_everything(name: &str, bytes: Vec<u8>) -> Result<(), CheckpointError> {
    let checkpoint = Checkpoint::open(vec![SourceFile { name: name.into(), bytes: bytes.into() }], None)?;
    for layer in checkpoint.graph.layers() {
        Param::ALL.iter().for_each(|&param| drop(checkpoint.read(&layer.name, param)));
    }
    Ok(())
}

/// A fixture without weights, and where it is not zero: the descriptions.
fn described(fixture: &str) -> (Vec<u8>, Vec<usize>) {
    let bytes = files(fixture, false).remove(0).1;
    let places = bytes.iter().enumerate().filter(|(_, byte)| **byte != 0).map(|(at, _)| at).collect();
    (bytes, places)
}

#[test]
fn damaged_files_are_errors_or_other_weights() {
    let config = || ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() };
    for fixture in ["k2_v3_published_style_h5", "k2_v3_nested_h5", "k3_v3_augmented_keras"] {
        let (bytes, places) = described(fixture);
        let mut runner = proptest::test_runner::TestRunner::new(config());
        let checked = runner.run(&damages(), |damages| {
            let mut bytes = bytes.clone();
            for (at, value) in damages {
                bytes[places[(at * places.len() as f64) as usize]] = value;
            }
            let _ = read_everything("w", bytes);
            Ok(())
        });
        checked.unwrap();
    }
}

#[test]
fn files_that_are_cut_short() {
    for fixture in ["k2_v3_weights_h5", "k3_v3_augmented_keras", "k2_v3_nested_h5"] {
        let (bytes, _) = described(fixture);
        for part in 1..40 {
            let length = bytes.len() * part / 40;
            assert!(read_everything("w", bytes[..length].to_vec()).is_err(), "{fixture}: {length} bytes");
        }
        for length in (1..600).step_by(7) {
            assert!(read_everything("w", bytes[..length].to_vec()).is_err(), "{fixture}: {length} bytes");
        }
    }
}

#[test]
fn a_signature_is_not_enough() {
    let error = read_everything("w.h5", b"\x89HDF\r\n\x1a\n........".to_vec()).unwrap_err();
    assert!(matches!(&error, CheckpointError::Hdf5 { file, .. } if file == "w.h5"), "{error}");
}

#[test]
fn what_a_model_does_not_say_of_its_pictures_is_said() {
    let says = |fixture: &str| {
        let checkpoint = Checkpoint::open(sources(fixture, fixture.ends_with("_keras")), None).unwrap();
        checkpoint.assumptions.iter().any(|said| said.contains("from -1 to 1, as keras.applications"))
    };
    assert!(says("k3_v3_flat_h5") && says("k3_v3_weights_h5"));
    assert!(!says("k3_v3_augmented_keras") && !says("k2_v3_published_style_h5"));
}

#[test]
fn a_head_over_all_positions_takes_pictures_of_one_size() {
    let preprocess = Some(serde_json::json!({ "width": 160, "height": 160 }));
    let options = LoadOptions { preprocess, threads: 1, ..LoadOptions::default() };
    let error = Loader::new(sources("k2_v3_second_flatten_h5", false), options).err().unwrap().to_string();
    assert!(error.starts_with("its head reads all positions, so it takes only pictures of "), "{error}");
}
