//! TF-slim's checkpoints as it publishes them: its variable names, its axes, no scale in batch norm, the background as class 0, the
//! auxiliary head beside. The values are those of timm's conversions of the same checkpoints, so timm's answers are theirs.

use std::collections::BTreeMap;

use crate::common::{golden, input, keys, safetensors_of, tensor};
use inception::checkpoints::{Checkpoint, CheckpointError, Metadata, SourceFile, convert};
use inception::{LoadOptions, Loader};
use serde_json::Value;

/// Values by name, and their shape.
type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

/// Scopes, and the shapes of their weights.
type Scopes = &'static [(&'static str, &'static [usize])];

/// Auxiliary head of TF-slim's `inception_v4.py` and `inception_resnet_v2.py`: scope, and shapes of weights.
const AUXILIARY: [(&str, Scopes); 2] = [
    ("InceptionV4", &[("Conv2d_1b_1x1", &[1, 1, 1024, 8]), ("Conv2d_2a", &[5, 5, 8, 6]), ("Aux_logits", &[6, 1001])]),
    (
        "InceptionResnetV2",
        &[("Conv2d_1b_1x1", &[1, 1, 1088, 8]), ("Conv2d_2a_5x5", &[5, 5, 8, 6]), ("Logits", &[6, 1001])],
    ),
];

/// A kernel as TensorFlow has it: height, width, inputs, outputs.
fn outputs_last(shape: &[usize], values: &[f32]) -> (Vec<usize>, Vec<f32>) {
    let [outputs, inputs] = [shape[0], shape[1]];
    let positions: usize = shape[2..].iter().product();
    let at = |p: usize, i: usize, o: usize| values[(o * inputs + i) * positions + p];
    let order = (0..positions).flat_map(|p| (0..inputs).flat_map(move |i| (0..outputs).map(move |o| (p, i, o))));
    let values = order.map(|(p, i, o)| at(p, i, o)).collect();
    ([&shape[2..], &[inputs, outputs]].concat(), values)
}

/// The generated weights of timm's network as TF-slim would have saved them. The names of the end points are those of its scopes.
fn published(source: &str, scope: &str) -> Tensors {
    let golden = golden(source);
    let names: BTreeMap<&str, &str> = golden["endpoints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["path"].as_str().unwrap(), e["name"].as_str().unwrap()))
        .collect();
    let keys = keys(source);
    let values: BTreeMap<&str, Vec<f32>> =
        keys.iter().filter(|key| key.kind != "ignore").map(|key| (key.name.as_str(), tensor(key))).collect();
    let mut tensors = Tensors::new();
    for key in keys.iter().filter(|key| key.kind != "ignore") {
        let (module, param) = key.name.rsplit_once('.').unwrap();
        let unit = module.strip_suffix(".conv").or(module.strip_suffix(".bn")).unwrap_or(module);
        let name = match names[unit] {
            "Logits" => "Logits/Logits",
            name => name,
        };
        let (mut shape, mut data) = (key.shape.clone(), values[key.name.as_str()].clone());
        // A scale of one: what it was goes into the weights and the mean.
        if let Some(gamma) = values.get(format!("{unit}.bn.weight").as_str()) {
            let each = data.len() / gamma.len();
            if key.kind == "conv_weight" || key.kind == "bn_mean" {
                data.iter_mut().enumerate().for_each(|(i, v)| *v *= gamma[i / each]);
            }
        }
        if name == "Logits/Logits" {
            let of_background = data.len() / shape[0];
            data = [vec![0.25; of_background], data].concat();
            shape[0] += 1;
        }
        let variable = match (key.kind.as_str(), param) {
            ("bn_weight", _) => continue,
            ("conv_weight" | "linear_weight", _) => {
                (shape, data) = outputs_last(&shape, &data);
                "weights"
            }
            ("bias", _) => "biases",
            ("bn_bias", _) => "BatchNorm/beta",
            ("bn_mean", _) => "BatchNorm/moving_mean",
            ("bn_var", _) => "BatchNorm/moving_variance",
            other => panic!("{other:?}"),
        };
        assert!(tensors.insert(format!("{scope}/{name}/{variable}"), (shape, data)).is_none(), "{name}/{variable}");
    }
    let (_, layers) = AUXILIARY.into_iter().find(|(of, _)| *of == scope).unwrap();
    for (layer, shape) in layers {
        let mut put = |variable: &str, shape: &[usize]| {
            let values = vec![0.5; shape.iter().product()];
            tensors.insert(format!("{scope}/AuxLogits/{layer}/{variable}"), (shape.to_vec(), values));
        };
        let outputs = &shape[shape.len() - 1..];
        put("weights", shape);
        let others: &[&str] = match shape.len() {
            2 => &["biases"],
            _ => &["BatchNorm/beta", "BatchNorm/moving_mean", "BatchNorm/moving_variance"],
        };
        others.iter().for_each(|variable| put(variable, outputs));
    }
    tensors
}

fn file(tensors: &Tensors) -> SourceFile {
    SourceFile { name: "slim.safetensors".into(), bytes: safetensors_of(tensors).into() }
}

fn open(tensors: &Tensors) -> Result<Checkpoint, CheckpointError> {
    Checkpoint::open(vec![file(tensors)], None)
}

fn check(source: &str, scope: &str, network: &str) {
    let mut tensors = published(source, scope);
    let checkpoint = open(&tensors).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(checkpoint.network.id, network);
    assert_eq!(checkpoint.options.classes(), Some(1001));
    assert_eq!(checkpoint.class_offset, 1);
    assert_eq!(checkpoint.options.conv.norm.map(|norm| norm.gamma), Some(false));
    assert_eq!([checkpoint.preprocess.width, checkpoint.preprocess.height], [299, 299]);
    assert!(checkpoint.assumptions[0].starts_with("AuxLogits left aside"), "{:?}", checkpoint.assumptions);
    let aside = checkpoint.left_aside();
    assert!(aside.len() >= 10 && aside.iter().all(|key| key.contains("/AuxLogits/")), "{aside:?}");

    let mut session = Loader::new(vec![file(&tensors)], LoadOptions { threads: 2, ..LoadOptions::default() })
        .unwrap()
        .finish()
        .unwrap();
    let chw = input(source);
    let pixels = chw.len() / 3;
    let hwc: Vec<f32> = (0..chw.len()).map(|i| chw[i % 3 * pixels + i / 3]).collect();
    session.run(&hwc).unwrap();
    let logits = session.output("Logits", 0).unwrap().data;
    let wanted: Vec<f64> =
        golden(source)["logits_f64"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    let found = crate::filled::error(&logits[1..], &wanted);
    assert!(found < 2e-4, "{source}: {found:e} of the spread");

    // Whatever else is there has no place.
    tensors.insert(format!("{scope}/Mixed_9z/weights"), (vec![1], vec![0.0]));
    let error = open(&tensors).err().expect("a tensor without a place");
    assert!(matches!(&error, CheckpointError::Unexpected { key, .. } if key.ends_with("Mixed_9z/weights")), "{error}");
    tensors.retain(|key, _| !key.contains("9z") && !key.contains("AuxLogits"));
    assert_eq!(open(&tensors).unwrap().assumptions, Vec::<String>::new());
    tensors.retain(|key, _| !key.contains("/Logits/"));
    let checkpoint = open(&tensors).unwrap();
    assert_eq!((checkpoint.absent, checkpoint.graph.logits()), (vec!["Logits".to_owned()], None));
}

#[test]
fn inception_v4_answers_as_timm_does() {
    check("timm_inception_v4", "InceptionV4", "inception-v4");
}

#[test]
fn inception_resnet_v2_answers_as_timm_does() {
    check("timm_inception_resnet_v2", "InceptionResnetV2", "inception-resnet-v2");
}

/// The generated weights of facenet-pytorch's network as FaceNet would have saved them, with an embedding of so many numbers.
fn facenet(size: usize) -> Tensors {
    let source = "facenet_inception_resnet_v1";
    let golden = golden(source);
    let path = |endpoint: &Value| {
        (endpoint["path"].as_str().unwrap().to_owned(), endpoint["name"].as_str().unwrap().to_owned())
    };
    let names: BTreeMap<String, String> = golden["endpoints"].as_array().unwrap().iter().map(path).collect();
    let keys: Vec<_> = keys(source).into_iter().filter(|key| key.kind != "ignore").collect();
    let of = |name: &str| keys.iter().find(|key| key.name == name).map(tensor);
    let mut tensors = Tensors::new();
    for key in &keys {
        let (module, _) = key.name.rsplit_once('.').unwrap();
        let unit = module.strip_suffix(".conv").or(module.strip_suffix(".bn")).unwrap_or(module);
        let (mut shape, mut data) = (key.shape.clone(), tensor(key));
        let gamma = match unit {
            "last_linear" | "last_bn" => of("last_bn.weight"),
            _ => of(&format!("{unit}.bn.weight")),
        };
        if let Some(gamma) = gamma.filter(|_| matches!(&*key.kind, "conv_weight" | "linear_weight" | "bn_mean")) {
            let each = data.len() / gamma.len();
            data.iter_mut().enumerate().for_each(|(i, v)| *v *= gamma[i / each]);
        }
        if unit.starts_with("last_") {
            data.truncate(data.len() / shape[0] * size);
            shape[0] = size;
        }
        if unit == "logits" && key.kind == "linear_weight" {
            data = data.chunks(shape[1]).flat_map(|row| row[..size].to_vec()).collect();
            shape[1] = size;
        }
        let variable = match key.kind.as_str() {
            "bn_weight" => continue,
            "conv_weight" | "linear_weight" => {
                (shape, data) = outputs_last(&shape, &data);
                "weights"
            }
            "bias" => "biases",
            "bn_bias" => "BatchNorm/beta",
            "bn_mean" => "BatchNorm/moving_mean",
            "bn_var" => "BatchNorm/moving_variance",
            other => panic!("{other}"),
        };
        let scope = match unit {
            "logits" => "Logits".to_owned(),
            "last_bn" => "InceptionResnetV1/Bottleneck".to_owned(),
            unit => format!("InceptionResnetV1/{}", names[unit]),
        };
        tensors.insert(format!("{scope}/{variable}"), (shape, data));
    }
    tensors
}

#[test]
fn facenet_answers_as_facenet_pytorch_does() {
    let tensors = facenet(512);
    let checkpoint = open(&tensors).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!((checkpoint.network.id, checkpoint.dialect), ("inception-resnet-v1", "TF-slim FaceNet of 2018"));
    assert!(!checkpoint.preprocess.standardize);
    assert!(checkpoint.assumptions[0].starts_with("a checkpoint does not tell"), "{:?}", checkpoint.assumptions);
    let source = "facenet_inception_resnet_v1";
    let own = convert(&checkpoint, None, &Metadata::default()).unwrap();
    for file in [file(&tensors), SourceFile { name: "own.safetensors".into(), bytes: own.into() }] {
        let mut session =
            Loader::new(vec![file], LoadOptions { threads: 2, ..LoadOptions::default() }).unwrap().finish().unwrap();
        let chw = input(source);
        let pixels = chw.len() / 3;
        let hwc: Vec<f32> = (0..chw.len()).map(|i| chw[i % 3 * pixels + i / 3]).collect();
        session.run(&hwc).unwrap();
        let golden = golden(source);
        let numbers = |of: &Value| of.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect::<Vec<_>>();
        let logits = crate::filled::error(&session.output("Logits", 0).unwrap().data, &numbers(&golden["logits_f64"]));
        let embedding =
            crate::filled::error(&session.embedding(0).unwrap(), &numbers(&golden["embedding"]["values_f64"]));
        assert!(logits < 2e-4 && embedding < 2e-4, "{logits:e} {embedding:e} of the spread");
    }

    let small = open(&facenet(128)).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!((small.dialect, small.preprocess.standardize), ("TF-slim FaceNet of 2017", true));
    let mut without = tensors.clone();
    without.remove("InceptionResnetV1/Bottleneck/BatchNorm/beta");
    let error = open(&without).err().unwrap().to_string();
    assert!(error.contains("needs InceptionResnetV1/Bottleneck/BatchNorm/beta [512], which is missing"), "{error}");
}
