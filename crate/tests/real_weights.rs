//! Published weights on photos, against what onnxruntime recorded for them. The data lies beside the repository on the
//! machines that have it; elsewhere these tests print that they were skipped.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::numbers::relative_error;
use inception::checkpoints::SourceFile;
use inception::{LoadOptions, Loader, Session, image};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const PHOTOS: [&str; 5] = ["chelsea", "coffee", "rocket", "china", "flower"];

/// The verification data, or none after saying so.
fn data(test: &str) -> Option<(PathBuf, Value)> {
    let Some(folder) = common::verify() else {
        println!("SKIPPED {test}: the folder shared/verify is absent");
        return None;
    };
    let golden = serde_json::from_slice(&std::fs::read(folder.join("golden.json")).unwrap()).unwrap();
    Some((folder, golden))
}

fn load(path: &Path) -> Session {
    let file = SourceFile { name: "weights.safetensors".into(), bytes: std::fs::read(path).unwrap().into() };
    let options = LoadOptions { threads: 2, ..LoadOptions::default() };
    Loader::new(vec![file], options).unwrap().finish().unwrap()
}

/// Runs a photo that already has the network's size: only the values are normalised.
fn run(session: &mut Session, folder: &Path, photo: &str) {
    let size = session.info().preprocess.width;
    let bytes = std::fs::read(folder.join(format!("photos/{photo}_{size}.png"))).unwrap();
    let picture = image::decode(&bytes, 1 << 20).unwrap();
    let whole = session.info().preprocess.merged(&json!({ "crop": "none", "resize": "stretch" })).unwrap();
    let mut input = Vec::new();
    whole.apply(&picture, &mut input).unwrap();
    session.run(&input).unwrap();
}

fn numbers(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect()
}

#[test]
fn googlenet_names_the_photos() {
    let Some((folder, golden)) = data("googlenet_names_the_photos") else { return };
    let mut session = load(&folder.join("weights/bvlc_googlenet.safetensors"));
    assert_eq!(session.info().network, "googlenet");
    assert!(session.info().auxiliary.is_empty());
    for photo in PHOTOS {
        run(&mut session, &folder, photo);
        let probabilities = session.predictions(0).unwrap();
        let mut order: Vec<usize> = (0..probabilities.len()).collect();
        order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
        for (&class, wanted) in order.iter().zip(golden[photo]["bvlc_googlenet"]["top5"].as_array().unwrap()) {
            let probability = f64::from(probabilities[class]);
            assert_eq!(class as u64, wanted[0].as_u64().unwrap(), "{photo}");
            let error = (probability - wanted[1].as_f64().unwrap()).abs();
            assert!(error < 1e-4, "{photo}: class {class} off by {error}");
        }
        let logits = numbers(&golden[photo]["bvlc_googlenet"]["logits"]);
        assert!(relative_error(&session.output("Logits", 0).unwrap().data, &logits) < 1e-4, "{photo}");
    }
}

#[test]
fn inception_v3_of_2015_gives_the_fid_features() {
    let Some((folder, golden)) = data("inception_v3_of_2015_gives_the_fid_features") else { return };
    let mut session = load(&folder.join("weights/inception_v3_2015_12_05_features.f16.safetensors"));
    assert_eq!(session.info().network, "inception-v3-2015");
    assert!(session.predictions(0).is_err());
    for photo in PHOTOS {
        run(&mut session, &folder, photo);
        let wanted = numbers(&golden[photo]["inception_v3_2015_12_05_features"]["features"]);
        let error = relative_error(&session.embedding(0).unwrap(), &wanted);
        assert!(error < 1e-3, "{photo}: {error}");
    }
}

#[test]
fn inception_resnet_v1_gives_the_face_embedding() {
    let Some((folder, golden)) = data("inception_resnet_v1_gives_the_face_embedding") else { return };
    let mut session = load(&folder.join("weights/facenet_inception_resnet_v1.f16.safetensors"));
    assert_eq!(session.info().network, "inception-resnet-v1");
    for photo in PHOTOS {
        run(&mut session, &folder, photo);
        let wanted = numbers(&golden[photo]["facenet_inception_resnet_v1"]["embedding"]);
        let error = relative_error(&session.embedding(0).unwrap(), &wanted);
        assert!(error < 1e-3, "{photo}: {error}");
    }
}

#[test]
fn the_offline_model_gives_the_recorded_probabilities() {
    let test = "the_offline_model_gives_the_recorded_probabilities";
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/nsfw-inception-v3.safetensors");
    if !model.exists() {
        println!("SKIPPED {test}: `cargo xtask setup` has not made models/nsfw-inception-v3.safetensors");
        return;
    }
    let Some((folder, golden)) = data(test) else { return };
    let mut session = load(&model);
    assert_eq!(session.info().network, "inception-v3-slim");
    assert_eq!(session.info().labels.as_deref().unwrap(), ["Drawing", "Hentai", "Neutral", "Porn", "Sexy"]);
    for photo in PHOTOS {
        run(&mut session, &folder, photo);
        let wanted = numbers(&golden[photo]["nsfwjs_inception_v3"]["probabilities"]);
        for (a, b) in session.predictions(0).unwrap().iter().zip(&wanted) {
            assert!((a - b).abs() < 1e-4, "{photo}: {a} instead of {b}");
        }
    }
}
