//! Published weights on photos, against what onnxruntime recorded for them. The data lies beside the repository on the
//! machines that have it; elsewhere these tests print that they were skipped.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::numbers::relative_error;
use inception::checkpoints::{Checkpoint, Dtype, Labels, Metadata, SourceFile, convert};
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

fn model(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models").join(name)
}

#[test]
fn the_offline_model_says_what_it_is() {
    let path = model("googlenet-imagenet.safetensors");
    let session = load(&path);
    let info = session.info();
    assert_eq!((info.network.as_str(), info.title.as_str(), info.classes), ("googlenet", "GoogLeNet", 1000));
    assert_eq!(info.labels_name.as_deref(), Some("imagenet1k"));
    assert_eq!(info.license.as_deref(), Some("unrestricted use"));
    assert!(info.source.as_deref().unwrap().contains("bvlc_googlenet"));
    assert_eq!(info.preprocess.filter, image::Filter::Bicubic);
    // Szegedy et al. 2014, table 1, without the auxiliary heads: 6,998,552 numbers.
    assert_eq!(info.params, 6_998_552);
    let bytes = std::fs::metadata(&path).unwrap().len();
    assert!((6_990_672..7_150_000).contains(&bytes), "one byte a weight: {bytes}");
}

#[test]
fn the_offline_model_is_what_conversion_makes_of_bvlcs() {
    let Some((folder, _)) = data("the_offline_model_is_what_conversion_makes_of_bvlcs") else { return };
    let path = folder.join("weights/bvlc_googlenet.safetensors");
    let file = SourceFile { name: "weights.safetensors".into(), bytes: std::fs::read(path).unwrap().into() };
    let about = Metadata {
        title: Some("GoogLeNet".into()),
        labels: Some(Labels::Named("imagenet1k".into())),
        license: Some("unrestricted use".into()),
        source: Some("https://github.com/BVLC/caffe/tree/master/models/bvlc_googlenet".into()),
        ..Metadata::default()
    };
    let made = convert(&Checkpoint::open(vec![file], None).unwrap(), Some(Dtype::U8), &about).unwrap();
    assert!(made == std::fs::read(model("googlenet-imagenet.safetensors")).unwrap());
}

#[test]
fn the_offline_model_names_the_photos_as_f32_does() {
    let Some((folder, golden)) = data("the_offline_model_names_the_photos_as_f32_does") else { return };
    let mut session = load(&model("googlenet-imagenet.safetensors"));
    for photo in PHOTOS {
        run(&mut session, &folder, photo);
        let probabilities = session.predictions(0).unwrap();
        let mut order: Vec<usize> = (0..probabilities.len()).collect();
        order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
        let wanted = golden[photo]["bvlc_googlenet"]["top5"].as_array().unwrap();
        let classes: Vec<u64> = wanted.iter().map(|row| row[0].as_u64().unwrap()).collect();
        assert_eq!(order[..5].iter().map(|&class| class as u64).collect::<Vec<_>>(), classes, "{photo}");
        let logits = numbers(&golden[photo]["bvlc_googlenet"]["logits"]);
        let largest = logits.iter().copied().fold(f32::MIN, f32::max);
        let sum: f32 = logits.iter().map(|logit| (logit - largest).exp()).sum();
        for (found, logit) in probabilities.iter().zip(&logits) {
            let exact = (logit - largest).exp() / sum;
            assert!((found - exact).abs() < 0.02, "{photo}: {found} instead of {exact}");
        }
    }
}

#[test]
fn the_content_filter_gives_the_recorded_probabilities() {
    let test = "the_content_filter_gives_the_recorded_probabilities";
    let model = model("nsfw-inception-v3.safetensors");
    if !model.exists() {
        println!("SKIPPED {test}: `cargo xtask setup --with nsfw` has not made models/nsfw-inception-v3.safetensors");
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
