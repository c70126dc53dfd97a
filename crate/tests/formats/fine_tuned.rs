//! Checkpoints as fine-tuning leaves them: another head, kept auxiliary heads, one channel, names in front of every name; and our own
//! files of them. Weights are zeros: what is asked is what the file is taken for, or which sentence refuses it.

use crate::common::keys;
use inception::checkpoints::{Checkpoint, CheckpointError, Metadata, SourceFile, convert};
use inception::graph::{Activation, BatchNorm};
use inception::networks::{Classifier, Head, HeadLayer, OutputActivation};
use inception::{LoadOptions, Loader};
use proptest::prelude::*;
use serde_json::json;

type Rows = Vec<(String, Vec<usize>)>;

/// torchvision's Inception-v3 without its classifier, and without its auxiliary head where that is not wanted.
fn body(auxiliary: bool) -> Rows {
    let keys = keys("torchvision_inception_v3").into_iter().filter(|key| key.kind != "ignore");
    let keys = keys.filter(|key| !key.name.starts_with("fc.") && (auxiliary || !key.name.starts_with("AuxLogits.")));
    keys.map(|key| (key.name, key.shape)).collect()
}

fn linear(key: &str, inputs: usize, outputs: usize) -> Rows {
    vec![(format!("{key}.weight"), vec![outputs, inputs]), (format!("{key}.bias"), vec![outputs])]
}

fn norm(key: &str, size: usize) -> Rows {
    ["weight", "bias", "running_mean", "running_var"].map(|leaf| (format!("{key}.{leaf}"), vec![size])).to_vec()
}

fn file(rows: &[(String, Vec<usize>)]) -> Vec<SourceFile> {
    vec![SourceFile { name: "w.safetensors".into(), bytes: crate::common::zeros(rows, &[]).into() }]
}

fn open(rows: &[(String, Vec<usize>)]) -> Result<Checkpoint, CheckpointError> {
    Checkpoint::open(file(rows), None)
}

fn with_head(head: Vec<Rows>) -> Result<Checkpoint, CheckpointError> {
    open(&[body(false), head.concat()].concat())
}

fn classifier(checkpoint: &Checkpoint) -> &Classifier {
    match &checkpoint.options.head {
        Head::Classifier(classifier) => classifier,
        other => panic!("{other:?}"),
    }
}

const RELU: HeadLayer = HeadLayer::Activation(Activation::Relu);
const NORM: HeadLayer = HeadLayer::Norm(BatchNorm { epsilon: 1e-5, gamma: true });

fn hidden(outputs: usize) -> HeadLayer {
    HeadLayer::Linear { outputs, bias: true }
}

#[test]
fn a_sequence_in_place_of_the_classifier_has_an_activation_where_its_numbers_have_a_gap() {
    let two = with_head(vec![linear("fc.0", 2048, 64), linear("fc.3", 64, 5)]).unwrap();
    assert_eq!(classifier(&two).layers, [hidden(64), RELU]);
    assert!(two.assumptions.iter().any(|said| said.contains("a ReLU is taken to stand")), "{:?}", two.assumptions);
    let straight = with_head(vec![linear("fc.0", 2048, 64), linear("fc.1", 64, 5)]).unwrap();
    assert_eq!(classifier(&straight).layers, [hidden(64)]);
    assert!(straight.assumptions.is_empty(), "{:?}", straight.assumptions);
    // Linear, batch norm, ReLU, dropout, linear; and linear, ReLU, batch norm, dropout, linear.
    let norm_first = with_head(vec![linear("fc.0", 2048, 64), norm("fc.1", 64), linear("fc.4", 64, 5)]).unwrap();
    assert_eq!(classifier(&norm_first).layers, [hidden(64), NORM, RELU]);
    let norm_last = with_head(vec![linear("fc.0", 2048, 64), norm("fc.2", 64), linear("fc.4", 64, 5)]).unwrap();
    assert_eq!(classifier(&norm_last).layers, [hidden(64), RELU, NORM]);
    let deep: Vec<Rows> = (0..12).map(|i| linear(&format!("fc.{}", 2 * i), if i == 0 { 2048 } else { 8 }, 8)).collect();
    assert_eq!(classifier(&with_head(deep).unwrap()).layers.len(), 22, "fc.10 comes after fc.8, not after fc.0");
    let dropout = with_head(vec![linear("fc.1", 2048, 3)]).unwrap();
    assert_eq!((classifier(&dropout).layers.len(), classifier(&dropout).classes), (0, 3));
    let named = with_head(vec![linear("fc.out", 16, 2), linear("fc.hidden", 2048, 16)]).unwrap();
    assert_eq!(classifier(&named).layers, [hidden(16), RELU], "in the order of their sizes");
}

#[test]
fn what_no_head_has_is_named() {
    let error = |head: Vec<Rows>| with_head(head).err().expect("a head that is not read").to_string();
    let odd = vec![linear("fc.0", 2048, 64), vec![("fc.1.weight".into(), vec![64])], linear("fc.2", 64, 5)];
    assert_eq!(
        error(odd),
        "its layer fc.1 (neither linear nor batch norm) is none that is read: without it the answers would be wrong"
    );
    let apart = vec![linear("fc.0", 2048, 64), linear("fc.2", 32, 5)];
    assert!(error(apart).contains("does not follow the others by its size"));
}

#[test]
fn an_auxiliary_head_that_kept_its_classes_answers_for_itself() {
    let rows = [body(true), linear("fc", 2048, 5)].concat();
    let session = Loader::new(file(&rows), LoadOptions { threads: 1, ..LoadOptions::default() }).unwrap().finish();
    let mut session = session.unwrap();
    let info = session.info();
    assert_eq!((info.classes, info.auxiliary[0].classes), (5, 1000));
    session.begin(&inception::image::Input::Values(vec![0.0; 299 * 299 * 3])).unwrap();
    while session.step().unwrap().is_some() {}
    assert_eq!(session.predictions(0).unwrap().len(), 5);
    let (layer, probabilities) = &session.auxiliary(0).unwrap()[0];
    assert_eq!((layer.as_str(), probabilities.len()), ("AuxLogits", 1000));
    let sum: f32 = probabilities.iter().sum();
    assert!((sum - 1.0).abs() < 1e-4, "softmax, whatever the new head ends in");
}

#[test]
fn a_size_too_small_for_the_auxiliary_head_leaves_it_aside_and_says_so() {
    let rows = [body(true), linear("fc", 2048, 5)].concat();
    let preprocess = Some(json!({ "width": 224, "height": 224, "resizeTo": 256 }));
    let loader = Loader::new(file(&rows), LoadOptions { preprocess, threads: 1, ..LoadOptions::default() }).unwrap();
    let session = loader.finish().unwrap();
    assert!(session.info().auxiliary.is_empty());
    assert!(session.info().assumptions.iter().any(|said| said.contains("too small for AuxLogits")));
}

#[test]
fn one_channel_is_the_grey_of_the_picture() {
    let mut rows = [body(false), linear("fc", 2048, 5)].concat();
    let first = rows.iter_mut().find(|(key, _)| key == "Conv2d_1a_3x3.conv.weight").unwrap();
    first.1[1] = 1;
    let checkpoint = open(&rows).unwrap();
    assert_eq!(json!(checkpoint.preprocess)["channels"], "gray");
    let own = convert(&checkpoint, None, &Metadata::default()).unwrap();
    let own = Checkpoint::open(vec![SourceFile { name: "own".into(), bytes: own.into() }], None).unwrap();
    assert_eq!(own.preprocess, checkpoint.preprocess);
    // Pillow's L of pure red, green and blue.
    let picture = inception::image::Rgb8 { width: 3, height: 1, pixels: vec![255, 0, 0, 0, 255, 0, 0, 0, 255] };
    let grey = inception::image::Preprocess {
        width: 3,
        height: 1,
        resize: inception::image::Resize::Stretch,
        crop: inception::image::Crop::None,
        ..checkpoint.preprocess.clone()
    };
    assert_eq!(grey.seen(&picture).unwrap().pixels, [76, 76, 76, 150, 150, 150, 29, 29, 29]);
    let mut elsewhere = rows;
    elsewhere.iter_mut().find(|(key, _)| key == "Conv2d_2a_3x3.conv.weight").unwrap().1[1] = 1;
    assert!(matches!(open(&elsewhere), Err(CheckpointError::Misshapen { .. })), "of the first layer alone");
}

#[test]
fn our_own_file_of_any_head_is_the_same_model() {
    let heads = [
        vec![linear("fc.0", 2048, 64), norm("fc.1", 64), linear("fc.4", 64, 5)],
        vec![linear("fc.0", 2048, 64), linear("fc.1", 64, 5)],
        vec![norm("fc.0", 2048), linear("fc.2", 2048, 1)],
    ];
    for head in heads {
        let mut checkpoint = with_head(head).unwrap();
        checkpoint.set_activation(OutputActivation::Sigmoid).unwrap();
        let own = convert(&checkpoint, None, &Metadata::default()).unwrap();
        let own = Checkpoint::open(vec![SourceFile { name: "own".into(), bytes: own.into() }], None).unwrap();
        assert_eq!(own.options, checkpoint.options);
        assert_eq!(own.assumptions, checkpoint.assumptions);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn any_names_in_front_of_every_name_are_taken_away(prefix in "([a-z_]{1,9}\\.|[0-9]\\.){1,4}") {
        let rows: Rows = [body(true), linear("fc", 2048, 7)].concat();
        let rows: Rows = rows.into_iter().map(|(key, shape)| (format!("{prefix}{key}"), shape)).collect();
        let checkpoint = open(&rows).unwrap();
        prop_assert_eq!(checkpoint.network.id, "inception-v3");
        prop_assert_eq!(&checkpoint.prefix, &prefix);
        prop_assert_eq!(checkpoint.left_aside().len(), 0);
    }

    #[test]
    fn any_sequence_of_linear_layers_and_norms_is_read(sizes in prop::collection::vec((1usize..40, any::<bool>(), 0usize..3), 0..5)) {
        let (mut rows, mut at, mut inputs, mut linears) = (vec![], 0, 2048, 0);
        for &(outputs, has_norm, gap) in &sizes {
            rows.push(linear(&format!("fc.{at}"), inputs, outputs));
            at += 1;
            if has_norm {
                rows.push(norm(&format!("fc.{at}"), outputs));
                at += 1;
            }
            at += gap;
            (inputs, linears) = (outputs, linears + 1);
        }
        rows.push(linear(&format!("fc.{at}"), inputs, 3));
        let checkpoint = with_head(rows).unwrap();
        let layers = &classifier(&checkpoint).layers;
        prop_assert_eq!(layers.iter().filter(|layer| matches!(layer, HeadLayer::Linear { .. })).count(), linears);
        prop_assert_eq!(layers.iter().filter(|layer| matches!(layer, HeadLayer::Norm(_))).count(), sizes.iter().filter(|s| s.1).count());
        prop_assert_eq!(layers.iter().filter(|layer| **layer == RELU).count(), sizes.iter().filter(|s| s.2 > 0).count());
    }
}
