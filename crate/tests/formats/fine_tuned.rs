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
    assert!(straight.assumptions.iter().any(|said| said.contains("leave no room")), "{:?}", straight.assumptions);
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
fn hidden_layers_without_numbers_of_a_sequence_are_taken_to_end_in_relu() {
    for names in
        [["fc.layers.9", "fc.layers.10", "fc.layers.11"], ["fc.fc1", "fc.fc2", "fc.fc3"], ["fc.in", "fc.mid", "fc.out"]]
    {
        let [first, second, last] = names;
        let found = with_head(vec![linear(first, 2048, 64), linear(second, 64, 32), linear(last, 32, 5)]).unwrap();
        assert_eq!(classifier(&found).layers, [hidden(64), RELU, hidden(32), RELU], "{names:?}");
        let said = found.assumptions.iter().find(|said| said.contains("its head has several layers")).unwrap();
        assert!(said.contains("follow each hidden layer") && !said.contains("numbers"), "{said}");
    }
}

#[test]
fn layers_of_one_size_have_an_order_or_are_refused() {
    let square =
        |a: &str, b: &str| with_head(vec![linear(a, 2048, 2048), linear(b, 2048, 2048), linear("fc.z", 2048, 5)]);
    let refused = square("fc.hidden", "fc.deep").err().expect("no order").to_string();
    assert!(refused.contains("more than one order") && refused.contains("torch.save"), "{refused}");
    let numbered = |last: &str| {
        with_head(vec![linear("fc.fc10", 2048, 2048), linear("fc.fc2", 2048, 2048), linear(last, 2048, 5)])
    };
    let found = numbered("fc.fc11").unwrap();
    let said = found.assumptions.iter().find(|said| said.contains("several orders")).unwrap();
    assert!(said.ends_with("fc.fc2, fc.fc10, fc.fc11"), "{said}");
    assert!(numbered("fc.last").is_err(), "a name without a number says nothing");
    let certain = with_head(vec![linear("fc.10", 2048, 2048), linear("fc.2", 2048, 2048), linear("fc.11", 2048, 5)]);
    assert!(!certain.unwrap().assumptions.iter().any(|said| said.contains("several orders")));
}

#[test]
fn a_classifier_without_a_bias_is_read() {
    let found = with_head(vec![vec![("fc.weight".into(), vec![5, 2048])]]).unwrap();
    assert_eq!((classifier(&found).classes, classifier(&found).bias), (5, false));
    let own = convert(&found, None, &Metadata::default()).unwrap();
    let own = Checkpoint::open(vec![SourceFile { name: "own".into(), bytes: own.into() }], None).unwrap();
    assert_eq!(own.options, found.options);
}

#[test]
fn weights_in_parts_are_refused_with_the_way_out() {
    let row = |key: &str, shape: &[usize]| (key.to_owned(), shape.to_vec());
    let whole = || linear("fc", 2048, 5).remove(0);
    for (rows, undo) in [
        (vec![row("fc.weight_g", &[5, 1]), row("fc.weight_v", &[5, 2048])], "remove_weight_norm"),
        (
            vec![
                row("fc.parametrizations.weight.original0", &[5, 1]),
                row("fc.parametrizations.weight.original1", &[5, 2048]),
            ],
            "remove_parametrizations",
        ),
        (vec![row("fc.parametrizations.weight.original", &[5, 2048])], "remove_parametrizations"),
        (
            vec![row("fc.weight_orig", &[5, 2048]), row("fc.weight_u", &[5]), row("fc.weight_v", &[2048])],
            "remove_spectral_norm",
        ),
        (vec![row("fc.weight_orig", &[5, 2048]), row("fc.weight_mask", &[5, 2048])], "prune.remove"),
        (vec![whole(), row("fc.weight_mask", &[5, 2048])], "prune.remove"),
        (vec![whole(), row("fc.lora_A.weight", &[4, 2048]), row("fc.lora_B.weight", &[5, 4])], "merge_and_unload"),
        (vec![row("fc.base_layer.weight", &[5, 2048])], "merge_and_unload"),
    ] {
        let error = with_head(vec![rows, vec![("fc.bias".into(), vec![5])]]).err().expect("parts");
        assert!(matches!(error, CheckpointError::Reparametrized { .. }), "{error}");
        assert!(error.to_string().contains(undo), "{error}");
    }
}

/// The network below `net.`, with its classifier where that is wanted, and what is beside it.
fn beside(has_head: bool, beside: Vec<Rows>) -> Result<Checkpoint, CheckpointError> {
    let own = if has_head { linear("fc", 2048, 5) } else { vec![] };
    let net = [body(false), own].concat().into_iter().map(|(key, shape)| (format!("net.{key}"), shape));
    open(&net.chain(beside.concat()).collect::<Rows>())
}

#[test]
fn what_is_beside_a_network_is_left_aside_and_said() {
    let row = |key: &str, shape: &[usize]| vec![(key.to_owned(), shape.to_vec())];
    for (rows, said) in [
        (row("criterion.weight", &[5]), "criterion"),
        (row("loss_fn.pos_weight", &[5]), "loss_fn"),
        (row("center.centers", &[5, 2048]), "center"),
        (row("val.confmat", &[5, 5]), "val"),
        (row("temperature", &[1]), "temperature"),
        (row("mean", &[1, 3, 1, 1]), "mean"),
        ([row("vgg.0.weight", &[64, 3, 3, 3]), row("vgg.0.bias", &[64])].concat(), "vgg"),
    ] {
        let keys: Vec<String> = rows.iter().map(|(key, _)| key.clone()).collect();
        let found = beside(true, vec![rows]).unwrap_or_else(|error| panic!("{said}: {error}"));
        assert_eq!((found.prefix.as_str(), classifier(&found).classes), ("net.", 5));
        let sentence = format!("the network is `net.`; beside it left aside: {said}");
        assert!(found.assumptions.contains(&sentence), "{:?}", found.assumptions);
        let mut left: Vec<String> = found.left_aside().into_iter().map(str::to_owned).collect();
        left.sort_by_key(|key| keys.iter().position(|k| k == key));
        assert_eq!(left, keys);
        let is_normalised = found.assumptions.iter().any(|said| said.contains("option `preprocess` says how"));
        assert_eq!(is_normalised, said == "mean");
    }
}

#[test]
fn the_classifier_beside_its_network_is_read() {
    let plain = beside(false, vec![linear("head", 2048, 7)]).unwrap();
    assert_eq!((classifier(&plain).classes, classifier(&plain).layers.len()), (7, 0));
    assert!(plain.assumptions.iter().any(|said| said.contains("head beside it is taken as its classifier")));
    assert!(plain.left_aside().is_empty());
    let deep = beside(false, vec![linear("classifier.0", 2048, 64), linear("classifier.3", 64, 7)]).unwrap();
    assert_eq!(classifier(&deep).layers, [hidden(64), RELU]);
    let several = beside(false, vec![linear("fc1", 2048, 64), norm("bn", 64), linear("fc2", 64, 7)]).unwrap();
    assert_eq!(classifier(&several).layers, [hidden(64), NORM, RELU]);
    let own = convert(&several, None, &Metadata::default()).unwrap();
    let own = Checkpoint::open(vec![SourceFile { name: "own".into(), bytes: own.into() }], None).unwrap();
    assert_eq!((&own.options, &own.assumptions), (&several.options, &several.assumptions));
}

#[test]
fn what_may_take_part_in_the_answer_is_refused_by_name() {
    let weight = |key: &str, shape: &[usize]| vec![(key.to_owned(), shape.to_vec())];
    for (has_head, rows, part) in [
        (true, vec![linear("head", 2048, 3)], "head"),
        (true, vec![linear("head.1", 5, 3)], "head"),
        (true, vec![weight("arc.weight", &[9, 5])], "arc"),
        (true, vec![weight("class_bias", &[5])], "class_bias"),
        (true, vec![weight("model_pool.p", &[1])], "model_pool"),
        (false, vec![linear("fc", 2048, 5), weight("gem.p", &[1])], "gem"),
        (true, vec![weight("adapt.weight", &[3, 1, 1, 1])], "adapt"),
        (true, vec![norm("input", 3)], "input"),
        (true, vec![norm("bn", 2048)], "bn"),
        (true, vec![weight("attention.weight", &[1, 2048, 1, 1])], "attention"),
        (false, vec![linear("age", 2048, 2), linear("sex", 2048, 2)], "age and sex"),
        (false, vec![linear("att.0", 2048, 16), linear("att.2", 16, 2048), linear("fc", 2048, 5)], "att and fc"),
        (false, vec![linear("fc", 4096, 5)], "fc"),
        (false, vec![weight("arc.weight", &[9, 2048])], "arc"),
    ] {
        match beside(has_head, rows).err() {
            Some(CheckpointError::Beside { network, part: found, .. }) => {
                assert_eq!((&*network, &*found), ("net.", part))
            }
            other => panic!("{part}: {other:?}"),
        }
    }
}

#[test]
fn of_two_networks_none_is_taken() {
    let two = |a: &str, b: &str| {
        let of = |prefix: &str| -> Rows {
            let rows = [body(false), linear("fc", 2048, 5)].concat();
            rows.into_iter().map(|(key, shape)| (format!("{prefix}{key}"), shape)).collect()
        };
        open(&[of(a), of(b)].concat()).err().expect("two networks").to_string()
    };
    assert!(two("student.", "teacher.").contains("student. and teacher."));
    assert!(two("net.", "net_ema.module.").contains("net. and net_ema.module."));
}

#[test]
fn torchvisions_names_say_nothing_of_the_input_in_safetensors_either() {
    let rows = [body(false), linear("fc", 2048, 5)].concat();
    let is_said = |said: &[String]| said.iter().any(|said| said.contains("transform_input"));
    assert!(is_said(&open(&rows).unwrap().assumptions));
    let preprocess = Some(json!({ "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225] }));
    let loader = Loader::new(file(&rows), LoadOptions { preprocess, threads: 1, ..LoadOptions::default() }).unwrap();
    assert!(!is_said(&loader.finish().unwrap().info().assumptions), "the option says it");
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
