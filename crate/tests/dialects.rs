//! Recognition of every naming dialect from keys and shapes, and what happens when a file does not fit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;

use common::sources::{SOURCES, Source};
use common::{golden, keys, zeros};
use inception::checkpoints::{Checkpoint, CheckpointError, Labels, Param, SourceFile};
use inception::networks::{Head, OutputActivation};

type Rows = Vec<(String, Vec<usize>)>;

fn open(bytes: Vec<u8>) -> Result<Checkpoint, CheckpointError> {
    open_as(bytes, None)
}

fn open_as(bytes: Vec<u8>, network: Option<&str>) -> Result<Checkpoint, CheckpointError> {
    Checkpoint::open(vec![SourceFile { name: "model.safetensors".into(), bytes: bytes.into() }], network)
}

fn error(rows: &Rows) -> CheckpointError {
    open(zeros(rows, &[])).err().expect("a file that does not fit")
}

/// The tensors of a source that inference uses.
fn rows(source: &str) -> Rows {
    keys(source).into_iter().filter(|k| k.kind != "ignore").map(|k| (k.name, k.shape)).collect()
}

/// The same tensors under our own names, taken from the graph.
fn own_rows(checkpoint: &Checkpoint) -> Rows {
    let graph = &checkpoint.graph;
    let layers = graph.layers().iter().filter(|l| !l.inputs.is_empty() && l.shares.is_none());
    let params = layers.flat_map(|layer| {
        graph.tensors(layer).list().into_iter().map(|(param, shape)| (format!("{}/{param}", layer.name), shape))
    });
    params.collect()
}

fn network(source: &str) -> &'static str {
    SOURCES.iter().find(|s| s.name == source).unwrap().network
}

/// One per key list; the others of a pair differ in the number of classes only.
fn distinct_sources() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|s| s.name).filter(|s| !s.ends_with("_c1000"))
}

/// The layer part of a key.
fn owner(key: &str) -> &str {
    key.rsplit_once(['.', '/']).map_or(key, |(owner, _)| owner)
}

#[test]
fn every_source_is_recognised() {
    for Source { name: source, network, .. } in SOURCES {
        let all: Rows = keys(source).into_iter().map(|k| (k.name, k.shape)).collect();
        let checkpoint = open(zeros(&all, &[])).unwrap_or_else(|e| panic!("{source}: {e}"));
        let golden = golden(source);
        assert_eq!(checkpoint.network.id, network, "{source}");
        assert_eq!(checkpoint.graph.params(), golden["params"].as_u64().unwrap(), "{source}");
        assert_eq!(checkpoint.options.head.classes(), golden["classes"].as_u64().map(|n| n as usize), "{source}");
        let wanted: Vec<&str> = if source == "timm_inception_v3" { vec!["AuxLogits"] } else { vec![] };
        assert_eq!(checkpoint.absent, wanted, "{source}");
        assert_eq!(checkpoint.class_offset, usize::from(source == "seed_inception_v3_slim"), "{source}");
        assert!(checkpoint.auxiliary_trained);
        checkpoint.preprocess.validate().unwrap();
        let [_, height, width] = checkpoint.graph.input().chw();
        assert_eq!([height, width], [checkpoint.preprocess.height as usize, checkpoint.preprocess.width as usize]);
    }
}

#[test]
fn every_weight_is_the_tensor_of_its_layer() {
    for source in ["torchvision_inception_v3", "seed_inception_v3_slim"] {
        let checkpoint = open(common::generate(source)).unwrap();
        let keys = keys(source);
        let generated = |name: &str| common::tensor(keys.iter().find(|k| k.name == name).unwrap());
        let slim = source == "seed_inception_v3_slim";
        let stem = checkpoint.read("Conv2d_2b_3x3", Param::Weights).unwrap();
        let logits = checkpoint.read("Logits", Param::Weights).unwrap();
        if slim {
            let hwio = generated("InceptionV3/Conv2d_2b_3x3/weights");
            let at = |o: usize, i: usize, y: usize, x: usize| hwio[((y * 3 + x) * 32 + i) * 64 + o];
            assert_eq!(stem[((5 * 32 + 7) * 3 + 1) * 3 + 2], at(5, 7, 1, 2));
            let io = generated("InceptionV3/Logits/Conv2d_1c_1x1/weights");
            assert_eq!(logits[3 * 2048 + 11], io[11 * 1001 + 3]);
            let beta = generated("InceptionV3/Mixed_7b/Branch_1/Conv2d_0b_3x1/BatchNorm/beta");
            assert_eq!(checkpoint.read("Mixed_7b/Branch_1/Conv2d_0c_3x1", Param::Beta).unwrap(), beta);
        } else {
            assert_eq!(stem, generated("Conv2d_2b_3x3.conv.weight"));
            assert_eq!(logits, generated("fc.weight"));
            let variance = generated("Mixed_7b.branch3x3_2b.bn.running_var");
            assert_eq!(checkpoint.read("Mixed_7b/Branch_1/Conv2d_0c_3x1", Param::Variance).unwrap(), variance);
        }
        let missing = checkpoint.read("Logits", Param::Gamma);
        assert_eq!(missing, Err(CheckpointError::NoParam { layer: "Logits".into(), param: Param::Gamma }));
    }
}

#[test]
fn our_own_names_are_recognised_for_every_network() {
    for source in distinct_sources() {
        let theirs = open(zeros(&rows(source), &[])).unwrap();
        let own = own_rows(&theirs);
        assert_eq!(own.len(), rows(source).len(), "{source}");
        let ours = open(zeros(&own, &[("network", theirs.network.id)])).unwrap_or_else(|e| panic!("{source}: {e}"));
        assert_eq!(ours.network.id, theirs.network.id);
        assert_eq!(ours.options, theirs.options, "{source}");
        assert_eq!(ours.absent, theirs.absent);
        let unnamed = open(zeros(&own, &[]));
        match unnamed {
            Ok(found) => assert_eq!(found.network.id, theirs.network.id),
            Err(CheckpointError::Ambiguous { networks }) => {
                assert!(networks.contains(&theirs.network.id) && networks.len() > 1, "{networks:?}");
                assert!(networks.iter().all(|id| id.starts_with("inception-v3")), "{networks:?}");
            }
            Err(e) => panic!("{source}: {e}"),
        }
        assert_eq!(open_as(zeros(&own, &[]), Some(theirs.network.id)).unwrap().network.id, theirs.network.id);
    }
}

#[test]
fn a_missing_tensor_is_named() {
    for source in distinct_sources() {
        let rows = rows(source);
        for (i, (key, shape)) in rows.iter().enumerate() {
            let mut rest = rows.clone();
            rest.remove(i);
            // A classifier may be without a bias: it is read so, and that is said.
            if ["fc.bias", "last_linear.bias", "classif.bias"].contains(&key.as_str()) {
                let said = open(zeros(&rest, &[])).unwrap().assumptions;
                assert!(said.iter().any(|said| said.contains("no bias")), "{source}: {said:?}");
                continue;
            }
            match error(&rest) {
                CheckpointError::Missing { key: named, wanted, layer } => {
                    assert_eq!(&named, key, "{source}: {layer}");
                    let count = |shape: &[usize]| shape.iter().product::<usize>();
                    assert_eq!(count(&wanted), count(shape), "{source}: {key} {wanted:?}");
                }
                other => panic!("{source} without {key}: {other}"),
            }
        }
    }
}

#[test]
fn a_misshapen_tensor_is_named() {
    for source in distinct_sources() {
        let rows = rows(source);
        for (i, (key, _)) in rows.iter().enumerate().step_by(5) {
            let mut changed = rows.clone();
            *changed[i].1.last_mut().unwrap() += 1;
            match error(&changed) {
                CheckpointError::Misshapen { key: named, wanted, found, .. } => {
                    assert_eq!(owner(&named), owner(key), "{source}");
                    assert_ne!(wanted, found);
                }
                other => panic!("{source} with another shape of {key}: {other}"),
            }
        }
    }
}

#[test]
fn an_extra_tensor_is_named() {
    for source in distinct_sources() {
        for extra in ["Mixed_9z.weight", "aaa", "zzz"] {
            let mut more = rows(source);
            more.push((extra.into(), vec![3, 2]));
            match error(&more) {
                CheckpointError::Unexpected { key, found, network: id, .. } => {
                    assert_eq!((key.as_str(), found.as_slice(), id), (extra, &[3, 2][..], network(source)));
                }
                other => panic!("{source} with {extra}: {other}"),
            }
        }
    }
}

#[test]
fn a_whole_head_may_be_absent() {
    let cases: [(&str, &[&str], &[&str]); 9] = [
        ("torchvision_googlenet", &["aux1."], &["AuxLogits_1"]),
        ("torchvision_googlenet", &["aux1.", "aux2."], &["AuxLogits_1", "AuxLogits_2"]),
        ("torchvision_googlenet", &["aux1.", "aux2.", "fc."], &["AuxLogits_1", "AuxLogits_2", "Logits"]),
        ("paper_googlenet", &["loss2/"], &["AuxLogits_2"]),
        ("torchvision_inception_v3", &["AuxLogits."], &["AuxLogits"]),
        ("timm_inception_resnet_v2", &["classif."], &["Logits"]),
        ("facenet_inception_resnet_v1", &["logits."], &["Logits"]),
        ("seed_inception_v1_c2", &["fc."], &["Logits"]),
        ("seed_inception_v3_slim", &["InceptionV3/AuxLogits/", "InceptionV3/Logits/"], &["AuxLogits", "Logits"]),
    ];
    for (source, prefixes, absent) in cases {
        let mut rest = rows(source);
        rest.retain(|(key, _)| !prefixes.iter().any(|p| key.starts_with(p)));
        let checkpoint = open(zeros(&rest, &[])).unwrap_or_else(|e| panic!("{source} {prefixes:?}: {e}"));
        assert_eq!(checkpoint.network.id, network(source));
        assert_eq!(checkpoint.absent, absent, "{source}");
        assert_eq!(checkpoint.graph.logits().is_none(), absent.contains(&"Logits"));
    }
    let mut rest = rows("facenet_inception_resnet_v1");
    rest.retain(|(key, _)| !key.starts_with("last_") && !key.starts_with("logits."));
    assert_eq!(open(zeros(&rest, &[])).unwrap().options.head, Head::None);
}

#[test]
fn a_whole_missing_hidden_layer_is_a_partial_head() {
    let mut rest = rows("seed_inception_v1_c2");
    rest.retain(|(key, _)| !key.starts_with("fc.1."));
    assert!(matches!(error(&rest), CheckpointError::Missing { layer, .. } if layer == "FC_1b"));
    let mut rest = rows("facenet_inception_resnet_v1");
    rest.retain(|(key, _)| !key.starts_with("last_bn."));
    assert!(matches!(error(&rest), CheckpointError::Missing { layer, .. } if layer == "Bottleneck/BatchNorm"));
}

#[test]
fn the_number_of_classes_follows_the_file() {
    let mut changed = rows("torchvision_inception_v3");
    for (key, shape) in &mut changed {
        if key.starts_with("fc.") || key.starts_with("AuxLogits.fc.") {
            shape[0] = 7;
        }
    }
    assert_eq!(open(zeros(&changed, &[])).unwrap().options.head, Head::classifier(7));
}

#[test]
fn pretrainedmodels_and_timm_differ_in_the_classifier_only() {
    let mut renamed = rows("timm_inception_resnet_v2");
    for (key, _) in &mut renamed {
        *key = key.replace("classif.", "last_linear.");
    }
    assert_eq!(open(zeros(&renamed, &[])).unwrap().network.id, "inception-resnet-v2");
    renamed.retain(|(key, _)| key != "last_linear.weight");
    assert!(matches!(error(&renamed), CheckpointError::Missing { key, .. } if key == "last_linear.weight"));
}

#[test]
fn a_name_chooses_between_networks_with_the_same_keys() {
    let file = || zeros(&rows("timm_inception_v3"), &[]);
    assert_eq!(open_as(file(), Some("inception-v3-slim")).unwrap().network.id, "inception-v3-slim");
    let wrong = open_as(file(), Some("googlenet")).err().unwrap();
    assert!(matches!(wrong, CheckpointError::WrongNetwork { network, .. } if network == "googlenet"));
    let unknown = open_as(file(), Some("vgg")).err().unwrap();
    assert_eq!(unknown, CheckpointError::UnknownNetwork { id: "vgg".into() });
}

#[test]
fn foreign_keys_are_quoted() {
    match error(&vec![("layer1.0.conv1.weight".into(), vec![64, 64, 3, 3])]) {
        CheckpointError::Unrecognised { keys, known } => {
            assert_eq!(keys, ["layer1.0.conv1.weight"]);
            assert!(known.len() > 10);
        }
        other => panic!("{other}"),
    }
}

#[test]
fn metadata_of_our_own_files_is_read() {
    let rows = own_rows(&open(zeros(&rows("seed_inception_v1_c2"), &[])).unwrap());
    let file = |fields: &[(&str, &str)]| {
        let fields: Vec<_> = [("network", "inception-v1-bn")].iter().chain(fields).copied().collect();
        open(zeros(&rows, &fields))
    };
    let fields = [
        ("title", "Two"),
        ("labels", r#"["no","yes"]"#),
        ("preprocess", r#"{"resize":"stretch","filter":"bicubic"}"#),
        ("source", "here"),
        ("license", "MIT"),
        ("auxiliary", "untrained"),
    ];
    let checkpoint = file(&fields).unwrap();
    assert_eq!(checkpoint.title.as_deref(), Some("Two"));
    assert_eq!(checkpoint.labels, Some(Labels::List(vec!["no".into(), "yes".into()])));
    assert_eq!(serde_json::json!(checkpoint.preprocess)["filter"], "bicubic");
    assert_eq!((checkpoint.source.as_deref(), checkpoint.license.as_deref()), (Some("here"), Some("MIT")));
    assert!(!checkpoint.auxiliary_trained);
    assert_eq!(file(&[("labels", "imagenet-1k")]).unwrap().labels, Some(Labels::Named("imagenet-1k".into())));
    for (field, text) in [
        ("labels", r#"["one"]"#),
        ("labels", "[1, 2]"),
        ("labels", "[\"a\", "),
        ("preprocess", "{"),
        ("preprocess", r#"{"colour":"rgb"}"#),
        ("network", "vgg"),
    ] {
        match file(&[(field, text)]) {
            Err(CheckpointError::Metadata { field: named, .. }) => assert_eq!(named, field),
            other => panic!("{field} {text}: {:?}", other.err()),
        }
    }
}

#[test]
fn published_files_are_recognised() {
    let Some(folder) = common::verify() else {
        println!("SKIPPED published_files_are_recognised: no verification data beside the repository");
        return;
    };
    for (name, network, absent) in [
        ("bvlc_googlenet.safetensors", "googlenet", vec!["AuxLogits_1", "AuxLogits_2"]),
        ("inception_v3_2015_12_05_features.f16.safetensors", "inception-v3-2015", vec!["Logits"]),
        ("facenet_inception_resnet_v1.f16.safetensors", "inception-resnet-v1", vec!["Logits"]),
    ] {
        let checkpoint = open(fs::read(folder.join("weights").join(name)).unwrap()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(checkpoint.network.id, network);
        assert_eq!(checkpoint.absent, absent);
        for (layer, param) in own_rows(&checkpoint).iter().map(|(key, _)| key.rsplit_once('/').unwrap()) {
            let param = Param::ALL.into_iter().find(|p| p.name() == param).unwrap();
            checkpoint.read(layer, param).unwrap();
        }
    }
}

/// The tensors of a source with other sizes of its classifier, and without its auxiliary head.
fn with_classes(source: &str, classifier: &str, classes: usize) -> Rows {
    let mut rows: Rows = rows(source).into_iter().filter(|(name, _)| !name.starts_with("AuxLogits")).collect();
    for (name, shape) in &mut rows {
        if owner(name) == classifier {
            shape[0] = classes;
        }
    }
    rows
}

#[test]
fn the_weights_of_2015_want_their_pools_and_pictures_under_any_names() {
    let file = || zeros(&with_classes("torchvision_inception_v3", "fc", 1008), &[]);
    let checkpoint = open(file()).unwrap();
    assert_eq!(checkpoint.network.id, "inception-v3-2015");
    assert_eq!([checkpoint.preprocess.mean, checkpoint.preprocess.std], [[128.0; 3]; 2]);
    assert!(checkpoint.assumptions[0].contains("1008 classes"), "{:?}", checkpoint.assumptions);
    for network in ["inception-v3", "inception-v3-slim", "inception-v3-2015"] {
        let said = open_as(file(), Some(network)).unwrap().assumptions;
        assert!(!said.iter().any(|said| said.contains("1008 classes")), "{said:?}");
        assert_eq!(open_as(file(), Some(network)).unwrap().network.id, network, "who names a network is heard");
    }
    let usual = open(zeros(&with_classes("torchvision_inception_v3", "fc", 1000), &[])).unwrap();
    assert_eq!(usual.network.id, "inception-v3");
    assert_eq!(usual.preprocess.mean, [0.5; 3]);
}

#[test]
fn one_class_more_than_imagenet_is_the_background_in_every_dialect() {
    for (source, classifier) in [
        ("timm_inception_v4", "last_linear"),
        ("timm_inception_resnet_v2", "classif"),
        ("torchvision_inception_v3", "fc"),
        ("torchvision_googlenet", "fc"),
    ] {
        let rows: Rows = with_classes(source, classifier, 1001);
        let rows: Rows = rows.into_iter().filter(|(name, _)| !name.starts_with("aux")).collect();
        let checkpoint = open(zeros(&rows, &[])).unwrap();
        assert_eq!(checkpoint.class_offset, 1, "{source}");
        let own: Vec<String> = (0..1001).map(|i| format!("class {i}")).collect();
        let labelled = zeros(
            &own_rows(&checkpoint),
            &[("network", checkpoint.network.id), ("labels", &serde_json::to_string(&own).unwrap())],
        );
        assert_eq!(open(labelled).unwrap().labels, Some(Labels::List(own)), "a file may name all of its classes");
    }
}

#[test]
fn one_output_answers_two_classes_and_says_that_this_is_assumed() {
    let file = || zeros(&with_classes("torchvision_inception_v3", "fc", 1), &[]);
    let mut checkpoint = open(file()).unwrap();
    assert_eq!(checkpoint.options.activation, OutputActivation::Sigmoid);
    assert_eq!(checkpoint.options.classes(), Some(2));
    let is_said = |checkpoint: &Checkpoint| {
        checkpoint.assumptions.iter().filter(|said| said.contains("option `activation`")).count()
    };
    assert_eq!(is_said(&checkpoint), 1, "{:?}", checkpoint.assumptions);
    checkpoint.set_activation(OutputActivation::None).unwrap();
    assert_eq!((checkpoint.options.classes(), is_said(&checkpoint)), (Some(1), 0));
    assert_eq!(checkpoint.graph.predictions(), checkpoint.graph.logits());

    let own = |activation: &str| {
        open(zeros(&own_rows(&open(file()).unwrap()), &[("network", "inception-v3"), ("activation", activation)]))
    };
    for (name, activation, classes) in [
        ("sigmoid", OutputActivation::Sigmoid, 2),
        ("none", OutputActivation::None, 1),
        ("softmax", OutputActivation::Softmax, 1),
    ] {
        let checkpoint = own(name).unwrap();
        assert_eq!((checkpoint.options.activation, checkpoint.options.classes()), (activation, Some(classes)));
        assert!(checkpoint.assumptions.is_empty(), "the file says it");
    }
    let message = own("tanh").err().unwrap().to_string();
    assert!(message.contains("tanh is none of softmax, sigmoid and none"), "{message}");
}
