//! Keras' own files: whole models and weights, of Keras 2 and 3, as their exporters wrote them, and damaged ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::fixtures::{Fixture, error, fixture, generated};
use inception::checkpoints::{Checkpoint, Param, SourceFile};
use inception::{LoadOptions, Loader};
use serde_json::Value;

const TOLERANCE: f64 = 2e-4;

fn sources(fixture: &Fixture) -> Vec<SourceFile> {
    let source = |(name, bytes): &(String, Vec<u8>)| SourceFile { name: name.clone(), bytes: bytes.clone().into() };
    fixture.files.iter().map(source).collect()
}

/// The generated values of a checkpoint's parameter, by what the generator calls it, as `[out, in, ..]`.
fn wanted(row: &Value) -> Vec<f32> {
    let values = generated(row);
    let shape: Vec<usize> = row["shape"].as_array().unwrap().iter().map(|d| d.as_u64().unwrap() as usize).collect();
    let Some((&outputs, before)) = shape.split_last().filter(|(_, before)| !before.is_empty()) else { return values };
    let (&inputs, positions) = before.split_last().unwrap();
    let positions: usize = positions.iter().product();
    let at = |o: usize, i: usize, p: usize| values[(p * inputs + i) * outputs + o];
    let all = (0..outputs).flat_map(|o| (0..inputs).flat_map(move |i| (0..positions).map(move |p| (o, i, p))));
    all.map(|(o, i, p)| at(o, i, p)).collect()
}

/// Every tensor of the fixture is at its layer: each parameter's values are those of the row with the same key.
fn check_values(fixture: &Fixture, key_of: impl Fn(&str, usize, Param) -> String) {
    let checkpoint = Checkpoint::open(sources(fixture), None).unwrap();
    let rows = fixture.fill["tensors"].as_array().unwrap();
    let mut compared = 0;
    let mut conv = 0;
    for layer in &checkpoint.graph.layers {
        let mut has_kernel = false;
        for param in Param::ALL {
            let Ok(found) = checkpoint.read(&layer.name, param) else { continue };
            let key = key_of(&layer.name, conv, param);
            let row = rows
                .iter()
                .find(|row| row["key"] == key.as_str())
                .unwrap_or_else(|| panic!("{} {param}: {key}", layer.name));
            assert!(found == wanted(row), "{} {param} is not {key}", layer.name);
            compared += 1;
            has_kernel |= param == Param::Weights;
        }
        conv += usize::from(has_kernel);
    }
    assert_eq!(compared, rows.len());
}

fn slim_key(layer: &str, _: usize, param: Param) -> String {
    let name = match layer {
        "Logits" => return format!("predictions/{}", if param == Param::Weights { "kernel" } else { "bias" }),
        // Names that TF-slim's checkpoints have kept.
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

fn check_answers(fixture: &Fixture, dialect: &str) {
    let checkpoint = Checkpoint::open(sources(fixture), None).unwrap();
    assert_eq!(checkpoint.dialect, dialect);
    let mut session = Loader::new(sources(fixture), LoadOptions::default()).unwrap().finish().unwrap();
    session.run(&fixture.input()).unwrap();
    let error = error(&session.output("Logits", 0).unwrap().data, &fixture.numbers("logits_f64"));
    println!("{dialect}: {error:.1e} of the spread");
    assert!(error < TOLERANCE, "{error:e} of the spread");
}

/// Files with Inception-v3 and its own classifier, in every layout.
fn check_v3(name: &str) {
    let fixture = fixture(name);
    check_values(&fixture, slim_key);
    check_answers(&fixture, "Keras Inception-v3");
}

#[test]
fn weights_of_keras_2() {
    check_v3("k2_v3_weights_h5");
}

#[test]
fn weights_as_they_were_published() {
    check_v3("k2_v3_published_style_h5");
}

#[test]
fn weights_of_keras_3_without_names() {
    check_v3("k3_v3_weights_h5");
}

#[test]
fn a_whole_inception_resnet_v2() {
    let fixture = fixture("k2_irv2_top_h5");
    check_answers(&fixture, "Keras Inception-ResNet-v2");
}

#[test]
fn whole_models_answer_as_keras_does() {
    for (name, dialect) in [("k3_v3_flat_h5", "Keras Inception-v3"), ("k2_v3_nested_h5", "Keras Inception-v3")] {
        let mut fixture = fixture(name);
        if fixture.golden["input"]["kind"] == "pixel" {
            // A session reads what the file's own preparation gives.
            fixture.golden["input"]["kind"] = "pixel".into();
            let checkpoint = Checkpoint::open(sources(&fixture), None).unwrap();
            assert_eq!(checkpoint.dialect, dialect);
            let mut session = Loader::new(sources(&fixture), LoadOptions::default()).unwrap().finish().unwrap();
            let prepared: Vec<f32> = fixture.input().iter().map(|pixel| pixel / 127.5 - 1.0).collect();
            session.run(&prepared).unwrap();
            let error = error(&session.output("Logits", 0).unwrap().data, &fixture.numbers("logits_f64"));
            assert!(error < TOLERANCE, "{name}: {error:e} of the spread");
            continue;
        }
        check_answers(&fixture, dialect);
    }
}
