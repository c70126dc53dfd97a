//! State dicts after people changed the network or deployed it: heads of other names, folded norms, tensors of classes of their own;
//! and what hubs publish beside them.

use crate::common::{Key, keys, zeros};
use crate::torch::{Pickle, archive, open, ordered, part};
use inception::checkpoints::{Checkpoint, CheckpointError, Labels, SourceFile};
use inception::networks::{Classifier, Head, OutputActivation};

type Row = (String, Vec<usize>);

/// The tensors of a source whose keys pass.
fn rows(source: &str, is_taken: impl Fn(&str) -> bool) -> Vec<Row> {
    let of = |key: Key| (key.kind != "ignore" && is_taken(&key.name)).then_some((key.name, key.shape));
    keys(source).into_iter().filter_map(of).collect()
}

fn opened(rows: &[Row]) -> Result<Checkpoint, CheckpointError> {
    Checkpoint::open(vec![SourceFile { name: "w.safetensors".into(), bytes: zeros(rows, &[]).into() }], None)
}

fn linear(name: &str, outputs: usize, inputs: usize) -> [Row; 2] {
    [(format!("{name}.weight"), vec![outputs, inputs]), (format!("{name}.bias"), vec![outputs])]
}

/// Networks whose head is another attribute: what a class of one's own, which derives from the network or copies it, saves.
#[test]
fn a_head_of_another_name_beside_the_layers_is_the_classifier() {
    for (source, own, features) in [
        ("torchvision_googlenet", "fc.", 1024),
        ("torchvision_inception_v3", "fc.", 2048),
        ("timm_inception_v4", "last_linear.", 1536),
        ("timm_inception_resnet_v2", "classif.", 1536),
    ] {
        for name in ["classifier.1", "head.fc", "my_head", "cls.0.1"] {
            for auxiliary in [true, false] {
                let is_auxiliary = |key: &str| key.starts_with("aux") || key.starts_with("AuxLogits");
                let mut all = rows(source, |key| !key.starts_with(own) && (auxiliary || !is_auxiliary(key)));
                all.extend(linear(name, 7, features));
                let found = opened(&all).unwrap_or_else(|error| panic!("{source} with {name}: {error}"));
                assert_eq!(found.options.head.classes(), Some(7), "{source} with {name}");
                assert_eq!(found.left_aside(), [""; 0], "{source} with {name}");
                let group = name.split('.').next().unwrap();
                let said = format!("{group} is taken as its classifier");
                assert!(found.assumptions.contains(&said), "{source} with {name}: {:?}", found.assumptions);
            }
        }
        // Hidden layers too.
        let mut all = rows(source, |key| !key.starts_with(own));
        all.extend(linear("fc1", 32, features).into_iter().chain(linear("fc2", 3, 32)));
        let found = opened(&all).unwrap();
        assert_eq!(found.options.head, Head::Classifier(Classifier::with_hidden(3, &[32])), "{source}");
    }
}

#[test]
fn what_is_beside_the_layers_and_no_classifier_is_refused() {
    for (rows_beside, odd) in [
        // Gates would take part in the answer.
        (linear("gate.fc1", 16, 192).to_vec(), "layers there is gate, "),
        // A classifier that does not read what the network gives.
        (linear("head", 7, 1000).to_vec(), "head"),
        // Two of them.
        (linear("head_a", 7, 1024).into_iter().chain(linear("head_b", 5, 1024)).collect(), "head_"),
        // One, and something that is none.
        (linear("head", 7, 1024).into_iter().chain([("scale.alpha".to_owned(), vec![1])]).collect(), "head"),
    ] {
        let mut all = rows("torchvision_googlenet", |key| !key.starts_with("fc."));
        all.extend(rows_beside);
        let error = opened(&all).err().unwrap_or_else(|| panic!("{odd}: it was taken"));
        assert!(error.to_string().contains(odd), "{odd}: {error}");
    }
    // The network's own classifier is there, and another one.
    let mut all = rows("torchvision_googlenet", |_| true);
    all.extend(linear("head", 7, 1024));
    assert!(matches!(opened(&all), Err(CheckpointError::Unexpected { key, .. }) if key.starts_with("head.")));
}

/// The keys after `torch.ao.quantization.fuse_modules`: a bias in place of the norm.
fn folded(source: &str) -> Vec<Row> {
    let mut all = vec![];
    for (key, shape) in rows(source, |key| !key.contains(".bn.")) {
        if let Some(conv) = key.strip_suffix(".conv.weight") {
            all.push((format!("{conv}.conv.bias"), shape[..1].to_vec()));
        }
        all.push((key, shape));
    }
    all
}

#[test]
fn batch_norm_may_be_folded_into_the_convolutions() {
    for source in ["torchvision_googlenet", "torchvision_inception_v3", "timm_inception_v4", "timm_inception_resnet_v2"]
    {
        let all = folded(source);
        let found = opened(&all).unwrap_or_else(|error| panic!("{source}: {error}"));
        assert!(found.options.conv.bias && found.options.conv.norm.is_none(), "{source}");
        // One bias less is a damaged file, not another form.
        let lost = all.iter().position(|(key, _)| key.ends_with(".conv.bias")).unwrap();
        let less: Vec<Row> = all.iter().enumerate().filter(|(at, _)| *at != lost).map(|(_, row)| row.clone()).collect();
        assert!(opened(&less).is_err(), "{source}");
    }
}

#[test]
fn one_thousand_and_eight_classes_beside_an_auxiliary_head_are_ones_own() {
    let all = |auxiliary: bool| {
        let mut all = rows("torchvision_inception_v3", |key| {
            !key.starts_with("fc.") && (auxiliary || !key.starts_with("AuxLogits"))
        });
        all.extend(linear("fc", 1008, 2048));
        opened(&all).unwrap().network.id
    };
    assert_eq!((all(true), all(false)), ("inception-v3", "inception-v3-2015"));
}

/// Tensors as subclasses and newer parameters are saved.
#[test]
fn tensors_of_other_classes_are_tensors() {
    let mut storages = vec![];
    let mut items = part();
    for (at, (name, shape)) in rows("torchvision_googlenet", |_| true).into_iter().enumerate() {
        let length = shape.iter().product();
        storages.push(vec![0; 4 * length]);
        let key = at.to_string();
        let plain = part().tensor("FloatStorage", &key, length, &shape);
        // The name and the arguments of what makes it, without the call.
        let name_length = b"ctorch._utils\n_rebuild_tensor_v2\n".len();
        let (function, call) = plain.0.split_at(name_length);
        let arguments = call.strip_suffix(b"R").unwrap();
        items = items.text(&name);
        items = match at % 3 {
            0 => items.raw(&plain.0),
            1 => items
                .name("torch._tensor", "_rebuild_from_type_v2")
                .raw(b"(")
                .raw(function)
                .name("fastai.torch_core", "TensorImage")
                .raw(arguments)
                .raw(b"}tR"),
            _ => items.name("torch._utils", "_rebuild_parameter_with_state").raw(b"(").raw(&plain.0).raw(b"\x88}}tR"),
        };
    }
    let found = open(archive(Pickle::new().raw(&ordered(items).0).raw(b".").0, storages, false)).unwrap();
    assert_eq!(found.network.id, "googlenet-torchvision");
}

/// A hub's folder: weights, and timm's `config.json`.
fn of_hub(config: &str) -> Result<Checkpoint, CheckpointError> {
    let all = rows("torchvision_inception_v3", |key| !key.starts_with("fc.") && !key.starts_with("AuxLogits"));
    let all: Vec<Row> = all.into_iter().chain(linear("fc", 3, 2048)).collect();
    let file = |name: &str, bytes: Vec<u8>| SourceFile { name: name.into(), bytes: bytes.into() };
    Checkpoint::open(vec![file("config.json", config.into()), file("model.safetensors", zeros(&all, &[]))], None)
}

#[test]
fn what_timm_writes_beside_the_weights_is_read() {
    let config = r#"{ "architecture": "inception_v3", "num_classes": 3, "global_pool": "avg", "label_names": ["a", "b", "c"],
        "pretrained_cfg": { "input_size": [3, 299, 299], "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
        "interpolation": "bilinear", "crop_pct": 0.95, "crop_mode": "center" } }"#;
    let found = of_hub(config).unwrap();
    let how = &found.preprocess;
    // floor(299 / 0.95)
    assert_eq!((how.width, how.height, how.resize_to), (299, 299, 314));
    assert_eq!((how.mean, how.std, how.scale), ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225], 1.0 / 255.0));
    assert_eq!(serde_json::json!(how.filter), "bilinear");
    assert_eq!(found.labels, Some(Labels::List(["a", "b", "c"].map(str::to_owned).to_vec())));
    assert_eq!(found.assumptions, [""; 0]);
    assert_eq!(found.options.activation, OutputActivation::Softmax);

    let squash = of_hub(&config.replace("\"center\"", "\"squash\"").replace("bilinear", "bicubic")).unwrap().preprocess;
    assert_eq!(serde_json::json!([squash.resize, squash.filter]), serde_json::json!(["stretch", "bicubic"]));
    for (from, to, word) in [
        ("\"avg\"", "\"max\"", "global_pool"),
        ("bilinear", "lanczos", "interpolation"),
        ("\"center\"", "\"border\"", "crop_mode"),
        ("0.95", "1.5", "crop_pct"),
        ("[3, 299, 299]", "299", "input_size"),
        ("[0.229, 0.224, 0.225]", "[1, 2]", "std"),
        ("\"c\"]", "\"c\", \"d\"]", "4 names for 3 classes"),
        ("{", "", "not valid"),
    ] {
        let error = of_hub(&config.replacen(from, to, 1)).err().unwrap_or_else(|| panic!("{to}: it was taken"));
        assert!(error.to_string().contains(word), "{to}: {error}");
    }
    // Others write such a file too.
    let other = of_hub(r#"{ "architectures": ["MyModel"], "hidden_size": 3 }"#).unwrap();
    assert!(other.assumptions.iter().any(|said| said == "config.json left aside: it is not timm's"));
}

#[test]
fn slims_first_networks_are_refused_by_what_sets_them_apart() {
    for (key, shape, found, network) in [
        ("InceptionV1/Mixed_3b/Branch_2/Conv2d_0b_3x3/weights", vec![3, 3, 16, 32], "a 3x3 convolution", "GoogLeNet"),
        (
            "InceptionV2/Conv2d_1a_7x7/depthwise_weights",
            vec![7, 7, 3, 8],
            "a separable 7x7 convolution",
            "BN-Inception",
        ),
    ] {
        let error = opened(&[(key.into(), shape)]).err().unwrap().to_string();
        assert!(error.contains(found) && error.contains(network), "{error}");
    }
}

#[test]
fn files_of_other_kinds_are_named_by_their_endings() {
    for (name, bytes, word) in [
        ("w.npz", &b"PK\x03\x04\x14\0"[..], "safetensors.numpy.save_file"),
        ("flax_model.msgpack", b"\x81\xa6params\x80", "Flax"),
        ("Inceptionv3.mlmodel", b"\x08\x01\x12\x10\x0a\x02", "Core ML"),
        ("net.params", b"\x12\x01\0\0\0\0\0\0", "MXNet"),
    ] {
        let file = SourceFile { name: name.into(), bytes: bytes.to_vec().into() };
        let error = Checkpoint::open(vec![file], None).err().unwrap().to_string();
        assert!(error.starts_with(name) && error.contains(word), "{error}");
    }
}
