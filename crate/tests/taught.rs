//! Taught heads: answers, contributions and maps of another classifier against the same products in f64; its file; and the model
//! that it goes with.
#![allow(clippy::unwrap_used)]

mod common;

use common::asks::Asks;
use inception::checkpoints::{
    Checkpoint, CheckpointError, Dtype, HeadError, Metadata, SourceFile, TaughtHead, TaughtOn, convert,
};
use inception::graph::BatchNorm;
use inception::inspect::Target;
use inception::networks::{self, Classifier, Head, HeadPool, Options, OutputActivation};
use inception::{Error, LoadOptions, Loader, Session};

const SIDE: usize = 96;
const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../models/googlenet-imagenet.safetensors");

fn session(id: &str, head: Option<Head>) -> Session {
    let network = networks::find(id).unwrap();
    let usual = network.options();
    let head = head.unwrap_or_else(|| usual.head.clone());
    let options = Options { size: [SIDE; 2], head, ..usual };
    let mut options =
        Options { auxiliary: if id == "inception-v3" { vec![] } else { options.auxiliary.clone() }, ..options };
    network.build_fitting(&mut options).unwrap();
    Loader::random(network, &options, &LoadOptions { threads: 2, ..LoadOptions::default() }).unwrap().finish().unwrap()
}

fn picture(seed: u64) -> Vec<f32> {
    (0..3 * SIDE * SIDE).map(|i| common::numbers::signed_unit(seed, i as u64)).collect()
}

fn features(session: &mut Session, seed: u64) -> Vec<f32> {
    let layer = session.info().backbone.layer.clone();
    let maps = session.last_maps().unwrap().to_owned();
    session.keep(&[layer, maps]).unwrap();
    session.run(&picture(seed)).unwrap();
    session.taught_features(0).unwrap()
}

/// A head of so many classes on what a session reads.
fn head(session: &Session, classes: usize, seed: u64) -> TaughtHead {
    let taught_on = TaughtOn::of(session.info());
    let values = |seed: u64, count: usize| (0..count).map(|i| common::numbers::signed_unit(seed, i as u64)).collect();
    TaughtHead {
        labels: (0..classes).map(|class| format!("class {class}")).collect(),
        activation: OutputActivation::Softmax,
        threshold: Some(0.75),
        temperature: 1.5,
        weights: values(seed, classes * taught_on.backbone.length),
        biases: values(seed + 1, classes),
        taught_on,
    }
}

/// The logits of a head, divided by its temperature.
fn logits(head: &TaughtHead, features: &[f32]) -> Vec<f64> {
    let rows = head.weights.chunks_exact(features.len()).zip(&head.biases);
    let products = rows.map(|(row, &bias)| {
        row.iter().zip(features).map(|(&w, &v)| f64::from(w) * f64::from(v)).sum::<f64>() + f64::from(bias)
    });
    products.map(|v| v / head.temperature).collect()
}

fn softmax(logits: &[f64]) -> Vec<f64> {
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = logits.iter().map(|v| (v - most).exp()).collect();
    powers.iter().map(|v| v / powers.iter().sum::<f64>()).collect()
}

fn assert_close(found: &[f32], wanted: &[f64], what: &str) {
    assert_eq!(found.len(), wanted.len(), "{what}");
    let scale = wanted.iter().fold(1e-3, |most: f64, v| most.max(v.abs()));
    for (found, wanted) in found.iter().zip(wanted) {
        assert!((f64::from(*found) - wanted).abs() <= 1e-4 * scale, "{what}: {found} {wanted}");
    }
}

/// Each kind of head that a network may have of its own.
fn own_heads() -> Vec<(&'static str, Option<Head>)> {
    let hidden = Head::Classifier(Classifier::with_hidden(6, &[24, 17]));
    let pooled = |pool| Some(Head::Classifier(Classifier { pool, ..Classifier::new(5) }));
    let embedding =
        |classes| Some(Head::Embedding { size: 24, norm: BatchNorm { epsilon: 1e-3, gamma: true }, classes });
    vec![
        ("googlenet", None),
        ("inception-v3", Some(hidden)),
        ("inception-v3", pooled(HeadPool::Max)),
        ("inception-v3", pooled(HeadPool::Flatten)),
        ("inception-v3", Some(Head::None)),
        ("inception-resnet-v1", embedding(Some(9))),
        ("inception-resnet-v1", embedding(None)),
    ]
}

#[test]
fn a_taught_head_answers_as_its_product_with_the_features_says_and_shows_where_it_sees_a_class() {
    for (id, own) in own_heads() {
        let mut session = session(id, own);
        let read = features(&mut session, 1);
        let head = head(&session, 4, 10);
        assert_eq!(read.len(), session.info().backbone.length);
        head.check(&TaughtOn::of(session.info())).unwrap();
        let wanted = logits(&head, &read);
        assert_close(&head.logits(&read), &wanted, id);
        assert_close(&head.answer(&read), &softmax(&wanted), id);
        for (class, &wanted) in wanted.iter().enumerate() {
            let (weights, bias) = head.of_class(class).unwrap();
            let target = Target::Taught { weights: &weights, bias };
            let parts = session.contributions(target, 0).unwrap();
            assert_close(&[parts.logit], &[wanted], id);
            let sum = parts.contribution.iter().map(|&v| f64::from(v)).sum::<f64>() + f64::from(parts.bias);
            let scale = parts.contribution.iter().fold(1.0f32, |most, v| most.max(v.abs()));
            assert!((sum - wanted).abs() < 1e-4 * f64::from(scale), "{id}: {sum} {wanted}");
            let map = session.activation_map(target, 0).unwrap();
            let mean = map.data.iter().map(|&v| f64::from(v)).sum::<f64>() / map.data.len() as f64;
            let scale = map.data.iter().fold(1.0f32, |most, v| most.max(v.abs()));
            assert!((mean - wanted).abs() < 1e-4 * f64::from(scale), "{id}: {mean} {wanted}");
        }
        let target = Target::Taught { weights: &[1.0], bias: 0.0 };
        assert!(matches!(session.contributions(target, 0), Err(Error::Features { found: 1, .. })));
    }
}

#[test]
fn several_labels_are_answered_each_for_itself_and_one_logit_two_classes() {
    let mut session = session("googlenet", None);
    let read = features(&mut session, 2);
    let several = TaughtHead { activation: OutputActivation::Sigmoid, ..head(&session, 3, 5) };
    let sigmoid = |v: f64| 1.0 / (1.0 + (-v).exp());
    let wanted: Vec<f64> = logits(&several, &read).into_iter().map(sigmoid).collect();
    assert_close(&several.answer(&read), &wanted, "sigmoid");

    let one = TaughtHead { labels: vec!["no".into(), "yes".into()], ..several.clone() };
    let one = TaughtHead { weights: one.weights[..read.len()].to_vec(), biases: one.biases[..1].to_vec(), ..one };
    assert_close(&one.answer(&read), &[1.0 - wanted[0], wanted[0]], "a pair");
    let logit = logits(&one, &read)[0];
    for (class, wanted) in [(0, -logit), (1, logit)] {
        let (weights, bias) = one.of_class(class).unwrap();
        let parts = session.contributions(Target::Taught { weights: &weights, bias }, 0).unwrap();
        assert_close(&[parts.logit], &[wanted], "a pair");
    }
    assert!(one.of_class(2).is_none());
}

#[test]
fn below_the_threshold_an_image_is_none_of_the_classes() {
    let head = head(&session("googlenet", None), 2, 1);
    assert!(head.is_none(&[0.74, 0.26]) && !head.is_none(&[0.75, 0.25]));
    assert!(!TaughtHead { threshold: None, ..head }.is_none(&[0.5, 0.5]));
}

#[test]
fn a_head_that_does_not_go_with_the_model_is_refused() {
    let session = session("googlenet", None);
    let good = head(&session, 3, 9);
    let own = TaughtOn::of(session.info());
    let other = |change: fn(&mut TaughtOn)| {
        let mut taught_on = own.clone();
        change(&mut taught_on);
        TaughtHead { taught_on, ..good.clone() }.check(&own).unwrap_err()
    };
    let refused = other(|on| (on.backbone.digest, on.title) = ("0123456789abcdef".into(), "My model".into()));
    let said = refused.to_string();
    assert!(said.contains("My model (googlenet)") && said.contains("GoogLeNet (googlenet)"), "{said}");
    assert!(matches!(other(|on| on.network = "inception-v3".into()), HeadError::OtherBackbone { is_alike: false, .. }));
    assert!(matches!(other(|on| on.backbone.length = 5), HeadError::OtherBackbone { .. }));
    let refused = other(|on| on.preprocess.scale *= 2.0);
    assert!(refused.to_string().contains("scale"), "{refused}");
}

#[test]
fn a_file_of_a_head_holds_all_of_it() {
    let session = session("googlenet", None);
    let head = TaughtHead { labels: vec!["猫".into(), "a \"b\", c".into()], ..head(&session, 2, 3) };
    let bytes = head.to_bytes();
    assert_eq!(TaughtHead::open("head.safetensors", bytes.clone()).unwrap(), head);
    let model =
        Checkpoint::open(vec![SourceFile { name: "head.safetensors".into(), bytes: bytes.clone().into() }], None);
    let said = model.map(|_| ()).unwrap_err().to_string();
    assert!(said.contains("GoogLeNet"), "{said}");
    // Damage of each kind is told.
    for end in [0, 4, 100, bytes.len() - 1] {
        assert!(TaughtHead::open("head.safetensors", bytes[..end].to_vec()).is_err(), "{end} bytes");
    }
    let mut broken = bytes.clone();
    let last = broken.len() - 4;
    broken[last..].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(matches!(TaughtHead::open("h", broken), Err(HeadError::File(CheckpointError::NotFinite { .. }))));
    for change in [
        TaughtHead { temperature: 0.0, ..head.clone() },
        TaughtHead { temperature: f64::INFINITY, ..head.clone() },
        TaughtHead { threshold: Some(1.5), ..head.clone() },
        TaughtHead { labels: vec!["one".into()], ..head.clone() },
        TaughtHead { labels: vec![], ..head.clone() },
    ] {
        assert!(matches!(
            TaughtHead::open("h", change.to_bytes()),
            Err(HeadError::File(CheckpointError::Metadata { .. }))
        ));
    }
    let model = std::fs::read(MODEL).unwrap();
    assert!(matches!(TaughtHead::open("model", model), Err(HeadError::None { .. })));
}

/// The digest is the body's, whatever file it is in.
#[test]
fn the_same_weights_in_another_file_are_the_same_backbone() {
    let loaded = |bytes: Vec<u8>| {
        let files = vec![SourceFile { name: "model.safetensors".into(), bytes: bytes.into() }];
        Loader::new(files, LoadOptions::default()).unwrap().finish().unwrap().info().backbone.digest.clone()
    };
    let bytes = std::fs::read(MODEL).unwrap();
    let checkpoint =
        Checkpoint::open(vec![SourceFile { name: "m".into(), bytes: bytes.clone().into() }], None).unwrap();
    let own = loaded(bytes);
    assert_eq!(own.len(), 16);
    for dtype in [Dtype::F32, Dtype::F16] {
        let converted = convert(&checkpoint, Some(dtype), &Metadata::default()).unwrap();
        assert_eq!(loaded(converted), own, "{dtype:?}");
    }
    // Random weights of the same network are another.
    assert_ne!(session("googlenet", None).info().backbone.digest, own);
}
